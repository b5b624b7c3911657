//! The boxes of a sheet as they stand on the paper, and what does not fit.

use saksi_proto::count::Count;
use saksi_proto::election::Severity;
use saksi_proto::fields::{Field, Part};

use super::super::sheet::{Block, Sheet};
use super::super::site::{Paper, Visit};
use super::super::text;
use super::{base, head_language, party};
use crate::draft::{Draft, Turn, Typed};
use crate::findings::findings;
use crate::store::StoreFault;

/// A section of the paper, or one party's part of it.
pub(super) struct BlockShown {
    /// The section's title, where the block is one party's part of it.
    pub(super) above: Option<String>,
    pub(super) title: String,
    pub(super) rows: Vec<RowShown>,
}

/// A line of the paper, or one candidate's part of it.
pub(super) struct RowShown {
    /// Names it in the page.
    pub(super) id: String,
    /// Its letter or number on the paper.
    pub(super) letter: String,
    pub(super) name: String,
    pub(super) is_total: bool,
    pub(super) boxes: Vec<BoxShown>,
    /// What does not fit, each in a line.
    pub(super) problems: Vec<Problem>,
}

/// One box for one number.
pub(super) struct BoxShown {
    pub(super) code: String,
    pub(super) id: String,
    /// Of the column, where there are several.
    pub(super) label: Option<String>,
    pub(super) value: String,
    /// What stands for the number, in words.
    pub(super) instead: Option<&'static str>,
    /// Something does not fit.
    pub(super) is_wrong: bool,
    /// The first box that is empty: typing begins there.
    pub(super) is_first: bool,
}

/// Something that does not fit.
#[derive(Debug, Clone)]
pub(in super::super) struct Problem {
    /// Codes of the fields it concerns.
    pub(in super::super) fields: Vec<String>,
    /// Where to mend it.
    pub(in super::super) href: String,
    /// The numbers first.
    pub(in super::super) numbers: String,
    /// Code of the rule; none for what is no number.
    pub(in super::super) code: Option<String>,
    /// How hard the rule is, in words.
    pub(in super::super) severity: &'static str,
    pub(in super::super) sentence: String,
}

/// The name of a field in the page.
pub(in super::super) fn anchor(code: &str) -> String {
    format!("f-{code}")
}

/// Everything that does not fit on the whole form, in the order of the rules, and what is
/// another number on another form.
///
/// # Errors
/// [`StoreFault`] if the other forms cannot be read.
pub(in super::super) fn problems(
    visit: &Visit<'_>,
    paper: Paper<'_>,
    draft: &Draft,
    sheets: &[Sheet],
) -> Result<Vec<Problem>, StoreFault> {
    let voice = visit.voice();
    let wrong = not_numbers(visit, paper, draft, sheets, Turn::First).into_iter();
    let counts = draft.counts(paper.layout);
    let mut found = findings(visit.desk.identity(), paper.contest, &counts, visit.labels);
    found.extend(visit.desk.across(paper.contest.code, &counts, visit.labels)?);
    let broken = found.into_iter().flat_map(|finding| {
        let severity = voice.say(match finding.severity {
            Severity::Hard => text::HARD,
            Severity::Warn => text::WARN,
        });
        let (code, sentence) = (finding.code, finding.sentence);
        finding.broken.into_iter().map(move |broken| Problem {
            // The total is what is typed last: there a finger looks first.
            href: broken
                .fields
                .last()
                .map_or_else(String::new, |last| href(paper, sheets, last, Turn::First)),
            numbers: format!(
                "{} {} {}",
                voice.number(broken.left),
                broken.sign,
                voice.number(broken.right)
            ),
            fields: broken.fields,
            code: Some(code.clone()),
            severity,
            sentence: sentence.clone(),
        })
    });
    Ok(wrong.chain(broken).collect())
}

/// What was typed and is no number: all that is said of a second entry.
pub(in super::super) fn not_numbers(
    visit: &Visit<'_>,
    paper: Paper<'_>,
    draft: &Draft,
    sheets: &[Sheet],
    turn: Turn,
) -> Vec<Problem> {
    let voice = visit.voice();
    let wrong = paper.layout.fields().iter().filter_map(|field| {
        let Some(Typed::NotANumber(found)) = draft.fields.get(&field.code) else { return None };
        Some(Problem {
            fields: vec![field.code.clone()],
            href: href(paper, sheets, &field.code, turn),
            numbers: String::new(),
            code: None,
            severity: voice.say(text::TO_PUT_RIGHT),
            sentence: voice.with(text::ONLY_DIGITS, found),
        })
    });
    wrong.collect()
}

/// Where a field is filled: the address of its box.
pub(in super::super) fn href(
    paper: Paper<'_>,
    sheets: &[Sheet],
    field: &str,
    turn: Turn,
) -> String {
    let at = paper.layout.field(field);
    let sheet = sheets.iter().position(|sheet| sheet.fields().any(|held| Some(held) == at));
    let number = sheet.map_or(1, |sheet| sheet + 1);
    format!("{}/{number}#{}", base(paper, turn), anchor(field))
}

