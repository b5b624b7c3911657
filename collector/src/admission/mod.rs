//! Admission: is this form what a device of this election may say? A pure question
//! to the received bytes, the roster's key and the election; the answer to a form
//! that may not is a refusal with a stable code.
//!
//! What can be seen without arithmetic on curves comes first (`examine`); signatures
//! are verified last and together ([`signatures`]).

pub mod carried;
pub mod desk;
pub mod signatures;
pub mod turns;

use saksi_proto::VerifyingKey;
use saksi_proto::codec::DecodeFault;
use saksi_proto::definition::StationIndex;
use saksi_proto::digest::Digest;
use saksi_proto::entry::{Arrival, Entry, Evidence};
use saksi_proto::form::TallyForm;
use saksi_proto::ids::{Phase, StationCode};
use saksi_proto::merkle::leaf_hash;
use saksi_proto::refusal::Refusal;
use saksi_proto::seal::{OpenFault, SealedForm};

use crate::election::Election;
use crate::ledger::Ledger;
use crate::reading::{Filed, FormName, Meaning, Reading, Staged, Uncounted};
use crate::roster::Standing;

/// The roster's word on the device of a session.
#[derive(Debug, Clone)]
pub struct Voice {
    /// Code of the station.
    pub station: StationCode,
    /// Its position.
    pub position: StationIndex,
    /// The device's key.
    pub key: VerifyingKey,
    /// Whether it speaks for the station, or did once.
    pub standing: Standing,
}

impl Voice {
    /// Asks the roster; `None`: this key never spoke for the station.
    #[must_use]
    pub fn of(ledger: &Ledger, station: StationCode, key: VerifyingKey) -> Option<Self> {
        let position = ledger.election.definition.station(station)?;
        let standing = ledger.roster.standing(position, key.as_bytes())?;
        Some(Self { station, position, key, standing })
    }
}

/// What forms are sent for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To be counted.
    Count,
    /// To try the way into the log.
    Rehearse,
    /// To be counted, for the stations whose devices have signed them.
    Carry,
}

/// Forms that one device has sent together.
#[derive(Debug)]
pub struct Submission {
    /// Who speaks.
    pub voice: Voice,
    /// What for.
    pub purpose: Purpose,
    /// Of [`Purpose::Carry`] for each form the devices that may have signed it
    /// ([`carried::signers`]); else nothing.
    pub signers: Vec<Vec<Voice>>,
    /// Verified one by one: it has sent a bad signature before, and would make every
    /// batch that it stands in slow for the others.
    pub suspect: bool,
    /// When they arrived, milliseconds since 1970, UTC.
    pub arrived_ms: u64,
    /// Entries of the newest checkpoint that the device knows; 0: none.
    pub known: u64,
    /// The forms as received.
    pub forms: Vec<Vec<u8>>,
}

/// A form that may enter the log.
#[derive(Debug)]
pub struct Admitted {
    /// Where it is looked for.
    pub ticket: Ticket,
    /// Its entry.
    pub staged: Staged,
    /// Whose word it is, if not that of the device that has sent it.
    pub signer: Option<Box<Voice>>,
}

/// Where an admitted form is looked for in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ticket {
    /// Among its station's forms.
    Form(FormName),
    /// Among the rehearsal forms of the station's device.
    Rehearsal(StationIndex, Digest),
    /// Among its station's forms, if it came before its device was revoked, or else among
    /// what is kept of the former device with this key.
    Evidence([u8; 32], FormName),
}

/// A form that may not, and why exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The stable code.
    pub refusal: Refusal,
    /// What was found, for the protocol of the device and of the collector.
    pub detail: String,
}

impl Refused {
    pub(crate) fn new(refusal: Refusal, detail: impl ToString) -> Self {
        Self { refusal, detail: detail.to_string() }
    }
}

/// What admission says to each form of a submission, in its order.
pub type Verdicts = Vec<Result<Admitted, Refused>>;

