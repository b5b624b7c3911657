//! Whether a journal is what was signed: SQLite's own check, every entry folded, and
//! every checkpoint verified against the tree at its size.

use std::sync::Arc;

use saksi_proto::checkpoint::LogKey;
use saksi_proto::digest::Digest;
use serde::Serialize;

use crate::election::Election;
use crate::home::{Home, HomeFault};
use crate::journal::Journal;
use crate::ledger::Ledger;
use crate::log::{LogFault, check_checkpoints};
use crate::pack::{self, PackFault};
use crate::replay::replay;

/// Where a journal must come from: one election, and the log of one key.
pub struct Provenance {
    election: Arc<Election>,
    key: LogKey,
}

/// Why it is not known where a journal must come from.
#[derive(Debug, thiserror::Error)]
pub enum ProvenanceFault {
    /// The election definition.
    #[error(transparent)]
    Pack(#[from] PackFault),
    /// The log's public key file.
    #[error(transparent)]
    LogKey(#[from] HomeFault),
}

/// What a sound journal holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Holdings {
    /// Its entries.
    pub entries: u64,
    /// How many of them are forms.
    pub forms: u64,
    /// Its checkpoints, all verified.
    pub checkpoints: u64,
    /// The root over all entries.
    pub root: Digest,
    /// Arrival of the last form, milliseconds since 1970, UTC.
    pub last_form_ms: Option<u64>,
}

impl Provenance {
    /// That of a collector's own journal.
    ///
    /// # Errors
    /// [`ProvenanceFault`].
    pub fn of(home: &Home) -> Result<Self, ProvenanceFault> {
        let key = home.read_log_key()?;
        Ok(Self::new(Arc::new(Election::new(pack::read(&home.election())?)), key))
    }

    /// An election, and the key of its log.
    #[must_use]
    pub fn new(election: Arc<Election>, key: LogKey) -> Self {
        Self { election, key }
    }
}

/// Inspects a journal as it is at this moment; also beside a running collector.
///
/// # Errors
/// [`LogFault`]: the first fault, with its place.
pub fn inspect(journal: &Journal, provenance: &Provenance) -> Result<Holdings, LogFault> {
    journal.hold_still()?;
    journal.check_pages()?;
    let mut ledger = Ledger::new(Arc::clone(&provenance.election));
    let replayed = replay(journal, &provenance.key, &mut ledger)?;
    let checkpoints = check_checkpoints(journal, &provenance.key, &replayed.tree)?;
    Ok(Holdings {
        entries: replayed.tree.size(),
        forms: replayed.forms,
        checkpoints,
        root: replayed.tree.root(),
        last_form_ms: ledger.position.last_form_ms,
    })
}

#[cfg(test)]
pub(crate) mod tests;
