//! The collector: the roster's word, admission, sequencer, log and ledger as they are,
//! over a simulated disk. Requests of one moment share a commit.

use std::sync::{Arc, RwLock};

use saksi_collector::admission::desk::{Answered, Answers};
use saksi_collector::admission::{Purpose, Refused, Submission, Voice, admit};
use saksi_collector::changes::Change;
use saksi_collector::election::Election;
use saksi_collector::ledger::Ledger;
use saksi_collector::log::{Log, LogFault, LogSigner};
use saksi_collector::reading::Staged;
use saksi_collector::sequencer::{Answer, Forms, Sequencer, Work};
use saksi_proto::SigningKey;
use saksi_proto::VerifyingKey;
use saksi_proto::checkpoint::LogKey;
use saksi_proto::entry::Entry;
use saksi_proto::message::{
    Batch, Later, Logged, Outcome, Outcomes, ToAgent, ToCollector, Welcome,
};
use saksi_proto::refusal::Farewell;
use tokio::sync::{oneshot, watch};

use super::country;
use super::storage::Shelf;

/// Requests that may wait for one commit; more come later.
const WAITING: usize = 2;

/// When those are to come again, milliseconds.
const BUSY_MS: u32 = 2_000;

/// Whose certificate a session was opened with, and which session it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    /// Where answers go: a device, or nobody for a forger.
    pub device: Option<usize>,
    /// Its session.
    pub session: u64,
    /// The station in the certificate.
    pub station: usize,
    /// The certificate's key.
    pub key: VerifyingKey,
}

/// Forms and their answers, as they leave the collector.
pub struct Handed {
    /// For whom.
    pub caller: Caller,
    /// The forms of the batch.
    pub forms: Vec<Vec<u8>>,
    /// One answer a form.
    pub answers: Vec<Result<Answer, Refused>>,
    /// The message.
    pub message: ToAgent,
}

/// The collector, running or not.
pub struct Centre {
    /// What it serves.
    pub election: Arc<Election>,
    /// Its journal.
    pub shelf: Shelf,
    /// Its process, while it runs.
    pub running: Option<Serving>,
    waiting: Vec<(Caller, Batch)>,
}

/// A collector that runs.
pub struct Serving {
    sequencer: Sequencer<Shelf>,
    /// What pages are made of.
    pub ledger: Arc<RwLock<Ledger>>,
}

/// A batch between admission and its answer.
struct Pending {
    caller: Caller,
    number: u32,
    forms: Vec<Vec<u8>>,
    answered: oneshot::Receiver<Answers>,
}

fn signer() -> LogSigner {
    LogSigner { origin: "simulation/log".to_owned(), key: SigningKey::from_bytes(&[9; 32]) }
}

/// The key that receipts are checked with.
#[must_use]
pub fn log_key() -> LogKey {
    signer().log_key()
}

impl Centre {
    /// A new collector with every station enrolled, serving.
    ///
    /// # Panics
    /// Never: nothing goes wrong yet.
    #[must_use]
    pub fn new() -> Self {
        let election = country::election();
        let shelf = Shelf::new();
        let staged = |entry: &Entry| Staged::of(&election, entry).expect("of this election");
        let manifest = staged(&country::manifest(&election, &log_key().to_string()));
        drop(Log::begin(shelf.clone(), signer(), manifest).expect("a disk without faults"));
        let mut centre = Self { election, shelf, running: None, waiting: Vec::new() };
        centre.start().expect("a log that was just begun");
        let enrolments = Change::Enrol { enrolments: country::enrolments(), replace: false };
        let serving = centre.running.as_mut().expect("it was started");
        let changed = serving.sequencer.change(&enrolments).expect("a disk without faults");
        changed.expect("stations without devices");
        centre
    }

    /// Starts it: the whole log is folded.
    ///
    /// # Errors
    /// [`LogFault`] if the log cannot be served.
    pub fn start(&mut self) -> Result<(), LogFault> {
        let mut ledger = Ledger::new(Arc::clone(&self.election));
        let log = Log::open(self.shelf.open()?, signer(), &mut ledger)?;
        let ledger = Arc::new(RwLock::new(ledger));
        let sequencer = Sequencer::new(log, Arc::clone(&ledger), watch::Sender::new(0), 1_000);
        self.running = Some(Serving { sequencer, ledger });
        Ok(())
    }

    /// Its process is gone, and with it every session.
    pub fn stop(&mut self) {
        self.running = None;
        self.waiting.clear();
    }

    /// The roster changes; `false`: the roster does not allow it, or nothing runs.
    ///
    /// # Errors
    /// [`LogFault`] ends the process.
    pub fn change(&mut self, change: &Change) -> Result<bool, LogFault> {
        let Some(serving) = &mut self.running else { return Ok(false) };
        Ok(serving.sequencer.change(change)?.is_ok())
    }

