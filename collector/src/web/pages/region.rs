//! The page of a region in one contest.

use askama::Template;
use saksi_proto::text;
use saksi_proto::text::site;

use super::figures::{self, Coverage, Figure, StateCount, VoteRow};
use super::map::Map;
use super::parts::{Order, PartsTable};
use super::progress::Progress;
use super::shell::{Address, Crumb, Shell, crumbs};
use super::state::StateMark;
use super::tiles::Tiles;
use crate::view::election::{ContestView, ElectionView};
use crate::view::listed::Kind;
use crate::view::region::{RegionView, StationRow};
use crate::web::links::Links;
use crate::web::locale::Locale;

/// A region as it is shown.
#[derive(Template)]
#[template(path = "region.html")]
pub(super) struct RegionPage {
    pub(super) shell: Shell,
    crumbs: Vec<Crumb>,
    name: String,
    code: String,
    level: String,
    contest: String,
    tabs: Vec<Tab>,
    /// Whether the contest is held here at all.
    held_here: bool,
    none_counted: bool,
    coverage: Coverage,
    states: Vec<StateCount>,
    corrected: String,
    /// The list of them.
    corrected_href: Option<String>,
    /// Said where a ruling stands on any.
    ruled: Option<String>,
    /// Rule and stations.
    held_by_rule: Vec<(String, String)>,
    votes: Vec<VoteRow>,
    /// What shares are of, where anything is counted.
    shares_of: Option<String>,
    totals: Vec<Figure>,
    definitions: Vec<(&'static str, &'static str)>,
    parts: Option<PartsTable>,
    map: Option<Map>,
    /// Where there is no map.
    tiles: Option<Tiles>,
    progress: Option<Progress>,
    stations: Vec<StationLine>,
}

/// A contest, as a link.
struct Tab {
    name: String,
    href: String,
    current: bool,
}

/// A station of the list.
pub(super) struct StationLine {
    pub code: String,
    pub name: String,
    pub href: Option<String>,
    pub mark: StateMark,
    pub corrected: bool,
    pub ruled: bool,
    pub findings: Vec<String>,
}

impl RegionPage {
    /// The page of a view.
    pub(super) fn new(
        election: &ElectionView,
        view: &RegionView,
        links: Links,
        order: Order,
    ) -> Self {
        let address = Address::Region(view.region.code, view.contest.code, order.in_link());
        let shell = Shell::new(election, &view.position, links, &address);
        let locale = shell.locale.clone();
        let contest = locale.text(&view.contest.name).to_owned();
        let held = view.totals.held_by_rule.iter();
        let map = Map::new(view, links, &locale);
        let tiles = if map.is_none() { Tiles::new(view, links, &locale) } else { None };
        Self {
            shell: shell.titled(&[&view.region.name, &contest]),
            crumbs: crumbs(&view.above, view.contest.code, links),
            name: view.region.name.clone(),
            code: view.region.code.to_string(),
            level: locale.text(&view.region.level_name).to_owned(),
            contest,
            tabs: tabs(&election.contests, view, links, &locale),
            held_here: view.totals.stations.expected + view.totals.stations.unopened > 0,
            none_counted: view.totals.stations.counted == 0,
            coverage: Coverage::new(&view.totals, &locale),
            states: states(view, links, &locale),
            corrected: locale.number(view.totals.stations.corrected),
            corrected_href: list(view, Kind::Corrected, links),
            ruled: Some(view.totals.stations.ruled)
                .filter(|ruled| *ruled > 0)
                .map(|ruled| locale.number(ruled)),
            held_by_rule: held
                .map(|(rule, stations)| (rule.to_string(), locale.number(*stations)))
                .collect(),
            votes: figures::votes(&view.contest, &view.totals, &locale),
            shares_of: figures::shares_of(&view.totals, &locale),
            totals: figures::totals(&view.totals, &locale),
            definitions: figures::definitions(&locale),
            parts: PartsTable::new(view, order, links, &locale),
            map,
            tiles,
            progress: Progress::new(view, &election.time_zone, &locale),
            stations: view.stations.iter().map(|row| station_line(row, links, &locale)).collect(),
        }
    }
}

/// The counts of stations, each with the list of them.
fn states(view: &RegionView, links: Links, locale: &Locale) -> Vec<StateCount> {
    let mut states = figures::states(&view.totals.stations, locale);
    for state in &mut states {
        state.href = Kind::of_state(state.state).and_then(|kind| list(view, kind, links));
    }
    states
}

/// The list of a region's stations that are such, if there are any.
fn list(view: &RegionView, kind: Kind, links: Links) -> Option<String> {
    let has_parts = !view.parts.is_empty();
    (kind.count(&view.totals.stations) > 0)
        .then(|| links.list((view.region.code, has_parts), view.contest.code, kind))?
}

fn tabs(contests: &[ContestView], view: &RegionView, links: Links, locale: &Locale) -> Vec<Tab> {
    let tab = |contest: &ContestView| Tab {
        name: locale.text(&contest.name).to_owned(),
        href: links.region(view.region.code, contest.code),
        current: contest.code == view.contest.code,
    };
    // One that is looked at where it is not held stays among them, to say so.
    let shown = |contest: &&ContestView| {
        view.contests_held.contains(&contest.code) || contest.code == view.contest.code
    };
    contests.iter().filter(shown).map(tab).collect()
}

pub(super) fn station_line(row: &StationRow, links: Links, locale: &Locale) -> StationLine {
    StationLine {
        code: row.code.to_string(),
        name: row.name.clone(),
        href: links.station(row.code, row.is_heard),
        mark: StateMark::of_station(row.state, locale),
        corrected: row.corrected,
        ruled: row.ruled,
        findings: row.findings.iter().map(ToString::to_string).collect(),
    }
}
