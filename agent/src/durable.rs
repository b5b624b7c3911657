//! Bytes that survive a power cut. The only module that calls fsync or fdatasync.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::syncfs;

/// Ends the name of a file that is still being written.
pub(crate) const UNFINISHED: &str = "part";

/// Mode of everything the agent writes: its owner's only.
const PRIVATE_FILE: u32 = 0o600;
const PRIVATE_DIRECTORY: u32 = 0o700;

/// Writes a whole file under its name: beside it first, then fdatasync, rename and
/// fsync of the directory. A crash leaves the old file or the new one, never a part.
///
/// # Errors
/// Any fault of the file system; what was begun is removed and the old file stays.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_with(path, |file| file.write_all(bytes))
}

/// Writes a whole file under its name as [`write_file`] does, with what `fill` puts
/// into it. If that fails, nothing has the name.
///
/// # Errors
/// Any fault of the file system, or of `fill`.
pub(crate) fn write_with(
    path: &Path,
    fill: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<()> {
    let beside = unfinished(path);
    let written = write_beside(&beside, fill).and_then(|()| std::fs::rename(&beside, path));
    if let Err(fault) = written {
        // The first fault is the one to tell; a file that stays is removed at the next start.
        std::fs::remove_file(&beside).ok();
        return Err(fault);
    }
    sync_directory(parent(path))
}

fn write_beside(path: &Path, fill: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(PRIVATE_FILE);
    let mut file = options.open(path)?;
    fill(&mut file)?;
    file.sync_data()
}

/// Writes many files of one directory, as [`write_file`] would each, with two waits for the
/// disk instead of two a file. When this returns, also those that an earlier call has left
/// without an answer are on the disk.
///
/// # Errors
/// Any fault of the file system; each file is there whole then or not at all.
pub(crate) fn write_together<'a>(
    directory: &Path,
    mut files: impl Iterator<Item = (&'a Path, &'a [u8])>,
) -> io::Result<()> {
    let mut written = Vec::new();
    let done = files
        .try_for_each(|(path, bytes)| {
            let beside = unfinished(path);
            written.push((beside.clone(), path));
            let mut options = OpenOptions::new();
            options.write(true).create(true).truncate(true).mode(PRIVATE_FILE);
            options.open(beside)?.write_all(bytes)
        })
        .and_then(|()| Ok(syncfs(File::open(directory)?)?))
        .and_then(|()| written.iter().try_for_each(|(from, to)| std::fs::rename(from, to)));
    if let Err(fault) = done {
        // The first fault is the one to tell; a file that stays is removed at the next start.
        written.iter().for_each(|(beside, _)| drop(std::fs::remove_file(beside)));
        return Err(fault);
    }
    sync_directory(directory)
}

/// Removes a file for good.
///
/// # Errors
/// Any fault of the file system.
pub(crate) fn remove_file(path: &Path) -> io::Result<()> {
    std::fs::remove_file(path)?;
    sync_directory(parent(path))
}

/// Renames a file or directory for good, within one directory.
///
/// # Errors
/// Any fault of the file system.
pub(crate) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    std::fs::rename(from, to)?;
    sync_directory(parent(to))
}

/// Makes a directory that only its owner can enter, and all above it.
///
/// # Errors
/// Any fault of the file system.
pub(crate) fn create_directory(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let above = parent(path);
    create_directory(above)?;
    DirBuilder::new().mode(PRIVATE_DIRECTORY).create(path)?;
    sync_directory(above)
}

/// Waits until a file's content is on the disk, through a handle that stays open.
///
/// # Errors
/// Any fault of the file system: what was written since the last success may be lost.
pub(crate) fn sync_content(file: &File) -> io::Result<()> {
    file.sync_data()
}

/// Waits until a file and what the file system knows of it are on the disk.
///
/// # Errors
/// Any fault of the file system.
pub(crate) fn sync_file(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Waits until the names in a directory are on the disk.
///
/// # Errors
/// Any fault of the file system.
pub(crate) fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(UNFINISHED);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_whole_private_and_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("form");
        write_file(&path, b"first").unwrap();
        write_file(&path, b"second").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"second");
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, PRIVATE_FILE);
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn many_files_appear_whole_and_alone_or_not_at_all() {
        let directory = tempfile::tempdir().unwrap();
        let paths = [1, 2, 3].map(|number| directory.path().join(number.to_string()));
        let files = || paths.iter().map(|path| (path.as_path(), &b"bytes"[..]));
        std::fs::create_dir(&paths[2]).unwrap();
        assert!(write_together(directory.path(), files()).is_err());
        let left = || std::fs::read_dir(directory.path()).unwrap().count();
        assert_eq!(left(), 3, "two that were whole, and what was in the way");
        std::fs::remove_dir(&paths[2]).unwrap();
        write_together(directory.path(), files()).unwrap();
        assert!(paths.iter().all(|path| std::fs::read(path).unwrap() == b"bytes") && left() == 3);
    }

    #[test]
    fn what_cannot_be_finished_leaves_nothing_behind() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("form");
        std::fs::create_dir(&path).unwrap();
        assert!(write_file(&path, b"bytes").is_err(), "a directory is not replaced by a file");
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
    }
}
