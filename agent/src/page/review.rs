//! Read back: digits and words, what does not fit and why, two officers; then it is
//! sealed, stored and sent.

use askama::Template;
use hyper::StatusCode;
use saksi_proto::codec::encode;
use saksi_proto::digest::Digest;
use saksi_proto::text::Phrase;

use super::again;
use super::entry::{Problem, anchor, name, problems};
use super::photos::{Picture, pictures};
use super::read::{SheetRead, sheets_read};
use super::reply::Reply;
use super::sheet::{Sheet, sheets};
use super::shell::Shell;
use super::site::{Paper, Visit};
use super::text;
use crate::draft::Draft;
use crate::store::StoreFault;

/// What stands in the way of sealing: where, and what.
type Faults = Vec<(&'static str, &'static str)>;

#[derive(Template)]
#[template(path = "review.html")]
struct Review {
    shell: Shell,
    contest: String,
    code: String,
    sheets: Vec<SheetRead>,
    photos: Vec<Picture>,
    problems: Vec<Problem>,
    /// Sheets with boxes that want a number still: where, and how many.
    missing: Vec<(String, String)>,
    missing_heading: String,
    findings_heading: String,
    explanation: String,
    reason: String,
    is_correction: bool,
    needs_explanation: bool,
    /// What is wrong with what was posted: where, and what.
    faults: Faults,
    /// The draft was lost with the store, and is here again.
    is_brought_back: bool,
    /// How many confirm, in the words of the definition's policy, and each one's name in the
    /// form.
    confirm: &'static str,
    officers: Vec<(&'static str, &'static str)>,
    lead: &'static str,
    /// The numbers that were read and the photos that were seen, in one word.
    seen: String,
}

/// The page to read back.
///
/// # Errors
/// [`StoreFault`] if the draft cannot be read.
pub(super) fn page(visit: &Visit<'_>, paper: Paper<'_>) -> Result<Reply, StoreFault> {
    match visit.desk.draft(paper.contest.code)? {
        Some(draft) if again::is_due(paper, &draft) => {
            Ok(Reply::go_to(&format!("/c/{}/again", paper.contest.code)))
        }
        Some(draft) => shown(visit, paper, &draft, Vec::new()),
        None => Ok(Reply::go_to(&format!("/c/{}", paper.contest.code))),
    }
}

fn shown(
    visit: &Visit<'_>,
    paper: Paper<'_>,
    draft: &Draft,
    faults: Faults,
) -> Result<Reply, StoreFault> {
    let (voice, code) = (visit.voice(), paper.contest.code);
    let sheets = sheets(paper.form, paper.layout);
    let problems = problems(visit, paper, draft, &sheets)?;
    let fields = paper.layout.fields();
    let missing = missing(visit, paper, draft, &sheets);
    let counts: Vec<_> = fields.iter().map(|field| draft.count(field)).collect();
    let status = match faults.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let contest = visit.labels.contest(code);
    let officers = officers(paper);
    let (confirm, lead) = match officers.len() {
        1 => (text::CONFIRM_ALONE, text::REVIEW_LEAD_ALONE),
        _ => (text::CONFIRM, text::REVIEW_LEAD),
    };
    let page = Review {
        shell: visit.shell(&format!("{} · {contest}", voice.say(text::REVIEW))),
        contest,
        code: code.to_string(),
        sheets: sheets_read(visit, paper, &counts),
        photos: pictures(visit, &draft.photos),
        missing_heading: voice.with(text::MISSING, draft.missing(paper.layout).len()),
        findings_heading: voice.with(text::FINDINGS, problems.len()),
        needs_explanation: !problems.is_empty(),
        problems,
        missing,
        explanation: draft.notes.explanation.clone(),
        reason: draft.notes.reason.clone(),
        is_correction: draft.notes.corrects.is_some(),
        faults,
        seen: seen(paper, draft),
        is_brought_back: draft.notes.brought_back,
        confirm: voice.say(confirm),
        officers: officers.iter().map(|(name, phrase)| (*name, voice.say(*phrase))).collect(),
        lead: voice.say(lead),
    };
    Ok(visit.render_as(status, &page))
}

