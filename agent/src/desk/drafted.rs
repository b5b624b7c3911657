//! Photos of a form that is being filled: kept as soon as they are taken, so that a killed
//! agent has them, and sealed with the form.

use std::path::PathBuf;

use saksi_proto::digest::Digest;
use saksi_proto::form::MAX_PHOTOS;
use saksi_proto::ids::ContestCode;
use saksi_proto::text::Language;

use super::{Desk, Trouble, TroubleKind};
use crate::draft::{Draft, DraftPhoto, Notes, Origin};
use crate::intake::TakenIn;
use crate::page::text;
use crate::store::photos::examine;
use crate::store::{Store, StoreFault};

/// What became of a photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Added {
    /// It survives a power cut, and the draft names it.
    Kept,
    /// The draft has as many as a form may have. Nothing was kept.
    TooMany,
    /// The form is sealed, and no correction has begun. Nothing was kept.
    Sealed,
}

impl Desk {
    /// Whether a photo can be added to a contest's form: asked before it is made small.
    ///
    /// # Errors
    /// [`StoreFault`] if the draft cannot be read.
    pub(crate) fn can_add_photo(
        &self,
        contest: ContestCode,
        instead_of: Option<Digest>,
    ) -> Result<Added, StoreFault> {
        let mut store = self.store();
        let draft = self.draft_in(&mut store, contest)?;
        Ok(may_add(&store, contest, draft.as_ref(), instead_of))
    }

    /// Keeps a photo that was made small as one of a form that is being filled, at the end or
    /// in the place of another. When this returns, both the photo and that it is the form's
    /// survive a power cut. The same photo twice is one.
    ///
    /// # Errors
    /// [`StoreFault`]; the draft is as it was.
    pub(crate) fn add_photo(
        &self,
        contest: ContestCode,
        (taken, origin): (TakenIn, Origin),
        instead_of: Option<Digest>,
        now_ms: u64,
    ) -> Result<Added, StoreFault> {
        let mut store = self.store();
        let draft = self.draft_in(&mut store, contest)?;
        match may_add(&store, contest, draft.as_ref(), instead_of) {
            Added::Kept => {}
            refused => return Ok(refused),
        }
        let draft = draft.unwrap_or_default();
        let TakenIn { jpeg, digest, warnings, .. } = taken;
        let size = u32::try_from(jpeg.len()).expect("a photo that was made small");
        let photo = DraftPhoto { digest, size, origin, warnings };
        let mut photos = draft.photos;
        if photos.iter().any(|known| known.digest == digest) {
            return Ok(Added::Kept);
        }
        match photos.iter_mut().find(|known| Some(known.digest) == instead_of) {
            Some(old) => *old = photo,
            None => photos.push(photo),
        }
        store.put_photo_bytes(digest, jpeg)?;
        let notes = Notes { saved_ms: now_ms, ..draft.notes };
        let saved = self.save_photos(&mut store, contest, &notes, &photos);
        match (&saved, instead_of) {
            (Ok(()), Some(old)) => store.forget_photos(&[old]),
            // Nothing was committed. Where that is not known, the draft may name it.
            (Err(_), _) if store.is_whole() => store.forget_photos(&[digest]),
            _ => {}
        }
        saved.map(|()| Added::Kept)
    }

    /// Takes a photo out of a form that is being filled. Its file goes unless another form
    /// or draft names it.
    ///
    /// # Errors
    /// [`StoreFault`]; the draft is as it was.
    pub(crate) fn remove_photo(
        &self,
        contest: ContestCode,
        photo: Digest,
        now_ms: u64,
    ) -> Result<(), StoreFault> {
        let mut store = self.store();
        let Some(mut draft) = self.draft_in(&mut store, contest)? else { return Ok(()) };
        let before = draft.photos.len();
        draft.photos.retain(|known| known.digest != photo);
        if draft.photos.len() == before {
            return Ok(());
        }
        let notes = Notes { saved_ms: now_ms, ..draft.notes };
        self.save_photos(&mut store, contest, &notes, &draft.photos)?;
        store.forget_photos(&[photo]);
        Ok(())
    }

