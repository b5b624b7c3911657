//! How long to rest between attempts: exponential, with full jitter, for ever.
//!
//! The `backoff` crate is no longer maintained (RUSTSEC-2025-0012); it is named here
//! only, behind our own signature.

use std::time::Duration;

use backoff::SystemClock;
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
    /// 1 s doubling to 5 minutes: at most 12 calls an hour from a device whose
    /// collector is gone, and 2,740 a second from a nation of 822,116.
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            longest: Duration::from_secs(300),
            start: Duration::from_secs(2),
        }
    }
}

/// The rests, one after the other. They never end.
pub(super) struct Rests<C = SystemClock> {
    backoff: ExponentialBackoff<C>,
    longest: Duration,
}

impl<C: backoff::Clock + Default> Rests<C> {
    pub(super) fn new(retry: Retry) -> Self {
        // A factor of 1 draws from 0 to twice the interval: full jitter, if the
        // intervals are half of the bounds.
        let mut backoff = ExponentialBackoff {
            initial_interval: retry.first / 2,
            max_interval: retry.longest / 2,
            multiplier: 2.0,
            randomization_factor: 1.0,
            max_elapsed_time: None,
            ..ExponentialBackoff::default()
        };
        backoff.reset();
        Self { backoff, longest: retry.longest }
    }

    /// The next rest.
    pub(super) fn next(&mut self) -> Duration {
        self.backoff.next_backoff().unwrap_or(self.longest).min(self.longest)
    }

    /// Something went well: the next rest is a first one again.
    pub(super) fn begin_again(&mut self) {
        self.backoff.reset();
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::Instant;

    use super::*;

    thread_local! {
        static PASSED: Cell<Duration> = const { Cell::new(Duration::ZERO) };
        static BEGUN: Instant = Instant::now();
    }

    #[derive(Default)]
    struct Virtual;

    impl backoff::Clock for Virtual {
        fn now(&self) -> Instant {
            BEGUN.with(|begun| *begun) + PASSED.get()
        }
    }

    #[test]
    fn it_still_tries_after_48_virtual_hours() {
        let mut rests = Rests::<Virtual>::new(Retry::default());
        let mut tries = 0_u32;
        let mut longest = Duration::ZERO;
        while PASSED.get() < Duration::from_secs(48 * 3_600) {
            let rest = rests.backoff.next_backoff().expect("it never gives up");
            longest = longest.max(rest);
            PASSED.set(PASSED.get() + rest);
            tries += 1;
        }
        // On average one in 150 s once the bound is reached.
        assert!((900..1_500).contains(&tries), "{tries} tries");
        assert!((280..=301).contains(&longest.as_secs()), "the longest rest was {longest:?}");
    }

    #[test]
    fn bounds_double_and_begin_again() {
        let mut of_each = [Duration::ZERO; 4];
        for _ in 0..200 {
            let mut rests: Rests = Rests::new(Retry::default());
            for longest in &mut of_each {
                *longest = rests.next().max(*longest);
            }
            rests.begin_again();
            assert!(rests.next() <= Duration::from_millis(1_001));
        }
        for (longest, bound) in of_each.into_iter().zip([1, 2, 4, 8]) {
            let bound = Duration::from_secs(bound);
            assert!(
                longest > bound / 2 && longest <= bound + Duration::from_millis(1),
                "{longest:?}"
            );
        }
    }
}
