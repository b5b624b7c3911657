use std::sync::Arc;

use super::*;
use crate::reading::Staged;
use crate::sample::{self, election, manifest};

const NOW: u64 = 1_000;

/// An election night before anybody is enrolled, and what is done to its roster.
struct Night(Ledger);

impl Night {
    fn new() -> Self {
        let election = Arc::new(election());
        let mut ledger = Ledger::new(Arc::clone(&election));
        let manifest = Staged::of(&election, &manifest(&election, "")).unwrap();
        ledger.apply(manifest.reading.meaning).unwrap();
        Self(ledger)
    }

    /// Decides, and folds what was decided; how many entries that were.
    fn change(&mut self, change: &Change) -> Result<usize, ChangeFault> {
        let entries = decide(&self.0, change)?;
        for entry in &entries {
            let staged = Staged::of(&self.0.election, entry).unwrap();
            self.0.apply(staged.reading.meaning).unwrap();
        }
        Ok(entries.len())
    }

    fn apply(&mut self, tag: u8, station: &str, device: &str) -> Result<usize, EnrolRefusal> {
        let key = key(device);
        let (tag, station) = (CodeTag([tag; 16]), station.parse().unwrap());
        match self.change(&Change::Apply { tag, station, key, at_ms: NOW }) {
            Err(ChangeFault::Refused(refusal)) => Err(refusal),
            other => Ok(other.unwrap()),
        }
    }
}

fn key(device: &str) -> [u8; 32] {
    sample::key(device).verifying_key().to_bytes()
}

fn act(reason: &str) -> Act {
    Act { by: "sri".to_owned(), reason: reason.to_owned() }
}

fn code(tag: u8, scope: CodeScope) -> CodeGrant {
    CodeGrant { tag: CodeTag([tag; 16]), scope, until_ms: NOW, at_ms: 1, act: act("") }
}

fn for_station(tag: u8, station: &str) -> CodeGrant {
    code(tag, CodeScope::Station(station.parse().unwrap()))
}

fn revoke(station: &str) -> Change {
    let stations = vec![station.parse().unwrap()];
    Change::Revoke { stations, act: act("lost"), at_ms: NOW }
}

#[test]
fn a_code_enrols_one_key_as_often_as_it_asks_and_never_another() {
    let mut night = Night::new();
    night.change(&Change::Grant { grants: vec![for_station(1, "1001")] }).unwrap();
    assert_eq!(night.apply(2, "1001", "a"), Err(EnrolRefusal::UnknownCode));
    assert_eq!(night.apply(1, "1002", "a"), Err(EnrolRefusal::OtherStation));
    assert_eq!(night.apply(1, "1001", "a"), Ok(1));
    assert_eq!(night.apply(1, "1001", "a"), Ok(0), "it is in the log already");
    assert_eq!(night.apply(1, "1001", "b"), Err(EnrolRefusal::CodeUsed));
    night.change(&revoke("1001")).unwrap();
    assert_eq!(night.apply(1, "1001", "a"), Err(EnrolRefusal::CodeUsed), "revoked");
}

#[test]
fn a_key_speaks_for_one_station() {
    let mut night = Night::new();
    let grants = vec![for_station(1, "1001"), for_station(2, "1002")];
    night.change(&Change::Grant { grants }).unwrap();
    assert_eq!(night.apply(1, "1001", "a"), Ok(1));
    assert_eq!(night.apply(2, "1002", "a"), Err(EnrolRefusal::KeyKnown));
    assert_eq!(night.apply(2, "1002", "b"), Ok(1));
}

#[test]
fn a_code_is_good_for_its_time() {
    let mut night = Night::new();
    let mut late = for_station(1, "1001");
    late.until_ms = NOW - 1;
    night.change(&Change::Grant { grants: vec![late, for_station(2, "1002")] }).unwrap();
    assert_eq!(night.apply(1, "1001", "a"), Err(EnrolRefusal::CodeExpired));
    assert_eq!(night.apply(2, "1002", "a"), Ok(1), "to its last millisecond");
}

