//! When each device was last there, what its clock said, its version, and when its
//! certificate ends. Not in the log: none of it changes what a form is worth.
//!
//! A small SQLite file beside the journal, written every few seconds by a thread of its
//! own, and read by `device list`. What a crash takes of it comes again with the device;
//! the file may be deleted.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::backup::Backup;
use rusqlite::{Connection, OpenFlags, Row, params};
use serde::Serialize;
use tracing::warn;

/// Between two writes.
const REST: Duration = Duration::from_secs(5);

/// Pages that are copied at a time: all of a nation's file, some 100 MB, in a few steps.
const PAGES: std::ffi::c_int = 10_000;

/// Longest version that is kept, in characters.
const MAX_VERSION: usize = 40;

/// What is known of a device; a later word adds to an earlier one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sighting {
    /// When it was there, milliseconds since 1970, UTC.
    pub seen_ms: Option<u64>,
    /// Its clock less ours at that time, in milliseconds.
    pub clock_off_ms: Option<i64>,
    /// Version of its agent.
    pub version: Option<String>,
    /// When its last certificate ends, milliseconds since 1970, UTC.
    pub certified_until_ms: Option<u64>,
    /// Entries of the newest checkpoint of the log that it says it has verified.
    pub known: Option<u64>,
    /// When it last had seen a log that this one is not.
    pub doubt: Option<Doubt>,
}

/// A device has seen a log that this one is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Doubt {
    /// When it said so, milliseconds since 1970, UTC.
    pub at_ms: u64,
    /// Entries of the log that it has seen.
    pub entries: u64,
    /// Whether it holds a checkpoint over them that the log's key has signed.
    pub is_proven: bool,
}

impl Sighting {
    /// The device's doubt, as long as it has verified no later checkpoint.
    #[must_use]
    pub fn open_doubt(&self) -> Option<Doubt> {
        self.doubt.filter(|doubt| self.known.is_none_or(|known| known <= doubt.entries))
    }
}

/// Devices by their public keys (Ed25519).
pub type Sightings = HashMap<[u8; 32], Sighting>;

/// What is to be written. Devices of the roster alone get here: at most one entry a
/// station, some 150 bytes each.
type Waiting = Arc<Mutex<Sightings>>;

/// Notes who is there. Dropping it writes the last ones.
pub struct Presence {
    waiting: Waiting,
    /// Closed to end the writer.
    stop: Option<Sender<()>>,
    writer: Option<JoinHandle<()>>,
}

impl Presence {
    /// Begins to write to a file, which is made if it is not there, or is damaged.
    ///
    /// # Errors
    /// If no thread can be started.
    pub fn open(path: &Path) -> std::io::Result<Self> {
        let waiting = Waiting::default();
        let (stop, stopped) = channel();
        let (path, shared) = (path.to_owned(), Arc::clone(&waiting));
        let writer = std::thread::Builder::new().name("presence".to_owned());
        let writer = writer.spawn(move || write_on(&path, &shared, &stopped))?;
        Ok(Self { waiting, stop: Some(stop), writer: Some(writer) })
    }

    /// A device has greeted.
    pub fn seen(&self, key: [u8; 32], version: &str, device_ms: u64, now_ms: u64) {
        let off = i128::from(device_ms) - i128::from(now_ms);
        self.note(key, |sighting| {
            sighting.seen_ms = Some(now_ms);
            sighting.clock_off_ms = i64::try_from(off).ok();
            sighting.version = Some(version.chars().take(MAX_VERSION).collect());
        });
    }

    /// A device has been given a certificate.
    pub fn certified(&self, key: [u8; 32], until_ms: u64) {
        self.note(key, |sighting| sighting.certified_until_ms = Some(until_ms));
    }

    /// A device says which checkpoint it has verified.
    pub fn knows(&self, key: [u8; 32], entries: u64) {
        self.note(key, |sighting| sighting.known = Some(entries));
    }

    /// A device has seen a log that this one is not.
    pub fn doubts(&self, key: [u8; 32], doubt: Doubt) {
        self.note(key, |sighting| sighting.doubt = Some(doubt));
    }

    fn note(&self, key: [u8; 32], change: impl FnOnce(&mut Sighting)) {
        // Every change is one assignment after the other: nothing is half done.
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        change(waiting.entry(key).or_default());
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        drop(self.stop.take());
        // A writer that panicked has said so itself.
        drop(self.writer.take().map(JoinHandle::join));
    }
}

