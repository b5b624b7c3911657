//! How far the stations of an export have come: what statuses are made of.

use rustc_hash::FxHashMap;
use saksi_proto::definition::{RegionIndex, StationIndex};

use super::content::{Export, Unit};
use crate::tally::totals::RegionTotals;
use crate::view::moment::Moment;
use crate::view::state::{State, state};

/// How far a count has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Nothing has come.
    Nothing,
    /// Something is missing, held or disputed.
    Partial,
    /// Every expected station is counted, or its forms are rejected by a ruling.
    Complete,
}

impl Progress {
    /// Of one contest in a region.
    #[must_use]
    pub fn of(totals: &RegionTotals) -> Self {
        match (open(totals), totals.reported()) {
            (0, _) => Self::Complete,
            (_, 0) => Self::Nothing,
            _ => Self::Partial,
        }
    }

    /// Of all contests of an export.
    #[must_use]
    pub fn of_all(export: &Export<'_>) -> Self {
        let each = export.contests.iter();
        let each: Vec<_> =
            each.map(|contest| Self::of(export.totals(*contest, export.region))).collect();
        match each.first() {
            Some(first) if each.iter().all(|progress| progress == first) => *first,
            _ => Self::Partial,
        }
    }
}

/// Expected stations that are missing, held or disputed.
#[must_use]
pub fn open(totals: &RegionTotals) -> u32 {
    totals.missing() + totals.held + totals.disputed
}

/// How a station stands in a contest.
#[must_use]
pub fn state_of(export: &Export<'_>, contest: usize, station: StationIndex) -> State {
    state(Moment::now(&export.folded.ledger), contest, station)
}

/// The word for a state, which is the API's.
#[must_use]
pub fn word(state: State) -> &'static str {
    match state {
        State::Missing => "missing",
        State::Counted => "counted",
        State::Held => "held",
        State::Disputed => "disputed",
        State::Rejected => "rejected",
        State::Unopened => "unopened",
    }
}

/// Stations of a unit over all exported contests together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stations {
    /// Stations from which anything is expected.
    pub expected: u64,
    /// Those of them that have sent anything.
    pub begun: u64,
    /// Those that are counted or rejected in every contest that is held there.
    pub settled: u64,
    /// Registered voters of the expected stations.
    pub registered: u64,
    /// Expected stations whose registered voters are not known.
    pub unknown: u64,
}

impl Stations {
    /// How far they have come.
    #[must_use]
    pub fn progress(&self) -> Progress {
        match self {
            Self { expected, settled, .. } if expected == settled => Progress::Complete,
            Self { begun: 0, .. } => Progress::Nothing,
            _ => Progress::Partial,
        }
    }

    /// Registered voters, if all are known and somebody is expected.
    #[must_use]
    pub fn registered(&self) -> Option<u64> {
        (self.unknown == 0 && self.expected > 0).then_some(self.registered)
    }

    fn of(export: &Export<'_>, station: StationIndex) -> Self {
        let definition = export.definition();
        let held = export.contests.iter().filter(|c| definition.in_scope(**c, station));
        let states: Vec<_> = held.map(|contest| state_of(export, *contest, station)).collect();
        let is_done = |state: &State| matches!(state, State::Counted | State::Rejected);
        let is_none = |state: &State| *state == State::Unopened;
        if states.iter().all(is_none) {
            return Self::default();
        }
        // Of a contest from which nothing is expected nothing is waited for.
        let settled = states.iter().all(|state| is_done(state) || is_none(state));
        let begun = states.iter().any(|state| !is_none(state) && *state != State::Missing);
        let registered = export.registered(station);
        Self {
            expected: 1,
            begun: u64::from(begun),
            settled: u64::from(settled),
            registered: u64::from(registered.unwrap_or(0)),
            unknown: u64::from(registered.is_none()),
        }
    }

    fn add(&mut self, other: Self) {
        self.expected += other.expected;
        self.begun += other.begun;
        self.settled += other.settled;
        self.registered += other.registered;
        self.unknown += other.unknown;
    }
}

/// The stations of every unit of an export: 40 bytes a region; a station's are made when they
/// are asked for.
pub struct Coverage<'a> {
    export: &'a Export<'a>,
    regions: FxHashMap<RegionIndex, Stations>,
}

impl<'a> Coverage<'a> {
    /// Looks at every station of the region once.
    #[must_use]
    pub fn of(export: &'a Export<'a>) -> Self {
        let definition = export.definition();
        let mut regions = FxHashMap::default();
        let mut below = vec![export.region];
        while let Some(region) = below.pop() {
            below.extend(definition.children(region));
            let mut here = Stations::default();
            for station in definition.stations_in(region) {
                here.add(Stations::of(export, *station));
            }
            for above in definition.upwards(region) {
                regions.entry(above).or_insert_with(Stations::default).add(here);
                if above == export.region {
                    break;
                }
            }
        }
        Self { export, regions }
    }

    /// The stations of a unit.
    #[must_use]
    pub fn stations(&self, unit: Unit) -> Stations {
        match unit {
            Unit::Region(region) => self.regions.get(&region).copied().unwrap_or_default(),
            Unit::Station(station) => Stations::of(self.export, station),
        }
    }
}
