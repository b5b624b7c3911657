//! The log: the journal's entries as a Merkle tree, with a signed checkpoint a
//! commit, and the receipts that follow from them.

use saksi_proto::SigningKey;
use saksi_proto::checkpoint::{Checkpoint, CheckpointFault, LogKey};
use saksi_proto::digest::Digest;
use saksi_proto::links::{Link, steps};
use saksi_proto::merkle::{Edge, Tree};
use saksi_proto::receipt::Receipt;

use crate::journal::{Journal, JournalFault};
use crate::ledger::{FoldFault, Ledger, LoggedForm};
use crate::reading::{ReadFault, Staged};
use crate::replay::replay;
use crate::storage::Storage;

/// What keeps a log from being opened or appended to.
#[derive(Debug, thiserror::Error)]
pub enum LogFault {
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalFault),
    /// An entry means nothing in this election.
    #[error("entry {index}: {fault}")]
    Entry {
        /// The entry.
        index: u64,
        /// What is wrong.
        fault: ReadFault,
    },
    /// An entry cannot be folded.
    #[error(transparent)]
    Fold(#[from] FoldFault),
    /// The last checkpoint is not one of this log's key.
    #[error("the last checkpoint, over {size} entries: {fault}")]
    LastCheckpoint {
        /// Entries it covers.
        size: u64,
        /// What is wrong.
        fault: CheckpointFault,
    },
    /// An earlier checkpoint is not one of this log's key.
    #[error("the checkpoint over {size} entries: {fault}")]
    Checkpoint {
        /// Entries it covers.
        size: u64,
        /// What is wrong.
        fault: CheckpointFault,
    },
    /// A checkpoint stands in the place of another.
    #[error("in the place of the checkpoint over {size} entries stands one over {signed}")]
    OtherSize {
        /// Entries that it is kept for.
        size: u64,
        /// Entries that it was signed over.
        signed: u64,
    },
    /// The entries are not those that a checkpoint was signed over.
    #[error(
        "{} not what was signed: the root over {size} entries is {found}, but the checkpoint \
         over them says {signed}", span(*first, *size)
    )]
    OtherRoot {
        /// First entry that no earlier, right checkpoint covers.
        first: u64,
        /// Size of the checkpoint.
        size: u64,
        /// Root in the checkpoint.
        signed: Digest,
        /// Root computed.
        found: Digest,
    },
    /// Entries that no checkpoint covers: the journal was changed from outside.
    #[error("the journal has {entries} entries, but its last checkpoint covers {size}")]
    Uncovered {
        /// Size of the checkpoint.
        size: u64,
        /// Entries there are.
        entries: u64,
    },
    /// The journal has no checkpoint, so not even its first entry.
    #[error("the journal is empty")]
    Empty,
}

/// The log's private key with its origin.
pub struct LogSigner {
    /// Names the log.
    pub origin: String,
    /// Signs its checkpoints.
    pub key: SigningKey,
}

impl LogSigner {
    /// The public side.
    #[must_use]
    pub fn log_key(&self) -> LogKey {
        LogKey { origin: self.origin.clone(), key: self.key.verifying_key() }
    }

    fn sign(&self, edge: &Edge) -> String {
        let (size, root) = (edge.size(), edge.root());
        Checkpoint { origin: self.origin.clone(), size, root }.sign(&self.key)
    }
}

/// The log. Owned by the sequencer.
pub struct Log<S = Journal> {
    storage: S,
    tree: Tree,
    signer: LogSigner,
    /// The last commit of this process: nearly all receipts are asked of it.
    newest: Option<Commit>,
}

/// Entries that were committed together, and the checkpoint signed over them.
struct Commit {
    first: u64,
    edge: Edge,
    checkpoint: String,
}

impl<S: Storage> Log<S> {
    /// Begins a log with its manifest as entry 0.
    ///
    /// # Errors
    /// [`LogFault::Journal`].
    pub fn begin(storage: S, signer: LogSigner, manifest: Staged) -> Result<Self, LogFault> {
        let mut log = Self { storage, tree: Tree::default(), signer, newest: None };
        log.append(&[manifest])?;
        Ok(log)
    }

    /// Opens a log: folds every entry into `ledger` and checks that they are those
    /// that the last checkpoint was signed over.
    ///
    /// # Errors
    /// [`LogFault`]; a collector must not serve then.
    pub fn open(storage: S, signer: LogSigner, ledger: &mut Ledger) -> Result<Self, LogFault> {
        let tree = replay(&storage, &signer.log_key(), ledger)?.tree;
        Ok(Self { storage, tree, signer, newest: None })
    }

