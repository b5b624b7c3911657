//! The outbox: every form that was ever sealed here, and how far it has come.
//!
//! A form is stored in one order: its file, its record, the commit point (in
//! `records`). Only then is anyone told *stored*. Opening goes through
//! `rebuild`, whether or not something is broken.

mod copies;
mod drafts;
mod examine;
mod notices;
mod papers;
pub(crate) mod photos;
mod rebuild;
mod records;
mod room;
mod watchdog;

#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};
use saksi_proto::VerifyingKey;
use saksi_proto::checkpoint::LogKey;
use saksi_proto::digest::Digest;
use saksi_proto::form::TallyForm;
use saksi_proto::ids::StationCode;
use saksi_proto::receipt::Receipt;
use saksi_proto::seal::{MAX_SEALED_FORM, SealedForm};

use crate::delivery::{Delivery, State};
use crate::directory::Directory;
use crate::evidence;
use crate::forward::outbox::Keep;
use crate::identity::Identity;
use crate::ledger::Ledger;
use crate::seen::{self, Seen};
pub use examine::{FormFile, ReceiptFile, Room};
use records::Records;
pub use records::RecordsFault;

/// Longest step at the disk. A worn card stalls for some seconds while it tidies
/// itself; the door's visitor, who waits for the answer, gives up after 60 s.
const STEP: Duration = Duration::from_secs(30);

/// Longest opening: 10,000 forms are read, and after damage written again.
const OPENING: Duration = Duration::from_secs(300);

/// The outbox of one device. One process has it open, and in it one [`crate::desk::Desk`].
pub struct Store {
    directory: Directory,
    records: Arc<Records>,
    /// What the records say, in memory; changed only after the commit point.
    ledger: Ledger,
    repairs: Repairs,
    /// Key of the log that the device has seen.
    log_key: LogKey,
    /// A commit has failed or the disk hangs: what is on it is unknown until the next
    /// opening.
    broken: Cell<bool>,
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
    /// Drafts that were lost with their store and came back from their second copies at this
    /// opening.
    pub drafts_brought_back: usize,
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
    /// A step at the disk has not ended in this time: nobody knows what is on it.
    #[error("the disk hangs: it has not done in {} s what it was told to", .0.as_secs())]
    Hanging(Duration),
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
            damaged @ RecordsFault::Damaged(_) => StoreFault::Records(damaged),
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
        let (place, keys) = (directory.clone(), Keys::of(identity));
        let log_key = identity.log_key().clone();
        let opened = watchdog::within(OPENING, move || {
            place.create()?;
            let lock = lock(&place)?;
            papers::remove_unfinished(&place)?;
            room::balance_reserve(&place)?;
            Ok((rebuild::open(&place, keys)?, lock))
        });
        let (rebuilt, lock) = opened?.unwrap_or(Err(StoreFault::Hanging(OPENING)))?;
        let rebuild::Rebuilt { records, ledger, repairs } = rebuilt;
        Ok(Self {
            directory: directory.clone(),
            records: Arc::new(records),
            ledger,
            repairs,
            log_key,
            broken: Cell::new(false),
            _lock: lock,
        })
    }

    /// Does one step at the disk. One that hangs breaks the store: what it did, or may
    /// still do, is not known.
    fn step<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Directory, &Records) -> Result<T, StoreFault> + Send + 'static,
    ) -> Result<T, StoreFault> {
        let (directory, records) = (self.directory.clone(), Arc::clone(&self.records));
        let done = watchdog::within(STEP, move || work(&directory, &records))?;
        done.unwrap_or_else(|| Err(self.broken_by(StoreFault::Hanging(STEP))))
    }

    /// Does a step that ends with a commit. If it fails, nobody knows what is on the disk.
    fn commit(
        &self,
        work: impl FnOnce(&Records) -> Result<(), RecordsFault> + Send + 'static,
    ) -> Result<(), StoreFault> {
        let done = self.step(move |directory, records| {
            room::balance_reserve(directory)?;
            work(records)?;
            Ok(records.commit()?)
        });
        done.map_err(|fault| self.broken_by(fault))
    }

    fn broken_by(&self, fault: StoreFault) -> StoreFault {
        if !self.broken.replace(true) {
            tracing::error!(%fault, "the store failed: nothing more is stored until it is opened again");
        }
        fault
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
        self.check_photos(&form.photos)?;
        let digest = sealed.digest();
        let delivery = Delivery::stored(now_ms);
        let own = sealed.clone();
        let filed = self.step(move |directory, _| Ok(papers::write_form(directory, &own)?));
        filed.map_err(|fault| match fault {
            // Nothing was changed, and there may be room later.
            StoreFault::Full => StoreFault::Full,
            other => self.broken_by(other),
        })?;
        let record = (sealed.clone(), delivery.clone());
        if let Err(fault) = self.commit(move |records| records.put_form(&record.0, &record.1)) {
            // Not stored, so not half stored either; the first fault is the one to tell.
            // A disk that hangs would hold us here too: its file stays.
            if !matches!(fault, StoreFault::Hanging(_)) {
                crate::durable::remove_file(&self.directory.form(digest)).ok();
            }
            return Err(fault);
        }
        self.ledger.add(digest, form, delivery);
        Ok(())
    }

    /// Keeps a receipt that was verified, before its delivery is changed.
    ///
    /// # Errors
    /// [`StoreFault`]; the form is still due then.
    pub fn put_receipt(&self, form: Digest, receipt: &Receipt) -> Result<(), StoreFault> {
        let receipt = receipt.clone();
        self.step(move |directory, _| {
            room::balance_reserve(directory)?;
            Ok(papers::write_receipt(directory, form, &receipt)?)
        })
    }

    /// Moves forms on, in one commit.
    ///
    /// # Errors
    /// [`StoreFault`]; none of them has moved then.
    pub fn change(&mut self, changes: Vec<(Digest, Delivery)>) -> Result<(), StoreFault> {
        self.check_whole()?;
        let records = changes.clone();
        self.commit(move |kept| {
            records.iter().try_for_each(|(digest, delivery)| kept.put_delivery(*digest, delivery))
        })?;
        for (digest, delivery) in changes {
            self.ledger.change(digest, delivery);
        }
        Ok(())
    }

    /// Deletes forms and their receipts, for good. Only what the centre is proven to
    /// have may be named here.
    ///
    /// The order is that of the least harm when the power goes in between: forms' files,
    /// the records with a commit point, receipts' files. Before the commit point the
    /// records bring the files back at the next opening; after it a receipt may stay.
    ///
    /// # Errors
    /// [`StoreFault`]; then they are gone or not, and none of them half.
    pub(crate) fn delete(&mut self, forms: &[Digest]) -> Result<(), StoreFault> {
        self.check_whole()?;
        let is_received = |form: &&Digest| {
            let known = self.ledger.form(**form).map(|known| &known.delivery);
            known.is_some_and(|known| {
                !known.is_due() && matches!(known.state, State::Received { .. })
            }) && !self.ledger.has_photos_to_send(**form)
        };
        // Somebody may have asked for one to be sent again meanwhile.
        let forms: Vec<Digest> = forms.iter().filter(is_received).copied().collect();
        let files = forms.iter().map(|form| self.directory.form(*form)).collect::<Vec<_>>();
        self.step(move |_, _| Ok(papers::remove_all(&files)?))?;
        let gone = forms.clone();
        self.commit(move |records| gone.iter().try_for_each(|form| records.remove_form(*form)))?;
        forms.iter().for_each(|form| self.ledger.remove(*form));
        let receipts = forms.iter().map(|form| self.directory.receipt(*form)).collect::<Vec<_>>();
        self.step(move |_, _| Ok(papers::remove_all(&receipts)?))
    }

    /// What the files of a form and its receipt take on the disk, in bytes.
    pub(crate) fn bytes_of(&self, form: Digest) -> u64 {
        // `st_blocks` counts in 512 bytes, whatever the file system's block.
        let taken = |path: PathBuf| path.metadata().map_or(0, |file| file.blocks() * 512);
        taken(self.directory.form(form)) + taken(self.directory.receipt(form))
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

    fn check_whole(&self) -> Result<(), StoreFault> {
        if self.broken.get() { Err(StoreFault::Broken) } else { Ok(()) }
    }

    /// Whether so many more bytes may be taken of the disk.
    ///
    /// # Errors
    /// [`StoreFault::Full`] if not.
    pub(crate) fn check_room_for(&self, bytes: u64) -> Result<(), StoreFault> {
        let has_room = room::has_room(&self.directory, bytes)?;
        if has_room { Ok(()) } else { Err(StoreFault::Full) }
    }

    fn check_room(&self, needed: usize) -> Result<(), StoreFault> {
        self.check_room_for(needed as u64)
    }
}

