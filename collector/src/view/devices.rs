//! How the stations stand with their devices: the roster, and what was seen of each.

use saksi_proto::definition::StationIndex;
use saksi_proto::ids::StationCode;
use serde::Serialize;

use crate::ledger::Ledger;
use crate::presence::{Doubt, Sighting, Sightings};
use crate::slips::sheet;

const HOUR_MS: u64 = 60 * 60 * 1_000;
const DAY_MS: u64 = 24 * HOUR_MS;

/// A station and its device. Times are milliseconds since 1970, UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeviceView {
    /// The station.
    pub station: StationCode,
    /// Its name.
    pub name: String,
    /// How it stands.
    pub state: DeviceState,
    /// Until when its code is valid, or was; of a station without a device.
    pub code_until_ms: Option<u64>,
    /// When the device was enrolled.
    pub enrolled_ms: Option<u64>,
    /// When its first rehearsal form was logged.
    pub rehearsed_ms: Option<u64>,
    /// When it was last there.
    pub seen_ms: Option<u64>,
    /// Its clock less ours at that time, in milliseconds.
    pub clock_off_ms: Option<i64>,
    /// Version of its agent.
    pub version: Option<String>,
    /// When its certificate ends, as far as is known.
    pub certified_until_ms: Option<u64>,
    /// It has seen a log that this one is not, and nothing of this one since.
    pub doubt: Option<Doubt>,
}

/// How a station stands with its device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeviceState {
    /// It has neither device nor code.
    NoCode,
    /// It has a code and no device.
    CodeOpen,
    /// It has no device, and its code's time is over.
    CodeExpired,
    /// It has a device, of which no rehearsal form has come.
    Enrolled,
    /// It has a device, and a rehearsal form of it is in the log.
    Tested,
    /// Its device was taken away, and no code given out since.
    Revoked,
}

impl DeviceState {
    /// All of them, as a station goes through them.
    pub const ALL: [DeviceState; 6] = [
        DeviceState::NoCode,
        DeviceState::CodeOpen,
        DeviceState::CodeExpired,
        DeviceState::Enrolled,
        DeviceState::Tested,
        DeviceState::Revoked,
    ];

    /// Its stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            DeviceState::NoCode => "no-code",
            DeviceState::CodeOpen => "code-open",
            DeviceState::CodeExpired => "code-expired",
            DeviceState::Enrolled => "enrolled",
            DeviceState::Tested => "tested",
            DeviceState::Revoked => "revoked",
        }
    }
}

/// Which stations are asked for; all that is asked for must hold. What is said of a device
/// holds of stations that have one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// In this state only.
    pub state: Option<DeviceState>,
    /// Never seen.
    pub never_seen: bool,
    /// Not tested by a rehearsal form.
    pub not_tested: bool,
    /// Not seen for so many hours, or never.
    pub silent_hours: Option<u32>,
    /// With a certificate that ends within so many days.
    pub ending_days: Option<u32>,
    /// With a clock that was off by more than so many seconds.
    pub clock_off_seconds: Option<u32>,
    /// With an agent of this version.
    pub version: Option<String>,
    /// It has seen a log that this one is not.
    pub saw_other_log: bool,
}

impl Filter {
    /// Whether a station that stands so may be asked for, whatever was seen of its device.
    #[must_use]
    pub fn may_hold(&self, state: DeviceState) -> bool {
        let has_device = matches!(state, DeviceState::Enrolled | DeviceState::Tested);
        let is_of_devices = self.never_seen
            || self.saw_other_log
            || self.not_tested
            || self.silent_hours.is_some()
            || self.ending_days.is_some()
            || self.clock_off_seconds.is_some()
            || self.version.is_some();
        self.state.is_none_or(|wanted| wanted == state)
            && (has_device || !is_of_devices)
            && (!self.not_tested || state != DeviceState::Tested)
    }