    /// Appends entries in one commit. They are in the log for ever when this returns.
    ///
    /// # Errors
    /// [`LogFault::Journal`]: whether they are in the log is not known; nothing may
    /// be acknowledged any more.
    pub fn append(&mut self, staged: &[Staged]) -> Result<(), LogFault> {
        let first = self.tree.size();
        staged.iter().for_each(|staged| self.tree.push(staged.reading.leaf));
        let edge = self.tree.edge(self.tree.size());
        let checkpoint = self.signer.sign(&edge);
        let entries: Vec<_> = staged.iter().map(|staged| staged.bytes.as_slice()).collect();
        if let Err(fault) = self.storage.append(first, &entries, &checkpoint) {
            self.tree.truncate(first);
            return Err(fault.into());
        }
        self.newest = Some(Commit { first, edge, checkpoint });
        Ok(())
    }

    /// Root over all entries.
    #[must_use]
    pub fn root(&self) -> Digest {
        self.tree.root()
    }

    /// Number of entries.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.tree.size()
    }

    /// The receipt of a logged form: to the checkpoint of its own commit, so that
    /// the same form always gets the same receipt. And the size of that checkpoint.
    ///
    /// # Errors
    /// [`LogFault::Journal`] if the journal cannot be read.
    pub fn receipt(&self, form: LoggedForm) -> Result<(Receipt, u64), LogFault> {
        let LoggedForm { index, arrived_ms } = form;
        let (proof, checkpoint, size) = match &self.newest {
            Some(commit) if index >= commit.first => {
                let proof = self.tree.proof_to(index, &commit.edge);
                (proof, commit.checkpoint.clone(), commit.edge.size())
            }
            _ => {
                let commit = self.storage.checkpoint_over(index)?;
                let (size, checkpoint) = commit.ok_or(LogFault::Empty)?;
                (self.tree.inclusion_proof(index, size), checkpoint, size)
            }
        };
        Ok((Receipt { index, arrived_ms, proof, checkpoint }, size))
    }

    /// The proofs that the log has only grown between these sizes and `known`, in their
    /// order: O(log n) lookups each. None is larger than the log.
    #[must_use]
    pub fn links(&self, known: u64, sizes: impl IntoIterator<Item = u64>) -> Vec<Link> {
        let steps = steps(known, sizes);
        steps.windows(2).map(|pair| Link(self.link(pair[0], pair[1]))).collect()
    }

    fn link(&self, smaller: u64, larger: u64) -> Vec<Digest> {
        match &self.newest {
            // Nearly all lead to the last commit, whose edge is hashed already.
            Some(commit) if commit.edge.size() == larger => {
                self.tree.consistency_to(smaller, &commit.edge)
            }
            _ => self.tree.consistency_proof(smaller, larger),
        }
    }

    /// The inclusion proofs of these entries under an earlier checkpoint of the log, each some
    /// forty lookups; none for an entry that it does not cover. `None`, if the log has not
    /// grown from it.
    #[must_use]
    pub fn proofs_to(
        &self,
        checkpoint: &Checkpoint,
        entries: impl Iterator<Item = u64>,
    ) -> Option<Vec<Option<Vec<Digest>>>> {
        let size = Some(checkpoint.size).filter(|size| *size <= self.tree.size())?;
        let edge = self.tree.edge(size);
        let proof = |entry| (entry < size).then(|| self.tree.proof_to(entry, &edge));
        (edge.root() == checkpoint.root).then(|| entries.map(proof).collect())
    }

    /// Whether the log has grown from this checkpoint of it.
    #[must_use]
    pub fn has_grown_from(&self, checkpoint: &Checkpoint) -> bool {
        checkpoint.size <= self.tree.size() && self.tree.root_at(checkpoint.size) == checkpoint.root
    }
}

/// Checks every checkpoint that is kept against the tree, and counts them.
///
/// # Errors
/// [`LogFault`] of the first that is not right.
pub fn check_checkpoints<S: Storage>(
    storage: &S,
    key: &LogKey,
    tree: &Tree,
) -> Result<u64, LogFault> {
    let (mut first, mut checked) = (0, 0);
    storage.for_each_checkpoint(tree.size(), |size, note| {
        check_checkpoint(key, tree, first, size, note)?;
        (first, checked) = (size, checked + 1);
        Ok::<_, LogFault>(())
    })?;
    Ok(checked)
}

/// Checks one checkpoint; the entries below `first` are known to be right.
pub(crate) fn check_checkpoint(
    key: &LogKey,
    tree: &Tree,
    first: u64,
    size: u64,
    note: &str,
) -> Result<(), LogFault> {
    let unsigned = |fault| {
        if size == tree.size() {
            LogFault::LastCheckpoint { size, fault }
        } else {
            LogFault::Checkpoint { size, fault }
        }
    };
    let opened = key.open(note).map_err(unsigned)?;
    if opened.size != size {
        return Err(LogFault::OtherSize { size, signed: opened.size });
    }
    let (signed, found) = (opened.root, tree.root_at(size));
    if found == signed { Ok(()) } else { Err(LogFault::OtherRoot { first, size, signed, found }) }
}

/// The entries from `first` up to `size`, as the beginning of a sentence.
fn span(first: u64, size: u64) -> String {
    match size.saturating_sub(1) {
        last if last <= first => format!("entry {last} is"),
        last => format!("one or more of the entries {first} to {last} are"),
    }
}
