//! The sequencer: the one owner of the log, and the one writer of the ledger.
//!
//! It takes all work that waits, stages what is new, commits it once, folds it, and
//! answers. The order is always stage → commit → fold → answer.

use std::collections::HashSet;
use std::sync::{Arc, RwLock, RwLockReadGuard};
use std::time::Instant;

use saksi_proto::digest::Digest;
use saksi_proto::message::Standing;
use saksi_proto::receipt::Receipt;
use tokio::sync::{mpsc, oneshot};

use crate::admission::desk::Answers;
use crate::admission::{Refused, Verdicts};
use crate::journal::Journal;
use crate::ledger::Ledger;
use crate::log::{Log, LogFault};
use crate::metrics::Metrics;
use crate::reading::{FormName, Staged};
use crate::storage::Storage;

/// Most forms in one commit. At 10 µs of verification a form, that is 20 ms of work
/// by others for one fsync here; more would only lengthen everyone's wait.
const MAX_COMMIT: usize = 2_048;

/// Work for the sequencer; each piece is answered after its commit.
pub enum Work {
    /// What admission says to the forms of one submission.
    Forms {
        /// The verdicts, in the order of the forms.
        verdicts: Verdicts,
        /// One answer a form, in the same order.
        answer: oneshot::Sender<Answers>,
    },
    /// Devices that become the voice of their stations.
    Enrol {
        /// The enrolments, ready to be logged.
        staged: Vec<Staged>,
        /// Told when they are in the log.
        answer: oneshot::Sender<()>,
    },
}

/// What became of an admitted form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Proof that it is in the log.
    pub receipt: Receipt,
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
}

/// Who waits for a commit, and for what.
enum Pending {
    Forms(Vec<Result<FormName, Refused>>, oneshot::Sender<Answers>),
    Enrol(oneshot::Sender<()>),
}

