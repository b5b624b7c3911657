//! What the centre decides: rulings on held and disputed forms, amendments of the register
//! of stations, pauses of publication. Each is an entry of the log, with who and why.

use std::fmt;

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use crate::digest::Digest;
use crate::entry::Act;
use crate::ids::{ContestCode, StationCode};

/// Most forms that one ruling is made over: 64,000 bytes, so that it fits into an entry
/// ([`crate::entry::MAX_ENTRY`]). A station is heard with 1,000 forms for a contest.
pub const MAX_RULED: usize = 2_000;

/// Someone has ruled on the forms of a station for a contest. A later ruling takes the
/// place of an earlier one.
///
/// It settles the forms that it names, and no other:
///
/// - One that corrects the accepted form, or a correction of that, is judged by its own
///   numbers, as if the accepted one had stood alone.
/// - Any other that comes later, also a correction of a form that was set aside, makes a
///   dispute of the accepted form and itself.
/// - After a rejection the next form is judged as if it were the station's first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ruling {
    /// The station.
    pub station: StationCode,
    /// The contest.
    pub contest: ContestCode,
    /// The forms that were there and that no other had named as superseded, in the order of
    /// the log: what was known. At most [`MAX_RULED`].
    #[serde(with = "packed")]
    pub over: Vec<Digest>,
    /// What was decided.
    pub decision: Decision,
    /// When, milliseconds since 1970, UTC.
    pub at_ms: u64,
    /// By whom, and why.
    pub act: Act,
}

/// What a ruling decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// This form is counted as written, whatever rule it breaks; the others are rejected.
    Accept(Digest),
    /// None of the forms is counted.
    Reject,
    /// No ruling stands: what was held or disputed is so again.
    Withdraw,
}

/// The register of stations has changed since it was fixed by the definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amendment {
    /// The station.
    pub station: StationCode,
    /// What is so from here on.
    pub change: Amended,
    /// When, milliseconds since 1970, UTC.
    pub at_ms: u64,
    /// By whom, and why.
    pub act: Act,
}

/// What an amendment changes. It is a change of what totals are measured by; the rules of
/// forms go on comparing with the definition, which devices have and which entry 0 names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Amended {
    /// The station has so many registered voters.
    Registered(u32),
    /// The station did not open: it is not expected in any contest of which it has sent
    /// no form.
    Unopened,
    /// It did open after all.
    Opened,
}

/// Most registered voters of a station that an amendment can name: a thousand times what
/// the largest have.
pub const MAX_REGISTERED: u32 = 1_000_000;

/// Publication is paused, or goes on. The log goes on in any case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// Whether it is paused from here on.
    pub paused: bool,
    /// When, milliseconds since 1970, UTC.
    pub at_ms: u64,
    /// By whom, and the reason that the public reads.
    pub act: Act,
}

/// Digests in one piece: the memory for them is never more than the bytes that are there,
/// whatever length is claimed.
mod packed {
    use super::{Deserialize, Deserializer, Digest, Packed, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(all: &[Digest], to: S) -> Result<S::Ok, S::Error> {
        if to.is_human_readable() {
            return all.serialize(to);
        }
        let bytes: Vec<u8> = all.iter().flat_map(|digest| digest.0).collect();
        to.serialize_bytes(&bytes)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(of: D) -> Result<Vec<Digest>, D::Error> {
        if of.is_human_readable() { Vec::deserialize(of) } else { of.deserialize_bytes(Packed) }
    }
}

struct Packed;

impl Visitor<'_> for Packed {
    type Value = Vec<Digest>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at most {MAX_RULED} digests of 32 bytes")
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Self::Value, E> {
        let digests = bytes.chunks_exact(32);
        if !digests.remainder().is_empty() || digests.len() > MAX_RULED {
            return Err(E::invalid_length(bytes.len(), &self));
        }
        let digest = |bytes: &[u8]| bytes.try_into().map(Digest);
        digests.map(digest).collect::<Result<_, _>>().map_err(E::custom)
    }
}
