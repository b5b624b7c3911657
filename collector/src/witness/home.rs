//! A witness's directory.
//!
//! ```text
//! witness.key         private key, mode 0600
//! witness.vkey        name and public key, for those who ask
//! logs/NAME/          a directory a log, named by the SHA-256 of its origin
//!   log.vkey          origin and public key of the log
//!   checkpoint        what was cosigned last: with it the witness never goes back
//!   evidence/         second histories that the log has signed
//! lock                held while the witness runs
//! ```

use std::fs::{self, DirBuilder, File, TryLockError};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use saksi_proto::SigningKey;
use saksi_proto::checkpoint::LogKey;
use saksi_proto::cosignature::{WitnessKey, WitnessKeyFault};
use saksi_proto::digest::Digest;

use super::kept::{CHECKPOINT, Disk as _, Kept, RealDisk, nothing_yet};
use crate::secret::{self, SecretFault};

const KEY: &str = "witness.key";
const PUBLIC_KEY: &str = "witness.vkey";
const LOGS: &str = "logs";
const LOG_KEY: &str = "log.vkey";

/// Ends the name of a log's directory that is still being made.
const UNFINISHED: &str = ".part";

/// Most logs of a witness: a country's have a few, and each takes 2 KiB of memory.
const MAX_LOGS: usize = 1_000;

/// Why a witness cannot be made, changed or opened.
#[derive(Debug, thiserror::Error)]
pub enum WitnessFault {
    /// There is none in the directory.
    #[error("{0} has no witness; make one with: saksi-collector witness init {0} --name NAME")]
    None(PathBuf),
    /// There is one already.
    #[error("{0} is there already; a witness is made in a new directory")]
    Exists(PathBuf),
    /// It runs.
    #[error("a witness is running in {0}; stop it first")]
    InUse(PathBuf),
    /// Its name cannot be carried.
    #[error(transparent)]
    Name(#[from] WitnessKeyFault),
    /// Its private key.
    #[error(transparent)]
    Secret(#[from] SecretFault),
    /// A file of it.
    #[error("{path}: {fault}")]
    File {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        fault: io::Error,
    },
    /// The public key is damaged, or not that of the private one.
    #[error("{0} is not the public key of witness.key; put it back from your backup")]
    PublicKey(PathBuf),
    /// The log is its already.
    #[error("this witness has the log {origin} already, in {path}")]
    LogExists {
        /// Origin of the log.
        origin: String,
        /// Its directory.
        path: PathBuf,
    },
    /// More logs than a witness takes.
    #[error("a witness takes {MAX_LOGS} logs")]
    TooManyLogs,
    /// What it knew of a log is gone or changed.
    #[error(
        "{0} is damaged or missing. Without it this witness does not know what it has cosigned \
         of this log, and could cosign another history: it does not begin anew. Put back the \
         file as it was last (not an older copy); if that cannot be, make a new witness with a \
         new key in another directory, and tell those who know this one that it has ended"
    )]
    Damaged(PathBuf),
}

fn file_fault(path: &Path) -> impl FnOnce(io::Error) -> WitnessFault + use<> {
    let path = path.to_owned();
    move |fault| WitnessFault::File { path, fault }
}

