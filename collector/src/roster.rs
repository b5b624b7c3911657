//! The roster: which device speaks for which station, which did once, and which codes
//! are open. A fold of the journal; the client certificate alone decides nothing.

use rustc_hash::{FxHashMap, FxHashSet};
use saksi_proto::definition::{RegionIndex, StationIndex};
use saksi_proto::digest::Digest;
use saksi_proto::entry::CodeTag;

use crate::ledger::LoggedForm;

/// Forms of one device that are kept as evidence, and rehearsal forms: five contests, and
/// a correction or two of each. More are refused and not kept.
pub const MAX_KEPT: usize = 16;

/// The enrolled devices.
#[derive(Debug, Default)]
pub struct Roster {
    /// The last enrolment of a station stands.
    devices: FxHashMap<StationIndex, Device>,
    /// Their keys: none speaks for two stations.
    keys: FxHashSet<[u8; 32]>,
    /// Devices that spoke for a station once, by their keys.
    former: FxHashMap<[u8; 32], Former>,
    codes: FxHashMap<CodeTag, Grant>,
    /// The code of a station that nobody has used yet.
    open: FxHashMap<StationIndex, CodeTag>,
    /// Grows whenever a device ceases to speak for its station.
    revocations: u64,
}

/// A device that speaks for its station.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Its public key (Ed25519).
    pub key: [u8; 32],
    /// When it was enrolled, milliseconds since 1970, UTC.
    pub enrolled_ms: u64,
    /// Its rehearsal forms, in the order of the log.
    pub rehearsals: Vec<Kept>,
}

/// A form that is in the log and in no total.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// SHA-256 of the sealed form.
    pub form: Digest,
    /// Where it stands in the log, and since when.
    pub logged: LoggedForm,
}

/// A device that spoke for a station once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Former {
    /// Which one.
    pub station: StationIndex,
    /// What it sent afterwards, in the order of the log.
    pub evidence: Vec<Kept>,
}

/// A code that was given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// What it is for.
    pub scope: Scope,
    /// Until when, milliseconds since 1970, UTC.
    pub until_ms: u64,
    /// The station whose device has used it.
    pub used: Option<StationIndex>,
}

/// Which stations a code is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// This one.
    Station(StationIndex),
    /// A spare: any one of the region without a device.
    Region(RegionIndex),
}

/// What a key is to a station.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Its device speaks for it.
    Current,
    /// Its device did once.
    Former,
}

impl Roster {
    /// A device speaks for a station from here on. The one before does no more.
    pub fn enrol(
        &mut self,
        station: StationIndex,
        key: [u8; 32],
        enrolled_ms: u64,
        code: Option<CodeTag>,
    ) {
        self.revoke(station);
        self.former.remove(&key);
        self.keys.insert(key);
        self.devices.insert(station, Device { key, enrolled_ms, rehearsals: Vec::new() });
        let Some(tag) = code else { return };
        if let Some(grant) = self.codes.get_mut(&tag) {
            grant.used = Some(station);
        }
        if self.open.get(&station) == Some(&tag) {
            self.open.remove(&station);
        }
    }

    /// The device of a station speaks for it no more.
    pub fn revoke(&mut self, station: StationIndex) {
        if let Some(device) = self.devices.remove(&station) {
            self.keys.remove(&device.key);
            self.former.insert(device.key, Former { station, evidence: Vec::new() });
            self.revocations += 1;
        }
    }

    /// A code is given out. One for a station takes the place of an unused one.
    pub fn grant(&mut self, tag: CodeTag, grant: Grant) {
        if let Scope::Station(station) = grant.scope
            && let Some(earlier) = self.open.insert(station, tag)
        {
            self.codes.remove(&earlier);
        }
        self.codes.insert(tag, grant);
    }

    /// A former device has sent a form.
    pub fn keep_evidence(&mut self, key: [u8; 32], form: Kept) {
        if let Some(former) = self.former.get_mut(&key) {
            former.evidence.push(form);
        }
    }

    /// The station's device has sent a rehearsal form.
    pub fn keep_rehearsal(&mut self, station: StationIndex, form: Kept) {
        if let Some(device) = self.devices.get_mut(&station) {
            device.rehearsals.push(form);
        }
    }

    /// The public key (Ed25519) of the station's device.
    #[must_use]
    pub fn key(&self, station: StationIndex) -> Option<[u8; 32]> {
        self.device(station).map(|device| device.key)
    }

    /// The station's device.
    #[must_use]
    pub fn device(&self, station: StationIndex) -> Option<&Device> {
        self.devices.get(&station)
    }

    /// The device with this key, if it spoke for a station once and does no more.
    #[must_use]
    pub fn former(&self, key: &[u8; 32]) -> Option<&Former> {
        self.former.get(key)
    }

