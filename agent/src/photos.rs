//! The photos that the device's forms name, and how far each has come. Pure: `now_ms`
//! is given.
//!
//! ```text
//! Waiting ──► Arrived      the collector has all of it, and its hash is right
//!    ├──────► Refused      too large, or too many
//!    └──────► Damaged      the file is not what its name says, or gone
//! ```
//!
//! A photo goes when a form that names it has its receipt, and not before.

use std::collections::{BTreeMap, HashMap};

use saksi_proto::digest::Digest;
use saksi_proto::ids::ContestCode;
use saksi_proto::photo::PhotoRefusal;
use serde::{Deserialize, Serialize};

use crate::delivery::Failure;
use crate::ledger::Place;

/// How far a photo has come. Times are milliseconds since 1970, UTC.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// Where it stands.
    pub state: TransferState,
    /// Bytes that survive a power cut at the collector, as it said last.
    pub sent: u32,
    /// The last attempt that brought it no further.
    pub last_failure: Option<Failure>,
}

/// Where a photo stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TransferState {
    /// On the device; to be sent.
    #[default]
    Waiting,
    /// The collector has it.
    Arrived {
        /// Since when.
        at_ms: u64,
    },
    /// The collector does not take it.
    Refused {
        /// Since when.
        at_ms: u64,
        /// Why.
        refusal: PhotoRefusal,
    },
    /// Its file is not what its name says, or gone.
    Damaged {
        /// When that was found.
        at_ms: u64,
    },
}

/// A photo that a form names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Photo {
    /// Its SHA-256.
    pub digest: Digest,
    /// The contest of the first form that names it.
    pub contest: ContestCode,
    /// How far it has come.
    pub transfer: Transfer,
    place: PhotoPlace,
}

/// By the forms' order, then by the pages'.
type PhotoPlace = (Place, usize);

/// All photos that forms name.
#[derive(Debug, Default)]
pub struct Photos {
    photos: HashMap<Digest, Photo>,
    /// Photos to be sent, each with the form that has brought its receipt.
    due: BTreeMap<PhotoPlace, (Digest, Digest)>,
}

impl Transfer {
    /// Whether it is to be sent.
    #[must_use]
    pub fn is_due(&self) -> bool {
        matches!(self.state, TransferState::Waiting)
    }
}

impl Photos {
    /// A form that was stored names them. One that was damaged is there again: its file
    /// was written before its form.
    pub(crate) fn named(&mut self, place: Place, contest: ContestCode, photos: &[Digest]) {
        for (page, digest) in photos.iter().copied().enumerate() {
            let place = (place, page);
            let new = Photo { digest, contest, transfer: Transfer::default(), place };
            let photo = self.photos.entry(digest).or_insert(new);
            if matches!(photo.transfer.state, TransferState::Damaged { .. }) {
                photo.transfer = Transfer::default();
            }
        }
    }

    /// A form that names them has its receipt.
    pub(crate) fn received(&mut self, place: Place, form: Digest, photos: &[Digest]) {
        for (page, photo) in photos.iter().enumerate() {
            if self.photos.get(photo).is_some_and(|known| known.transfer.is_due()) {
                self.due.insert((place, page), (*photo, form));
            }
        }
    }

    /// A photo went on. Unknown digests are left alone.
    pub(crate) fn change(&mut self, photo: Digest, transfer: Transfer) {
        let Some(known) = self.photos.get_mut(&photo) else { return };
        known.transfer = transfer;
        if !known.transfer.is_due() {
            self.due.retain(|_, (due, _)| *due != photo);
        }
    }

    /// No form names it any more.
    pub(crate) fn forget(&mut self, photo: Digest) {
        self.photos.remove(&photo);
        self.due.retain(|_, (due, _)| *due != photo);
    }

    /// A photo by its digest.
    #[must_use]
    pub fn photo(&self, digest: Digest) -> Option<&Photo> {
        self.photos.get(&digest)
    }

    /// All photos, in the order of the forms that name them first, and of their pages.
    #[must_use]
    pub fn all(&self) -> Vec<&Photo> {
        let mut all: Vec<_> = self.photos.values().collect();
        all.sort_unstable_by_key(|photo| photo.place);
        all
    }

    /// Photos that can be sent now, each with a form that the log has, in the order in
    /// which they go.
    pub fn due(&self) -> impl Iterator<Item = (Digest, Digest)> {
        self.due.values().copied()
    }

    /// Photos that have not arrived and still can, whether or not their forms have.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.photos.values().filter(|photo| photo.transfer.is_due()).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGES: [Digest; 2] = [Digest([1; 32]), Digest([2; 32])];

    fn place(revision: u32) -> Place {
        (revision, 5, Digest([9; 32]))
    }

    fn state(state: TransferState) -> Transfer {
        Transfer { state, ..Transfer::default() }
    }

    fn named() -> Photos {
        let mut photos = Photos::default();
        photos.named(place(1), "ppwp".parse().unwrap(), &PAGES);
        photos
    }

    #[test]
    fn a_photo_goes_when_a_form_that_names_it_has_its_receipt() {
        let mut photos = named();
        assert_eq!((photos.due().count(), photos.waiting()), (0, 2));
        let form = Digest([7; 32]);
        photos.received(place(1), form, &PAGES);
        assert_eq!(photos.due().collect::<Vec<_>>(), PAGES.map(|page| (page, form)));
        photos.change(PAGES[0], state(TransferState::Arrived { at_ms: 3 }));
        assert_eq!(photos.due().collect::<Vec<_>>(), [(PAGES[1], form)]);
        photos.received(place(1), form, &PAGES);
        assert_eq!((photos.due().count(), photos.waiting()), (1, 1), "what arrived stays so");
    }

    #[test]
    fn a_photo_of_two_forms_goes_once() {
        let mut photos = named();
        photos.named(place(2), "ppwp".parse().unwrap(), &PAGES);
        photos.received(place(1), Digest([7; 32]), &PAGES);
        photos.received(place(2), Digest([8; 32]), &PAGES);
        photos.change(PAGES[0], state(TransferState::Arrived { at_ms: 3 }));
        photos.change(PAGES[1], state(TransferState::Damaged { at_ms: 3 }));
        assert_eq!((photos.due().count(), photos.all().len()), (0, 2));
    }

    #[test]
    fn a_damaged_photo_that_is_named_again_is_there_again() {
        let mut photos = named();
        photos.change(PAGES[0], state(TransferState::Damaged { at_ms: 3 }));
        assert_eq!(photos.waiting(), 1);
        photos.named(place(2), "ppwp".parse().unwrap(), &PAGES);
        assert_eq!(photos.waiting(), 2);
    }
}
