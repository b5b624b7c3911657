//! The sequencer: the one owner of the log, and the one writer of the ledger.
//!
//! It takes all work that waits, stages what is new, commits it once, folds it, and
//! answers. The order is always stage → commit → fold → answer.

mod staging;
mod witnessed;

use std::sync::{Arc, RwLock, RwLockReadGuard};
use std::time::Instant;

use saksi_proto::checkpoint::Checkpoint;
use saksi_proto::entry::Entry;
use saksi_proto::message::Standing;
use saksi_proto::receipt::Receipt;
use saksi_proto::refusal::Refusal;
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, oneshot, watch};

use crate::admission::desk::{Answered, Answers, Behind};
use crate::admission::{Refused, Ticket, Verdicts, Voice};
use crate::changes::{Change, ChangeFault, decide};
use crate::journal::Journal;
use crate::ledger::Ledger;
use crate::log::{Log, LogFault};
use crate::metrics::Metrics;
use crate::reading::Staged;
use crate::storage::Storage;
use staging::Staging;
pub use witnessed::{Proven, Wanted};

/// Most forms in one commit. At 10 µs of verification a form, that is 20 ms of work
/// by others for one fsync here; more would only lengthen everyone's wait.
const MAX_COMMIT: usize = 2_048;

/// Work for the sequencer; each piece is answered after its commit.
pub enum Work {
    /// Forms that admission has decided on.
    Forms(Forms),
    /// A checkpoint that a device holds against the log.
    Accusation {
        /// What the log's key has signed.
        checkpoint: Checkpoint,
        /// Told what the log says to it.
        answer: oneshot::Sender<Examined>,
    },
    /// Receipts that lead to a cosigned checkpoint.
    Witnessed(Wanted),
    /// A change of the roster.
    Change {
        /// What is to change.
        change: Change,
        /// Told when it is in the log, or why it is not.
        answer: oneshot::Sender<Result<Changed, ChangeFault>>,
    },
}

/// What admission says to the forms of one submission.
pub struct Forms {
    /// Who sent them. If the roster says something else by now, of this device or of one
    /// that has signed a carried form, they are not answered, and the device asks again.
    pub voice: Voice,
    /// Entries of the newest checkpoint that the device knows; 0: none.
    pub known: u64,
    /// The verdicts, in the order of the forms.
    pub verdicts: Verdicts,
    /// One answer a form, in the same order.
    pub answer: oneshot::Sender<Answers>,
}

/// A checkpoint, held beside the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examined {
    /// Entries of the log.
    pub entries: u64,
    /// Whether the log has grown from it.
    pub agrees: bool,
}

/// A change that is in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// Entries that it came to; none, if it was there already.
    pub entries: usize,
    /// Index of the first of them.
    #[serde(default)]
    pub first: Option<u64>,
}

/// What became of an admitted form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Proof that it is in the log.
    pub receipt: Receipt,
    /// Entries that the receipt's checkpoint covers.
    pub covered: u64,
    /// How it stands at that moment.
    pub standing: Standing,
    /// Whether it was in the log before.
    pub resubmitted: bool,
}

/// Owns the log; runs on a thread of its own.
pub struct Sequencer<S = Journal> {
    log: Log<S>,
    /// Written here only.
    ledger: Arc<RwLock<Ledger>>,
    /// Told whenever a device has ceased to speak for its station.
    revocations: watch::Sender<u64>,
    /// Told after each commit how many entries there are.
    commits: watch::Sender<u64>,
    /// Most forms of one station for one contest.
    station_forms: usize,
}

/// Who waits for a commit, and for what.
struct Pending {
    known: u64,
    tickets: Vec<Result<Ticket, Refused>>,
    answer: oneshot::Sender<Answers>,
}

impl<S: Storage> Sequencer<S> {
    /// Takes over an opened log and the ledger it was folded into.
    #[must_use]
    pub fn new(
        log: Log<S>,
        ledger: Arc<RwLock<Ledger>>,
        revocations: watch::Sender<u64>,
        station_forms: usize,
    ) -> Self {
        Self { log, ledger, revocations, commits: watch::Sender::new(0), station_forms }
    }

