//! Drafts: one small record a field, so that saving one writes only that, one for what is
//! kept beside the fields, and one for the photos. Each draft has a second copy as a file, in
//! `copies`, for a store that is set aside.
//!
//! Keys begin with the election's digest: what was typed at a rehearsal can never turn up
//! in the official form.

use std::collections::BTreeMap;

use saksi_proto::codec::{decode, encode};
use saksi_proto::digest::Digest;
use saksi_proto::ids::ContestCode;

use super::records::{Records, RecordsFault, Row};
use super::{Store, StoreFault, copies};
use crate::draft::{Changes, Draft, DraftPhoto, Notes, Turn};

/// Begins the key of what was typed in the second entry. No field's code begins with it.
const AGAIN: &str = "=";

/// Room that a saved screen takes: sled writes its log in segments of 512 KiB.
const ROOM: usize = 512 * 1024;

/// Ends the key of a draft's photos. No field's code has a zero byte.
const PHOTOS: &str = "\0photos";

/// Names a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct DraftKey {
    pub(super) election: Digest,
    pub(super) contest: ContestCode,
}

impl DraftKey {
    /// What the keys of its records begin with.
    pub(super) fn bytes(&self) -> Vec<u8> {
        key(self.election, self.contest, "")
    }
}

impl Store {
    /// The draft of a contest, if there is one. A record that does not decode is left out:
    /// its field is typed again.
    ///
    /// # Errors
    /// [`StoreFault`] if the records cannot be read.
    pub(crate) fn draft(
        &self,
        election: Digest,
        contest: ContestCode,
    ) -> Result<Option<Draft>, StoreFault> {
        let rows = self.draft_rows(election, contest)?;
        let prefix = key(election, contest, "").len();
        let (mut fields, mut again) = (BTreeMap::new(), BTreeMap::new());
        let (mut notes, mut photos) = (None, Vec::new());
        for (key, value) in rows {
            match std::str::from_utf8(&key[prefix..]) {
                Ok("") => notes = decode::<Notes>(&value).ok(),
                Ok(PHOTOS) => photos = photos_of(&value),
                Ok(code) => {
                    let (turn, code) = match code.strip_prefix(AGAIN) {
                        Some(code) => (&mut again, code),
                        None => (&mut fields, code),
                    };
                    turn.extend(decode(&value).ok().map(|typed| (code.to_owned(), typed)));
                }
                Err(_) => {}
            }
        }
        let is_typed = !fields.is_empty() || !again.is_empty();
        let is_there = notes.is_some() || is_typed || !photos.is_empty();
        Ok(is_there.then(|| Draft { fields, again, notes: notes.unwrap_or_default(), photos }))
    }

    /// Saves fields and what is beside them. When this returns, they survive a power cut.
    ///
    /// # Errors
    /// [`StoreFault`]; what was saved before is as it was.
    pub(crate) fn save_draft(
        &mut self,
        election: Digest,
        contest: ContestCode,
        changes: &Changes,
        notes: &Notes,
    ) -> Result<(), StoreFault> {
        self.save_draft_with(election, contest, (changes, notes), None)
    }

    /// The same, and the photos as they are from now on. Their files are kept already.
    ///
    /// # Errors
    /// [`StoreFault`]; what was saved before is as it was.
    pub(crate) fn save_draft_with(
        &mut self,
        election: Digest,
        contest: ContestCode,
        (changes, notes): (&Changes, &Notes),
        photos: Option<&[DraftPhoto]>,
    ) -> Result<(), StoreFault> {
        self.check_whole()?;
        self.check_room(ROOM)?;
        let row_key = |turn, code: &str| match turn {
            Turn::First => key(election, contest, code),
            Turn::Second => key(election, contest, &format!("{AGAIN}{code}")),
        };
        let fields = changes
            .iter()
            .map(|(turn, code, typed)| (row_key(*turn, code), typed.as_ref().map(encode)));
        let mut rows: Vec<_> = fields.collect();
        rows.push((key(election, contest, ""), Some(encode(notes))));
        let photos = photos.map(|photos| Some(encode(&photos)).filter(|_| !photos.is_empty()));
        rows.extend(photos.map(|photos| (key(election, contest, PHOTOS), photos)));
        self.commit(move |records| {
            rows.into_iter().try_for_each(|row| records.put_draft_row(row))
        })?;
        self.step(move |directory, records| {
            copies::write(directory, records, &DraftKey { election, contest });
            Ok(())
        })
    }

    /// Forgets a draft: its form is sealed, or somebody said so. Its photos go too, but for
    /// those that a form or another draft names. Its second copy goes first: one that stayed
    /// would bring it back.
    ///
    /// # Errors
    /// [`StoreFault`]; the draft is as it was.
    pub(crate) fn forget_draft(
        &mut self,
        election: Digest,
        contest: ContestCode,
    ) -> Result<(), StoreFault> {
        self.check_whole()?;
        self.step(move |directory, _| {
            Ok(copies::remove(directory, &DraftKey { election, contest })?)
        })?;
        let rows = self.draft_rows(election, contest)?;
        if rows.is_empty() {
            return Ok(());
        }
        let photos = digests(rows.iter().filter(is_of_photos));
        let rows: Vec<_> = rows.into_iter().map(|(key, _)| (key, None)).collect();
        self.commit(move |records| {
            rows.into_iter().try_for_each(|row| records.put_draft_row(row))
        })?;
        self.forget_photos(&photos);
        Ok(())
    }

