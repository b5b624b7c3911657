//! The rehearsal from the page: an empty form, which is counted nowhere, goes into the log
//! while the browser waits.

use std::time::Duration;

use saksi_proto::bundle::CollectorAddress;
use saksi_proto::text::{self as words, Language};

use super::reply::Reply;
use super::site::Visit;
use crate::desk::Desk;
use crate::rehearsal::{RehearsalFault, Rehearsed, rehearse};
use crate::words::fill;

/// For a handshake, a form and its receipt, on a slow network. Less than a browser waits.
const PATIENCE: Duration = Duration::from_secs(60);

/// How a rehearsal ended; `None` if it did not in time.
pub(super) type Ended = Option<Result<Rehearsed, RehearsalFault>>;

/// Rehearses with the first collector that answers. It goes again with the next rehearsal if
/// nobody waits for its end.
pub(super) async fn rehearsed(desk: &Desk, collectors: &[CollectorAddress]) -> Ended {
    let rehearsed = rehearse(desk.directory(), desk.identity(), desk.clock(), collectors);
    tokio::time::timeout(PATIENCE, rehearsed).await.ok()
}

/// What is said of its end.
pub(super) fn reply(visit: &Visit<'_>, ended: &Ended) -> Reply {
    match ended {
        Some(Ok(_)) => Reply::go_to("/"),
        Some(Err(fault)) => visit.refuse(&sentence(fault, visit.labels.language)),
        None => visit.refuse(words::REASON_TIMED_OUT.in_language(visit.labels.language)),
    }
}

fn sentence(fault: &RehearsalFault, language: Language) -> String {
    match fault {
        RehearsalFault::Link { reason, .. } => reason.phrase().in_language(language).to_owned(),
        RehearsalFault::Refused { refusal, detail } => {
            let why = refusal.phrase().in_language(language);
            fill(words::REHEARSAL_REFUSED, language, &[&why, &refusal.code(), detail])
        }
        other => other.to_string(),
    }
}
