//! The records in sled, and the commit point. The only module that names sled.
//!
//! sled 0.34's `flush` is `sync_file_range`, which does not survive a power cut, so
//! each commit is a flush and an fdatasync of sled's `db` file through a second
//! handle. A damaged tree shows as a panic as often as an error; [`guarded`] turns
//! both into a fault.

use std::fs::File;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use saksi_proto::codec::{decode, encode};
use saksi_proto::digest::Digest;
use saksi_proto::seal::SealedForm;

use crate::delivery::Delivery;
use crate::durable;
use crate::photos::Transfer;

/// Largest record, key not counted. Pages over a quarter of a 512 KiB segment would
/// go to blob files that sled never syncs; a page holds far fewer than 32 of these.
const MAX_RECORD: usize = 4_096;

/// sled's page cache, in bytes: some hundred forms, all that a station ever has.
const CACHE: u64 = 1 << 20;

const FORMS: &str = "forms";
const DELIVERIES: &str = "deliveries";
const PHOTOS: &str = "photos";
const DRAFTS: &str = "drafts";
const MEMORY: &str = "memory";
const LEARNT: &str = "learnt_ms";

/// A record of a draft, as it is read.
pub(super) type Row = (Vec<u8>, Vec<u8>);

/// What sled keeps: sealed forms, delivery states, states of photos, drafts, the last time
/// learnt, what the centre has said.
pub(super) struct Records {
    db: sled::Db,
    forms: sled::Tree,
    deliveries: sled::Tree,
    photos: sled::Tree,
    drafts: sled::Tree,
    memory: sled::Tree,
    /// A second handle on sled's log, for fdatasync.
    log: File,
}

/// Why records cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum RecordsFault {
    /// What was written cannot be read back.
    #[error("the records are damaged: {0}")]
    Damaged(String),
    /// The file system failed.
    #[error("the records cannot be read or written: {0}")]
    File(#[from] io::Error),
}

impl From<sled::Error> for RecordsFault {
    fn from(fault: sled::Error) -> Self {
        match fault {
            sled::Error::Io(fault) => RecordsFault::File(fault),
            other => RecordsFault::Damaged(other.to_string()),
        }
    }
}

/// One form as it stands in the records.
pub(super) struct Record {
    pub(super) sealed: SealedForm,
    pub(super) delivery: Option<Delivery>,
}

impl Records {
    /// Opens or makes the records in `path`, and makes their files durable.
    pub(super) fn open(path: &Path) -> Result<Self, RecordsFault> {
        let is_new = !path.exists();
        let config = sled::Config::new().path(path).cache_capacity(CACHE).flush_every_ms(None);
        let (db, [forms, deliveries, photos, drafts, memory]) = guarded(|| {
            let db = config.open()?;
            let tree = |name: &str| db.open_tree(name);
            let (forms, deliveries, photos) = (tree(FORMS)?, tree(DELIVERIES)?, tree(PHOTOS)?);
            let trees = [forms, deliveries, photos, tree(DRAFTS)?, tree(MEMORY)?];
            Ok((db, trees))
        })?;
        let log = File::options().write(true).open(path.join("db"))?;
        let records = Self { db, forms, deliveries, photos, drafts, memory, log };
        if is_new {
            records.commit()?;
            for name in ["db", "conf"] {
                durable::sync_file(&path.join(name))?;
            }
            durable::sync_directory(path)?;
            path.parent().map(durable::sync_directory).transpose()?;
        }
        Ok(records)
    }

    /// Every form with its delivery, each checked against its digest.
    pub(super) fn read_all(&self) -> Result<Vec<Record>, RecordsFault> {
        guarded(|| self.forms.iter().collect::<Result<Vec<_>, _>>())?
            .into_iter()
            .map(|(key, value)| {
                let damaged = |what: &str| RecordsFault::Damaged(what.to_owned());
                let sealed = SealedForm::from_bytes(value.to_vec());
                let sealed = sealed.map_err(|fault| damaged(&fault.to_string()))?;
                if sealed.digest().0 != *key {
                    return Err(damaged("a form does not have the digest of its key"));
                }
                let delivery = self.delivery(sealed.digest())?;
                Ok(Record { sealed, delivery })
            })
            .collect()
    }

    /// The sealed form of a digest.
    pub(super) fn form(&self, digest: Digest) -> Result<Option<SealedForm>, RecordsFault> {
        let value = guarded(|| self.forms.get(digest.0))?;
        let sealed = value.map(|value| SealedForm::from_bytes(value.to_vec())).transpose();
        let sealed = sealed.map_err(|fault| RecordsFault::Damaged(fault.to_string()))?;
        Ok(sealed.filter(|sealed| sealed.digest() == digest))
    }

    /// Writes a form and its delivery. Not durable before [`Records::commit`].
    pub(super) fn put_form(
        &self,
        sealed: &SealedForm,
        delivery: &Delivery,
    ) -> Result<(), RecordsFault> {
        let record = within_bound(sealed.bytes().to_vec());
        guarded(|| self.forms.insert(sealed.digest().0, record))?;
        self.put_delivery(sealed.digest(), delivery)
    }

    /// Writes a delivery. Not durable before [`Records::commit`].
    pub(super) fn put_delivery(
        &self,
        digest: Digest,
        delivery: &Delivery,
    ) -> Result<(), RecordsFault> {
        let record = within_bound(encode(delivery));
        guarded(|| self.deliveries.insert(digest.0, record))?;
        Ok(())
    }

