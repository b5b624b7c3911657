//! The files of photos: written before their form, read chunk by chunk, and checked
//! against their name before they are offered.

use std::fs::File;
use std::io::{self, Read as _, Write};
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use saksi_proto::digest::{Digest, Digesting};
use saksi_proto::photo::MAX_PHOTO;

use super::papers::DAMAGED;
use super::records::Records;
use super::{Store, StoreFault, drafts};
use crate::directory::Directory;
use crate::durable;
use crate::ledger::Ledger;
use crate::photos::{Transfer, TransferState};

/// Bytes read at a time for the hash.
const READ: usize = 64 * 1024;

/// SHA-256 and size of a photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Measured {
    pub(crate) digest: Digest,
    pub(crate) size: u32,
}

impl Store {
    /// Keeps a copy of a photo's file, durably, under its SHA-256.
    ///
    /// # Errors
    /// [`StoreFault`], also if the file is another by now; nothing is kept then.
    pub(crate) fn put_photo(&self, source: &Path, photo: Measured) -> Result<(), StoreFault> {
        if source == self.directory.photo(photo.digest) {
            // A draft's: it was kept when it was taken, and has just been measured.
            return Ok(());
        }
        self.check_room(photo.size as usize)?;
        let mut source = File::open(source)?;
        self.step(move |directory, _| {
            let path = directory.photo(photo.digest);
            let copied = durable::write_with(&path, |file| match copy(&mut source, file)? {
                Some(copied) if copied == photo => Ok(()),
                _ => Err(io::Error::other("a photo's file changed while it was read")),
            });
            Ok(copied?)
        })
    }

    /// Keeps a photo, durably, under its SHA-256.
    ///
    /// # Errors
    /// [`StoreFault`]; nothing is kept then.
    pub(crate) fn put_photo_bytes(&self, photo: Digest, bytes: Vec<u8>) -> Result<(), StoreFault> {
        self.check_whole()?;
        self.check_room(bytes.len())?;
        self.step(move |directory, _| Ok(durable::write_file(&directory.photo(photo), &bytes)?))
    }

    /// No form is stored without the photos that it names.
    pub(super) fn check_photos(&self, photos: &[Digest]) -> Result<(), StoreFault> {
        if photos.iter().all(|photo| self.photo_size(*photo).is_some()) {
            Ok(())
        } else {
            Err(io::Error::new(io::ErrorKind::NotFound, "a photo of the form is gone").into())
        }
    }

    /// Removes photos whose form was not stored after all, or that were taken out of a
    /// draft. What a form or a draft names stays.
    pub(crate) fn forget_photos(&self, photos: &[Digest]) {
        // Where drafts cannot be read, nobody knows what they name.
        let Ok(drafted) = self.drafted_photos() else { return };
        let is_named =
            |photo: Digest| self.ledger.photos().photo(photo).is_some() || drafted.contains(&photo);
        let unnamed = photos.iter().filter(|photo| !is_named(**photo));
        for photo in unnamed {
            // It is in nobody's way: nothing names it.
            durable::remove_file(&self.directory.photo(*photo)).ok();
        }
    }

    /// Moves a photo on, in a commit.
    ///
    /// # Errors
    /// [`StoreFault`]; it has not moved then.
    pub(crate) fn change_photo(
        &mut self,
        photo: Digest,
        transfer: Transfer,
    ) -> Result<(), StoreFault> {
        self.check_whole()?;
        let record = transfer.clone();
        self.commit(move |records| records.put_transfer(photo, &record))?;
        self.ledger.change_photo(photo, transfer);
        Ok(())
    }

    /// Notes how far a photo has come or why it has not, until the next start: the
    /// collector says where to go on.
    pub(crate) fn note_photo(&mut self, photo: Digest, note: impl FnOnce(Transfer) -> Transfer) {
        let known = self.ledger.photos().photo(photo).map(|known| known.transfer.clone());
        if let Some(transfer) = known {
            self.ledger.change_photo(photo, note(transfer));
        }
    }

