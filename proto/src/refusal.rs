//! Refusals: what a collector answers to what it will not take.
//!
//! A refusal is data: it has a stable code, is counted, sent to the device and
//! shown to a person. Variants are only ever added at the end.

use serde::{Deserialize, Serialize};

use crate::text::{self, Phrase};

/// Why a form is refused for good. Sending the same bytes again cannot help; the
/// form stays on the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// The bytes are not a sealed form.
    Malformed,
    /// Sealed in a format that the collector does not know.
    UnknownVersion,
    /// Longer than a sealed form may be.
    Oversize,
    /// The signature is not that of the station's device over these bytes.
    BadSignature,
    /// No device is enrolled for the station, or another one is by now.
    NotEnrolled,
    /// The form is for another station than the device speaks for.
    OtherStation,
    /// The station is not in the election.
    UnknownStation,
    /// The contest is not in the election.
    UnknownContest,
    /// The contest is not held at the station.
    ContestNotHeld,
    /// The form was filled under another election definition.
    OtherElection,
    /// A rehearsal form for an official election, or the reverse.
    OtherPhase,
    /// The form has more or fewer numbers than the contest's form has fields.
    OtherLines,
    /// The device was revoked or replaced. The form is kept as evidence and not counted.
    Revoked,
    /// More rehearsal forms, or more evidence, than is kept of one device.
    TooMany,
}

impl Refusal {
    /// All of them, for documentation and tests.
    pub const ALL: [Refusal; 14] = [
        Refusal::Malformed,
        Refusal::UnknownVersion,
        Refusal::Oversize,
        Refusal::BadSignature,
        Refusal::NotEnrolled,
        Refusal::OtherStation,
        Refusal::UnknownStation,
        Refusal::UnknownContest,
        Refusal::ContestNotHeld,
        Refusal::OtherElection,
        Refusal::OtherPhase,
        Refusal::OtherLines,
        Refusal::Revoked,
        Refusal::TooMany,
    ];

    /// The stable code, for logs, metrics and people on the telephone.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Refusal::Malformed => "malformed",
            Refusal::UnknownVersion => "unknown-version",
            Refusal::Oversize => "oversize",
            Refusal::BadSignature => "bad-signature",
            Refusal::NotEnrolled => "not-enrolled",
            Refusal::OtherStation => "other-station",
            Refusal::UnknownStation => "unknown-station",
            Refusal::UnknownContest => "unknown-contest",
            Refusal::ContestNotHeld => "contest-not-held",
            Refusal::OtherElection => "other-election",
            Refusal::OtherPhase => "other-phase",
            Refusal::OtherLines => "other-lines",
            Refusal::Revoked => "revoked",
            Refusal::TooMany => "too-many",
        }
    }

    /// What the operator reads: what happened and what to do.
    #[must_use]
    pub fn phrase(self) -> Phrase {
        match self {
            Refusal::Malformed => text::REFUSED_MALFORMED,
            Refusal::UnknownVersion => text::REFUSED_UNKNOWN_VERSION,
            Refusal::Oversize => text::REFUSED_OVERSIZE,
            Refusal::BadSignature => text::REFUSED_BAD_SIGNATURE,
            Refusal::NotEnrolled => text::REFUSED_NOT_ENROLLED,
            Refusal::OtherStation => text::REFUSED_OTHER_STATION,
            Refusal::UnknownStation => text::REFUSED_UNKNOWN_STATION,
            Refusal::UnknownContest => text::REFUSED_UNKNOWN_CONTEST,
            Refusal::ContestNotHeld => text::REFUSED_CONTEST_NOT_HELD,
            Refusal::OtherElection => text::REFUSED_OTHER_ELECTION,
            Refusal::OtherPhase => text::REFUSED_OTHER_PHASE,
            Refusal::OtherLines => text::REFUSED_OTHER_LINES,
            Refusal::Revoked => text::REFUSED_REVOKED,
            Refusal::TooMany => text::REFUSED_TOO_MANY,
        }
    }
}

/// Why a collector ends a session. Everything unanswered stays due on the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Farewell {
    /// The collector is being stopped; come back.
    Stopping,
    /// A message that does not decode.
    MalformedMessage,
    /// A message of a version that the collector does not speak.
    UnknownVersion,
    /// A frame, or a chunk of a photo, over its limit.
    OversizeFrame,
    /// More forms in a batch than agreed.
    OversizeBatch,
    /// A message out of turn.
    OutOfTurn,
    /// The certificate's key is not enrolled for its station.
    NotEnrolled,
    /// The device belongs to another election.
    OtherElection,
    /// Nothing was said for too long.
    Silent,
    /// The device was revoked or replaced a moment ago.
    Revoked,
    /// The device has more connections than it may; come back later.
    Crowded,
    /// The device has seen more entries than the log has: it was put back to an earlier state.
    RolledBack,
    /// The device holds a checkpoint of the log that the log contradicts.
    Contradicted,
}

impl Farewell {
    /// All of them, for metrics, documentation and tests.
    pub const ALL: [Farewell; 13] = [
        Farewell::Stopping,
        Farewell::MalformedMessage,
        Farewell::UnknownVersion,
        Farewell::OversizeFrame,
        Farewell::OversizeBatch,
        Farewell::OutOfTurn,
        Farewell::NotEnrolled,
        Farewell::OtherElection,
        Farewell::Silent,
        Farewell::Revoked,
        Farewell::Crowded,
        Farewell::RolledBack,
        Farewell::Contradicted,
    ];

    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Farewell::Stopping => "stopping",
            Farewell::MalformedMessage => "malformed-message",
            Farewell::UnknownVersion => "unknown-version",
            Farewell::OversizeFrame => "oversize-frame",
            Farewell::OversizeBatch => "oversize-batch",
            Farewell::OutOfTurn => "out-of-turn",
            Farewell::NotEnrolled => "not-enrolled",
            Farewell::OtherElection => "other-election",
            Farewell::Silent => "silent",
            Farewell::Revoked => "revoked",
            Farewell::Crowded => "crowded",
            Farewell::RolledBack => "rolled-back",
            Farewell::Contradicted => "contradicted",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_stable_and_all_are_listed() {
        for (position, refusal) in Refusal::ALL.iter().enumerate() {
            assert_eq!(postcard::to_stdvec(refusal).unwrap(), [u8::try_from(position).unwrap()]);
            let phrase = refusal.phrase();
            assert!(!phrase.id.is_empty() && !phrase.en.is_empty());
        }
        let next = [u8::try_from(Refusal::ALL.len()).unwrap()];
        assert!(postcard::from_bytes::<Refusal>(&next).is_err(), "a refusal is missing in ALL");
        for (position, farewell) in Farewell::ALL.iter().enumerate() {
            assert_eq!(postcard::to_stdvec(farewell).unwrap(), [u8::try_from(position).unwrap()]);
        }
        let next = [u8::try_from(Farewell::ALL.len()).unwrap()];
        assert!(postcard::from_bytes::<Farewell>(&next).is_err(), "a farewell is missing in ALL");
    }
}
