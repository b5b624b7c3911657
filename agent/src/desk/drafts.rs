//! Drafts at the desk: saved as they are typed, settled with what is sealed already, and
//! sealed through the same door as every other form.

use saksi_proto::ids::ContestCode;
use saksi_proto::text::Language;

use super::{Desk, Submission, Submitted, Trouble, drafted};
use crate::draft::{Changes, Draft, Notes, Turn};
use crate::labels::Labels;
use crate::store::{Store, StoreFault};

impl Desk {
    /// The draft of a contest, if there is one.
    ///
    /// A draft whose very numbers and photos are sealed already is forgotten: the power went
    /// between the two. One that was overtaken by other numbers becomes their correction, so that
    /// nothing typed is lost; one whose form before was refused is the first again.
    ///
    /// # Errors
    /// [`StoreFault`] if it cannot be read.
    pub(crate) fn draft(&self, contest: ContestCode) -> Result<Option<Draft>, StoreFault> {
        self.draft_in(&mut self.store(), contest)
    }

    pub(super) fn draft_in(
        &self,
        store: &mut Store,
        contest: ContestCode,
    ) -> Result<Option<Draft>, StoreFault> {
        let Some(mut draft) = store.draft(self.identity().election().digest, contest)? else {
            return Ok(None);
        };
        let newest = store.ledger().newest(contest).map(|known| known.digest);
        if newest == draft.notes.corrects {
            return Ok(Some(draft));
        }
        if newest.is_some() && self.is_sealed(store, contest, &draft)? {
            store.forget_draft(self.identity().election().digest, contest)?;
            return Ok(None);
        }
        draft.notes.corrects = newest;
        Ok(Some(draft))
    }

    fn is_sealed(
        &self,
        store: &Store,
        contest: ContestCode,
        draft: &Draft,
    ) -> Result<bool, StoreFault> {
        let newest = store.ledger().newest(contest).map(|known| known.digest);
        let (Some(newest), Some(layout)) = (newest, self.identity().layout(contest)) else {
            return Ok(false);
        };
        let sealed = store.sealed(newest)?.open();
        let is_whole = draft.missing(layout).is_empty();
        let photos = draft.photo_digests();
        Ok(is_whole
            && sealed.is_ok_and(|form| {
                form.counts == draft.counts(layout)
                    && photos.iter().all(|photo| form.photos.contains(photo))
            }))
    }

    /// Saves fields and what is beside them. When this returns, they survive a power cut.
    ///
    /// # Errors
    /// [`StoreFault`]; what was saved before is as it was.
    pub(crate) fn save_draft(
        &self,
        contest: ContestCode,
        changes: &Changes,
        notes: &Notes,
    ) -> Result<(), StoreFault> {
        let election = self.identity().election().digest;
        self.store().save_draft(election, contest, changes, notes)
    }

    /// Forgets a draft because somebody said so.
    ///
    /// # Errors
    /// [`StoreFault`]; it is as it was.
    pub(crate) fn forget_draft(&self, contest: ContestCode) -> Result<(), StoreFault> {
        self.store().forget_draft(self.identity().election().digest, contest)
    }

    /// Begins the correction of a contest's newest form with its numbers and photos. A draft
    /// that is there goes on. `false` if there is no form to correct.
    ///
    /// # Errors
    /// [`StoreFault`]; nothing has begun then.
    pub(crate) fn begin_correction(
        &self,
        contest: ContestCode,
        now_ms: u64,
    ) -> Result<bool, StoreFault> {
        if self.draft(contest)?.is_some() {
            return Ok(true);
        }
        let Some(layout) = self.identity().layout(contest) else { return Ok(false) };
        let draft = {
            let store = self.store();
            let Some(newest) = store.ledger().newest(contest) else { return Ok(false) };
            let digest = newest.digest;
            let form = store.sealed(digest)?.open().map_err(|_| StoreFault::Unknown(digest))?;
            let photos = form.photos.iter().filter_map(|photo| drafted::of_form(&store, *photo));
            Draft { photos: photos.collect(), ..Draft::of_form(layout, &form.counts, digest) }
        };
        let Draft { fields, notes, photos, .. } = draft;
        let changes = fields.into_iter().map(|(code, typed)| (Turn::First, code, Some(typed)));
        let changes = changes.collect();
        let (election, notes) =
            (self.identity().election().digest, Notes { saved_ms: now_ms, ..notes });
        let saved = (&changes, &notes);
        self.store().save_draft_with(election, contest, saved, Some(&photos))?;
        Ok(true)
    }