/// Decides on all forms of some submissions. `seed` is fresh randomness for the
/// signatures; without it they are verified one by one.
#[must_use]
pub fn admit(
    election: &Election,
    submissions: Vec<Submission>,
    seed: Option<&[u8; 32]>,
) -> Vec<Verdicts> {
    let examined: Vec<_> =
        submissions.into_iter().map(|submission| Examined::new(election, submission)).collect();
    let mut signed = signed(&examined, seed).into_iter();
    let decide = |examined: Examined| {
        let mut decide = |candidate: Candidate| {
            if signed.next().expect("one answer a candidate") {
                Ok(candidate.admitted(election, &examined.voice, examined.arrived_ms))
            } else {
                Err(Refused::new(Refusal::BadSignature, candidate.sealed.digest()))
            }
        };
        examined.forms.into_iter().map(|form| form.and_then(&mut decide)).collect()
    };
    examined.into_iter().map(decide).collect()
}

/// For each candidate in order, whether its device has signed it.
fn signed(examined: &[Examined], seed: Option<&[u8; 32]>) -> Vec<bool> {
    let candidates = examined.iter().flat_map(|examined| {
        examined.forms.iter().flatten().map(move |candidate| (examined, candidate))
    });
    let mut signed = Vec::new();
    let (mut together, mut places) = (Vec::new(), Vec::new());
    for (place, (Examined { voice, suspect, .. }, candidate)) in candidates.enumerate() {
        let key = &candidate.signer.as_deref().unwrap_or(voice).key;
        let alone = *suspect || seed.is_none();
        signed.push(alone && candidate.sealed.is_signed_by(key));
        if !alone {
            together.push((&candidate.sealed, key));
            places.push(place);
        }
    }
    let hold = seed.map(|seed| signatures::verify(&together, seed)).unwrap_or_default();
    places.into_iter().zip(hold).for_each(|(place, holds)| signed[place] = holds);
    signed
}

/// A submission with all seen but the signatures.
struct Examined {
    voice: Voice,
    suspect: bool,
    arrived_ms: u64,
    forms: Vec<Result<Candidate, Refused>>,
}

impl Examined {
    fn new(election: &Election, submission: Submission) -> Self {
        let Submission { voice, purpose, signers, suspect, arrived_ms, forms, .. } = submission;
        let forms = match purpose {
            Purpose::Carry => carried::examine_all(election, forms, signers),
            Purpose::Count | Purpose::Rehearse => {
                let examine = |form| examine(election, &voice, purpose, form);
                forms.into_iter().map(examine).collect()
            }
        };
        Self { voice, suspect, arrived_ms, forms }
    }
}

/// A form that may enter the log if its device has signed it.
struct Candidate {
    sealed: SealedForm,
    form: TallyForm,
    contest: usize,
    station: StationIndex,
    purpose: Purpose,
    /// As in [`Admitted`].
    signer: Option<Box<Voice>>,
}

impl Candidate {
    fn admitted(self, election: &Election, sender: &Voice, arrived_ms: u64) -> Admitted {
        let Self { sealed, form, contest, station, purpose, signer } = self;
        let voice = signer.as_deref().unwrap_or(sender);
        let digest = sealed.digest();
        let uncounted = Uncounted { station, form: digest, arrived_ms };
        let arrival = Arrival { arrived_ms, sealed: sealed.into_bytes() };
        let (ticket, entry, meaning) = match (voice.standing, purpose) {
            (Standing::Current, Purpose::Count | Purpose::Carry) => {
                let name = FormName { contest, station, digest };
                let filed = Filed::new(election, name, form, arrived_ms);
                (Ticket::Form(name), Entry::Form(arrival), Meaning::Form(filed))
            }
            (Standing::Current, Purpose::Rehearse) => (
                Ticket::Rehearsal(station, digest),
                Entry::Rehearsal(arrival),
                Meaning::Rehearsal(uncounted),
            ),
            (Standing::Former, _) => {
                let key = voice.key.to_bytes();
                let ticket = Ticket::Evidence(key, FormName { contest, station, digest });
                let entry = Entry::Evidence(Evidence { key, arrival });
                (ticket, entry, Meaning::Evidence(key, uncounted))
            }
        };
        let bytes = entry.encode();
        let reading = Reading { leaf: leaf_hash(&bytes), meaning };
        Admitted { ticket, staged: Staged { bytes, reading }, signer }
    }
}

