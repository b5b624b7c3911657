//! A form that is stored: its numbers, how far it has come, and its correction.

use askama::Template;

use super::notices::{self, NoticeLine, say_it_once};
use super::photos::{Picture, sent};
use super::read::{SheetRead, sheets_read};
use super::reply::Reply;
use super::shell::Shell;
use super::site::{Paper, Visit};
use super::state::{Progress, progress};
use super::text;
use crate::desk::{Answer, Envelope, FormShown, PhotoState, Request, StateName};
use crate::store::StoreFault;
use crate::words;

#[derive(Template)]
#[template(path = "contest.html")]
struct Stored {
    shell: Shell,
    code: String,
    contest: String,
    form: FormShown,
    progress: Progress,
    is_received: bool,
    has_draft: bool,
    /// The second entry of its correction is going on: no number is shown.
    is_blind: bool,
    /// What the centre has to say.
    notices: Vec<NoticeLine>,
    sheets: Vec<SheetRead>,
    photos: Vec<Picture>,
    /// What was found, each in a line.
    findings: Vec<String>,
    revisions: Vec<(u32, Progress, String)>,
}

/// A stored form; one that is being filled or not begun is shown where it is filled.
///
/// # Errors
/// [`StoreFault`] if the draft cannot be read.
pub(super) fn page(visit: &Visit<'_>, paper: Paper<'_>) -> Result<Reply, StoreFault> {
    let code = paper.contest.code;
    let what = Some(code.to_string());
    let request = Envelope::new(visit.labels.language, Request::Show { what });
    let form = match visit.desk.execute(request) {
        Answer::Forms(mut forms) if !forms.is_empty() => forms.swap_remove(0),
        Answer::Trouble(_) | Answer::Forms(_) => {
            return Ok(Reply::go_to(&format!("/c/{code}/1")));
        }
        _ => return Ok(visit.not_found()),
    };
    let voice = visit.voice();
    let mut shell = visit.shell(&visit.labels.contest(code));
    let photos = visit.desk.photos_of(form.digest, visit.labels.language);
    let is_photo_moving = photos.iter().any(|photo| photo.state == PhotoState::Waiting);
    shell.is_moving = form.delivery.due || is_photo_moving;
    let of = |delivery| progress(Some(delivery), None, (voice, &shell.moment));
    let counts: Vec<_> = form.fields.iter().map(|field| Some(field.count)).collect();
    let revisions = form
        .revisions
        .iter()
        .map(|revision| (revision.revision, of(&revision.delivery), revision.digest.short()));
    let draft = visit.desk.draft(code)?;
    let is_blind = draft.as_ref().is_some_and(|draft| draft.second_entry(paper.layout).is_blind());
    let mut progress = of(&form.delivery);
    say_it_once(visit, &form.notices, &mut progress.warnings);
    let page = Stored {
        code: code.to_string(),
        contest: visit.labels.contest(code),
        progress,
        notices: notices::lines(visit, &shell, paper, &form.notices),
        is_received: form.delivery.state == StateName::Received,
        has_draft: draft.is_some(),
        is_blind,
        sheets: sheets_read(visit, paper, &counts),
        photos: sent(visit, &photos),
        findings: form.findings.iter().flat_map(crate::findings::FindingShown::lines).collect(),
        revisions: revisions.collect(),
        form,
        shell,
    };
    Ok(visit.render(&page))
}

/// Throws a draft away, if whoever says so has said that it is meant.
///
/// # Errors
/// [`StoreFault`]; it is as it was.
pub(super) fn discard(visit: &Visit<'_>, paper: Paper<'_>) -> Result<Reply, StoreFault> {
    if visit.asked.field("sure") == Some("yes") {
        visit.desk.forget_draft(paper.contest.code)?;
    }
    Ok(Reply::go_to("/"))
}
