//! What the publisher asks of its disk, below one directory. The system's files are one;
//! the tests have another, which stops at any step and loses power.

use std::fs::{self, File, Permissions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{statvfs, syncfs};

/// Files that are synced one by one, each with a flush of the disk's own memory: 0.2 ms on a
/// quiet one, 4 on a busy one. For more, the file system is told once to write all that it
/// has; that waits for what others write too, so it is not for a few.
const SINGLY: usize = 64;

/// A directory and all below it; paths are relative to it, with `/` between their parts.
pub trait Disk {
    /// Makes a directory and those it lies in.
    ///
    /// # Errors
    /// The system's.
    fn make_dirs(&self, dir: &str) -> io::Result<()>;

    /// Writes a file, in place of what has its name, which keeps its bytes under its other
    /// names. Neither is durable when this returns.
    ///
    /// # Errors
    /// The system's; then the file has some of the bytes.
    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()>;

    /// Waits until the bytes of these files are durable.
    ///
    /// # Errors
    /// The system's. What of them is durable is not known then, and not by a second call:
    /// they are to be written again.
    fn sync(&self, paths: &[String]) -> io::Result<()>;

    /// Gives a file another name, in place of what has it.
    ///
    /// # Errors
    /// The system's.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Gives a file a second name.
    ///
    /// # Errors
    /// The system's, also if something has that name.
    fn link(&self, from: &str, to: &str) -> io::Result<()>;

    /// Gives a file from elsewhere a name here, in place of what has it: a second name of the
    /// same bytes, or a copy of them where it lies on another disk. All may read it then.
    ///
    /// # Errors
    /// The system's.
    fn adopt(&self, from: &Path, to: &str) -> io::Result<()>;

    /// Whether there is such a file.
    ///
    /// # Errors
    /// The system's.
    fn has(&self, path: &str) -> io::Result<bool>;

    /// Waits until the names in a directory are durable.
    ///
    /// # Errors
    /// The system's.
    fn sync_dir(&self, dir: &str) -> io::Result<()>;

    /// Removes a file, or a directory with all in it; one that is not there is removed.
    ///
    /// # Errors
    /// The system's.
    fn remove(&self, path: &str) -> io::Result<()>;

    /// Reads a file, if it is there.
    ///
    /// # Errors
    /// The system's.
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>>;

    /// Paths of all files below a directory, in no order; none if it is not there.
    ///
    /// # Errors
    /// The system's.
    fn files(&self, dir: &str) -> io::Result<Vec<String>>;

    /// Bytes that are free.
    ///
    /// # Errors
    /// The system's.
    fn free(&self) -> io::Result<u64>;
}

/// The mode of a file that was private elsewhere: whoever carries the directory reads it.
const FOR_ALL: u32 = 0o644;

/// The system's files below a directory.
#[derive(Debug, Clone)]
pub struct Files(PathBuf);

impl Files {
    /// Those below `root`, which is made if it is not there.
    #[must_use]
    pub fn below(root: PathBuf) -> Self {
        Self(root)
    }

    /// Where a path lies.
    #[must_use]
    pub fn path(&self, path: &str) -> PathBuf {
        if path.is_empty() { self.0.clone() } else { self.0.join(path) }
    }
}

impl Disk for Files {
    fn make_dirs(&self, dir: &str) -> io::Result<()> {
        fs::create_dir_all(self.path(dir))
    }

    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        // Not into the file that is there: a process that was killed after it gave a file a
        // second name, or a rename of a file to a name that it has, which does nothing, leave
        // one that is published under this name.
        or_nothing(fs::remove_file(self.path(path)))?;
        let mut file = File::create_new(self.path(path))?;
        file.write_all(bytes)
    }

    fn sync(&self, paths: &[String]) -> io::Result<()> {
        if paths.len() > SINGLY {
            // It reports a file that could not be written since Linux 5.8.
            return Ok(syncfs(File::open(&self.0)?)?);
        }
        paths.iter().try_for_each(|path| File::open(self.path(path))?.sync_all())
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.path(from), self.path(to))
    }

    fn link(&self, from: &str, to: &str) -> io::Result<()> {
        fs::hard_link(self.path(from), self.path(to))
    }

    fn adopt(&self, from: &Path, to: &str) -> io::Result<()> {
        or_nothing(fs::remove_file(self.path(to)))?;
        if fs::hard_link(from, self.path(to)).is_ok() {
            return fs::set_permissions(self.path(to), Permissions::from_mode(FOR_ALL));
        }
        self.write(to, &fs::read(from)?)
    }

    fn has(&self, path: &str) -> io::Result<bool> {
        self.path(path).try_exists()
    }

    fn sync_dir(&self, dir: &str) -> io::Result<()> {
        File::open(self.path(dir))?.sync_all()
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        let path = self.path(path);
        let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
        or_nothing(removed).map(drop)
    }

    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        or_nothing(fs::read(self.path(path)))
    }

    fn files(&self, dir: &str) -> io::Result<Vec<String>> {
        let mut found = Vec::new();
        let mut waiting = vec![dir.to_owned()];
        while let Some(dir) = waiting.pop() {
            let Some(entries) = or_nothing(fs::read_dir(self.path(&dir)))? else { continue };
            for entry in entries {
                let entry = entry?;
                // A name that is no text is none of ours.
                let Ok(name) = entry.file_name().into_string() else { continue };
                let below = format!("{dir}/{name}");
                let kind = entry.file_type()?;
                if kind.is_dir() { &mut waiting } else { &mut found }.push(below);
            }
        }
        Ok(found)
    }

    fn free(&self) -> io::Result<u64> {
        let disk = statvfs(nearest(&self.0))?;
        Ok(disk.f_bavail * disk.f_frsize)
    }
}

