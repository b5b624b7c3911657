//! Everything that was believed before, looked at again: form files, receipts, photos.

use std::path::PathBuf;

use saksi_proto::digest::Digest;
use saksi_proto::seal::{MAX_SEALED_FORM, SealedForm};

use super::{Store, StoreFault, papers, room};
use crate::delivery::State;
use crate::identity::Identity;

/// How a form's own file stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormFile {
    /// It has the digest of its name and the device's signature.
    Whole,
    /// It did not; it was written again from its record.
    Restored,
    /// It does not, and neither has the store a whole copy, or no room to write it.
    Damaged,
}

/// How the receipt of a form stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiptFile {
    /// The form has none yet.
    NotYet,
    /// It proves that the form is in the log.
    Proven,
    /// It was there once and is gone, or proves nothing.
    Unproven,
}

/// The room on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Bytes that are free.
    pub free: u64,
    /// Whether the reserve is there.
    pub has_reserve: bool,
    /// Whether a new form would be stored.
    pub for_a_form: bool,
}

impl Store {
    /// Checks a form's file, and writes it again if the store has a whole copy. The
    /// damaged file is set aside.
    pub(crate) fn examine_form(&mut self, digest: Digest, identity: &Identity) -> FormFile {
        let is_ours = |sealed: &SealedForm| {
            sealed.is_signed_by(&identity.key().verifying_key()) && sealed.open().is_ok()
        };
        let on_file = papers::read_form(&self.directory, digest).ok().flatten();
        if on_file.as_ref().is_some_and(is_ours) {
            return FormFile::Whole;
        }
        let recorded = self.records.form(digest).ok().flatten().filter(is_ours);
        match recorded.map(|sealed| self.restore(&sealed)) {
            Some(Ok(())) => FormFile::Restored,
            Some(Err(fault)) => {
                tracing::warn!(%digest, %fault, "a damaged form file cannot be written again");
                FormFile::Damaged
            }
            None => FormFile::Damaged,
        }
    }

    fn restore(&mut self, sealed: &SealedForm) -> Result<(), StoreFault> {
        self.check_room(MAX_SEALED_FORM)?;
        let digest = sealed.digest();
        if self.directory.form(digest).exists() {
            papers::set_form_aside(&self.directory, digest)?;
        }
        papers::write_form(&self.directory, sealed)?;
        tracing::warn!(%digest, "a form's file was damaged or gone; it is written again");
        self.repairs.forms_set_aside = self.damaged_forms()?.len();
        Ok(())
    }

    /// Verifies the receipt of a form again.
    pub(crate) fn examine_receipt(&self, digest: Digest, identity: &Identity) -> ReceiptFile {
        let known = self.ledger.form(digest).map(|known| &known.delivery.state);
        if !matches!(known, Some(State::Received { .. })) {
            return ReceiptFile::NotYet;
        }
        let receipt = papers::read_receipt(&self.directory, digest).ok().flatten();
        match (receipt, self.sealed(digest)) {
            (Some(receipt), Ok(sealed)) if receipt.verify(&sealed, identity.log_key()).is_ok() => {
                ReceiptFile::Proven
            }
            _ => ReceiptFile::Unproven,
        }
    }

    /// Whether a photo is here and is the one that its name says.
    pub(crate) fn has_photo(&self, photo: Digest) -> bool {
        super::photos::examine(&self.directory, photo).is_ok_and(|size| size.is_some())
    }

    /// Form files that were damaged and set aside.
    pub(crate) fn damaged_forms(&self) -> Result<Vec<PathBuf>, StoreFault> {
        Ok(papers::damaged_forms(&self.directory)?)
    }

    /// How much room there is.
    pub(crate) fn room(&self) -> Result<Room, StoreFault> {
        Ok(Room {
            free: room::free(&self.directory)?,
            has_reserve: room::has_reserve(&self.directory),
            for_a_form: room::has_room(&self.directory, MAX_SEALED_FORM as u64)?,
        })
    }

    /// Whether it still says *stored*: no commit has failed since it was opened.
    pub(crate) fn is_whole(&self) -> bool {
        !self.broken.get()
    }
}
