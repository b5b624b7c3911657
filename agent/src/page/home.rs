//! The first page: the station, its contests, and how the device is.

use askama::Template;

use super::again;
use super::carried::{Line, lines};
use super::notices::{say_it_once, short};
use super::photos::{How, how};
use super::reply::Reply;
use super::shell::Shell;
use super::site::Visit;
use super::state::{Progress, progress};
use super::text;
use crate::carrying::text as words;
use crate::desk::{Check, ContestStatus, DeliveryShown, StateName, Status};
use crate::export;
use crate::rehearsal::Rehearsed;
use crate::store::StoreFault;

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    shell: Shell,
    cards: Vec<Card>,
    /// Something waits, and the last attempt has failed.
    can_try: bool,
    /// Something is at the centre, which may have something to say.
    can_look: bool,
    /// When it was asked last.
    looked: String,
    photos: Option<String>,
    has_forms: bool,
    /// What is carried for other stations.
    carried: Vec<Line>,
    /// What is known of the last rehearsal.
    rehearsed: String,
    checks: Vec<Check>,
}

/// A contest on the first page.
struct Card {
    code: String,
    name: String,
    progress: Progress,
    /// What the centre has to say, and whether it is a warning.
    notices: Vec<(bool, String)>,
    /// What there is of a draft, in a sentence.
    draft: Option<String>,
    revision: Option<String>,
    /// Its photos, each with how far it has come.
    photos: Vec<(String, How)>,
    /// What can be done: an address and its name, the first the most wanted.
    ways: Vec<(String, &'static str)>,
}

/// The first page.
///
/// # Errors
/// [`StoreFault`] if drafts or the disk cannot be read.
pub(super) fn page(visit: &Visit<'_>) -> Result<Reply, StoreFault> {
    let status = visit.desk.status(visit.labels.language);
    let mut shell = visit.shell(visit.voice().say(text::HOME));
    let looking = visit.desk.looking();
    shell.is_moving = status.waiting > 0 || status.photos_waiting > 0 || status.carried.waiting > 0;
    shell.is_moving |= looking.is_under_way();
    let cards = status.contests.iter().map(|contest| card(visit, &shell, contest));
    let cards = cards.collect::<Result<Vec<_>, _>>()?;
    let mut checks = visit.desk.health(visit.labels.language)?;
    let link = link(visit, &shell, &status);
    let can_try = !link.is_well && status.waiting + status.photos_waiting > 0;
    checks.push(link);
    let is_received = |delivery: &DeliveryShown| delivery.state == StateName::Received;
    let mut deliveries = status.contests.iter().filter_map(|contest| contest.delivery.as_ref());
    let can_look = deliveries.any(is_received);
    let looked = match looking.answered_ms() {
        Some(at_ms) => visit.voice().with(text::LOOKED_AT, shell.moment.show(at_ms)),
        None => visit.voice().say(text::NOT_LOOKED).to_owned(),
    };
    let has_forms = status.contests.iter().any(|contest| contest.revision.is_some());
    let photos = (status.photos_waiting > 0)
        .then(|| visit.voice().with(text::PHOTOS_WAIT, status.photos_waiting));
    let rehearsed = match status.rehearsed {
        Some(Rehearsed { index, arrived_ms, .. }) => {
            let values: [&dyn std::fmt::Display; 2] = [&index, &shell.moment.show(arrived_ms)];
            visit.voice().fill(text::REHEARSED, &values)
        }
        None => visit.voice().say(text::NOT_REHEARSED).to_owned(),
    };
    let carried = lines(visit, &status.carried.stations);
    Ok(visit.render(&Home {
        rehearsed,
        shell,
        cards,
        can_try,
        can_look,
        looked,
        photos,
        has_forms,
        carried,
        checks,
    }))
}

/// All sealed forms in one file, to be carried to where there is a network.
///
/// # Errors
/// [`StoreFault`] if one cannot be read.
pub(super) fn carried(visit: &Visit<'_>) -> Result<Reply, StoreFault> {
    let station = visit.desk.identity().election().station.code;
    match export::write(&visit.desk.to_be_carried()?) {
        Ok(file) => Ok(Reply::file(&format!("saksi-forms-{station}.saksi"), file)),
        Err(fault) => Ok(visit.refuse(&fault.to_string())),
    }
}

fn card(visit: &Visit<'_>, shell: &Shell, status: &ContestStatus) -> Result<Card, StoreFault> {
    let voice = visit.voice();
    let draft = visit.desk.draft(status.contest)?;
    let boxes = visit.desk.identity().layout(status.contest).map_or(0, |form| form.fields().len());
    let saved_ms = draft.as_ref().map(|draft| draft.notes.saved_ms);
    let mut progress = progress(status.delivery.as_ref(), saved_ms, (voice, &shell.moment));
    say_it_once(visit, &status.notices, &mut progress.warnings);
    if let Some(refused) = &status.refused {
        progress.warnings.push(voice.with(text::IS_REFUSED, &refused.sentence));
    }
    let base = format!("/c/{}", status.contest);
    let is_received = status.delivery.as_ref().is_some_and(|it| it.state == StateName::Received);
    let mut ways = Vec::new();
    match (&draft, status.revision) {
        (Some(_), _) => ways.push((format!("{base}/1"), voice.say(text::GO_ON))),
        (None, None) => ways.push((format!("{base}/1"), voice.say(text::BEGIN))),
        (None, Some(_)) => {}
    }
    if is_received {
        ways.push((format!("{base}/receipt"), voice.say(text::OPEN_RECEIPT)));
    }
    if status.revision.is_some() {
        ways.push((base, voice.say(text::OPEN_FORM)));
    }
    let paper = visit.paper(status.contest.as_str());
    let again =
        draft.as_ref().zip(paper).and_then(|(draft, paper)| again::filling(visit, paper, draft));
    if draft.is_none() && status.notices.iter().any(|notice| notice.kind.is_warning()) {
        // There it is said what to do.
        ways.rotate_right(1);
    }
    let draft = match (&draft, status.revision) {
        (Some(_), Some(_)) => Some(voice.say(text::CORRECTION_BEGUN).to_owned()),
        (Some(_), None) if again.is_some() => again,
        (Some(draft), None) => {
            let filled = draft.fields.values().filter(|typed| typed.count().is_some()).count();
            let filled = voice.fill(text::FILLED, &[&filled, &boxes]);
            Some(match draft.photos.len() {
                0 => filled,
                photos => format!("{filled} {}", voice.with(text::DRAFT_PHOTOS, photos)),
            })
        }
        (None, None) => Some(voice.say(text::NOT_BEGUN).to_owned()),
        (None, Some(_)) => None,
    };
    let photos = status.digest.map(|form| visit.desk.photos_of(form, visit.labels.language));
    let photos = photos.unwrap_or_default();
    let photos = photos.iter().enumerate();
    let photos = photos.map(|(at, photo)| (voice.with(text::PHOTO, at + 1), how(voice, photo)));
    let revision = status.revision.filter(|revision| *revision > 1);
    Ok(Card {
        code: status.contest.to_string(),
        name: status.name.clone(),
        progress,
        notices: short(&status.notices),
        draft,
        photos: photos.collect(),
        revision: revision.map(|revision| voice.with(text::REVISION, revision)),
        ways,
    })
}

/// The link, from what the last attempts brought.
fn link(visit: &Visit<'_>, shell: &Shell, status: &Status) -> Check {
    let deliveries = || status.contests.iter().filter_map(|contest| contest.delivery.as_ref());
    let failures = deliveries().filter(|delivery| delivery.due);
    let failures = failures.filter_map(|delivery| delivery.last_failure.as_ref());
    let received = deliveries().filter(|delivery| delivery.state == StateName::Received);
    let reached_ms = received.map(|delivery| delivery.at_ms).max();
    let (is_well, sentence) = match (failures.max_by_key(|failure| failure.at_ms), reached_ms) {
        (Some(failure), _) => (false, visit.voice().with(text::LINK_TRIES, &failure.sentence)),
        (None, Some(at_ms)) => {
            (true, visit.voice().with(text::LINK_WELL, shell.moment.show(at_ms)))
        }
        (None, None) => (true, visit.voice().say(text::LINK_UNKNOWN).to_owned()),
    };
    Check { is_well, sentence, details: Vec::new() }
}
