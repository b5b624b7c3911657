//! Backups: copies of the journal that were inspected before they got their name.

pub mod centre;

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::acknowledged;
use crate::inspection::{Holdings, Provenance, inspect};
use crate::journal::{Journal, JournalFault};
use crate::log::LogFault;

/// Endings of a database's file, first, and of what SQLite and we leave beside it.
const ENDINGS: [&str; 5] = ["", "-wal", "-shm", "-journal", acknowledged::ENDING];

/// Why there is no backup.
#[derive(Debug, thiserror::Error)]
pub enum BackupFault {
    /// Something has that name.
    #[error("{0} is there already; a backup is never written over another file")]
    Exists(PathBuf),
    /// The journal cannot be opened.
    #[error("the journal cannot be backed up: {0}")]
    Journal(JournalFault),
    /// The copy.
    #[error(transparent)]
    Copy(#[from] CopyFault),
}

/// Why there is no copy of a journal. What there was of it is removed.
#[derive(Debug, thiserror::Error)]
pub enum CopyFault {
    /// Reading or writing failed, perhaps because the disk is full.
    #[error("the journal cannot be copied to {path}: {fault}")]
    Copy {
        /// The new file.
        path: PathBuf,
        /// SQLite's reason.
        fault: JournalFault,
    },
    /// The copy is not what was signed.
    #[error("the copy is not sound: {0}")]
    Unsound(LogFault),
    /// A file cannot be synced, renamed or removed.
    #[error("{path}: {fault}")]
    File {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        fault: io::Error,
    },
}

/// Backs the journal at `path` up to `file`, also while a collector appends to it.
///
/// # Errors
/// [`BackupFault`]; there is no `file` then.
pub fn back_up(path: &Path, file: &Path, provenance: &Provenance) -> Result<Holdings, BackupFault> {
    // A stranger's WAL beside the backup would be read as a part of it.
    if let Some(taken) = family(file).into_iter().find(|path| is_there(path)) {
        return Err(BackupFault::Exists(taken));
    }
    let journal = Journal::open_to_read(path).map_err(BackupFault::Journal)?;
    let partial = with_ending(file, ".partial");
    let holdings = copy(&journal, &partial, provenance)?;
    put_in_place(&partial, file)?;
    Ok(holdings)
}

/// Copies a journal to a new file, synced and inspected. A rest of an earlier try is
/// swept first.
///
/// # Errors
/// [`CopyFault`]; there is no such file then.
pub(crate) fn copy(
    journal: &Journal,
    path: &Path,
    provenance: &Provenance,
) -> Result<Holdings, CopyFault> {
    sweep(path)?;
    let copied = copy_and_inspect(journal, path, provenance);
    if copied.is_err() {
        sweep(path)?;
    }
    copied
}

fn copy_and_inspect(
    journal: &Journal,
    path: &Path,
    provenance: &Provenance,
) -> Result<Holdings, CopyFault> {
    let copy_fault = |fault| CopyFault::Copy { path: path.to_owned(), fault };
    journal.copy_to(path).map_err(copy_fault)?;
    sync(path)?;
    let copy = Journal::open_copy(path).map_err(copy_fault)?;
    inspect(&copy, provenance).map_err(CopyFault::Unsound)
}

/// Gives a synced file its name, durably.
pub(crate) fn put_in_place(partial: &Path, path: &Path) -> Result<(), CopyFault> {
    fs::rename(partial, path).map_err(file_fault(path))?;
    sync_dir_of(path)
}

/// Syncs the directory that a file is in, so that its name is durable.
pub(crate) fn sync_dir_of(path: &Path) -> Result<(), CopyFault> {
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty());
    sync(dir.unwrap_or(Path::new(".")))
}

fn sync(path: &Path) -> Result<(), CopyFault> {
    File::open(path).and_then(|file| file.sync_all()).map_err(file_fault(path))
}

