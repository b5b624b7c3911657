//! The acts in the log itself: of the desk, of the command line, and of nobody else. Read
//! from the end backwards, so many entries a page; those that are nobody's act are passed
//! over.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::routing::get;
use saksi_proto::definition::Definition;
use saksi_proto::entry::{Act, CodeScope, Entry, Warrant};
use saksi_proto::text::desk as text;
use serde::Deserialize;

use super::frame::Frame;
use super::{Answer, Route, page};
use crate::journal::{Journal, JournalFault};
use crate::slips;
use crate::staff::account::Scope;
use crate::staff::desk::Desk;
use crate::staff::signed_in::SignedIn;
use crate::storage::Storage as _;

/// Entries that are looked at for a page: 5 ms of processor where they are forms
/// (`national --desk`).
const LOOKED_AT: u64 = 20_000;

/// Most acts on a page; the older ones of the same entries are on the next.
const PAGE: usize = 200;

pub(super) fn routes() -> [Route; 1] {
    [("/activity/log", get(show))]
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Asked {
    by: String,
    kind: String,
    /// Entries before this one.
    before: String,
}

/// An act in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Logged {
    index: u64,
    at_ms: u64,
    kind: &'static str,
    place: String,
    act: Act,
}

/// The act of an entry, if it is one; and where.
fn act_of(index: u64, entry: Entry) -> Option<Logged> {
    let logged = |at_ms, kind, place: String, act| Some(Logged { index, at_ms, kind, place, act });
    match entry {
        Entry::Enrolment(it) => match it.warrant {
            Warrant::Bundle(act) => logged(it.at_ms, "device-issue", it.station.to_string(), act),
            Warrant::Code(_) => None,
        },
        Entry::Code(it) => {
            let place = match it.scope {
                CodeScope::Station(station) => station.to_string(),
                CodeScope::Region(region) => region.to_string(),
            };
            logged(it.at_ms, "code", place, it.act)
        }
        Entry::Revocation(it) => logged(it.at_ms, "device-revoke", it.station.to_string(), it.act),
        Entry::Ruling(it) => logged(it.at_ms, "ruling", it.station.to_string(), it.act),
        Entry::Amendment(it) => logged(it.at_ms, "amendment", it.station.to_string(), it.act),
        Entry::Pause(it) => {
            let kind = if it.paused { "publication-pause" } else { "publication-resume" };
            logged(it.at_ms, kind, String::new(), it.act)
        }
        Entry::Question(it) => logged(it.at_ms, "question", it.station.to_string(), it.act),
        Entry::Manifest(_) | Entry::Form(_) | Entry::Evidence(_) | Entry::Rehearsal(_) => None,
    }
}

/// Whether an act is in a region: that of the whole, or of a place in it.
fn is_inside(definition: &Definition, scope: Scope, place: &str) -> bool {
    let station = place.parse().ok().and_then(|code| definition.station(code));
    let region = place.parse().ok().and_then(|code| definition.region(code));
    scope == Scope::Whole
        || station.is_some_and(|station| scope.holds(definition, station))
        || region.is_some_and(|region| scope.holds_region(definition, region))
}

#[derive(Template)]
#[template(path = "staff/logged.html")]
struct LoggedPage {
    frame: Frame,
    asked: Asked,
    rows: Vec<Row>,
    looked: String,
    next: Option<String>,
}

struct Row {
    index: u64,
    time: String,
    who: String,
    kind: &'static str,
    place: String,
    reason: String,
}

async fn show(State(desk): State<Arc<Desk>>, by: SignedIn, Query(asked): Query<Asked>) -> Answer {
    let size = desk.look(|ledger| ledger.position.size).await?;
    let end = asked.before.parse().unwrap_or(size).min(size);
    let begin = end.saturating_sub(LOOKED_AT);
    let (shared, scope, wanted) = (Arc::clone(&desk), by.account.scope, asked.clone());
    let read = desk.by_hand(move || -> Result<Vec<Logged>, JournalFault> {
        let definition = &shared.election.definition;
        let journal = Journal::open_to_read(&shared.home.journal())?;
        let (mut found, mut index) = (Vec::new(), begin);
        journal.for_each_entry_of(begin..end, |bytes| {
            // An entry that cannot be read is `journal verify`'s to name.
            let logged = Entry::decode(bytes).ok().and_then(|entry| act_of(index, entry));
            found.extend(logged.filter(|it| {
                is_inside(definition, scope, &it.place)
                    && (wanted.by.trim().is_empty()
                        || it.act.by.to_lowercase().contains(&wanted.by.trim().to_lowercase()))
                    && (wanted.kind.is_empty() || it.kind == wanted.kind)
            }));
            index += 1;
            Ok::<_, JournalFault>(())
        })?;
        Ok(found)
    });
    let mut found =
        read.await?.map_err(|fault| super::refused::Refused::Fault(fault.to_string()))?;
    found.reverse();
    let is_more = found.len() > PAGE;
    found.truncate(PAGE);
    // Where the page ends the next one goes on.
    let last = found.last().filter(|_| is_more).map_or(begin, |last| last.index);
    let next = (last > 0).then(|| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("by", &asked.by).append_pair("kind", &asked.kind);
        query.append_pair("before", &last.to_string()).finish()
    });
    let frame = Frame::new(&desk.election, &by, "/activity", "").titled(text::ACTIVITY_LOG);
    let zone = &desk.election.definition.head().time_zone;
    let rows = found.into_iter().map(|it| Row {
        index: it.index,
        time: slips::sheet::minute(it.at_ms, zone),
        who: it.act.by,
        kind: it.kind,
        place: it.place,
        reason: it.act.reason,
    });
    let looked = frame.locale.fill(text::LOOKED_ENTRIES, &[&last, &end]);
    page(&LoggedPage { rows: rows.collect(), looked, next, asked, frame })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn an_act_in_the_log_has_its_place_and_only_staff_act() {
        let enrolment = sample::enrolments().remove(0);
        let logged = act_of(7, Entry::Enrolment(enrolment)).unwrap();
        assert_eq!((logged.index, logged.kind, logged.place.as_str()), (7, "device-issue", "1001"));
        let form = sample::arrival(&sample::sealed(&sample::form("1001", [1, 2, 3])));
        assert_eq!(act_of(8, form), None);
        let election = sample::election();
        let inside = |region: &str, place: &str| {
            is_inside(&election.definition, Scope::Region(region.parse().unwrap()), place)
        };
        assert!(inside("1", "1001") && inside("1", "1") && !inside("1", "2001"));
        assert!(!inside("1", "") && !inside("1", "0"));
        assert!(is_inside(&election.definition, Scope::Whole, ""));
    }
}
