//! Changes of the roster, and what the centre decides ([`centre`]): what staff and devices
//! may have done. A pure question to the ledger; the answer is entries to be logged, or why
//! nothing is done.
//!
//! The sequencer decides and commits each change on its own, so that nothing else happens
//! between the question and its answer: a code is used once.

pub mod centre;

use std::collections::HashSet;

use saksi_proto::definition::StationIndex;
use saksi_proto::enrolment::EnrolRefusal;
use saksi_proto::entry::{
    Act, CodeGrant, CodeScope, CodeTag, Enrolment, Entry, MAX_NAME, MAX_REASON, Revocation, Warrant,
};
use saksi_proto::ids::{RegionCode, StationCode};
use saksi_proto::question::Question;
use saksi_proto::ruling::{Amendment, Pause, Ruling};
use serde::{Deserialize, Serialize};

use crate::ledger::Ledger;
use crate::roster::Scope;
use centre::Denial;

/// Most entries of one change: 10,000 of 200 bytes are a commit of 2 MB, some 100 ms in
/// which nobody else's forms are committed.
pub const MAX_CHANGE: usize = 10_000;

/// What is to change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// These devices, made at the centre, speak for their stations.
    Enrol {
        /// The devices.
        enrolments: Vec<Enrolment>,
        /// Also for stations that have one already.
        replace: bool,
    },
    /// These codes are given out, for stations without a device.
    Grant {
        /// The codes.
        grants: Vec<CodeGrant>,
    },
    /// A device has shown a code and proven its key. The same again changes nothing.
    Apply {
        /// Stands for the code.
        tag: CodeTag,
        /// The station it is to speak for.
        station: StationCode,
        /// Its public key (Ed25519).
        key: [u8; 32],
        /// When, milliseconds since 1970, UTC.
        at_ms: u64,
    },
    /// The devices of these stations speak no more.
    Revoke {
        /// The stations.
        stations: Vec<StationCode>,
        /// By whom, and why.
        act: Act,
        /// When, milliseconds since 1970, UTC.
        at_ms: u64,
    },
    /// The station's device, if there is one, speaks no more, and a code for another is
    /// given out.
    Replace {
        /// The code.
        grant: CodeGrant,
    },
    /// Someone rules on the held or disputed forms of a station.
    Rule(Ruling),
    /// What is expected of a station changes.
    Amend(Amendment),
    /// Publication is paused, or goes on.
    Pause(Pause),
    /// A station is asked to look at its paper again.
    Ask(Question),
}

/// Why nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum ChangeFault {
    /// They have devices, and replacing was not asked for.
    #[error("these stations have a device: {}; `--replace` puts another in its place", some_of(.0))]
    HaveDevices(Vec<StationCode>),
    /// There is nothing to revoke.
    #[error("these stations have no device: {}", some_of(.0))]
    NoDevice(Vec<StationCode>),
    /// Not stations of the election.
    #[error("not stations of this election: {}", some_of(.0))]
    UnknownStations(Vec<StationCode>),
    /// Not a region of the election.
    #[error("there is no region {0}")]
    UnknownRegion(RegionCode),
    /// One station twice in one change.
    #[error("station {0} is named twice")]
    Twice(StationCode),
    /// A name or reason that the log does not take.
    #[error("a name has at most {MAX_NAME} bytes and a reason at most {MAX_REASON}; one has {0}")]
    TooLong(usize),
    /// A replacement's code is for one station.
    #[error("a device is replaced at one station, not in a region")]
    NotAStation,
    /// It means nothing in this election.
    #[error("nothing was changed: {0}")]
    Unsound(String),
    /// More than [`MAX_CHANGE`] at once.
    #[error("{0} at once, where {MAX_CHANGE} are possible")]
    TooMany(usize),
    /// What a device asks for with its code is refused.
    #[error("refused: {}", .0.code())]
    Refused(EnrolRefusal),
    /// What the centre decides is not to be had.
    #[error("{} ({})", .0.sentence(), .0.code())]
    Denied(Denial),
}