    /// Photos of all drafts, those of other elections and phases too.
    pub(super) fn drafted_photos(&self) -> Result<Vec<Digest>, StoreFault> {
        Ok(digests(self.records.draft_rows(&[])?.iter().filter(is_of_photos)))
    }

    fn draft_rows(&self, election: Digest, contest: ContestCode) -> Result<Vec<Row>, StoreFault> {
        Ok(self.records.draft_rows(&key(election, contest, ""))?)
    }
}

/// Photos of all drafts; `None` if what one of them names cannot be read.
pub(super) fn photos_of_all(records: &Records) -> Result<Option<Vec<Digest>>, RecordsFault> {
    let rows = records.draft_rows(&[])?;
    let photos = rows.iter().filter(is_of_photos).map(|(_, value)| {
        let photos = decode::<Vec<DraftPhoto>>(value).ok()?;
        Some(photos.into_iter().map(|photo| photo.digest))
    });
    let photos: Option<Vec<_>> = photos.collect();
    Ok(photos.map(|photos| photos.into_iter().flatten().collect()))
}

/// Whose draft a record is of; `None` if it is of none.
pub(super) fn draft_of(key: &[u8]) -> Option<DraftKey> {
    let (election, rest) = key.split_first_chunk()?;
    let end = rest.iter().position(|byte| *byte == 0)?;
    let contest = std::str::from_utf8(&rest[..end]).ok()?.parse().ok()?;
    Some(DraftKey { election: Digest(*election), contest })
}

/// The records of a draft that was lost with its store, with the mark that says so.
pub(super) fn brought_back(draft: DraftKey, mut rows: Vec<Row>) -> Vec<Row> {
    let beside = draft.bytes();
    let before = rows.iter().find(|(key, _)| *key == beside);
    let notes = before.and_then(|(_, value)| decode::<Notes>(value).ok()).unwrap_or_default();
    rows.retain(|(key, _)| *key != beside);
    // Its key is the shortest, and so the first.
    rows.insert(0, (beside, encode(&Notes { brought_back: true, ..notes })));
    rows
}

fn is_of_photos((key, _): &&Row) -> bool {
    key.ends_with(PHOTOS.as_bytes())
}

fn digests<'a>(rows: impl Iterator<Item = &'a Row>) -> Vec<Digest> {
    rows.flat_map(|(_, value)| photos_of(value)).map(|photo| photo.digest).collect()
}

/// A record that does not decode is left out, as one of a field is.
fn photos_of(value: &[u8]) -> Vec<DraftPhoto> {
    decode(value).unwrap_or_default()
}

/// No code has a zero byte, so no contest's keys begin with another's.
fn key(election: Digest, contest: ContestCode, field: &str) -> Vec<u8> {
    [&election.0[..], contest.as_str().as_bytes(), &[0], field.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft::Typed;
    use crate::testing::Device;

    #[test]
    fn what_was_saved_is_there_after_opening_again_and_only_there() {
        let device = Device::new();
        let identity = crate::identity::Identity::open(&device.directory()).unwrap();
        let (official, rehearsal) = (Digest([1; 32]), Digest([2; 32]));
        let contest = |code: &str| code.parse::<ContestCode>().unwrap();
        let typed = |text| Typed::read(text);
        let (first, second) = (Turn::First, Turn::Second);
        let notes = Notes { saved_ms: 7, ..Notes::default() };
        let mut store = Store::open(&device.directory(), &identity).unwrap();
        let changes = vec![
            (first, "I.A.L".to_owned(), typed("12")),
            (first, "V.A".to_owned(), typed("?")),
            (second, "I.A.L".to_owned(), typed("21")),
        ];
        store.save_draft(official, contest("dpr"), &changes, &notes).unwrap();
        let changes = vec![(first, "V.A".to_owned(), None)];
        store.save_draft(official, contest("dpr"), &changes, &notes).unwrap();
        drop(store);
        let mut store = Store::open(&device.directory(), &identity).unwrap();
        let draft = store.draft(official, contest("dpr")).unwrap().unwrap();
        assert_eq!((draft.fields.len(), &draft.notes), (1, &notes));
        assert_eq!(draft.fields.get("I.A.L").map(Typed::shown).as_deref(), Some("12"));
        assert_eq!(draft.again.get("I.A.L").map(Typed::shown).as_deref(), Some("21"));
        assert_eq!(draft.again.len(), 1, "the two turns are kept apart");
        assert_eq!(store.draft(rehearsal, contest("dpr")).unwrap(), None);
        assert_eq!(store.draft(official, contest("dp")).unwrap(), None);
        store.forget_draft(official, contest("dpr")).unwrap();
        assert_eq!(store.draft(official, contest("dpr")).unwrap(), None);
    }
}
