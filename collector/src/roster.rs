//! The roster: which device speaks for which station. A fold of the enrolments in
//! the journal; the client certificate alone decides nothing.

use std::collections::HashMap;

use saksi_proto::VerifyingKey;
use saksi_proto::definition::StationIndex;

/// The enrolled devices.
#[derive(Debug, Default)]
pub struct Roster {
    /// The last enrolment of a station stands.
    keys: HashMap<StationIndex, VerifyingKey>,
}

impl Roster {
    /// A device speaks for a station from here on.
    pub fn enrol(&mut self, station: StationIndex, key: VerifyingKey) {
        self.keys.insert(station, key);
    }

    /// The key of the station's device.
    #[must_use]
    pub fn key(&self, station: StationIndex) -> Option<VerifyingKey> {
        self.keys.get(&station).copied()
    }

    /// Number of stations with a device.
    #[must_use]
    pub fn enrolled(&self) -> usize {
        self.keys.len()
    }
}
