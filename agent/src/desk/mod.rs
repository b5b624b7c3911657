//! The desk: what a person can ask of the device, each thing done in one place.
//!
//! The CLI asks it directly when nothing else runs, and through the door when the
//! daemon does. So there is one code path for each command.

mod across;
mod again;
mod answer;
mod checkup;
mod cosigned;
mod doctor;
mod drafted;
mod drafts;
mod looking;
mod notices;
mod photos;
mod receipt;
mod request;
mod retention;
mod show;
mod status;
mod submit;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use saksi_proto::ids::ContestCode;
use saksi_proto::seal::SealedForm;
use saksi_proto::text::{self, Language};
use tokio::sync::Notify;

pub use again::TypedTwice;
pub use answer::{Answer, Exported, PageAddress, Resent, ShownReceipt, Trouble, TroubleKind};
pub use checkup::{
    CertificateFound, Check, Checkup, ClockFound, ClockSource, DiskFound, FormsFound,
    IdentityFound, LogFound, PhotosFound, ReceiptsFound, StoreFound,
};
pub use cosigned::CosignedShown;
pub(crate) use drafted::Added;
use looking::Looking;
pub use notices::{LineNamed, NoticeKind, NoticeShown};
pub use photos::{PhotoShown, PhotoState};
pub use request::{Envelope, Request};
pub use retention::{Disposable, Retained, Retention};
pub use show::{FieldShown, FormShown, RevisionShown};
pub use status::{ContestStatus, DeliveryShown, FailureShown, RefusalShown, StateName, Status};
pub use submit::{Submission, SubmitFault, Submitted};

use crate::carrying::satchel::Satchel;
use crate::clock::Clock;
use crate::directory::Directory;
use crate::durable;
use crate::export;
use crate::identity::Identity;
use crate::labels::Labels;
use crate::page;
use crate::store::{Store, StoreFault};

/// The one owner of the store, and of who the device is.
pub struct Desk {
    directory: Directory,
    identity: Identity,
    clock: Arc<Clock>,
    /// Locked for one step at a time, never while waiting for the network.
    store: Mutex<Store>,
    /// Locked for one step at a time, never with the store.
    satchel: Mutex<Satchel>,
    /// Rung when there is something new to send.
    bell: Notify,
    /// Somebody wants to know at once what the centre has to say.
    looking: Looking,
    /// Where the station's page is, once the daemon serves it.
    page: OnceLock<String>,
}

impl Desk {
    /// Opens the store and sets the clock's floor.
    ///
    /// # Errors
    /// [`StoreFault`], [`StoreFault::InUse`] while another process has it.
    pub fn open(directory: Directory, identity: Identity) -> Result<Self, StoreFault> {
        let store = Store::open(&directory, &identity)?;
        let learnt_ms = store.learnt_ms()?.unwrap_or(0).min(identity.certified_until_ms());
        let satchel = Satchel::open(&directory, identity.log_key().clone())?;
        let clock = Arc::new(Clock::with_floor(identity.issued_ms(), learnt_ms));
        Ok(Self {
            directory,
            identity,
            clock,
            store: Mutex::new(store),
            satchel: Mutex::new(satchel),
            bell: Notify::new(),
            looking: Looking::default(),
            page: OnceLock::new(),
        })
    }

    /// Who the device is.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Where everything lies.
    #[must_use]
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// The device's time.
    #[must_use]
    pub fn clock(&self) -> &Arc<Clock> {
        &self.clock
    }

    /// A collector told the time: now is not before it. A time after the end of the
    /// device's certificate is not learnt: a floor never falls again, and above that end
    /// no handshake would succeed any more.
    pub(crate) fn learn(&self, now_ms: u64) -> Result<(), StoreFault> {
        let until_ms = self.identity.certified_until_ms();
        if now_ms > until_ms {
            tracing::warn!(now_ms, until_ms, "a collector's clock is after the certificate's end");
            return Ok(());
        }
        self.clock.learn(now_ms);
        self.store().learn(now_ms)
    }

    /// The store, for one step. A panic while it was held leaves nothing half done
    /// that the next opening would not put right.
    pub(crate) fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is carried for other stations, for one step.
    pub(crate) fn satchel(&self) -> MutexGuard<'_, Satchel> {
        // Its files are the truth, and each is whole or not there.
        self.satchel.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Rung when there is something new to send.
    pub(crate) fn bell(&self) -> &Notify {
        &self.bell
    }

    /// The centre is asked at once what it has to say, whatever rest was planned.
    pub(crate) fn look_now(&self) {
        self.looking.want();
        self.bell.notify_one();
    }

    /// How that goes.
    pub(crate) fn looking(&self) -> &Looking {
        &self.looking
    }

