//! An entry, read: its leaf in the tree, and what it means in this election. All that
//! can be known without the ledger, so that any core can work it out; the ledger then
//! only has to add it up.

use saksi_proto::VerifyingKey;
use saksi_proto::codec::DecodeFault;
use saksi_proto::definition::StationIndex;
use saksi_proto::digest::Digest;
use saksi_proto::entry::{
    Arrival, CodeGrant, CodeScope, CodeTag, Enrolment, Entry, Manifest, Warrant,
};
use saksi_proto::form::TallyForm;
use saksi_proto::ids::{ContestCode, StationCode};
use saksi_proto::merkle::leaf_hash;
use saksi_proto::question::Question;
use saksi_proto::ruling::{Amendment, Pause, Ruling};
use saksi_proto::seal::SealedForm;

use crate::election::Election;
use crate::roster::{Grant, Scope};
use crate::tally::report::Report;

/// An entry of the log, read.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Its hash as a leaf of the tree.
    pub leaf: Digest,
    /// What it means.
    pub meaning: Meaning,
}

/// An entry ready to be committed.
#[derive(Debug, Clone)]
pub struct Staged {
    /// The bytes that are logged.
    pub bytes: Vec<u8>,
    /// What they say.
    pub reading: Reading,
}

/// What an entry means in this election.
#[derive(Debug, Clone)]
pub enum Meaning {
    /// The log is about the election with this digest.
    Manifest(Digest),
    /// A device becomes the voice of a station.
    Enrolment(Enrolled),
    /// A form has arrived.
    Form(Filed),
    /// A code is given out.
    Code(CodeTag, Grant),
    /// The device with this key speaks for its station no more.
    Revocation(StationIndex, [u8; 32]),
    /// A form of the former device with this key.
    Evidence([u8; 32], Uncounted),
    /// A rehearsal form of the station's device.
    Rehearsal(Uncounted),
    /// Someone has ruled on the forms for this contest of this station.
    Ruling((usize, StationIndex), Box<Ruling>),
    /// What is expected of a station has changed.
    Amendment(StationIndex, Box<Amendment>),
    /// Publication is paused, or goes on.
    Pause(Pause),
    /// This station is asked to look at its paper for this contest again.
    Question((usize, StationIndex), Box<Question>),
}

/// A device that becomes the voice of a station.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Enrolled {
    /// The station.
    pub station: StationIndex,
    /// The device's public key (Ed25519).
    pub key: [u8; 32],
    /// When, milliseconds since 1970, UTC.
    pub at_ms: u64,
    /// The code that it has shown.
    pub code: Option<CodeTag>,
}

/// A form that is in no total.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Uncounted {
    /// Position of its station.
    pub station: StationIndex,
    /// SHA-256 of the sealed form.
    pub form: Digest,
    /// When it arrived, milliseconds since 1970, UTC.
    pub arrived_ms: u64,
}

/// A form in its place.
#[derive(Debug, Clone)]
pub struct Filed {
    /// Which form it is.
    pub name: FormName,
    /// What it says.
    pub report: Report,
}

/// Names a form, and where to look for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormName {
    /// Position of its contest.
    pub contest: usize,
    /// Position of its station.
    pub station: StationIndex,
    /// SHA-256 of the sealed form.
    pub digest: Digest,
}

/// An entry that means nothing in this election: the log is of another one, or was
/// written by something else than a collector.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadFault {
    /// Its bytes are no entry.
    #[error("damaged: {0}")]
    Damaged(DecodeFault),
    /// It speaks of what the election does not have.
    #[error("{0}")]
    Unknown(String),
}

impl Reading {
    /// Reads an entry's bytes.
    ///
    /// # Errors
    /// [`ReadFault`].
    pub fn of(election: &Election, bytes: &[u8]) -> Result<Self, ReadFault> {
        let leaf = leaf_hash(bytes);
        let meaning = match Entry::decode(bytes).map_err(ReadFault::Damaged)? {
            Entry::Manifest(manifest) => Meaning::Manifest(manifest.roots.digest()),
            Entry::Enrolment(enrolment) => read_enrolment(election, &enrolment)?,
            Entry::Form(arrival) => Meaning::Form(read_form(election, arrival)?),
            Entry::Code(grant) => read_grant(election, &grant)?,
            Entry::Revocation(revocation) => {
                Meaning::Revocation(station(election, revocation.station)?, revocation.key)
            }
            Entry::Evidence(evidence) => {
                Meaning::Evidence(evidence.key, read_uncounted(election, evidence.arrival)?)
            }
            Entry::Rehearsal(arrival) => Meaning::Rehearsal(read_uncounted(election, arrival)?),
            Entry::Ruling(ruling) => {
                let place = held_at(election, ruling.contest, ruling.station)?;
                Meaning::Ruling(place, Box::new(ruling))
            }
            Entry::Amendment(of) => {
                Meaning::Amendment(station(election, of.station)?, Box::new(of))
            }
            Entry::Pause(pause) => Meaning::Pause(pause),
            Entry::Question(question) => read_question(election, question)?,
        };
        Ok(Self { leaf, meaning })
    }
}

impl Staged {
    /// Entry 0 of a new log.
    #[must_use]
    pub fn manifest(manifest: Manifest) -> Self {
        let meaning = Meaning::Manifest(manifest.roots.digest());
        let bytes = Entry::Manifest(manifest).encode();
        Self { reading: Reading { leaf: leaf_hash(&bytes), meaning }, bytes }
    }