    /// Seals and stores the form of a draft, as `submit` does, and forgets the draft. When
    /// this returns, the form survives a power cut.
    ///
    /// # Errors
    /// [`Trouble`]; the draft is as it was.
    pub(crate) fn submit_draft(
        &self,
        contest: ContestCode,
        draft: &Draft,
        now_ms: u64,
        language: Language,
    ) -> Result<Submitted, Trouble> {
        let Notes { explanation, reason, corrects, .. } = &draft.notes;
        let submission = Submission {
            form: draft.to_json(contest),
            again: draft.again_to_json(contest),
            photos: self.files_of(&draft.photos, language)?,
            explanation: Some(explanation.clone()),
            correction: corrects.map(|_| reason.clone()),
        };
        let submitted = self
            .submit(submission, now_ms, language)
            .map_err(|fault| fault.trouble(Labels::new(self.identity(), language)))?;
        if let Err(fault) = self.forget_draft(contest) {
            // The form is stored; its draft is found to be sealed when it is next looked at.
            tracing::warn!(%fault, %contest, "a draft stays after its form was stored");
        }
        Ok(submitted)
    }
}

#[cfg(test)]
mod tests {
    use saksi_proto::refusal::Refusal;

    use super::*;
    use crate::delivery::{Answer, Delivery};
    use crate::draft::{Turn, Typed};
    use crate::testing::Device;

    const FIELDS: [(&str, &str); 6] = [
        ("I.A.L", "147"),
        ("I.A.P", "145"),
        ("I.A.J", "292"),
        ("IV.01", "100"),
        ("IV.02", "83"),
        ("V.A", "183"),
    ];

    fn changes(fields: &[(&str, &str)]) -> Changes {
        let change =
            |(code, text): &(&str, &str)| (Turn::First, (*code).to_owned(), Typed::read(text));
        fields.iter().map(change).collect()
    }

    #[test]
    fn a_draft_becomes_a_form_and_a_correction_begins_with_its_numbers() {
        let device = Device::new();
        let agent = device.agent();
        let (desk, contest) = (&agent.desk, "ppwp".parse().unwrap());
        let notes = Notes { saved_ms: 5, ..Notes::default() };
        desk.save_draft(contest, &changes(&FIELDS), &notes).unwrap();
        let draft = desk.draft(contest).unwrap().unwrap();
        let first = desk.submit_draft(contest, &draft, 9, Language::English).unwrap();
        assert_eq!((first.revision, desk.draft(contest).unwrap()), (1, None));
        assert!(desk.begin_correction(contest, 11).unwrap());
        let corrected = [("IV.01", "101"), ("V.A", "184")];
        let mut draft = desk.draft(contest).unwrap().unwrap();
        assert_eq!(draft.notes.corrects, Some(first.digest));
        draft.notes.give_reason("salah baca");
        desk.save_draft(contest, &changes(&corrected), &draft.notes).unwrap();
        let draft = desk.draft(contest).unwrap().unwrap();
        let second = desk.submit_draft(contest, &draft, 12, Language::English).unwrap();
        assert_eq!((second.revision, second.supersedes), (2, Some(first.digest)));
    }

    #[test]
    fn a_draft_that_is_sealed_is_forgotten_and_one_that_was_overtaken_is_not() {
        let device = Device::new();
        let agent = device.agent();
        let (desk, contest) = (&agent.desk, "ppwp".parse().unwrap());
        desk.save_draft(contest, &changes(&FIELDS), &Notes::default()).unwrap();
        let sealed = agent.submit(device.good_form("ppwp"), 9).unwrap();
        assert_eq!(desk.draft(contest).unwrap(), None, "its numbers are sealed");
        let other = [("IV.01", "99")];
        desk.save_draft(contest, &changes(&FIELDS), &Notes::default()).unwrap();
        desk.save_draft(contest, &changes(&other), &Notes::default()).unwrap();
        let draft = desk.draft(contest).unwrap().unwrap();
        assert_eq!(draft.notes.corrects, Some(sealed.digest), "it is its correction now");
    }

    #[test]
    fn a_correction_of_what_the_centre_refused_is_a_first_form() {
        let device = Device::new();
        let agent = device.agent();
        let (desk, contest) = (&agent.desk, "ppwp".parse().unwrap());
        let sealed = agent.submit(device.good_form("ppwp"), 9).unwrap();
        assert!(desk.begin_correction(contest, 11).unwrap());
        let refused = Delivery::stored(9)
            .answered(Answer::Refusal { refusal: Refusal::Malformed, detail: String::new() }, 12);
        desk.store().change(vec![(sealed.digest, refused)]).unwrap();
        let draft = desk.draft(contest).unwrap().unwrap();
        assert_eq!(draft.notes.corrects, None);
        let first = desk.submit_draft(contest, &draft, 13, Language::English).unwrap();
        assert_eq!((first.revision, first.supersedes), (1, None));
    }

    #[test]
    fn nothing_to_correct_begins_nothing() {
        let device = Device::new();
        let agent = device.agent();
        let contest = "ppwp".parse().unwrap();
        assert!(!agent.desk.begin_correction(contest, 1).unwrap());
        assert_eq!(agent.desk.draft(contest).unwrap(), None);
    }
}
