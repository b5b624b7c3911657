//! What an audit can end with: the first thing that is not as it was signed, with its
//! place, or that the files could not be had.

use std::fmt;
use std::path::PathBuf;

use saksi_proto::tile::{TILE_WIDTH, TileName};
use serde::Serialize;

/// The first thing that is not as it should be, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lie {
    /// What kind of thing.
    pub kind: LieKind,
    /// The file, as a path below the log's address.
    pub file: String,
    /// The entry of the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<u64>,
    /// The region of a total.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The column of a total.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// What is wrong there.
    pub words: String,
}

/// What can be wrong with a public log. As JSON in words of small letters with dashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LieKind {
    /// A file that must be there is not.
    Missing,
    /// A file is longer than it can be.
    Oversize,
    /// The log's key is not the key of this log.
    Key,
    /// The checkpoint is not signed by the key, or is not over these entries.
    Checkpoint,
    /// The checkpoint has a false cosignature, or too few of them.
    Cosignature,
    /// The log has fewer entries than an older checkpoint of it.
    RolledBack,
    /// The log has other entries than those of an older checkpoint of it.
    Fork,
    /// A tile does not have the hashes of what is below it.
    Tile,
    /// An entry is not what was signed.
    Entry,
    /// The election definition is not that of the log.
    Election,
    /// An entry that a collector does not take, by its rules.
    Rule,
    /// A form that the device of its station has not signed.
    Signature,
    /// A published total is not what the entries come to.
    Total,
}

/// Why an audit did not come to its good end.
#[derive(Debug, thiserror::Error)]
pub enum AuditFault {
    /// What is published is not right.
    #[error("{0}")]
    Lie(Box<Lie>),
    /// A file cannot be read.
    #[error("{path}: {fault}")]
    File {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        fault: std::io::Error,
    },
    /// A file cannot be fetched, but may be there: try again.
    #[error("{url} cannot be fetched: {words}; nothing is known about it, try again")]
    Fetch {
        /// Its address.
        url: String,
        /// Why.
        words: String,
    },
    /// What was given for comparison is of no use.
    #[error("{0}")]
    Given(String),
    /// No randomness for the batches of signatures.
    #[error("no randomness: {0}")]
    Random(getrandom::Error),
}

impl Lie {
    /// Something wrong with a file as a whole.
    #[must_use]
    pub fn of_file(kind: LieKind, file: impl fmt::Display, words: impl Into<String>) -> Self {
        let (file, words) = (file.to_string(), words.into());
        Self { kind, file, entry: None, region: None, column: None, words }
    }

    /// Something wrong with an entry of a log of `size` entries.
    #[must_use]
    pub fn of_entry(kind: LieKind, entry: u64, size: u64, words: impl Into<String>) -> Self {
        Self { entry: Some(entry), ..Self::of_file(kind, bundle_of(entry, size), words) }
    }
}

impl fmt::Display for Lie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some(entry) = self.entry {
            write!(f, ", entry {entry}")?;
        }
        if let Some(region) = &self.region {
            write!(f, ", region {region}")?;
        }
        if let Some(column) = &self.column {
            write!(f, ", column {column}")?;
        }
        write!(f, ": {}", self.words)
    }
}

impl From<Lie> for AuditFault {
    fn from(lie: Lie) -> Self {
        Self::Lie(Box::new(lie))
    }
}

/// The bundle that has an entry of a log of `size` entries.
#[must_use]
pub fn bundle_of(entry: u64, size: u64) -> TileName {
    tile_of(None, entry, size)
}

/// The tile, or the bundle, that has something of a level.
#[must_use]
pub fn tile_of(level: Option<u8>, position: u64, size: u64) -> TileName {
    let index = position / TILE_WIDTH;
    let there = (size >> (8 * u32::from(level.unwrap_or(0)))).saturating_sub(index * TILE_WIDTH);
    TileName { level, index, width: u16::try_from(there.clamp(1, TILE_WIDTH)).unwrap_or(256) }
}