    /// An entry of our own making.
    ///
    /// # Errors
    /// [`ReadFault`] if it means nothing in this election; it must not be logged then.
    pub fn of(election: &Election, entry: &Entry) -> Result<Self, ReadFault> {
        if let Entry::Enrolment(Enrolment { station, key, .. }) = entry
            && !is_sound(key)
        {
            let what = format!("what {station} would be enrolled with is no sound Ed25519 key");
            return Err(ReadFault::Unknown(what));
        }
        let bytes = entry.encode();
        Ok(Self { reading: Reading::of(election, &bytes)?, bytes })
    }
}

/// Whether a public key is one that key generation makes: a point of the large group.
/// Others make signatures on which verifiers disagree.
pub(crate) fn is_sound(key: &[u8; 32]) -> bool {
    let key = VerifyingKey::from_bytes(key);
    key.is_ok_and(|key| !key.is_weak() && key.to_edwards().is_torsion_free())
}

fn read_enrolment(election: &Election, enrolment: &Enrolment) -> Result<Meaning, ReadFault> {
    let station = station(election, enrolment.station)?;
    let code = match &enrolment.warrant {
        Warrant::Bundle(_) => None,
        Warrant::Code(tag) => Some(*tag),
    };
    let Enrolment { key, at_ms, .. } = *enrolment;
    Ok(Meaning::Enrolment(Enrolled { station, key, at_ms, code }))
}

fn read_question(election: &Election, question: Question) -> Result<Meaning, ReadFault> {
    let place = held_at(election, question.contest, question.station)?;
    match question.lines.iter().find(|line| !election.has_line(place.0, line)) {
        Some(line) => {
            let what = format!("no line {line} on the form of the contest {}", question.contest);
            Err(ReadFault::Unknown(what))
        }
        None => Ok(Meaning::Question(place, Box::new(question))),
    }
}

fn station(election: &Election, code: StationCode) -> Result<StationIndex, ReadFault> {
    let station = election.definition.station(code);
    station.ok_or_else(|| ReadFault::Unknown(format!("no station {code}")))
}

fn read_grant(election: &Election, grant: &CodeGrant) -> Result<Meaning, ReadFault> {
    let scope = match grant.scope {
        CodeScope::Station(code) => Scope::Station(station(election, code)?),
        CodeScope::Region(code) => {
            let region = election.definition.region(code);
            Scope::Region(region.ok_or_else(|| ReadFault::Unknown(format!("no region {code}")))?)
        }
    };
    Ok(Meaning::Code(grant.tag, Grant { scope, until_ms: grant.until_ms, used: None }))
}

/// A form that adds to no total: of its numbers nothing is asked.
fn read_uncounted(election: &Election, arrival: Arrival) -> Result<Uncounted, ReadFault> {
    let arrived_ms = arrival.arrived_ms;
    let (sealed, form) = open(arrival)?;
    let station = station(election, form.station)?;
    Ok(Uncounted { station, form: sealed.digest(), arrived_ms })
}

fn open(arrival: Arrival) -> Result<(SealedForm, TallyForm), ReadFault> {
    let unknown = |fault: &dyn ToString| ReadFault::Unknown(fault.to_string());
    let sealed = SealedForm::from_bytes(arrival.sealed).map_err(|fault| unknown(&fault))?;
    let form = sealed.open().map_err(|fault| unknown(&fault))?;
    Ok((sealed, form))
}

fn read_form(election: &Election, arrival: Arrival) -> Result<Filed, ReadFault> {
    let arrived_ms = arrival.arrived_ms;
    let (sealed, form) = open(arrival)?;
    let (contest, station) = place(election, &form)?;
    let name = FormName { contest, station, digest: sealed.digest() };
    Ok(Filed::new(election, name, form, arrived_ms))
}

/// Contest and station of a form that admission let through.
fn place(election: &Election, form: &TallyForm) -> Result<(usize, StationIndex), ReadFault> {
    let (contest, station) = held_at(election, form.contest, form.station)?;
    if form.counts.len() == election.layout(contest).fields().len() {
        Ok((contest, station))
    } else {
        let what = format!("a form that does not fit the contest {}", form.contest);
        Err(ReadFault::Unknown(what))
    }
}

/// A contest and a station that holds it.
fn held_at(
    election: &Election,
    contest: ContestCode,
    code: StationCode,
) -> Result<(usize, StationIndex), ReadFault> {
    let definition = &election.definition;
    let position = definition.contest(contest);
    let position = position.ok_or_else(|| ReadFault::Unknown(format!("no contest {contest}")))?;
    let station = station(election, code)?;
    if definition.in_scope(position, station) {
        Ok((position, station))
    } else {
        Err(ReadFault::Unknown(format!("the contest {contest} is not held at station {code}")))
    }
}

impl Filed {
    /// A form whose place in the election is known, with the hard rules that it breaks.
    #[must_use]
    pub fn new(election: &Election, name: FormName, form: TallyForm, arrived_ms: u64) -> Self {
        let findings = election.findings(name.contest, name.station, &form.counts);
        Self { name, report: Report::new(name.digest, arrived_ms, form, &findings) }
    }
}

#[cfg(test)]
mod tests {
    use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};

    use super::*;
    use crate::sample::{election, enrolments};

    #[test]
    fn a_key_that_no_key_generation_makes_is_not_enrolled() {
        let election = election();
        let mut enrolment = enrolments().remove(0);
        let mut sound = |key| {
            enrolment.key = key;
            Staged::of(&election, &Entry::Enrolment(enrolment.clone())).is_ok()
        };
        assert!(sound(ED25519_BASEPOINT_POINT.compress().to_bytes()));
        assert!(!sound(EIGHT_TORSION[1].compress().to_bytes()), "of small order");
        let mixed = ED25519_BASEPOINT_POINT + EIGHT_TORSION[1];
        assert!(!sound(mixed.compress().to_bytes()), "with a part of small order");
        assert!(!sound([2; 32]), "no point");
    }
}
