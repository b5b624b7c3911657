//! The public files of a log: those of a directory, or a copy of those below an address.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use saksi_proto::tile::{MAX_BUNDLE, TILE_WIDTH, TileName};

use super::fault::{AuditFault, Lie, LieKind};
use super::fetch::Remote;
use super::progress::Progress;

/// Largest text of the definition or of a contest's totals: a nation's 92,000 regions with
/// 600 columns of four bytes are 220 MB.
pub const MAX_TABLE: u64 = 256 * 1024 * 1024;

/// Largest list of totals: a nation's 2,800 contests take 600 KB.
pub const MAX_LIST: u64 = 4 * 1024 * 1024;

/// Longest verifier key: an origin of 100 bytes, and 60 of key.
pub const MAX_KEY: u64 = 1_024;

/// A file that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Its path below the log's address.
    pub name: String,
    /// Largest size in bytes.
    pub limit: u64,
    /// Another that has what it has, and more: the full tile of a partial one, which need
    /// not be kept once that is there.
    pub instead: Option<String>,
    /// Whether a log without it is no log: then nothing more is asked for.
    pub required: bool,
}

/// The public files of a log.
pub struct PublicFiles {
    dir: PathBuf,
    remote: Option<Remote>,
}

impl PublicFiles {
    /// Those of a directory.
    #[must_use]
    pub fn of_directory(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), remote: None }
    }

    /// Those below an address, copied into an empty directory as they are asked for.
    #[must_use]
    pub fn of_address(url: &str, into: &Path) -> Self {
        Self { dir: into.to_owned(), remote: Some(Remote::new(url)) }
    }

    /// Where they lie.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Fetches files, if they are elsewhere.
    ///
    /// # Errors
    /// [`AuditFault`]: one that is required is not there, or cannot be fetched or written.
    pub fn bring(
        &self,
        wanted: impl Iterator<Item = Wanted> + Send,
        progress: &Progress,
    ) -> Result<(), AuditFault> {
        match &self.remote {
            Some(remote) => remote.bring(wanted, &self.dir, progress),
            None => Ok(()),
        }
    }

    /// The bytes of a file; `None`, if it is not there.
    ///
    /// # Errors
    /// [`AuditFault`], also for more than `limit` bytes.
    pub fn find(&self, name: &str, limit: u64) -> Result<Option<Vec<u8>>, AuditFault> {
        let path = self.dir.join(name);
        let read = || {
            let mut bytes = Vec::new();
            File::open(&path)?.take(limit + 1).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        match read() {
            Ok(bytes) if bytes.len() as u64 > limit => {
                let words = format!("more than the {limit} bytes that it can have");
                Err(Lie::of_file(LieKind::Oversize, name, words).into())
            }
            Ok(bytes) => Ok(Some(bytes)),
            Err(fault) if is_absent(&fault) => Ok(None),
            Err(fault) => Err(AuditFault::File { path, fault }),
        }
    }

    /// The bytes of a file that must be there.
    ///
    /// # Errors
    /// [`AuditFault`].
    pub fn read(&self, name: &str, limit: u64) -> Result<Vec<u8>, AuditFault> {
        self.find(name, limit)?.ok_or_else(|| missing(name).into())
    }

    /// The bytes of a tile or bundle that must be there; of the full one, if the partial
    /// one is gone. Says which it is.
    ///
    /// # Errors
    /// [`AuditFault`].
    pub fn tile(&self, name: TileName) -> Result<(TileName, Vec<u8>), AuditFault> {
        let limit = tile_limit(name);
        if let Some(bytes) = self.find(&name.to_string(), limit)? {
            return Ok((name, bytes));
        }
        let full = name.full();
        let bytes = self.find(&full.to_string(), tile_limit(full))?;
        bytes.map(|bytes| (full, bytes)).ok_or_else(|| missing(&name.to_string()).into())
    }
}

impl Wanted {
    /// A file that a log need not have.
    #[must_use]
    pub fn optional(name: &str, limit: u64) -> Self {
        Self { name: name.to_owned(), limit, instead: None, required: false }
    }

    /// A file that every log has.
    #[must_use]
    pub fn required(name: &str, limit: u64) -> Self {
        Self { required: true, ..Self::optional(name, limit) }
    }

    /// A tile or bundle.
    #[must_use]
    pub fn tile(name: TileName) -> Self {
        let full = name.full();
        let instead = (!name.is_full()).then(|| full.to_string());
        Self { instead, ..Self::required(&name.to_string(), tile_limit(full)) }
    }
}

/// A file is not there that must be.
#[must_use]
pub fn missing(name: &str) -> Lie {
    Lie::of_file(LieKind::Missing, name, "not there, though the log must have it")
}

/// A directory in the place of a file, or a file in that of a directory, is no file either.
fn is_absent(fault: &std::io::Error) -> bool {
    let kinds = [ErrorKind::NotFound, ErrorKind::NotADirectory, ErrorKind::IsADirectory];
    kinds.contains(&fault.kind())
}

fn tile_limit(name: TileName) -> u64 {
    let full = if name.level.is_some() { TILE_WIDTH * 32 } else { MAX_BUNDLE as u64 };
    full / TILE_WIDTH * u64::from(name.width)
}