    /// Keys of the devices that spoke once for one of these stations, each with its station.
    /// Looks at all former devices.
    pub fn formers_of(
        &self,
        stations: &FxHashSet<StationIndex>,
    ) -> impl Iterator<Item = (&[u8; 32], StationIndex)> {
        let of = self.former.iter().filter(|(_, former)| stations.contains(&former.station));
        of.map(|(key, former)| (key, former.station))
    }

    /// What the former devices of a station sent afterwards, in the order of the log.
    /// Looks at all former devices; of a nation's those are some thousands.
    #[must_use]
    pub fn evidence(&self, station: StationIndex) -> Vec<Kept> {
        let formers = self.former.values().filter(|former| former.station == station);
        let mut evidence: Vec<_> = formers.flat_map(|former| &former.evidence).copied().collect();
        evidence.sort_unstable_by_key(|kept| kept.logged.index);
        evidence
    }

    /// Stations that have had a device which speaks no more.
    #[must_use]
    pub fn bereft(&self) -> FxHashSet<StationIndex> {
        self.former.values().map(|former| former.station).collect()
    }

    /// Whether a device with this key speaks for a station, or did once.
    #[must_use]
    pub fn knows(&self, key: &[u8; 32]) -> bool {
        self.keys.contains(key) || self.former.contains_key(key)
    }

    /// What a key is to a station; `None`: it never was anything.
    #[must_use]
    pub fn standing(&self, station: StationIndex, key: &[u8; 32]) -> Option<Standing> {
        if self.key(station) == Some(*key) {
            return Some(Standing::Current);
        }
        let former = self.former(key).filter(|former| former.station == station);
        former.map(|_| Standing::Former)
    }

    /// The grant behind a code.
    #[must_use]
    pub fn code(&self, tag: &CodeTag) -> Option<&Grant> {
        self.codes.get(tag)
    }

    /// The code of a station that nobody has used yet.
    #[must_use]
    pub fn open_code(&self, station: StationIndex) -> Option<&Grant> {
        self.code(self.open.get(&station)?)
    }

    /// Number of stations with a device.
    #[must_use]
    pub fn enrolled(&self) -> usize {
        self.devices.len()
    }

    /// How often a device has ceased to speak for its station: who sees it grow asks
    /// again.
    #[must_use]
    pub fn revocations(&self) -> u64 {
        self.revocations
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: [u8; 32] = [1; 32];
    const B: [u8; 32] = [2; 32];

    fn kept(index: u64) -> Kept {
        Kept { form: Digest([3; 32]), logged: LoggedForm { index, arrived_ms: index } }
    }

    #[test]
    fn a_station_has_one_device_and_remembers_the_others() {
        let mut roster = Roster::default();
        roster.enrol(7, A, 1, None);
        assert_eq!(roster.standing(7, &A), Some(Standing::Current));
        roster.enrol(7, B, 2, None);
        assert_eq!(roster.standing(7, &A), Some(Standing::Former));
        assert_eq!(roster.standing(8, &A), None, "of its own station only");
        assert_eq!((roster.key(7), roster.revocations()), (Some(B), 1));
        roster.revoke(7);
        assert_eq!((roster.key(7), roster.standing(7, &B)), (None, Some(Standing::Former)));
        roster.revoke(7);
        assert_eq!(roster.revocations(), 2, "nothing is revoked twice");
        roster.keep_evidence(B, kept(9));
        roster.keep_evidence(A, kept(8));
        assert_eq!(roster.evidence(7), [kept(8), kept(9)]);
        assert_eq!(roster.evidence(8), []);
    }

    #[test]
    fn a_new_code_takes_the_place_of_an_unused_one() {
        let grant = Grant { scope: Scope::Station(7), until_ms: 100, used: None };
        let [first, second, third] = [1, 2, 3].map(|tag| CodeTag([tag; 16]));
        let mut roster = Roster::default();
        roster.grant(first, grant);
        roster.grant(second, grant);
        assert_eq!(roster.code(&first), None);
        roster.enrol(7, A, 1, Some(second));
        assert_eq!(roster.code(&second).unwrap().used, Some(7));
        assert_eq!(roster.open_code(7), None);
        roster.grant(third, grant);
        assert!(roster.code(&second).is_some(), "a used one is remembered");
    }

    #[test]
    fn a_rehearsal_is_of_one_device() {
        let mut roster = Roster::default();
        roster.keep_rehearsal(7, kept(3));
        roster.enrol(7, A, 1, None);
        roster.keep_rehearsal(7, kept(4));
        assert_eq!(roster.device(7).unwrap().rehearsals, [kept(4)]);
        roster.enrol(7, B, 2, None);
        assert_eq!(roster.device(7).unwrap().rehearsals, []);
    }
}
