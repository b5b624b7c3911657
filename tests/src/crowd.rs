//! Many agents in this process: a few at a time, each with its own store.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use anyhow::Context as _;

use crate::collector::Collector;

/// Agents open at a time: sled takes 24 MB each, 200 MB together.
const AT_A_TIME: usize = 8;

/// Does `work` for each job on eight threads, in the order of the jobs as far as that
/// goes, and stops at the first failure.
///
/// # Errors
/// The first failure.
pub fn each<T: Sync>(
    jobs: &[T],
    work: impl Fn(&T) -> anyhow::Result<()> + Sync,
) -> anyhow::Result<()> {
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(None);
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME.min(jobs.len()) {
            scope.spawn(|| {
                while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(fault) = work(job) {
                        next.store(jobs.len(), Ordering::Relaxed);
                        failed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(fault);
                    }
                }
            });
        }
    });
    failed.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
}

/// A place for what a program makes: a directory to keep, or one that goes with it.
pub enum Place {
    /// Goes when this goes.
    Temporary(tempfile::TempDir),
    /// Stays.
    Kept(PathBuf),
}

impl Place {
    /// An empty or new directory to keep, or a temporary one.
    ///
    /// # Errors
    /// If it cannot be made, or has something in it.
    pub fn new(keep: Option<&Path>) -> anyhow::Result<Self> {
        let Some(keep) = keep else { return Ok(Self::Temporary(tempfile::tempdir()?)) };
        std::fs::create_dir_all(keep).with_context(|| keep.display().to_string())?;
        let empty = std::fs::read_dir(keep)?.next().is_none();
        anyhow::ensure!(empty, "{} is not empty", keep.display());
        Ok(Self::Kept(std::fs::canonicalize(keep)?))
    }

    /// Puts the public log of a collector that has stopped beside its directory, where it
    /// is kept: all that an auditor needs, and nothing else.
    ///
    /// # Errors
    /// If it cannot be copied.
    pub fn keep_public_log(&self, collector: &Collector) -> anyhow::Result<()> {
        match self {
            Self::Temporary(_) => Ok(()),
            Self::Kept(dir) => copy(&collector.dir().join("public"), &dir.join("public")),
        }
    }

    /// The directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::Temporary(dir) => dir.path(),
            Self::Kept(dir) => dir,
        }
    }
}

/// Copies a directory with all in it.
fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from).with_context(|| from.display().to_string())? {
        let entry = entry?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy(&from, &to)?;
        } else {
            std::fs::copy(&from, &to).with_context(|| from.display().to_string())?;
        }
    }
    Ok(())
}