    /// Takes a message. An answer comes at once or, for a batch, with the next commit.
    pub fn receive(
        &mut self,
        caller: Caller,
        message: ToCollector,
        now_ms: u64,
    ) -> Option<ToAgent> {
        if self.voice(caller).is_none() {
            return Some(ToAgent::Farewell(Farewell::NotEnrolled));
        }
        if let ToCollector::Hello(hello) = &message {
            let ours = hello.election == self.election.definition.digest();
            let other = ToAgent::Farewell(Farewell::OtherElection);
            return Some(if ours { ToAgent::Welcome(Welcome { now_ms }) } else { other });
        }
        let ToCollector::Submit(batch) = message else {
            return Some(ToAgent::Farewell(Farewell::OutOfTurn));
        };
        if self.waiting.len() >= WAITING {
            let later = Outcome::Later { after_ms: BUSY_MS, why: Later::Busy };
            let outcomes = vec![later; batch.forms.len()];
            let number = batch.number;
            let (checkpoints, links) = (vec![], vec![]);
            let outcomes = Outcomes { number, checkpoints, links, outcomes };
            return Some(ToAgent::Outcomes(outcomes));
        }
        self.waiting.push((caller, batch));
        None
    }

    /// Commits what waits. The answers are those that were given, also where the
    /// process could not go on afterwards.
    ///
    /// # Errors
    /// [`LogFault`] ends the process; it stands beside the answers.
    pub fn commit(&mut self, now_ms: u64, seed: &[u8; 32]) -> (Vec<Handed>, Result<(), LogFault>) {
        let (mut submissions, mut pending, mut answers) = (Vec::new(), Vec::new(), Vec::new());
        for (caller, Batch { number, known, forms }) in std::mem::take(&mut self.waiting) {
            let Some(voice) = self.voice(caller) else { continue };
            let (answer, answered) = oneshot::channel();
            pending.push(Pending { caller, number, forms: forms.clone(), answered });
            answers.push((voice.clone(), known, answer));
            let (purpose, suspect, arrived_ms) = (Purpose::Count, false, now_ms);
            let signers = Vec::new();
            submissions.push(Submission {
                voice,
                purpose,
                signers,
                suspect,
                arrived_ms,
                known,
                forms,
            });
        }
        let Some(serving) = &mut self.running else { return (Vec::new(), Ok(())) };
        let verdicts = admit(&self.election, submissions, Some(seed)).into_iter().zip(answers);
        let works = verdicts
            .map(|(verdicts, (voice, known, answer))| Forms { voice, known, verdicts, answer })
            .map(Work::Forms);
        let done = serving.sequencer.commit(works.collect());
        let handed = pending.into_iter().filter_map(Pending::handed).collect();
        (handed, done)
    }

    /// The roster's word on a caller.
    fn voice(&self, caller: Caller) -> Option<Voice> {
        let serving = self.running.as_ref()?;
        let station = country::station(caller.station).parse().ok()?;
        let ledger = serving.ledger.read().ok()?;
        Voice::of(&ledger, station, caller.key)
    }
}

impl Default for Centre {
    fn default() -> Self {
        Self::new()
    }
}

impl Pending {
    fn handed(mut self) -> Option<Handed> {
        let answers = self.answered.try_recv().ok()?;
        // Only of the log's certain entries a device has seen anything.
        let answered = answers.expect("a log that has all that was acknowledged");
        let Answered { forms: answers, links } = answered;
        let mut checkpoints: Vec<String> = Vec::new();
        let outcomes = answers.iter().map(|answer| match answer {
            Ok(answer) => logged(answer, &mut checkpoints),
            Err(Refused { refusal, detail }) => {
                Outcome::Refused { refusal: *refusal, detail: detail.clone() }
            }
        });
        let outcomes = outcomes.collect();
        let message =
            ToAgent::Outcomes(Outcomes { number: self.number, checkpoints, links, outcomes });
        Some(Handed { caller: self.caller, forms: self.forms, answers, message })
    }
}

fn logged(answer: &Answer, checkpoints: &mut Vec<String>) -> Outcome {
    let Answer { receipt, standing, .. } = answer;
    let known = checkpoints.iter().position(|known| *known == receipt.checkpoint);
    let checkpoint = known.unwrap_or_else(|| {
        checkpoints.push(receipt.checkpoint.clone());
        checkpoints.len() - 1
    });
    Outcome::Logged(Logged {
        index: receipt.index,
        arrived_ms: receipt.arrived_ms,
        proof: receipt.proof.clone(),
        checkpoint: u16::try_from(checkpoint).expect("few checkpoints"),
        standing: *standing,
    })
}