    /// Removes a form and its delivery. Not durable before [`Records::commit`].
    pub(super) fn remove_form(&self, digest: Digest) -> Result<(), RecordsFault> {
        guarded(|| self.forms.remove(digest.0))?;
        guarded(|| self.deliveries.remove(digest.0))?;
        Ok(())
    }

    /// How far photos have come, as far as it is known: one that does not decode is
    /// offered again, and the collector knows.
    pub(super) fn transfers(&self) -> Result<Vec<(Digest, Transfer)>, RecordsFault> {
        let read = guarded(|| self.photos.iter().collect::<Result<Vec<_>, _>>())?;
        let transfers = read.into_iter().filter_map(|(key, value)| {
            let photo = Digest(key.as_ref().try_into().ok()?);
            Some((photo, decode(&value).ok()?))
        });
        Ok(transfers.collect())
    }

    /// Whether it is known of a photo how far it has come, so that a form has named it.
    pub(super) fn has_transfer(&self, photo: Digest) -> Result<bool, RecordsFault> {
        guarded(|| self.photos.contains_key(photo.0))
    }

    /// Writes how far a photo has come. Not durable before [`Records::commit`].
    pub(super) fn put_transfer(
        &self,
        photo: Digest,
        transfer: &Transfer,
    ) -> Result<(), RecordsFault> {
        let record = within_bound(encode(transfer));
        guarded(|| self.photos.insert(photo.0, record))?;
        Ok(())
    }

    /// The records of drafts whose keys begin so.
    pub(super) fn draft_rows(&self, prefix: &[u8]) -> Result<Vec<Row>, RecordsFault> {
        let read = guarded(|| self.drafts.scan_prefix(prefix).collect::<Result<Vec<_>, _>>())?;
        Ok(read.into_iter().map(|(key, value)| (key.to_vec(), value.to_vec())).collect())
    }

    /// Writes a record of a draft, or removes it. Not durable before [`Records::commit`].
    pub(super) fn put_draft_row(
        &self,
        (key, value): (Vec<u8>, Option<Vec<u8>>),
    ) -> Result<(), RecordsFault> {
        guarded(|| match value {
            Some(value) => self.drafts.insert(key, within_bound(value)),
            None => self.drafts.remove(key),
        })?;
        Ok(())
    }

    /// What is remembered under a key.
    pub(super) fn memory(&self, key: &[u8]) -> Result<Option<Vec<u8>>, RecordsFault> {
        Ok(guarded(|| self.memory.get(key))?.map(|value| value.to_vec()))
    }

    /// Remembers something. Not durable before [`Records::commit`].
    pub(super) fn put_memory(&self, key: Vec<u8>, record: Vec<u8>) -> Result<(), RecordsFault> {
        let record = within_bound(record);
        guarded(|| self.memory.insert(key, record))?;
        Ok(())
    }

    /// The last time that a collector told, milliseconds since 1970, UTC.
    pub(super) fn learnt_ms(&self) -> Result<Option<u64>, RecordsFault> {
        let value = guarded(|| self.memory.get(LEARNT))?;
        Ok(value.and_then(|value| decode(&value).ok()))
    }

    /// Keeps the time that a collector told, with the next commit.
    pub(super) fn put_learnt_ms(&self, now_ms: u64) -> Result<(), RecordsFault> {
        let record = within_bound(encode(&now_ms));
        guarded(|| self.memory.insert(LEARNT, record))?;
        Ok(())
    }

    /// Makes everything written so far survive a power cut. After a fault nobody
    /// knows what is on the disk: nothing more may be said *stored* before the
    /// records have been opened anew.
    pub(super) fn commit(&self) -> Result<(), RecordsFault> {
        guarded(|| self.db.flush())?;
        // The commit point: what was written before this line is stored.
        Ok(durable::sync_content(&self.log)?)
    }

    /// A delivery that does not decode counts as none: the form is due again.
    fn delivery(&self, digest: Digest) -> Result<Option<Delivery>, RecordsFault> {
        let value = guarded(|| self.deliveries.get(digest.0))?;
        Ok(value.and_then(|value| decode(&value).ok()))
    }
}

fn within_bound(record: Vec<u8>) -> Vec<u8> {
    assert!(record.len() <= MAX_RECORD, "a record of {} bytes", record.len());
    record
}

/// Runs a piece of sled's work; a panic in it is a damaged store.
fn guarded<T>(work: impl FnOnce() -> sled::Result<T>) -> Result<T, RecordsFault> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => Ok(result?),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
            Err(RecordsFault::Damaged(text.unwrap_or("a panic without a text").to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "a record of 4097 bytes")]
    fn a_record_over_its_bound_is_never_written() {
        within_bound(vec![0; MAX_RECORD + 1]);
    }

    #[test]
    fn the_largest_form_and_delivery_are_within_the_bound() {
        const { assert!(saksi_proto::seal::MAX_SEALED_FORM <= MAX_RECORD) };
        assert_eq!(within_bound(vec![0; MAX_RECORD]).len(), MAX_RECORD);
    }

    #[test]
    fn a_panic_is_a_damaged_store() {
        let fault = guarded::<()>(|| panic!("torn page {}", 7)).unwrap_err();
        assert_eq!(fault.to_string(), "the records are damaged: torn page 7");
    }
}
