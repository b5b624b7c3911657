//! A region: its totals in one contest, its parts, its stations.

use std::collections::BTreeMap;
use std::sync::Arc;

use saksi_proto::count::Sum;
use saksi_proto::definition::{RegionIndex, StationIndex};
use saksi_proto::ids::{ContestCode, PartCode, StationCode};
use serde::Serialize;

use super::PositionView;
use super::decisions::{PublicationView, publication};
use super::election::{ContestView, contest_view};
use super::moment::Moment;
use super::place::{RegionName, region_name};
use super::state::{State, state_and_findings};
use crate::boundaries::drawing::Drawing;
use crate::boundaries::layout::Layout;
use crate::election::Election;
use crate::ledger::Ledger;
use crate::tally::arrivals::Series;
use crate::tally::ruled::Ruled;
use crate::tally::totals::RegionTotals;

/// A region and its totals in one contest.
#[derive(Debug, Clone, Serialize)]
pub struct RegionView {
    /// The region.
    pub region: RegionName,
    /// The regions it lies in, the whole first.
    pub above: Vec<RegionName>,
    /// The contest.
    pub contest: ContestView,
    /// Contests held in the region, in the order of the ballot.
    pub contests_held: Vec<ContestCode>,
    /// Whether totals are published.
    pub publication: PublicationView,
    /// How far the log was folded.
    pub position: PositionView,
    /// The region's totals.
    pub totals: TotalsView,
    /// Its parts with theirs, by code; their sum is the region's.
    pub parts: Vec<PartView>,
    /// Stations that lie directly in it and take part, by code.
    pub stations: Vec<StationRow>,
    /// When its stations were heard, of the whole and its parts.
    #[serde(skip)]
    pub arrivals: Option<Arc<Series>>,
    /// The map of its parts.
    #[serde(skip)]
    pub drawing: Option<Arc<Drawing>>,
    /// Where the tiles of its parts stand.
    #[serde(skip)]
    pub layout: Option<Arc<Layout>>,
}

/// A part of a region.
#[derive(Debug, Clone, Serialize)]
pub struct PartView {
    /// The part.
    pub region: RegionName,
    /// Its totals.
    pub totals: TotalsView,
}

/// Totals of one contest in one region. Only counted stations are in the sums.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TotalsView {
    /// Votes by candidate or party.
    pub votes: BTreeMap<PartCode, Sum>,
    /// Valid votes, if the form has such a line.
    pub valid: Option<Sum>,
    /// Invalid votes, if the form has such a line.
    pub invalid: Option<Sum>,
    /// Voters who voted, as the forms say.
    pub voters: Option<Sum>,
    /// Registered voters, as the forms say; turnout is `voters` of these.
    pub registered_on_forms: Option<Sum>,
    /// Stations by how they stand.
    pub stations: StationCounts,
    /// Registered voters by the register: coverage is `counted` of `expected`.
    pub registered: RegisteredCounts,
    /// Held stations by the hard rules they break; a station may break several.
    pub held_by_rule: BTreeMap<PartCode, u32>,
}

/// Stations of a region by how they stand in one contest.
/// expected = reported + missing; reported = counted + held + disputed + rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct StationCounts {
    /// Stations that are expected to report.
    pub expected: u32,
    /// Stations that have sent anything.
    pub reported: u32,
    /// Stations in the sums.
    pub counted: u32,
    /// Stations whose form breaks a hard rule.
    pub held: u32,
    /// Stations whose forms contradict each other.
    pub disputed: u32,
    /// Stations whose forms a ruling has rejected.
    pub rejected: u32,
    /// Stations that have sent nothing.
    pub missing: u32,
    /// Stations of the definition that are not expected: they did not open.
    pub unopened: u32,
    /// Stations that corrected a form, however they stand.
    pub corrected: u32,
    /// Stations on whose forms a ruling stands, however they stand.
    pub ruled: u32,
}

/// Registered voters of a region's stations, by the election definition and its amendments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct RegisteredCounts {
    /// Of all expected stations.
    pub expected: u64,
    /// Of the counted stations.
    pub counted: u64,
    /// Expected stations for which there is no number.
    pub unknown_stations: u32,
}

/// A station in the list of its region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StationRow {
    /// Names the station.
    pub code: StationCode,
    /// Its name for people.
    pub name: String,
    /// How it stands.
    pub state: State,
    /// Whether one of its forms was superseded by another.
    pub corrected: bool,
    /// Whether a ruling on its forms stands.
    pub ruled: bool,
    /// Codes of the rules that its current form breaks.
    pub findings: Vec<PartCode>,
    /// Whether there is anything on its page but that nothing has come.
    #[serde(skip)]
    pub is_heard: bool,
}