    fn save_photos(
        &self,
        store: &mut Store,
        contest: ContestCode,
        notes: &Notes,
        photos: &[DraftPhoto],
    ) -> Result<(), StoreFault> {
        let election = self.identity().election().digest;
        store.save_draft_with(election, contest, (&Vec::new(), notes), Some(photos))
    }

    /// Where the photos of a draft lie, each looked at again: what is sealed is what was
    /// shown.
    ///
    /// # Errors
    /// [`Trouble`] if one is damaged or gone.
    pub(super) fn files_of(
        &self,
        photos: &[DraftPhoto],
        language: Language,
    ) -> Result<Vec<PathBuf>, Trouble> {
        let file = |(at, photo): (usize, &DraftPhoto)| {
            let found = examine(self.directory(), photo.digest).ok().flatten();
            let path = self.directory().photo(photo.digest);
            found.map(|_| path).ok_or_else(|| {
                let kind = TroubleKind::File;
                Trouble::new(kind, text::PHOTO_IS_GONE, language, &[&(at + 1)])
            })
        };
        photos.iter().enumerate().map(file).collect()
    }
}

fn may_add(
    store: &Store,
    contest: ContestCode,
    draft: Option<&Draft>,
    instead_of: Option<Digest>,
) -> Added {
    match draft {
        None if store.ledger().newest(contest).is_some() => Added::Sealed,
        Some(draft) if draft.photos.len() >= MAX_PHOTOS => {
            let takes_a_place = draft.photos.iter().any(|known| Some(known.digest) == instead_of);
            if takes_a_place { Added::Kept } else { Added::TooMany }
        }
        _ => Added::Kept,
    }
}

