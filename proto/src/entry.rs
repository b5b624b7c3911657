//! Entries of the log, and the bytes that are hashed as its leaves.
//!
//! An entry is postcard of [`Entry`], at most 65,535 bytes (the bound of C2SP
//! `tlog-tiles` entry bundles). Variants are only ever added at the end.

use serde::{Deserialize, Serialize};

use crate::codec::{DecodeFault, decode, encode};
use crate::definition::Roots;
use crate::digest::Digest;
use crate::ids::{ElectionId, Phase, RegionCode, StationCode};
use crate::merkle::leaf_hash;
use crate::question::Question;
use crate::ruling::{Amendment, Pause, Ruling};

/// Longest entry in bytes: bundles write lengths in 16 bits (C2SP `tlog-tiles`).
pub const MAX_ENTRY: usize = 65_535;

/// One entry of the log. Totals are a fold of these and of nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Entry {
    /// Entry 0: what the log is about.
    Manifest(Manifest),
    /// A device may speak for a station from here on, in the place of the one before.
    Enrolment(Enrolment),
    /// A form arrived and was admitted.
    Form(Arrival),
    /// A code was given out: who shows it may enrol one device.
    Code(CodeGrant),
    /// A device speaks for its station no more.
    Revocation(Revocation),
    /// A form of a device that spoke for its station once: kept, shown, never counted.
    Evidence(Evidence),
    /// A rehearsal form: proof that a device's way into the log works, never counted.
    Rehearsal(Arrival),
    /// Someone has ruled on the held or disputed forms of a station.
    Ruling(Ruling),
    /// The register of stations has changed since it was fixed.
    Amendment(Amendment),
    /// Publication is paused, or goes on.
    Pause(Pause),
    /// Someone asks a station to look at its paper again.
    Question(Question),
}

/// Entry 0. The checkpoints over it are its signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Names the election.
    pub election: ElectionId,
    /// Rehearsal or official.
    pub phase: Phase,
    /// Sizes and hashes of the definition's parts; their digest is the election's.
    pub roots: Roots,
    /// Origin and key of the log, as a `vkey`.
    pub log_key: String,
    /// SHA-256 of the certificate (DER) of the authority that certifies devices.
    pub authority: Digest,
    /// When the log was begun, milliseconds since 1970, UTC.
    pub at_ms: u64,
}

/// A device becomes the voice of a station.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolment {
    /// The station.
    pub station: StationCode,
    /// The device's Ed25519 public key.
    pub key: [u8; 32],
    /// When, milliseconds since 1970, UTC.
    pub at_ms: u64,
    /// By what right.
    pub warrant: Warrant,
}

/// By what right a device is enrolled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Warrant {
    /// The centre made its key and its bundle.
    Bundle(Act),
    /// It has shown a code.
    Code(CodeTag),
}

/// Who did something at the centre, and why.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// Who: at most [`MAX_NAME`] bytes.
    pub by: String,
    /// Why: at most [`MAX_REASON`] bytes; empty where nobody asked.
    pub reason: String,
}

/// Longest name of who did something, in bytes.
pub const MAX_NAME: usize = 64;

/// Longest reason, in bytes: two lines.
pub const MAX_REASON: usize = 200;

/// Stands for a code in the log without giving it away: the first 16 bytes of
/// HMAC-SHA-256 (RFC 2104) over the code's text, with a key that only the collector has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CodeTag(pub [u8; 16]);

/// A single-use code is given out. One for a station takes the place of an earlier one
/// that nobody has used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeGrant {
    /// Stands for the code.
    pub tag: CodeTag,
    /// What it is for.
    pub scope: CodeScope,
    /// Until when, milliseconds since 1970, UTC.
    pub until_ms: u64,
    /// When it was given out, milliseconds since 1970, UTC.
    pub at_ms: u64,
    /// By whom, and why.
    pub act: Act,
}

/// Which stations a code is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum CodeScope {
    /// This one.
    Station(StationCode),
    /// A spare: any one of the region whose device is revoked, or that never had one.
    Region(RegionCode),
}

/// A device speaks for its station no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revocation {
    /// The station.
    pub station: StationCode,
    /// The device's Ed25519 public key.
    pub key: [u8; 32],
    /// When, milliseconds since 1970, UTC.
    pub at_ms: u64,
    /// By whom, and why.
    pub act: Act,
}

/// A form and when it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrival {
    /// The collector's clock at arrival, milliseconds since 1970, UTC.
    pub arrived_ms: u64,
    /// The sealed form, byte for byte.
    #[serde(with = "serde_bytes")]
    pub sealed: Vec<u8>,
}

impl Entry {
    /// The bytes that are logged.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        encode(self)
    }

    /// Reads an entry back.
    ///
    /// # Errors
    /// [`DecodeFault`] for anything but a whole entry.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeFault> {
        if bytes.len() > MAX_ENTRY {
            return Err(DecodeFault::Oversize { size: bytes.len(), limit: MAX_ENTRY });
        }
        decode(bytes)
    }
}

/// A form that came too late: its device was revoked or replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The device's Ed25519 public key; the form is signed with it.
    pub key: [u8; 32],
    /// The form, and when it came.
    pub arrival: Arrival,
}

/// As what a sealed form with a receipt stands in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// [`Entry::Form`].
    Form,
    /// [`Entry::Rehearsal`].
    Rehearsal,
}

impl Kind {
    /// The entry of a sealed form.
    #[must_use]
    pub fn entry(self, arrival: Arrival) -> Entry {
        match self {
            Kind::Form => Entry::Form(arrival),
            Kind::Rehearsal => Entry::Rehearsal(arrival),
        }
    }

