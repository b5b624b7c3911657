//! What the disk alone takes: append, then fdatasync.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

/// Bytes appended at a time: a page, as a commit of one form writes at least.
const APPENDED: [u8; 4096] = [7; 4096];

/// A file that is appended to and synced.
pub(crate) struct Disk(File);

impl Disk {
    /// A new file in `dir`.
    pub(crate) fn new(dir: &Path) -> anyhow::Result<Self> {
        Ok(Self(File::create(dir.join("disk.raw"))?))
    }

    /// Appends once and waits until it is on the disk.
    pub(crate) fn append(&mut self) -> anyhow::Result<Duration> {
        let begun = Instant::now();
        self.0.write_all(&APPENDED)?;
        self.0.sync_data()?;
        Ok(begun.elapsed())
    }
}