/// The directory, or the first above it that is there.
fn nearest(path: &Path) -> &Path {
    path.ancestors().find(|path| path.is_dir()).unwrap_or(path)
}

fn or_nothing<T>(done: io::Result<T>) -> io::Result<Option<T>> {
    match done {
        Ok(done) => Ok(Some(done)),
        Err(fault) if fault.kind() == ErrorKind::NotFound => Ok(None),
        Err(fault) => Err(fault),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_from_elsewhere_is_there_for_all_and_stays_where_it_was() {
        let (place, private) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let disk = Files::below(place.path().to_owned());
        let from = private.path().join("photo");
        fs::write(&from, b"paper").unwrap();
        fs::set_permissions(&from, Permissions::from_mode(0o600)).unwrap();
        disk.write("photo", b"before").unwrap();
        for _ in 0..2 {
            disk.adopt(&from, "photo").unwrap();
            assert_eq!(disk.read("photo").unwrap().unwrap(), b"paper");
        }
        let mode = fs::metadata(disk.path("photo")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, FOR_ALL);
        assert_eq!(fs::read(&from).unwrap(), b"paper");
        assert!(disk.has("photo").unwrap() && !disk.has("other").unwrap());
        assert!(disk.adopt(&private.path().join("none"), "photo").is_err());
    }

    #[test]
    fn what_is_written_leaves_what_had_its_name_as_it_was_under_its_other_names() {
        let place = tempfile::tempdir().unwrap();
        let disk = Files::below(place.path().to_owned());
        disk.write("published", b"before").unwrap();
        disk.link("published", "second").unwrap();
        // POSIX: two names of one file, and nothing happens.
        disk.link("published", ".new").unwrap();
        disk.rename(".new", "second").unwrap();
        disk.write(".new", b"after").unwrap();
        for (path, bytes) in [("published", "before"), ("second", "before"), (".new", "after")] {
            assert_eq!(disk.read(path).unwrap().unwrap(), bytes.as_bytes(), "{path}");
        }
    }
}