impl<S: Storage> Sequencer<S> {
    /// Takes over an opened log and the ledger it was folded into.
    #[must_use]
    pub fn new(log: Log<S>, ledger: Arc<RwLock<Ledger>>) -> Self {
        Self { log, ledger }
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
            }
        }
        Ok(())
    }

    /// Stages, commits, folds and answers one batch of work.
    ///
    /// # Errors
    /// As [`Sequencer::run`].
    pub fn commit(&mut self, batch: Vec<Work>) -> Result<(), LogFault> {
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
    fn stage(&self, batch: Vec<Work>) -> (Vec<Staged>, Vec<Pending>) {
        let ledger = self.ledger();
        let mut known: HashSet<Digest> = HashSet::new();
        let mut staged = Vec::new();
        let pending = batch.into_iter().map(|work| match work {
            Work::Forms { verdicts, answer } => {
                let names = verdicts.into_iter().map(|verdict| {
                    let form = verdict?;
                    if ledger.logged(&form.name).is_none() && known.insert(form.name.digest) {
                        staged.push(form.staged);
                    }
                    Ok(form.name)
                });
                Pending::Forms(names.collect(), answer)
            }
            Work::Enrol { staged: enrolments, answer } => {
                staged.extend(enrolments);
                Pending::Enrol(answer)
            }
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
    fn answer(&self, work: Pending, ledger: &Ledger, first: u64) -> Result<(), LogFault> {
        match work {
            Pending::Enrol(answer) => drop(answer.send(())),
            Pending::Forms(names, answer) => {
                let answers = names.into_iter().map(|name| match name {
                    Ok(name) => self.answer_to(&name, ledger, first).map(Ok),
                    Err(refused) => Ok(Err(refused)),
                });
                drop(answer.send(answers.collect::<Result<_, LogFault>>()?));
            }
        }
        Ok(())
    }

    fn answer_to(
        &self,
        name: &FormName,
        ledger: &Ledger,
        first_of_commit: u64,
    ) -> Result<Answer, LogFault> {
        let logged = ledger.logged(name).expect("staged and folded, or logged before");
        let standing = ledger.tally.standing(name.contest, name.station, logged.index);
        let standing = standing.expect("folded with its entry");
        let resubmitted = logged.index < first_of_commit;
        Ok(Answer { receipt: self.log.receipt(logged)?, standing, resubmitted })
    }
}

impl Work {
    fn forms(&self) -> usize {
        match self {
            Work::Forms { verdicts, .. } => verdicts.len(),
            Work::Enrol { staged, .. } => staged.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use saksi_proto::SigningKey;

    use super::*;
    use crate::admission::{Submission, Voice, admit};
    use crate::log::LogSigner;
    use crate::sample::{self, form, key};

    fn signer() -> LogSigner {
        LogSigner { origin: "test/log".to_owned(), key: SigningKey::from_bytes(&[9; 32]) }
    }

    fn opened(path: &Path) -> Sequencer {
        let election = Arc::new(sample::election());
        let mut ledger = Ledger::new(Arc::clone(&election));
        if !path.exists() {
            let manifest = sample::manifest(&election, "");
            let manifest = Staged::of(&election, &manifest).unwrap();
            let journal = Journal::create(path).unwrap();
            drop(Log::begin(journal, signer(), manifest).unwrap());
        }
        let log = Log::open(Journal::open(path).unwrap(), signer(), &mut ledger).unwrap();
        Sequencer::new(log, Arc::new(RwLock::new(ledger)))
    }

    fn work(
        sequencer: &Sequencer,
        forms: &[(&str, [u32; 3])],
        arrived_ms: u64,
    ) -> (Work, oneshot::Receiver<Answers>) {
        let election = Arc::clone(&sequencer.ledger().election);
        let submissions = forms.iter().map(|(station, counts)| {
            let voice =
                Voice { station: station.parse().unwrap(), key: key(station).verifying_key() };
            let forms = vec![sample::sealed(&form(station, *counts)).bytes().to_vec()];
            Submission { voice, suspect: false, arrived_ms, forms }
        });
        let verdicts = admit(&election, submissions.collect(), None).into_iter().flatten();
        let (answer, answered) = oneshot::channel();
        (Work::Forms { verdicts: verdicts.collect(), answer }, answered)
    }

    fn answers(mut answered: oneshot::Receiver<Answers>) -> Vec<Answer> {
        answered.try_recv().unwrap().into_iter().map(Result::unwrap).collect()
    }

    #[test]
    fn the_same_bytes_are_one_entry_and_the_same_receipt_also_after_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal.db");
        let mut sequencer = opened(&path);
        let forms = [("1001", [1, 0, 1]), ("1002", [0, 1, 1])];
        // Twice in one commit, once more in the next.
        let (first, first_answers) = work(&sequencer, &forms, 100);
        let (again, again_answers) = work(&sequencer, &forms[..1], 200);
        sequencer.commit(vec![first, again]).unwrap();
        let first = answers(first_answers);
        assert_eq!(answers(again_answers)[0], first[0]);
        let (later, later_answers) = work(&sequencer, &[("2001", [1, 0, 1])], 300);
        sequencer.commit(vec![later]).unwrap();
        assert_eq!(answers(later_answers)[0].receipt.index, 3);
        drop(sequencer);
        let mut sequencer = opened(&path);
        let (after, after_answers) = work(&sequencer, &forms[..1], 400);
        sequencer.commit(vec![after]).unwrap();
        let after = answers(after_answers).remove(0);
        assert!(after.resubmitted && !first[0].resubmitted);
        assert_eq!(after.receipt, first[0].receipt);
        let sealed = sample::sealed(&form("1001", [1, 0, 1]));
        let checkpoint = after.receipt.verify(&sealed, &signer().log_key()).unwrap();
        assert_eq!((after.receipt.index, checkpoint.size, after.receipt.arrived_ms), (1, 3, 100));
        assert_eq!(sequencer.ledger.read().unwrap().position.size, 4);
    }

    #[test]
    fn answers_come_in_the_order_of_the_forms_and_say_how_they_stand() {
        let dir = tempfile::tempdir().unwrap();
        let mut sequencer = opened(&dir.path().join("journal.db"));
        let forms = [("1001", [1, 0, 1]), ("1002", [1, 0, 2]), ("1001", [0, 1, 1])];
        let (work, answered) = work(&sequencer, &forms, 100);
        sequencer.commit(vec![work]).unwrap();
        let answers = answers(answered);
        let standings: Vec<_> = answers.iter().map(|answer| answer.standing).collect();
        assert_eq!(standings, [Standing::Disputed, Standing::Held, Standing::Disputed]);
        let indexes: Vec<_> = answers.iter().map(|answer| answer.receipt.index).collect();
        assert_eq!(indexes, [1, 2, 3]);
    }

    #[test]
    fn a_journal_that_was_changed_is_not_served() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal.db");
        let mut sequencer = opened(&path);
        let (work, _answers) = work(&sequencer, &[("1001", [1, 0, 1])], 100);
        sequencer.commit(vec![work]).unwrap();
        drop(sequencer);
        let other = sample::arrival(&sample::sealed(&form("1001", [0, 1, 1]))).encode();
        let database = rusqlite::Connection::open(&path).unwrap();
        database.execute("UPDATE entry SET bytes = ?1 WHERE position = 1", [other]).unwrap();
        drop(database);
        let mut ledger = Ledger::new(Arc::new(sample::election()));
        let opened = Log::open(Journal::open(&path).unwrap(), signer(), &mut ledger);
        assert!(matches!(opened, Err(LogFault::OtherRoot { size: 2, .. })));
    }
}
