//! How it stands with a witness: what it has cosigned last, and whether it is left alone.

use std::time::{Duration, Instant};

use super::ask::{Door, Trouble};

/// First rest of a witness that did not answer; it doubles with each time.
const FIRST_REST: Duration = Duration::from_secs(1);

/// Longest one. A witness that is back has then missed 5 minutes, and one that is gone for
/// good costs its time allowed 12 times an hour.
const LONGEST_REST: Duration = Duration::from_secs(300);

/// One witness, as this log knows it.
pub(super) struct Standing {
    pub(super) door: Door,
    /// Size of the checkpoint that it cosigned last, as far as is known.
    pub(super) size: u64,
    /// Times without a cosignature since its last.
    failures: u32,
    /// Before this it is not asked.
    due: Instant,
    /// What was said of it last; the same is not said again.
    said: Option<String>,
}

impl Standing {
    pub(super) fn new(door: Door) -> Self {
        Self { door, size: 0, failures: 0, due: Instant::now(), said: None }
    }

    pub(super) fn due(&self) -> Instant {
        self.due
    }

    /// It has cosigned; true if that is news.
    pub(super) fn is_well(&mut self, size: u64) -> bool {
        self.size = size;
        self.failures = 0;
        self.said.take().is_some()
    }

    /// It has not; true if what it says is news.
    pub(super) fn is_in_trouble(&mut self, trouble: &Trouble, now: Instant) -> bool {
        self.due = now + rest(self.failures);
        self.failures = self.failures.saturating_add(1);
        let words = trouble.to_string();
        self.said.replace(words.clone()) != Some(words)
    }
}

fn rest(failures: u32) -> Duration {
    (FIRST_REST * 2_u32.pow(failures.min(9))).min(LONGEST_REST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rests_grow_from_a_second_to_five_minutes_and_begin_anew() {
        let seconds: Vec<_> = (0..11).map(|failures| rest(failures).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
        assert_eq!(rest(u32::MAX), LONGEST_REST);
        let mut standing = Standing::new(super::super::ask::door("http://127.0.0.1:1"));
        let (now, trouble) = (Instant::now(), Trouble::Silent("nobody is there".to_owned()));
        assert!(standing.is_in_trouble(&trouble, now));
        assert_eq!(standing.due(), now + FIRST_REST);
        assert!(!standing.is_in_trouble(&trouble, now), "it is said once");
        assert_eq!(standing.due(), now + 2 * FIRST_REST);
        assert!(standing.is_in_trouble(&Trouble::Refused("no".to_owned()), now));
        assert!(standing.is_well(5));
        assert!(!standing.is_well(6));
        standing.is_in_trouble(&trouble, now);
        assert_eq!(standing.due(), now + FIRST_REST);
    }
}
