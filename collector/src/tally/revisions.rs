//! The forms one station has sent for one contest, and how they stand.
//!
//! A form that another names as superseded is out. What is left are the heads:
//! one head is the station's word, two are a dispute. The order of arrival does not
//! matter: a correction may come before what it corrects.

use saksi_proto::digest::Digest;
use saksi_proto::message::Standing;

use super::report::Report;

/// One form in the log.
#[derive(Debug, Clone)]
pub struct Revision {
    /// Entry of the log.
    pub index: u64,
    /// What it says.
    pub report: Report,
    /// Another form in the log names it as superseded.
    superseded: bool,
}

/// How a station stands in a contest.
#[derive(Debug)]
pub enum StationState<'a> {
    /// Nothing has arrived.
    Missing,
    /// One form, and it is in the totals.
    Counted(&'a Revision),
    /// One form that breaks a hard rule.
    Held(&'a Revision),
    /// Several forms, none of which names the others.
    Disputed,
}

/// All forms of one station for one contest, in the order of the log.
#[derive(Debug, Default)]
pub struct Revisions(Vec<Revision>);

impl Revisions {
    /// Adds a form that was logged after all others.
    pub fn add(&mut self, index: u64, report: Report) {
        let supersedes = |other: &Report, this: &Report| other.supersedes() == Some(this.digest);
        let mut superseded = false;
        for earlier in &mut self.0 {
            earlier.superseded |= supersedes(&report, &earlier.report);
            superseded |= supersedes(&earlier.report, &report);
        }
        // Nearly all stations send one form; a nation has no room for four of each.
        if self.0.len() == self.0.capacity() {
            self.0.reserve_exact(self.0.len().max(1));
        }
        self.0.push(Revision { index, report, superseded });
    }

    /// The form with this digest.
    #[must_use]
    pub fn find(&self, digest: &Digest) -> Option<&Revision> {
        self.0.iter().find(|revision| revision.report.digest == *digest)
    }

    /// All forms, in the order of the log.
    #[must_use]
    pub fn all(&self) -> &[Revision] {
        &self.0
    }

    /// How the station stands.
    #[must_use]
    pub fn state(&self) -> StationState<'_> {
        let mut heads = self.0.iter().filter(|revision| !revision.superseded);
        match (heads.next(), heads.next()) {
            (None, _) => StationState::Missing,
            (Some(_), Some(_)) => StationState::Disputed,
            (Some(head), None) if !head.report.broken().is_empty() => StationState::Held(head),
            (Some(head), None) => StationState::Counted(head),
        }
    }

    /// Whether a form has been superseded by another.
    #[must_use]
    pub fn is_corrected(&self) -> bool {
        self.0.iter().any(|revision| revision.superseded)
    }

    /// How the form logged at `index` stands.
    #[must_use]
    pub fn standing(&self, index: u64) -> Option<Standing> {
        let revision = self.0.iter().find(|revision| revision.index == index)?;
        if revision.superseded {
            return Some(Standing::Superseded);
        }
        Some(match self.state() {
            StationState::Missing | StationState::Disputed => Standing::Disputed,
            StationState::Held(_) => Standing::Held,
            StationState::Counted(_) => Standing::Counted,
        })
    }
}
