//! What was typed, saved before the answer, and where to go on.

use saksi_proto::count::Count;

use super::super::reply::Reply;
use super::super::sheet::{Sheet, sheets};
use super::super::site::{Paper, Visit};
use super::anchor;
use crate::draft::{Changes, Draft, Typed};
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
    number: usize,
) -> Result<Reply, StoreFault> {
    let code = paper.contest.code;
    let draft = visit.desk.draft(code)?;
    if draft.is_none() && visit.desk.store().ledger().newest(code).is_some() {
        return Ok(Reply::go_to(&format!("/c/{code}")));
    }
    let sheets = sheets(paper.form, paper.layout);
    let Some(sheet) = number.checked_sub(1).and_then(|at| sheets.get(at)) else {
        return Ok(visit.not_found());
    };
    let draft = draft.unwrap_or_default();
    let mut changes = typed(visit, paper, &draft);
    let mark = visit.asked.field("mark").and_then(marked);
    let go = visit.asked.field("go").unwrap_or_default();
    if let Some((field, count)) = mark.filter(|(field, _)| paper.layout.field(field).is_some()) {
        changes.retain(|(code, _)| code != field);
        changes.push((field.to_owned(), Some(Typed::Count(count))));
    }
    if go == "rest" {
        changes.extend(rest(paper, &draft, &changes, sheet));
    }
    if !changes.is_empty() {
        let mut notes = draft.notes.clone();
        notes.saved_ms = visit.now_ms;
        visit.desk.save_draft(code, &changes, &notes)?;
    }
    let is_wrong = |(_, typed): &(_, Option<Typed>)| matches!(typed, Some(Typed::NotANumber(_)));
    Ok(Reply::go_to(&match (go, mark, changes.iter().any(is_wrong)) {
        (_, Some((field, _)), _) => format!("/c/{code}/{number}#{}", anchor(field)),
        // What is no number is to be put right before anybody goes on.
        ("next", _, true) => format!("/c/{code}/{number}#problems"),
        ("next", ..) if number < sheets.len() => format!("/c/{code}/{}", number + 1),
        ("next", ..) => format!("/c/{code}/photos"),
        ("review", ..) => format!("/c/{code}/review"),
        (other, ..) => match other.parse::<usize>() {
            Ok(other) if (1..=sheets.len()).contains(&other) => format!("/c/{code}/{other}"),
            _ => format!("/c/{code}/{number}"),
        },
    }))
}

/// Boxes whose content is another than what is saved.
fn typed(visit: &Visit<'_>, paper: Paper<'_>, draft: &Draft) -> Changes {
    let boxes = visit.asked.posted.iter().filter_map(|(name, text)| {
        let code = name.strip_prefix(BOX)?;
        paper.layout.field(code)?;
        let typed = Typed::read(text);
        (draft.fields.get(code) != typed.as_ref()).then(|| (code.to_owned(), typed))
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
fn rest(paper: Paper<'_>, draft: &Draft, changes: &Changes, sheet: &Sheet) -> Changes {
    let fields = sheet.fields().map(|at| &paper.layout.fields()[at].code);
    let is_empty = |code: &&String| {
        let changed = changes.iter().find(|(changed, _)| changed == *code);
        changed.map_or(!draft.fields.contains_key(*code), |(_, typed)| typed.is_none())
    };
    let not_written = || Some(Typed::Count(Count::NotWritten));
    fields.filter(is_empty).map(|code| (code.clone(), not_written())).collect()
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
