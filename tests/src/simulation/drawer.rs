//! A device's store on a simulated disk. It keeps to the order of the real one: the
//! form's file, its record, the commit, and only then the ledger; and it is put right
//! at opening by the same rules (`agent/src/store/`).

use std::collections::BTreeMap;
use std::io;

use saksi_agent::delivery::Delivery;
use saksi_agent::forward::outbox::Keep;
use saksi_agent::ledger::Ledger;
use saksi_agent::seen::Seen;
use saksi_agent::store::StoreFault;
use saksi_proto::VerifyingKey;
use saksi_proto::checkpoint::LogKey;
use saksi_proto::codec::{decode, encode};
use saksi_proto::digest::Digest;
use saksi_proto::form::TallyForm;
use saksi_proto::receipt::Receipt;
use saksi_proto::seal::SealedForm;

use super::disk::{Disk, DiskFault, Machine};

/// A file of its own, written whole.
#[derive(Debug)]
enum Sheet {
    Form(SealedForm),
    Receipt(Digest, String),
    Checkpoint(String),
}

/// A record of the one file that all records are in.
#[derive(Debug)]
enum Record {
    Form(SealedForm),
    Delivery(Digest, Vec<u8>),
}

/// What lies in a device, open or not.
pub struct Drawer {
    /// The machine it is in.
    pub machine: Machine,
    files: Disk<Sheet>,
    records: Disk<Record>,
    /// Changed only after the commit point.
    ledger: Ledger,
    broken: bool,
    key: VerifyingKey,
    log_key: LogKey,
}

impl Drawer {
    /// An empty one, of the device of a key.
    #[must_use]
    pub fn new(key: VerifyingKey, log_key: LogKey) -> Self {
        Self {
            machine: Machine::default(),
            files: Disk::many_files(),
            records: Disk::one_file(),
            ledger: Ledger::default(),
            broken: false,
            key,
            log_key,
        }
    }

    /// Stores a new form. When this returns, the form survives a power cut.
    ///
    /// # Errors
    /// [`StoreFault`]; the form is not stored then.
    pub fn put(
        &mut self,
        sealed: &SealedForm,
        form: &TallyForm,
        now_ms: u64,
    ) -> Result<(), StoreFault> {
        self.check_whole()?;
        let delivery = Delivery::stored(now_ms);
        let filed = self.write_file(Sheet::Form(sealed.clone()));
        self.broken = filed.is_err();
        filed?;
        let recorded = self.record(sealed, &delivery).and_then(|()| self.commit());
        if let Err(fault) = recorded {
            self.broken = true;
            self.remove_file(sealed.digest());
            return Err(fault);
        }
        self.ledger.add(sealed.digest(), form, delivery);
        Ok(())
    }

    /// Reads everything anew and puts right what a crash has left.
    ///
    /// # Errors
    /// [`StoreFault`] if the disk fails meanwhile.
    pub fn open(&mut self) -> Result<(), StoreFault> {
        let (mut forms, mut deliveries) = (BTreeMap::new(), BTreeMap::new());
        for record in self.records.visible() {
            match record {
                Record::Form(sealed) => drop(forms.insert(sealed.digest(), sealed.clone())),
                Record::Delivery(form, bytes) => {
                    drop(decode::<Delivery>(bytes).map(|known| deliveries.insert(*form, known)));
                }
            }
        }
        let filed: BTreeMap<_, _> =
            self.filed().map(|form| (form.digest(), form.clone())).collect();
        for (digest, sealed) in &forms {
            if !filed.contains_key(digest) {
                self.write_file(Sheet::Form(sealed.clone()))?;
            }
        }
        forms.extend(filed.into_iter().filter(|(_, sealed)| sealed.is_signed_by(&self.key)));
        let mut ledger = Ledger::default();
        for (digest, sealed) in forms {
            let Ok(form) = sealed.open() else { continue };
            let known = deliveries.remove(&digest);
            let may_be_answered = known.as_ref().is_none_or(Delivery::is_unanswered);
            let proven = self.receipt(digest).filter(|_| may_be_answered);
            let proven = proven.filter(|receipt| receipt.verify(&sealed, &self.log_key).is_ok());
            let proven = proven.filter(|receipt| {
                self.write_file(Sheet::Receipt(digest, receipt.to_tlog_proof(digest))).is_ok()
            });
            let delivery = Delivery::reopened(known.clone(), form.device_ms, proven.as_ref());
            if known.as_ref() != Some(&delivery) {
                self.record(&sealed, &delivery)?;
            }
            ledger.add(digest, &form, delivery);
        }
        self.commit()?;
        (self.ledger, self.broken) = (ledger, false);
        Ok(())
    }

    /// The power went: what is not durable is lost but for `keep` records. Returns how
    /// many are lost.
    pub fn lose(&mut self, keep: u8) -> usize {
        self.files.lose(keep) + self.records.lose(keep)
    }

