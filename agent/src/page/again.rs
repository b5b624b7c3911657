//! The second entry, where the definition asks for one: votes and totals typed once more
//! without the first numbers, then what differs, field by field, then on to reading back.
//!
//! Its sheets are those of [`super::entry`]. What is here is where to go on, and the choice
//! between two numbers.

use askama::Template;
use hyper::StatusCode;
use saksi_proto::count::Count;

use super::entry::{self, anchor, called, column, heading};
use super::reply::Reply;
use super::sheet::{Block, sheets_of};
use super::shell::Shell;
use super::site::{Paper, Visit};
use super::spoken::spoken;
use super::text;
use crate::draft::{Draft, SecondEntry, Turn, Typed};
use crate::store::StoreFault;

/// The address of what differs, behind that of the sheets.
const COMPARE: &str = "compare";

#[derive(Template)]
#[template(path = "compare.html")]
struct Compare {
    shell: Shell,
    contest: String,
    code: String,
    left: String,
    fields: Vec<Two>,
}

/// A field with its two numbers.
struct Two {
    code: String,
    id: String,
    /// Where it stands on the paper: the section, or the party's part of it.
    place: String,
    letter: String,
    name: String,
    column: Option<String>,
    first: Choice,
    second: Choice,
    /// What was typed as another number, and what is wrong with it.
    third: Option<(String, String)>,
}

/// A number that can be taken.
struct Choice {
    /// As a box shows it: it means the same when it comes back.
    value: String,
    digits: String,
    words: String,
}

/// Whether the second entry stands in the way of reading back.
pub(super) fn is_due(paper: Paper<'_>, draft: &Draft) -> bool {
    draft.second_entry(paper.layout).is_due()
}

/// Where to go instead of a sheet of the first entry: its numbers are hidden from the first
/// box of the second entry to the last.
pub(super) fn instead(paper: Paper<'_>, draft: &Draft) -> Option<String> {
    draft.second_entry(paper.layout).is_blind().then(|| entry::base(paper, Turn::Second))
}

/// Where to go instead of a sheet of the second entry, if it has not come to that.
pub(super) fn not_yet(paper: Paper<'_>, draft: &Draft) -> Option<String> {
    let is_due = draft.second_entry(paper.layout) != SecondEntry::NotDue;
    (!is_due).then(|| format!("/c/{}/review", paper.contest.code))
}

/// How far it is, for the first page; `None` before its first box and after its last.
pub(super) fn filling(visit: &Visit<'_>, paper: Paper<'_>, draft: &Draft) -> Option<String> {
    let SecondEntry::Open { empty, is_begun: true } = draft.second_entry(paper.layout) else {
        return None;
    };
    let all = paper.layout.again().len();
    Some(visit.voice().fill(text::AGAIN_FILLED, &[&(all - empty.len()), &all]))
}

/// Leads to where the second entry goes on.
///
/// # Errors
/// [`StoreFault`] if the draft cannot be read.
pub(super) fn page(visit: &Visit<'_>, paper: Paper<'_>) -> Result<Reply, StoreFault> {
    let (code, base) = (paper.contest.code, entry::base(paper, Turn::Second));
    let Some(draft) = visit.desk.draft(code)? else {
        return Ok(Reply::go_to(&format!("/c/{code}")));
    };
    Ok(Reply::go_to(&match draft.second_entry(paper.layout) {
        SecondEntry::Open { empty, .. } => {
            let sheets = sheets_of(paper.form, paper.layout, Turn::Second);
            let first = sheets.iter().position(|sheet| sheet.fields().any(|at| at == empty[0]));
            format!("{base}/{}", first.unwrap_or(0) + 1)
        }
        SecondEntry::Differs(_) => format!("{base}/{COMPARE}"),
        SecondEntry::NotDue | SecondEntry::Agrees => format!("/c/{code}/review"),
    }))
}

/// A sheet of it, or what differs.
///
/// # Errors
/// [`StoreFault`]; what was saved before is as it was.
pub(super) fn answer(visit: &Visit<'_>, paper: Paper<'_>, what: &str) -> Result<Reply, StoreFault> {
    match (what, what.parse::<usize>(), visit.asked.is_post) {
        (COMPARE, _, false) => compared(visit, paper, None),
        (COMPARE, _, true) => take(visit, paper),
        (_, Ok(number), false) => entry::page(visit, paper, Turn::Second, number),
        (_, Ok(number), true) => entry::save(visit, paper, Turn::Second, number),
        (_, Err(_), _) => Ok(visit.not_found()),
    }
}

