//! The tally: what the forms in the log add up to. A pure fold; nothing else can
//! change a number.
//!
//! [`revisions`] decides how a station's forms stand, [`totals`] holds a region's
//! sums, and here the two meet: a form changes its station's standing, and the
//! difference goes up the tree of regions.

mod changes;
pub mod report;
pub mod revisions;
pub mod sums;
pub mod totals;

use rustc_hash::{FxBuildHasher, FxHashMap};
use saksi_proto::definition::{RegionIndex, StationIndex};
use saksi_proto::message::Standing;

use crate::election::Election;
use crate::reading::{Filed, FormName};
use changes::Changes;
use revisions::{Revisions, StationState};
use totals::{Contribution, RegionTotals};

/// The totals of every contest in every region.
#[derive(Debug)]
pub struct Tally {
    /// One for each contest of the election.
    contests: Vec<ContestTally>,
    /// Whose totals have changed since whoever copies them has asked.
    changes: Changes,
}

#[derive(Debug)]
struct ContestTally {
    /// Stations that have sent something.
    stations: FxHashMap<StationIndex, Revisions>,
    /// Regions with at least one station where the contest is held. With all its
    /// *dapil* a nation has 2,800 contests, each in a few regions.
    regions: FxHashMap<RegionIndex, RegionTotals>,
}

/// The totals of a region where a contest is not held.
static NOT_HELD: RegionTotals = RegionTotals::NONE;

impl Tally {
    /// The tally of an empty log: every station expected, none reported.
    #[must_use]
    pub fn new(election: &Election) -> Self {
        let definition = &election.definition;
        let contest_tally = |contest| {
            let mut regions: FxHashMap<_, RegionTotals> = FxHashMap::default();
            let stations = definition.stations_of(contest);
            for station in &stations {
                let registered = definition.stations()[*station as usize].registered.all;
                for region in definition.upwards(definition.region_of(*station)) {
                    regions.entry(region).or_default().expect(registered);
                }
            }
            // Room for all: a map that grows under a million stations moves each of them.
            let stations = FxHashMap::with_capacity_and_hasher(stations.len(), FxBuildHasher);
            ContestTally { stations, regions }
        };
        let contests = (0..definition.contests().len()).map(contest_tally).collect();
        Self { contests, changes: Changes::default() }
    }

    /// Folds in the form that stands at `index` of the log.
    pub fn add(&mut self, election: &Election, index: u64, filed: Filed) {
        self.add_to(election, index, filed, usize::MAX);
    }

    /// The same for the region that the station lies in, and no other: a replay adds
    /// millions of forms up once, at its end ([`Tally::carry_up`]).
    pub fn add_lowest(&mut self, election: &Election, index: u64, filed: Filed) {
        self.add_to(election, index, filed, 1);
    }

    fn add_to(&mut self, election: &Election, index: u64, filed: Filed, levels: usize) {
        let FormName { contest, station, .. } = filed.name;
        let tally = &mut self.contests[contest];
        let revisions = tally.stations.entry(station).or_default();
        let definition = &election.definition;
        let above = || definition.upwards(definition.region_of(station)).take(levels);
        let before = contribution(election, contest, station, revisions);
        if !matches!(before, Contribution::Nothing) {
            for region in above() {
                tally.regions.entry(region).or_default().take_back(&before);
            }
        }
        revisions.add(index, filed.report);
        let after = contribution(election, contest, station, revisions);
        for region in above() {
            tally.regions.entry(region).or_default().add(&after);
        }
        self.changes.note(contest, above());
    }

    /// From now on notes whose totals change. All of them, to begin with: contest and
    /// region, in no order.
    pub fn track_changes(&self) -> Vec<(usize, RegionIndex)> {
        self.changes.begin();
        let contests = self.contests.iter().enumerate();
        contests
            .flat_map(|(contest, tally)| tally.regions.keys().map(move |r| (contest, *r)))
            .collect()
    }

    /// Whose totals have changed since the last question; none if nobody tracks them.
    pub fn take_changes(&self) -> Vec<(usize, RegionIndex)> {
        self.changes.take()
    }

    /// The regions where a contest is held, in their order.
    #[must_use]
    pub fn regions(&self, contest: usize) -> Vec<RegionIndex> {
        let mut regions: Vec<_> = self.contests[contest].regions.keys().copied().collect();
        regions.sort_unstable();
        regions
    }

    /// Adds what [`Tally::add_lowest`] has added to the regions above.
    pub fn carry_up(&mut self, election: &Election) {
        let definition = &election.definition;
        let depth = |region: &RegionIndex| definition.upwards(*region).count();
        for tally in &mut self.contests {
            let mut regions: Vec<RegionIndex> = tally.regions.keys().copied().collect();
            // The lowest first, so that each is complete when it is added to its parent.
            regions.sort_by_cached_key(|region| std::cmp::Reverse(depth(region)));
            for region in regions {
                let Some(parent) = definition.upwards(region).nth(1) else { continue };
                let part = tally.regions.remove(&region).unwrap_or_default();
                tally.regions.entry(parent).or_default().add_reported(&part);
                tally.regions.insert(region, part);
            }
        }
    }

    /// The totals of a contest in a region.
    #[must_use]
    pub fn region(&self, contest: usize, region: RegionIndex) -> &RegionTotals {
        self.contests[contest].regions.get(&region).unwrap_or(&NOT_HELD)
    }

    /// What a station has sent for a contest.
    #[must_use]
    pub fn station(&self, contest: usize, station: StationIndex) -> Option<&Revisions> {
        self.contests[contest].stations.get(&station)
    }

    /// How one form of a station stands by now.
    #[must_use]
    pub fn standing(&self, contest: usize, station: StationIndex, index: u64) -> Option<Standing> {
        self.station(contest, station)?.standing(index)
    }
}

/// What a station adds to the totals of its regions as it stands.
fn contribution<'a>(
    election: &Election,
    contest: usize,
    station: StationIndex,
    revisions: &'a Revisions,
) -> Contribution<'a> {
    let corrected = revisions.is_corrected();
    match revisions.state() {
        StationState::Missing => Contribution::Nothing,
        StationState::Disputed => Contribution::Disputed { corrected },
        StationState::Held(head) => {
            let rules = election.form(contest).rules.len();
            Contribution::Held { corrected, broken: head.report.broken(), rules }
        }
        StationState::Counted(head) => {
            let counts = head.report.encoded_counts();
            let fields = election.layout(contest).fields().len();
            let registered = election.definition.stations()[station as usize].registered.all;
            Contribution::Counted { corrected, counts, fields, registered }
        }
    }
}

#[cfg(test)]
mod tests;
