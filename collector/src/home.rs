//! The collector's directory: what lies where, and the lock that keeps two
//! collectors from using it.
//!
//! ```text
//! collector.toml      configuration
//! election/           the definition, as given to `init`
//! keys/               ca.key ca.pem server.key server.pem log.key codes.key; keys 0600;
//!                     staff.key staff.pem of the desk for staff
//! certificates/       devices' certificates, where the authority's key is elsewhere
//! log.vkey            origin and public key of the log
//! journal.db          the log; beside it SQLite's -wal and -shm
//! journal.db-head     the checkpoint acknowledged last: how far the log must go
//! journal.db.aside-1  a journal that a restore has replaced
//! public/             the log and its totals for everybody (see `publisher`)
//! photos/             photos of the paper, a directory a station
//! devices.db          when each device was last there; may be deleted
//! staff.db            accounts, sessions and acts of the desk for staff
//! boundaries.json     maps and layouts of tiles that the operator has imported; may be deleted
//! lock                held while a collector runs or changes the journal
//! door                socket of a running collector, for the command line
//! ```

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use saksi_proto::checkpoint::LogKey;

/// A collector's directory.
#[derive(Debug, Clone)]
pub struct Home(PathBuf);

/// Why a directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HomeFault {
    /// There is no collector in it.
    #[error("{0} has no collector.toml; make one with: saksi-collector init {0} --election PACK")]
    NotAHome(PathBuf),
    /// A file of it cannot be used.
    #[error("{path}: {fault}")]
    File {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        fault: std::io::Error,
    },
    /// The file of the log's public key is missing or damaged.
    #[error("{0} is not the key of a log; put it back from your backup")]
    LogKey(PathBuf),
    /// A collector runs in it.
    #[error("a collector is running in {0}")]
    InUse(PathBuf),
}

/// Held for as long as this process alone may change the journal.
#[derive(Debug)]
pub struct HomeLock(#[expect(dead_code, reason = "the lock goes with the file")] File);

impl Home {
    /// The directory `path`, whatever is in it.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// The directory of a collector that `init` has made.
    ///
    /// # Errors
    /// [`HomeFault::NotAHome`].
    pub fn existing(path: &Path) -> Result<Self, HomeFault> {
        let home = Self::at(path);
        if home.config().is_file() { Ok(home) } else { Err(HomeFault::NotAHome(path.to_owned())) }
    }

    /// Takes the lock, or says that somebody has it.
    ///
    /// # Errors
    /// [`HomeFault::InUse`] or [`HomeFault::File`].
    pub fn lock(&self) -> Result<HomeLock, HomeFault> {
        let path = self.0.join("lock");
        let file_fault = |fault| HomeFault::File { path: path.clone(), fault };
        let file = File::create(&path).map_err(file_fault)?;
        match file.try_lock() {
            Ok(()) => Ok(HomeLock(file)),
            Err(TryLockError::WouldBlock) => Err(HomeFault::InUse(self.0.clone())),
            Err(TryLockError::Error(fault)) => Err(file_fault(fault)),
        }
    }

    /// The directory itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> PathBuf {
        self.0.join("collector.toml")
    }

    /// The election definition.
    #[must_use]
    pub fn election(&self) -> PathBuf {
        self.0.join("election")
    }

    /// A key or certificate.
    #[must_use]
    pub fn key(&self, name: &str) -> PathBuf {
        self.0.join("keys").join(name)
    }

    /// The file of the log's public key.
    #[must_use]
    pub fn log_key(&self) -> PathBuf {
        self.0.join("log.vkey")
    }

    /// The log's origin and public key.
    ///
    /// # Errors
    /// [`HomeFault::LogKey`].
    pub fn read_log_key(&self) -> Result<LogKey, HomeFault> {
        let text = std::fs::read_to_string(self.log_key()).ok();
        let key = text.and_then(|text| text.trim_end().parse().ok());
        key.ok_or_else(|| HomeFault::LogKey(self.log_key()))
    }

    /// The journal.
    #[must_use]
    pub fn journal(&self) -> PathBuf {
        self.0.join("journal.db")
    }

    /// Devices' certificates that were signed elsewhere.
    #[must_use]
    pub fn certificates(&self) -> PathBuf {
        self.0.join("certificates")
    }

    /// When each device was last there.
    #[must_use]
    pub fn presence(&self) -> PathBuf {
        self.0.join("devices.db")
    }

    /// Accounts, sessions and acts of the desk for staff.
    #[must_use]
    pub fn staff(&self) -> PathBuf {
        self.0.join("staff.db")
    }

    /// Maps and layouts of tiles that the operator has imported.
    #[must_use]
    pub fn boundaries(&self) -> PathBuf {
        self.0.join("boundaries.json")
    }

    /// The photos of the paper.
    #[must_use]
    pub fn photos(&self) -> PathBuf {
        self.0.join("photos")
    }

    /// The public log.
    #[must_use]
    pub fn public(&self) -> PathBuf {
        self.0.join("public")
    }

    /// The socket of a running collector.
    #[must_use]
    pub fn door(&self) -> PathBuf {
        self.0.join("door")
    }
}