    /// Tells of every commit from now on; for whoever follows the log.
    #[must_use]
    pub fn commits(&self) -> watch::Receiver<u64> {
        self.commits.subscribe()
    }

    /// Works until all senders are gone.
    ///
    /// # Errors
    /// [`LogFault`] if the journal fails. Unanswered work stays unanswered: whether
    /// it is in the log is not known, and its devices will ask again.
    pub fn run(
        mut self,
        mut work: mpsc::Receiver<Work>,
        metrics: &Metrics,
    ) -> Result<(), LogFault> {
        metrics.log_has(self.ledger().position.size);
        while let Some(first) = work.blocking_recv() {
            let mut forms = first.forms();
            let mut batch = vec![first];
            while forms < MAX_COMMIT
                && let Ok(next) = work.try_recv()
            {
                forms += next.forms();
                batch.push(next);
            }
            let (before, begun) = (self.ledger().position.size, Instant::now());
            self.commit(batch)?;
            let entries = self.ledger().position.size;
            // What was all there before took no commit.
            if entries > before {
                metrics.committed(begun.elapsed());
                metrics.log_has(entries);
                self.commits.send_replace(entries);
            }
        }
        Ok(())
    }

    /// Stages, commits, folds and answers one batch of work, in its order: all forms
    /// together that no change comes between, and each change alone. Receipts that lead to a
    /// cosigned checkpoint come last: who asks for them has one already.
    ///
    /// # Errors
    /// As [`Sequencer::run`].
    pub fn commit(&mut self, batch: Vec<Work>) -> Result<(), LogFault> {
        let (mut together, mut wanted) = (Vec::new(), Vec::new());
        for work in batch {
            match work {
                Work::Forms(forms) => together.push(forms),
                Work::Witnessed(asked) => wanted.push(asked),
                Work::Accusation { checkpoint, answer } => {
                    let (entries, agrees) = (self.log.size(), self.log.has_grown_from(&checkpoint));
                    // Whoever asked may be gone.
                    drop(answer.send(Examined { entries, agrees }));
                }
                Work::Change { change, answer } => {
                    self.commit_forms(std::mem::take(&mut together))?;
                    let changed = self.change(&change)?;
                    // Whoever asked may be gone; what was done stands.
                    drop(answer.send(changed));
                }
            }
        }
        self.commit_forms(together)?;
        wanted.into_iter().for_each(|asked| asked.answer(&self.log));
        Ok(())
    }

    /// Decides on a change and commits what it comes to.
    ///
    /// # Errors
    /// As [`Sequencer::run`]. That a change is refused is an answer.
    pub fn change(&mut self, change: &Change) -> Result<Result<Changed, ChangeFault>, LogFault> {
        let decided = self.stage_change(change);
        let staged = match decided {
            Ok(staged) => staged,
            Err(fault) => return Ok(Err(fault)),
        };
        let entries = staged.len();
        let first = (entries > 0).then_some(self.ledger().position.size);
        if entries > 0 {
            self.log.append(&staged)?;
            self.fold(staged)?;
            let now = self.ledger().roster.revocations();
            self.revocations.send_if_modified(|told| std::mem::replace(told, now) != now);
        }
        Ok(Ok(Changed { entries, first }))
    }

    fn stage_change(&self, change: &Change) -> Result<Vec<Staged>, ChangeFault> {
        let ledger = self.ledger();
        let entries = decide(&ledger, change)?;
        let stage = |entry: &Entry| Staged::of(&ledger.election, entry);
        let staged = entries.iter().map(stage).collect::<Result<_, _>>();
        staged.map_err(|fault| ChangeFault::Unsound(fault.to_string()))
    }

    fn commit_forms(&mut self, batch: Vec<Forms>) -> Result<(), LogFault> {
        let (staged, pending) = self.stage(batch);
        let new = staged.len() as u64;
        if new > 0 {
            self.log.append(&staged)?;
            self.fold(staged)?;
        }
        let ledger = self.ledger();
        let first_of_commit = ledger.position.size - new;
        for pending in pending {
            self.answer(pending, &ledger, first_of_commit)?;
        }
        Ok(())
    }