fn sweep(path: &Path) -> Result<(), CopyFault> {
    family(path).iter().try_for_each(|path| match fs::remove_file(path) {
        Err(fault) if fault.kind() != io::ErrorKind::NotFound => Err(file_fault(path)(fault)),
        _ => Ok(()),
    })
}

/// A database's file, first, and what may lie beside it.
pub(crate) fn family(path: &Path) -> [PathBuf; 5] {
    ENDINGS.map(|ending| with_ending(path, ending))
}

/// Whether anything has that name, if only a link to nowhere.
pub(crate) fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// A path with something more at the end of its name.
pub(crate) fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    name.into()
}

/// Says which file it was.
pub(crate) fn file_fault(path: &Path) -> impl FnOnce(io::Error) -> CopyFault {
    let path = path.to_owned();
    |fault| CopyFault::File { path, fault }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;
    use crate::inspection::tests::{append, begin, found, journal_in, provenance, tear};

    fn names(dir: &Path) -> Vec<String> {
        let entries = fs::read_dir(dir).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_backup_is_one_file_and_holds_what_the_journal_holds() {
        let dir = tempfile::tempdir().unwrap();
        let path = journal_in(dir.path());
        let file = dir.path().join("backup.db");
        // A rest of an earlier try is in nobody's way.
        fs::write(dir.path().join("backup.db.partial"), "half").unwrap();
        fs::write(dir.path().join("backup.db.partial-journal"), "half").unwrap();
        let holdings = back_up(&path, &file, &provenance()).unwrap();
        assert_eq!(holdings, found(&path).unwrap());
        assert_eq!(names(dir.path()), ["backup.db", "journal.db", "journal.db-head"]);
        let copy = Journal::open_copy(&file).unwrap();
        assert_eq!(inspect(&copy, &provenance()).unwrap(), holdings);
        assert_eq!(
            names(dir.path()),
            ["backup.db", "journal.db", "journal.db-head"],
            "reading leaves nothing"
        );
    }

    #[test]
    fn a_backup_beside_a_writer_is_the_log_of_one_moment() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal.db");
        let mut log = begin(&path);
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let writer = scope.spawn(|| {
                let commits = (0..90).take_while(|_| !stop.load(Ordering::Relaxed));
                commits.map(|nth| append(&mut log, nth)).count()
            });
            let sizes: Vec<_> = (0..8)
                .map(|nth| {
                    let file = dir.path().join(format!("backup-{nth}.db"));
                    let taken = back_up(&path, &file, &provenance()).unwrap();
                    assert_eq!(taken.entries % 10, 1, "whole commits only");
                    taken.entries
                })
                .collect();
            stop.store(true, Ordering::Relaxed);
            assert!(writer.join().unwrap() > 0);
            assert!(sizes.is_sorted(), "{sizes:?}");
        });
    }

    #[test]
    fn a_file_that_is_there_is_not_touched() {
        let dir = tempfile::tempdir().unwrap();
        let path = journal_in(dir.path());
        for taken in ["backup.db", "backup.db-wal"] {
            let (file, taken) = (dir.path().join("backup.db"), dir.path().join(taken));
            fs::write(&taken, "mine").unwrap();
            let refused = back_up(&path, &file, &provenance());
            assert!(matches!(refused, Err(BackupFault::Exists(path)) if path == taken));
            assert_eq!(fs::read(&taken).unwrap(), b"mine");
            fs::remove_file(&taken).unwrap();
        }
    }

    #[test]
    fn a_damaged_journal_gives_no_backup_and_no_rest_of_one() {
        let dir = tempfile::tempdir().unwrap();
        let path = journal_in(dir.path());
        tear(&path, 5);
        let refused = back_up(&path, &dir.path().join("backup.db"), &provenance()).unwrap_err();
        assert!(matches!(refused, BackupFault::Copy(CopyFault::Unsound(_))), "{refused}");
        assert!(refused.to_string().contains("page 5:"), "{refused}");
        assert_eq!(names(dir.path()), ["journal.db", "journal.db-head"]);
    }
}
