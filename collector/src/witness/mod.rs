//! A witness for the logs of others: it cosigns a checkpoint if that goes on from the one
//! it cosigned last, and never goes back (C2SP `tlog-witness`).
//!
//! ```text
//! request ─► whose log? ─► signed? ─► from what we know? ─► consistent? ─► kept ─► cosigned
//! ```
//!
//! | step | module |
//! |---|---|
//! | its directory: made, opened, and what is damaged in it | [`home`] |
//! | what was cosigned last, durable before it is answered | [`kept`] — the commit point |
//! | over HTTP | [`http`] |

pub mod home;
pub mod http;
pub mod kept;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use saksi_proto::SigningKey;
use saksi_proto::checkpoint::{Checkpoint, CheckpointFault, LogKey, MAX_CHECKPOINT};
use saksi_proto::cosignature::{WitnessKey, cosign};
use saksi_proto::digest::Digest;
use saksi_proto::merkle::is_consistent;
use saksi_proto::note::Note;
use saksi_proto::witnessing::AddCheckpoint;
use tracing::{error, info};

use home::WitnessFault;
use kept::{Kept, Known};

/// A witness with the state of all its logs.
pub struct Witness {
    name: String,
    key: SigningKey,
    /// By origin. A log's lock is held from the check of what is known until what is known
    /// then is durable: two requests at once can never go back.
    logs: HashMap<String, Mutex<Kept>>,
}

/// What a witness answers. The numbers are those of HTTP, as the specification has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// 200: its signature line.
    Cosigned(String),
    /// 400: not in the form, or smaller than what it says to go on from.
    Malformed(String),
    /// 403: not signed by the log.
    Unsigned,
    /// 404: a log that is not this witness's.
    UnknownLog,
    /// 409, with this size: it has cosigned one of another size last.
    Conflict(u64),
    /// 409, without a size: it has cosigned another log of the same size.
    OtherRoot,
    /// 422: it does not go on from what was cosigned last.
    Inconsistent,
    /// 500: what it knows cannot be kept. Nothing was cosigned.
    NotKept,
}

impl Witness {
    /// Opens the witness in a directory.
    ///
    /// # Errors
    /// [`WitnessFault`], also if what it knew of a log is not whole.
    pub fn open(dir: &Path) -> Result<Self, WitnessFault> {
        let (name, key) = home::read_key(dir)?;
        let witness = home::public_key(&name, &key)?;
        let logs = home::read_logs(dir, &witness)?.into_iter();
        let logs = logs.map(|kept| (kept.key().origin.clone(), Mutex::new(kept))).collect();
        Ok(Self { name, key, logs })
    }

    /// Its key, as those who believe it must know it.
    ///
    /// # Panics
    /// Never: the name was checked when it was opened.
    #[must_use]
    pub fn public_key(&self) -> WitnessKey {
        home::public_key(&self.name, &self.key).expect("the name of an opened witness")
    }

    /// Each of its logs, with the size it cosigned last, in the order of their names.
    #[must_use]
    pub fn logs(&self) -> Vec<(LogKey, u64)> {
        let logs = self.logs.values().map(|kept| {
            let kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
            (kept.key().clone(), kept.size())
        });
        let mut logs: Vec<_> = logs.collect();
        logs.sort_by(|(one, _), (other, _)| one.origin.cmp(&other.origin));
        logs
    }

    /// Answers a request that came at `now`, in seconds since 1970, UTC.
    pub fn add_checkpoint(&self, body: &[u8], now: u64) -> Answer {
        let asked = match AddCheckpoint::parse(body) {
            Ok(asked) => asked,
            Err(fault) => return Answer::Malformed(fault.to_string()),
        };
        let claimed = match Checkpoint::claimed(&asked.note) {
            Ok(claimed) => claimed,
            Err(fault) => return Answer::Malformed(fault.to_string()),
        };
        let Some(kept) = self.logs.get(&claimed.origin) else { return Answer::UnknownLog };
        // Whoever panicked holding it had not finished; that log is not cosigned any more.
        let Ok(mut kept) = kept.lock() else { return Answer::NotKept };
        let checkpoint = match kept.key().open(&asked.note) {
            Ok(checkpoint) => checkpoint,
            Err(CheckpointFault::Malformed(what)) => return Answer::Malformed(what.to_owned()),
            Err(_) => return Answer::Unsigned,
        };
        self.judge(&mut kept, &asked, checkpoint, now)
    }

