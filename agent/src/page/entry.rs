//! A sheet of the paper, to be filled: every field is saved as it is left, or with the
//! sheet where there is no script. The sheets of the second entry are the same, with what is
//! typed twice, and nothing of the first.

mod boxes;
mod saving;

use askama::Template;
use saksi_proto::election::{Ballot, Party};

use super::again;
use super::notices;
use super::reply::Reply;
use super::sheet::{Sheet, sheets_of};
use super::shell::{Shell, Voice};
use super::site::{Paper, Visit};
use super::text;
use crate::draft::{Draft, Turn};
use crate::store::StoreFault;
use boxes::BlockShown;
pub(super) use boxes::{Problem, anchor, called, column, heading, href, not_numbers, problems};
pub(super) use saving::save;

#[derive(Template)]
#[template(path = "entry.html")]
struct EntryPage {
    shell: Shell,
    /// The contest, and its form; or that it is the second entry, and of which contest.
    title: String,
    below: String,
    code: String,
    /// The address of the sheets, without their number.
    base: String,
    /// What to do here, and what the last sheet's button leads to.
    lead: &'static str,
    /// Why the centre wants a correction: the sign is the page's.
    asked: Vec<String>,
    after: &'static str,
    /// The sheet that is shown, from 1.
    number: usize,
    of: usize,
    tabs: Vec<Tab>,
    blocks: Vec<BlockShown>,
    problems: Vec<Problem>,
    heading: Option<String>,
    saved: String,
    /// The draft was lost with the store, and is here again.
    is_brought_back: bool,
    has_empty: bool,
    is_begun: bool,
}

/// A sheet in the list to jump by.
struct Tab {
    number: usize,
    short: String,
    name: String,
    /// How full it is, in words.
    filling: String,
    is_full: bool,
    is_current: bool,
}

/// A sheet.
///
/// # Errors
/// [`StoreFault`] if the draft cannot be read.
pub(super) fn page(
    visit: &Visit<'_>,
    paper: Paper<'_>,
    turn: Turn,
    number: usize,
) -> Result<Reply, StoreFault> {
    let code = paper.contest.code;
    let draft = visit.desk.draft(code)?;
    if let Some(elsewhere) = elsewhere(visit, paper, turn, draft.as_ref()) {
        return Ok(Reply::go_to(&elsewhere));
    }
    let sheets = sheets_of(paper.form, paper.layout, turn);
    let Some(sheet) = number.checked_sub(1).and_then(|at| sheets.get(at)) else {
        return Ok(visit.not_found());
    };
    let is_begun = draft.is_some() && turn == Turn::First;
    let draft = draft.unwrap_or_default();
    let (draft, problems) = match turn {
        Turn::First => {
            let problems = problems(visit, paper, &draft, &sheets)?;
            (draft, problems)
        }
        Turn::Second => {
            let draft = draft.second();
            let problems = not_numbers(visit, paper, &draft, &sheets, turn);
            (draft, problems)
        }
    };
    let voice = visit.voice();
    let name = name(sheet, paper, voice);
    let shell = visit.shell(&format!("{} · {name}", visit.labels.contest(code)));
    let heading = (!problems.is_empty()).then(|| voice.with(text::FINDINGS, problems.len()));
    let saved = match draft.notes.saved_ms {
        0 => voice.say(text::NOTHING_SAVED).to_owned(),
        saved_ms => voice.with(text::SAVED_AT, shell.moment.show(saved_ms)),
    };
    let has_empty = sheet.fields().any(|at| is_empty(&draft, paper, at));
    let position = head_language(visit);
    let (contest, form) = (visit.labels.contest(code), paper.form.name.in_language(position));
    let (title, below, lead, after) = match turn {
        Turn::First => (contest, form.to_owned(), text::ENTRY_LEAD, text::TO_PHOTOS),
        Turn::Second => {
            (voice.say(text::AGAIN).to_owned(), contest, text::AGAIN_LEAD, text::AGAIN_END)
        }
    };
    Ok(visit.render(&EntryPage {
        title,
        below,
        code: code.to_string(),
        base: base(paper, turn),
        lead: voice.say(lead),
        asked: match turn {
            Turn::First => notices::urgent(&visit.desk.said_of(code, visit.labels)),
            // The second entry is blind.
            Turn::Second => Vec::new(),
        },
        after: voice.say(after),
        number,
        of: sheets.len(),
        tabs: tabs(&sheets, number, paper, &draft, voice),
        blocks: boxes::blocks(visit, paper, &draft, sheet, &problems),
        problems,
        heading,
        saved,
        is_brought_back: draft.notes.brought_back,
        has_empty,
        is_begun,
        shell,
    }))
}

