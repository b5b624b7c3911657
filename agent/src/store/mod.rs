//! The outbox: every form that was ever sealed here, and how far it has come.
//!
//! A form is stored in one order: its file, its record, the commit point (in
//! `records`). Only then is anyone told *stored*. Opening goes through
//! `rebuild`, whether or not something is broken.

mod examine;
mod papers;
mod rebuild;
mod records;
mod room;
mod watchdog;

#[cfg(test)]
mod tests;

use std::fs::File;
use std::io;

use rustix::fs::{FlockOperation, flock};
use saksi_proto::digest::Digest;
use saksi_proto::form::TallyForm;
use saksi_proto::receipt::Receipt;
use saksi_proto::seal::{MAX_SEALED_FORM, SealedForm};

use crate::delivery::Delivery;
use crate::directory::Directory;
use crate::forward::outbox::Keep;
use crate::identity::Identity;
use crate::ledger::Ledger;
pub use examine::{FormFile, ReceiptFile, Room};
use records::Records;
pub use records::RecordsFault;

/// The outbox of one device. One process has it open, and in it one [`crate::desk::Desk`].
pub struct Store {
    directory: Directory,
    records: Records,
    /// What the records say, in memory; changed only after the commit point.
    ledger: Ledger,
    repairs: Repairs,
    /// A commit has failed: what is on the disk is unknown until the next opening.
    broken: bool,
    /// Held as long as the store is open.
    _lock: File,
}

/// What had to be put right, now or at an earlier opening.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Repairs {
    /// Stores that could not be read and were set aside (`store.aside-<n>`).
    pub stores_set_aside: usize,
    /// Form files that were not what their name says and were set aside.
    pub forms_set_aside: usize,
    /// Forms taken into the records from their files at this opening.
    pub forms_taken_in: usize,
}

/// Why the store cannot do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreFault {
    /// Another process has it open.
    #[error("the store is open in another process")]
    InUse,
    /// The disk has no room for a new form. Nothing was changed.
    #[error("the disk is full")]
    Full,
    /// A commit has failed; it must be opened anew before it says *stored* again.
    #[error("the store failed earlier and must be opened again")]
    Broken,
    /// No form of this digest.
    #[error("no form {0} in the store")]
    Unknown(Digest),
    /// The records cannot be read or written.
    #[error(transparent)]
    Records(RecordsFault),
    /// A file cannot be read or written.
    #[error("the store's files: {0}")]
    File(io::Error),
}

impl From<RecordsFault> for StoreFault {
    fn from(fault: RecordsFault) -> Self {
        match fault {
            RecordsFault::File(fault) => fault.into(),
            other @ (RecordsFault::Damaged(_) | RecordsFault::Hanging(_)) => {
                StoreFault::Records(other)
            }
        }
    }
}

impl From<io::Error> for StoreFault {
    fn from(fault: io::Error) -> Self {
        match fault.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreFault::Full,
            _ => StoreFault::File(fault),
        }
    }
}

impl Store {
    /// Opens the store, puts right what a crash or damage left, and reads it.
    ///
    /// # Errors
    /// [`StoreFault::InUse`] while another process has it open; else a fault of the
    /// disk. Damaged records are no fault: they are set aside and rebuilt.
    pub fn open(directory: &Directory, identity: &Identity) -> Result<Self, StoreFault> {
        directory.create()?;
        let lock = lock(directory)?;
        papers::remove_unfinished(directory)?;
        room::balance_reserve(directory)?;
        let rebuilt = rebuild::open(directory, identity)?;
        let rebuild::Rebuilt { records, ledger, repairs } = rebuilt;
        Ok(Self {
            directory: directory.clone(),
            records,
            ledger,
            repairs,
            broken: false,
            _lock: lock,
        })
    }

    /// What the device has.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// What had to be put right.
    #[must_use]
    pub fn repairs(&self) -> Repairs {
        self.repairs
    }

    /// Stores a new form. When this returns, the form survives a power cut.
    ///
    /// # Errors
    /// [`StoreFault`]; the form is not stored then, and those before it are as they were.
    pub fn put(
        &mut self,
        sealed: &SealedForm,
        form: &TallyForm,
        now_ms: u64,
    ) -> Result<(), StoreFault> {
        self.check_whole()?;
        self.check_room(MAX_SEALED_FORM)?;
        let digest = sealed.digest();
        let delivery = Delivery::stored(now_ms);
        papers::write_form(&self.directory, sealed)?;
        let recorded =
            self.records.put_form(sealed, &delivery).and_then(|()| self.records.commit());
        if let Err(fault) = recorded {
            self.broken = true;
            // Not stored, so not half stored either; the first fault is the one to tell.
            // A disk that hangs would hold us here too: its file stays.
            if !matches!(fault, RecordsFault::Hanging(_)) {
                crate::durable::remove_file(&self.directory.form(digest)).ok();
            }
            return Err(fault.into());
        }
        self.ledger.add(digest, form, delivery);
        Ok(())
    }