    /// Whether a station is asked for.
    #[must_use]
    pub fn holds(&self, view: &DeviceView, now_ms: u64) -> bool {
        let has_device = view.enrolled_ms.is_some();
        let all = |filter: bool, holds: bool| !filter || (has_device && holds);
        let hours = |hours: u32| u64::from(hours) * HOUR_MS;
        let silent = self.silent_hours.map(|silent| now_ms.saturating_sub(hours(silent)));
        let ending = self.ending_days.map(|days| now_ms + 24 * hours(days));
        let off = self.clock_off_seconds.map(|seconds| u64::from(seconds) * 1_000);
        self.state.is_none_or(|state| view.state == state)
            && all(self.never_seen, view.seen_ms.is_none())
            && all(self.saw_other_log, view.doubt.is_some())
            && all(self.not_tested, view.state != DeviceState::Tested)
            && silent.is_none_or(|since| all(true, view.seen_ms.is_none_or(|seen| seen < since)))
            && ending
                .is_none_or(|by| all(true, view.certified_until_ms.is_some_and(|end| end < by)))
            && off.is_none_or(|by| {
                all(true, view.clock_off_ms.is_some_and(|off| off.unsigned_abs() > by))
            })
            && self.version.as_ref().is_none_or(|version| view.version.as_ref() == Some(version))
    }
}

/// Every one of these stations with its device. A certificate that nobody has noted lasts
/// `certificate_days` from the enrolment.
#[must_use]
pub fn devices(
    ledger: &Ledger,
    sightings: &Sightings,
    stations: impl IntoIterator<Item = StationIndex>,
    certificate_days: u16,
    now_ms: u64,
) -> Vec<DeviceView> {
    let state_of = states(ledger, now_ms);
    let show = |station| {
        let of = &ledger.election.definition.stations()[station as usize];
        let state = state_of(station);
        let device = ledger.roster.device(station);
        let code = ledger.roster.open_code(station).filter(|_| device.is_none());
        let sighting = device.and_then(|device| sightings.get(&device.key));
        let sighting = sighting.cloned().unwrap_or_default();
        let doubt = sighting.open_doubt();
        let Sighting { seen_ms, clock_off_ms, version, certified_until_ms, .. } = sighting;
        let issued = device.map(|device| device.enrolled_ms + u64::from(certificate_days) * DAY_MS);
        let rehearsal = device.and_then(|device| device.rehearsals.first());
        DeviceView {
            station: of.code,
            name: of.name.to_string(),
            state,
            code_until_ms: code.map(|code| code.until_ms),
            enrolled_ms: device.map(|device| device.enrolled_ms),
            rehearsed_ms: rehearsal.map(|form| form.logged.arrived_ms),
            seen_ms,
            clock_off_ms,
            version,
            certified_until_ms: certified_until_ms.or(issued),
            doubt,
        }
    };
    stations.into_iter().map(show).collect()
}

/// How any station stands, by the roster alone.
pub fn states(ledger: &Ledger, now_ms: u64) -> impl Fn(StationIndex) -> DeviceState + '_ {
    let bereft = ledger.roster.bereft();
    move |station| match (ledger.roster.device(station), ledger.roster.open_code(station)) {
        (Some(device), _) if device.rehearsals.is_empty() => DeviceState::Enrolled,
        (Some(_), _) => DeviceState::Tested,
        (None, Some(code)) if code.until_ms < now_ms => DeviceState::CodeExpired,
        (None, Some(_)) => DeviceState::CodeOpen,
        (None, None) if bereft.contains(&station) => DeviceState::Revoked,
        (None, None) => DeviceState::NoCode,
    }
}

/// Columns of the table of devices.
pub const COLUMNS: [&str; 10] = [
    "station",
    "name",
    "state",
    "enrolled",
    "tested",
    "seen",
    "clock_off_seconds",
    "version",
    "valid_until",
    "saw_other_log",
];

impl DeviceView {
    /// It as a row of a table: one cell a column of [`COLUMNS`], times in this zone.
    #[must_use]
    pub fn cells(&self, zone: &str) -> [String; 10] {
        let minute = |ms: Option<u64>| ms.map_or_else(String::new, |ms| sheet::minute(ms, zone));
        [
            self.station.to_string(),
            self.name.clone(),
            self.state.name().to_owned(),
            minute(self.enrolled_ms),
            minute(self.rehearsed_ms),
            minute(self.seen_ms),
            self.clock_off_ms.map_or_else(String::new, |off| (off / 1_000).to_string()),
            self.version.clone().unwrap_or_default(),
            minute(self.certified_until_ms.or(self.code_until_ms)),
            self.doubt.map_or_else(String::new, |doubt| {
                let by = if doubt.is_proven { "proven" } else { "says" };
                format!("{by}: {} entries, {}", doubt.entries, sheet::minute(doubt.at_ms, zone))
            }),
        ]
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use saksi_proto::digest::Digest;
    use saksi_proto::entry::CodeTag;

    use super::*;
    use crate::ledger::LoggedForm;
    use crate::roster::{Grant, Kept, Scope};
    use crate::sample;

    fn states(ledger: &Ledger) -> Vec<&'static str> {
        let shown = devices(ledger, &Sightings::new(), 0..3, 10, 50);
        shown.iter().map(|view| view.state.name()).collect()
    }

