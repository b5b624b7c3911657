//! All forms of the device in memory: a fold of the store's records that knows what
//! is due and which form of a contest is the newest.

use std::collections::{BTreeSet, HashMap};

use saksi_proto::digest::Digest;
use saksi_proto::form::TallyForm;
use saksi_proto::ids::ContestCode;

use crate::delivery::{Delivery, State};
use crate::photos::{Photos, Transfer};

/// One form, without its numbers: about 300 bytes, 3 MB for 10,000 waiting forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Digest of the sealed form.
    pub digest: Digest,
    /// The contest it reports.
    pub contest: ContestCode,
    /// 1 for the first, one more for each correction.
    pub revision: u32,
    /// Photos that it names, in the order of their pages.
    pub photos: Vec<Digest>,
    /// How far it has come.
    pub delivery: Delivery,
}

/// First forms before corrections, then by age: what a correction supersedes is
/// always handed over before it.
pub(crate) type Place = (u32, u64, Digest);

/// What the device has.
#[derive(Debug, Default)]
pub struct Ledger {
    forms: HashMap<Digest, Known>,
    work: BTreeSet<Place>,
    contests: HashMap<ContestCode, BTreeSet<Place>>,
    photos: Photos,
}

impl Ledger {
    /// A form was stored.
    pub fn add(&mut self, digest: Digest, form: &TallyForm, delivery: Delivery) {
        let TallyForm { contest, revision, .. } = *form;
        let photos = form.photos.clone();
        let known = Known { digest, contest, revision, photos, delivery };
        self.photos.named(place(&known), contest, &known.photos);
        self.contests.entry(contest).or_default().insert(place(&known));
        self.put(known);
    }

    /// A form went on. Unknown digests are left alone.
    pub fn change(&mut self, digest: Digest, delivery: Delivery) {
        if let Some(known) = self.forms.get(&digest).cloned() {
            self.put(Known { delivery, ..known });
        }
    }

    /// A form was deleted. Unknown digests are left alone.
    pub fn remove(&mut self, digest: Digest) {
        if let Some(known) = self.forms.remove(&digest) {
            self.work.remove(&place(&known));
            self.contests.entry(known.contest).or_default().remove(&place(&known));
            let is_named =
                |photo: &Digest| self.forms.values().any(|other| other.photos.contains(photo));
            let unnamed: Vec<_> =
                known.photos.into_iter().filter(|photo| !is_named(photo)).collect();
            unnamed.into_iter().for_each(|photo| self.photos.forget(photo));
        }
    }

    /// Whether a form names a photo that is still to be sent: the form has to stay, for
    /// only with it the photo is taken.
    #[must_use]
    pub fn has_photos_to_send(&self, form: Digest) -> bool {
        let photos = self.forms.get(&form).map_or(&[][..], |known| &known.photos);
        let mut known = photos.iter().filter_map(|photo| self.photos.photo(*photo));
        known.any(|photo| photo.transfer.is_due())
    }

    /// A photo went on. Unknown digests are left alone.
    pub(crate) fn change_photo(&mut self, photo: Digest, transfer: Transfer) {
        self.photos.change(photo, transfer);
    }

    /// The photos that the forms name.
    #[must_use]
    pub fn photos(&self) -> &Photos {
        &self.photos
    }

    /// A form by its digest.
    #[must_use]
    pub fn form(&self, digest: Digest) -> Option<&Known> {
        self.forms.get(&digest)
    }

    /// Number of forms.
    #[must_use]
    pub fn len(&self) -> usize {
        self.forms.len()
    }

    /// Whether nothing was ever stored.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.forms.is_empty()
    }

    /// All forms of a contest, the first one first.
    pub fn of_contest(&self, contest: ContestCode) -> impl DoubleEndedIterator<Item = &Known> {
        let places = self.contests.get(&contest).into_iter().flatten();
        places.filter_map(|(_, _, digest)| self.forms.get(digest))
    }

    /// The form that a correction supersedes: the newest one of the contest that the
    /// centre has not refused.
    #[must_use]
    pub fn newest(&self, contest: ContestCode) -> Option<&Known> {
        let refused = |known: &&Known| matches!(known.delivery.state, State::Refused { .. });
        self.of_contest(contest).rev().find(|known| !refused(known))
    }

    /// All forms, first forms before corrections, then by age.
    #[must_use]
    pub fn all(&self) -> Vec<&Known> {
        let mut all: Vec<_> = self.forms.values().collect();
        all.sort_unstable_by_key(|known| place(known));
        all
    }

    /// The work list, in the order in which forms are handed over.
    pub fn due(&self) -> impl Iterator<Item = &Known> {
        self.work.iter().filter_map(|(_, _, digest)| self.forms.get(digest))
    }

    /// Length of the work list.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.work.len()
    }

    fn put(&mut self, known: Known) {
        if known.delivery.is_due() {
            self.work.insert(place(&known));
        } else {
            self.work.remove(&place(&known));
        }
        if matches!(known.delivery.state, State::Received { .. }) {
            self.photos.received(place(&known), known.digest, &known.photos);
        }
        self.forms.insert(known.digest, known);
    }
}