/// Everything but the signature; refused by the first reason.
fn examine(
    election: &Election,
    voice: &Voice,
    purpose: Purpose,
    bytes: Vec<u8>,
) -> Result<Candidate, Refused> {
    let sealed = SealedForm::from_bytes(bytes).map_err(|fault| undecodable(&fault))?;
    let form = sealed.open().map_err(|fault| unopened(&fault))?;
    if (voice.standing, purpose) == (Standing::Former, Purpose::Rehearse) {
        return Err(Refused::new(Refusal::Revoked, "a rehearsal is no evidence"));
    }
    let definition = &election.definition;
    if form.station != voice.station {
        let detail = format!("for {}, sent by {}", form.station, voice.station);
        return Err(Refused::new(Refusal::OtherStation, detail));
    }
    let phase = match purpose {
        Purpose::Count | Purpose::Carry => definition.head().phase,
        Purpose::Rehearse => Phase::Rehearsal,
    };
    if form.phase != phase {
        let detail = format!("{}, where {phase} forms are taken", form.phase);
        return Err(Refused::new(Refusal::OtherPhase, detail));
    }
    if form.election != definition.digest() {
        return Err(Refused::new(Refusal::OtherElection, form.election));
    }
    let station = definition
        .station(form.station)
        .ok_or_else(|| Refused::new(Refusal::UnknownStation, form.station))?;
    let contest = definition
        .contest(form.contest)
        .ok_or_else(|| Refused::new(Refusal::UnknownContest, form.contest))?;
    if !definition.in_scope(contest, station) {
        return Err(Refused::new(Refusal::ContestNotHeld, form.contest));
    }
    let fields = election.layout(contest).fields().len();
    if form.counts.len() != fields {
        let detail = format!("{} numbers for {fields} fields", form.counts.len());
        return Err(Refused::new(Refusal::OtherLines, detail));
    }
    Ok(Candidate { sealed, form, contest, station, purpose, signer: None })
}

fn unopened(fault: &OpenFault) -> Refused {
    match fault {
        OpenFault::Decode(fault) => undecodable(fault),
        OpenFault::Form(fault) => Refused::new(Refusal::Malformed, fault),
    }
}

