//! The journal: the log's entries and checkpoints in one SQLite file.
//!
//! Append-only, with no secondary index: a B-tree over random digests would cost
//! more than everything else (DESIGN). WAL and `synchronous=FULL`: a commit is on
//! the disk when [`Storage::append`] returns. Only this file names SQLite.
//!
//! A copy ([`Journal::copy_to`]) is one file with nothing beside it.

use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use crate::acknowledged::{self, Acknowledged, EndFault, Note};
use crate::storage::{Head, Storage};
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, TransactionBehavior, params};

/// "SKSI": what `file` and a person see first.
const APPLICATION_ID: i32 = 0x534b_5349;
const SCHEMA_VERSION: i32 = 1;

/// A connection is never shared between threads, so SQLite needs no lock around each step.
const ONE_THREAD: OpenFlags = OpenFlags::SQLITE_OPEN_NO_MUTEX;

/// How long to wait for another process that holds the file.
const PATIENCE: Duration = Duration::from_secs(5);

/// A fault of the journal. Nothing that was acknowledged is lost by it; nothing
/// more is acknowledged after it.
#[derive(Debug, thiserror::Error)]
pub enum JournalFault {
    /// SQLite or the disk under it failed.
    #[error("the journal cannot be used: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// Another kind of file, or another version.
    #[error("not a journal of this version (application {application:#x}, version {version})")]
    NotAJournal {
        /// `PRAGMA application_id`.
        application: i32,
        /// `PRAGMA user_version`.
        version: i32,
    },
    /// SQLite's own check finds damaged pages.
    #[error("the file is damaged, SQLite says: {0}")]
    Pages(String),
    /// SQLite cannot read what should be there.
    #[error("{place} cannot be read: {words}")]
    Unreadable {
        /// An entry or a checkpoint.
        place: String,
        /// SQLite's reason, and what its own check says of the pages.
        words: String,
    },
    /// It does not go as far as it was acknowledged.
    #[error(transparent)]
    End(#[from] EndFault),
    /// Another process holds the file for itself.
    #[error("another process holds the journal; try again")]
    Busy,
    /// An entry is missing.
    #[error("the journal has a gap: entry {expected} is missing, entry {found} follows")]
    Gap {
        /// The index that should have come.
        expected: u64,
        /// The index that came.
        found: u64,
    },
}

/// The SQLite file. Written by the sequencer alone.
pub struct Journal {
    connection: Connection,
    /// Where the one who appends notes how far; readers have none.
    acknowledged: Option<Acknowledged>,
}

impl Journal {
    /// Makes an empty journal.
    ///
    /// # Errors
    /// [`JournalFault`], also if the file is there already.
    pub fn create(path: &Path) -> Result<Self, JournalFault> {
        let mut journal = Self { connection: Connection::open(path)?, acknowledged: None };
        journal.configure()?;
        journal.connection.execute_batch(&format!(
            "BEGIN;
             CREATE TABLE entry (position INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
             CREATE TABLE checkpoint (size INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT;
             PRAGMA application_id = {APPLICATION_ID};
             PRAGMA user_version = {SCHEMA_VERSION};
             COMMIT;"
        ))?;
        journal.begin_to_note(path)?;
        Ok(journal)
    }

    /// Opens the journal to append to it.
    ///
    /// # Errors
    /// [`JournalFault`] if it is not there, not a journal, or somebody reads it for long.
    pub fn open(path: &Path) -> Result<Self, JournalFault> {
        // Before the journal is looked at: it is never behind its note.
        let note = acknowledged::read(path);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | ONE_THREAD;
        let connection = Connection::open_with_flags(path, flags)?;
        let mut journal = Self { connection, acknowledged: None };
        journal.check_kind()?;
        journal.configure()?;
        journal.check_end(path, note)?;
        journal.confirm()?;
        journal.begin_to_note(path)?;
        Ok(journal)
    }

    /// Makes durable what can be read. A process that was killed between a write and
    /// its fsync, or whose fsync failed, leaves entries in the WAL that only the
    /// kernel's memory has; a device that asks again would get a receipt for one. So
    /// they are written once more, into the file itself, and synced there.
    fn confirm(&self) -> Result<(), JournalFault> {
        let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
        let busy: bool = self.connection.query_row(checkpoint, [], |row| row.get(0))?;
        if busy { Err(JournalFault::Busy) } else { Ok(()) }
    }

    /// Opens the journal to read it, also while a collector appends to it.
    ///
    /// # Errors
    /// [`JournalFault`] if it is not there or not a journal.
    pub fn open_to_read(path: &Path) -> Result<Self, JournalFault> {
        // Readers of a WAL write to the file beside it that says who reads what.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | ONE_THREAD;
        let note = acknowledged::read(path);
        let connection = Connection::open_with_flags(path, flags)?;
        let journal = Self { connection, acknowledged: None };
        journal.connection.pragma_update(None, "query_only", true)?;
        journal.connection.busy_timeout(PATIENCE)?;
        journal.check_kind()?;
        journal.check_end(path, note)?;
        Ok(journal)
    }

    /// Opens a copy to read it, also from a medium that cannot be written.
    ///
    /// # Errors
    /// [`JournalFault`] if it is not there or not a journal.
    pub fn open_copy(path: &Path) -> Result<Self, JournalFault> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | ONE_THREAD;
        let connection = Connection::open_with_flags(path, flags)?;
        let journal = Self { connection, acknowledged: None };
        journal.connection.busy_timeout(PATIENCE)?;
        journal.check_kind()?;
        Ok(journal)
    }

    fn configure(&self) -> Result<(), JournalFault> {
        self.connection.pragma_update(None, "journal_mode", "wal")?;
        self.connection.pragma_update(None, "synchronous", "full")?;
        self.connection.busy_timeout(PATIENCE)?;
        Ok(())
    }

    fn check_kind(&self) -> Result<(), JournalFault> {
        let pragma = |name| self.connection.pragma_query_value(None, name, |row| row.get(0));
        let (application, version) = (pragma("application_id")?, pragma("user_version")?);
        if (application, version) == (APPLICATION_ID, SCHEMA_VERSION) {
            Ok(())
        } else {
            Err(JournalFault::NotAJournal { application, version })
        }
    }

    /// Checks that the journal still has what was acknowledged last.
    fn check_end(&self, path: &Path, note: Option<Note>) -> Result<(), JournalFault> {
        let Some(note) = note else { return Ok(()) };
        let query = "SELECT note FROM checkpoint WHERE size = ?1";
        let kept = self.connection.query_row(query, [note.size.cast_signed()], |row| row.get(0));
        // What cannot be read is found, with its place, by whoever reads on.
        let Ok(kept) = kept.optional() else { return Ok(()) };
        let entries = self.head()?.map_or(0, |head| head.entries.max(head.size));
        Ok(note.check(path, kept, entries)?)
    }

    fn begin_to_note(&mut self, path: &Path) -> Result<(), JournalFault> {
        self.acknowledged = Some(Acknowledged::beside(path)?);
        Ok(())
    }

    fn unreadable(&self, place: String, fault: rusqlite::Error) -> JournalFault {
        let pages = match self.check_pages() {
            Ok(()) => "its pages are in order".to_owned(),
            Err(fault) => fault.to_string(),
        };
        JournalFault::Unreadable { place, words: format!("{fault}; {pages}") }
    }

    /// One entry, if it is there.
    ///
    /// # Errors
    /// [`JournalFault`].
    pub fn entry(&self, index: u64) -> Result<Option<Vec<u8>>, JournalFault> {
        let query = "SELECT bytes FROM entry WHERE position = ?1";
        let bytes = self.connection.query_row(query, [index.cast_signed()], |row| row.get(0));
        Ok(bytes.optional()?)
    }

    /// From the next look on, shows one moment, whatever a collector appends meanwhile.
    ///
    /// # Errors
    /// [`JournalFault`].
    pub fn hold_still(&self) -> Result<(), JournalFault> {
        Ok(self.connection.execute_batch("BEGIN")?)
    }

    /// Has SQLite check its file: pages, their order, types.
    ///
    /// # Errors
    /// [`JournalFault::Pages`] with its words, or [`JournalFault::Sqlite`] if it
    /// cannot even look.
    pub fn check_pages(&self) -> Result<(), JournalFault> {
        // There is no index, so the quick check is the whole one. Ten finds will do.
        let mut statement = self.connection.prepare("PRAGMA quick_check(10)")?;
        let mut rows = statement.query([])?;
        let mut words = Vec::new();
        loop {
            match rows.next() {
                Ok(Some(row)) => words.push(row.get::<_, String>(0)?),
                // It says which pages are damaged, and may then stumble over them itself.
                Err(fault) if words.is_empty() => return Err(fault.into()),
                Ok(None) | Err(_) => break,
            }
        }
        if words == ["ok"] {
            return Ok(());
        }
        let lines = words.iter().flat_map(|found| found.lines());
        let places = lines.filter(|line| !line.starts_with("***"));
        Err(JournalFault::Pages(places.collect::<Vec<_>>().join("; ")))
    }

    /// Copies what is committed at this moment to a new file, also while a collector
    /// appends. The caller syncs it.
    ///
    /// # Errors
    /// [`JournalFault`]; what is at `path` then is of no use.
    pub fn copy_to(&self, path: &Path) -> Result<(), JournalFault> {
        let mut copy = Connection::open(path)?;
        // All in one step: a reader of a WAL holds nobody up, and a copy in several
        // steps would begin again at every commit.
        let step = Backup::new(&self.connection, &mut copy)?.step(-1)?;
        if step != StepResult::Done {
            return Err(JournalFault::Busy);
        }
        drop(copy);
        // The copy is marked as having a WAL, as the journal is; on its own it needs none.
        Ok(Connection::open(path)?.pragma_update(None, "journal_mode", "delete")?)
    }
}

impl Storage for Journal {
    fn append(
        &mut self,
        first: u64,
        entries: &[&[u8]],
        checkpoint: &str,
    ) -> Result<(), JournalFault> {
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let mut insert = transaction
                .prepare_cached("INSERT INTO entry (position, bytes) VALUES (?1, ?2)")?;
            for (index, entry) in (first..).zip(entries) {
                insert.execute(params![index.cast_signed(), entry])?;
            }
        }
        let size = first + entries.len() as u64;
        transaction
            .prepare_cached("INSERT INTO checkpoint (size, note) VALUES (?1, ?2)")?
            .execute(params![size.cast_signed(), checkpoint])?;
        // The commit point: from here on the entries are in the log for ever.
        transaction.commit()?;
        if let Some(acknowledged) = &self.acknowledged {
            let note = Note { size, checkpoint: checkpoint.to_owned() };
            if let Err(fault) = acknowledged.note(&note) {
                // Committed is committed; without the note only less would be noticed.
                tracing::warn!(%fault, "what was committed cannot be noted beside the journal");
            }
        }
        Ok(())
    }

