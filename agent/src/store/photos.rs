//! The files of photos: written before their form, read chunk by chunk, and checked
//! against their name before they are offered.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::FileExt as _;

use saksi_proto::digest::{Digest, Digesting};
use saksi_proto::photo::MAX_PHOTO;

use super::papers::DAMAGED;
use super::{Store, StoreFault};
use crate::directory::Directory;
use crate::durable;
use crate::photos::{Transfer, TransferState};

/// Bytes read at a time for the hash.
const READ: usize = 64 * 1024;

impl Store {
    /// Stores a photo, durably, and returns its SHA-256.
    ///
    /// # Errors
    /// [`StoreFault`]; nothing is stored then.
    pub fn put_photo(&self, photo: &[u8]) -> Result<Digest, StoreFault> {
        self.check_room(photo.len())?;
        let digest = Digest::of(photo);
        durable::write_file(&self.directory.photo(digest), photo)?;
        Ok(digest)
    }

    /// Removes photos whose form was not stored after all. What a form names stays.
    pub(crate) fn forget_photos(&self, photos: &[Digest]) {
        let unnamed = photos.iter().filter(|photo| self.ledger.photos().photo(**photo).is_none());
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
        let path = self.directory.photo(photo);
        tracing::error!(%photo, "a photo is damaged or gone; it is set aside");
        if path.exists() {
            durable::rename(&path, &path.with_extension(DAMAGED))?;
        }
        let state = TransferState::Damaged { at_ms: now_ms };
        self.change_photo(photo, Transfer { state, ..Transfer::default() })
    }

    /// Size of a photo's file in bytes; `None` if there is none.
    pub(crate) fn photo_size(&self, photo: Digest) -> Option<u64> {
        Some(self.directory.photo(photo).metadata().ok()?.len())
    }
}

/// Size of a photo, if its file is there and is what its name says.
///
/// # Errors
/// Any fault of the file system but a file that is not there.
pub(crate) fn examine(directory: &Directory, photo: Digest) -> io::Result<Option<u32>> {
    let mut file = match File::open(directory.photo(photo)) {
        Ok(file) => file,
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(fault) => return Err(fault),
    };
    let (mut digesting, mut bytes, mut size) = (Digesting::default(), vec![0; READ], 0);
    loop {
        match file.read(&mut bytes)? {
            0 => break,
            read => {
                digesting.take(&bytes[..read]);
                size += read;
            }
        }
    }
    let size = u32::try_from(size).ok().filter(|size| *size <= MAX_PHOTO);
    Ok(size.filter(|_| digesting.digest() == photo))
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
