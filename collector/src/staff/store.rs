//! `staff.db`: accounts, sessions, wall views and acts of the desk. Local to this
//! installation: nothing in it changes a number, and none of it is in the log but the full
//! names of who has acted.
//!
//! Owned by one [`Store`], which whoever asks has for the length of a statement or two; the
//! command line may have the file open beside it. What is told as done is on the disk.

pub mod accounts;
pub mod acts;
pub mod proposals;
pub mod seconds;
pub mod sessions;
pub mod walls;

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, ffi};

use crate::secret::{self, SecretFault};

/// For a statement of the command line's to end.
const PATIENCE: Duration = Duration::from_secs(5);

/// What leads from each version of the tables to the next, the first from an empty file.
/// Steps are added at the end and never changed.
const STEPS: [&str; 4] = [
    "
    CREATE TABLE account (
        name TEXT PRIMARY KEY, full_name TEXT NOT NULL, role TEXT NOT NULL, region TEXT,
        password TEXT NOT NULL, made_ms INTEGER NOT NULL, ended_ms INTEGER
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE session (
        token BLOB PRIMARY KEY, account TEXT NOT NULL REFERENCES account,
        begun_ms INTEGER NOT NULL, seen_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX session_account ON session (account);
    CREATE TABLE wall (
        id INTEGER PRIMARY KEY, token BLOB NOT NULL UNIQUE, name TEXT NOT NULL, region TEXT,
        made_by TEXT NOT NULL, made_ms INTEGER NOT NULL, ended_ms INTEGER
    ) STRICT;
    CREATE TABLE act (
        id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, account TEXT NOT NULL,
        full_name TEXT NOT NULL, kind TEXT NOT NULL, place TEXT NOT NULL, regions TEXT NOT NULL,
        detail TEXT NOT NULL, outcome TEXT NOT NULL, entry INTEGER
    ) STRICT;
    CREATE INDEX act_account ON act (account, id);
",
    proposals::TABLE,
    seconds::TABLES,
    accounts::GIVEN,
];

/// Why the desk's file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreFault {
    /// Its mode, or the file itself.
    #[error(transparent)]
    File(#[from] SecretFault),
    /// It cannot be made.
    #[error("{path}: {fault}", path = .0.display(), fault = .1)]
    Make(PathBuf, std::io::Error),
    /// SQLite says no.
    #[error("{path}: {fault}", path = .0.display(), fault = .1)]
    Sqlite(PathBuf, rusqlite::Error),
    /// It was made by a later version.
    #[error("{path} is of a later version ({found}) than this program ({known}); use the later program", path = .path.display())]
    Later {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: usize,
        /// The latest version that is known here.
        known: usize,
    },
    /// What stands in it makes no sense.
    #[error("{path}: {what} makes no sense; put the file back from your backup", path = .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What it is.
        what: String,
    },
}

/// The desk's file, open.
pub struct Store {
    path: PathBuf,
    connection: Mutex<Connection>,
}

impl Store {
    /// Opens the file, which is made if it is not there; nobody else may read it.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn open(path: &Path) -> Result<Self, StoreFault> {
        let file =
            OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path);
        drop(file.map_err(|fault| StoreFault::Make(path.to_owned(), fault))?);
        secret::check_mode(path)?;
        let fault = |fault| StoreFault::Sqlite(path.to_owned(), fault);
        let mut connection = Connection::open(path).map_err(fault)?;
        begin(&connection).map_err(fault)?;
        let version = migrate(&mut connection).map_err(fault)?;
        if version > STEPS.len() {
            let (path, known) = (path.to_owned(), STEPS.len());
            return Err(StoreFault::Later { path, found: version, known });
        }
        Ok(Self { path: path.to_owned(), connection: Mutex::new(connection) })
    }

    /// Copies what is told as done at this moment to a new file, also while the desk writes.
    /// Without the sessions: whoever has signed out since must not be in again. The caller
    /// syncs it.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn copy_to(&self, path: &Path) -> Result<(), StoreFault> {
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        drop(file.map_err(|fault| StoreFault::Make(path.to_owned(), fault))?);
        let fault = |fault| StoreFault::Sqlite(path.to_owned(), fault);
        let mut copy = Connection::open(path).map_err(fault)?;
        // All in one step: a reader of a WAL holds nobody up.
        self.with(|connection| match Backup::new(connection, &mut copy)?.step(-1)? {
            StepResult::Done => Ok(()),
            _ => Err(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_BUSY), None)),
        })?;
        copy.execute("DELETE FROM session", []).map_err(fault)?;
        let sound: String =
            copy.pragma_query_value(None, "integrity_check", |row| row.get(0)).map_err(fault)?;
        if sound != "ok" {
            return Err(self.damaged(sound));
        }
        // The copy is marked as having a WAL, as the file is; on its own it needs none.
        copy.pragma_update(None, "journal_mode", "delete").map_err(fault)
    }

    /// The connection, for a statement or two.
    fn with<T>(
        &self,
        ask: impl FnOnce(&mut Connection) -> Result<T, rusqlite::Error>,
    ) -> Result<T, StoreFault> {
        // A statement that panicked has been rolled back by the transaction's end.
        let mut connection: MutexGuard<'_, Connection> =
            self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        ask(&mut connection).map_err(|fault| StoreFault::Sqlite(self.path.clone(), fault))
    }

    fn damaged(&self, what: impl Into<String>) -> StoreFault {
        StoreFault::Damaged { path: self.path.clone(), what: what.into() }
    }
}

fn begin(connection: &Connection) -> Result<(), rusqlite::Error> {
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    // An account that was ended stays ended after a power cut.
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)
}

/// Takes the steps that are missing; gives the version that the file had.
fn migrate(connection: &mut Connection) -> Result<usize, rusqlite::Error> {
    let immediate = rusqlite::TransactionBehavior::Immediate;
    let transaction = connection.transaction_with_behavior(immediate)?;
    let version: usize = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    for step in STEPS.iter().skip(version) {
        transaction.execute_batch(step)?;
    }
    if version < STEPS.len() {
        transaction.pragma_update(None, "user_version", STEPS.len())?;
    }
    transaction.commit()?;
    Ok(version)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn the_file_is_its_owners_alone_and_of_a_known_version() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("staff.db");
        drop(Store::open(&path).unwrap());
        let mode = || std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(), 0o600);
        let store = Store::open(&path).unwrap();
        store.with(|it| it.pragma_update(None, "user_version", 99)).unwrap();
        drop(store);
        assert!(matches!(Store::open(&path), Err(StoreFault::Later { found: 99, .. })));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(Store::open(&path), Err(StoreFault::File(_))));
    }
}
