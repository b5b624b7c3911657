//! The stations' devices, as `device list` has them: a filter, a search, pages and a file.

use std::ops::Range;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::routing::get;
use saksi_proto::text::desk as text;
use serde::Deserialize;

use super::file::{Gone, file};
use super::frame::Frame;
use super::place::{self, RegionLink};
use super::refused::Refused;
use super::{Answer, Route, page};
use crate::staff::desk::{Desk, DeskFault};
use crate::staff::signed_in::SignedIn;
use crate::staff::unheard::is_sought;
use crate::view::devices::{COLUMNS, DeviceState, DeviceView, Filter, devices, states};
use crate::{clock, presence, slips};

/// Stations on a page.
const PAGE: usize = 50;

/// Stations that are looked at in one piece: in a nation 0.04 ms under the ledger's lock, 99 of
/// 100 times 0.2 ms at most (`national --desk`).
const PIECE: usize = 500;

/// Stations in the first piece of a page, which fills most pages; each further one has twice
/// as many, up to [`PIECE`].
const FIRST: usize = 2 * PAGE;

/// Most devices that are looked up in the file of sightings for one page, at 5 µs of processor
/// each (`national --desk`): half a second, where nothing is found of all that were seen. A page that finds
/// fewer stations than it has room for says how far it has come.
const LOOKED_UP: usize = 100_000;

pub(super) fn routes() -> [Route; 2] {
    [("/devices", get(show)), ("/devices.csv", get(download))]
}

/// What a request asks for. Of a number that is none nothing is asked.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Asked {
    region: String,
    q: String,
    state: String,
    /// `never-seen`, `not-tested` or `saw-other-log`.
    only: String,
    silent: String,
    ending: String,
    clock_off: String,
    version: String,
    after: String,
}

impl Asked {
    fn filter(&self) -> Filter {
        let number = |text: &str| text.trim().parse().ok();
        let state = DeviceState::ALL.into_iter().find(|state| state.name() == self.state);
        let version = Some(self.version.trim().to_owned());
        Filter {
            state,
            never_seen: self.only == "never-seen",
            not_tested: self.only == "not-tested",
            saw_other_log: self.only == "saw-other-log",
            silent_hours: number(&self.silent),
            ending_days: number(&self.ending),
            clock_off_seconds: number(&self.clock_off),
            version: version.filter(|version| !version.is_empty()),
        }
    }

    /// Whether one of the filters is used that are folded away otherwise.
    fn is_fine(&self) -> bool {
        let folded = [&self.silent, &self.ending, &self.clock_off, &self.version];
        folded.iter().any(|text| !text.is_empty())
    }

    fn query(&self, after: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let all = [
            ("region", self.region.as_str()),
            ("q", &self.q),
            ("state", &self.state),
            ("only", &self.only),
            ("silent", &self.silent),
            ("ending", &self.ending),
            ("clock_off", &self.clock_off),
            ("version", &self.version),
            ("after", after),
        ];
        for (name, value) in all.into_iter().filter(|(_, value)| !value.is_empty()) {
            query.append_pair(name, value);
        }
        query.finish()
    }
}

/// What is looked for, and where.
#[derive(Clone)]
struct Sought {
    filter: Filter,
    search: String,
    now_ms: u64,
}

/// Looks at a piece of the order. Gives the stations that are asked for, and how many were
/// looked up in the file of sightings: those of which the roster does not say already that
/// nobody asks for them.
async fn look(
    desk: &Arc<Desk>,
    sought: &Sought,
    range: Range<usize>,
) -> Result<(Vec<DeviceView>, usize), DeskFault> {
    let (shared, sought, days) = (Arc::clone(desk), sought.clone(), desk.certificate_days);
    desk.by_hand(move || {
        let definition = &shared.election.definition;
        let is_sought = |station: &&u32| {
            let of = &definition.stations()[**station as usize];
            is_sought(of.code.as_str(), &of.name, &sought.search)
        };
        let stations = shared.order.stations(range).iter().filter(is_sought).copied();
        let mut stations: Vec<_> = stations.collect();
        let read = || shared.ledger.read().map_err(|_| DeskFault::Ledger);
        let ledger = read()?;
        let state_of = states(&ledger, sought.now_ms);
        stations.retain(|of| sought.filter.may_hold(state_of(*of)));
        let keys: Vec<_> = stations.iter().filter_map(|of| ledger.roster.key(*of)).collect();
        drop(state_of);
        drop(ledger);
        // Of a damaged file nothing is known; the program's log says why when it is written.
        let sightings = presence::read_of(&shared.home.presence(), &keys).unwrap_or_default();
        let mut shown = devices(&*read()?, &sightings, stations, days, sought.now_ms);
        shown.retain(|view| sought.filter.holds(view, sought.now_ms));
        Ok((shown, keys.len()))
    })
    .await?
}

/// The devices of some stations, as they are now.
pub(super) async fn of_station(desk: &Arc<Desk>, station: u32) -> Result<DeviceView, Refused> {
    let (search, now_ms) = (String::new(), clock::now_ms());
    let sought = Sought { filter: Filter::default(), search, now_ms };
    let at = desk.order.place(station);
    let (found, _) = look(desk, &sought, at..at + 1).await?;
    found.into_iter().next().ok_or(Refused::NotThere)
}

