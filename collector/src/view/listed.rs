//! The stations behind a count: which are held, disputed, corrected or missing.

use serde::Serialize;

use super::PositionView;
use super::election::ContestView;
use super::place::RegionName;
use super::region::{StationCounts, StationRow};
use super::state::State;

/// What stations are listed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Their form breaks a hard rule.
    Held,
    /// Their forms contradict each other.
    Disputed,
    /// One of their forms was superseded by another.
    Corrected,
    /// They have sent nothing.
    Missing,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Held, Self::Disputed, Self::Corrected, Self::Missing];

    /// As it stands in an address.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Disputed => "disputed",
            Self::Corrected => "corrected",
            Self::Missing => "missing",
        }
    }

    /// That of a state, where its stations are listed.
    #[must_use]
    pub fn of_state(state: State) -> Option<Self> {
        match state {
            State::Held => Some(Self::Held),
            State::Disputed => Some(Self::Disputed),
            State::Missing => Some(Self::Missing),
            State::Counted | State::Rejected | State::Unopened => None,
        }
    }

    /// How many stations of a region are such.
    #[must_use]
    pub fn count(self, stations: &StationCounts) -> u32 {
        match self {
            Self::Held => stations.held,
            Self::Disputed => stations.disputed,
            Self::Corrected => stations.corrected,
            Self::Missing => stations.missing,
        }
    }

    /// Whether a station is such.
    #[must_use]
    pub fn has(self, station: &StationRow) -> bool {
        match self {
            Self::Corrected => station.corrected,
            _ => Self::of_state(station.state) == Some(self),
        }
    }
}

/// The stations of a region that are such, or, where they are many, its parts that have some.
#[derive(Debug, Clone)]
pub struct ListView {
    /// What they are listed for.
    pub kind: Kind,
    /// The region.
    pub region: RegionName,
    /// The regions it lies in, the whole first.
    pub above: Vec<RegionName>,
    /// The contest.
    pub contest: ContestView,
    /// How far the log was folded.
    pub position: PositionView,
    /// How many they are.
    pub stations: u32,
    /// Parts with how many they have, by code; none where all stations are listed.
    pub parts: Vec<ListedPart>,
    /// Stations, by code within their region.
    pub rows: Vec<Listed>,
}

/// A part of the region that has such stations.
#[derive(Debug, Clone)]
pub struct ListedPart {
    /// The part.
    pub region: RegionName,
    /// How many it has.
    pub stations: u32,
    /// Whether it has parts of its own; else its stations stand on its page.
    pub has_parts: bool,
}

/// A station, and where it lies.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The station.
    pub row: StationRow,
    /// The region that it lies in.
    pub region: RegionName,
}
