//! A disk so small that it can be filled: a tmpfs, mounted for one test.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// Unit in which it is filled: one page.
const BLOCK: usize = 4096;

/// Says that a test cannot be run here, for want of root.
///
/// # Panics
/// If `CI=true`: there it must be run.
pub(crate) fn skip(wanted: &str) {
    let ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(!ci, "CI needs to {wanted}, as root");
    eprintln!("SKIPPED: this test needs to {wanted}, as root");
}

/// A mounted disk; unmounted when this goes.
pub struct SmallDisk {
    place: TempDir,
}

impl SmallDisk {
    /// Mounts a disk of so many MiB. `None` where that is not allowed: the test says
    /// so on standard error.
    ///
    /// # Errors
    /// If there is no place to mount it.
    ///
    /// # Panics
    /// If it is not allowed and `CI=true`.
    pub fn mount(mebibytes: u32) -> anyhow::Result<Option<Self>> {
        let place = tempfile::tempdir()?;
        let size = format!("size={mebibytes}m");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "saksi-test"]);
        if mount.arg(place.path()).status().is_ok_and(|status| status.success()) {
            return Ok(Some(Self { place }));
        }
        skip("mount a small disk");
        Ok(None)
    }

    /// Where it is mounted.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.place.path()
    }

    /// Fills it with other things until so many bytes are left.
    ///
    /// # Errors
    /// If that cannot be done.
    pub fn fill_but(&self, left: u64) -> anyhow::Result<()> {
        fill_but(self.path(), left)
    }

    /// Removes what it was filled with.
    ///
    /// # Errors
    /// If that cannot be done.
    pub fn tidy_up(&self) -> anyhow::Result<()> {
        tidy_up(self.path())
    }
}

/// Fills a disk with other things until so many bytes are left.
///
/// # Errors
/// If that cannot be done.
pub fn fill_but(disk: &Path, left: u64) -> anyhow::Result<()> {
    let mut filler = File::options().create(true).append(true).open(filler(disk))?;
    loop {
        match filler.write(&[7; BLOCK]) {
            Ok(_) => {}
            Err(fault) if fault.kind() == ErrorKind::StorageFull => break,
            Err(fault) => return Err(fault.into()),
        }
    }
    let size = filler.metadata()?.len();
    filler.set_len(size.saturating_sub(left))?;
    Ok(filler.sync_all()?)
}

/// Removes what a disk was filled with.
///
/// # Errors
/// If that cannot be done.
pub fn tidy_up(disk: &Path) -> anyhow::Result<()> {
    Ok(fs::remove_file(filler(disk))?)
}

fn filler(disk: &Path) -> PathBuf {
    disk.join("holiday-photos")
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: an agent that a failed test leaves may still be in it.
        drop(Command::new("umount").arg("--lazy").arg(self.path()).status());
    }
}
