//! The log of all publications of the static site: each with what it added.

use saksi_proto::digest::Digest;
use saksi_proto::ids::ContestCode;

/// A publication, and what it added to the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicationRow {
    /// Entries that it was folded from.
    pub size: u64,
    /// The root over them.
    pub root: Digest,
    /// When it was made, milliseconds since 1970, UTC.
    pub at_ms: u64,
    /// What has changed, by contest.
    pub added: Vec<Added>,
}

/// What a publication added to a contest. A ruling can take away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Added {
    /// The contest.
    pub contest: ContestCode,
    /// Stations counted, less those that were counted before.
    pub stations: i64,
    /// Votes of all who stand, less those before.
    pub votes: i64,
    /// Stations that are counted now.
    pub counted: u32,
    /// Stations that are expected now.
    pub expected: u32,
}

/// A page of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicationsView {
    /// Number of the page, from 1; the first has the oldest.
    pub page: usize,
    /// Number of the newest page.
    pub pages: usize,
    /// How many publications there are on all pages.
    pub publications: usize,
    /// Those of this page, the newest first.
    pub rows: Vec<PublicationRow>,
}
