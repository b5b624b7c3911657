//! Of which stations a photo has become whole, for whoever shows photos.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use saksi_proto::ids::StationCode;

/// The stations since it was asked last; none are kept before it was asked once. At most all
/// that there are: some 20 MB for a nation.
#[derive(Debug, Default)]
pub struct NewlyWhole(Mutex<Option<BTreeSet<StationCode>>>);

impl NewlyWhole {
    /// A photo of the station is whole.
    pub fn note(&self, station: StationCode) {
        let mut stations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(stations) = stations.as_mut() {
            stations.insert(station);
        }
    }

    /// Takes the stations that were noted, and has more be noted.
    pub fn take(&self) -> BTreeSet<StationCode> {
        let mut stations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        stations.replace(BTreeSet::new()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_asks_for_is_not_kept_and_what_is_taken_is_gone() {
        let (newly, station) = (NewlyWhole::default(), "1001".parse().unwrap());
        newly.note(station);
        assert!(newly.take().is_empty());
        newly.note(station);
        newly.note(station);
        assert_eq!(newly.take(), BTreeSet::from([station]));
        assert!(newly.take().is_empty());
    }
}
