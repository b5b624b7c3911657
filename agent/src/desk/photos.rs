//! Photos of the paper: taken in with their form, and how far each has come.

use std::path::{Path, PathBuf};

use saksi_proto::digest::Digest;
use saksi_proto::form::{FormFault, MAX_PHOTOS};
use saksi_proto::ids::ContestCode;
use saksi_proto::seal::SealFault;
use saksi_proto::text::Language;
use serde::{Deserialize, Serialize};

use super::{Desk, FailureShown, RefusalShown, SubmitFault};
use crate::photos::{Photo, Transfer, TransferState};
use crate::store::photos::{self, Measured};
use crate::store::{Store, StoreFault};

/// How far a photo has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhotoShown {
    /// Its SHA-256.
    pub photo: Digest,
    /// The contest of the form that names it.
    pub contest: ContestCode,
    /// Its size in bytes; 0 if its file is gone.
    pub size: u64,
    /// Bytes of it that are safe at the collector.
    pub sent: u64,
    /// Where it stands.
    pub state: PhotoState,
    /// Why it was refused.
    pub refusal: Option<RefusalShown>,
    /// Why the last attempt brought it no further.
    pub last_failure: Option<FailureShown>,
}

/// Where a photo stands, as an operator knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PhotoState {
    /// On the device, to be sent once a form that names it has its receipt.
    Waiting,
    /// All of it is at the collector.
    Arrived,
    /// The collector does not take it.
    Refused,
    /// Its file on the device is damaged or gone.
    Damaged,
}

impl PhotoShown {
    pub(super) fn new(photo: &Photo, store: &Store, language: Language) -> Self {
        let Transfer { state, sent, last_failure } = &photo.transfer;
        let size = store.photo_size(photo.digest).unwrap_or(0);
        let (name, refusal) = match state {
            TransferState::Waiting => (PhotoState::Waiting, None),
            TransferState::Arrived { .. } => (PhotoState::Arrived, None),
            TransferState::Damaged { .. } => (PhotoState::Damaged, None),
            TransferState::Refused { refusal, .. } => (PhotoState::Refused, Some(refusal)),
        };
        let refusal = refusal.map(|refusal| RefusalShown {
            code: refusal.code().to_owned(),
            sentence: refusal.phrase().in_language(language).to_owned(),
            detail: String::new(),
        });
        Self {
            photo: photo.digest,
            contest: photo.contest,
            size,
            sent: if name == PhotoState::Arrived { size } else { u64::from(*sent) },
            state: name,
            refusal,
            last_failure: last_failure.as_ref().map(|last| FailureShown::new(last, language)),
        }
    }
}

impl Desk {
    /// The photos of a form, in the order of its pages.
    pub(crate) fn photos_of(&self, form: Digest, language: Language) -> Vec<PhotoShown> {
        let store = self.store();
        let named = store.ledger().form(form).map_or(&[][..], |known| &known.photos);
        let photos = named.iter().filter_map(|photo| store.ledger().photos().photo(*photo));
        photos.map(|photo| PhotoShown::new(photo, &store, language)).collect()
    }

    /// Keeps photos, durably, before the form that names them is sealed.
    pub(super) fn keep_photos(&self, paths: &[PathBuf]) -> Result<Vec<Digest>, SubmitFault> {
        if paths.len() > MAX_PHOTOS {
            return Err(SealFault::Form(FormFault::Photos(paths.len())).into());
        }
        let measured = paths.iter().map(|path| measure(path)).collect::<Result<Vec<_>, _>>()?;
        let digests: Vec<_> = measured.iter().map(|photo| photo.digest).collect();
        let store = self.store();
        let mut photos = paths.iter().zip(measured);
        if let Err(fault) = photos.try_for_each(|(path, photo)| store.put_photo(path, photo)) {
            store.forget_photos(&digests);
            return Err(fault.into());
        }
        Ok(digests)
    }
}

impl Store {
    /// Has photos that are settled offered once more, of one contest or all: a collector
    /// that has them says so.
    pub(super) fn offer_photos_again(
        &mut self,
        contest: Option<ContestCode>,
    ) -> Result<(), StoreFault> {
        let photos = self.ledger().photos().all().into_iter();
        let of_contest = photos.filter(|photo| contest.is_none_or(|of| of == photo.contest));
        let is_settled = |photo: &&Photo| {
            let state = photo.transfer.state;
            matches!(state, TransferState::Arrived { .. } | TransferState::Refused { .. })
        };
        let settled: Vec<_> = of_contest.filter(is_settled).map(|photo| photo.digest).collect();
        settled.into_iter().try_for_each(|photo| self.change_photo(photo, Transfer::default()))
    }
}

/// Whether all these files are photos of this list.
pub(super) fn are_among(paths: &[PathBuf], photos: &[Digest]) -> Result<bool, SubmitFault> {
    for path in paths {
        if !photos.contains(&measure(path)?.digest) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn measure(path: &Path) -> Result<Measured, SubmitFault> {
    let measured = photos::measure(path);
    let measured = measured.map_err(|fault| SubmitFault::Photo { path: path.to_owned(), fault })?;
    measured.ok_or_else(|| SubmitFault::PhotoTooLarge(path.to_owned()))
}
