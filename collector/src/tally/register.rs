//! The register of stations as it is amended: what totals are measured by. Rare: only
//! amended stations take memory.

use rustc_hash::FxHashMap;
use saksi_proto::definition::StationIndex;
use saksi_proto::entry::Act;
use saksi_proto::ruling::{Amended, Amendment};

use crate::election::Election;

/// The amendments of the log, by station.
#[derive(Debug, Default)]
pub struct Register {
    stations: FxHashMap<StationIndex, Vec<Amending>>,
}

/// An amendment of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amending {
    /// Entry of the log.
    pub index: u64,
    /// What is so since.
    pub change: Amended,
    /// When, milliseconds since 1970, UTC.
    pub at_ms: u64,
    /// By whom, and why.
    pub act: Act,
    /// Registered voters before it, where they were known.
    pub old: Option<u32>,
}

impl Amending {
    /// The amendment that stands at `index` of the log.
    #[must_use]
    pub fn new(index: u64, amendment: Amendment) -> Self {
        let Amendment { change, at_ms, act, .. } = amendment;
        Self { index, change, at_ms, act, old: None }
    }
}

/// What is expected of a station in a contest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expectation {
    /// Whether a form is.
    pub is_expected: bool,
    /// Its registered voters, where they are known.
    pub registered: Option<u32>,
}

impl Register {
    /// Folds in an amendment.
    pub(super) fn amend(&mut self, election: &Election, station: StationIndex, by: Amending) {
        let old = self.registered(election, station);
        self.stations.entry(station).or_default().push(Amending { old, ..by });
    }

    /// The amendments of a station, in the order of the log.
    #[must_use]
    pub fn amendments(&self, station: StationIndex) -> &[Amending] {
        self.stations.get(&station).map_or(&[], Vec::as_slice)
    }

    /// Registered voters of a station by the last amendment that names a number, or by the
    /// definition.
    #[must_use]
    pub fn registered(&self, election: &Election, station: StationIndex) -> Option<u32> {
        registered_after(self.amendments(station))
            .or(election.definition.stations()[station as usize].registered.all)
    }

    /// Whether it is known that a station did not open.
    #[must_use]
    pub fn is_unopened(&self, station: StationIndex) -> bool {
        is_unopened_after(self.amendments(station))
    }

    /// What is expected of a station in a contest. One that has sent a form was open,
    /// whatever is said of it: totals never have more stations than are expected.
    pub(super) fn expectation(
        &self,
        election: &Election,
        station: StationIndex,
        has_sent: bool,
    ) -> Expectation {
        let is_expected = has_sent || !self.is_unopened(station);
        Expectation { is_expected, registered: self.registered(election, station) }
    }
}

/// Registered voters by the last of these amendments that names a number.
#[must_use]
pub fn registered_after(amendments: &[Amending]) -> Option<u32> {
    amendments.iter().rev().find_map(|by| match by.change {
        Amended::Registered(voters) => Some(voters),
        Amended::Unopened | Amended::Opened => None,
    })
}

/// Whether a station of these amendments did not open.
#[must_use]
pub fn is_unopened_after(amendments: &[Amending]) -> bool {
    // A number says nothing of it.
    let last = amendments.iter().rev().find(|by| !matches!(by.change, Amended::Registered(_)));
    last.is_some_and(|by| by.change == Amended::Unopened)
}