    /// The receipt of a form.
    #[must_use]
    pub fn receipt(&self, form: Digest) -> Option<Receipt> {
        let receipts = self.files.visible().filter_map(|sheet| match sheet {
            Sheet::Receipt(of, text) if *of == form => Receipt::from_tlog_proof(text).ok(),
            Sheet::Receipt(..) | Sheet::Form(_) | Sheet::Checkpoint(_) => None,
        });
        receipts.last().map(|(_, receipt)| receipt)
    }

    /// Whether a form is there for certain, whatever happens now.
    #[must_use]
    pub fn is_certain(&self, form: Digest) -> bool {
        let filed = |sheet: &Sheet| matches!(sheet, Sheet::Form(of) if of.digest() == form);
        let recorded = |record: &Record| matches!(record, Record::Form(of) if of.digest() == form);
        self.files.certain().any(filed) || self.records.certain().any(recorded)
    }

    fn filed(&self) -> impl Iterator<Item = &SealedForm> {
        self.files.visible().filter_map(|sheet| match sheet {
            Sheet::Form(sealed) => Some(sealed),
            Sheet::Receipt(..) | Sheet::Checkpoint(_) => None,
        })
    }

    fn record(&mut self, sealed: &SealedForm, delivery: &Delivery) -> Result<(), StoreFault> {
        self.write_record(Record::Form(sealed.clone()))?;
        self.write_record(Record::Delivery(sealed.digest(), encode(delivery)))
    }

    fn write_record(&mut self, record: Record) -> Result<(), StoreFault> {
        self.records.write(&mut self.machine, record).map_err(|fault| store_fault(&fault))
    }

    fn commit(&mut self) -> Result<(), StoreFault> {
        self.records.sync(&mut self.machine).map_err(|fault| store_fault(&fault))
    }

    fn write_file(&mut self, sheet: Sheet) -> Result<(), StoreFault> {
        let written = self.files.write(&mut self.machine, sheet);
        let durable = written.and_then(|()| self.files.sync(&mut self.machine));
        durable.map_err(|fault| store_fault(&fault))
    }

    /// As far as the disk lets it; a form whose file stays is taken in at the next opening.
    fn remove_file(&mut self, form: Digest) {
        let is_it = |sheet: &Sheet| matches!(sheet, Sheet::Form(of) if of.digest() == form);
        self.files.remove(&mut self.machine, is_it).ok();
    }

    fn check_whole(&self) -> Result<(), StoreFault> {
        if self.broken { Err(StoreFault::Broken) } else { Ok(()) }
    }
}

impl Keep for Drawer {
    fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    fn sealed(&self, form: Digest) -> Result<SealedForm, StoreFault> {
        let found = self.filed().find(|sealed| sealed.digest() == form);
        found.cloned().ok_or(StoreFault::Unknown(form))
    }

    fn seen(&self) -> Result<Option<Seen>, StoreFault> {
        let notes = self.files.visible().filter_map(|sheet| match sheet {
            Sheet::Checkpoint(note) => Some(note),
            Sheet::Form(_) | Sheet::Receipt(..) => None,
        });
        Ok(notes.last().and_then(|note| Seen::of(note, &self.log_key).ok()))
    }

    fn remember(&mut self, before: Option<&Seen>, newest: &Seen) -> Result<bool, StoreFault> {
        if self.seen()?.as_ref() != before {
            return Ok(false);
        }
        self.write_file(Sheet::Checkpoint(newest.note.clone()))?;
        Ok(true)
    }

    /// There is never any: its absence is an oracle.
    fn keep_evidence(&mut self, one: &Seen, other: &Seen) -> Result<(), StoreFault> {
        panic!("a log that parts: {} and {} entries", one.entries(), other.entries());
    }

    fn receipt(&self, form: Digest) -> Result<Option<Receipt>, StoreFault> {
        let of_it = self.files.visible().filter_map(|sheet| match sheet {
            Sheet::Receipt(of, text) if *of == form => Receipt::from_tlog_proof(text).ok(),
            _ => None,
        });
        Ok(of_it.last().map(|(_, receipt)| receipt))
    }

    fn put_receipt(&mut self, form: Digest, receipt: &Receipt) -> Result<(), StoreFault> {
        self.write_file(Sheet::Receipt(form, receipt.to_tlog_proof(form)))
    }

    fn change(&mut self, changes: Vec<(Digest, Delivery)>) -> Result<(), StoreFault> {
        self.check_whole()?;
        let mut records = changes.iter().map(|(form, delivery)| (*form, encode(delivery)));
        let written = records
            .try_for_each(|(form, delivery)| self.write_record(Record::Delivery(form, delivery)));
        if let Err(fault) = written.and_then(|()| self.commit()) {
            self.broken = true;
            return Err(fault);
        }
        for (form, delivery) in changes {
            self.ledger.change(form, delivery);
        }
        Ok(())
    }
}

fn store_fault(fault: &DiskFault) -> StoreFault {
    StoreFault::File(io::Error::other(fault.to_string()))
}
