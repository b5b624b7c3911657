//! The device has its papers: whose it is, how it is, and the rehearsal as the next step.

use std::time::Duration;

use askama::Template;
use saksi_proto::bundle::CollectorAddress;
use saksi_proto::text as words;

use super::enrol::text as enrol_text;
use super::reply::Reply;
use super::shell::Shell;
use super::site::Visit;
use super::text;
use crate::desk::{Check, Desk, Trouble};
use crate::rehearsal::{Greeting, RehearsalFault, greet};

/// The page.
pub(super) const PATH: &str = super::enrol::DONE;

/// For a handshake and a welcome, on a slow network.
const PATIENCE: Duration = Duration::from_secs(40);

/// Seconds that a device's clock may be off the centre's.
const CLOCK_TOLERANCE: u64 = 60;

#[derive(Template)]
#[template(path = "enrolled.html")]
struct Enrolled {
    shell: Shell,
    contests: Vec<String>,
    checks: Vec<Check>,
}

/// How the link is; `None` if nobody knows in time.
pub(super) type Link = Option<Result<Greeting, RehearsalFault>>;

/// Connects once to the first collector that answers.
pub(super) async fn link(desk: &Desk, collectors: &[CollectorAddress]) -> Link {
    let greeted = greet(desk.identity(), desk.clock(), collectors);
    tokio::time::timeout(PATIENCE, greeted).await.ok()
}

/// The page, with the link as it was found.
pub(super) fn page(visit: &Visit<'_>, link: &Link) -> Reply {
    let mut checks = match visit.desk.health(visit.labels.language) {
        Ok(checks) => checks,
        Err(fault) => return visit.trouble(&Trouble::of_store(&fault, visit.labels.language)),
    };
    checks.push(checked(visit, link));
    let contests = visit.desk.identity().election().contests.iter();
    let contests = contests.map(|contest| visit.labels.contest(contest.code)).collect();
    let shell = visit.shell(visit.voice().say(enrol_text::DONE));
    visit.render(&Enrolled { shell, contests, checks })
}

fn checked(visit: &Visit<'_>, link: &Link) -> Check {
    let voice = visit.voice();
    let (is_well, sentence) = match link {
        Some(Ok(greeting)) => match greeting.seconds_off() {
            0..=CLOCK_TOLERANCE => (true, voice.say(words::LINK_WELL).to_owned()),
            off => (false, voice.with(words::CLOCK_OFF, off)),
        },
        Some(Err(RehearsalFault::Link { reason, .. })) => {
            (false, voice.with(words::LINK_UNWELL, voice.say(reason.phrase())))
        }
        Some(Err(other)) => (false, voice.with(words::LINK_UNWELL, other)),
        None => (false, voice.with(words::LINK_UNWELL, voice.say(words::REASON_TIMED_OUT))),
    };
    Check { is_well, sentence, details: Vec::new() }
}
