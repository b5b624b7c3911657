//! Photos of the paper on the page: taken, looked at, kept or taken again, and how far each
//! has come. (How their bytes come in is `upload`'s.)

use askama::Template;
use hyper::StatusCode;
use saksi_proto::digest::Digest;
use saksi_proto::form::MAX_PHOTOS;
use saksi_proto::photo::MAX_PHOTO;

use super::again;
use super::reply::Reply;
use super::sheet::sheets;
use super::shell::{Shell, Voice};
use super::site::{Paper, Visit};
use super::text;
use super::upload::Outcome;
use crate::desk::{PhotoShown, PhotoState, Trouble};
use crate::draft::{DraftPhoto, Origin};
use crate::intake::Warning;
use crate::store::{StoreFault, photos};

/// Ends the address of a picture.
const ENDING: &str = ".jpg";

#[derive(Template)]
#[template(path = "photos.html")]
struct PhotosPage {
    shell: Shell,
    contest: String,
    code: String,
    photos: Vec<Picture>,
    /// Whether there is room for another.
    has_room: bool,
    full: String,
    /// Where to go on, and what that is called.
    onward: (String, &'static str),
    /// The last sheet.
    back: String,
    /// Why photos were not kept.
    faults: Vec<String>,
}

/// A photo with its picture.
pub(super) struct Picture {
    /// Its number on the form.
    pub(super) name: String,
    /// Names it in the page.
    pub(super) id: String,
    pub(super) digest: String,
    pub(super) href: String,
    pub(super) kilobytes: String,
    /// Where it came from, if that is known.
    origin: Option<&'static str>,
    is_old: bool,
    warnings: Vec<(&'static str, &'static str)>,
    /// It is not on the device any more.
    gone: Option<String>,
    /// How far it has come.
    pub(super) progress: Option<How>,
}

/// How far a photo has come.
pub(super) struct How {
    pub(super) sentence: String,
    /// Something for a person to see to.
    pub(super) is_bad: bool,
}

/// The photos of a form that is being filled.
///
/// # Errors
/// [`StoreFault`] if the draft cannot be read.
pub(super) fn page(visit: &Visit<'_>, paper: Paper<'_>) -> Result<Reply, StoreFault> {
    let code = paper.contest.code;
    let is_stored = visit.desk.store().ledger().newest(code).is_some();
    if is_stored && visit.desk.draft(code)?.is_none() {
        return Ok(Reply::go_to(&format!("/c/{code}")));
    }
    shown(visit, paper, Vec::new())
}

/// Takes a photo out.
///
/// # Errors
/// [`StoreFault`]; it is still there then.
pub(super) fn remove(visit: &Visit<'_>, paper: Paper<'_>) -> Result<Reply, StoreFault> {
    let code = paper.contest.code;
    if let Some(photo) = visit.asked.field("remove").and_then(|photo| photo.parse().ok()) {
        visit.desk.remove_photo(code, photo, visit.now_ms)?;
    }
    Ok(Reply::go_to(&format!("/c/{code}/photos")))
}

/// What became of photos that were posted: the page anew, with what was not kept and why.
pub(super) fn answer(visit: &Visit<'_>, outcomes: Vec<Outcome>) -> Reply {
    let code = visit.asked.path.trim_start_matches("/c/").trim_end_matches("/photos");
    let Some(paper) = visit.paper(code) else { return visit.not_found() };
    let kept = outcomes.iter().rev().find_map(|outcome| match outcome {
        Outcome::Kept(digest) => Some(format!("/c/{code}/photos#{}", anchor(*digest))),
        _ => None,
    });
    let is_one = outcomes.len() == 1;
    let faults: Vec<_> = outcomes
        .into_iter()
        .enumerate()
        .filter_map(|(at, outcome)| {
            let why = why(visit, outcome)?;
            let of = || visit.voice().fill(text::PHOTO_OF, &[&(at + 1), &why]);
            Some(if is_one { why.clone() } else { of() })
        })
        .collect();
    match (faults.is_empty(), kept) {
        (true, Some(kept)) => Reply::go_to(&kept),
        (true, None) => {
            once_more(visit, paper, vec![visit.voice().say(text::PHOTO_NOT_CHOSEN).into()])
        }
        (false, _) => once_more(visit, paper, faults),
    }
}

fn once_more(visit: &Visit<'_>, paper: Paper<'_>, faults: Vec<String>) -> Reply {
    shown(visit, paper, faults)
        .unwrap_or_else(|fault| visit.trouble(&Trouble::of_store(&fault, visit.labels.language)))
}

/// Why a photo was not kept; `None` if it was.
fn why(visit: &Visit<'_>, outcome: Outcome) -> Option<String> {
    let voice = visit.voice();
    Some(match outcome {
        Outcome::Kept(_) => return None,
        Outcome::Refused(refusal) => {
            format!("{} ({})", voice.say(refusal.phrase()), refusal.code())
        }
        Outcome::TooMany => voice.with(text::PHOTO_TOO_MANY, MAX_PHOTOS),
        Outcome::Sealed => voice.say(text::PHOTO_SEALED).to_owned(),
        Outcome::NotWhole => voice.say(text::PHOTO_NOT_WHOLE).to_owned(),
        Outcome::Fault(fault) => Trouble::of_store(&fault, voice.language).sentence,
    })
}

fn shown(visit: &Visit<'_>, paper: Paper<'_>, faults: Vec<String>) -> Result<Reply, StoreFault> {
    let (voice, code) = (visit.voice(), paper.contest.code);
    let draft = visit.desk.draft(code)?;
    let is_begun = draft.is_some();
    let draft = draft.unwrap_or_default();
    let photos = pictures(visit, &draft.photos);
    let onward = match (is_begun, photos.is_empty()) {
        (true, false) if again::is_due(paper, &draft) => {
            (format!("/c/{code}/again"), voice.say(text::AGAIN))
        }
        (false, _) => (format!("/c/{code}/1"), voice.say(text::BEGIN)),
        (true, true) => (format!("/c/{code}/review"), voice.say(text::WITHOUT_PHOTOS)),
        (true, false) => (format!("/c/{code}/review"), voice.say(text::TO_REVIEW)),
    };
    let contest = visit.labels.contest(code);
    let status = match faults.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let page = PhotosPage {
        shell: visit.shell(&format!("{} · {contest}", voice.say(text::PHOTOS))),
        contest,
        code: code.to_string(),
        has_room: photos.len() < MAX_PHOTOS,
        full: voice.with(text::PHOTOS_FULL, MAX_PHOTOS),
        photos,
        onward,
        back: format!("/c/{code}/{}", sheets(paper.form, paper.layout).len()),
        faults,
    };
    Ok(visit.render_as(status, &page))
}

/// The photos of a draft.
pub(super) fn pictures(visit: &Visit<'_>, photos: &[DraftPhoto]) -> Vec<Picture> {
    let voice = visit.voice();
    let picture = |(at, photo): (usize, &DraftPhoto)| {
        let warning = |warning: &Warning| (voice.say(warning.phrase()), warning.code());
        let origin = voice.say(match photo.origin {
            Origin::Camera => text::ORIGIN_CAMERA,
            Origin::Gallery => text::ORIGIN_GALLERY,
            Origin::FormBefore => text::ORIGIN_BEFORE,
        });
        let is_gone = visit.desk.store().photo_size(photo.digest).is_none();
        Picture {
            origin: Some(origin),
            is_old: photo.origin == Origin::Gallery,
            warnings: photo.warnings.iter().map(warning).collect(),
            gone: is_gone.then(|| voice.with(text::PHOTO_IS_GONE, at + 1)),
            ..Picture::new(voice, at, photo.digest, photo.size.into())
        }
    };
    photos.iter().enumerate().map(picture).collect()
}

/// The photos of a sealed form, each with how far it has come.
pub(super) fn sent(visit: &Visit<'_>, photos: &[PhotoShown]) -> Vec<Picture> {
    let picture = |(at, photo): (usize, &PhotoShown)| Picture {
        progress: Some(how(visit.voice(), photo)),
        ..Picture::new(visit.voice(), at, photo.photo, photo.size)
    };
    photos.iter().enumerate().map(picture).collect()
}

impl Picture {
    fn new(voice: Voice, at: usize, digest: Digest, size: u64) -> Self {
        Self {
            name: voice.with(text::PHOTO, at + 1),
            id: anchor(digest),
            digest: digest.to_string(),
            href: format!("/photos/{digest}{ENDING}"),
            kilobytes: kilobytes(voice, size),
            origin: None,
            is_old: false,
            warnings: Vec::new(),
            gone: None,
            progress: None,
        }
    }
}

/// How far a photo has come, in words.
pub(super) fn how(voice: Voice, photo: &PhotoShown) -> How {
    let (is_bad, sentence) = match photo.state {
        PhotoState::Arrived => (false, format!("✓ {}", voice.say(text::PHOTO_ARRIVED))),
        PhotoState::Waiting if photo.sent == 0 => (false, voice.say(text::PHOTO_WAITS).to_owned()),
        PhotoState::Waiting => {
            let (sent, size) = (kilobytes(voice, photo.sent), kilobytes(voice, photo.size));
            (false, voice.fill(text::PHOTO_SENT, &[&sent, &size]))
        }
        PhotoState::Refused => {
            let why = photo.refusal.as_ref().map_or("", |refusal| refusal.sentence.as_str());
            (true, voice.with(text::IS_REFUSED, why))
        }
        PhotoState::Damaged => (true, voice.say(text::PHOTO_DAMAGED).to_owned()),
    };
    How { sentence, is_bad }
}

/// Bytes as people count them, never 0 KB.
fn kilobytes(voice: Voice, bytes: u64) -> String {
    voice.number(i64::try_from(bytes.div_ceil(1_000)).unwrap_or(i64::MAX))
}

/// Names a photo in the page.
fn anchor(digest: Digest) -> String {
    format!("p-{}", digest.short())
}

/// The picture itself, from the device's own file; whatever it is, the browser takes it for
/// a picture or for nothing. A photo kept as it is may have 8 MiB: six connections of a
/// browser hold 48 MiB at most.
pub(super) fn picture(visit: &Visit<'_>, name: &str) -> Reply {
    let digest = name.strip_suffix(ENDING).and_then(|digest| digest.parse::<Digest>().ok());
    let read = |digest| {
        let size = visit.desk.store().photo_size(digest)?;
        let size = u32::try_from(size).ok().filter(|size| *size <= MAX_PHOTO)?;
        photos::read(visit.desk.directory(), digest, 0, size).ok()
    };
    digest.and_then(read).map_or_else(|| visit.not_found(), Reply::picture)
}