/// A photo of the form before, to begin its correction with; `None` if its file is gone.
pub(super) fn of_form(store: &Store, digest: Digest) -> Option<DraftPhoto> {
    let size = u32::try_from(store.photo_size(digest)?).ok()?;
    Some(DraftPhoto { digest, size, origin: Origin::FormBefore, warnings: Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::Agent;
    use crate::draft::{Turn, Typed};
    use crate::intake::Warning;
    use crate::testing::Device;

    fn taken(number: u8) -> TakenIn {
        let jpeg = vec![number; 9];
        let (digest, warnings) = (Digest::of(&jpeg), vec![Warning::Blurred]);
        TakenIn { digest, jpeg, width: 3, height: 3, warnings }
    }

    fn add(agent: &Agent, contest: &str, number: u8, instead_of: Option<Digest>) -> Added {
        let photo = (taken(number), Origin::Camera);
        agent.desk.add_photo(contest.parse().unwrap(), photo, instead_of, 5).unwrap()
    }

    fn photos(agent: &Agent, contest: &str) -> Vec<Digest> {
        let draft = agent.desk.draft(contest.parse().unwrap()).unwrap();
        draft.unwrap_or_default().photo_digests()
    }

    fn is_kept(device: &Device, number: u8) -> bool {
        device.directory().photo(taken(number).digest).exists()
    }

    fn digests(numbers: &[u8]) -> Vec<Digest> {
        numbers.iter().map(|number| taken(*number).digest).collect()
    }

    #[test]
    fn a_photo_is_of_the_draft_until_it_is_taken_out_or_taken_again() {
        let device = Device::new();
        let agent = device.agent();
        for number in [1, 2, 1, 3] {
            assert_eq!(add(&agent, "ppwp", number, None), Added::Kept);
        }
        drop(agent);
        let agent = device.agent();
        assert_eq!(photos(&agent, "ppwp"), digests(&[1, 2, 3]), "after opening again");
        assert_eq!(add(&agent, "ppwp", 4, Some(taken(2).digest)), Added::Kept);
        assert_eq!(photos(&agent, "ppwp"), digests(&[1, 4, 3]), "in its place");
        assert!(is_kept(&device, 4) && !is_kept(&device, 2));
        add(&agent, "dpr", 3, None);
        let contest = "ppwp".parse().unwrap();
        agent.desk.remove_photo(contest, taken(3).digest, 6).unwrap();
        agent.desk.remove_photo(contest, taken(9).digest, 6).unwrap();
        assert!(is_kept(&device, 3), "another draft names it");
        agent.desk.forget_draft("dpr".parse().unwrap()).unwrap();
        agent.desk.forget_draft(contest).unwrap();
        assert!([1, 3, 4].iter().all(|number| !is_kept(&device, *number)), "nothing names them");
    }

    #[test]
    fn a_form_has_so_many_photos_and_one_more_takes_the_place_of_another() {
        let device = Device::new();
        let agent = device.agent();
        for number in 1..=8 {
            assert_eq!(add(&agent, "ppwp", number, None), Added::Kept);
        }
        assert_eq!(add(&agent, "ppwp", 9, None), Added::TooMany);
        assert_eq!(add(&agent, "ppwp", 9, Some(taken(10).digest)), Added::TooMany);
        assert!(!is_kept(&device, 9));
        assert_eq!(add(&agent, "ppwp", 9, Some(taken(8).digest)), Added::Kept);
    }

    fn filled(agent: &Agent) {
        let contest = "ppwp".parse().unwrap();
        let fields = [
            ("I.A.L", "147"),
            ("I.A.P", "145"),
            ("I.A.J", "292"),
            ("IV.01", "100"),
            ("IV.02", "83"),
            ("V.A", "183"),
        ];
        let changes = fields.map(|(code, text)| (Turn::First, code.to_owned(), Typed::read(text)));
        let notes = agent.desk.draft(contest).unwrap().unwrap_or_default().notes;
        agent.desk.save_draft(contest, &changes.to_vec(), &notes).unwrap();
    }

    #[test]
    fn photos_go_with_the_form_and_its_correction_begins_with_them() {
        let device = Device::new();
        let agent = device.agent();
        let (desk, contest) = (&agent.desk, "ppwp".parse().unwrap());
        filled(&agent);
        add(&agent, "ppwp", 1, None);
        add(&agent, "ppwp", 2, None);
        let draft = desk.draft(contest).unwrap().unwrap();
        std::fs::write(device.directory().photo(taken(2).digest), b"something else").unwrap();
        let refused = desk.submit_draft(contest, &draft, 9, Language::English).unwrap_err();
        assert!(refused.sentence.contains("Photo 2 is damaged"), "{}", refused.sentence);
        assert_eq!(add(&agent, "ppwp", 3, Some(taken(2).digest)), Added::Kept);
        let draft = desk.draft(contest).unwrap().unwrap();
        desk.submit_draft(contest, &draft, 9, Language::English).unwrap();
        assert_eq!(agent.forms().unwrap()[0].form.photos, digests(&[1, 3]));
        assert!(is_kept(&device, 1) && is_kept(&device, 3));
        assert_eq!(add(&agent, "ppwp", 4, None), Added::Sealed);
        assert!(desk.begin_correction(contest, 10).unwrap());
        assert_eq!(photos(&agent, "ppwp"), digests(&[1, 3]));
        desk.remove_photo(contest, taken(1).digest, 11).unwrap();
        assert!(is_kept(&device, 1), "the form before names it");
        desk.forget_draft(contest).unwrap();
        assert!(is_kept(&device, 3), "a form names it");
    }

    #[test]
    fn a_draft_whose_photos_are_not_sealed_is_not_forgotten() {
        let device = Device::new();
        let agent = device.agent();
        filled(&agent);
        add(&agent, "ppwp", 1, None);
        let sealed = agent.submit(device.good_form("ppwp"), 9).unwrap();
        let draft = agent.desk.draft("ppwp".parse().unwrap()).unwrap().unwrap();
        assert_eq!(
            draft.notes.corrects,
            Some(sealed.digest),
            "its numbers are sealed, no photo is"
        );
        assert_eq!(draft.photo_digests(), digests(&[1]));
    }
}