    /// Stores a photo, durably, and returns its SHA-256.
    ///
    /// # Errors
    /// [`StoreFault`]; nothing is stored then.
    pub fn put_photo(&self, photo: &[u8]) -> Result<Digest, StoreFault> {
        self.check_room(photo.len())?;
        Ok(papers::write_photo(&self.directory, photo)?)
    }

    /// Keeps a receipt that was verified, before its delivery is changed.
    ///
    /// # Errors
    /// [`StoreFault`]; the form is still due then.
    pub fn put_receipt(&self, form: Digest, receipt: &Receipt) -> Result<(), StoreFault> {
        room::balance_reserve(&self.directory)?;
        Ok(papers::write_receipt(&self.directory, form, receipt)?)
    }

    /// Moves forms on, in one commit.
    ///
    /// # Errors
    /// [`StoreFault`]; none of them has moved then.
    pub fn change(&mut self, changes: Vec<(Digest, Delivery)>) -> Result<(), StoreFault> {
        self.check_whole()?;
        room::balance_reserve(&self.directory)?;
        let put =
            |(digest, delivery): &(Digest, Delivery)| self.records.put_delivery(*digest, delivery);
        let recorded = changes.iter().try_for_each(put).and_then(|()| self.records.commit());
        if let Err(fault) = recorded {
            self.broken = true;
            return Err(fault.into());
        }
        for (digest, delivery) in changes {
            self.ledger.change(digest, delivery);
        }
        Ok(())
    }

    /// The last time that a collector told, milliseconds since 1970, UTC.
    ///
    /// # Errors
    /// [`StoreFault`] if the records cannot be read.
    pub fn learnt_ms(&self) -> Result<Option<u64>, StoreFault> {
        Ok(self.records.learnt_ms()?)
    }

    /// Keeps the time that a collector told, with the next commit.
    ///
    /// # Errors
    /// [`StoreFault`] if the records cannot be written.
    pub fn learn(&self, now_ms: u64) -> Result<(), StoreFault> {
        Ok(self.records.put_learnt_ms(now_ms)?)
    }

    /// A sealed form, from its record or, failing that, from its file.
    ///
    /// # Errors
    /// [`StoreFault::Unknown`], or a fault of the disk.
    pub fn sealed(&self, digest: Digest) -> Result<SealedForm, StoreFault> {
        if let Ok(Some(sealed)) = self.records.form(digest) {
            return Ok(sealed);
        }
        if self.ledger.form(digest).is_none() {
            return Err(StoreFault::Unknown(digest));
        }
        papers::read_form(&self.directory, digest)?.ok_or(StoreFault::Unknown(digest))
    }

    /// The receipt of a form, if there is one. It was verified when it came.
    ///
    /// # Errors
    /// [`StoreFault`] if it cannot be read.
    pub fn receipt(&self, form: Digest) -> Result<Option<Receipt>, StoreFault> {
        Ok(papers::read_receipt(&self.directory, form)?)
    }

    /// Photos kept on the device.
    #[must_use]
    pub fn photos(&self) -> usize {
        papers::photos(&self.directory).unwrap_or(0)
    }

    fn check_whole(&self) -> Result<(), StoreFault> {
        if self.broken { Err(StoreFault::Broken) } else { Ok(()) }
    }

    fn check_room(&self, needed: usize) -> Result<(), StoreFault> {
        let has_room = room::has_room(&self.directory, needed as u64)?;
        if has_room { Ok(()) } else { Err(StoreFault::Full) }
    }
}

impl Keep for Store {
    fn ledger(&self) -> &Ledger {
        Store::ledger(self)
    }

    fn sealed(&self, form: Digest) -> Result<SealedForm, StoreFault> {
        Store::sealed(self, form)
    }

    fn put_receipt(&mut self, form: Digest, receipt: &Receipt) -> Result<(), StoreFault> {
        Store::put_receipt(self, form, receipt)
    }

    fn change(&mut self, changes: Vec<(Digest, Delivery)>) -> Result<(), StoreFault> {
        Store::change(self, changes)
    }
}

fn lock(directory: &Directory) -> Result<File, StoreFault> {
    let file = File::options().create(true).truncate(false).write(true).open(directory.lock())?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(StoreFault::InUse),
        Err(fault) => Err(StoreFault::File(fault.into())),
    }
}
