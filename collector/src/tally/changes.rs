//! What has changed since somebody asked: so that whoever publishes copies that and no more.

use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use rustc_hash::FxHashSet;

/// What has changed; nothing while nobody asks, as in a replay. Noted by the one who writes
/// the ledger, taken by one who only reads it.
#[derive(Debug)]
pub struct Changes<T>(Mutex<Option<FxHashSet<T>>>);

impl<T> Default for Changes<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T: Eq + Hash> Changes<T> {
    /// Notes a change. Says whether it is news: not if it was noted already, nor if nobody
    /// asks.
    pub fn note(&mut self, changed: T) -> bool {
        let noted = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        noted.as_mut().is_some_and(|noted| noted.insert(changed))
    }

    /// Notes from now on.
    pub fn begin(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(FxHashSet::default());
    }

    /// Gives what was noted and forgets it.
    pub fn take(&self) -> Vec<T> {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.as_mut().map(std::mem::take).into_iter().flatten().collect()
    }
}
