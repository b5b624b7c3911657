//! The numbers of a form as they stand on the paper: by section, columns side by
//! side, each party with its list.

use saksi_proto::count::Count;
use saksi_proto::text;

use crate::view::station::{FieldKind, LineView, SectionView};
use crate::web::locale::Locale;

/// A section of the paper.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Section {
    pub heading: String,
    /// What the line of the votes asks for, where the section has no title that says it; its
    /// rows name only who stands.
    pub votes_line: Option<String>,
    pub tables: Vec<Table>,
}

/// Lines that have the same columns, or the votes of those who stand.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Table {
    /// The party whose list it is.
    pub party: Option<String>,
    /// Codes of the columns; empty for single numbers.
    pub columns: Vec<String>,
    pub rows: Vec<Row>,
}

/// A line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub letter: String,
    pub name: String,
    pub cells: Vec<Cell>,
    /// Whether it is the sum of those above it.
    pub sum: bool,
}

/// One box of the paper.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cell {
    pub number: Option<String>,
    /// Why there is no number.
    pub absent: &'static str,
    pub marked: bool,
}

/// The paper of a form's lines.
pub(super) fn sections(
    lines: &[LineView],
    titles: &[SectionView],
    locale: &Locale,
) -> Vec<Section> {
    let title = |code: &str| titles.iter().find(|titled| titled.section == code);
    let heading = |code: &str| match title(code) {
        Some(titled) => format!("{code}. {}", locale.text(&titled.title)),
        None => locale.fill(text::SITE_SECTION, &[&code]),
    };
    let sections = lines.chunk_by(|a, b| a.section == b.section);
    let section = |lines: &[LineView]| Section {
        heading: heading(&lines[0].section),
        votes_line: lines
            .iter()
            .find(|line| line.contestant.is_some() && title(&line.section).is_none())
            .map(|line| locale.text(&line.name).to_owned()),
        tables: tables(lines, locale),
    };
    sections.map(section).collect()
}

fn tables(lines: &[LineView], locale: &Locale) -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    for line in lines.chunk_by(|a, b| a.line == b.line) {
        match line[0].kind {
            FieldKind::Whole | FieldKind::Column => {
                let (columns, row) = written_line(line, locale);
                match tables.last_mut() {
                    Some(last) if last.party.is_none() && last.columns == columns => {
                        last.rows.push(row);
                    }
                    _ => tables.push(Table { party: None, columns, rows: vec![row] }),
                }
            }
            FieldKind::Candidate => tables.push(candidates(line, locale)),
            FieldKind::PartyOwn | FieldKind::PartyCandidate | FieldKind::PartyTotal => {
                tables.extend(
                    line.chunk_by(|a, b| party(a) == party(b))
                        .map(|fields| party_table(fields, locale)),
                );
            }
        }
    }
    tables
}

fn written_line(line: &[LineView], locale: &Locale) -> (Vec<String>, Row) {
    let columns = line.iter().filter_map(|field| field.part.clone()).collect();
    let row = Row {
        letter: line[0].letter.clone(),
        name: locale.text(&line[0].name).to_owned(),
        cells: line.iter().map(|field| cell(field, locale)).collect(),
        sum: false,
    };
    (columns, row)
}

fn candidates(line: &[LineView], locale: &Locale) -> Table {
    let row = |field: &LineView| {
        let name = field.contestant.clone().unwrap_or_default();
        contestant_row(field.part.clone().unwrap_or_default(), name, field, locale)
    };
    Table { party: None, columns: Vec::new(), rows: line.iter().map(row).collect() }
}

/// Number of the party in a field such as `04.own`.
fn party(field: &LineView) -> &str {
    field.part.as_deref().and_then(|part| part.rsplit_once('.')).map_or("", |(party, _)| party)
}

fn party_table(fields: &[LineView], locale: &Locale) -> Table {
    let row = |field: &LineView| {
        let list_number = field.part.as_deref().and_then(|part| part.rsplit_once('.'));
        let (letter, name) = match field.kind {
            FieldKind::PartyOwn => ("", locale.say(text::SITE_PARTY_OWN)),
            FieldKind::PartyTotal => ("", locale.say(text::SITE_PARTY_TOTAL)),
            _ => (
                list_number.map_or("", |(_, number)| number),
                field.contestant.as_deref().unwrap_or_default(),
            ),
        };
        contestant_row(letter.to_owned(), name.to_owned(), field, locale)
    };
    let name = fields[0].contestant.as_deref().unwrap_or_default();
    Table {
        party: Some(format!("{} {name}", party(&fields[0]))),
        columns: Vec::new(),
        rows: fields.iter().map(row).collect(),
    }
}

fn contestant_row(letter: String, name: String, field: &LineView, locale: &Locale) -> Row {
    let sum = field.kind == FieldKind::PartyTotal;
    Row { letter, name, cells: vec![cell(field, locale)], sum }
}

fn cell(field: &LineView, locale: &Locale) -> Cell {
    let absent = match field.count {
        Count::Written(_) => "",
        Count::NotWritten => locale.say(text::SITE_NOT_WRITTEN),
        Count::Illegible => locale.say(text::SITE_ILLEGIBLE),
    };
    Cell {
        number: field.count.number().map(|number| locale.number(number)),
        absent,
        marked: field.marked,
    }
}