#[test]
fn a_device_in_use_is_replaced_only_by_who_says_so() {
    let mut night = Night::new();
    let grant = Change::Grant { grants: vec![for_station(1, "1001")] };
    night.change(&grant).unwrap();
    night.apply(1, "1001", "a").unwrap();
    let have = ChangeFault::HaveDevices(vec!["1001".parse().unwrap()]);
    assert_eq!(night.change(&grant), Err(have));
    let change = Change::Replace { grant: for_station(2, "1001") };
    assert_eq!(night.change(&change), Ok(2), "a revocation and a code");
    assert_eq!(night.apply(2, "1001", "a"), Err(EnrolRefusal::KeyKnown));
    assert_eq!(night.apply(2, "1001", "b"), Ok(1));
    let station = night.0.election.definition.station("1001".parse().unwrap()).unwrap();
    assert_eq!(night.0.roster.key(station), Some(key("b")));
    let never = Change::Replace { grant: for_station(3, "1002") };
    assert_eq!(night.change(&never), Ok(1), "a slip that was lost");
}

#[test]
fn a_spare_is_for_any_station_of_its_region_without_a_device() {
    let mut night = Night::new();
    let village = night.0.election.definition.station("1001".parse().unwrap()).unwrap();
    let village = night.0.election.definition.region_of(village);
    let region = night.0.election.definition.regions()[village as usize].code;
    let spares = [1, 2, 3].map(|tag| code(tag, CodeScope::Region(region))).to_vec();
    night.change(&Change::Grant { grants: spares }).unwrap();
    let ask = |night: &Night, station: Option<&str>| {
        let station = station.map(|code| code.parse().unwrap());
        check_code(&night.0, CodeTag([1; 16]), station, NOW)
    };
    assert_eq!(ask(&night, None), Err(EnrolRefusal::StationMissing));
    assert_eq!(ask(&night, Some("2001")), Err(EnrolRefusal::OtherStation));
    assert_eq!(ask(&night, Some("9999")), Err(EnrolRefusal::OtherStation));
    assert_eq!(night.apply(1, "1001", "a"), Ok(1));
    assert_eq!(night.apply(1, "1002", "b"), Err(EnrolRefusal::CodeUsed));
    assert_eq!(night.apply(2, "1001", "b"), Err(EnrolRefusal::StationHasDevice));
    night.change(&revoke("1001")).unwrap();
    assert_eq!(night.apply(2, "1001", "b"), Ok(1));
}

#[test]
fn a_change_is_made_whole_or_not_at_all() {
    let mut night = Night::new();
    let grants = |stations: &[&str]| Change::Grant {
        grants: (1..).zip(stations).map(|(tag, station)| for_station(tag, station)).collect(),
    };
    let unknown = ChangeFault::UnknownStations(vec!["9999".parse().unwrap()]);
    assert_eq!(night.change(&grants(&["1001", "9999"])), Err(unknown));
    let twice = ChangeFault::Twice("1001".parse().unwrap());
    assert_eq!(night.change(&grants(&["1001", "1001"])), Err(twice));
    let none = ChangeFault::NoDevice(vec!["1001".parse().unwrap()]);
    assert_eq!(night.change(&revoke("1001")), Err(none));
    let mut wordy = for_station(1, "1001");
    wordy.act.reason = "x".repeat(MAX_REASON + 1);
    let wordy = Change::Grant { grants: vec![wordy] };
    assert_eq!(night.change(&wordy), Err(ChangeFault::TooLong(MAX_REASON + 1)));
    let region =
        Change::Grant { grants: vec![code(1, CodeScope::Region("nowhere".parse().unwrap()))] };
    assert!(matches!(night.change(&region), Err(ChangeFault::UnknownRegion(_))));
    assert_eq!(night.0.position.size, 1, "nothing was logged");
}
