//! A form as it lies in the log: the photos that it names, and the key that has signed it.
//! Neither is held in memory; whoever looks at a case reads them from the journal.

use std::path::Path;

use saksi_proto::VerifyingKey;
use saksi_proto::digest::Digest;
use saksi_proto::entry::Entry;
use saksi_proto::seal::SealedForm;

use crate::journal::{Journal, JournalFault};

/// What the log has of a form besides its numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Original {
    /// SHA-256 of its photos.
    pub photos: Vec<Digest>,
    /// The key (Ed25519) that has signed it, among those that it may be.
    pub signer: Option<[u8; 32]>,
}

/// The forms at these entries, in the same order. An entry that is no form is empty.
///
/// # Errors
/// [`JournalFault`].
pub fn originals(
    journal: &Path,
    entries: &[u64],
    keys: &[[u8; 32]],
) -> Result<Vec<Original>, JournalFault> {
    let journal = Journal::open_to_read(journal)?;
    let keys: Vec<_> = keys.iter().filter_map(|key| VerifyingKey::from_bytes(key).ok()).collect();
    let original = |entry: &u64| {
        let bytes = journal.entry(*entry)?;
        Ok(bytes.and_then(|bytes| of(&bytes, &keys)).unwrap_or_default())
    };
    entries.iter().map(original).collect()
}

fn of(entry: &[u8], keys: &[VerifyingKey]) -> Option<Original> {
    let Ok(Entry::Form(arrival)) = Entry::decode(entry) else { return None };
    let sealed = SealedForm::from_bytes(arrival.sealed).ok()?;
    let signer = keys.iter().find(|key| sealed.is_signed_by(key)).map(|key| *key.as_bytes());
    Some(Original { photos: sealed.open().ok()?.photos, signer })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use crate::storage::Storage as _;

    #[test]
    fn a_form_names_its_photos_and_its_signer() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal.db");
        let manifest = sample::manifest(&sample::election(), "").encode();
        let mut form = sample::form("1001", [1, 0, 1]);
        form.photos = vec![Digest([5; 32])];
        let entry = sample::arrival(&sample::sealed(&form)).encode();
        Journal::create(&path).unwrap().append(0, &[&manifest, &entry], "checkpoint").unwrap();
        let [own, other] =
            ["1001", "1002"].map(|station| sample::key(station).verifying_key().to_bytes());
        let read = |keys: &[[u8; 32]]| originals(&path, &[0, 1, 2], keys).unwrap();
        let original = Original { photos: vec![Digest([5; 32])], signer: Some(own) };
        let none = Original::default();
        assert_eq!(read(&[other, own]), [none.clone(), original, none]);
        assert_eq!(read(&[other])[1].signer, None);
    }
}