/// The entries that a change comes to; none, if all of it is in the log already.
///
/// # Errors
/// [`ChangeFault`]; nothing is to be logged then.
pub fn decide(ledger: &Ledger, change: &Change) -> Result<Vec<Entry>, ChangeFault> {
    match change {
        Change::Enrol { enrolments, replace } => enrol(ledger, enrolments, *replace),
        Change::Grant { grants } => grant(ledger, grants),
        Change::Apply { tag, station, key, at_ms } => {
            let entry = apply(ledger, *tag, *station, *key, *at_ms);
            Ok(entry.map_err(ChangeFault::Refused)?.into_iter().collect())
        }
        Change::Revoke { stations, act, at_ms } => revoke(ledger, stations, act, *at_ms),
        Change::Replace { grant } => replace(ledger, grant),
        Change::Rule(ruling) => centre::rule(ledger, ruling),
        Change::Amend(amendment) => centre::amend(ledger, amendment),
        Change::Pause(pause) => centre::pause(ledger, pause),
        Change::Ask(question) => centre::ask(ledger, question),
    }
}

fn enrol(
    ledger: &Ledger,
    enrolments: &[Enrolment],
    replace: bool,
) -> Result<Vec<Entry>, ChangeFault> {
    let stations: Vec<_> = enrolments.iter().map(|enrolment| enrolment.station).collect();
    let found = find(ledger, &stations)?;
    for enrolment in enrolments {
        if let Warrant::Bundle(act) = &enrolment.warrant {
            check_act(act)?;
        }
    }
    if !replace {
        without_devices(ledger, &stations, &found)?;
    }
    Ok(enrolments.iter().cloned().map(Entry::Enrolment).collect())
}

fn grant(ledger: &Ledger, grants: &[CodeGrant]) -> Result<Vec<Entry>, ChangeFault> {
    if grants.len() > MAX_CHANGE {
        return Err(ChangeFault::TooMany(grants.len()));
    }
    let mut stations = Vec::new();
    for grant in grants {
        check_act(&grant.act)?;
        match grant.scope {
            CodeScope::Station(station) => stations.push(station),
            CodeScope::Region(code) => {
                ledger.election.definition.region(code).ok_or(ChangeFault::UnknownRegion(code))?;
            }
        }
    }
    let found = find(ledger, &stations)?;
    without_devices(ledger, &stations, &found)?;
    Ok(grants.iter().cloned().map(Entry::Code).collect())
}

/// What the grant behind a code lets a device have.
///
/// # Errors
/// [`EnrolRefusal`].
pub fn check_code(
    ledger: &Ledger,
    tag: CodeTag,
    station: Option<StationCode>,
    now_ms: u64,
) -> Result<StationIndex, EnrolRefusal> {
    let grant = ledger.roster.code(&tag).ok_or(EnrolRefusal::UnknownCode)?;
    let definition = &ledger.election.definition;
    let named = station.map(|code| definition.station(code).ok_or(EnrolRefusal::OtherStation));
    let named = named.transpose()?;
    let station = match (grant.scope, named) {
        (Scope::Station(station), None) => station,
        (Scope::Station(station), Some(named)) if named == station => station,
        (Scope::Region(_), None) => return Err(EnrolRefusal::StationMissing),
        (Scope::Region(region), Some(named))
            if definition.upwards(definition.region_of(named)).any(|above| above == region) =>
        {
            named
        }
        _ => return Err(EnrolRefusal::OtherStation),
    };
    match grant.used {
        Some(used) if used != station => Err(EnrolRefusal::CodeUsed),
        // Whether it is the same device, its key says.
        Some(_) => Ok(station),
        None if grant.until_ms < now_ms => Err(EnrolRefusal::CodeExpired),
        None => Ok(station),
    }
}

