//! The tally: what the forms in the log add up to. A pure fold; nothing else can
//! change a number.
//!
//! [`revisions`] decides how a station's forms stand, under the rulings on them
//! ([`ruled`]); [`register`] knows what is expected of whom; [`totals`] holds a region's
//! sums, and here they meet: an entry changes how its station stands, and the difference
//! goes up the tree of regions. [`queue`] knows who waits for a ruling, [`arrivals`] counts when
//! stations were heard.

pub mod arrivals;
pub mod changes;
pub mod queue;
pub mod register;
pub mod report;
pub mod revisions;
pub mod ruled;
pub mod sums;
pub mod totals;

use rustc_hash::{FxBuildHasher, FxHashMap};
use saksi_proto::definition::{RegionIndex, StationIndex};
use saksi_proto::message::Standing;

use crate::election::Election;
use crate::reading::{Filed, FormName};
use changes::Changes;
use queue::{Queue, Waiting, since_ms};
use register::{Amending, Expectation, Register};
use revisions::{Revisions, StationState};
use ruled::Ruled;
use totals::{Contribution, RegionTotals, Share};

/// The totals of every contest in every region.
#[derive(Debug)]
pub struct Tally {
    /// One for each contest of the election.
    contests: Vec<ContestTally>,
    register: Register,
    queue: Queue,
    /// Whose totals have changed since whoever copies them has asked.
    changes: Changes<(usize, RegionIndex)>,
}

#[derive(Debug)]
struct ContestTally {
    /// Stations that have sent something.
    stations: FxHashMap<StationIndex, Revisions>,
    /// Rulings on their forms, in the order of the log. Few stations have any.
    rulings: FxHashMap<StationIndex, Vec<Ruled>>,
    /// Regions with at least one station where the contest is held. With all its
    /// *dapil* a nation has 2,800 contests, each in a few regions.
    regions: FxHashMap<RegionIndex, RegionTotals>,
}

/// How far up a difference goes: the regions above a station, or the one that it lies in.
/// A replay adds millions of forms up once, at its end ([`Tally::carry_up`]). What is
/// expected always goes all the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// All regions above the station.
    All,
    /// The lowest.
    Lowest,
}

/// The totals of a region where a contest is not held.
static NOT_HELD: RegionTotals = RegionTotals::NONE;

impl Tally {
    /// The tally of an empty log: every station expected, none reported.
    #[must_use]
    pub fn new(election: &Election) -> Self {
        let definition = &election.definition;
        let register = Register::default();
        let contest_tally = |contest| {
            let mut regions: FxHashMap<_, RegionTotals> = FxHashMap::default();
            let stations = definition.stations_of(contest);
            for station in &stations {
                let expectation = register.expectation(election, *station, false);
                for region in definition.upwards(definition.region_of(*station)) {
                    regions.entry(region).or_default().expect(expectation);
                }
            }
            // Room for all: a map that grows under a million stations moves each of them.
            let stations = FxHashMap::with_capacity_and_hasher(stations.len(), FxBuildHasher);
            ContestTally { stations, rulings: FxHashMap::default(), regions }
        };
        let contests = (0..definition.contests().len()).map(contest_tally).collect();
        let (queue, changes) = (Queue::default(), Changes::default());
        Self { contests, register, queue, changes }
    }

    /// Folds in the form that stands at `index` of the log.
    pub fn add(&mut self, election: &Election, reach: Reach, index: u64, filed: Filed) {
        let FormName { contest, station, .. } = filed.name;
        let (tally, register) = (&mut self.contests[contest], &self.register);
        let place = Place { election, register, contest, station, reach };
        self.queue.take_back(tally.take_back(&place));
        // Of nearly all stations nothing was amended, and a form does not change that.
        let is_amended = !register.amendments(station).is_empty();
        let before = is_amended.then(|| tally.expectation(&place));
        tally.stations.entry(station).or_default().add(index, filed.report);
        if let Some(before) = before {
            tally.expect(&place, before, tally.expectation(&place));
        }
        self.queue.add(tally.add(&place));
        note(&mut self.changes, contest, place.above(Reach::All));
    }

    /// Folds in a ruling on the forms of a station.
    pub fn rule(
        &mut self,
        election: &Election,
        reach: Reach,
        (contest, station): (usize, StationIndex),
        ruling: Ruled,
    ) {
        let (tally, register) = (&mut self.contests[contest], &self.register);
        let place = Place { election, register, contest, station, reach };
        self.queue.take_back(tally.take_back(&place));
        tally.rulings.entry(station).or_default().push(ruling);
        self.queue.add(tally.add(&place));
        note(&mut self.changes, contest, place.above(Reach::All));
    }

    /// Folds in an amendment of the register: it concerns all contests of the station.
    pub fn amend(
        &mut self,
        election: &Election,
        reach: Reach,
        station: StationIndex,
        amendment: Amending,
    ) {
        let held = |contest: &usize| election.definition.in_scope(*contest, station);
        let contests: Vec<usize> = (0..self.contests.len()).filter(held).collect();
        let mut before = Vec::with_capacity(contests.len());
        for contest in &contests {
            let (tally, register) = (&mut self.contests[*contest], &self.register);
            let place = Place { election, register, contest: *contest, station, reach };
            self.queue.take_back(tally.take_back(&place));
            before.push(tally.expectation(&place));
        }
        self.register.amend(election, station, amendment);
        for (contest, before) in contests.into_iter().zip(before) {
            let (tally, register) = (&mut self.contests[contest], &self.register);
            let place = Place { election, register, contest, station, reach };
            tally.expect(&place, before, tally.expectation(&place));
            self.queue.add(tally.add(&place));
            note(&mut self.changes, contest, place.above(Reach::All));
        }
    }

