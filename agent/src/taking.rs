//! Files of photos on their way to the desk: read, made small ([`crate::intake`]) and laid
//! ready beside the store. The work is done by whoever submits, so that the daemon goes on
//! sending meanwhile.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use saksi_proto::form::MAX_PHOTOS;

use crate::directory::Directory;
use crate::intake::{self, IntakeRefusal, MAX_ORIGINAL, TakenIn};

/// A photo that was made small.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The camera's file.
    pub original: PathBuf,
    /// Its size in bytes.
    pub original_size: usize,
    /// What is kept of it.
    pub photo: TakenIn,
}

/// Photos that are ready for the desk. Dropped, the files that were made here go.
#[derive(Debug, Default)]
pub struct Ready {
    /// The files to name in the submission, in the order of the pages.
    pub files: Vec<PathBuf>,
    made: Vec<PathBuf>,
}

/// Why a photo is not ready. Nothing was kept.
#[derive(Debug, thiserror::Error)]
pub enum TakingFault {
    /// It cannot be taken in.
    #[error("{path}: {refusal}")]
    Refused {
        /// The camera's file.
        path: PathBuf,
        /// Why.
        refusal: IntakeRefusal,
    },
    /// A file cannot be read or written.
    #[error("{path}: {fault}")]
    File {
        /// Which.
        path: PathBuf,
        /// What the file system said.
        fault: io::Error,
    },
}

impl Ready {
    /// The files as they are, for a submission that keeps them so.
    ///
    /// # Errors
    /// Without a working directory.
    pub fn as_is(photos: &[PathBuf]) -> io::Result<Self> {
        let files = photos.iter().map(std::path::absolute).collect::<Result<_, _>>()?;
        Ok(Self { files, made: Vec::new() })
    }

    /// Makes the photos small, one at a time, and tells of each. More than a form may have
    /// are left as they are, for the desk to refuse.
    ///
    /// # Errors
    /// [`TakingFault`] at the first photo that is not good.
    pub fn take(
        photos: &[PathBuf],
        directory: &Directory,
        mut tell: impl FnMut(&Taken),
    ) -> Result<Self, TakingFault> {
        let of = |path: &Path| {
            let path = path.to_owned();
            move |fault| TakingFault::File { path, fault }
        };
        if photos.len() > MAX_PHOTOS {
            return Self::as_is(photos).map_err(of(directory.path()));
        }
        sweep(&directory.taken_in());
        let mut ready = Self::default();
        for (page, original) in photos.iter().enumerate() {
            let taken = take_in(original)?;
            let name = format!("{}-{page}.jpg", std::process::id());
            let path = directory.taken_in().join(name);
            ready.made.push(path.clone());
            write(&path, &taken.photo.jpeg).map_err(of(&path))?;
            ready.files.push(std::path::absolute(&path).map_err(of(&path))?);
            tell(&taken);
        }
        Ok(ready)
    }
}

impl Drop for Ready {
    fn drop(&mut self) {
        for path in &self.made {
            // One that stays is in nobody's way, and goes at the next photo.
            fs::remove_file(path).ok();
        }
    }
}

/// Removes what processes left that were killed: a file begins with its process's number.
fn sweep(directory: &Path) {
    let is_left = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let process = name.split('-').next().and_then(|number| number.parse::<u32>().ok());
        process.is_some_and(|number| !Path::new(&format!("/proc/{number}")).exists())
    };
    let files = fs::read_dir(directory).into_iter().flatten().flatten().map(|file| file.path());
    for left in files.filter(is_left) {
        // As in [`Ready`]'s drop: the next one tries again.
        fs::remove_file(left).ok();
    }
}

fn take_in(path: &Path) -> Result<Taken, TakingFault> {
    let bytes = read(path).map_err(|fault| TakingFault::File { path: path.to_owned(), fault })?;
    let photo = intake::take_in(&bytes)
        .map_err(|refusal| TakingFault::Refused { path: path.to_owned(), refusal })?;
    Ok(Taken { original: path.to_owned(), original_size: bytes.len(), photo })
}

/// One byte more than a photo may have is enough to see that it is too large.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_ORIGINAL as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Writes a file for its owner only. It need not survive anything: the desk copies it.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let parent = path.parent().unwrap_or(Path::new("."));
    DirBuilder::new().recursive(true).mode(0o700).create(parent)?;
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    options.open(path)?.write_all(bytes)
}

#[cfg(test)]
mod tests {
    use saksi_proto::digest::Digest;

    use super::*;

    #[test]
    fn what_lies_ready_is_what_was_told_and_goes_when_it_is_dropped() {
        let home = tempfile::tempdir().unwrap();
        let directory = Directory::new(home.path());
        let left = directory.taken_in().join(format!("{}-0.jpg", u32::MAX));
        write(&left, b"of a process that was killed").unwrap();
        let mut jpeg = Vec::new();
        let encoder = jpeg_encoder::Encoder::new(&mut jpeg, 90);
        encoder.encode(&[200; 64], 8, 8, jpeg_encoder::ColorType::Luma).unwrap();
        let page = home.path().join("page.jpg");
        fs::write(&page, &jpeg).unwrap();
        let mut told = Vec::new();
        let pages = [page.clone(), page];
        let ready = Ready::take(&pages, &directory, |taken| told.push(taken.clone())).unwrap();
        assert!(!left.exists(), "nobody needs it");
        for (file, taken) in ready.files.iter().zip(&told) {
            assert_eq!(Digest::of(&fs::read(file).unwrap()), taken.photo.digest);
            assert_eq!(taken.original_size, jpeg.len());
        }
        assert_eq!((ready.files.len(), told.len()), (2, 2));
        drop(ready);
        assert_eq!(fs::read_dir(directory.taken_in()).unwrap().count(), 0);
    }
}