/// Held while one process alone may cosign with the key.
#[derive(Debug)]
pub struct WitnessLock(#[expect(dead_code, reason = "the lock goes with the file")] File);

/// Makes a witness in a new directory, and gives its public key.
///
/// # Errors
/// [`WitnessFault`].
pub fn init(dir: &Path, name: &str) -> Result<WitnessKey, WitnessFault> {
    if dir.exists() {
        return Err(WitnessFault::Exists(dir.to_owned()));
    }
    let key = secret::new_key()?;
    let public = public_key(name, &key)?;
    make_directory(dir)?;
    make_directory(&dir.join(LOGS))?;
    write(&dir.join(PUBLIC_KEY), &format!("{public}\n"))?;
    secret::write_secret(&dir.join(KEY), &secret::to_pem(&key))?;
    // The parent of a bare name is empty, and means here.
    let parent = dir.parent().filter(|parent| !parent.as_os_str().is_empty());
    sync(parent.unwrap_or(Path::new(".")))?;
    Ok(public)
}

/// Has the witness in `dir` cosign this log too, from its next start on.
///
/// # Errors
/// [`WitnessFault`], also if it has the log already.
pub fn add_log(dir: &Path, log: &LogKey) -> Result<(), WitnessFault> {
    read_key(dir)?;
    let logs = dir.join(LOGS);
    let path = logs.join(directory_name(log));
    if path.exists() {
        return Err(WitnessFault::LogExists { origin: log.origin.clone(), path });
    }
    if fs::read_dir(&logs).map_err(file_fault(&logs))?.count() >= MAX_LOGS {
        return Err(WitnessFault::TooManyLogs);
    }
    let beside = logs.join(directory_name(log) + UNFINISHED);
    if beside.exists() {
        fs::remove_dir_all(&beside).map_err(file_fault(&beside))?;
    }
    make_directory(&beside)?;
    write(&beside.join(LOG_KEY), &format!("{log}\n"))?;
    write(&beside.join(CHECKPOINT), &nothing_yet(log))?;
    sync(&beside)?;
    fs::rename(&beside, &path).map_err(file_fault(&path))?;
    sync(&logs)
}

/// Takes the lock, or says that somebody has it.
///
/// # Errors
/// [`WitnessFault::InUse`] or [`WitnessFault::File`].
pub fn lock(dir: &Path) -> Result<WitnessLock, WitnessFault> {
    read_key(dir)?;
    let path = dir.join("lock");
    let file = File::create(&path).map_err(file_fault(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(WitnessLock(file)),
        Err(TryLockError::WouldBlock) => Err(WitnessFault::InUse(dir.to_owned())),
        Err(TryLockError::Error(fault)) => Err(file_fault(&path)(fault)),
    }
}

/// Name and private key of the witness in `dir`.
pub(super) fn read_key(dir: &Path) -> Result<(String, SigningKey), WitnessFault> {
    let (path, public) = (dir.join(KEY), dir.join(PUBLIC_KEY));
    if !path.exists() && !public.exists() {
        return Err(WitnessFault::None(dir.to_owned()));
    }
    let key = secret::read_key(&path)?;
    let text = fs::read_to_string(&public).map_err(file_fault(&public))?;
    let known: Option<WitnessKey> = text.trim_end().parse().ok();
    match known.filter(|known| *known.key() == key.verifying_key()) {
        Some(known) => Ok((known.name().to_owned(), key)),
        None => Err(WitnessFault::PublicKey(public)),
    }
}

/// The public key of the witness in `dir`.
///
/// # Errors
/// [`WitnessFault`], also if it is not that of the private one.
pub fn read_public_key(dir: &Path) -> Result<WitnessKey, WitnessFault> {
    let (name, key) = read_key(dir)?;
    public_key(&name, &key)
}

/// The public key of a witness.
pub(super) fn public_key(name: &str, key: &SigningKey) -> Result<WitnessKey, WitnessFault> {
    Ok(WitnessKey::new(name, key.verifying_key())?)
}

/// Everything that the witness in `dir` knows of its logs.
pub(super) fn read_logs(dir: &Path, witness: &WitnessKey) -> Result<Vec<Kept>, WitnessFault> {
    let logs = dir.join(LOGS);
    let mut found = Vec::new();
    for entry in fs::read_dir(&logs).map_err(file_fault(&logs))? {
        let path = entry.map_err(file_fault(&logs))?.path();
        // What `add_log` had not finished: nothing was ever cosigned there.
        if !path.to_string_lossy().ends_with(UNFINISHED) {
            found.push(read_log(&path, witness)?);
        }
    }
    Ok(found)
}

fn read_log(path: &Path, witness: &WitnessKey) -> Result<Kept, WitnessFault> {
    let key = path.join(LOG_KEY);
    let damaged = |file: &Path| WitnessFault::Damaged(file.to_owned());
    let text = fs::read_to_string(&key).map_err(|_| damaged(&key))?;
    let log: LogKey = text.trim_end().parse().map_err(|_| damaged(&key))?;
    if path.file_name() != Some(directory_name(&log).as_ref()) {
        return Err(damaged(&key));
    }
    let checkpoint = path.join(CHECKPOINT);
    let kept = Kept::open(path, log, witness, Box::new(RealDisk));
    match kept {
        Ok(Some(kept)) => Ok(kept),
        Ok(None) => Err(damaged(&checkpoint)),
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => Err(damaged(&checkpoint)),
        Err(fault) => Err(file_fault(&checkpoint)(fault)),
    }
}

fn directory_name(log: &LogKey) -> String {
    Digest::of(log.origin.as_bytes()).to_string()
}

fn make_directory(path: &Path) -> Result<(), WitnessFault> {
    DirBuilder::new().mode(0o700).create(path).map_err(file_fault(path))
}

fn write(path: &Path, text: &str) -> Result<(), WitnessFault> {
    RealDisk.write(path, text.as_bytes()).map_err(file_fault(path))
}

fn sync(directory: &Path) -> Result<(), WitnessFault> {
    RealDisk.sync_names(directory).map_err(file_fault(directory))
}