    /// From now on notes whose totals change. All of them, to begin with: contest and
    /// region, in no order.
    pub fn track_changes(&self) -> Vec<(usize, RegionIndex)> {
        self.changes.begin();
        self.held().collect()
    }

    /// Every contest and every region where it is held, in no order.
    pub fn held(&self) -> impl Iterator<Item = (usize, RegionIndex)> + '_ {
        let contests = self.contests.iter().enumerate();
        contests.flat_map(|(contest, tally)| tally.regions.keys().map(move |r| (contest, *r)))
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

    /// Adds what was folded in with [`Reach::Lowest`] to the regions above.
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

    /// How a station stands in a contest.
    #[must_use]
    pub fn state(&self, contest: usize, station: StationIndex) -> StationState<'_> {
        let tally = &self.contests[contest];
        let sent = tally.stations.get(&station);
        sent.map_or(StationState::Missing, |forms| forms.state(tally.ruling(station)))
    }

    /// How one form of a station stands by now.
    #[must_use]
    pub fn standing(&self, contest: usize, station: StationIndex, index: u64) -> Option<Standing> {
        let tally = &self.contests[contest];
        tally.stations.get(&station)?.standing(index, tally.ruling(station))
    }

    /// The rulings on a station's forms, in the order of the log: the last one stands.
    #[must_use]
    pub fn rulings(&self, contest: usize, station: StationIndex) -> &[Ruled] {
        self.contests[contest].rulings.get(&station).map_or(&[], Vec::as_slice)
    }

    /// Who waits for a ruling.
    #[must_use]
    pub fn queue(&self) -> &Queue {
        &self.queue
    }

    /// The register of stations, as it is amended.
    #[must_use]
    pub fn register(&self) -> &Register {
        &self.register
    }
}

/// A station in a contest, and how far what it adds goes up.
struct Place<'a> {
    election: &'a Election,
    register: &'a Register,
    contest: usize,
    station: StationIndex,
    reach: Reach,
}

impl Place<'_> {
    fn above(&self, reach: Reach) -> impl Iterator<Item = RegionIndex> {
        let definition = &self.election.definition;
        let levels = if reach == Reach::All { usize::MAX } else { 1 };
        definition.upwards(definition.region_of(self.station)).take(levels)
    }
}

impl ContestTally {
    fn ruling(&self, station: StationIndex) -> Option<&Ruled> {
        self.rulings.get(&station)?.last()
    }

    /// Takes back what a station adds; gives it, if it waits for a ruling.
    fn take_back(&mut self, place: &Place<'_>) -> Option<Waiting> {
        let Self { stations, rulings, regions } = self;
        let before = contribution(stations, rulings, place);
        if !matches!(before.share, Share::Nothing) {
            for region in place.above(place.reach) {
                regions.entry(region).or_default().take_back(&before);
            }
        }
        let waits = before.share.waits();
        waits.then(|| self.waiting(place))
    }

    /// Adds what a station adds; gives it, if it waits for a ruling.
    fn add(&mut self, place: &Place<'_>) -> Option<Waiting> {
        let Self { stations, rulings, regions } = self;
        let after = contribution(stations, rulings, place);
        for region in place.above(place.reach) {
            regions.entry(region).or_default().add(&after);
        }
        let waits = after.share.waits();
        waits.then(|| self.waiting(place))
    }

    /// A station that waits.
    fn waiting(&self, place: &Place<'_>) -> Waiting {
        let (contest, station) = (place.contest, place.station);
        let sent = self.stations.get(&station);
        let since_ms = sent.map_or(0, |forms| since_ms(forms, self.ruling(station)));
        Waiting { since_ms, contest, station }
    }

    fn expectation(&self, place: &Place<'_>) -> Expectation {
        let has_sent = self.stations.contains_key(&place.station);
        place.register.expectation(place.election, place.station, has_sent)
    }

    fn expect(&mut self, place: &Place<'_>, before: Expectation, after: Expectation) {
        for region in place.above(Reach::All) {
            let totals = self.regions.entry(region).or_default();
            totals.expect_no_more(before);
            totals.expect(after);
        }
    }
}

/// Notes a region and those above it. One that is noted has those above it noted.
fn note(
    changes: &mut Changes<(usize, RegionIndex)>,
    contest: usize,
    mut upwards: impl Iterator<Item = RegionIndex>,
) {
    while upwards.next().is_some_and(|region| changes.note((contest, region))) {}
}

/// What a station adds to the totals of its regions as it stands.
fn contribution<'a>(
    stations: &'a FxHashMap<StationIndex, Revisions>,
    rulings: &'a FxHashMap<StationIndex, Vec<Ruled>>,
    place: &Place<'_>,
) -> Contribution<'a> {
    let Place { election, contest, station, .. } = *place;
    let Some(forms) = stations.get(&station) else { return Contribution::NONE };
    let ruling = rulings.get(&station).and_then(|rulings| rulings.last());
    let share = match forms.state(ruling) {
        StationState::Missing => Share::Nothing,
        StationState::Disputed => Share::Disputed,
        StationState::Rejected => Share::Rejected,
        StationState::Held(head) => {
            let rules = election.form(contest).rules.len();
            Share::Held { broken: head.report.broken(), rules }
        }
        StationState::Counted(head) => {
            let counts = head.report.encoded_counts();
            let fields = election.layout(contest).fields().len();
            let registered = place.register.registered(election, station);
            Share::Counted { counts, fields, registered }
        }
    };
    let ruled = ruling.is_some_and(Ruled::stands);
    Contribution { corrected: forms.is_corrected(), ruled, share }
}

#[cfg(test)]
mod tests;