/// Who confirms, by the definition's policy: the name in the form, and what is confirmed.
fn officers(paper: Paper<'_>) -> &'static [(&'static str, Phrase)] {
    match paper.form.entry.officers {
        0 | 1 => &[("one", text::CONFIRM_ONE_ALONE)],
        _ => &[("one", text::CONFIRM_ONE), ("two", text::CONFIRM_TWO)],
    }
}

/// The sheets with empty boxes: where the first is, and how many there are.
fn missing(
    visit: &Visit<'_>,
    paper: Paper<'_>,
    draft: &Draft,
    sheets: &[Sheet],
) -> Vec<(String, String)> {
    let (voice, code) = (visit.voice(), paper.contest.code);
    let missing = draft.missing(paper.layout);
    let of_sheet = |(at, sheet): (usize, &Sheet)| {
        let empty: Vec<_> = sheet.fields().filter(|field| missing.contains(field)).collect();
        let first = &paper.layout.fields()[*empty.first()?].code;
        let href = format!("/c/{code}/{}#{}", at + 1, anchor(first));
        let open = voice.with(text::SHEET_OPEN, empty.len());
        Some((href, format!("{}: {open}", name(sheet, paper, voice))))
    };
    sheets.iter().enumerate().filter_map(of_sheet).collect()
}

/// Numbers and photos in one word: what is sealed is what was read.
fn seen(paper: Paper<'_>, draft: &Draft) -> String {
    let seen = encode(&(draft.counts(paper.layout), draft.photo_digests()));
    Digest::of(&seen).to_string()[..16].to_owned()
}

/// Keeps what was said, and seals what was read if everything is there.
///
/// # Errors
/// [`StoreFault`] if the draft cannot be read or kept.
pub(super) fn seal(visit: &Visit<'_>, paper: Paper<'_>) -> Result<Reply, StoreFault> {
    let code = paper.contest.code;
    let Some(mut draft) = visit.desk.draft(code)? else {
        return Ok(Reply::go_to(&format!("/c/{code}")));
    };
    let before = draft.notes.clone();
    if let Some(explanation) = visit.asked.field("explanation") {
        draft.notes.explain(explanation);
    }
    if let Some(reason) = visit.asked.field("reason") {
        draft.notes.give_reason(reason);
    }
    if draft.notes != before {
        draft.notes.saved_ms = visit.now_ms;
        visit.desk.save_draft(code, &Vec::new(), &draft.notes)?;
    }
    if visit.asked.field("go") != Some("seal") || again::is_due(paper, &draft) {
        return Ok(Reply::go_to(&format!("/c/{code}/review")));
    }
    let faults = faults(visit, paper, &draft)?;
    if !faults.is_empty() {
        return shown(visit, paper, &draft, faults);
    }
    match visit.desk.submit_draft(code, &draft, visit.now_ms, visit.labels.language) {
        Ok(_) => Ok(Reply::go_to(&format!("/c/{code}"))),
        Err(trouble) => Ok(visit.trouble(&trouble)),
    }
}

/// What stands in the way of sealing: where, and what.
fn faults(visit: &Visit<'_>, paper: Paper<'_>, draft: &Draft) -> Result<Faults, StoreFault> {
    let sheets = sheets(paper.form, paper.layout);
    let has_problems = !problems(visit, paper, draft, &sheets)?.is_empty();
    let officers = officers(paper);
    let is_confirmed = officers.iter().all(|(name, _)| visit.asked.field(name) == Some("yes"));
    let needs_all = if officers.len() == 1 { text::NEEDS_ONE } else { text::NEEDS_BOTH };
    let is_seen = visit.asked.field("seen") == Some(seen(paper, draft).as_str());
    let (explanation, reason) = (&draft.notes.explanation, &draft.notes.reason);
    let faults = [
        (!draft.missing(paper.layout).is_empty(), "#missing", text::NEEDS_NUMBERS),
        (!is_seen, "#numbers", text::CHANGED_MEANWHILE),
        (has_problems && explanation.is_empty(), "#explanation", text::NEEDS_EXPLANATION),
        (draft.notes.corrects.is_some() && reason.is_empty(), "#reason", text::NEEDS_REASON),
        (!is_confirmed, "#confirm", needs_all),
    ];
    let standing = faults.into_iter().filter(|(stands, ..)| *stands);
    Ok(standing.map(|(_, href, phrase)| (href, visit.voice().say(phrase))).collect())
}