impl Keep for Store {
    fn ledger(&self) -> &Ledger {
        Store::ledger(self)
    }

    fn sealed(&self, form: Digest) -> Result<SealedForm, StoreFault> {
        Store::sealed(self, form)
    }

    fn seen(&self) -> Result<Option<Seen>, StoreFault> {
        let key = self.log_key.clone();
        self.step(move |directory, _| Ok(seen::recall(directory, &key)?))
    }

    fn remember(&mut self, before: Option<&Seen>, newest: &Seen) -> Result<bool, StoreFault> {
        let (key, before, newest) = (self.log_key.clone(), before.cloned(), newest.clone());
        self.step(move |directory, _| {
            room::balance_reserve(directory)?;
            Ok(seen::remember(directory, &key, before.as_ref(), &newest)?)
        })
    }

    fn keep_evidence(&mut self, one: &Seen, other: &Seen) -> Result<(), StoreFault> {
        let (one, other) = (one.clone(), other.clone());
        self.step(move |directory, _| {
            room::balance_reserve(directory)?;
            Ok(evidence::keep(directory, &one, &other)?)
        })
    }

    fn receipt(&self, form: Digest) -> Result<Option<Receipt>, StoreFault> {
        Store::receipt(self, form)
    }

    fn put_receipt(&mut self, form: Digest, receipt: &Receipt) -> Result<(), StoreFault> {
        Store::put_receipt(self, form, receipt)
    }

    fn change(&mut self, changes: Vec<(Digest, Delivery)>) -> Result<(), StoreFault> {
        Store::change(self, changes)
    }
}

/// The station of the forms that lie in a directory, if there are any.
pub(crate) fn station_of_forms(directory: &Directory) -> Option<StationCode> {
    papers::station(directory).ok().flatten()
}

/// What forms and receipts of this device are verified with.
struct Keys {
    device: VerifyingKey,
    log: LogKey,
}

impl Keys {
    fn of(identity: &Identity) -> Self {
        Self { device: identity.key().verifying_key(), log: identity.log_key().clone() }
    }
}

/// Takes the directory for this process, for as long as the file is open.
pub(crate) fn lock(directory: &Directory) -> Result<File, StoreFault> {
    let file = File::options().create(true).truncate(false).write(true).open(directory.lock())?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(StoreFault::InUse),
        Err(fault) => Err(StoreFault::File(fault.into())),
    }
}