    /// The leaf hash of its entry, from what a device knows of it.
    #[must_use]
    pub fn leaf(self, arrived_ms: u64, sealed: &[u8]) -> Digest {
        leaf_hash(&self.entry(Arrival { arrived_ms, sealed: sealed.to_vec() }).encode())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ruling::{Amended, Decision, MAX_RULED};
    use crate::seal::SealedForm;
    use crate::seal::tests::{hex, sample_form, sample_key};

    pub(crate) fn samples() -> [Entry; 16] {
        let sealed = SealedForm::seal(&sample_form(), &sample_key()).unwrap();
        let sealed = sealed.into_bytes();
        let arrival = Arrival { arrived_ms: 1_707_915_660_000, sealed };
        let act = |reason: &str| Act { by: "sri".to_owned(), reason: reason.to_owned() };
        let digest = Digest([1; 32]);
        let roots = Roots {
            head: digest,
            contests: 3,
            contests_root: digest,
            regions: 91_946,
            regions_root: digest,
            stations: 822_116,
            stations_root: digest,
        };
        [
            Entry::Manifest(Manifest {
                election: "id-2024".parse().unwrap(),
                phase: Phase::Official,
                roots,
                log_key: "saksi.example/log+00000000+AQ==".to_owned(),
                authority: digest,
                at_ms: 1_707_900_000_000,
            }),
            Entry::Enrolment(Enrolment {
                station: "3204061001013".parse().unwrap(),
                key: sample_key().verifying_key().to_bytes(),
                at_ms: 1_707_900_000_001,
                warrant: Warrant::Bundle(act("")),
            }),
            Kind::Form.entry(arrival.clone()),
            Entry::Code(CodeGrant {
                tag: CodeTag([5; 16]),
                scope: CodeScope::Region("3204".parse().unwrap()),
                until_ms: 1_708_000_000_000,
                at_ms: 1_707_900_000_002,
                act: act("spare devices"),
            }),
            Entry::Enrolment(Enrolment {
                station: "3204061001014".parse().unwrap(),
                key: sample_key().verifying_key().to_bytes(),
                at_ms: 1_707_900_000_003,
                warrant: Warrant::Code(CodeTag([5; 16])),
            }),
            Entry::Revocation(Revocation {
                station: "3204061001014".parse().unwrap(),
                key: sample_key().verifying_key().to_bytes(),
                at_ms: 1_707_900_000_004,
                act: act("lost"),
            }),
            Entry::Evidence(Evidence {
                key: sample_key().verifying_key().to_bytes(),
                arrival: arrival.clone(),
            }),
            Kind::Rehearsal.entry(arrival),
            ruling(vec![digest, Digest([2; 32])], Decision::Accept(digest)),
            ruling(vec![digest], Decision::Reject),
            ruling(vec![digest], Decision::Withdraw),
            amendment(Amended::Registered(287)),
            amendment(Amended::Unopened),
            amendment(Amended::Opened),
            Entry::Pause(Pause { paused: true, at_ms: 1_707_900_000_007, act: act("power") }),
            Entry::Question(Question {
                station: "3204061001013".parse().unwrap(),
                contest: "ppwp".parse().unwrap(),
                lines: vec!["V.B".to_owned()],
                text: "is it 5 or 15?".to_owned(),
                at_ms: 1_707_900_000_008,
                act: act("the photo"),
            }),
        ]
    }

    fn ruling(over: Vec<Digest>, decision: Decision) -> Entry {
        let (station, contest) = ("3204061001013".parse().unwrap(), "ppwp".parse().unwrap());
        let act = Act { by: "sri".to_owned(), reason: "the paper is right".to_owned() };
        Entry::Ruling(Ruling { station, contest, over, decision, at_ms: 1_707_900_000_005, act })
    }

    fn amendment(change: Amended) -> Entry {
        let act = Act { by: "sri".to_owned(), reason: "late transfers".to_owned() };
        let station = "3204061001014".parse().unwrap();
        Entry::Amendment(Amendment { station, change, at_ms: 1_707_900_000_006, act })
    }

    #[test]
    fn golden() {
        let lines: String =
            samples().iter().map(|entry| format!("{}\n", hex(&entry.encode()))).collect();
        assert_eq!(lines, include_str!("../golden/entries.hex"));
        for entry in samples() {
            assert_eq!(Entry::decode(&entry.encode()), Ok(entry));
        }
    }

    #[test]
    fn an_unknown_kind_of_entry_is_refused() {
        assert!(matches!(Entry::decode(&[200, 1]), Err(DecodeFault::Malformed(_))));
        assert!(matches!(
            Entry::decode(&vec![0; MAX_ENTRY + 1]),
            Err(DecodeFault::Oversize { .. })
        ));
    }

    #[test]
    fn the_longest_ruling_is_an_entry_and_one_form_more_is_seen() {
        let forms = |many: usize| vec![Digest([7; 32]); many];
        let longest = |many| {
            let Entry::Ruling(mut of) = ruling(forms(many), Decision::Accept(Digest([7; 32])))
            else {
                unreachable!("it was made as one")
            };
            of.at_ms = u64::MAX;
            of.station = "X".repeat(20).parse().unwrap();
            of.contest = "X".repeat(20).parse().unwrap();
            of.act = Act { by: "x".repeat(MAX_NAME), reason: "x".repeat(MAX_REASON) };
            Entry::Ruling(of)
        };
        let whole = longest(MAX_RULED);
        assert_eq!(Entry::decode(&whole.encode()), Ok(whole));
        assert!(Entry::decode(&longest(MAX_RULED + 1).encode()).is_err());
    }
}