    /// Shared with sessions and pages; only this thread ever writes.
    fn ledger(&self) -> RwLockReadGuard<'_, Ledger> {
        self.ledger.read().expect("the sequencer alone writes, and has not panicked")
    }

    /// What is not in the log yet, and who waits.
    fn stage(&self, batch: Vec<Forms>) -> (Vec<Staged>, Vec<Pending>) {
        let ledger = self.ledger();
        let mut staging = Staging::new(&ledger, self.station_forms);
        let mut staged = Vec::new();
        let entries = self.log.size();
        let pending = batch.into_iter().filter_map(|Forms { voice, known, verdicts, answer }| {
            // A log that lacks what a device has seen takes nothing from it: its receipts
            // would be for another log.
            if known > entries {
                drop(answer.send(Err(Behind { entries })));
                return None;
            }
            let stands = |voice: &Voice| {
                let found = ledger.roster.standing(voice.position, voice.key.as_bytes());
                found == Some(voice.standing)
            };
            let mut signers = verdicts.iter().flatten().filter_map(|form| form.signer.as_deref());
            if !stands(&voice) || !signers.all(stands) {
                return None;
            }
            let tickets = verdicts.into_iter().map(|verdict| {
                let form = verdict?;
                let signer = form.signer.as_deref().unwrap_or(&voice);
                if staging.is_new(signer, &form.ticket)? {
                    staged.push(form.staged);
                }
                Ok(form.ticket)
            });
            Some(Pending { known, tickets: tickets.collect(), answer })
        });
        let pending = pending.collect();
        (staged, pending)
    }

    fn fold(&mut self, staged: Vec<Staged>) -> Result<(), LogFault> {
        let mut ledger =
            self.ledger.write().expect("the sequencer alone writes, and has not panicked");
        for staged in staged {
            ledger.apply(staged.reading.meaning)?;
        }
        ledger.position.root = Some(self.log.root());
        Ok(())
    }

    /// A session that is gone needs no answer; its device will ask again.
    fn answer(&self, pending: Pending, ledger: &Ledger, first: u64) -> Result<(), LogFault> {
        let Pending { known, tickets, answer } = pending;
        let forms = tickets.into_iter().map(|ticket| match ticket {
            Ok(ticket) => self.answer_to(&ticket, ledger, first),
            Err(refused) => Ok(Err(refused)),
        });
        let forms = forms.collect::<Result<Vec<_>, LogFault>>()?;
        let sizes = forms.iter().flatten().map(|answer| answer.covered);
        let links = self.log.links(known, sizes);
        drop(answer.send(Ok(Answered { forms, links })));
        Ok(())
    }

    fn answer_to(
        &self,
        ticket: &Ticket,
        ledger: &Ledger,
        first_of_commit: u64,
    ) -> Result<Result<Answer, Refused>, LogFault> {
        let logged = ledger.find(ticket).expect("staged and folded, or logged before");
        let standing = match ticket {
            Ticket::Form(name) | Ticket::Evidence(_, name) => {
                ledger.tally.standing(name.contest, name.station, logged.index)
            }
            Ticket::Rehearsal(..) => Some(Standing::Rehearsed),
        };
        let Some(standing) = standing else {
            let kept = format!("kept as evidence in entry {}", logged.index);
            return Ok(Err(Refused::new(Refusal::Revoked, kept)));
        };
        let resubmitted = logged.index < first_of_commit;
        let (receipt, covered) = self.log.receipt(logged)?;
        Ok(Ok(Answer { receipt, covered, standing, resubmitted }))
    }
}

impl Work {
    /// What it counts for in a batch of at most [`MAX_COMMIT`].
    fn forms(&self) -> usize {
        match self {
            Work::Forms(forms) => forms.verdicts.len(),
            Work::Witnessed(wanted) => wanted.forms.len(),
            Work::Change { .. } | Work::Accusation { .. } => 0,
        }
    }
}

#[cfg(test)]
mod tests;