    fn judge(&self, kept: &mut Kept, asked: &AddCheckpoint, new: Checkpoint, now: u64) -> Answer {
        if asked.old > new.size {
            return Answer::Malformed("the old size is larger than the new one".to_owned());
        }
        if kept.has_failed() {
            return Answer::NotKept;
        }
        let (size, root) = (kept.size(), kept.root());
        if new.size == size && new.root != root && kept.known().is_some() {
            two_logs(kept, asked);
        }
        if asked.old != size {
            return Answer::Conflict(size);
        }
        if new.size == size && new.root != root {
            return Answer::OtherRoot;
        }
        if !is_consistent((size, &root), (new.size, &new.root), &asked.proof) {
            let log = &new.origin;
            error!(%log, size, new = new.size, "refused: it does not go on from what was cosigned");
            return Answer::Inconsistent;
        }
        self.keep(kept, asked, new, now)
    }

    /// Keeps it, and then cosigns it.
    fn keep(&self, kept: &mut Kept, asked: &AddCheckpoint, new: Checkpoint, now: u64) -> Answer {
        // A clock that was set back does not make this witness say of an earlier time what
        // it has learnt since.
        let time = kept.known().map_or(now, |known| known.time.max(now));
        let known = match self.cosigned(kept.key(), asked, new, time) {
            Ok(known) => known,
            Err(answer) => return answer,
        };
        let line = known.line.clone();
        if kept.known() == Some(&known) {
            // Asked again within the second: there is nothing new to keep.
            return Answer::Cosigned(line);
        }
        let (log, size) = (known.checkpoint.origin.clone(), known.checkpoint.size);
        match kept.replace(known) {
            Ok(()) => {
                info!(%log, size, "cosigned");
                Answer::Cosigned(line)
            }
            Err(fault) => {
                error!(%log, size, %fault, "not cosigned: it cannot be kept; see to the disk");
                Answer::NotKept
            }
        }
    }

    /// The checkpoint with the log's signature and this witness's, and nobody else's.
    fn cosigned(
        &self,
        log: &LogKey,
        asked: &AddCheckpoint,
        checkpoint: Checkpoint,
        time: u64,
    ) -> Result<Known, Answer> {
        let malformed = |what: &str| Answer::Malformed(what.to_owned());
        let note = Note::parse(&asked.note).map_err(|fault| malformed(&fault.to_string()))?;
        let line = cosign(&self.name, &self.key, note.body, time);
        let own = note.by(&log.origin, log.id()).next().map_or("", |own| own.line);
        let note = format!("{}\n{own}\n{line}", note.body);
        // What is kept must open when this witness starts again.
        if note.len() > MAX_CHECKPOINT {
            return Err(malformed("its extension lines are too long"));
        }
        Ok(Known { checkpoint, time, note, line })
    }
}

/// Two checkpoints of one size, both signed by the log: nobody can explain that away.
fn two_logs(kept: &Kept, asked: &AddCheckpoint) {
    let (log, name) = (&kept.key().origin, Digest::of(asked.note.as_bytes()));
    match kept.keep_evidence(&name.to_string(), &asked.note) {
        Ok(file) => error!(%log, file = %file.display(),
            "the log has signed two histories; the other one is in the file: publish it"),
        Err(fault) => error!(%log, %fault, note = asked.note,
            "the log has signed two histories, and the other one cannot be kept: publish it"),
    }
}
