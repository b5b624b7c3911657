//! What a request names and the election does not have.

use axum::http::StatusCode;
use saksi_proto::definition::{RegionIndex, StationIndex};
use saksi_proto::ids::{ContestCode, RegionCode, StationCode};
use saksi_proto::text::{self, Phrase};

use crate::election::Election;

/// What is not there. Its code is stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    /// A region; `malformed` if no region of any election can have such a code.
    Region { malformed: bool },
    /// A station.
    Station { malformed: bool },
    /// A contest.
    Contest { malformed: bool },
    /// The address itself.
    Address,
}

impl Missing {
    /// Stable name of it.
    pub(super) fn code(self) -> &'static str {
        match self {
            Missing::Region { .. } => "unknown-region",
            Missing::Station { .. } => "unknown-station",
            Missing::Contest { .. } => "unknown-contest",
            Missing::Address => "not-found",
        }
    }

    /// One sentence for people.
    pub(super) fn sentence(self) -> Phrase {
        match self {
            Missing::Region { .. } => text::SITE_UNKNOWN_REGION,
            Missing::Station { .. } => text::SITE_UNKNOWN_STATION,
            Missing::Contest { .. } => text::SITE_UNKNOWN_CONTEST,
            Missing::Address => text::SITE_UNKNOWN_PAGE,
        }
    }

    /// Not found, or a bad request where the code is malformed.
    pub(super) fn status(self) -> StatusCode {
        match self {
            Missing::Region { malformed: true }
            | Missing::Station { malformed: true }
            | Missing::Contest { malformed: true } => StatusCode::BAD_REQUEST,
            _ => StatusCode::NOT_FOUND,
        }
    }
}

/// Position of a region.
pub(super) fn region(election: &Election, code: &str) -> Result<RegionIndex, Missing> {
    let code: RegionCode = code.parse().map_err(|_| Missing::Region { malformed: true })?;
    election.definition.region(code).ok_or(Missing::Region { malformed: false })
}

/// Position of a station.
pub(super) fn station(election: &Election, code: &str) -> Result<StationIndex, Missing> {
    let code: StationCode = code.parse().map_err(|_| Missing::Station { malformed: true })?;
    election.definition.station(code).ok_or(Missing::Station { malformed: false })
}

/// Position of a contest, the first if none is named.
pub(super) fn contest(election: &Election, code: Option<&str>) -> Result<usize, Missing> {
    let Some(code) = code else { return Ok(0) };
    let code: ContestCode = code.parse().map_err(|_| Missing::Contest { malformed: true })?;
    election.definition.contest(code).ok_or(Missing::Contest { malformed: false })
}
