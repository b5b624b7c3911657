//! The time of day. The only module that reads the wall clock.
//!
//! A cheap device may stand in 1970 after a power cut. So *now* is never before
//! what is known to have passed: the time the bundle was issued, and the last time
//! a collector told, each counted on by the monotonic clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rustls::pki_types::UnixTime;
use rustls::time_provider::TimeProvider;

/// The device's clock with a floor under it. Times are milliseconds since 1970, UTC.
#[derive(Debug)]
pub struct Clock {
    opened: Instant,
    /// When the papers were issued: the floor for certificates. What a collector tells
    /// is none for them: one that lies would end every honest one's certificate, for good.
    issued_ms: u64,
    /// What is known to have passed, counted back to `opened`. It only rises;
    /// raised by the forwarder alone.
    floor_ms: AtomicU64,
}

impl Clock {
    /// A clock that never shows a time before the papers' issue, nor before what a
    /// collector told last.
    #[must_use]
    pub fn with_floor(issued_ms: u64, learnt_ms: u64) -> Self {
        let floor_ms = AtomicU64::new(learnt_ms.max(issued_ms));
        Self { opened: Instant::now(), issued_ms, floor_ms }
    }

    /// The clock of a device without papers, for one handshake: it knows no floor.
    pub(crate) fn unaware() -> Arc<Self> {
        Arc::new(Self::with_floor(0, 0))
    }

    /// The later of the system clock and the floor.
    #[must_use]
    pub fn now_ms(&self) -> u64 {
        later(Self::system_ms(), self.floor_ms.load(Ordering::Relaxed), self.opened.elapsed())
    }

    /// What is known to have passed by now.
    #[must_use]
    pub fn floor_ms(&self) -> u64 {
        later(0, self.floor_ms.load(Ordering::Relaxed), self.opened.elapsed())
    }

    /// What the system clock says, right or wrong.
    #[must_use]
    pub fn system_ms() -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, millis)
    }

    /// A collector told the time: now is not before it.
    pub fn learn(&self, now_ms: u64) {
        let at_opening = now_ms.saturating_sub(millis(self.opened.elapsed()));
        self.floor_ms.fetch_max(at_opening, Ordering::Relaxed);
    }
}

impl TimeProvider for Clock {
    fn current_time(&self) -> Option<UnixTime> {
        let now_ms = later(Self::system_ms(), self.issued_ms, self.opened.elapsed());
        Some(UnixTime::since_unix_epoch(Duration::from_millis(now_ms)))
    }
}

fn later(system_ms: u64, floor_ms: u64, since: Duration) -> u64 {
    system_ms.max(floor_ms.saturating_add(millis(since)))
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_in_1970_counts_on_from_the_floor() {
        assert_eq!(later(60_000, 1_700_000_000_000, Duration::from_secs(2)), 1_700_000_002_000);
        assert_eq!(later(1_800_000_000_000, 1_700_000_000_000, Duration::ZERO), 1_800_000_000_000);
    }

    #[test]
    fn the_floor_only_rises() {
        let far = Clock::system_ms() + 3_600_000;
        let clock = Clock::with_floor(0, 0);
        assert!(clock.now_ms() < far);
        clock.learn(far);
        clock.learn(1_000);
        assert!(clock.now_ms() >= far);
        let certificates = clock.current_time().unwrap().as_secs();
        assert!(certificates < far / 1_000, "a collector that lies ends no certificate");
        let clock = Clock::with_floor(far, 0);
        assert!(clock.current_time().is_some_and(|time| time.as_secs() >= far / 1_000));
    }
}