    /// A photo's file is not what its name says, or gone: what there is of it is renamed,
    /// so that it is seen and not read again, and the others go on.
    ///
    /// # Errors
    /// [`StoreFault`]; it is still due then.
    pub(crate) fn set_photo_aside(&mut self, photo: Digest, now_ms: u64) -> Result<(), StoreFault> {
        tracing::error!(%photo, "a photo is damaged or gone; it is set aside");
        self.step(move |directory, _| {
            let path = directory.photo(photo);
            if path.exists() {
                durable::rename(&path, &path.with_extension(DAMAGED))?;
            }
            Ok(())
        })?;
        let state = TransferState::Damaged { at_ms: now_ms };
        self.change_photo(photo, Transfer { state, ..Transfer::default() })
    }

    /// Size of a photo's file in bytes; `None` if there is none.
    pub(crate) fn photo_size(&self, photo: Digest) -> Option<u64> {
        Some(self.directory.photo(photo).metadata().ok()?.len())
    }
}

/// Removes the files of photos that nothing names: the power went between a photo and the
/// record of its draft, or of its form, and nobody was told that it is kept.
///
/// Only for an opening, under the lock: every file that is there is older than this start.
/// A photo whose form `retention` has deleted has the record of its transfer, and stays.
pub(super) fn sweep(
    directory: &Directory,
    ledger: &Ledger,
    records: &Records,
) -> Result<(), StoreFault> {
    let Some(drafted) = drafts::photos_of_all(records)? else { return Ok(()) };
    for entry in std::fs::read_dir(directory.photos())? {
        let name = entry?.file_name();
        let photo = name.to_str().and_then(|name| name.parse::<Digest>().ok());
        let Some(photo) = photo.filter(|photo| name == photo.to_string().as_str()) else {
            continue;
        };
        let is_named = ledger.photos().photo(photo).is_some() || drafted.contains(&photo);
        if is_named || records.has_transfer(photo)? {
            continue;
        }
        match durable::remove_file(&directory.photo(photo)) {
            Ok(()) => tracing::info!(%photo, "a photo that nothing names is removed"),
            // It is in nobody's way, and the next start tries again.
            Err(fault) => tracing::warn!(%photo, %fault, "a photo that nothing names stays"),
        }
    }
    Ok(())
}

/// Size of a photo, if its file is there and is what its name says.
///
/// # Errors
/// Any fault of the file system but a file that is not there.
pub(crate) fn examine(directory: &Directory, photo: Digest) -> io::Result<Option<u32>> {
    match measure(&directory.photo(photo)) {
        Ok(found) => Ok(found.filter(|found| found.digest == photo).map(|found| found.size)),
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// What a file is; `None` if it is larger than a photo may be.
///
/// # Errors
/// Any fault of the file system.
pub(crate) fn measure(path: &Path) -> io::Result<Option<Measured>> {
    copy(&mut File::open(path)?, &mut io::sink())
}

/// Copies a file of at most [`MAX_PHOTO`] bytes piece by piece: a photo held whole would
/// take more memory than all the rest. `None` if it is larger.
fn copy(from: &mut File, to: &mut impl Write) -> io::Result<Option<Measured>> {
    let (mut digesting, mut bytes, mut size) = (Digesting::default(), vec![0; READ], 0);
    loop {
        let read = from.read(&mut bytes)?;
        if read == 0 {
            return Ok(Some(Measured { digest: digesting.digest(), size }));
        }
        size = match u32::try_from(read).ok().and_then(|read| size.checked_add(read)) {
            Some(size) if size <= MAX_PHOTO => size,
            _ => return Ok(None),
        };
        digesting.take(&bytes[..read]);
        to.write_all(&bytes[..read])?;
    }
}

/// A part of a photo's file.
///
/// # Errors
/// Any fault of the file system, also if the file is shorter.
pub(crate) fn read(
    directory: &Directory,
    photo: Digest,
    at: u32,
    length: u32,
) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length as usize];
    File::open(directory.photo(photo))?.read_exact_at(&mut bytes, at.into())?;
    Ok(bytes)
}
