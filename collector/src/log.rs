//! The log: the journal's entries as a Merkle tree, with a signed checkpoint a
//! commit, and the receipts that follow from them.

use saksi_proto::SigningKey;
use saksi_proto::checkpoint::{Checkpoint, CheckpointFault, LogKey};
use saksi_proto::codec::DecodeFault;
use saksi_proto::digest::Digest;
use saksi_proto::entry::Entry;
use saksi_proto::merkle::{Tree, leaf_hash};
use saksi_proto::receipt::Receipt;

use crate::journal::{Head, Journal, JournalFault};
use crate::ledger::{FoldFault, Ledger, LoggedForm};

/// What keeps a log from being opened or appended to.
#[derive(Debug, thiserror::Error)]
pub enum LogFault {
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalFault),
    /// An entry does not decode.
    #[error("entry {index} is damaged: {fault}")]
    Entry {
        /// The entry.
        index: u64,
        /// What is wrong.
        fault: DecodeFault,
    },
    /// An entry cannot be folded.
    #[error(transparent)]
    Fold(#[from] FoldFault),
    /// The last checkpoint is not one of this log's key.
    #[error("the last checkpoint: {0}")]
    Checkpoint(#[from] CheckpointFault),
    /// The entries are not those that the last checkpoint was signed over.
    #[error(
        "the entries have the root {found}, but the last checkpoint over {size} entries says {signed}"
    )]
    OtherRoot {
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

    fn sign(&self, tree: &Tree) -> String {
        let (size, root) = (tree.size(), tree.root());
        Checkpoint { origin: self.origin.clone(), size, root }.sign(&self.key)
    }
}

/// The log. Owned by the sequencer.
pub struct Log {
    journal: Journal,
    tree: Tree,
    signer: LogSigner,
}

impl Log {
    /// Begins a log with its manifest as entry 0.
    ///
    /// # Errors
    /// [`LogFault::Journal`].
    pub fn begin(journal: Journal, signer: LogSigner, manifest: &Entry) -> Result<Self, LogFault> {
        let mut log = Self { journal, tree: Tree::default(), signer };
        log.append(std::slice::from_ref(manifest))?;
        Ok(log)
    }

    /// Opens a log: folds every entry into `ledger` and checks that they are those
    /// that the last checkpoint was signed over.
    ///
    /// # Errors
    /// [`LogFault`]; a collector must not serve then.
    pub fn open(
        journal: Journal,
        signer: LogSigner,
        ledger: &mut Ledger,
    ) -> Result<Self, LogFault> {
        let tree = replay(&journal, &signer.log_key(), ledger)?;
        Ok(Self { journal, tree, signer })
    }

    /// Appends entries in one commit. They are in the log for ever when this returns.
    ///
    /// # Errors
    /// [`LogFault::Journal`]: whether they are in the log is not known; nothing may
    /// be acknowledged any more.
    pub fn append(&mut self, entries: &[Entry]) -> Result<(), LogFault> {
        let first = self.tree.size();
        let bytes: Vec<_> = entries.iter().map(Entry::encode).collect();
        bytes.iter().for_each(|entry| self.tree.push(leaf_hash(entry)));
        let checkpoint = self.signer.sign(&self.tree);
        let appended = self.journal.append(first, &bytes, &checkpoint);
        if appended.is_err() {
            self.tree.truncate(first);
        }
        Ok(appended?)
    }

    /// Root over all entries.
    #[must_use]
    pub fn root(&self) -> Digest {
        self.tree.root()
    }

    /// The receipt of a logged form: to the checkpoint of its own commit, so that
    /// the same form always gets the same receipt.
    ///
    /// # Errors
    /// [`LogFault::Journal`] if the journal cannot be read.
    pub fn receipt(&self, form: LoggedForm) -> Result<Receipt, LogFault> {
        let LoggedForm { index, arrived_ms } = form;
        let (size, checkpoint) = self.journal.checkpoint_over(index)?.ok_or(LogFault::Empty)?;
        let proof = self.tree.inclusion_proof(index, size);
        Ok(Receipt { index, arrived_ms, proof, checkpoint })
    }
}

/// Folds all entries up to the last checkpoint into `ledger`, checks the root, and
/// returns the tree.
///
/// # Errors
/// [`LogFault`].
pub fn replay(journal: &Journal, key: &LogKey, ledger: &mut Ledger) -> Result<Tree, LogFault> {
    let Head { size, checkpoint, entries } = journal.head()?.ok_or(LogFault::Empty)?;
    if entries > size {
        return Err(LogFault::Uncovered { size, entries });
    }
    let mut tree = Tree::default();
    journal.for_each_entry(size, |bytes| {
        let index = tree.size();
        let entry = Entry::decode(bytes).map_err(|fault| LogFault::Entry { index, fault })?;
        ledger.apply(&entry)?;
        tree.push(leaf_hash(bytes));
        Ok::<_, LogFault>(())
    })?;
    let signed = key.open(&checkpoint)?.root;
    let found = tree.root();
    if found != signed {
        return Err(LogFault::OtherRoot { size, signed, found });
    }
    ledger.position.root = Some(found);
    Ok(tree)
}