/// The address of a turn's sheets, without their number.
pub(super) fn base(paper: Paper<'_>, turn: Turn) -> String {
    match turn {
        Turn::First => format!("/c/{}", paper.contest.code),
        Turn::Second => format!("/c/{}/again", paper.contest.code),
    }
}

/// Where to go instead of a sheet, if it cannot be filled now.
fn elsewhere(
    visit: &Visit<'_>,
    paper: Paper<'_>,
    turn: Turn,
    draft: Option<&Draft>,
) -> Option<String> {
    let code = paper.contest.code;
    match (turn, draft) {
        (Turn::First, Some(draft)) => again::instead(paper, draft),
        (Turn::Second, Some(draft)) => again::not_yet(paper, draft),
        (Turn::Second, None) => Some(format!("/c/{code}")),
        // Numbers that are sealed change by a correction only.
        (Turn::First, None) => {
            let is_stored = visit.desk.store().ledger().newest(code).is_some();
            is_stored.then(|| format!("/c/{code}"))
        }
    }
}

/// Position of the page's language among the election's texts.
pub(super) fn head_language(visit: &Visit<'_>) -> usize {
    visit.desk.identity().election().head.language(visit.labels.language.code())
}

fn is_empty(draft: &Draft, paper: Paper<'_>, at: usize) -> bool {
    !draft.fields.contains_key(&paper.layout.fields()[at].code)
}

fn tabs(
    sheets: &[Sheet],
    current: usize,
    paper: Paper<'_>,
    draft: &Draft,
    voice: Voice,
) -> Vec<Tab> {
    let tab = |(at, sheet): (usize, &Sheet)| {
        let open = |at: &usize| draft.count(&paper.layout.fields()[*at]).is_none();
        let empty = sheet.fields().filter(open).count();
        let filling = match empty {
            0 => voice.say(text::SHEET_FULL).to_owned(),
            empty => voice.with(text::SHEET_OPEN, empty),
        };
        Tab {
            number: at + 1,
            short: short(sheet, paper),
            name: name(sheet, paper, voice),
            filling,
            is_full: empty == 0,
            is_current: at + 1 == current,
        }
    };
    sheets.iter().enumerate().map(tab).collect()
}

/// The party of a sheet.
pub(super) fn party<'a>(paper: Paper<'a>, at: usize) -> Option<&'a Party> {
    match &paper.contest.ballot {
        Ballot::Parties(parties) => parties.get(at),
        Ballot::Candidates(_) => None,
    }
}

fn short(sheet: &Sheet, paper: Paper<'_>) -> String {
    match sheet.party().and_then(|at| party(paper, at)) {
        Some(party) => party.code.to_string(),
        None => ends(sheet).map_or_else(String::new, |(first, last)| {
            if first == last { first.to_owned() } else { format!("{first}–{last}") }
        }),
    }
}

/// What a sheet is called.
pub(super) fn name(sheet: &Sheet, paper: Paper<'_>, voice: Voice) -> String {
    if let Some(party) = sheet.party().and_then(|at| party(paper, at)) {
        return format!("{} {}", party.code, party.name);
    }
    match ends(sheet) {
        Some((first, last)) if first != last => voice.fill(text::SECTIONS, &[&first, &last]),
        Some((first, _)) => voice.with(text::SECTION, first),
        None => String::new(),
    }
}

fn ends(sheet: &Sheet) -> Option<(&str, &str)> {
    Some((&sheet.blocks.first()?.section, &sheet.blocks.last()?.section))
}
