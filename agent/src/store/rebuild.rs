//! Opening the records: set aside what cannot be read, take in what only the files
//! have, and fold everything into the ledger.

use saksi_proto::form::TallyForm;
use saksi_proto::receipt::Receipt;
use saksi_proto::seal::{MAX_SEALED_FORM, SealedForm};

use super::records::{Record, Records, RecordsFault};
use super::{Keys, Repairs, StoreFault, copies, papers, photos, room};
use crate::delivery::Delivery;
use crate::directory::Directory;
use crate::durable;
use crate::ledger::Ledger;
use crate::photos::TransferState;

/// A store that was read.
pub(super) struct Rebuilt {
    pub(super) records: Records,
    pub(super) ledger: Ledger,
    pub(super) repairs: Repairs,
}

/// Opens the records, or sets them aside and makes new ones from the files.
pub(super) fn open(directory: &Directory, keys: Keys) -> Result<Rebuilt, StoreFault> {
    let (records, read) = match read(directory) {
        Ok(whole) => whole,
        Err(fault) => {
            let fault = unless_damaged(fault)?;
            set_aside(directory, &fault)?;
            read(directory)?
        }
    };
    let mut rebuilding =
        Rebuilding { directory, keys, records, ledger: Ledger::default(), taken_in: 0 };
    rebuilding.fold(read)?;
    rebuilding.take_in_files()?;
    rebuilding.fold_photos()?;
    let Rebuilding { records, ledger, taken_in, .. } = rebuilding;
    let drafts = copies::reconcile(directory, &records)?;
    records.commit()?;
    let repairs = Repairs {
        stores_set_aside: directory.aside()?.len(),
        forms_set_aside: papers::damaged_forms(directory)?.len(),
        forms_taken_in: taken_in,
        drafts_brought_back: drafts.brought_back,
    };
    // After damage nobody knows what may have named a photo. A store that was set aside is
    // not the only one: without its log sled opens empty.
    let Repairs { stores_set_aside, forms_set_aside, forms_taken_in, drafts_brought_back } =
        repairs;
    let put_right = stores_set_aside + forms_set_aside + forms_taken_in + drafts_brought_back;
    if put_right + drafts.damaged == 0 {
        photos::sweep(directory, &ledger, &records)?;
    }
    Ok(Rebuilt { records, ledger, repairs })
}

fn read(directory: &Directory) -> Result<(Records, Vec<Record>), RecordsFault> {
    let records = Records::open(&directory.store())?;
    let read = records.read_all()?;
    Ok((records, read))
}

/// A full disk or a missing permission is no damage: setting aside would
/// not help.
fn unless_damaged(fault: RecordsFault) -> Result<RecordsFault, StoreFault> {
    use std::io::ErrorKind;
    let helpless = |kind| {
        matches!(
            kind,
            ErrorKind::StorageFull
                | ErrorKind::QuotaExceeded
                | ErrorKind::PermissionDenied
                | ErrorKind::ReadOnlyFilesystem
        )
    };
    match fault {
        RecordsFault::File(fault) if helpless(fault.kind()) => Err(fault.into()),
        damaged => Ok(damaged),
    }
}

fn set_aside(directory: &Directory, fault: &RecordsFault) -> Result<(), StoreFault> {
    let aside = directory.next_aside()?;
    tracing::warn!(%fault, aside = %aside.display(), "the store cannot be read; it is set aside and rebuilt from the forms' files");
    Ok(durable::rename(&directory.store(), &aside)?)
}

struct Rebuilding<'a> {
    directory: &'a Directory,
    keys: Keys,
    records: Records,
    ledger: Ledger,
    /// Forms that only their files had.
    taken_in: usize,
}