    fn for_each_entry_of<E: From<JournalFault>>(
        &self,
        range: Range<u64>,
        mut each: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let sqlite = |fault| E::from(JournalFault::Sqlite(fault));
        let query = "SELECT position, bytes FROM entry WHERE position >= ?1 AND position < ?2
                     ORDER BY position";
        let mut statement = self.connection.prepare_cached(query).map_err(sqlite)?;
        let Range { start, end } = range;
        let mut rows = statement.query([start, end].map(u64::cast_signed)).map_err(sqlite)?;
        let mut expected = start;
        while let Some(row) =
            rows.next().map_err(|fault| self.unreadable(format!("entry {expected}"), fault))?
        {
            let found = row.get::<_, i64>(0).map_err(sqlite)?.cast_unsigned();
            if found != expected {
                return Err(JournalFault::Gap { expected, found }.into());
            }
            let bytes = row.get_ref(1).and_then(|bytes| Ok(bytes.as_blob()?)).map_err(sqlite)?;
            each(bytes)?;
            expected += 1;
        }
        if expected == end {
            Ok(())
        } else {
            Err(JournalFault::Gap { expected, found: end }.into())
        }
    }

    fn for_each_checkpoint<E: From<JournalFault>>(
        &self,
        size: u64,
        mut each: impl FnMut(u64, &str) -> Result<(), E>,
    ) -> Result<(), E> {
        let sqlite = |fault| E::from(JournalFault::Sqlite(fault));
        let query = "SELECT size, note FROM checkpoint WHERE size <= ?1 ORDER BY size";
        let mut statement = self.connection.prepare(query).map_err(sqlite)?;
        let mut rows = statement.query([size.cast_signed()]).map_err(sqlite)?;
        let mut place = "the first checkpoint".to_owned();
        while let Some(row) = rows.next().map_err(|fault| self.unreadable(place, fault))? {
            let size = row.get::<_, i64>(0).map_err(sqlite)?.cast_unsigned();
            let note = row.get_ref(1).and_then(|note| Ok(note.as_str()?)).map_err(sqlite)?;
            each(size, note)?;
            place = format!("the checkpoint after the one over {size} entries");
        }
        Ok(())
    }

    fn head(&self) -> Result<Option<Head>, JournalFault> {
        // One statement, so that a commit beside it is seen whole or not at all.
        let query = "SELECT size, note, (SELECT COALESCE(MAX(position) + 1, 0) FROM entry)
                     FROM checkpoint ORDER BY size DESC LIMIT 1";
        let head = self.connection.query_row(query, [], |row| {
            let (size, entries) = (row.get::<_, i64>(0)?, row.get::<_, i64>(2)?);
            let (size, entries) = (size.cast_unsigned(), entries.cast_unsigned());
            Ok(Head { size, checkpoint: row.get(1)?, entries })
        });
        head.optional().map_err(|fault| self.unreadable("the last checkpoint".to_owned(), fault))
    }

    fn checkpoint_over(&self, index: u64) -> Result<Option<(u64, String)>, JournalFault> {
        let query = "SELECT size, note FROM checkpoint WHERE size > ?1 ORDER BY size LIMIT 1";
        let mut statement = self.connection.prepare_cached(query)?;
        let row = statement.query_row([index.cast_signed()], |row| {
            Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get(1)?))
        });
        Ok(row.optional()?)
    }
}

#[cfg(test)]
mod tests;
