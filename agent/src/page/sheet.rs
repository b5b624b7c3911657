//! The paper in sheets: what is on one screen. Whole sections as long as they are few
//! boxes, as the paper has several on a page; each party on a sheet of its own.

use saksi_proto::election::FormKind;
use saksi_proto::fields::{Field, Part};
use saksi_proto::layout::Layout;

use crate::draft::Turn;

/// Most boxes on a sheet of several sections. The first page of the Indonesian paper,
/// sections I to III, has 22.
const MAX_BOXES: usize = 24;

/// One screen of boxes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sheet {
    /// Its sections, in the order of the paper.
    pub(super) blocks: Vec<Block>,
}

/// A section of the paper, or one party's part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    /// The section's name on the paper.
    pub(super) section: String,
    /// The party, if it is the part of one.
    pub(super) party: Option<usize>,
    /// Positions of the fields, a row each: several where the line has columns.
    pub(super) rows: Vec<Vec<usize>>,
}

impl Sheet {
    /// Positions of all its fields.
    pub(super) fn fields(&self) -> impl Iterator<Item = usize> + '_ {
        self.blocks.iter().flat_map(|block| block.rows.iter().flatten().copied())
    }

    /// The party, if it is the sheet of one.
    pub(super) fn party(&self) -> Option<usize> {
        self.blocks.first().and_then(|block| block.party)
    }
}

/// The sheets of a contest's paper.
pub(super) fn sheets(form: &FormKind, layout: &Layout) -> Vec<Sheet> {
    sheets_of(form, layout, Turn::First)
}

/// The sheets of one of the two turns: in the second only what is typed twice.
pub(super) fn sheets_of(form: &FormKind, layout: &Layout, turn: Turn) -> Vec<Sheet> {
    let mut sheets: Vec<Sheet> = Vec::new();
    for block in blocks(form, layout, turn) {
        let boxes = |block: &Block| block.rows.iter().map(Vec::len).sum::<usize>();
        match sheets.last_mut() {
            Some(last)
                if block.party.is_none()
                    && last.party().is_none()
                    && last.fields().count() + boxes(&block) <= MAX_BOXES =>
            {
                last.blocks.push(block);
            }
            _ => sheets.push(Sheet { blocks: vec![block] }),
        }
    }
    sheets
}

fn blocks(form: &FormKind, layout: &Layout, turn: Turn) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut last_line = None;
    let is_asked = |at: usize| turn == Turn::First || layout.again().binary_search(&at).is_ok();
    for (at, field) in layout.fields().iter().enumerate().filter(|(at, _)| is_asked(*at)) {
        let section = form.lines.get(field.line).map_or("", |line| line.section.as_str());
        let party = party(field);
        let is_same = |block: &&mut Block| block.section == section && block.party == party;
        let is_column = matches!(field.part, Part::Column(_)) && last_line == Some(field.line);
        last_line = Some(field.line);
        match blocks.last_mut().filter(is_same) {
            Some(block) => match block.rows.last_mut().filter(|_| is_column) {
                Some(row) => row.push(at),
                None => block.rows.push(vec![at]),
            },
            None => {
                let section = section.to_owned();
                blocks.push(Block { section, party, rows: vec![vec![at]] });
            }
        }
    }
    blocks
}

fn party(field: &Field) -> Option<usize> {
    match field.part {
        Part::PartyOwn(party) | Part::PartyCandidate(party, _) | Part::PartyTotal(party) => {
            Some(party)
        }
        Part::Whole | Part::Column(_) | Part::Candidate(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use saksi_proto::election::{Ballot, Candidate, Party};

    use super::*;
    use crate::page::tests::{contest_of, form_of};

    fn candidates(many: usize) -> Vec<Candidate> {
        let one = |at: usize| Candidate {
            code: format!("{at:02}").parse().unwrap(),
            name: format!("C{at}"),
        };
        (1..=many).map(one).collect()
    }

    #[test]
    fn a_small_form_is_two_sheets_and_a_party_is_one() {
        let few = contest_of(Ballot::Candidates(candidates(6)));
        let layout = Layout::new(&form_of(&few), &few).unwrap();
        let sheets_of_few = sheets(&form_of(&few), &layout);
        let sections: Vec<Vec<_>> = sheets_of_few
            .iter()
            .map(|sheet| sheet.blocks.iter().map(|block| block.section.as_str()).collect())
            .collect();
        assert_eq!(sections, [vec!["I", "II"], vec!["IV", "V"]]);
        assert_eq!(sheets_of_few[0].blocks[0].rows[0].len(), 3, "a line with its columns is a row");

        let party = |at: usize| Party {
            code: format!("{at:02}").parse().unwrap(),
            name: format!("P{at}"),
            candidates: candidates(10),
        };
        let many = contest_of(Ballot::Parties((1..=18).map(party).collect()));
        let layout = Layout::new(&form_of(&many), &many).unwrap();
        let sheets = sheets(&form_of(&many), &layout);
        assert_eq!(sheets.len(), 1 + 18 + 1);
        assert!(sheets[1..19].iter().all(|sheet| sheet.fields().count() == 12));
        let all: Vec<_> = sheets.iter().flat_map(Sheet::fields).collect();
        assert_eq!(all, (0..layout.fields().len()).collect::<Vec<_>>(), "each box once, in order");
    }
}