#[derive(Template)]
#[template(path = "staff/devices.html")]
struct DevicesPage {
    frame: Frame,
    way: Vec<RegionLink>,
    region: RegionLink,
    parts: Vec<RegionLink>,
    asked: Asked,
    states: Vec<(&'static str, &'static str)>,
    onlys: Vec<(&'static str, &'static str)>,
    rows: Vec<Row>,
    /// The query of the next page.
    next: Option<String>,
    query: String,
    /// How far it was looked, where the page could not be filled.
    cut_at: Option<String>,
}

/// A station.
struct Row {
    code: String,
    name: String,
    state: &'static str,
    seen: String,
    clock_off: String,
    version: String,
    until: String,
    doubt: bool,
}

async fn show(State(desk): State<Arc<Desk>>, by: SignedIn, Query(asked): Query<Asked>) -> Answer {
    let definition = &desk.election.definition;
    let scope = by.account.scope;
    let region = place::region(definition, scope, &asked.region)?;
    let range = place::from(&desk, scope, region, &asked.after)?;
    let (search, now_ms) = (asked.q.trim().to_lowercase(), clock::now_ms());
    let sought = Sought { filter: asked.filter(), search, now_ms };
    let (mut found, mut at, mut looked_up, mut piece) = (Vec::new(), range.start, 0, FIRST);
    // One more than a page has: whether there is another.
    while at < range.end && found.len() <= PAGE && looked_up < LOOKED_UP {
        let next = (at + piece).min(range.end);
        let (more, of_these) = look(&desk, &sought, at..next).await?;
        found.extend(more);
        looked_up += of_these;
        (at, piece) = (next, (2 * piece).min(PIECE));
    }
    let is_more = found.len() > PAGE;
    found.truncate(PAGE);
    let last = if is_more {
        found.last().map(|view| view.station)
    } else {
        let before = desk.order.stations(at.saturating_sub(1)..at).first().copied();
        before.filter(|_| at < range.end).map(|of| definition.stations()[of as usize].code)
    };
    let frame = Frame::new(&desk.election, &by, "/devices", "").titled(text::DEVICES);
    let zone = &definition.head().time_zone;
    let parts = definition.children(region).iter().map(|part| place::link(definition, *part));
    let states = DeviceState::ALL.map(|state| (state.name(), frame.say(state_word(state))));
    let onlys = [
        ("never-seen", text::NEVER_SEEN),
        ("not-tested", text::ENROLLED),
        ("saw-other-log", text::SAW_OTHER_LOG),
    ];
    page(&DevicesPage {
        way: place::way(definition, scope, region),
        region: place::link(definition, region),
        parts: parts.collect(),
        states: states.into(),
        onlys: onlys.map(|(name, word)| (name, frame.say(word))).into(),
        rows: found.iter().map(|view| row(view, zone, &frame)).collect(),
        next: last.map(|last| asked.query(last.as_str())),
        cut_at: last.filter(|_| !is_more).map(|last| last.to_string()),
        query: asked.query(""),
        asked,
        frame,
    })
}

/// A state in words.
pub(super) fn state_word(state: DeviceState) -> saksi_proto::text::Phrase {
    match state {
        DeviceState::NoCode => text::STATE_NO_CODE,
        DeviceState::CodeOpen => text::STATE_CODE_OPEN,
        DeviceState::CodeExpired => text::STATE_CODE_EXPIRED,
        DeviceState::Enrolled => text::ENROLLED,
        DeviceState::Tested => text::TESTED,
        DeviceState::Revoked => text::STATE_REVOKED,
    }
}

fn minute(ms: Option<u64>, zone: &str) -> String {
    ms.map_or_else(String::new, |ms| slips::sheet::minute(ms, zone))
}

fn row(view: &DeviceView, zone: &str, frame: &Frame) -> Row {
    let seconds = view.clock_off_ms.map(|off| off / 1_000).filter(|seconds| *seconds != 0);
    Row {
        code: view.station.to_string(),
        name: view.name.clone(),
        state: frame.say(state_word(view.state)),
        seen: minute(view.seen_ms, zone),
        clock_off: seconds.map(|seconds| format!("{seconds:+} s")).unwrap_or_default(),
        version: view.version.clone().unwrap_or_default(),
        until: minute(view.certified_until_ms.or(view.code_until_ms), zone),
        doubt: view.doubt.is_some(),
    }
}

async fn download(
    State(desk): State<Arc<Desk>>,
    by: SignedIn,
    Query(asked): Query<Asked>,
) -> Answer {
    let definition = &desk.election.definition;
    let region = place::region(definition, by.account.scope, &asked.region)?;
    let range = desk.order.range(region);
    let (search, now_ms) = (asked.q.trim().to_lowercase(), clock::now_ms());
    let sought = Sought { filter: asked.filter(), search, now_ms };
    let shared = Arc::clone(&desk);
    file(&desk, "devices.csv", move |mut file| async move {
        let zone = shared.election.definition.head().time_zone.clone();
        file.write([COLUMNS.map(str::to_owned)]).await?;
        let mut at = range.start;
        while at < range.end {
            let next = (at + PIECE).min(range.end);
            let (found, _) = look(&shared, &sought, at..next).await.map_err(|_| Gone)?;
            file.write(found.iter().map(|view| view.cells(&zone)).collect::<Vec<_>>()).await?;
            at = next;
        }
        Ok(())
    })
}