fn apply(
    ledger: &Ledger,
    tag: CodeTag,
    code: StationCode,
    key: [u8; 32],
    at_ms: u64,
) -> Result<Option<Entry>, EnrolRefusal> {
    let station = check_code(ledger, tag, Some(code), at_ms)?;
    let is_used = ledger.roster.code(&tag).is_some_and(|grant| grant.used.is_some());
    match (ledger.roster.key(station), is_used) {
        (Some(present), true) if present == key => Ok(None),
        (_, true) => Err(EnrolRefusal::CodeUsed),
        (Some(_), false) => Err(EnrolRefusal::StationHasDevice),
        (None, false) if ledger.roster.knows(&key) => Err(EnrolRefusal::KeyKnown),
        (None, false) => {
            let warrant = Warrant::Code(tag);
            Ok(Some(Entry::Enrolment(Enrolment { station: code, key, at_ms, warrant })))
        }
    }
}

fn revoke(
    ledger: &Ledger,
    stations: &[StationCode],
    act: &Act,
    at_ms: u64,
) -> Result<Vec<Entry>, ChangeFault> {
    check_act(act)?;
    let found = find(ledger, stations)?;
    let keys: Vec<_> = found.iter().map(|station| ledger.roster.key(*station)).collect();
    let without = stations.iter().zip(&keys).filter(|(_, key)| key.is_none());
    let without: Vec<_> = without.map(|(station, _)| *station).collect();
    if !without.is_empty() {
        return Err(ChangeFault::NoDevice(without));
    }
    let revocation = |(station, key): (&StationCode, [u8; 32])| {
        Entry::Revocation(Revocation { station: *station, key, at_ms, act: act.clone() })
    };
    Ok(stations.iter().zip(keys.into_iter().flatten()).map(revocation).collect())
}

fn replace(ledger: &Ledger, grant: &CodeGrant) -> Result<Vec<Entry>, ChangeFault> {
    check_act(&grant.act)?;
    let CodeScope::Station(station) = grant.scope else { return Err(ChangeFault::NotAStation) };
    let found = find(ledger, &[station])?;
    let mut entries = Vec::new();
    if let Some(key) = ledger.roster.key(found[0]) {
        let (at_ms, act) = (grant.at_ms, grant.act.clone());
        entries.push(Entry::Revocation(Revocation { station, key, at_ms, act }));
    }
    entries.push(Entry::Code(grant.clone()));
    Ok(entries)
}

/// Their positions. Each may stand once: what is decided of one does not see the other.
fn find(ledger: &Ledger, stations: &[StationCode]) -> Result<Vec<StationIndex>, ChangeFault> {
    if stations.len() > MAX_CHANGE {
        return Err(ChangeFault::TooMany(stations.len()));
    }
    let mut seen = HashSet::new();
    if let Some(twice) = stations.iter().find(|station| !seen.insert(**station)) {
        return Err(ChangeFault::Twice(*twice));
    }
    let definition = &ledger.election.definition;
    let unknown = stations.iter().filter(|code| definition.station(**code).is_none());
    let unknown: Vec<_> = unknown.copied().collect();
    if unknown.is_empty() {
        Ok(stations.iter().filter_map(|code| definition.station(*code)).collect())
    } else {
        Err(ChangeFault::UnknownStations(unknown))
    }
}

fn without_devices(
    ledger: &Ledger,
    stations: &[StationCode],
    found: &[StationIndex],
) -> Result<(), ChangeFault> {
    let have = stations.iter().zip(found);
    let have = have.filter(|(_, station)| ledger.roster.device(**station).is_some());
    let have: Vec<_> = have.map(|(code, _)| *code).collect();
    if have.is_empty() { Ok(()) } else { Err(ChangeFault::HaveDevices(have)) }
}

fn check_act(act: &Act) -> Result<(), ChangeFault> {
    let too_long = [(act.by.len(), MAX_NAME), (act.reason.len(), MAX_REASON)];
    match too_long.iter().find(|(length, limit)| length > limit) {
        Some((length, _)) => Err(ChangeFault::TooLong(*length)),
        None => Ok(()),
    }
}

/// The first ten codes, and how many more there are.
fn some_of(stations: &[StationCode]) -> String {
    let shown: Vec<_> = stations.iter().take(10).map(StationCode::as_str).collect();
    let more = stations.len() - shown.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    shown.join(", ") + &more
}

#[cfg(test)]
mod tests;
