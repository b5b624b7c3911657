//! *Belum masuk*: the stations that have not reported, region by region, with their devices
//! and when these were last there.

use std::ops::Range;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::routing::get;
use saksi_proto::definition::RegionIndex;
use saksi_proto::text::desk as text;
use serde::Deserialize;

use super::file::{Gone, file};
use super::frame::Frame;
use super::place::{self, RegionLink};
use super::refused::Refused;
use super::told::age;
use super::{Answer, Route, page};
use crate::presence::{self, Sightings};
use crate::staff::desk::{Desk, DeskFault};
use crate::staff::signed_in::SignedIn;
use crate::staff::unheard::{Reported, Unheard, Wanted, reported, unheard};
use crate::{clock, slips};

/// Stations on a page.
const PAGE: usize = 50;

/// The word for the order by what is missing.
const MOST: &str = "most";

/// Stations in a piece of a file.
const PIECE: usize = 1_000;

pub(super) fn routes() -> [Route; 2] {
    [("/missing", get(show)), ("/missing.csv", get(download))]
}

/// What a request asks for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Asked {
    region: String,
    contest: String,
    q: String,
    /// `most`: the regions that lack most come first; else they stand by code.
    parts: String,
    /// The last station of the page before.
    after: String,
}

/// What it asks for, as far as it is there.
struct Sought {
    region: RegionIndex,
    wanted: Wanted,
    /// Where the page begins.
    from: usize,
    until: usize,
}

impl Sought {
    fn of(desk: &Desk, by: &SignedIn, asked: &Asked) -> Result<Self, Refused> {
        let definition = &desk.election.definition;
        let scope = by.account.scope;
        let region = place::region(definition, scope, &asked.region)?;
        let contests = if asked.contest.is_empty() {
            (0..definition.contests().len()).collect()
        } else {
            let contest = asked.contest.parse().ok().and_then(|code| definition.contest(code));
            vec![contest.ok_or(Refused::NotThere)?]
        };
        let Range { start: from, end: until } = place::from(desk, scope, region, &asked.after)?;
        let search = asked.q.trim().to_lowercase();
        Ok(Self { region, wanted: Wanted { contests, search }, from, until })
    }
}

/// Looks for stations from a place on, until there are `room` or the region ends; gives them,
/// and where to go on.
async fn look(
    desk: &Arc<Desk>,
    wanted: &Wanted,
    (mut at, until): (usize, usize),
    room: usize,
) -> Result<(Vec<Unheard>, usize), DeskFault> {
    let mut found = Vec::new();
    while at < until && found.len() < room {
        let (wanted, left, shared) = (wanted.clone(), room - found.len(), Arc::clone(desk));
        let look = move |ledger: &crate::ledger::Ledger| {
            unheard(ledger, &shared.order, at..until, &wanted, left)
        };
        let (more, next) = desk.look(look).await?;
        found.extend(more);
        at = next;
    }
    Ok((found, at))
}

/// When the devices of these stations were last there.
async fn seen(desk: &Arc<Desk>, of: &[Unheard]) -> Result<Sightings, DeskFault> {
    let keys: Vec<_> = of.iter().filter_map(|station| station.key).collect();
    let path = desk.home.presence();
    // Of a damaged file nothing is known; the program's log says why when it is written.
    desk.by_hand(move || presence::read_of(&path, &keys).unwrap_or_default()).await
}

#[derive(Template)]
#[template(path = "staff/missing.html")]
struct MissingPage {
    frame: Frame,
    way: Vec<RegionLink>,
    region: RegionLink,
    parts: Vec<Part>,
    missing: String,
    expected: String,
    /// Whether the parts that lack most come first, and the query of the other order.
    by_most: bool,
    other_order: String,
    contests: Vec<Choice>,
    q: String,
    rows: Vec<Row>,
    /// The query of the next page.
    next: Option<String>,
    /// The query of this list, for its file.
    query: String,
}

/// A part of the region.
struct Part {
    link: RegionLink,
    missing: String,
    expected: String,
}

/// A contest to choose.
struct Choice {
    code: String,
    name: String,
    current: bool,
}

/// A station.
struct Row {
    code: String,
    name: String,
    place: String,
    contests: String,
    device: &'static str,
    /// How long ago its device was there, and when.
    seen: String,
    at: Option<String>,
}

