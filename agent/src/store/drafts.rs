//! Drafts: one small record a field, so that saving one writes only that, and one for
//! what is kept beside the fields.
//!
//! Keys begin with the election's digest: what was typed at a rehearsal can never turn up
//! in the official form.

use std::collections::BTreeMap;

use saksi_proto::codec::{decode, encode};
use saksi_proto::digest::Digest;
use saksi_proto::ids::ContestCode;

use super::records::Row;
use super::{Store, StoreFault};
use crate::draft::{Changes, Draft, Notes, Turn};

/// Begins the key of what was typed in the second entry. No field's code begins with it.
const AGAIN: &str = "=";

/// Room that a saved screen takes: sled writes its log in segments of 512 KiB.
const ROOM: usize = 512 * 1024;

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
        let mut notes = None;
        for (key, value) in rows {
            let Ok(code) = std::str::from_utf8(&key[prefix..]) else { continue };
            let (turn, code) = match code.strip_prefix(AGAIN) {
                Some(code) => (&mut again, code),
                None => (&mut fields, code),
            };
            if code.is_empty() {
                notes = decode::<Notes>(&value).ok();
            } else {
                turn.extend(decode(&value).ok().map(|typed| (code.to_owned(), typed)));
            }
        }
        let is_there = notes.is_some() || !fields.is_empty() || !again.is_empty();
        Ok(is_there.then(|| Draft { fields, again, notes: notes.unwrap_or_default() }))
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
        self.commit(move |records| rows.into_iter().try_for_each(|row| records.put_draft_row(row)))
    }

    /// Forgets a draft: its form is sealed, or somebody said so.
    ///
    /// # Errors
    /// [`StoreFault`]; the draft is as it was.
    pub(crate) fn forget_draft(
        &mut self,
        election: Digest,
        contest: ContestCode,
    ) -> Result<(), StoreFault> {
        self.check_whole()?;
        let rows = self.draft_rows(election, contest)?.into_iter().map(|(key, _)| (key, None));
        let rows: Vec<_> = rows.collect();
        if rows.is_empty() {
            return Ok(());
        }
        self.commit(move |records| rows.into_iter().try_for_each(|row| records.put_draft_row(row)))
    }

    fn draft_rows(&self, election: Digest, contest: ContestCode) -> Result<Vec<Row>, StoreFault> {
        Ok(self.records.draft_rows(&key(election, contest, ""))?)
    }
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
