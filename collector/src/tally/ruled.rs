//! Rulings on the forms of a station, as they stand in the log. Rare: they are kept beside
//! the forms, so that a station without one takes no memory for it.

use saksi_proto::digest::Digest;
use saksi_proto::entry::Act;
use saksi_proto::ruling::{Decision, Ruling};

/// A ruling of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruled {
    /// Entry of the log.
    pub index: u64,
    /// What was decided.
    pub decision: Decision,
    /// The forms that it was made over, in the order of the log.
    pub over: Vec<Digest>,
    /// When, milliseconds since 1970, UTC.
    pub at_ms: u64,
    /// By whom, and why.
    pub act: Act,
    /// The same forms in their own order, to be looked up: a stolen device can make them
    /// a thousand.
    sorted: Vec<Digest>,
}

impl Ruled {
    /// The ruling that stands at `index` of the log.
    #[must_use]
    pub fn new(index: u64, ruling: Ruling) -> Self {
        let Ruling { over, decision, at_ms, act, .. } = ruling;
        let mut sorted = over.clone();
        sorted.sort_unstable();
        Self { index, decision, over, at_ms, act, sorted }
    }

    /// Whether it counts this form as written, whatever rule it breaks.
    #[must_use]
    pub fn accepts(&self, form: &Digest) -> bool {
        self.decision == Decision::Accept(*form)
    }

    /// Whether it takes this form out of the count.
    #[must_use]
    pub fn rejects(&self, form: &Digest) -> bool {
        let is_ruled = || self.sorted.binary_search(form).is_ok();
        match self.decision {
            Decision::Accept(accepted) => accepted != *form && is_ruled(),
            Decision::Reject => is_ruled(),
            Decision::Withdraw => false,
        }
    }

    /// Whether it decides anything, and is not the withdrawal of one that did.
    #[must_use]
    pub fn stands(&self) -> bool {
        self.decision != Decision::Withdraw
    }
}