    #[test]
    fn a_station_goes_from_code_to_device_to_none() {
        let mut ledger = Ledger::new(Arc::new(sample::election()));
        assert_eq!(states(&ledger), ["no-code"; 3]);
        for (station, until_ms) in [(0, 100), (1, 40)] {
            let grant = Grant { scope: Scope::Station(station), until_ms, used: None };
            ledger.roster.grant(CodeTag([u8::try_from(station).unwrap(); 16]), grant);
        }
        assert_eq!(states(&ledger), ["code-open", "code-expired", "no-code"]);
        ledger.roster.enrol(0, [1; 32], 45, Some(CodeTag([0; 16])));
        ledger.roster.enrol(1, [2; 32], 46, None);
        let logged = LoggedForm { index: 9, arrived_ms: 47 };
        ledger.roster.keep_rehearsal(1, Kept { form: Digest([3; 32]), logged });
        assert_eq!(states(&ledger), ["enrolled", "tested", "no-code"]);
        ledger.roster.revoke(0);
        assert_eq!(states(&ledger)[0], "revoked");
        let sighting = Sighting { seen_ms: Some(48), ..Sighting::default() };
        let shown = devices(&ledger, &Sightings::from([([2; 32], sighting)]), [1], 10, 50);
        assert_eq!((shown[0].seen_ms, shown[0].rehearsed_ms), (Some(48), Some(47)));
        assert_eq!(shown[0].certified_until_ms, Some(46 + 10 * DAY_MS));
    }

    #[test]
    fn what_is_asked_of_devices_holds_of_stations_that_have_one() {
        let mut ledger = Ledger::new(Arc::new(sample::election()));
        ledger.roster.enrol(0, [1; 32], 0, None);
        ledger.roster.enrol(1, [2; 32], 0, None);
        let sighting = Sighting {
            seen_ms: Some(HOUR_MS),
            clock_off_ms: Some(-5_000),
            version: Some("1".to_owned()),
            ..Sighting::default()
        };
        let sightings = Sightings::from([([2; 32], sighting)]);
        let now_ms = 3 * HOUR_MS;
        let shown = devices(&ledger, &sightings, 0..3, 10, now_ms);
        let held = |filter: Filter| -> Vec<usize> {
            let held = (0..3).filter(|at| filter.holds(&shown[*at], now_ms));
            held.inspect(|at| assert!(filter.may_hold(shown[*at].state), "{filter:?}")).collect()
        };
        let all = Filter::default();
        assert_eq!(held(all.clone()), [0, 1, 2]);
        assert_eq!(held(Filter { state: Some(DeviceState::NoCode), ..all.clone() }), [2]);
        assert_eq!(held(Filter { never_seen: true, ..all.clone() }), [0]);
        assert_eq!(held(Filter { not_tested: true, ..all.clone() }), [0, 1]);
        assert_eq!(held(Filter { silent_hours: Some(1), ..all.clone() }), [0, 1]);
        assert_eq!(held(Filter { silent_hours: Some(2), ..all.clone() }), [0]);
        assert_eq!(held(Filter { ending_days: Some(9), ..all.clone() }), [0; 0]);
        assert_eq!(held(Filter { ending_days: Some(10), ..all.clone() }), [0, 1]);
        assert_eq!(held(Filter { clock_off_seconds: Some(4), ..all.clone() }), [1]);
        assert_eq!(held(Filter { clock_off_seconds: Some(5), ..all.clone() }), [0; 0]);
        assert_eq!(held(Filter { version: Some("1".to_owned()), ..all.clone() }), [1]);
        assert_eq!(held(Filter { saw_other_log: true, ..all.clone() }), [0; 0]);
        let may = |filter: Filter| DeviceState::ALL.map(|state| filter.may_hold(state));
        assert_eq!(may(all.clone()), [true; 6]);
        let of_devices = [false, false, false, true, true, false];
        assert_eq!(may(Filter { never_seen: true, ..all.clone() }), of_devices);
        let (revoked, untested) = (DeviceState::Revoked, [false, false, false, true, false, false]);
        assert_eq!(may(Filter { not_tested: true, ..all.clone() }), untested);
        assert_eq!(may(Filter { state: Some(revoked), ..all })[4..], [false, true]);
    }
}
