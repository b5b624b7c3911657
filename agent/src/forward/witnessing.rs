//! When to ask for receipts that lead to a cosigned checkpoint. Pure: no socket, no clock;
//! `since` is the time since the forwarder began.
//!
//! A question is asked in a session that has brought a receipt. What it leaves is asked for
//! after rests of half a minute to a minute, doubling to half an hour to an hour, for ever:
//! some 40 questions in a day, of 2 KB each with their handshakes.

use std::collections::HashSet;
use std::time::Duration;

use saksi_proto::cosignature::WitnessPolicy;
use saksi_proto::digest::Digest;

/// Bound of the first rest: by then a checkpoint was published and cosigned many times.
const FIRST_REST: Duration = Duration::from_secs(60);

/// Bound of every later one, and of what a collector may ask for.
const LONGEST_REST: Duration = Duration::from_secs(3_600);

/// When receipts may be asked for, and of which forms they have come. Owned by the forwarder.
#[derive(Debug)]
pub(super) struct Witnessing {
    /// By which witnesses.
    policy: WitnessPolicy,
    /// Forms whose receipt leads to a checkpoint that they have cosigned.
    done: HashSet<Digest>,
    /// Something new came: the session that stands may ask.
    is_wanted: bool,
    /// No connection for nothing but a question before this time.
    call_at: Duration,
    /// No question before this time: the collector has said so.
    silent_until: Duration,
    /// Rests since something came.
    rests: u32,
}

impl Witnessing {
    /// Begins. `chance` from 0 to 1 spreads devices that are switched on together.
    pub(super) fn new(chance: f64) -> Self {
        Self {
            policy: WitnessPolicy::default(),
            done: HashSet::new(),
            is_wanted: false,
            call_at: rest(0, chance),
            silent_until: Duration::ZERO,
            rests: 0,
        }
    }

    /// The papers' witnesses; others than before have cosigned nothing yet.
    pub(super) fn are(&mut self, policy: &WitnessPolicy) {
        if self.policy != *policy {
            self.policy = policy.clone();
            self.done.clear();
        }
    }

    /// Whether any cosignature is wanted at all.
    pub(super) fn has_witnesses(&self) -> bool {
        self.policy.needed() > 0
    }

    /// Whose cosignatures.
    pub(super) fn policy(&self) -> &WitnessPolicy {
        &self.policy
    }

    /// Whether a form has its receipt, as far as was looked.
    pub(super) fn is_done(&self, form: Digest) -> bool {
        self.done.contains(&form)
    }

    /// A form has its receipt.
    pub(super) fn is_found(&mut self, form: Digest) {
        self.done.insert(form);
    }

    /// First receipts of forms came, once more perhaps: the session may ask for the others.
    pub(super) fn received(&mut self, forms: impl Iterator<Item = Digest>) {
        forms.for_each(|form| {
            self.done.remove(&form);
        });
        (self.is_wanted, self.rests) = (true, 0);
    }

    /// Whether the session that stands may ask.
    pub(super) fn may_ask(&self, since: Duration) -> bool {
        self.silent_until <= since && (self.is_wanted || self.call_at <= since)
    }

    /// When to connect for nothing but a question.
    pub(super) fn call_at(&self) -> Duration {
        self.call_at.max(self.silent_until)
    }

    /// A connection for a question is tried: not another one soon, whatever comes of it.
    pub(super) fn called(&mut self, since: Duration, chance: f64) {
        self.is_wanted = true;
        self.rest(since, chance);
    }

    /// Some came; those that are lacking may be asked for in the same session.
    pub(super) fn brought(&mut self) {
        (self.is_wanted, self.rests) = (true, 0);
    }

    /// Nothing came. The collector wants no question for so long.
    pub(super) fn nothing_came(&mut self, since: Duration, wanted: Duration, chance: f64) {
        self.is_wanted = false;
        self.silent_until = since + wanted.min(LONGEST_REST);
        // After a new receipt the rests begin anew.
        if self.rests == 0 || self.call_at <= since {
            self.rest(since, chance);
        }
    }

    fn rest(&mut self, since: Duration, chance: f64) {
        self.call_at = since + rest(self.rests, chance);
        self.rests = self.rests.saturating_add(1);
    }
}

/// From half of the bound to all of it.
fn rest(rests: u32, chance: f64) -> Duration {
    let bound = (FIRST_REST * 2_u32.pow(rests.min(6))).min(LONGEST_REST);
    bound.mul_f64(0.5 + 0.5 * chance.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use saksi_proto::SigningKey;
    use saksi_proto::cosignature::WitnessKey;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn rests_grow_from_a_minute_to_an_hour_and_begin_anew_with_a_receipt() {
        let mut witnessing = Witnessing::new(1.0);
        assert!(!witnessing.may_ask(59 * SECOND) && witnessing.may_ask(60 * SECOND));
        let rests = |witnessing: &mut Witnessing, chance| {
            let since = witnessing.call_at();
            witnessing.called(since, chance);
            assert!(witnessing.may_ask(since), "the session that was made for it may");
            witnessing.nothing_came(since, 10 * SECOND, chance);
            assert!(!witnessing.may_ask(since + 11 * SECOND), "only once");
            (witnessing.call_at() - since).as_secs()
        };
        let seconds: Vec<_> = (0..8).map(|_| rests(&mut witnessing, 1.0)).collect();
        assert_eq!(seconds, [60, 120, 240, 480, 960, 1_920, 3_600, 3_600]);
        assert_eq!(rests(&mut witnessing, 0.0), 1_800);
        let since = witnessing.call_at() - 1_000 * SECOND;
        assert!(!witnessing.may_ask(since));
        witnessing.received([].into_iter());
        assert!(witnessing.may_ask(since), "a new receipt");
        witnessing.nothing_came(since, SECOND, 1.0);
        assert_eq!(witnessing.call_at(), since + 60 * SECOND);
    }

    #[test]
    fn a_collector_is_asked_no_sooner_than_it_says() {
        let mut witnessing = Witnessing::new(1.0);
        witnessing.received([].into_iter());
        assert!(witnessing.may_ask(SECOND));
        witnessing.nothing_came(SECOND, Duration::MAX, 1.0);
        witnessing.received([].into_iter());
        let hour = LONGEST_REST;
        assert!(!witnessing.may_ask(hour) && witnessing.may_ask(hour + SECOND));
        assert_eq!(witnessing.call_at(), hour + SECOND);
    }

    #[test]
    fn other_witnesses_have_cosigned_nothing_yet() {
        let mut witnessing = Witnessing::new(1.0);
        let form = Digest([1; 32]);
        let of = |seed| {
            let key = SigningKey::from_bytes(&[seed; 32]).verifying_key();
            WitnessPolicy::new(vec![WitnessKey::new("w.example", key).unwrap()], 1).unwrap()
        };
        assert!(!witnessing.has_witnesses());
        witnessing.are(&of(1));
        witnessing.is_found(form);
        witnessing.are(&of(1));
        assert!(witnessing.has_witnesses() && witnessing.is_done(form));
        witnessing.are(&of(2));
        assert!(!witnessing.is_done(form));
    }
}
