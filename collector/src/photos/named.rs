//! Whether the log says that a photo belongs to a station.

use std::path::Path;

use saksi_proto::digest::Digest;
use saksi_proto::entry::Entry;
use saksi_proto::ids::StationCode;
use saksi_proto::seal::SealedForm;

use crate::journal::{Journal, JournalFault};

/// Whether entry `index` is a form of `station` that names `photo`. The digests are not
/// held in memory: a nation's 12 million would be 400 MB, and this is asked once a photo.
pub(super) fn is_named(
    journal: &Path,
    index: u64,
    station: StationCode,
    photo: Digest,
) -> Result<bool, JournalFault> {
    let entry = Journal::open_to_read(journal)?.entry(index)?;
    let entry = entry.and_then(|bytes| Entry::decode(&bytes).ok());
    let Some(Entry::Form(arrival)) = entry else { return Ok(false) };
    let form = SealedForm::from_bytes(arrival.sealed).ok().and_then(|sealed| sealed.open().ok());
    Ok(form.is_some_and(|form| form.station == station && form.photos.contains(&photo)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{self, form};
    use crate::storage::Storage as _;

    #[test]
    fn only_a_form_of_the_station_that_names_it_says_so() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal.db");
        let election = sample::election();
        let manifest = sample::manifest(&election, "").encode();
        let mut with_photo = form("1001", [1, 0, 1]);
        with_photo.photos = vec![Digest([5; 32]), Digest([6; 32])];
        let form = sample::arrival(&sample::sealed(&with_photo)).encode();
        Journal::create(&path).unwrap().append(0, &[&manifest, &form], "checkpoint").unwrap();
        let named = |index, station: &str, photo| {
            is_named(&path, index, station.parse().unwrap(), Digest([photo; 32])).unwrap()
        };
        assert!(named(1, "1001", 5) && named(1, "1001", 6));
        assert!(!named(1, "1001", 7), "another photo");
        assert!(!named(1, "1002", 5), "another station");
        assert!(!named(0, "1001", 5) && !named(2, "1001", 5), "no form");
    }
}
