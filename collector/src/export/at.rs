//! The log, folded to a signed size and no further.

use std::sync::Arc;

use saksi_proto::checkpoint::{Checkpoint, CheckpointFault, LogKey};

use crate::election::Election;
use crate::home::Home;
use crate::journal::Journal;
use crate::ledger::Ledger;
use crate::log::LogFault;
use crate::pack;
use crate::replay::fold;
use crate::serve::ServeFault;
use crate::storage::{Head, Storage};

/// Where the fold stops.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum At {
    /// At the newest checkpoint.
    Newest,
    /// At the checkpoint over so many entries.
    Size(u64),
    /// At this checkpoint, whoever kept it.
    Checkpoint(String),
}

/// A ledger, and the checkpoint over the entries that it was folded from.
pub struct Folded {
    /// The fold.
    pub ledger: Ledger,
    /// What the checkpoint says.
    pub checkpoint: Checkpoint,
    /// The checkpoint, as it was signed.
    pub note: String,
}

/// Why the log is not folded to where it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum AtFault {
    /// The directory, the definition, the journal or the log.
    #[error(transparent)]
    Serve(#[from] ServeFault),
    /// The log is not so long.
    #[error("the log has {end} entries: --at takes 1 to {end}")]
    Beyond {
        /// Entries it has.
        end: u64,
    },
    /// Nobody signed at that size.
    #[error("no checkpoint was signed over {size} entries; the next one is over {next}")]
    Unsigned {
        /// What was asked for.
        size: u64,
        /// The next that was signed.
        next: u64,
    },
    /// The checkpoint is another log's, or nobody's.
    #[error("the checkpoint given with --at is none of this log: {0}")]
    Foreign(CheckpointFault),
    /// The checkpoint is over entries that this journal does not have.
    #[error(
        "the checkpoint given with --at is signed by this log over {size} entries, but its journal \
         ends at {end}: entries were lost, or this is an old copy"
    )]
    Shorter {
        /// Entries of the checkpoint.
        size: u64,
        /// Entries of the journal.
        end: u64,
    },
    /// The checkpoint is over other entries.
    #[error(
        "the checkpoint given with --at is signed by this log over {size} other entries than its \
         journal has: the log was shown in two versions. Keep the checkpoint and tell the public"
    )]
    OtherRoot {
        /// Entries of both.
        size: u64,
    },
}

impl AtFault {
    /// Whether the checkpoint that was given and the log contradict each other. What is no
    /// checkpoint at all contradicts nothing.
    #[must_use]
    pub fn is_contradiction(&self) -> bool {
        match self {
            Self::Foreign(fault) => !matches!(fault, CheckpointFault::Malformed(_)),
            Self::Shorter { .. } | Self::OtherRoot { .. } => true,
            Self::Serve(_) | Self::Beyond { .. } | Self::Unsigned { .. } => false,
        }
    }
}

/// Reads the election and folds its log, also beside a running collector.
///
/// # Errors
/// [`AtFault`].
pub fn open(home: &Home, at: &At) -> Result<Folded, AtFault> {
    let key = home.read_log_key().map_err(ServeFault::from)?;
    let definition = pack::read(&home.election()).map_err(ServeFault::from)?;
    let storage = Journal::open_to_read(&home.journal()).map_err(ServeFault::from)?;
    fold_to(&storage, &key, Arc::new(Election::new(definition)), at)
}

/// Folds a storage.
///
/// # Errors
/// [`AtFault`].
pub fn fold_to<S: Storage>(
    storage: &S,
    key: &LogKey,
    election: Arc<Election>,
    at: &At,
) -> Result<Folded, AtFault> {
    let log = |fault: LogFault| AtFault::Serve(fault.into());
    let journal = |fault| log(LogFault::Journal(fault));
    let Head { size: end, checkpoint: newest, entries } =
        storage.head().map_err(journal)?.ok_or_else(|| log(LogFault::Empty))?;
    if entries > end {
        return Err(log(LogFault::Uncovered { size: end, entries }));
    }
    let note = match at {
        At::Newest => newest,
        At::Size(size) if *size == 0 || *size > end => return Err(AtFault::Beyond { end }),
        At::Size(size) => {
            let over = storage.checkpoint_over(size - 1).map_err(journal)?;
            let (next, note) = over.ok_or_else(|| log(LogFault::Empty))?;
            if next != *size {
                return Err(AtFault::Unsigned { size: *size, next });
            }
            note
        }
        At::Checkpoint(note) => note.clone(),
    };
    let is_given = matches!(at, At::Checkpoint(_));
    let checkpoint = key.open(&note).map_err(|fault| match is_given {
        true => AtFault::Foreign(fault),
        false => log(LogFault::LastCheckpoint { size: end, fault }),
    })?;
    let size = checkpoint.size;
    match size {
        0 => return Err(AtFault::Beyond { end }),
        size if size > end => return Err(AtFault::Shorter { size, end }),
        _ => {}
    }
    let mut ledger = Ledger::new(election);
    let found = fold(storage, size, &mut ledger).map_err(log)?.tree.root();
    if found != checkpoint.root {
        let signed = checkpoint.root;
        return Err(match is_given {
            true => AtFault::OtherRoot { size },
            false => log(LogFault::OtherRoot { first: 0, size, signed, found }),
        });
    }
    ledger.position.root = Some(found);
    Ok(Folded { ledger, checkpoint, note })
}
