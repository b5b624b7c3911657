//! The doctor: looks at everything again, puts right what can be, and says so.

use std::os::unix::fs::PermissionsExt as _;

use saksi_proto::digest::Digest;
use saksi_proto::text::Language;

use super::Desk;
use super::checkup::{
    CertificateFound, Check, Checkup, ClockFound, ClockSource, DiskFound, FormsFound,
    IdentityFound, LogFound, PhotosFound, ReceiptsFound, StoreFound, health,
};
use crate::clock::Clock;
use crate::evidence;
use crate::forward::accusation::is_of_the_log;
use crate::forward::outbox::Keep as _;
use crate::identity::Identity;
use crate::ledger::Known;
use crate::store::{FormFile, ReceiptFile, StoreFault};

impl Desk {
    /// Looks at everything again. A form file that is damaged or gone is written
    /// again from its record; nothing else is changed.
    ///
    /// # Errors
    /// [`StoreFault`] if the directory itself cannot be read.
    pub fn doctor(&self, language: Language) -> Result<Checkup, StoreFault> {
        let digests: Vec<Digest> =
            self.store().ledger().all().iter().map(|known| known.digest).collect();
        let forms = self.forms_found(&digests)?;
        let now_ms = self.clock().now_ms();
        let mut checkup = Checkup {
            now_ms,
            identity: self.identity_found()?,
            certificate: CertificateFound::at(self.identity().certified_until_ms(), now_ms),
            clock: self.clock_found()?,
            disk: self.disk_found()?,
            store: self.store_found()?,
            forms,
            receipts: self.receipts_found(&digests),
            log: self.log_found()?,
            photos: self.photos_found(&digests),
            checks: Vec::new(),
        };
        checkup.checks = checkup.judged(language);
        Ok(checkup)
    }

    /// How the clock, the disk and the certificate are. Quick: no form is read.
    ///
    /// # Errors
    /// [`StoreFault`] if the disk cannot be asked.
    pub(crate) fn health(&self, language: Language) -> Result<Vec<Check>, StoreFault> {
        let (clock, disk) = (self.clock_found()?, self.disk_found()?);
        let (until_ms, now_ms) = (self.identity().certified_until_ms(), self.clock().now_ms());
        Ok(health((&clock, &disk), CertificateFound::at(until_ms, now_ms), language))
    }

    fn identity_found(&self) -> Result<IdentityFound, StoreFault> {
        let fault = Identity::open(self.directory()).err().map(|fault| fault.to_string());
        let mode = self.directory().path().metadata()?.permissions().mode() & 0o777;
        let station = self.identity().election().station.code;
        Ok(IdentityFound { station, fault, directory_mode: mode })
    }

    fn clock_found(&self) -> Result<ClockFound, StoreFault> {
        let (system_ms, floor_ms) = (Clock::system_ms(), self.clock().floor_ms());
        let learnt_ms = self.store().learnt_ms()?.unwrap_or(0);
        let source = if system_ms >= floor_ms {
            ClockSource::Device
        } else if learnt_ms > self.identity().issued_ms() {
            ClockSource::Collector
        } else {
            ClockSource::Bundle
        };
        let behind_ms = floor_ms.saturating_sub(system_ms);
        Ok(ClockFound { system_ms, floor_ms, behind_ms, source })
    }

    fn disk_found(&self) -> Result<DiskFound, StoreFault> {
        let room = self.store().room()?;
        let (free_bytes, has_reserve) = (room.free, room.has_reserve);
        Ok(DiskFound { free_bytes, has_reserve, for_a_form: room.for_a_form })
    }

    fn store_found(&self) -> Result<StoreFound, StoreFault> {
        let store = self.store();
        Ok(StoreFound {
            is_whole: store.is_whole(),
            forms: store.ledger().len(),
            waiting: store.ledger().waiting(),
            set_aside: self.directory().aside()?,
            taken_in: store.repairs().forms_taken_in,
        })
    }

    fn forms_found(&self, digests: &[Digest]) -> Result<FormsFound, StoreFault> {
        let mut found = FormsFound { checked: digests.len(), ..FormsFound::default() };
        for digest in digests {
            // One at a time: the forwarder goes on in between.
            match self.store().examine_form(*digest, self.identity()) {
                FormFile::Whole => {}
                FormFile::Restored => found.restored.push(*digest),
                FormFile::Damaged => found.damaged.push(*digest),
            }
        }
        found.set_aside = self.store().damaged_forms()?;
        Ok(found)
    }

    fn receipts_found(&self, digests: &[Digest]) -> ReceiptsFound {
        let mut found = ReceiptsFound::default();
        for digest in digests {
            match self.store().examine_receipt(*digest, self.identity()) {
                ReceiptFile::NotYet => {}
                ReceiptFile::Proven => found.proven += 1,
                ReceiptFile::Unproven => found.unproven.push(*digest),
            }
        }
        found
    }

    fn log_found(&self) -> Result<LogFound, StoreFault> {
        let store = self.store();
        let last = |known: &Known| known.delivery.last_failure.as_ref().map(|last| last.reason);
        let refused = store.ledger().due().filter_map(last).filter(|last| is_of_the_log(*last));
        Ok(LogFound {
            seen: store.seen()?.map_or(0, |seen| seen.entries()),
            refused: refused.count(),
            contradictions: evidence::kept(self.directory())?,
        })
    }

    /// Photos that the forms name, each once.
    fn photos_found(&self, digests: &[Digest]) -> PhotosFound {
        let opened = digests.iter().filter_map(|digest| {
            let sealed = self.store().sealed(*digest).ok()?;
            sealed.open().ok()
        });
        let mut named: Vec<Digest> = opened.flat_map(|form| form.photos).collect();
        named.sort_unstable();
        named.dedup();
        let missing = named.iter().filter(|photo| !self.store().has_photo(**photo));
        let missing: Vec<Digest> = missing.copied().collect();
        PhotosFound { named: named.len(), missing }
    }
}

#[cfg(test)]
mod tests;