/// A region in a contest.
#[must_use]
pub fn region(ledger: &Ledger, contest: usize, region: RegionIndex) -> RegionView {
    let election = &ledger.election;
    let moment = Moment::now(ledger);
    let totals = |contest, region| {
        let totals = ledger.tally.region(contest, region);
        let view = || totals_view(election, contest, totals, |field| totals.sums.get(field));
        totals.is_held().then(view)
    };
    let contests = 0..election.definition.contests().len();
    let is_held = |contest: &usize| ledger.tally.region(*contest, region).is_held();
    RegionView {
        contests_held: contests.filter(is_held).map(|at| election.contest(at).code).collect(),
        publication: publication(ledger),
        position: PositionView::new(&ledger.position),
        stations: stations(moment, contest, region),
        arrivals: ledger.arrivals.of(contest, region),
        ..region_of(election, contest, region, totals)
    }
}

/// A region in a contest with its totals and parts, and without what else stands on its page.
/// `totals` gives those of a region in a contest, if it is held there.
#[must_use]
pub fn region_of(
    election: &Election,
    contest: usize,
    region: RegionIndex,
    totals: impl Fn(usize, RegionIndex) -> Option<TotalsView>,
) -> RegionView {
    let definition = &election.definition;
    let mut above: Vec<_> =
        definition.upwards(region).skip(1).map(|above| region_name(election, above)).collect();
    above.reverse();
    let parts = definition.children(region).iter().filter_map(|part| {
        let totals = totals(contest, *part)?;
        Some(PartView { region: region_name(election, *part), totals })
    });
    let code = definition.regions()[region as usize].code;
    let none = || totals_view(election, contest, &RegionTotals::NONE, |_| Sum::default());
    RegionView {
        region: region_name(election, region),
        above,
        contest: contest_view(election, contest),
        contests_held: Vec::new(),
        publication: PublicationView::open(),
        position: PositionView { size: 0, root: None, last_form_ms: None },
        totals: totals(contest, region).unwrap_or_else(none),
        parts: parts.collect(),
        stations: Vec::new(),
        arrivals: None,
        drawing: election.boundaries.drawing(code).cloned(),
        layout: election.boundaries.layout(code).cloned(),
    }
}

/// The stations that lie directly in a region and take part in a contest.
#[must_use]
pub fn stations(moment: Moment<'_>, contest: usize, region: RegionIndex) -> Vec<StationRow> {
    let definition = &moment.election().definition;
    let stations = definition.stations_in(region).iter();
    let stations = stations.filter(|station| definition.in_scope(contest, **station));
    stations.map(|station| station_row(moment, contest, *station)).collect()
}

/// Totals, the sum of each field as `sum` has it.
#[must_use]
pub fn totals_view(
    election: &Election,
    contest: usize,
    totals: &RegionTotals,
    sum: impl Fn(usize) -> Sum,
) -> TotalsView {
    let layout = election.layout(contest);
    let summary = layout.summary();
    let contestants = election.contest(contest).ballot.contestants();
    let votes = contestants.zip(layout.votes()).map(|((code, _), field)| (code, sum(*field)));
    let rules = &election.form(contest).rules;
    let held = rules.iter().zip(&totals.held_by_rule).filter(|(_, held)| **held > 0);
    TotalsView {
        votes: votes.collect(),
        valid: summary.valid.map(&sum),
        invalid: summary.invalid.map(&sum),
        voters: summary.voters.map(&sum),
        registered_on_forms: summary.registered.map(&sum),
        stations: station_counts(totals),
        registered: RegisteredCounts {
            expected: totals.registered,
            counted: totals.registered_counted,
            unknown_stations: totals.registered_unknown,
        },
        held_by_rule: held.map(|(rule, held)| (rule.code, *held)).collect(),
    }
}

/// The stations of a region by how they stand.
#[must_use]
pub fn station_counts(totals: &RegionTotals) -> StationCounts {
    StationCounts {
        expected: totals.expected,
        reported: totals.reported(),
        counted: totals.counted,
        held: totals.held,
        disputed: totals.disputed,
        rejected: totals.rejected,
        missing: totals.missing(),
        unopened: totals.unopened,
        corrected: totals.corrected,
        ruled: totals.ruled,
    }
}

fn station_row(moment: Moment<'_>, contest: usize, station: StationIndex) -> StationRow {
    let of = &moment.election().definition.stations()[station as usize];
    let (state, findings) = state_and_findings(moment, contest, station, true);
    let revisions = moment.revisions(contest, station);
    let ruling = moment.rulings(contest, station).last();
    StationRow {
        code: of.code,
        name: of.name.to_string(),
        state,
        corrected: revisions.is_some_and(|revisions| revisions.is_corrected()),
        ruled: ruling.is_some_and(Ruled::stands),
        findings,
        is_heard: moment.is_heard(station),
    }
}