    /// The station's page is served at this address, which lets in whoever has it.
    pub(crate) fn has_page(&self, address: String) {
        // It is served once in the life of a process.
        self.page.set(address).ok();
    }

    /// Does what was asked and says how it went.
    #[must_use]
    pub fn execute(&self, envelope: Envelope) -> Answer {
        let language = envelope.language();
        let labels = Labels::new(&self.identity, language);
        let done = match envelope.request {
            Request::Submit(submission) => {
                let submitted = self.submit(submission, self.clock.now_ms(), language);
                submitted.map(Answer::Submitted).map_err(|fault| fault.trouble(labels))
            }
            Request::Status => Ok(Answer::Status(self.status(language))),
            Request::Show { what } => self.show(what.as_deref(), labels).map(Answer::Forms),
            Request::Resend { contest } => {
                let contest = contest.map(|code| self.known_contest(&code, language)).transpose();
                contest.and_then(|contest| {
                    let forms = self.resend(contest);
                    let forms = forms.map_err(|fault| Trouble::of_store(&fault, language))?;
                    Ok(Answer::Resent(Resent { forms }))
                })
            }
            Request::Receipt { form } => {
                self.receipt(form.as_deref(), language).map(Answer::Receipt)
            }
            Request::Doctor => {
                let checkup = self.doctor(language);
                let checkup = checkup.map_err(|fault| Trouble::of_store(&fault, language));
                checkup.map(|checkup| Answer::Checkup(Box::new(checkup)))
            }
            Request::Retention(asked) => self.retention(&asked, language).map(Answer::Retained),
            Request::Page => self.page(language).map(Answer::Page),
            Request::Export { out } => self.export(&out, language).map(Answer::Exported),
            Request::ExportReceipts { out } => {
                self.export_receipts(&out, language).map(Answer::ReceiptsExported)
            }
            Request::Import { file } => self.import(&file, &file, language).map(Answer::Imported),
        };
        done.unwrap_or_else(Answer::Trouble)
    }

    /// Puts forms that were answered back on the work list, and their photos; of one
    /// contest or all. The same receipt comes back. Returns how many forms.
    ///
    /// # Errors
    /// [`StoreFault`]; nothing is sent again then.
    pub fn resend(&self, contest: Option<ContestCode>) -> Result<usize, StoreFault> {
        let mut store = self.store();
        store.offer_photos_again(contest)?;
        let wanted = store.ledger().all().into_iter();
        let wanted = wanted.filter(|known| contest.is_none_or(|wanted| wanted == known.contest));
        let changes: Vec<_> = wanted
            .filter(|known| !known.delivery.is_due())
            .map(|known| (known.digest, known.delivery.clone().once_more()))
            .collect();
        let forms = changes.len();
        if forms > 0 {
            store.change(changes)?;
        }
        self.bell.notify_one();
        Ok(forms)
    }

    fn known_contest(&self, code: &str, language: Language) -> Result<ContestCode, Trouble> {
        let held = &self.identity.election().contests;
        let found = held.iter().find(|contest| contest.code.as_str() == code);
        let held = || held.iter().map(|one| one.code.as_str()).collect::<Vec<_>>().join(", ");
        found.map(|contest| contest.code).ok_or_else(|| {
            Trouble::new(
                TroubleKind::Unknown,
                text::TROUBLE_NO_CONTEST,
                language,
                &[&code, &held()],
            )
        })
    }

    fn page(&self, language: Language) -> Result<PageAddress, Trouble> {
        let address = self.page.get().cloned().map(|address| PageAddress { address });
        let kind = TroubleKind::Unknown;
        address.ok_or_else(|| Trouble::new(kind, page::text::NOT_SERVED, language, &[]))
    }

    /// Every sealed form, to be carried by hand.
    ///
    /// # Errors
    /// [`StoreFault`] if one cannot be read.
    pub(crate) fn all_sealed(&self) -> Result<Vec<SealedForm>, StoreFault> {
        let store = self.store();
        let digests: Vec<_> = store.ledger().all().iter().map(|known| known.digest).collect();
        digests.into_iter().map(|digest| store.sealed(digest)).collect()
    }

    fn export(&self, out: &Path, language: Language) -> Result<Exported, Trouble> {
        let forms = self.to_be_carried().map_err(|fault| Trouble::of_store(&fault, language))?;
        let (forms, file) = (forms.len(), export::write(&forms));
        let path = out.display();
        let trouble = |fault: &dyn std::fmt::Display| {
            Trouble::new(TroubleKind::File, text::TROUBLE_FILE, language, &[&path, fault])
        };
        let file = file.map_err(|fault| trouble(&fault))?;
        durable::write_file(out, &file).map_err(|fault| trouble(&fault))?;
        Ok(Exported { file: PathBuf::from(out), forms, bytes: file.len() })
    }
}