fn place(known: &Known) -> Place {
    (known.revision, known.delivery.stored_ms, known.digest)
}

#[cfg(test)]
mod tests {
    use saksi_proto::ids::Phase;
    use saksi_proto::refusal::Refusal;

    use super::*;
    use crate::delivery::Answer;

    fn form(contest: &str, revision: u32) -> TallyForm {
        TallyForm {
            election: Digest([0; 32]),
            phase: Phase::Rehearsal,
            station: "1".parse().unwrap(),
            contest: contest.parse().unwrap(),
            revision,
            supersedes: None,
            device_ms: 0,
            counts: Vec::new(),
            explanation: None,
            reason: None,
            photos: Vec::new(),
        }
    }

    fn digests<'a>(known: impl Iterator<Item = &'a Known>) -> Vec<u8> {
        known.map(|known| known.digest.0[0]).collect()
    }

    #[test]
    fn first_forms_go_before_corrections_and_old_before_new() {
        let mut ledger = Ledger::default();
        ledger.add(Digest([1; 32]), &form("ppwp", 2), Delivery::stored(5));
        ledger.add(Digest([2; 32]), &form("dpd", 1), Delivery::stored(9));
        ledger.add(Digest([3; 32]), &form("ppwp", 1), Delivery::stored(7));
        assert_eq!(digests(ledger.due()), [3, 2, 1]);
        assert_eq!(digests(ledger.of_contest("ppwp".parse().unwrap())), [3, 1]);
        ledger.change(Digest([3; 32]), Delivery::stored(7).sent(8));
        assert_eq!(digests(ledger.due()), [3, 2, 1]);
        let answer = Answer::Receipt { index: 1, arrived_ms: 8, standing: None };
        ledger.change(Digest([3; 32]), Delivery::stored(7).answered(answer, 9));
        assert_eq!(digests(ledger.due()), [2, 1]);
        assert_eq!((ledger.waiting(), ledger.len()), (2, 3));
    }

    #[test]
    fn a_refused_form_is_not_superseded() {
        let mut ledger = Ledger::default();
        let contest = "ppwp".parse().unwrap();
        ledger.add(Digest([1; 32]), &form("ppwp", 1), Delivery::stored(5));
        ledger.add(Digest([2; 32]), &form("ppwp", 2), Delivery::stored(6));
        assert_eq!(ledger.newest(contest).map(|known| known.revision), Some(2));
        let refusal = Answer::Refusal { refusal: Refusal::Malformed, detail: String::new() };
        ledger.change(Digest([2; 32]), Delivery::stored(6).answered(refusal, 7));
        assert_eq!(ledger.newest(contest).map(|known| known.revision), Some(1));
    }

    #[test]
    fn a_form_whose_photo_is_to_be_sent_has_to_stay() {
        let mut ledger = Ledger::default();
        let (first, second, page) = (Digest([1; 32]), Digest([2; 32]), Digest([9; 32]));
        let with_photo = |revision| TallyForm { photos: vec![page], ..form("ppwp", revision) };
        let answer = Answer::Receipt { index: 1, arrived_ms: 8, standing: None };
        for (digest, revision) in [(first, 1), (second, 2)] {
            let delivery = Delivery::stored(5).answered(answer.clone(), 6);
            ledger.add(digest, &with_photo(revision), delivery);
        }
        assert!(ledger.has_photos_to_send(first) && ledger.has_photos_to_send(second));
        ledger.remove(first);
        assert_eq!(ledger.photos().waiting(), 1, "the other form names it");
        let state = crate::photos::TransferState::Arrived { at_ms: 9 };
        ledger.change_photo(page, Transfer { state, ..Transfer::default() });
        assert!(!ledger.has_photos_to_send(second));
        ledger.remove(second);
        assert!(ledger.photos().all().is_empty());
    }
}