async fn show(State(desk): State<Arc<Desk>>, by: SignedIn, Query(asked): Query<Asked>) -> Answer {
    let sought = Sought::of(&desk, &by, &asked)?;
    let definition = &desk.election.definition;
    let frame = Frame::new(&desk.election, &by, "/missing", "");
    let frame = frame.titled(text::MISSING);
    let (found, at) = look(&desk, &sought.wanted, (sought.from, sought.until), PAGE).await?;
    let sightings = seen(&desk, &found).await?;
    let (parts, contests, region) = (
        definition.children(sought.region).to_vec(),
        sought.wanted.contests.clone(),
        sought.region,
    );
    let of_parts = parts.clone();
    let (sums, whole) = desk
        .look(move |ledger| {
            let of = |region: &RegionIndex| reported(ledger, &contests, *region);
            (of_parts.iter().map(of).collect::<Vec<_>>(), of(&region))
        })
        .await?;
    let number = |number: u64| frame.locale.number(number);
    let part = |(region, sum): (&RegionIndex, Reported)| Part {
        link: place::link(definition, *region),
        missing: number(sum.missing),
        expected: number(sum.expected),
    };
    let mut some: Vec<_> = parts.iter().zip(sums).filter(|(_, sum)| sum.missing > 0).collect();
    let by_most = asked.parts == MOST;
    if by_most {
        // A region has some hundred parts at most; of the same number the order of codes stays.
        some.sort_by_key(|(_, sum)| std::cmp::Reverse(sum.missing));
    }
    let (zone, now_ms) = (definition.head().time_zone.clone(), clock::now_ms());
    let rows = found.iter().map(|station| {
        let [code, name, place, contests, _, seen, _] =
            cells(&desk, station, &sightings, &zone, now_ms);
        let device = frame.say(device(station, &seen));
        let ago = |ms| frame.locale.fill(text::AGO, &[&age(&frame, ms, now_ms)]);
        let (seen, at) = match seen_ms(station, &sightings) {
            Some(ms) => (ago(ms), Some(seen)),
            None => ("–".to_owned(), None),
        };
        Row { code, name, place, contests, device, seen, at }
    });
    let rows = rows.collect();
    let query = |after: Option<&str>| query(&asked, after);
    let next = found.last().filter(|_| at < sought.until);
    let next = next.map(|last| query(Some(last.code.as_str())));
    let choices = definition.contests().iter().map(|contest| Choice {
        code: contest.code.to_string(),
        name: frame.of_election(&contest.name, &desk.election),
        current: contest.code.as_str() == asked.contest,
    });
    page(&MissingPage {
        way: place::way(definition, by.account.scope, sought.region),
        region: place::link(definition, sought.region),
        parts: some.into_iter().map(part).collect(),
        missing: number(whole.missing),
        expected: number(whole.expected),
        contests: choices.collect(),
        by_most,
        other_order: {
            let parts = if by_most { "" } else { MOST }.to_owned();
            self::query(&Asked { parts, ..asked.clone() }, None)
        },
        q: asked.q.clone(),
        rows,
        next,
        query: query(None),
        frame,
    })
}

/// How a station stands with its device, in words.
fn device(station: &Unheard, seen: &str) -> saksi_proto::text::Phrase {
    match (station.key, station.is_tested) {
        (None, _) => text::NO_DEVICE,
        (Some(_), true) => text::TESTED,
        (Some(_), false) if seen.is_empty() => text::NEVER_SEEN,
        (Some(_), false) => text::ENROLLED,
    }
}

fn query(asked: &Asked, after: Option<&str>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    let after = after.unwrap_or("");
    let all = [
        ("region", &*asked.region),
        ("contest", &*asked.contest),
        ("q", &*asked.q),
        ("parts", &*asked.parts),
        ("after", after),
    ];
    for (name, value) in all.into_iter().filter(|(_, value)| !value.is_empty()) {
        query.append_pair(name, value);
    }
    query.finish()
}

/// When a station's device was last there.
fn seen_ms(station: &Unheard, sightings: &Sightings) -> Option<u64> {
    station.key.and_then(|key| sightings.get(&key)).and_then(|it| it.seen_ms)
}

const COLUMNS: [&str; 7] =
    ["station", "name", "region", "missing_contests", "device", "last_seen", "minutes_since"];

fn cells(
    desk: &Desk,
    station: &Unheard,
    sightings: &Sightings,
    zone: &str,
    now_ms: u64,
) -> [String; 7] {
    let definition = &desk.election.definition;
    let seen_ms = seen_ms(station, sightings);
    let contests = station.contests.iter().map(ToString::to_string).collect::<Vec<_>>();
    let device = match (station.key, station.is_tested) {
        (None, _) => "none",
        (Some(_), false) => "enrolled",
        (Some(_), true) => "tested",
    };
    let age = seen_ms.map(|ms| now_ms.saturating_sub(ms) / 60_000);
    [
        station.code.to_string(),
        definition.stations()[station.index as usize].name.to_string(),
        place::whereabouts(definition, station.index),
        contests.join(" "),
        device.to_owned(),
        seen_ms.map(|ms| slips::sheet::minute(ms, zone)).unwrap_or_default(),
        age.map(|minutes| minutes.to_string()).unwrap_or_default(),
    ]
}

async fn download(
    State(desk): State<Arc<Desk>>,
    by: SignedIn,
    Query(asked): Query<Asked>,
) -> Answer {
    let Sought { wanted, from, until, .. } = Sought::of(&desk, &by, &asked)?;
    let shared = Arc::clone(&desk);
    file(&desk, "missing.csv", move |mut file| async move {
        let zone = shared.election.definition.head().time_zone.clone();
        let now_ms = clock::now_ms();
        file.write([COLUMNS.map(str::to_owned)]).await?;
        let mut at = from;
        while at < until {
            let (found, next) =
                look(&shared, &wanted, (at, until), PIECE).await.map_err(|_| Gone)?;
            let sightings = seen(&shared, &found).await.map_err(|_| Gone)?;
            let rows = found.iter().map(|of| cells(&shared, of, &sightings, &zone, now_ms));
            file.write(rows.collect::<Vec<_>>()).await?;
            at = next;
        }
        Ok(())
    })
}
