//! The public directory: files get their names when their bytes are durable, and what
//! names them is written when their names are.
//!
//! The log and the site have a writer each, with a temporary name of its own. Nobody is
//! served it.

use std::collections::BTreeSet;
use std::path::Path;

use super::PublishFault;
use super::disk::Disk;

/// Where a file is written before it gets its name.
const NEW: &str = ".new";

/// The directory, for one writer.
pub(super) struct Directory<D> {
    pub(super) disk: D,
    /// Where it writes a file before that gets its name.
    new: String,
    /// Directories in which names have changed since they were last synced.
    touched: BTreeSet<String>,
}

impl<D: Disk> Directory<D> {
    pub(super) fn new(disk: D) -> Self {
        Self { disk, new: NEW.to_owned(), touched: BTreeSet::new() }
    }

    /// For the one who writes below a directory of it.
    pub(super) fn below(disk: D, dir: &str) -> Self {
        Self { disk, new: format!("{dir}/{NEW}"), touched: BTreeSet::new() }
    }

    /// Writes a file under its name, in place of what has it. [`Directory::settle`] makes
    /// the name durable.
    pub(super) fn put(&mut self, path: &str, bytes: &[u8]) -> Result<(), PublishFault> {
        self.make_dirs_of(path)?;
        let put = || {
            self.disk.write(&self.new, bytes)?;
            self.disk.rename(&self.new, path)
        };
        put().map_err(PublishFault::file(path))
    }

    /// Gives a file a second name, in place of what has it.
    pub(super) fn link(&mut self, from: &str, to: &str) -> Result<(), PublishFault> {
        self.make_dirs_of(to)?;
        let link = || {
            self.disk.remove(&self.new)?;
            self.disk.link(from, &self.new)?;
            self.disk.rename(&self.new, to)
        };
        link().map_err(PublishFault::file(to))
    }

    /// Gives a file from elsewhere a name here, in place of what has it.
    pub(super) fn adopt(&mut self, from: &Path, to: &str) -> Result<(), PublishFault> {
        self.make_dirs_of(to)?;
        let adopt = || {
            self.disk.adopt(from, &self.new)?;
            self.disk.rename(&self.new, to)
        };
        adopt().map_err(PublishFault::file(to))
    }

    pub(super) fn has(&self, path: &str) -> Result<bool, PublishFault> {
        self.disk.has(path).map_err(PublishFault::file(path))
    }

    /// Removes a file, or a directory with all in it.
    pub(super) fn remove(&mut self, path: &str) -> Result<(), PublishFault> {
        self.disk.remove(path).map_err(PublishFault::file(path))?;
        self.touch(path);
        // What was in it needs no sync any more, and cannot get one.
        self.touched.retain(|dir| dir != path && !is_below(dir, path));
        Ok(())
    }

    /// Has the name of a file that is there be made durable with the next ones: a process that
    /// was killed may have left it in the kernel's memory only.
    pub(super) fn keep(&mut self, path: &str) {
        self.touch(path);
    }

    /// Waits until all names are durable.
    pub(super) fn settle(&mut self) -> Result<(), PublishFault> {
        while let Some(dir) = self.touched.last() {
            self.disk.sync_dir(dir).map_err(PublishFault::file(dir))?;
            self.touched.pop_last();
        }
        Ok(())
    }

    pub(super) fn read(&self, path: &str) -> Result<Option<Vec<u8>>, PublishFault> {
        self.disk.read(path).map_err(PublishFault::file(path))
    }

    fn make_dirs_of(&mut self, path: &str) -> Result<(), PublishFault> {
        self.disk.make_dirs(parent(path)).map_err(PublishFault::file(path))?;
        // Not before it is there: what is not there cannot be synced.
        self.touch(path);
        Ok(())
    }

    /// A directory may be new, so those above it are synced too; where nothing has
    /// changed that costs next to nothing.
    fn touch(&mut self, path: &str) {
        let mut dir = path;
        while !dir.is_empty() {
            dir = parent(dir);
            self.touched.insert(dir.to_owned());
        }
    }
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}

fn is_below(path: &str, dir: &str) -> bool {
    path.strip_prefix(dir).is_some_and(|rest| rest.starts_with('/'))
}