fn undecodable(fault: &DecodeFault) -> Refused {
    let refusal = match fault {
        DecodeFault::Oversize { .. } => Refusal::Oversize,
        DecodeFault::UnknownVersion { .. } => Refusal::UnknownVersion,
        DecodeFault::Malformed(_) | DecodeFault::Leftover(_) => Refusal::Malformed,
    };
    Refused::new(refusal, fault)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{self, arrival, election, form, key, sealed};
    use saksi_proto::digest::Digest;
    use saksi_proto::ids::Phase;

    fn voice() -> Voice {
        let station = "1001".parse().unwrap();
        Voice::of(&sample::ledger(), station, key("1001").verifying_key()).unwrap()
    }

    fn one(voice: Voice, bytes: &[u8]) -> Result<Admitted, Refused> {
        let forms = vec![bytes.to_vec()];
        let submission = Submission {
            voice,
            purpose: Purpose::Count,
            signers: Vec::new(),
            suspect: false,
            arrived_ms: 4,
            known: 0,
            forms,
        };
        admit(&election(), vec![submission], Some(&[7; 32])).remove(0).remove(0)
    }

    fn refusal(bytes: &[u8]) -> Refusal {
        one(voice(), bytes).map(|_| ()).unwrap_err().refusal
    }

    /// The refusal of a good form after a change, sealed again by the right device.
    fn changed(change: impl FnOnce(&mut TallyForm)) -> Refusal {
        let mut form = form("1001", [1, 0, 1]);
        change(&mut form);
        refusal(SealedForm::seal(&form, &key("1001")).unwrap().bytes())
    }

    #[test]
    fn a_good_form_is_admitted() {
        let sealed = sealed(&form("1001", [1, 0, 1]));
        let Admitted { ticket, staged, .. } = one(voice(), sealed.bytes()).unwrap();
        let name = FormName { contest: 0, station: 0, digest: sealed.digest() };
        assert_eq!(ticket, Ticket::Form(name));
        assert_eq!(staged.bytes, arrival(&sealed).encode());
        // What admission makes of it is what a reader of the log makes of it.
        let read = Staged::of(&election(), &arrival(&sealed)).unwrap();
        assert_eq!(format!("{:?}", staged.reading), format!("{:?}", read.reading));
    }

    #[test]
    fn each_form_of_each_submission_gets_its_own_answer() {
        let good = |number: u32| sealed(&form("1001", [number, 0, number])).bytes().to_vec();
        let bad = |number| {
            let mut bytes = good(number);
            bytes[1] ^= 1;
            bytes
        };
        let submission = |suspect, forms| {
            let (voice, purpose) = (voice(), Purpose::Count);
            let signers = Vec::new();
            Submission { voice, purpose, signers, suspect, arrived_ms: 4, known: 0, forms }
        };
        let submissions = || {
            vec![
                submission(false, (0..90).map(good).collect()),
                submission(false, vec![good(90), bad(91), vec![1, 2], good(92)]),
                submission(true, vec![bad(93), good(94)]),
                submission(false, Vec::new()),
                submission(false, vec![bad(95)]),
            ]
        };
        for seed in [Some(&[8; 32]), None] {
            let verdicts = admit(&election(), submissions(), seed);
            let is_good = |verdict: &Result<Admitted, Refused>| verdict.is_ok();
            let found: Vec<Vec<bool>> =
                verdicts.iter().map(|verdicts| verdicts.iter().map(is_good).collect()).collect();
            let (t, f) = (true, false);
            assert_eq!(found, [vec![t; 90], vec![t, f, f, t], vec![f, t], vec![], vec![f]]);
            assert_eq!(verdicts[2][0].as_ref().unwrap_err().refusal, Refusal::BadSignature);
        }
    }

    #[test]
    fn each_refusal_has_its_cause() {
        let good = sealed(&form("1001", [1, 0, 1]));
        let bytes = |change: fn(&mut Vec<u8>)| {
            let mut bytes = good.bytes().to_vec();
            change(&mut bytes);
            refusal(&bytes)
        };
        assert_eq!(bytes(|bytes| bytes.push(0)), Refusal::Malformed);
        assert_eq!(bytes(|bytes| bytes[0] = 2), Refusal::UnknownVersion);
        assert_eq!(bytes(|bytes| bytes.resize(4_000, 0)), Refusal::Oversize);
        assert_eq!(bytes(|bytes| bytes[1] ^= 1), Refusal::BadSignature);
        assert_eq!(refusal(sealed(&form("1002", [1, 0, 1])).bytes()), Refusal::OtherStation);
        assert_eq!(changed(|form| form.phase = Phase::Official), Refusal::OtherPhase);
        assert_eq!(changed(|form| form.election = Digest([0; 32])), Refusal::OtherElection);
        assert_eq!(changed(|form| form.contest = "king".parse().unwrap()), Refusal::UnknownContest);
        let not_held = changed(|form| form.contest = "hamlet".parse().unwrap());
        assert_eq!(not_held, Refusal::ContestNotHeld);
        assert_eq!(changed(|form| form.counts.truncate(2)), Refusal::OtherLines);
    }

    #[test]
    fn a_station_that_is_not_in_the_election_is_refused() {
        let unknown = form("9999", [1, 0, 1]);
        let (station, key) = (unknown.station, key("9999").verifying_key());
        let voice = Voice { station, key, position: 9, standing: Standing::Current };
        let refused = one(voice, sealed(&unknown).bytes()).map(|_| ()).unwrap_err();
        assert_eq!(refused.refusal, Refusal::UnknownStation);
    }
}
