//! Asking the centre at once what it has to say, because somebody at the device wants to know.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Between the page, which wants to know, and the forwarder, which asks.
#[derive(Debug, Default)]
pub(crate) struct Looking {
    wanted: AtomicBool,
    under_way: AtomicBool,
    answered_ms: AtomicU64,
}

impl Looking {
    pub(super) fn want(&self) {
        self.wanted.store(true, Ordering::Relaxed);
    }

    /// Whether somebody has wanted to know since the last question.
    pub(crate) fn is_wanted(&self) -> bool {
        self.wanted.load(Ordering::Relaxed)
    }

    /// The centre is called.
    pub(crate) fn begin(&self) {
        self.under_way.store(true, Ordering::Relaxed);
        self.wanted.store(false, Ordering::Relaxed);
    }

    /// It has answered.
    pub(crate) fn answered(&self, now_ms: u64) {
        self.answered_ms.store(now_ms, Ordering::Relaxed);
    }

    /// The call has ended, with an answer or without.
    pub(crate) fn end(&self) {
        self.under_way.store(false, Ordering::Relaxed);
    }

    /// Whether somebody waits for the answer.
    pub(crate) fn is_under_way(&self) -> bool {
        self.is_wanted() || self.under_way.load(Ordering::Relaxed)
    }

    /// When the centre has answered last since the agent was started, milliseconds since
    /// 1970, UTC.
    pub(crate) fn answered_ms(&self) -> Option<u64> {
        Some(self.answered_ms.load(Ordering::Relaxed)).filter(|at_ms| *at_ms > 0)
    }
}