fn write_on(path: &Path, waiting: &Waiting, stopped: &Receiver<()>) {
    let mut connection = None;
    loop {
        let is_over = stopped.recv_timeout(REST) != Err(RecvTimeoutError::Timeout);
        let some = std::mem::take(&mut *waiting.lock().unwrap_or_else(PoisonError::into_inner));
        if !some.is_empty() {
            let opened = connection.take().map_or_else(|| open(path), Ok);
            match opened.and_then(|opened| write(opened, &some)) {
                Ok(opened) => connection = Some(opened),
                Err(fault) => {
                    warn!(%fault, path = %path.display(), "when devices were seen is not noted");
                }
            }
        }
        if is_over {
            return;
        }
    }
}

const TABLE: &str = "CREATE TABLE IF NOT EXISTS sighting (
        key BLOB PRIMARY KEY, seen INTEGER, clock_off INTEGER, version TEXT, certified_until INTEGER,
        known INTEGER, doubt_at INTEGER, doubt_entries INTEGER, doubt_is_proven INTEGER
    ) STRICT, WITHOUT ROWID";

const UPSERT: &str = "INSERT INTO sighting VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
    ON CONFLICT (key) DO UPDATE SET
        seen = coalesce(excluded.seen, seen),
        clock_off = coalesce(excluded.clock_off, clock_off),
        version = coalesce(excluded.version, version),
        certified_until = coalesce(excluded.certified_until, certified_until),
        known = coalesce(excluded.known, known),
        doubt_at = coalesce(excluded.doubt_at, doubt_at),
        doubt_entries = coalesce(excluded.doubt_entries, doubt_entries),
        doubt_is_proven = coalesce(excluded.doubt_is_proven, doubt_is_proven)";

fn open(path: &Path) -> Result<Connection, rusqlite::Error> {
    let begin = || {
        let connection = Connection::open(path)?;
        connection.busy_timeout(REST)?;
        // Nothing in it is worth an fsync.
        connection.pragma_update(None, "synchronous", "off")?;
        connection.execute_batch(TABLE)?;
        Ok(connection)
    };
    begin().or_else(|fault: rusqlite::Error| {
        if fault.sqlite_error_code() != Some(rusqlite::ErrorCode::NotADatabase)
            && fault.sqlite_error_code() != Some(rusqlite::ErrorCode::DatabaseCorrupt)
        {
            return Err(fault);
        }
        warn!(%fault, path = %path.display(), "damaged; begun anew");
        // If it cannot be removed, the next try says why.
        drop(std::fs::remove_file(path));
        begin()
    })
}

fn write(mut connection: Connection, some: &Sightings) -> Result<Connection, rusqlite::Error> {
    let transaction = connection.transaction()?;
    {
        let mut upsert = transaction.prepare_cached(UPSERT)?;
        for (key, sighting) in some {
            let Sighting { seen_ms, clock_off_ms, version, certified_until_ms, known, doubt } =
                sighting;
            let signed = |number: &Option<u64>| number.map(u64::cast_signed);
            let (seen, until, known) = (signed(seen_ms), signed(certified_until_ms), signed(known));
            let at = doubt.map(|doubt| doubt.at_ms.cast_signed());
            let entries = doubt.map(|doubt| doubt.entries.cast_signed());
            let is_proven = doubt.map(|doubt| doubt.is_proven);
            upsert.execute(params![
                key,
                seen,
                clock_off_ms,
                version,
                until,
                known,
                at,
                entries,
                is_proven
            ])?;
        }
    }
    transaction.commit()?;
    Ok(connection)
}

/// Why it is not known who was there.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {fault}; it may be deleted", path = .0.display(), fault = .1)]
pub struct PresenceFault(PathBuf, rusqlite::Error);

/// All that is noted, also beside a running collector.
///
/// # Errors
/// [`PresenceFault`] if the file is damaged. One that is not there has nothing.
pub fn read(path: &Path) -> Result<Sightings, PresenceFault> {
    if !path.exists() {
        return Ok(Sightings::new());
    }
    read_rows(path).map_err(|fault| PresenceFault(path.to_owned(), fault))
}

/// What is noted of these devices, also beside a running collector: 5 µs each of 800,000
/// (`national --desk`).
///
/// # Errors
/// [`PresenceFault`] if the file is damaged. One that is not there has nothing.
pub fn read_of(path: &Path, keys: &[[u8; 32]]) -> Result<Sightings, PresenceFault> {
    if !path.exists() || keys.is_empty() {
        return Ok(Sightings::new());
    }
    read_rows_of(path, keys).map_err(|fault| PresenceFault(path.to_owned(), fault))
}

