//! The roster: which device speaks for which station. A fold of the enrolments in
//! the journal; the client certificate alone decides nothing.

use rustc_hash::FxHashMap;

use saksi_proto::definition::StationIndex;

/// The enrolled devices.
#[derive(Debug, Default)]
pub struct Roster {
    /// The last enrolment of a station stands.
    keys: FxHashMap<StationIndex, [u8; 32]>,
}

impl Roster {
    /// A device speaks for a station from here on.
    pub fn enrol(&mut self, station: StationIndex, key: [u8; 32]) {
        self.keys.insert(station, key);
    }

    /// The public key (Ed25519) of the station's device.
    #[must_use]
    pub fn key(&self, station: StationIndex) -> Option<[u8; 32]> {
        self.keys.get(&station).copied()
    }

    /// Number of stations with a device.
    #[must_use]
    pub fn enrolled(&self) -> usize {
        self.keys.len()
    }
}
