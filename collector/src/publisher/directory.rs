//! The public directory: files get their names when their bytes are durable, and what
//! names them is written when their names are.
//!
//! Files wait in a directory of their own until they are named, many at a time: a nation's
//! site is 2.9 million files, and a flush of the disk for each would be hours. The log and the
//! site have a writer each, with such a directory of its own. Nobody is served it.

use std::collections::BTreeSet;
use std::path::Path;

use super::PublishFault;
use super::disk::Disk;

/// Where files are written before they get their names.
const NEW: &str = ".new";

/// Most files that wait for their names: 12 MB of pages.
const AT_ONCE: usize = 1_024;

/// The directory, for one writer.
pub(super) struct Directory<D> {
    pub(super) disk: D,
    /// Where it writes files before they get their names.
    new: String,
    /// Whether that is there, and nothing in it is of a process before.
    is_new_clear: bool,
    /// The names of the files there, in the order in which they get them.
    waiting: Vec<String>,
    /// Directories in which names have changed since they were last synced.
    touched: BTreeSet<String>,
}

impl<D: Disk> Directory<D> {
    pub(super) fn new(disk: D) -> Self {
        Self::with_new(disk, NEW.to_owned())
    }

    /// For the one who writes below a directory of it.
    pub(super) fn below(disk: D, dir: &str) -> Self {
        Self::with_new(disk, format!("{dir}/{NEW}"))
    }

    fn with_new(disk: D, new: String) -> Self {
        let (waiting, touched) = (Vec::new(), BTreeSet::new());
        Self { disk, new, is_new_clear: false, waiting, touched }
    }

    /// Writes a file that gets its name, in place of what has it, with [`Directory::settle`]
    /// or before.
    pub(super) fn put(&mut self, path: &str, bytes: &[u8]) -> Result<(), PublishFault> {
        let new = self.next_new()?;
        self.disk.write(&new, bytes).map_err(PublishFault::file(path))?;
        self.wait(path)
    }

    /// Has a file that is named get a second name, as [`Directory::put`] does.
    pub(super) fn link(&mut self, from: &str, to: &str) -> Result<(), PublishFault> {
        let new = self.next_new()?;
        let link = || {
            self.disk.remove(&new)?;
            self.disk.link(from, &new)
        };
        link().map_err(PublishFault::file(to))?;
        self.wait(to)
    }

    /// Has a file from elsewhere get a name here, as [`Directory::put`] does.
    pub(super) fn adopt(&mut self, from: &Path, to: &str) -> Result<(), PublishFault> {
        let new = self.next_new()?;
        self.disk.adopt(from, &new).map_err(PublishFault::file(to))?;
        self.wait(to)
    }

    /// Whether there is such a file; one that waits for its name is not there.
    pub(super) fn has(&self, path: &str) -> Result<bool, PublishFault> {
        self.disk.has(path).map_err(PublishFault::file(path))
    }

    /// Removes a file, or a directory with all in it.
    pub(super) fn remove(&mut self, path: &str) -> Result<(), PublishFault> {
        self.name()?;
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

    /// Gives all files their names, and waits until those are durable.
    pub(super) fn settle(&mut self) -> Result<(), PublishFault> {
        self.name()?;
        while let Some(dir) = self.touched.last() {
            self.disk.sync_dir(dir).map_err(PublishFault::file(dir))?;
            self.touched.pop_last();
        }
        Ok(())
    }

    pub(super) fn read(&self, path: &str) -> Result<Option<Vec<u8>>, PublishFault> {
        self.disk.read(path).map_err(PublishFault::file(path))
    }

    /// Where the next file is written.
    fn next_new(&mut self) -> Result<String, PublishFault> {
        if !self.is_new_clear {
            let clear = || {
                self.disk.remove(&self.new)?;
                self.disk.make_dirs(&self.new)
            };
            clear().map_err(PublishFault::file(&self.new))?;
            self.is_new_clear = true;
        }
        Ok(self.place(self.waiting.len()))
    }

    fn place(&self, at: usize) -> String {
        format!("{}/{at}", self.new)
    }

    /// The file that was written last waits for this name.
    fn wait(&mut self, path: &str) -> Result<(), PublishFault> {
        self.waiting.push(path.to_owned());
        if self.waiting.len() < AT_ONCE { Ok(()) } else { self.name() }
    }

    /// Gives all files that wait their names, once their bytes are durable. After a fault none
    /// waits: a sync that failed once says nothing the second time.
    fn name(&mut self) -> Result<(), PublishFault> {
        let waiting = std::mem::take(&mut self.waiting);
        let places: Vec<_> = (0..waiting.len()).map(|at| self.place(at)).collect();
        self.disk.sync(&places).map_err(PublishFault::file(&self.new))?;
        for (place, path) in places.iter().zip(&waiting) {
            self.make_dirs_of(path)?;
            self.disk.rename(place, path).map_err(PublishFault::file(path))?;
        }
        Ok(())
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
