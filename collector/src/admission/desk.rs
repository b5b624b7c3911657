//! The admission desk: takes all submissions that wait, has their forms decided on
//! together, and hands the verdicts to the sequencer. One desk a core, each a thread of
//! its own, so that signatures never keep the network waiting.
//!
//! A lone form is decided at once; under load a desk finds many, and signatures cost a
//! third.

use std::sync::{Arc, Mutex, PoisonError};

use saksi_proto::links::Link;
use tokio::sync::{mpsc, oneshot};
use tracing::warn;

use super::turns::Turn;
use super::{Refused, Submission, admit};
use crate::election::Election;
use crate::sequencer::{Answer, Forms, Work};

/// A desk takes no further submission with this many forms in hand: 10 ms of work at
/// 9 µs a form, and twice as many would be only a tenth cheaper (measured).
const ENOUGH: usize = 1_024;

/// What the sequencer says to a submission.
pub type Answers = Result<Answered, Behind>;

/// The answers to the forms of a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// One answer a form, refused or logged.
    pub forms: Vec<Result<Answer, Refused>>,
    /// The proofs that the log only grew, between the checkpoints of the receipts and the
    /// one that the device knows.
    pub links: Vec<Link>,
}

/// The device has seen more of the log than there is. Nothing was done with its forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Behind {
    /// Entries of the log.
    pub entries: u64,
}

/// A submission that waits at the desks.
pub struct Waiting {
    /// The forms and who sent them.
    pub submission: Submission,
    /// Who waits for its answers.
    pub answer: oneshot::Sender<Answers>,
    /// Over when its forms are with the sequencer.
    pub turn: Turn,
}

/// A desk. All desks share the queue.
pub struct Desk {
    /// Against which forms are checked.
    pub election: Arc<Election>,
    /// Locked while a desk takes what waits.
    pub queue: Arc<Mutex<mpsc::Receiver<Waiting>>>,
    /// The way into the log.
    pub sequencer: mpsc::Sender<Work>,
}

impl Desk {
    /// Works until nobody can submit any more, or the sequencer is gone. Then what
    /// waits stays unanswered, and its devices will ask again.
    pub fn run(self) {
        while let Some(waiting) = self.take() {
            let (submissions, askers): (Vec<_>, Vec<_>) = waiting
                .into_iter()
                .map(|Waiting { submission, answer, turn }| {
                    let (voice, known) = (submission.voice.clone(), submission.known);
                    (submission, (voice, known, answer, turn))
                })
                .unzip();
            let seed = seed();
            let verdicts = admit(&self.election, submissions, seed.as_ref());
            for (verdicts, (voice, known, answer, turn)) in verdicts.into_iter().zip(askers) {
                let work = Work::Forms(Forms { voice, known, verdicts, answer });
                if self.sequencer.blocking_send(work).is_err() {
                    return;
                }
                drop(turn);
            }
        }
    }

    /// All that waits, at least one; `None` when nobody can submit any more.
    fn take(&self) -> Option<Vec<Waiting>> {
        // A desk that panicked has taken its submissions along; the queue is sound.
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let first = queue.blocking_recv()?;
        let mut forms = first.submission.forms.len();
        let mut waiting = vec![first];
        while forms < ENOUGH
            && let Ok(next) = queue.try_recv()
        {
            forms += next.submission.forms.len();
            waiting.push(next);
        }
        Some(waiting)
    }
}

/// Fresh randomness.
fn seed() -> Option<[u8; 32]> {
    let mut seed = [0; 32];
    match getrandom::fill(&mut seed) {
        Ok(()) => Some(seed),
        Err(fault) => {
            warn!(%fault, "no randomness: signatures are verified one by one");
            None
        }
    }
}
