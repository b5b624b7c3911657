//! The newest checkpoint of the log that this device has verified. What a collector shows
//! later must have grown from it.
//!
//! It is a file of its own, the signed note itself, for the daemon and for a rehearsal
//! beside it. It is written **before** the receipts that came with it: if the power goes
//! in between, the device has seen more than it has receipts for, and those come again
//! with their forms. The other way round it could forget what it has shown to people. One
//! that is gone or damaged is the largest among the receipts that are kept.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use rustix::fs::{FlockOperation, flock};
use saksi_proto::checkpoint::{Checkpoint, CheckpointFault, LogKey};
use saksi_proto::receipt::Receipt;

use crate::directory::{Directory, RECEIPT};
use crate::durable;

/// Longest file read: receipts have at most 8,192 bytes, checkpoints 2,048.
const MAX_FILE: u64 = 8_192;

/// A checkpoint that the log's key has signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// What it says.
    pub checkpoint: Checkpoint,
    /// The signed note.
    pub note: String,
}

impl Seen {
    /// Checks the signature of a note.
    ///
    /// # Errors
    /// [`CheckpointFault`].
    pub fn of(note: &str, key: &LogKey) -> Result<Self, CheckpointFault> {
        Ok(Self { checkpoint: key.open(note)?, note: note.to_owned() })
    }

    /// Entries of the log that it covers.
    #[must_use]
    pub fn entries(&self) -> u64 {
        self.checkpoint.size
    }
}

/// What the device has seen of the log of this key; of another log it knows nothing.
///
/// # Errors
/// If the directory cannot be read.
pub(crate) fn recall(directory: &Directory, key: &LogKey) -> io::Result<Option<Seen>> {
    let path = directory.checkpoint();
    let read = match read(&path) {
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => None,
        Err(fault) => {
            tracing::warn!(%fault, "the newest checkpoint cannot be read");
            None
        }
        Ok(note) => match Seen::of(&note, key) {
            Ok(seen) => Some(seen),
            Err(fault) => {
                tracing::warn!(%fault, "the newest checkpoint is damaged, or of another log");
                None
            }
        },
    };
    match read {
        Some(seen) => Ok(Some(seen)),
        None => largest_of_receipts(directory, key),
    }
}

/// Takes a newer checkpoint in the place of `before`. `false`: another process of this
/// device has seen more meanwhile, from which this one may not have grown.
///
/// # Errors
/// Any fault of the file system; the one before stays.
pub(crate) fn remember(
    directory: &Directory,
    key: &LogKey,
    before: Option<&Seen>,
    newest: &Seen,
) -> io::Result<bool> {
    // Held for as long as the file is open.
    let lock = File::open(directory.path())?;
    flock(&lock, FlockOperation::LockExclusive)?;
    if recall(directory, key)?.as_ref() != before {
        return Ok(false);
    }
    durable::write_file(&directory.checkpoint(), newest.note.as_bytes())?;
    Ok(true)
}

/// Forgets the checkpoint: the directory becomes another device.
///
/// # Errors
/// Any fault of the file system.
pub(crate) fn forget(directory: &Directory) -> io::Result<()> {
    match durable::remove_file(&directory.checkpoint()) {
        Err(fault) if fault.kind() != io::ErrorKind::NotFound => Err(fault),
        _ => Ok(()),
    }
}

fn largest_of_receipts(directory: &Directory, key: &LogKey) -> io::Result<Option<Seen>> {
    let mut largest: Option<Seen> = None;
    for place in [directory.receipts(), directory.rehearsal()] {
        let entries = match std::fs::read_dir(place) {
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            let path = entry?.path();
            if path.extension().is_none_or(|ending| ending != RECEIPT) {
                continue;
            }
            // One that is damaged says nothing; the doctor tells of it.
            let Ok(text) = read(&path) else { continue };
            let Ok((_, receipt)) = Receipt::from_tlog_proof(&text) else { continue };
            let Ok(seen) = Seen::of(&receipt.checkpoint, key) else { continue };
            if largest.as_ref().is_none_or(|largest| largest.entries() < seen.entries()) {
                largest = Some(seen);
            }
        }
    }
    Ok(largest)
}

fn read(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(MAX_FILE).read_to_string(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use saksi_proto::SigningKey;
    use saksi_proto::digest::Digest;

    use super::*;

    fn key(of: u8) -> SigningKey {
        SigningKey::from_bytes(&[of; 32])
    }

    fn log_key(of: u8) -> LogKey {
        LogKey { origin: "test/log".to_owned(), key: key(of).verifying_key() }
    }

    fn seen(size: u64) -> Seen {
        let checkpoint = Checkpoint { origin: "test/log".to_owned(), size, root: Digest([3; 32]) };
        Seen { note: checkpoint.sign(&key(7)), checkpoint }
    }

    fn directory() -> (tempfile::TempDir, Directory) {
        let home = tempfile::tempdir().unwrap();
        let directory = Directory::new(home.path());
        directory.create().unwrap();
        (home, directory)
    }

    #[test]
    fn what_was_seen_is_seen_again_and_only_of_its_own_log() {
        let (_home, directory) = directory();
        let recalled = || recall(&directory, &log_key(7)).unwrap();
        assert_eq!(recalled(), None);
        assert!(remember(&directory, &log_key(7), None, &seen(5)).unwrap());
        assert_eq!(recalled(), Some(seen(5)));
        assert!(remember(&directory, &log_key(7), Some(&seen(5)), &seen(9)).unwrap());
        assert_eq!(recalled(), Some(seen(9)));
        assert_eq!(recall(&directory, &log_key(8)).unwrap(), None, "another log is unknown");
        forget(&directory).unwrap();
        forget(&directory).unwrap();
        assert_eq!(recalled(), None);
    }

    #[test]
    fn nobody_forgets_what_another_process_has_seen_meanwhile() {
        let (_home, directory) = directory();
        assert!(remember(&directory, &log_key(7), None, &seen(9)).unwrap());
        assert!(!remember(&directory, &log_key(7), None, &seen(5)).unwrap());
        assert!(!remember(&directory, &log_key(7), Some(&seen(5)), &seen(12)).unwrap());
        assert_eq!(recall(&directory, &log_key(7)).unwrap(), Some(seen(9)));
    }

    #[test]
    fn a_lost_or_damaged_file_is_the_largest_of_the_receipts() {
        let (_home, directory) = directory();
        durable::create_directory(&directory.rehearsal()).unwrap();
        let places = [directory.receipts(), directory.rehearsal(), directory.receipts()];
        for (at, (place, size)) in (0..).zip(places.iter().zip([5, 12, 9])) {
            let form = Digest([at; 32]);
            let checkpoint = seen(size).note;
            let receipt = Receipt { index: 1, arrived_ms: 2, proof: Vec::new(), checkpoint };
            let path = place.join(format!("{form}.{RECEIPT}"));
            std::fs::write(path, receipt.to_tlog_proof(form)).unwrap();
        }
        std::fs::write(directory.receipts().join("x.tlog-proof"), "damaged").unwrap();
        assert_eq!(recall(&directory, &log_key(7)).unwrap(), Some(seen(12)));
        let note = seen(20).note;
        std::fs::write(directory.checkpoint(), &note[..note.len() - 9]).unwrap();
        assert_eq!(recall(&directory, &log_key(7)).unwrap(), Some(seen(12)));
    }
}
