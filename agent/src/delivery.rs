//! The delivery of one form, from *stored* to its receipt. Pure: `now_ms` is given.
//!
//! ```text
//! Stored ──► Sent ──► Received     a receipt that verifies
//!    └─────────┴────► Refused      a final refusal
//! ```
//!
//! A form leaves the work list by these two arrows and by nothing else. It stays
//! on the device until an operator's `retention`; it may be sent once more when asked.

use saksi_proto::message::Standing;
use saksi_proto::receipt::Receipt;
use saksi_proto::refusal::Refusal;
use serde::{Deserialize, Serialize};

use crate::reason::Reason;
use crate::words::shortened;

/// Longest technical detail kept, in bytes, so that a record stays small: two of
/// these and the rest of a delivery are below 600 bytes.
pub const MAX_DETAIL: usize = 200;

/// How far a form has come. Times are milliseconds since 1970, UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// When it was stored.
    pub stored_ms: u64,
    /// Where it stands.
    pub state: State,
    /// Whether the operator asked for it to be sent once more.
    pub again: bool,
    /// Attempts that named this form.
    pub attempts: u32,
    /// The last attempt that brought no answer.
    pub last_failure: Option<Failure>,
    /// When the next attempt is planned. For people: the forwarder's timers do not
    /// follow the wall clock.
    pub next_try_ms: Option<u64>,
}

/// Where a form stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// Safe on the device.
    Stored,
    /// Its bytes were handed to a collector, which has not answered.
    Sent {
        /// When.
        at_ms: u64,
    },
    /// It is in the log, and the receipt proves it.
    Received {
        /// When the receipt came.
        at_ms: u64,
        /// Entry of the log.
        index: u64,
        /// When it arrived, by the collector's clock.
        arrived_ms: u64,
        /// What it does to the totals, by the collector's last word, which proves nothing;
        /// unknown after a rebuild.
        standing: Option<Standing>,
    },
    /// Refused for good.
    Refused {
        /// When.
        at_ms: u64,
        /// Why.
        refusal: Refusal,
        /// What exactly.
        detail: String,
    },
}

/// An attempt that brought no answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// When.
    pub at_ms: u64,
    /// Why, for the operator.
    pub reason: Reason,
    /// What exactly, for whoever is called: at most [`MAX_DETAIL`] bytes.
    pub detail: String,
}

impl Failure {
    /// A failure, its detail cut to [`MAX_DETAIL`].
    #[must_use]
    pub fn new(at_ms: u64, reason: Reason, detail: &str) -> Self {
        Self { at_ms, reason, detail: shortened(detail, MAX_DETAIL) }
    }
}

/// What a verified answer says about a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A receipt that verifies.
    Receipt {
        /// Entry of the log.
        index: u64,
        /// When it arrived, by the collector's clock.
        arrived_ms: u64,
        /// What it did to the totals.
        standing: Option<Standing>,
    },
    /// A final refusal.
    Refusal {
        /// Why.
        refusal: Refusal,
        /// What exactly.
        detail: String,
    },
}

impl Delivery {
    /// A form that has just been stored.
    #[must_use]
    pub fn stored(now_ms: u64) -> Self {
        Self {
            stored_ms: now_ms,
            state: State::Stored,
            again: false,
            attempts: 0,
            last_failure: None,
            next_try_ms: None,
        }
    }

    /// What is known of a form after its store was opened; made new if that is lost.
    /// An unanswered form with a proven receipt beside it was answered. Any other is
    /// due: sending what was sent before is safe.
    #[must_use]
    pub fn reopened(known: Option<Self>, device_ms: u64, proven: Option<&Receipt>) -> Self {
        let delivery = known.unwrap_or_else(|| Self::stored(device_ms));
        match proven {
            Some(Receipt { index, arrived_ms, .. }) if delivery.is_unanswered() => {
                let (index, arrived_ms) = (*index, *arrived_ms);
                let answer = Answer::Receipt { index, arrived_ms, standing: None };
                delivery.answered(answer, arrived_ms)
            }
            _ => delivery,
        }
    }

    /// Whether it is on the work list.
    #[must_use]
    pub fn is_due(&self) -> bool {
        self.again || self.is_unanswered()
    }

    /// Whether neither a receipt nor a refusal has come.
    #[must_use]
    pub fn is_unanswered(&self) -> bool {
        matches!(self.state, State::Stored | State::Sent { .. })
    }

    /// Its bytes were handed to a collector.
    #[must_use]
    pub fn sent(self, now_ms: u64) -> Self {
        let state = match self.state {
            State::Stored | State::Sent { .. } => State::Sent { at_ms: now_ms },
            // Sent once more: what is known of it stays known.
            answered @ (State::Received { .. } | State::Refused { .. }) => answered,
        };
        Self { state, attempts: self.attempts.saturating_add(1), next_try_ms: None, ..self }
    }