/// The blocks of a sheet.
pub(super) fn blocks(
    visit: &Visit<'_>,
    paper: Paper<'_>,
    draft: &Draft,
    sheet: &Sheet,
    everything: &[Problem],
) -> Vec<BlockShown> {
    let empty = |at: &usize| draft.count(&paper.layout.fields()[*at]).is_none();
    let first = sheet.fields().find(empty);
    let shown = |block: &Block| {
        let (above, title) = heading(visit, paper, block);
        let rows = block.rows.iter();
        let rows = rows.map(|row| row_shown(visit, paper, (draft, first), row, everything));
        BlockShown { above, title, rows: rows.collect() }
    };
    sheet.blocks.iter().map(shown).collect()
}

/// The title of a section, and of a party's part of it.
pub(in super::super) fn heading(
    visit: &Visit<'_>,
    paper: Paper<'_>,
    block: &Block,
) -> (Option<String>, String) {
    let title = paper.form.section_title(&block.section, head_language(visit));
    let section = title.map(|title| format!("{}. {title}", block.section));
    match block.party.and_then(|at| party(paper, at)) {
        Some(party) => (section, format!("{}. {}", party.code, party.name)),
        None => {
            let untitled = || visit.voice().with(text::SECTION, &block.section);
            (None, section.unwrap_or_else(untitled))
        }
    }
}

fn row_shown(
    visit: &Visit<'_>,
    paper: Paper<'_>,
    (draft, first): (&Draft, Option<usize>),
    row: &[usize],
    everything: &[Problem],
) -> RowShown {
    let fields = paper.layout.fields();
    let (letter, name) = called(visit, paper, &fields[row[0]]);
    let boxes = row.iter().map(|at| {
        let field = &fields[*at];
        let concerns = |problem: &&Problem| problem.fields.contains(&field.code);
        let typed = draft.fields.get(&field.code);
        BoxShown {
            code: field.code.clone(),
            id: anchor(&field.code),
            label: column(visit, paper, field),
            value: typed.map_or_else(String::new, Typed::shown),
            instead: typed.and_then(|typed| instead(visit, typed)),
            is_wrong: everything.iter().any(|problem| concerns(&problem)),
            is_first: first == Some(*at),
        }
    });
    // A finding stands where its last field is, so that it is said once.
    let ends_here =
        |problem: &&Problem| row.iter().any(|at| problem.fields.last() == Some(&fields[*at].code));
    RowShown {
        id: format!("r-{}", fields[row[0]].code),
        letter,
        name,
        is_total: matches!(fields[row[0]].part, Part::PartyTotal(_)),
        boxes: boxes.collect(),
        problems: everything.iter().filter(ends_here).cloned().collect(),
    }
}

fn instead(visit: &Visit<'_>, typed: &Typed) -> Option<&'static str> {
    match typed.count()? {
        Count::NotWritten => Some(visit.voice().say(text::IS_NOT_WRITTEN)),
        Count::Illegible => Some(visit.voice().say(text::IS_ILLEGIBLE)),
        Count::Written(_) => None,
    }
}

/// Letter or number on the paper, and what is asked for.
pub(in super::super) fn called(
    visit: &Visit<'_>,
    paper: Paper<'_>,
    field: &Field,
) -> (String, String) {
    let voice = visit.voice();
    let standing = |code: &str, name: &str| (code.to_owned(), name.to_owned());
    let of_list = |at: usize, one: usize| party(paper, at)?.candidates.get(one);
    let of_ballot = |at: usize| paper.contest.ballot.contestants().nth(at);
    match field.part {
        Part::PartyOwn(_) => (String::new(), voice.say(text::OWN).to_owned()),
        Part::PartyTotal(_) => (String::new(), voice.say(text::TOTAL).to_owned()),
        Part::PartyCandidate(at, one) => of_list(at, one)
            .map(|listed| standing(listed.code.as_str(), &listed.name))
            .unwrap_or_default(),
        Part::Candidate(at) => {
            of_ballot(at).map(|(code, name)| standing(code.as_str(), name)).unwrap_or_default()
        }
        Part::Whole | Part::Column(_) => {
            let line = &paper.form.lines[field.line];
            standing(&line.letter, line.name.in_language(head_language(visit)))
        }
    }
}

/// What a column is called: the three of the Indonesian paper in words.
pub(in super::super) fn column(
    visit: &Visit<'_>,
    paper: Paper<'_>,
    field: &Field,
) -> Option<String> {
    let Part::Column(at) = field.part else { return None };
    let code = paper.form.lines[field.line].columns.get(at)?;
    let voice = visit.voice();
    Some(match code.as_str() {
        "L" => voice.say(text::COLUMN_L).to_owned(),
        "P" => voice.say(text::COLUMN_P).to_owned(),
        "J" => voice.say(text::COLUMN_J).to_owned(),
        other => other.to_owned(),
    })
}
