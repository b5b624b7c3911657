//! Carry and send: forms out as a file, other stations' forms in, receipts back.

use std::path::Path;
use std::time::Duration;

use askama::Template;
use hyper::body::Incoming;
use hyper::header::{CONTENT_LENGTH, HeaderMap};

use super::asked::Asked;
use super::brought::{self, Taken};
use super::reply::Reply;
use super::shell::Shell;
use super::site::{Site, Visit};
use super::text;
use crate::carrying::text as words;
use crate::carrying::{CarriedFor, Imported};
use crate::desk::{Desk, Trouble, TroubleKind};
use crate::store::StoreFault;

/// The page.
pub(super) const PATH: &str = "/carry";

/// Where a file is posted.
pub(super) const TAKE: &str = "/carry/in";

/// Longest file that is taken over the page, in bytes: 10,000 forms of the largest size are
/// 36 MB, as many receipts of two kilobytes 20 MB. A longer one is taken by `import`.
const MAX_FILE: u64 = 40 << 20;

/// Longest file of receipts that is made in memory, in bytes.
const MAX_RECEIPTS: usize = 24 << 20;

/// For a file to come and to be taken in. Less than a connection has.
const PATIENCE: Duration = Duration::from_secs(80);

#[derive(Template)]
#[template(path = "carry.html")]
struct Carry {
    shell: Shell,
    has_forms: bool,
    /// What came of the file that was posted.
    done: Vec<String>,
    lines: Vec<Line>,
    /// Why what waits has not gone.
    warning: Option<String>,
    /// The receipts that can be taken back, in words.
    receipts: Option<String>,
}

/// What is carried for a station.
pub(super) struct Line {
    pub(super) sentence: String,
    pub(super) refused: Option<String>,
    pub(super) is_whole: bool,
}

/// What is carried, station by station.
pub(super) fn lines(visit: &Visit<'_>, of: &[CarriedFor]) -> Vec<Line> {
    let line = |CarriedFor { station, forms, received, refused }: &CarriedFor| Line {
        sentence: visit.voice().fill(words::CARRIED_FOR, &[station, received, forms]),
        refused: (!refused.is_empty())
            .then(|| visit.voice().with(words::CARRIED_REFUSED, refused.join(", "))),
        is_whole: received == forms,
    };
    of.iter().map(line).collect()
}

/// The page.
///
/// # Errors
/// [`StoreFault`] if the store cannot be read.
pub(super) fn page(visit: &Visit<'_>) -> Result<Reply, StoreFault> {
    Ok(shown(visit, Vec::new()))
}

fn shown(visit: &Visit<'_>, done: Vec<String>) -> Reply {
    let mut shell = visit.shell(visit.voice().say(words::TITLE));
    PATH.clone_into(&mut shell.path);
    let carried = visit.desk.carried(visit.labels.language);
    shell.is_moving = carried.waiting > 0;
    let warning = carried.last_failure.filter(|_| carried.waiting > 0).map(|last| {
        let at = shell.moment.show(last.at_ms);
        visit.voice().fill(words::CARRIED_LAST, &[&at, &last.sentence])
    });
    let receipts =
        (carried.received > 0).then(|| visit.voice().with(words::BACK_SAVE, carried.received));
    let has_forms = !visit.desk.store().ledger().is_empty() || carried.waiting > 0;
    let lines = lines(visit, &carried.stations);
    visit.render(&Carry { shell, has_forms, done, lines, warning, receipts })
}

/// The receipts of all carried forms, as a file.
///
/// # Errors
/// [`StoreFault`] if they cannot be read.
pub(super) fn receipts(visit: &Visit<'_>) -> Result<Reply, StoreFault> {
    let mut file = Vec::new();
    visit.desk.write_receipts(&mut file)?;
    if file.len() > MAX_RECEIPTS {
        let size = format!("{} MiB: saksi-agent export --receipts", MAX_RECEIPTS >> 20);
        return Ok(visit.refuse(&visit.voice().with(words::TOO_LARGE, size)));
    }
    let station = visit.desk.identity().election().station.code;
    Ok(Reply::file(&format!("saksi-receipts-{station}.receipts"), file))
}

/// Takes in the file that is posted, and answers with what came of it.
pub(super) async fn taken_in(
    site: &Site,
    mut asked: Asked,
    headers: &HeaderMap,
    body: Incoming,
) -> Reply {
    let announced =
        headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let place = site.desk().directory().path().to_owned();
    // What will not fit is read to its end all the same, and not written.
    let has_room = site.desk().store().check_room_for(announced.unwrap_or(MAX_FILE));
    let most = if has_room.is_ok() { MAX_FILE } else { 0 };
    let may = |asked: &Asked| site.may_ask(asked);
    let reading = brought::read(&mut asked, (headers, body), (&place, most), may);
    let Ok(taken) = tokio::time::timeout(PATIENCE, reading).await else {
        return Reply::too_slow();
    };
    if !site.may_ask(&asked) {
        return site.answer_now(&asked);
    }
    let imported = match (taken, has_room) {
        (Taken::TooLarge, Err(fault)) => {
            Err(Trouble::of_store(&fault, site.visit(&asked).labels.language))
        }
        (taken, _) => imported(site, &asked, taken).await,
    };
    let visit = site.visit(&asked);
    match imported {
        Ok(imported) => shown(&visit, imported.lines(visit.labels.language)),
        Err(trouble) => visit.trouble(&trouble),
    }
}

async fn imported(site: &Site, asked: &Asked, taken: Taken) -> Result<Imported, Trouble> {
    let visit = site.visit(asked);
    let (language, voice) = (visit.labels.language, visit.voice());
    let refused = |kind, why: &str| {
        Trouble::new(kind, words::NOT_TAKEN, language, &[&voice.say(words::IN_FILE), &why])
    };
    match taken {
        Taken::Whole(file) => {
            let desk = site.shared_desk();
            let name = voice.say(words::IN_FILE);
            let work = move || Desk::import(&desk, file.path(), Path::new(name), language);
            // It panicked, and said so.
            let stopped = || refused(TroubleKind::Store, voice.say(text::TROUBLE));
            tokio::task::spawn_blocking(work).await.map_err(|_| stopped())?
        }
        Taken::Nothing => Err(refused(TroubleKind::Carried, voice.say(words::IN_NONE))),
        Taken::NotWhole => Err(refused(TroubleKind::Carried, voice.say(words::DAMAGED))),
        Taken::TooLarge => {
            let size = format!("{} MiB: saksi-agent import", MAX_FILE >> 20);
            Err(refused(TroubleKind::OverLimit, &voice.with(words::TOO_LARGE, size)))
        }
        Taken::Fault(fault) => Err(Trouble::of_store(&fault.into(), language)),
    }
}
