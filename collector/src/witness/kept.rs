//! What a witness has cosigned last of one log, in a file: durable before it is answered.
//!
//! The file is the checkpoint with the log's signature and the witness's own, so that a
//! damaged one is noticed. Before the first cosignature it says that there is none: a file
//! that is missing is damage, never a beginning.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use saksi_proto::checkpoint::{Checkpoint, LogKey};
use saksi_proto::cosignature::{WitnessKey, cosignatures};
use saksi_proto::digest::Digest;

/// Name of the file in the log's directory.
pub(super) const CHECKPOINT: &str = "checkpoint";

/// Name of what is being written beside it.
const UNFINISHED: &str = "checkpoint.part";

/// Where second histories are kept.
const EVIDENCE: &str = "evidence";

/// Most second histories of a log that are kept, of 2 KiB each. One is enough.
const MAX_EVIDENCE: usize = 16;

/// What is done to a file system, in this order, to replace a file for good.
pub(super) trait Disk: Send + Sync {
    /// Writes a file, in place of one of that name, and syncs its bytes.
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;
    /// Gives it its name.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Syncs the names in a directory.
    fn sync_names(&self, directory: &Path) -> io::Result<()>;
}

/// The one of the machine.
pub(super) struct RealDisk;

impl Disk for RealDisk {
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut file = File::create(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn sync_names(&self, directory: &Path) -> io::Result<()> {
        File::open(directory)?.sync_all()
    }
}

/// A checkpoint that was cosigned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// What it says.
    pub checkpoint: Checkpoint,
    /// When it was cosigned, in seconds since 1970, UTC.
    pub time: u64,
    /// The signed note, with this witness's signature.
    pub note: String,
    /// This witness's signature line, with its line end.
    pub line: String,
}

/// One log, and what was cosigned of it last.
pub struct Kept {
    key: LogKey,
    directory: PathBuf,
    known: Option<Known>,
    /// It is not known which of two checkpoints is on the disk: nothing is cosigned before
    /// a new start has looked.
    failed: bool,
    disk: Box<dyn Disk>,
}

/// What the file of a log says of which nothing was cosigned yet.
pub(super) fn nothing_yet(log: &LogKey) -> String {
    format!("no checkpoint of this log has been cosigned yet:\n{log}\n")
}

/// Reads what the file of a log says. `None` if it is damaged.
fn read(text: &str, log: &LogKey, witness: &WitnessKey) -> Option<Option<Known>> {
    if text == nothing_yet(log) {
        return Some(None);
    }
    let checkpoint = log.open(text).ok()?;
    let own = cosignatures(text, std::slice::from_ref(witness)).ok()?.pop()?;
    let (time, line) = (own.time, own.line + "\n");
    Some(Some(Known { checkpoint, time, note: text.to_owned(), line }))
}

impl Kept {
    /// What is known of a log from its directory; `None` if the file is damaged.
    ///
    /// # Errors
    /// If the file cannot be read or synced, or is missing.
    pub(super) fn open(
        directory: &Path,
        key: LogKey,
        witness: &WitnessKey,
        disk: Box<dyn Disk>,
    ) -> io::Result<Option<Self>> {
        let text = fs::read(directory.join(CHECKPOINT))?;
        let known = String::from_utf8(text).ok().and_then(|text| read(&text, &key, witness));
        // A process that was killed may have left the name unsynced.
        disk.sync_names(directory)?;
        let directory = directory.to_owned();
        Ok(known.map(|known| Self { key, directory, known, failed: false, disk }))
    }

    /// The log.
    #[must_use]
    pub fn key(&self) -> &LogKey {
        &self.key
    }

    /// What was cosigned last.
    #[must_use]
    pub fn known(&self) -> Option<&Known> {
        self.known.as_ref()
    }

    /// Its size; 0 if there is none.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.known.as_ref().map_or(0, |known| known.checkpoint.size)
    }

    /// Its root; that of the empty tree if there is none.
    #[must_use]
    pub fn root(&self) -> Digest {
        self.known.as_ref().map_or_else(|| Digest::of(&[]), |known| known.checkpoint.root)
    }

    /// Whether the disk has failed in a way that leaves open what is on it.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.failed
    }

    /// Takes this in place of what was known, durably.
    ///
    /// # Errors
    /// The disk's; what was known stays known.
    pub(super) fn replace(&mut self, known: Known) -> io::Result<()> {
        let (beside, path) = (self.directory.join(UNFINISHED), self.directory.join(CHECKPOINT));
        self.disk.write(&beside, known.note.as_bytes())?;
        // From here on either can be what a start finds.
        self.failed = true;
        self.disk.rename(&beside, &path)?;
        self.disk.sync_names(&self.directory)?;
        // The commit point: whatever happens now, a start finds this one.
        self.failed = false;
        self.known = Some(known);
        Ok(())
    }

    /// Keeps a second history of the log, which it has signed.
    ///
    /// # Errors
    /// The disk's.
    pub(super) fn keep_evidence(&self, name: &str, note: &str) -> io::Result<PathBuf> {
        let directory = self.directory.join(EVIDENCE);
        fs::create_dir_all(&directory)?;
        let path = directory.join(name);
        if !path.exists() && fs::read_dir(&directory)?.count() < MAX_EVIDENCE {
            self.disk.write(&path, note.as_bytes())?;
            self.disk.sync_names(&directory)?;
            self.disk.sync_names(&self.directory)?;
        }
        Ok(path)
    }
}
