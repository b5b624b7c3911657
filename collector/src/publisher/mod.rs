//! The publisher: the log and its totals as files that any web server can carry (C2SP
//! `tlog-tiles`), in `DIR/public`.
//!
//! ```text
//! checkpoint          the newest published one, signed by the log
//! tile/               hashes and bundles of entries, as C2SP tlog-tiles names them
//! log.vkey            origin and public key of the log
//! witnesses           whose cosignatures make it believed (C2SP tlog-policy)
//! election/           the election definition
//! totals.json         size, root, and the tables of all totals at that size
//! totals/SIZE/C.csv   all totals of a contest ([`csv`] says what is in it)
//! site/               pages and numbers for watchers ([`site`])
//! ```
//!
//! It has a thread of its own and alone writes the directory. It follows the journal, over
//! a connection of its own, and is woken by commits; forms never wait for it. The order is
//! copy totals → entries and tiles → checkpoint → totals of a size that is published.
//! When it fails, it says so and tries again; what is published stays valid.

pub mod csv;
mod directory;
pub mod disk;
mod edge;
mod proof;
pub mod site;
mod start;
mod thread;
mod tiles;
mod totals;

use std::path::PathBuf;
use std::sync::{Arc, RwLock};
use std::time::Instant;

use saksi_proto::author::{ELECTION_FILE, REGIONS_FILE, STATIONS_FILE};
use saksi_proto::checkpoint::{Checkpoint, CheckpointFault, LogKey};
use saksi_proto::digest::Digest;
use tracing::{info, warn};

use crate::cosigning::Cosigners;
use crate::home::Home;
use crate::journal::{Journal, JournalFault};
use crate::ledger::{Ledger, Position, Publication};
use crate::storage::Storage;
use directory::Directory;
use disk::{Disk, Files};
use edge::Edge;
pub use proof::Tiles;
pub use thread::{Paces, Publishing, spawn};
use totals::Totals;

/// The newest published checkpoint.
pub const CHECKPOINT: &str = "checkpoint";
/// Where tiles and bundles lie.
pub const TILES: &str = "tile";
/// Origin and public key of the log.
pub const LOG_KEY: &str = "log.vkey";
/// Who is believed with whose cosignatures.
pub const WITNESSES: &str = "witnesses";
/// The election definition.
pub const ELECTION: &str = "election";
/// The files of an election definition.
pub const ELECTION_FILES: [&str; 3] = [ELECTION_FILE, REGIONS_FILE, STATIONS_FILE];
/// The pointer to the newest totals.
pub const TOTALS_FILE: &str = "totals.json";
/// Where tables of totals lie.
pub const TOTALS: &str = "totals";

/// Bytes of the disk that the publisher leaves to the journal: a full disk first stops
/// what is published, and some 100,000 forms later what is taken.
const SPARE: u64 = 256 << 20;

