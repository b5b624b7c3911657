//! How long to rest between attempts: exponential, with full jitter, for ever.
//!
//! The `backoff` crate is no longer maintained (RUSTSEC-2025-0012); it is named here
//! only, behind our own signature.

use std::time::{Duration, Instant};

use backoff::backoff::Backoff as _;
use backoff::exponential::ExponentialBackoff;

/// How patiently to retry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// Bound of the first rest.
    pub first: Duration,
    /// Bound of every later rest; bounds double up to it.
    pub longest: Duration,
    /// Bound of the rest before the very first attempt, so that devices that get
    /// their power back together do not all call at once.
    pub start: Duration,
}

impl Default for Retry {
    /// 1 s doubling to 5 minutes, of which a device rests half on average: 24 calls an
    /// hour if its collector is gone, and 5,481 a second from a nation of 822,116.
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            longest: Duration::from_secs(300),
            start: Duration::from_secs(2),
        }
    }
}

/// The rests, one after the other. They never end.
pub struct Rests {
    backoff: ExponentialBackoff<Told>,
    longest: Duration,
}

/// The forwarder's own time. It is told what time it is and reads no clock, so that
/// two days pass as quickly in a test as they have to.
struct Told {
    origin: Instant,
    since: Duration,
}

impl Default for Told {
    fn default() -> Self {
        Self { origin: Instant::now(), since: Duration::ZERO }
    }
}

impl backoff::Clock for Told {
    fn now(&self) -> Instant {
        self.origin + self.since
    }
}

impl Rests {
    /// The rests of one forwarder.
    #[must_use]
    pub fn new(retry: Retry) -> Self {
        let mut backoff = ExponentialBackoff {
            initial_interval: retry.first,
            max_interval: retry.longest,
            multiplier: 2.0,
            // It gives the bounds; what is drawn below them is drawn here.
            randomization_factor: 0.0,
            max_elapsed_time: None,
            ..ExponentialBackoff::default()
        };
        backoff.reset();
        Self { backoff, longest: retry.longest }
    }

    /// The next rest at the time `since`: any from zero to its bound, as `chance` from
    /// 0 to 1 says. That is full jitter.
    pub fn next(&mut self, since: Duration, chance: f64) -> Duration {
        self.backoff.clock.since = since;
        let bound = self.backoff.next_backoff().unwrap_or(self.longest);
        bound.min(self.longest).mul_f64(chance.clamp(0.0, 1.0))
    }

    /// A rest of the slowest pace: between half of the longest and all of it.
    #[must_use]
    pub fn slowest(&self, chance: f64) -> Duration {
        self.longest.mul_f64(0.5 + 0.5 * chance.clamp(0.0, 1.0))
    }

    /// Something went well: the next rest is a first one again.
    pub fn begin_again(&mut self, since: Duration) {
        self.backoff.clock.since = since;
        self.backoff.reset();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_still_tries_after_48_virtual_hours() {
        let mut rests = Rests::new(Retry::default());
        let (mut tries, mut since) = (0_u32, Duration::ZERO);
        while since < Duration::from_secs(48 * 3_600) {
            since += rests.next(since, 0.5);
            tries += 1;
        }
        // One in 150 s once the bound is reached.
        assert!((1_150..1_170).contains(&tries), "{tries} tries");
    }

    #[test]
    fn bounds_double_and_begin_again() {
        let mut rests = Rests::new(Retry::default());
        for bound in [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300] {
            let rest = rests.next(Duration::ZERO, 1.0);
            assert_eq!(rest.as_millis(), bound * 1_000);
        }
        assert_eq!(rests.next(Duration::ZERO, 0.0), Duration::ZERO);
        let slowest = [0.0, 1.0].map(|chance| rests.slowest(chance).as_secs());
        assert_eq!(slowest, [150, 300]);
        rests.begin_again(Duration::ZERO);
        assert_eq!(rests.next(Duration::ZERO, 0.25).as_millis(), 250);
    }
}