impl Rebuilding<'_> {
    fn fold(&mut self, read: Vec<Record>) -> Result<(), StoreFault> {
        for Record { sealed, delivery } in read {
            let Ok(form) = sealed.open() else { continue };
            let digest = sealed.digest();
            self.keep_file(&sealed)?;
            let delivery = self.completed(delivery, &sealed, &form)?;
            self.ledger.add(digest, &form, delivery);
        }
        Ok(())
    }

    /// Writes a form's file again if it is damaged or gone: the one copy keeps the other.
    fn keep_file(&self, sealed: &SealedForm) -> Result<(), StoreFault> {
        let (digest, path) = (sealed.digest(), self.directory.form(sealed.digest()));
        let is_there = path.exists();
        if is_there && papers::read_form(self.directory, digest)?.is_some() {
            return Ok(());
        }
        if !room::has_room(self.directory, MAX_SEALED_FORM as u64)? {
            // What is stored is still sent from a full disk.
            tracing::warn!(%digest, "a form's file is damaged, and there is no room to write it again");
            return Ok(());
        }
        if is_there {
            papers::set_form_aside(self.directory, digest)?;
        }
        tracing::warn!(%digest, "a form's file was damaged or gone; it is written again");
        Ok(papers::write_form(self.directory, sealed)?)
    }

    fn take_in_files(&mut self) -> Result<(), StoreFault> {
        for digest in papers::form_digests(self.directory)? {
            if self.ledger.form(digest).is_some() {
                continue;
            }
            match papers::read_form(self.directory, digest)?.filter(|sealed| self.is_ours(sealed)) {
                Some(sealed) => self.take_in(&sealed)?,
                None => {
                    tracing::warn!(%digest, "a form's file is damaged; it is set aside");
                    papers::set_form_aside(self.directory, digest)?;
                }
            }
        }
        if self.taken_in > 0 {
            tracing::warn!(
                forms = self.taken_in,
                "forms were taken into the store from their files"
            );
        }
        Ok(())
    }

    fn take_in(&mut self, sealed: &SealedForm) -> Result<(), StoreFault> {
        let Ok(form) = sealed.open() else { return Ok(()) };
        let delivery = self.completed(None, sealed, &form)?;
        self.ledger.add(sealed.digest(), &form, delivery);
        self.taken_in += 1;
        Ok(())
    }

    /// A photo that was damaged and has a file again, is there again.
    fn fold_photos(&mut self) -> Result<(), StoreFault> {
        for (photo, transfer) in self.records.transfers()? {
            let is_damaged = matches!(transfer.state, TransferState::Damaged { .. });
            if !(is_damaged && self.directory.photo(photo).exists()) {
                self.ledger.change_photo(photo, transfer);
            }
        }
        Ok(())
    }

    fn is_ours(&self, sealed: &SealedForm) -> bool {
        sealed.is_signed_by(&self.keys.device) && sealed.open().is_ok()
    }

    /// The delivery of a form as far as it is known, with what its receipt says.
    fn completed(
        &self,
        known: Option<Delivery>,
        sealed: &SealedForm,
        form: &TallyForm,
    ) -> Result<Delivery, StoreFault> {
        let may_be_answered = known.as_ref().is_none_or(Delivery::is_unanswered);
        let receipt = if may_be_answered { self.proven_receipt(sealed)? } else { None };
        // Whoever wrote it may have been killed before its name was on the disk. So it is
        // written again before its form leaves the work list for it, or the form stays due.
        let receipt = receipt.filter(|receipt| {
            papers::write_receipt(self.directory, sealed.digest(), receipt).is_ok()
        });
        let delivery = Delivery::reopened(known.clone(), form.device_ms, receipt.as_ref());
        if known.as_ref() != Some(&delivery) {
            self.records.put_form(sealed, &delivery)?;
        }
        Ok(delivery)
    }

    fn proven_receipt(&self, sealed: &SealedForm) -> Result<Option<Receipt>, StoreFault> {
        let receipt = papers::read_receipt(self.directory, sealed.digest())?;
        Ok(receipt.filter(|receipt| receipt.verify(sealed, &self.keys.log).is_ok()))
    }
}
