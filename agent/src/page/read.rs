//! The numbers of a form as they are read aloud: the lines of the paper, each box in
//! digits and in words.

use saksi_proto::count::Count;
use saksi_proto::fields::Part;

use super::entry::{called, column, heading, name};
use super::sheet::sheets;
use super::site::{Paper, Visit};
use super::spoken::spoken;

/// A sheet, read.
pub(super) struct SheetRead {
    /// From 1.
    pub(super) number: usize,
    pub(super) title: String,
    pub(super) blocks: Vec<BlockRead>,
}

/// A section, or one party's part of it.
pub(super) struct BlockRead {
    /// Its title; none where the sheet's says it already.
    pub(super) title: Option<String>,
    pub(super) rows: Vec<RowRead>,
}

/// A line, or one candidate's part of it.
pub(super) struct RowRead {
    pub(super) letter: String,
    pub(super) name: String,
    pub(super) boxes: Vec<BoxRead>,
}

/// One box.
pub(super) struct BoxRead {
    pub(super) label: Option<String>,
    /// `None` if nothing was typed.
    pub(super) digits: Option<String>,
    pub(super) words: String,
}

/// Everything on a form; `counts` has one element a field, `None` for what is empty still.
pub(super) fn sheets_read(
    visit: &Visit<'_>,
    paper: Paper<'_>,
    counts: &[Option<Count>],
) -> Vec<SheetRead> {
    let row = |row: &Vec<usize>| {
        let field = &paper.layout.fields()[row[0]];
        let (letter, name) = called(visit, paper, field);
        // A line is called by its whole code, so that who reads aloud need not look up.
        let letter = match field.part {
            Part::Whole | Part::Column(_) => paper.form.lines[field.line].code.clone(),
            _ => letter,
        };
        let boxes = row.iter().map(|at| box_read(visit, paper, *at, counts.get(*at).copied()));
        RowRead { letter, name, boxes: boxes.collect() }
    };
    let sheets = sheets(paper.form, paper.layout);
    let mut section = None;
    let read = sheets.iter().enumerate().map(|(at, sheet)| {
        let title = name(sheet, paper, visit.voice());
        let blocks = sheet.blocks.iter().map(|block| {
            let (above, heading) = heading(visit, paper, block);
            let heading = if block.party.is_some() { above } else { Some(heading) };
            // A section of many parties, each on its sheet, is said with the first.
            let is_new = section.replace(&block.section) != Some(&block.section);
            let heading = heading.filter(|heading| is_new && *heading != title);
            BlockRead { title: heading, rows: block.rows.iter().map(row).collect() }
        });
        SheetRead { number: at + 1, blocks: blocks.collect(), title }
    });
    read.collect()
}

fn box_read(
    visit: &Visit<'_>,
    paper: Paper<'_>,
    at: usize,
    count: Option<Option<Count>>,
) -> BoxRead {
    let (voice, count) = (visit.voice(), count.flatten());
    let digits = |count: Count| match count.number() {
        Some(number) => voice.number(number),
        None => count.to_string(),
    };
    BoxRead {
        label: column(visit, paper, &paper.layout.fields()[at]),
        digits: count.map(digits),
        words: count.map_or_else(String::new, |count| spoken(count, voice.language)),
    }
}