fn read_rows_of(path: &Path, keys: &[[u8; 32]]) -> Result<Sightings, rusqlite::Error> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.busy_timeout(REST)?;
    let mut statement = connection.prepare(&format!("{COLUMNS} FROM sighting WHERE key = ?1"))?;
    let mut found = Sightings::with_capacity(keys.len());
    for key in keys {
        let mut rows = statement.query([key])?;
        if let Some(row) = rows.next()? {
            found.insert(*key, read_row(row)?);
        }
    }
    Ok(found)
}

/// Copies the file at this moment to a new one, also while a collector writes it. The caller
/// syncs it.
///
/// # Errors
/// If it cannot be read, or the new one written.
pub fn copy(path: &Path, to: &Path) -> Result<(), PresenceFault> {
    copy_rows(path, to).map_err(|fault| PresenceFault(path.to_owned(), fault))
}

fn copy_rows(path: &Path, to: &Path) -> Result<(), rusqlite::Error> {
    let from = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    from.busy_timeout(REST)?;
    let mut copy = Connection::open(to)?;
    Backup::new(&from, &mut copy)?.run_to_completion(PAGES, Duration::ZERO, None)?;
    copy.pragma_update(None, "journal_mode", "delete")
}

const COLUMNS: &str = "SELECT key, seen, clock_off, version, certified_until,
    known, doubt_at, doubt_entries, doubt_is_proven";

fn read_rows(path: &Path) -> Result<Sightings, rusqlite::Error> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.busy_timeout(REST)?;
    let mut statement = connection.prepare(&format!("{COLUMNS} FROM sighting"))?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, read_row(row)?)))?;
    rows.collect()
}

fn read_row(row: &Row<'_>) -> Result<Sighting, rusqlite::Error> {
    let unsigned =
        |at| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(at)?.map(i64::cast_unsigned));
    let doubt = match (unsigned(6)?, unsigned(7)?, row.get(8)?) {
        (Some(at_ms), Some(entries), Some(is_proven)) => Some(Doubt { at_ms, entries, is_proven }),
        _ => None,
    };
    Ok(Sighting {
        seen_ms: unsigned(1)?,
        clock_off_ms: row.get(2)?,
        version: row.get(3)?,
        certified_until_ms: unsigned(4)?,
        known: unsigned(5)?,
        doubt,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: [u8; 32] = [1; 32];

    #[test]
    fn a_later_word_adds_to_an_earlier_one() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("devices.db");
        assert_eq!(read(&path).unwrap(), Sightings::new());
        let presence = Presence::open(&path).unwrap();
        presence.certified(A, 900);
        presence.seen(A, "0.1.0", 400, 1_000);
        drop(presence);
        let presence = Presence::open(&path).unwrap();
        presence.seen(A, "0.2.0", 2_500, 2_000);
        drop(presence);
        let wanted = Sighting {
            seen_ms: Some(2_000),
            clock_off_ms: Some(500),
            version: Some("0.2.0".to_owned()),
            certified_until_ms: Some(900),
            ..Sighting::default()
        };
        assert_eq!(read(&path).unwrap(), Sightings::from([(A, wanted.clone())]));
        assert_eq!(read_of(&path, &[[2; 32], A]).unwrap(), Sightings::from([(A, wanted)]));
        assert_eq!(read_of(&path, &[[2; 32]]).unwrap(), Sightings::new());
    }

    #[test]
    fn a_doubt_stands_until_the_device_has_verified_more() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("devices.db");
        let open_doubt = || read(&path).unwrap()[&A].open_doubt();
        let doubt = Doubt { at_ms: 500, entries: u64::MAX - 1, is_proven: false };
        for (known, is_proven, wanted) in
            [(None, false, true), (Some(7), true, true), (Some(u64::MAX), true, false)]
        {
            let presence = Presence::open(&path).unwrap();
            presence.doubts(A, Doubt { is_proven, ..doubt });
            known.into_iter().for_each(|known| presence.knows(A, known));
            drop(presence);
            let wanted = wanted.then_some(Doubt { is_proven, ..doubt });
            assert_eq!(open_doubt(), wanted, "{known:?}");
        }
    }

    #[test]
    fn a_damaged_file_is_begun_anew() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("devices.db");
        std::fs::write(&path, "no database, but long enough to be looked at".repeat(100)).unwrap();
        assert!(read(&path).is_err());
        let presence = Presence::open(&path).unwrap();
        presence.certified(A, 900);
        drop(presence);
        assert_eq!(read(&path).unwrap().len(), 1);
    }
}
