//! Whose totals have changed: so that the publisher copies those and no others.

use std::sync::{Mutex, PoisonError};

use rustc_hash::FxHashSet;
use saksi_proto::definition::RegionIndex;

/// The regions that have changed, by contest; nothing while nobody asks, as in a replay.
/// Noted by the one who writes the ledger, taken by one who only reads it.
#[derive(Debug, Default)]
pub(super) struct Changes(Mutex<Option<FxHashSet<(usize, RegionIndex)>>>);

impl Changes {
    /// Notes a region and those above it.
    pub(super) fn note(&mut self, contest: usize, upwards: impl Iterator<Item = RegionIndex>) {
        let noted = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(noted) = noted {
            for region in upwards {
                // One that is noted has those above it noted.
                if !noted.insert((contest, region)) {
                    break;
                }
            }
        }
    }

    /// Notes from now on.
    pub(super) fn begin(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(FxHashSet::default());
    }

    /// Gives what was noted and forgets it.
    pub(super) fn take(&self) -> Vec<(usize, RegionIndex)> {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.as_mut().map(std::mem::take).into_iter().flatten().collect()
    }
}
