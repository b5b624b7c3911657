//! What to do next. Pure: no socket, no clock; `now` is the time since the forwarder
//! began.

use std::collections::HashMap;
use std::time::Duration;

use saksi_proto::digest::Digest;
use saksi_proto::message::MAX_BATCH;

/// Shortest and longest time a form is held back, whatever the collector asks.
const HOLD: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(3_600));

/// What the forwarder should do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Connect and send.
    Send,
    /// Nothing before this time.
    RestUntil(Duration),
    /// Nothing at all until there is something new.
    Idle,
}

/// When the link and single forms may be tried again. Owned by the forwarder.
#[derive(Debug, Default)]
pub(super) struct Plan {
    rest_until: Duration,
    held: HashMap<Digest, Duration>,
}

impl Plan {
    /// What to do about the work list.
    pub(super) fn step(&self, due: impl Iterator<Item = Digest>, now: Duration) -> Step {
        let free_at = |form| self.held.get(&form).copied().unwrap_or_default();
        match due.map(free_at).min() {
            None => Step::Idle,
            Some(earliest) if earliest.max(self.rest_until) <= now => Step::Send,
            Some(earliest) => Step::RestUntil(earliest.max(self.rest_until)),
        }
    }

    /// The forms of the next batch: the first ones that are not held back.
    pub(super) fn batch(&self, due: impl Iterator<Item = Digest>, now: Duration) -> Vec<Digest> {
        due.filter(|form| self.is_free(*form, now)).take(MAX_BATCH).collect()
    }

    /// Whether a form or photo is not held back.
    pub(super) fn is_free(&self, of: Digest, now: Duration) -> bool {
        self.held.get(&of).is_none_or(|until| *until <= now)
    }

    /// The link failed: nothing before `until`.
    pub(super) fn rest(&mut self, until: Duration) {
        self.rest_until = until;
    }

    /// Something new came: the link may be tried at once.
    pub(super) fn end_rest(&mut self) {
        self.rest_until = Duration::ZERO;
    }

    /// Holds one form back; the others go on. Returns for how long.
    pub(super) fn hold(&mut self, form: Digest, wanted: Duration, now: Duration) -> Duration {
        self.held.retain(|_, until| *until > now);
        let hold = wanted.clamp(HOLD.0, HOLD.1);
        self.held.insert(form, now + hold);
        hold
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn forms(count: u8) -> impl Iterator<Item = Digest> {
        (0..count).map(|form| Digest([form; 32]))
    }

    #[test]
    fn a_held_form_does_not_hold_the_others() {
        let mut plan = Plan::default();
        let first = Digest([0; 32]);
        assert_eq!(plan.hold(first, 5 * SECOND, SECOND), 5 * SECOND);
        assert_eq!(plan.step(forms(3), SECOND), Step::Send);
        assert_eq!(plan.batch(forms(3), SECOND).len(), 2);
        assert_eq!(plan.step(forms(1), SECOND), Step::RestUntil(6 * SECOND));
        assert_eq!(plan.step(forms(1), 6 * SECOND), Step::Send);
        assert_eq!(plan.batch(forms(3), 6 * SECOND).len(), 3);
    }

    #[test]
    fn a_hint_is_kept_within_bounds() {
        let mut plan = Plan::default();
        assert_eq!(plan.hold(Digest([0; 32]), Duration::ZERO, SECOND), HOLD.0);
        assert_eq!(plan.hold(Digest([0; 32]), Duration::MAX, SECOND), HOLD.1);
    }

    #[test]
    fn after_a_failure_it_rests_until_something_new_comes() {
        let mut plan = Plan::default();
        plan.rest(9 * SECOND);
        assert_eq!(plan.step(forms(1), SECOND), Step::RestUntil(9 * SECOND));
        assert_eq!(plan.step(forms(0), SECOND), Step::Idle);
        plan.end_rest();
        assert_eq!(plan.step(forms(1), SECOND), Step::Send);
    }

    #[test]
    fn a_batch_has_a_bound() {
        assert_eq!(Plan::default().batch(forms(200), SECOND).len(), MAX_BATCH);
    }
}