/// Why something cannot be published at this moment.
#[derive(Debug, thiserror::Error)]
pub enum PublishFault {
    /// The journal cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalFault),
    /// A file of the public directory.
    #[error("public/{path}: {fault}")]
    File {
        /// The file, below the public directory.
        path: String,
        /// The system's reason.
        fault: std::io::Error,
    },
    /// A file that is published as it is cannot be read.
    #[error("{path}: {fault}")]
    Source {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        fault: std::io::Error,
    },
    /// The journal's newest checkpoint is not the log's.
    #[error("the journal's last checkpoint: {0}")]
    Checkpoint(#[from] CheckpointFault),
    /// The entries are not those that the checkpoint was signed over.
    #[error("the root over {size} entries is {found}, but the checkpoint says {signed}")]
    OtherRoot {
        /// Entries.
        size: u64,
        /// Root over them.
        found: Digest,
        /// Root in the checkpoint.
        signed: Digest,
    },
    /// The disk has little room, which is left to the journal.
    #[error("the disk has {} MiB left, which are the journal's; make room", .0 >> 20)]
    Room(u64),
    /// A page cannot be rendered.
    #[error("a page: {0}")]
    Page(#[from] askama::Error),
    /// The sequencer has failed, or nothing is signed yet.
    #[error("the ledger is not whole")]
    Ledger,
}

impl PublishFault {
    fn file(path: &str) -> impl Fn(std::io::Error) -> Self {
        move |fault| Self::File { path: path.to_owned(), fault }
    }
}

/// Owns the public directory.
pub struct Publisher<D = Files> {
    home: Home,
    key: LogKey,
    directory: Directory<D>,
    ledger: Arc<RwLock<Ledger>>,
    cosigners: Cosigners,
    /// The journal, to read, and the edge of what is published; opened when first needed,
    /// and again after a fault.
    opened: Option<(Journal, Edge)>,
    /// Whether the files that never change are there.
    has_basics: bool,
    totals: Totals,
}

impl Publisher {
    /// The publisher of a collector's log.
    #[must_use]
    pub fn new(
        home: &Home,
        key: LogKey,
        ledger: Arc<RwLock<Ledger>>,
        cosigners: Cosigners,
    ) -> Self {
        Self::on(Files::below(home.public()), home, key, ledger, cosigners)
    }
}

impl<D: Disk + Clone> Publisher<D> {
    /// A publisher that writes to this disk.
    #[must_use]
    pub fn on(
        disk: D,
        home: &Home,
        key: LogKey,
        ledger: Arc<RwLock<Ledger>>,
        cosigners: Cosigners,
    ) -> Self {
        let (directory, totals) = (Directory::new(disk), Totals::default());
        let home = home.clone();
        Self { home, key, directory, ledger, cosigners, opened: None, has_basics: false, totals }
    }

    /// Publishes all entries that the journal has, and gives their number.
    ///
    /// # Errors
    /// [`PublishFault`]; what was published before stays valid, and the next call goes on.
    pub fn publish_log(&mut self) -> Result<u64, PublishFault> {
        let published = self.try_to_publish();
        if published.is_err() {
            // What is on the disk has the last word.
            self.opened = None;
        }
        published
    }

    fn try_to_publish(&mut self) -> Result<u64, PublishFault> {
        self.leave_room()?;
        self.publish_basics()?;
        let (journal, edge) = match self.opened.take() {
            Some(opened) => opened,
            None => self.open()?,
        };
        let edge = match journal.head()? {
            Some(head) if head.size > edge.size() => {
                let checkpoint = self.key.open(&head.checkpoint)?;
                let (directory, cosigners) = (&mut self.directory, &mut self.cosigners);
                let mut note = String::new();
                let grown = tiles::publish(directory, &journal, &edge, &checkpoint, |disk| {
                    note = cosign(cosigners, disk, &checkpoint, &head.checkpoint);
                    note.clone()
                })?;
                self.cosigners.published(&checkpoint, &note);
                grown
            }
            Some(head) if head.size == edge.size() => {
                self.cosign_again(&head.checkpoint)?;
                edge
            }
            _ => edge,
        };
        let size = edge.size();
        self.opened = Some((journal, edge));
        Ok(size)
    }

    /// When the published checkpoint is to be cosigned again, though nothing is committed.
    #[must_use]
    pub fn cosigning_due(&self) -> Option<Instant> {
        self.cosigners.due()
    }

    /// Asks for the cosignatures that the published checkpoint lacks.
    fn cosign_again(&mut self, note: &str) -> Result<(), PublishFault> {
        let checkpoint = self.key.open(note)?;
        let published = self.directory.read(CHECKPOINT)?.unwrap_or_default();
        let published = String::from_utf8_lossy(&published);
        self.cosigners.resume(&checkpoint, note, &published);
        if self.cosigners.due().is_none_or(|due| due > Instant::now()) {
            return Ok(());
        }
        let text = cosign(&mut self.cosigners, &self.directory.disk, &checkpoint, note);
        if text != published {
            self.directory.put(CHECKPOINT, text.as_bytes())?;
            self.directory.settle()?;
        }
        self.cosigners.published(&checkpoint, &text);
        Ok(())
    }

    fn open(&mut self) -> Result<(Journal, Edge), PublishFault> {
        let journal = Journal::open_to_read(&self.home.journal())?;
        let (edge, rewritten) = start::begin(&mut self.directory, &journal, &self.key)?;
        if edge.size() == 0 {
            self.totals.forget_files();
        }
        if let Some(why) = rewritten {
            warn!(%why, "THE PUBLIC LOG IS REWRITTEN FROM THE JOURNAL: what was published before does not hold");
        }
        Ok((journal, edge))
    }

    /// The totals of this moment, as far as the log was folded to them.
    ///
    /// # Errors
    /// [`PublishFault::Ledger`].
    pub fn copy_totals(&mut self) -> Result<Position, PublishFault> {
        self.totals.catch_up(&self.ledger)
    }

    /// Publishes the totals that were copied last, unless they are published already, or
    /// publication is paused: then those that are published stay until it goes on. The log
    /// must be published up to their position.
    ///
    /// # Errors
    /// [`PublishFault`]; the totals that were published before stay.
    pub fn publish_totals(&mut self, position: &Position, at_ms: u64) -> Result<(), PublishFault> {
        if self.totals.is_published(position.size) {
            return Ok(());
        }
        let election = {
            let ledger = self.ledger.read().map_err(|_| PublishFault::Ledger)?;
            if let Publication::Paused { .. } = ledger.publication {
                return Ok(());
            }
            Arc::clone(&ledger.election)
        };
        self.leave_room()?;
        let origin = &self.key.origin;
        self.totals.publish(&mut self.directory, &election, origin, position, at_ms)?;
        info!(size = position.size, "totals are published");
        Ok(())
    }

    fn leave_room(&self) -> Result<(), PublishFault> {
        let free = self.directory.disk.free().map_err(PublishFault::file(""))?;
        if free < SPARE { Err(PublishFault::Room(free)) } else { Ok(()) }
    }

    /// Key and election, for whoever reads the log.
    fn publish_basics(&mut self) -> Result<(), PublishFault> {
        if self.has_basics {
            return Ok(());
        }
        self.directory.disk.make_dirs("").map_err(PublishFault::file(""))?;
        self.publish_as_it_is(LOG_KEY, self.home.log_key())?;
        let policy = self.cosigners.policy(self.key.clone()).to_string();
        self.publish_bytes(WITNESSES, policy.as_bytes())?;
        for name in ELECTION_FILES {
            let source = self.home.election().join(name);
            self.publish_as_it_is(&format!("{ELECTION}/{name}"), source)?;
        }
        self.directory.settle()?;
        self.has_basics = true;
        Ok(())
    }

    fn publish_as_it_is(&mut self, path: &str, source: PathBuf) -> Result<(), PublishFault> {
        let read = std::fs::read(&source);
        let bytes = read.map_err(|fault| PublishFault::Source { path: source, fault })?;
        self.publish_bytes(path, &bytes)
    }

    fn publish_bytes(&mut self, path: &str, bytes: &[u8]) -> Result<(), PublishFault> {
        if self.directory.read(path)?.as_deref() == Some(bytes) {
            return Ok(());
        }
        self.directory.put(path, bytes)
    }
}

/// The signed note with the cosignatures that witnesses give to it.
fn cosign<D: Disk + Clone>(
    cosigners: &mut Cosigners,
    disk: &D,
    checkpoint: &Checkpoint,
    note: &str,
) -> String {
    let tiles = Tiles::on(disk.clone());
    cosigners.cosign(checkpoint, note, &|old| tiles.consistency(old, checkpoint.size))
}

#[cfg(test)]
mod tests;