    /// An answer came. A receipt is never taken back: a later refusal or a receipt
    /// for another entry is noted as a failure, and the first receipt stands.
    #[must_use]
    pub fn answered(self, answer: Answer, now_ms: u64) -> Self {
        let settled = Self { again: false, next_try_ms: None, ..self };
        match (&settled.state, answer) {
            (State::Received { .. }, Answer::Refusal { refusal, .. }) => {
                settled.noted(Failure::new(now_ms, Reason::RefusedAfterReceipt, refusal.code()))
            }
            (State::Received { index: known, .. }, Answer::Receipt { index, .. })
                if *known != index =>
            {
                let detail = format!("entry {known}, now {index}");
                settled.noted(Failure::new(now_ms, Reason::OtherEntry, &detail))
            }
            (_, Answer::Receipt { index, arrived_ms, standing }) => {
                let state = State::Received { at_ms: now_ms, index, arrived_ms, standing };
                Self { state, last_failure: None, ..settled }
            }
            (_, Answer::Refusal { refusal, detail }) => {
                let detail = shortened(&detail, MAX_DETAIL);
                let state = State::Refused { at_ms: now_ms, refusal, detail };
                Self { state, last_failure: None, ..settled }
            }
        }
    }

    /// An attempt brought no answer; the form stays where it was.
    #[must_use]
    pub fn failed(self, failure: Failure, next_try_ms: Option<u64>) -> Self {
        Self { next_try_ms, ..self.noted(failure) }
    }

    /// The collector says how it stands by now. Only of a form with a receipt it can know.
    #[must_use]
    pub fn stands(self, now: Standing) -> Self {
        match self.state {
            State::Received { at_ms, index, arrived_ms, .. } => {
                let standing = Some(now);
                Self { state: State::Received { at_ms, index, arrived_ms, standing }, ..self }
            }
            State::Stored | State::Sent { .. } | State::Refused { .. } => self,
        }
    }

    /// The operator wants it sent once more.
    #[must_use]
    pub fn once_more(self) -> Self {
        Self { again: true, ..self }
    }

    fn noted(self, failure: Failure) -> Self {
        Self { last_failure: Some(failure), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECEIPT: Answer =
        Answer::Receipt { index: 7, arrived_ms: 30, standing: Some(Standing::Counted) };

    fn refusal() -> Answer {
        Answer::Refusal { refusal: Refusal::NotEnrolled, detail: "é".repeat(300) }
    }

    #[test]
    fn only_a_receipt_or_a_refusal_ends_the_work() {
        let stored = Delivery::stored(10);
        assert!(stored.is_due());
        let sent = stored.sent(20);
        assert_eq!((sent.is_due(), &sent.state), (true, &State::Sent { at_ms: 20 }));
        let failure = Failure::new(25, Reason::TimedOut, "60 s");
        let failed = sent.clone().failed(failure.clone(), Some(90));
        assert!(failed.is_due());
        assert_eq!((failed.last_failure, failed.next_try_ms), (Some(failure), Some(90)));
        assert!(!sent.clone().answered(RECEIPT, 40).is_due());
        assert!(!sent.answered(refusal(), 40).is_due());
    }

    #[test]
    fn a_receipt_settles_what_failed_before() {
        let failed = Delivery::stored(1).failed(Failure::new(2, Reason::CutOff, ""), Some(9));
        let received = failed.sent(3).answered(RECEIPT, 40);
        let state = State::Received {
            at_ms: 40,
            index: 7,
            arrived_ms: 30,
            standing: Some(Standing::Counted),
        };
        let wanted = Delivery { state, attempts: 1, ..Delivery::stored(1) };
        assert_eq!(received, wanted);
    }

    #[test]
    fn sending_once_more_never_loses_a_receipt() {
        let received = Delivery::stored(1).sent(2).answered(RECEIPT, 3);
        let again = received.clone().once_more();
        assert!(again.is_due());
        let again = again.sent(4);
        assert_eq!(again.state, received.state);
        let refused = again.clone().answered(refusal(), 5);
        assert_eq!((refused.is_due(), &refused.state), (false, &received.state));
        let other = Answer::Receipt { index: 8, arrived_ms: 30, standing: None };
        let other = again.answered(other, 5);
        assert_eq!(other.state, received.state);
        assert_eq!(other.last_failure.map(|failure| failure.reason), Some(Reason::OtherEntry));
    }

    #[test]
    fn a_refused_form_can_be_sent_once_more() {
        let refused = Delivery::stored(1).sent(2).answered(refusal(), 3);
        let received = refused.once_more().sent(4).answered(RECEIPT, 5);
        assert!(matches!(received.state, State::Received { index: 7, .. }));
    }

    #[test]
    fn how_a_form_stands_changes_nothing_else_of_it() {
        let received = Delivery::stored(1).sent(2).answered(RECEIPT, 3);
        let rejected = received.clone().stands(Standing::Rejected);
        let State::Received { standing, .. } = rejected.state else { panic!("{rejected:?}") };
        assert_eq!((standing, rejected.is_due()), (Some(Standing::Rejected), false));
        assert_eq!(rejected.stands(Standing::Counted), received);
        let stored = Delivery::stored(1);
        assert_eq!(stored.clone().stands(Standing::Counted), stored, "without a receipt nothing");
    }

    #[test]
    fn details_are_bounded() {
        let refused = Delivery::stored(1).answered(refusal(), 3);
        let State::Refused { detail, .. } = &refused.state else { panic!("{refused:?}") };
        assert_eq!(detail.len(), MAX_DETAIL);
        let failed = refused
            .once_more()
            .failed(Failure::new(4, Reason::Unreachable, &"x".repeat(999)), Some(u64::MAX));
        assert!(saksi_proto::codec::encode(&failed).len() < 600);
    }
}
