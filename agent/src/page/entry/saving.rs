//! What was typed, saved before the answer, and where to go on.

use saksi_proto::count::Count;

use super::super::reply::Reply;
use super::super::sheet::{Sheet, sheets_of};
use super::super::site::{Paper, Visit};
use super::super::text;
use super::{anchor, base, elsewhere};
use crate::draft::{Changes, Draft, Turn, Typed};
use crate::store::StoreFault;

/// Begins the name of a box in what is posted.
const BOX: &str = "f.";

/// Saves what was posted of a sheet: boxes that are not named stay as they are, so that a
/// script can send the one that was left.
///
/// # Errors
/// [`StoreFault`]; what was saved before is as it was.
pub(in super::super) fn save(
    visit: &Visit<'_>,
    paper: Paper<'_>,
    turn: Turn,
    number: usize,
) -> Result<Reply, StoreFault> {
    let code = paper.contest.code;
    let draft = visit.desk.draft(code)?;
    if let Some(elsewhere) = elsewhere(visit, paper, turn, draft.as_ref()) {
        // A script would take the way on for an answer that its box was saved.
        return Ok(match (turn, draft) {
            (Turn::First, Some(_)) => visit.refuse(visit.voice().say(text::OTHER_TURN)),
            _ => Reply::go_to(&elsewhere),
        });
    }
    let sheets = sheets_of(paper.form, paper.layout, turn);
    let Some(sheet) = number.checked_sub(1).and_then(|at| sheets.get(at)) else {
        return Ok(visit.not_found());
    };
    let draft = draft.unwrap_or_default();
    let is_ours = |field: &str| {
        sheets.iter().flat_map(Sheet::fields).any(|at| paper.layout.fields()[at].code == field)
    };
    let mut changes = typed(visit, &draft, turn, is_ours);
    let mark = visit.asked.field("mark").and_then(marked);
    let mark = mark.filter(|(field, _)| is_ours(field));
    let go = visit.asked.field("go").unwrap_or_default();
    if let Some((field, count)) = mark {
        changes.retain(|(_, code, _)| code != field);
        changes.push((turn, field.to_owned(), Some(Typed::Count(count))));
    }
    if go == "rest" {
        changes.extend(rest(paper, (&draft, turn), &changes, sheet));
    }
    if !changes.is_empty() {
        let mut notes = draft.notes.clone();
        notes.saved_ms = visit.now_ms;
        visit.desk.save_draft(code, &changes, &notes)?;
    }
    let base = base(paper, turn);
    let is_wrong =
        |(_, _, typed): &(_, _, Option<Typed>)| matches!(typed, Some(Typed::NotANumber(_)));
    Ok(Reply::go_to(&match (go, mark, changes.iter().any(is_wrong)) {
        (_, Some((field, _)), _) => format!("{base}/{number}#{}", anchor(field)),
        // What is no number is to be put right before anybody goes on.
        ("next", _, true) => format!("{base}/{number}#problems"),
        ("next", ..) if number < sheets.len() => format!("{base}/{}", number + 1),
        ("next", ..) if turn == Turn::First => format!("{base}/photos"),
        ("next" | "review", ..) => match turn {
            Turn::First => format!("{base}/review"),
            Turn::Second => base,
        },
        (other, ..) => match other.parse::<usize>() {
            Ok(other) if (1..=sheets.len()).contains(&other) => format!("{base}/{other}"),
            _ => format!("{base}/{number}"),
        },
    }))
}

/// Boxes whose content is another than what is saved.
fn typed(visit: &Visit<'_>, draft: &Draft, turn: Turn, is_ours: impl Fn(&str) -> bool) -> Changes {
    let boxes = visit.asked.posted.iter().filter_map(|(name, text)| {
        let code = name.strip_prefix(BOX).filter(|code| is_ours(code))?;
        let typed = Typed::read(text);
        (draft.of(turn).get(code) != typed.as_ref()).then(|| (turn, code.to_owned(), typed))
    });
    boxes.collect()
}

/// `none I.A.L` or `illegible I.A.L`.
fn marked(mark: &str) -> Option<(&str, Count)> {
    let (what, field) = mark.split_once(' ')?;
    match what {
        "none" => Some((field, Count::NotWritten)),
        "illegible" => Some((field, Count::Illegible)),
        _ => None,
    }
}

/// The boxes of a sheet that have nothing: empty on the paper too.
fn rest(
    paper: Paper<'_>,
    (draft, turn): (&Draft, Turn),
    changes: &Changes,
    sheet: &Sheet,
) -> Changes {
    let fields = sheet.fields().map(|at| &paper.layout.fields()[at].code);
    let is_empty = |code: &&String| {
        let changed = changes.iter().find(|(_, changed, _)| changed == *code);
        changed.map_or(!draft.of(turn).contains_key(*code), |(.., typed)| typed.is_none())
    };
    let not_written = || Some(Typed::Count(Count::NotWritten));
    fields.filter(is_empty).map(|code| (turn, code.clone(), not_written())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_two_words() {
        assert_eq!(marked("none I.A.L"), Some(("I.A.L", Count::NotWritten)));
        assert_eq!(marked("illegible V.A"), Some(("V.A", Count::Illegible)));
        assert_eq!((marked("none"), marked("zero V.A"), marked("")), (None, None, None));
    }
}
