//! Regions and stations in an order in which they are looked up: by name, or by code.

use super::place::RegionName;
use saksi_proto::ids::{ContestCode, RegionCode};

/// The order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum By {
    /// By their names, whatever is in capitals.
    Name,
    /// By their codes.
    Code,
}

impl By {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Name, Self::Code];

    /// As it stands in an address.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Name => "names",
            Self::Code => "codes",
        }
    }
}

/// A page of the index: what it names itself, or the pages below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundView {
    /// The order.
    pub by: By,
    /// How many levels of pages are below it; 0 if it names places itself.
    pub level: usize,
    /// Number of the page among those of its level.
    pub page: usize,
    /// Whether it is the page with which looking up begins.
    pub is_first: bool,
    /// The pages below it, each with the first and the last place that it leads to.
    pub below: Vec<(usize, String, String)>,
    /// The places, in their order.
    pub places: Vec<Place>,
}

/// A region or a station.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its name.
    pub name: String,
    /// Its code.
    pub code: String,
    /// The region whose page it stands on: itself, or the one that a station lies in.
    pub page: RegionCode,
    /// A contest that is held there.
    pub contest: ContestCode,
    /// Whether it is a station.
    pub is_station: bool,
    /// What it lies in, if it is not the whole.
    pub above: Option<RegionName>,
}
