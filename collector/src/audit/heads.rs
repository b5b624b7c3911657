//! What the log signs: its key, its checkpoint, and an older checkpoint to compare with.

use saksi_proto::checkpoint::{Checkpoint, LogKey, MAX_CHECKPOINT};
use saksi_proto::cosignature::cosignatures;
use saksi_proto::digest::Digest;
use saksi_proto::policy::Policy;
use serde::Serialize;

use super::fault::{AuditFault, Lie, LieKind};
use super::source::{MAX_KEY, PublicFiles};
use crate::publisher::{CHECKPOINT, LOG_KEY};

/// Most entries that a log can have: receipts have proofs of 40 hashes.
const MAX_ENTRIES: u64 = 1 << 40;

/// Who has cosigned a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cosigned {
    /// The policy's witnesses that have.
    pub by: Vec<By>,
    /// How many must have.
    pub needed: usize,
}

/// A witness, and when it cosigned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct By {
    /// Its name.
    pub witness: String,
    /// By its own clock: seconds since 1970, UTC.
    pub at_s: u64,
}

/// The signed head of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The key that it is signed with.
    pub key: LogKey,
    /// Whether the key is the log's own word, and not one that was given.
    pub own_key: bool,
    /// What it says.
    pub checkpoint: Checkpoint,
    /// Its text.
    pub note: String,
}

impl Head {
    /// Reads and verifies it, with the key that was given or else the log's own.
    ///
    /// # Errors
    /// [`AuditFault`].
    pub fn read(files: &PublicFiles, given: Option<&LogKey>) -> Result<Self, AuditFault> {
        let key = match (given, files.find(LOG_KEY, MAX_KEY)?) {
            (Some(given), None) => given.clone(),
            (Some(given), Some(own)) => compared(given, &own)?,
            (None, Some(own)) => parsed(&own)?,
            (None, None) => parsed(&files.read(LOG_KEY, MAX_KEY)?)?,
        };
        let note = files.read(CHECKPOINT, MAX_CHECKPOINT as u64)?;
        let wrong = |words: String| Lie::of_file(LieKind::Checkpoint, CHECKPOINT, words);
        let note = String::from_utf8(note).map_err(|_| wrong("not a text".to_owned()))?;
        let checkpoint = key.open(&note).map_err(|fault| wrong(fault.to_string()))?;
        if checkpoint.size == 0 {
            return Err(wrong("over no entries; a log begins with its manifest".to_owned()).into());
        }
        if checkpoint.size > MAX_ENTRIES {
            let words = format!("over {} entries, more than a log can have", checkpoint.size);
            return Err(wrong(words).into());
        }
        Ok(Self { key, own_key: given.is_none(), checkpoint, note })
    }

    /// The witnesses of a policy that have cosigned the checkpoint.
    ///
    /// # Errors
    /// A false cosignature, too few of them, or a policy about other logs.
    pub fn cosigned(&self, policy: &Policy) -> Result<Cosigned, AuditFault> {
        let Policy { logs, witnesses } = policy;
        if !logs.is_empty() && !logs.contains(&self.key) {
            let words = format!("the policy is not about this log, {}", self.key);
            return Err(AuditFault::Given(words));
        }
        let wrong = |words: String| Lie::of_file(LieKind::Cosignature, CHECKPOINT, words);
        let found = cosignatures(&self.note, witnesses.witnesses());
        let found = found.map_err(|fault| wrong(fault.to_string()))?;
        let name = |of: usize| witnesses.witnesses()[of].name().to_owned();
        let by = found.iter().map(|found| By { witness: name(found.witness), at_s: found.time });
        let (by, needed): (Vec<_>, _) = (by.collect(), witnesses.needed());
        if by.len() < needed {
            let has = |of: &usize| found.iter().all(|found| found.witness != *of);
            let lacking: Vec<_> = (0..witnesses.witnesses().len()).filter(has).map(name).collect();
            let words = format!(
                "cosigned by {} of the policy's witnesses, where {needed} must have; not by {}. \
                 They may be late: look again in some minutes",
                by.len(),
                lacking.join(", ")
            );
            return Err(wrong(words).into());
        }
        Ok(Cosigned { by, needed })
    }

    /// Compares with an older checkpoint, as far as sizes tell.
    ///
    /// # Errors
    /// The log was rolled back, or has another root over as many entries.
    pub fn follows(&self, previous: &Checkpoint) -> Result<(), AuditFault> {
        let (size, before) = (self.checkpoint.size, previous.size);
        if before > size {
            let words = format!(
                "the log has {size} entries (root {}), but the older checkpoint was signed over \
                 {before} (root {}): entries were taken back",
                self.checkpoint.root, previous.root
            );
            return Err(Lie::of_file(LieKind::RolledBack, CHECKPOINT, words).into());
        }
        if before == size { agrees(previous, self.checkpoint.root) } else { Ok(()) }
    }
}

/// Compares an older checkpoint with the root that the log has over as many entries.
///
/// # Errors
/// The log has other entries than were signed then.
pub fn agrees(previous: &Checkpoint, root: Digest) -> Result<(), AuditFault> {
    if previous.root == root {
        return Ok(());
    }
    let words = format!(
        "over the first {} entries the log has the root {root}, but its key has signed the root \
         {} in the older checkpoint: the log has two pasts",
        previous.size, previous.root
    );
    Err(Lie::of_file(LieKind::Fork, CHECKPOINT, words).into())
}

fn parsed(bytes: &[u8]) -> Result<LogKey, Lie> {
    let wrong = |words: String| Lie::of_file(LieKind::Key, LOG_KEY, words);
    let text = std::str::from_utf8(bytes).map_err(|_| wrong("not a text".to_owned()))?;
    let line = text.strip_suffix('\n').unwrap_or(text);
    line.parse().map_err(|fault| wrong(format!("{fault}")))
}

fn compared(given: &LogKey, own: &[u8]) -> Result<LogKey, Lie> {
    let own = parsed(own)?;
    if own == *given {
        return Ok(own);
    }
    let words = format!("the key {own}, but the log's key that you have is {given}");
    Err(Lie::of_file(LieKind::Key, LOG_KEY, words))
}