/// What differs; `wrong` is a field, and what was typed there as another number.
fn compared(
    visit: &Visit<'_>,
    paper: Paper<'_>,
    wrong: Option<(&str, &str)>,
) -> Result<Reply, StoreFault> {
    let code = paper.contest.code;
    let draft = visit.desk.draft(code)?.unwrap_or_default();
    let SecondEntry::Differs(differing) = draft.second_entry(paper.layout) else {
        return page(visit, paper);
    };
    let voice = visit.voice();
    let sheets = sheets_of(paper.form, paper.layout, Turn::Second);
    let blocks = || sheets.iter().flat_map(|sheet| &sheet.blocks);
    let two = |at: &usize| {
        let block = blocks().find(|block| block.rows.iter().flatten().any(|held| held == at))?;
        two(visit, paper, &draft, (*at, block), wrong)
    };
    let contest = visit.labels.contest(code);
    let page = Compare {
        shell: visit.shell(&format!("{} · {contest}", voice.say(text::COMPARE))),
        contest,
        code: code.to_string(),
        left: voice.with(text::COMPARE_LEFT, differing.len()),
        fields: differing.iter().filter_map(two).collect(),
    };
    let status = match wrong {
        None => StatusCode::OK,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Ok(visit.render_as(status, &page))
}

fn two(
    visit: &Visit<'_>,
    paper: Paper<'_>,
    draft: &Draft,
    (at, block): (usize, &Block),
    wrong: Option<(&str, &str)>,
) -> Option<Two> {
    let field = &paper.layout.fields()[at];
    let (letter, name) = called(visit, paper, field);
    let choice = |turn| Some(choice(visit, draft.of(turn).get(&field.code)?.count()?));
    let third = wrong.filter(|(code, _)| *code == field.code).map(|(_, typed)| {
        let voice = visit.voice();
        let why = match typed.trim() {
            "" => voice.say(text::TAKE_EMPTY).to_owned(),
            typed => voice.with(text::ONLY_DIGITS, typed),
        };
        (typed.to_owned(), why)
    });
    Some(Two {
        code: field.code.clone(),
        id: anchor(&field.code),
        place: heading(visit, paper, block).1,
        letter,
        name,
        column: column(visit, paper, field),
        first: choice(Turn::First)?,
        second: choice(Turn::Second)?,
        third,
    })
}

fn choice(visit: &Visit<'_>, count: Count) -> Choice {
    let voice = visit.voice();
    let digits = count.number().map_or_else(|| count.to_string(), |number| voice.number(number));
    Choice { value: count.to_string(), digits, words: spoken(count, voice.language) }
}

/// Takes a number for both entries: one of the two, or another that stands on the paper. What
/// is taken is what stood on the button, whatever has changed meanwhile.
fn take(visit: &Visit<'_>, paper: Paper<'_>) -> Result<Reply, StoreFault> {
    let code = paper.contest.code;
    let draft = visit.desk.draft(code)?.unwrap_or_default();
    let SecondEntry::Differs(differing) = draft.second_entry(paper.layout) else {
        return page(visit, paper);
    };
    let asked = visit.asked.field("take").unwrap_or_default();
    let (field, typed) = match asked.split_once(' ') {
        Some((field, value)) => (field, value),
        None => (asked, visit.asked.field("third").unwrap_or_default()),
    };
    let is_differing = |at: &usize| paper.layout.fields()[*at].code == field;
    if !differing.iter().any(is_differing) {
        return page(visit, paper);
    }
    let Some(Typed::Count(count)) = Typed::read(typed) else {
        return compared(visit, paper, Some((field, typed)));
    };
    let both = [Turn::First, Turn::Second];
    let changes = both.map(|turn| (turn, field.to_owned(), Some(Typed::Count(count)))).to_vec();
    let mut notes = draft.notes;
    notes.saved_ms = visit.now_ms;
    visit.desk.save_draft(code, &changes, &notes)?;
    page(visit, paper)
}
