//! Cosignatures for this log: before a checkpoint is published, witnesses of other houses
//! are asked for theirs, all at once and for a bounded time.
//!
//! | step | module |
//! |---|---|
//! | who they are, and how many are needed | [`settings`] |
//! | asking one of them | `ask` |
//! | one that does not answer is left alone for a while | `standing` |
//!
//! Publication never waits for longer than the time allowed, and goes on with what came. A
//! checkpoint that lacks cosignatures is asked for again, also if no entry follows it.

mod ask;
pub mod settings;
mod standing;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::Instant;

use saksi_proto::checkpoint::{Checkpoint, LogKey};
use saksi_proto::cosignature::{
    Cosignature, WitnessKey, WitnessPolicy, cosignatures, with_cosignatures,
};
use saksi_proto::digest::Digest;
use saksi_proto::policy::Policy;
use tokio::sync::watch;
use tracing::{error, info, warn};

use crate::metrics::Metrics;
use ask::{Asked, Question, Trouble};
use settings::Settings;
use standing::Standing;

/// The consistency proof from an earlier size of the log to that of the checkpoint.
pub type Proofs<'a> = &'a dyn Fn(u64) -> io::Result<Vec<Digest>>;

/// A checkpoint that enough witnesses have cosigned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witnessed {
    /// What it says.
    pub checkpoint: Checkpoint,
    /// The note with the cosignatures.
    pub note: String,
}

/// The newest of them that is published; none before the first.
pub type Newest = watch::Receiver<Option<Arc<Witnessed>>>;

/// Asks the witnesses of a log. Owned by whoever publishes.
pub struct Cosigners {
    settings: Settings,
    witnesses: Vec<Standing>,
    /// The checkpoint asked for last, as the log signed it, and whose cosignatures it has.
    last: Option<(String, Vec<Cosignature>)>,
    newest: watch::Sender<Option<Arc<Witnessed>>>,
    metrics: Arc<Metrics>,
}

impl Cosigners {
    /// Those that the configuration names.
    #[must_use]
    pub fn new(settings: Settings, metrics: Arc<Metrics>) -> Self {
        let witnesses = settings.witnesses.iter().map(|witness| {
            metrics.has_witness(witness.key.name());
            Standing::new(ask::door(&witness.url))
        });
        let witnesses = witnesses.collect();
        Self { settings, witnesses, last: None, newest: watch::Sender::new(None), metrics }
    }

    /// For whoever needs the newest published checkpoint that enough have cosigned.
    #[must_use]
    pub fn newest(&self) -> Newest {
        self.newest.subscribe()
    }

    /// Which log is believed, and with whose cosignatures, for auditors and devices.
    #[must_use]
    pub fn policy(&self, log: LogKey) -> Policy {
        Policy { logs: vec![log], witnesses: self.settings.policy() }
    }

    /// Goes on from a checkpoint that was published before this process began: `published`
    /// is the signed `note` with what cosignatures it had.
    pub fn resume(&mut self, checkpoint: &Checkpoint, note: &str, published: &str) {
        if self.last.as_ref().is_some_and(|(last, _)| last == note) {
            return;
        }
        let of_it = published.starts_with(note);
        let found = cosignatures(published, self.settings.policy().witnesses());
        let found = found.ok().filter(|_| of_it).unwrap_or_default();
        if of_it {
            self.published(checkpoint, published);
        }
        self.last = Some((note.to_owned(), found));
    }

    /// The signed `note` over `checkpoint` with all cosignatures that came in the time
    /// allowed, and those that it had already.
    pub fn cosign(&mut self, checkpoint: &Checkpoint, note: &str, proofs: Proofs<'_>) -> String {
        let now = Instant::now();
        let mut found = match self.last.take() {
            Some((last, found)) if last == note => found,
            _ => Vec::new(),
        };
        let question = Question { checkpoint, note, proofs, until: now + self.settings.patience };
        let due = self.due_of(&found, now);
        let doors: Vec<_> = due
            .iter()
            .map(|at| (*at, &self.witnesses[*at].door, self.witnesses[*at].size))
            .collect();
        let mut answers: HashMap<_, _> = ask::ask_all(&doors, &question).into_iter().collect();
        for at in due {
            let silent = || Err(Trouble::Silent("it was not asked".to_owned()));
            let key = &self.settings.witnesses[at].key;
            let lines = answers.remove(&at).unwrap_or_else(silent);
            let asked = lines.and_then(|lines| ask::verified(key, note, &lines));
            found.extend(self.judge(at, asked, checkpoint));
        }
        found.sort_by_key(|cosignature| cosignature.witness);
        let text = with_cosignatures(note, &found);
        self.last = Some((note.to_owned(), found));
        text
    }

    /// The note is published: if enough have cosigned it, it is the newest.
    pub fn published(&self, checkpoint: &Checkpoint, note: &str) {
        if self.settings.policy().is_witnessed(note) {
            self.metrics.witnessed(checkpoint.size);
            let witnessed = Witnessed { checkpoint: checkpoint.clone(), note: note.to_owned() };
            self.newest.send_replace(Some(Arc::new(witnessed)));
        }
    }

    /// When the checkpoint asked for last is to be asked for again; never, if it has all
    /// that there can be.
    #[must_use]
    pub fn due(&self) -> Option<Instant> {
        let (_, found) = self.last.as_ref()?;
        let lacking = (0..self.witnesses.len()).filter(|at| is_lacking(found, *at));
        lacking.map(|at| self.witnesses[at].due()).min()
    }

    fn due_of(&self, found: &[Cosignature], now: Instant) -> Vec<usize> {
        let all = 0..self.witnesses.len();
        all.filter(|at| is_lacking(found, *at) && self.witnesses[*at].due() <= now).collect()
    }

    /// Counts and says what came of it.
    fn judge(
        &mut self,
        at: usize,
        asked: Result<Asked, Trouble>,
        checkpoint: &Checkpoint,
    ) -> Option<Cosignature> {
        let (witness, now) = (self.settings.witnesses[at].key.name(), Instant::now());
        let standing = &mut self.witnesses[at];
        let trouble = match asked {
            Ok(Asked { time, line }) => {
                self.metrics.witness_cosigned(witness);
                if standing.is_well(checkpoint.size) {
                    info!(%witness, "the witness cosigns again");
                }
                return Some(Cosignature { witness: at, time, line });
            }
            Err(trouble) => trouble,
        };
        self.metrics.witness_failed(witness);
        let is_news = standing.is_in_trouble(&trouble, now);
        match trouble {
            // Said every time: it must not be missed.
            Trouble::OtherLog(what) => error!(%witness, size = checkpoint.size,
                "THE WITNESS KNOWS ANOTHER LOG THAN THIS ONE: {what}. Either this log was set \
                 back, or somebody has its key"),
            Trouble::Silent(what) | Trouble::Refused(what) if is_news => {
                warn!(%witness, "no cosignature: {what}; it is asked again, less and less often");
            }
            Trouble::Silent(_) | Trouble::Refused(_) => {}
        }
        None
    }
}

fn is_lacking(found: &[Cosignature], at: usize) -> bool {
    found.iter().all(|cosignature| cosignature.witness != at)
}

impl Settings {
    /// What makes a checkpoint of this log witnessed.
    ///
    /// # Panics
    /// Never: the configuration was checked when it was read.
    #[must_use]
    pub fn policy(&self) -> WitnessPolicy {
        let keys: Vec<WitnessKey> = self.witnesses.iter().map(|one| one.key.clone()).collect();
        WitnessPolicy::new(keys, self.needed).expect("checked when the configuration was read")
    }
}
