//! How a device enrols: it shows a code, is told which station that is for, and asks for
//! papers for a key that it has made itself.
//!
//! ```text
//! device                          collector
//! Ask(code)           ─────────►
//!                     ◄─────────  Station: a person looks whether it is theirs
//! Apply(application)  ─────────►
//!                     ◄─────────  Papers, once the enrolment is in the log
//! ```
//!
//! Over TLS 1.3 of its own application protocol ([`ENROL_ALPN`]): the device has no
//! certificate yet, and knows the collector by the fingerprint of its authority. Each
//! message is one frame, a version byte before it, as in [`crate::message`]. An
//! [`Application`] and its answer can also be carried as files.

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

use crate::bundle::Papers;
use crate::codec::{encode, few};
use crate::digest::Digest;
use crate::ids::{Phase, StationCode};
use crate::slip::Code;
use crate::text::{self, Phrase};

/// Application protocol of the TLS handshake (RFC 7301).
pub const ENROL_ALPN: &[u8] = b"saksi-enrol/1";

/// Stands in an application that is carried as a file: the device has its slip, and has
/// not seen the authority's certificate yet. It checks it in the answer.
pub const UNSEEN_AUTHORITY: Digest = Digest([0; 32]);

/// From a device without papers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToRegistrar {
    /// Which station is this code for? Nothing is used up by asking.
    Ask {
        /// The code.
        code: Code,
        /// The station; a code for the spare devices of a region does not say.
        station: Option<StationCode>,
    },
    /// Give this key papers.
    Apply(Application),
}

/// A device's application: its key, and the proof that it has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Application {
    /// The code on the slip.
    pub code: Code,
    /// The station that a person has confirmed.
    pub station: StationCode,
    /// The device's Ed25519 public key.
    pub key: Digest,
    /// SHA-256 of the certificate (DER) of the authority that the device believes;
    /// [`UNSEEN_AUTHORITY`] where it has seen its fingerprint only.
    pub authority: Digest,
    /// The device's clock, milliseconds since 1970, UTC.
    pub device_ms: u64,
    /// Version of the agent.
    pub agent: String,
    /// Ed25519 signature of that key over `saksi application v1\n` and postcard of all
    /// before it.
    #[serde(with = "serde_bytes")]
    pub signature: Vec<u8>,
}

/// From the collector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum FromRegistrar {
    /// What the code is for.
    Station(StationOffer),
    /// The device is enrolled.
    Papers(Box<Papers>),
    /// The device is enrolled, and its certificate is to be signed elsewhere. Come again
    /// with the same application.
    Waiting {
        /// After this many milliseconds.
        after_ms: u32,
    },
    /// Not with this code.
    Refused(EnrolRefusal),
    /// Too many wrong codes, from here or in all, or too much to do. Come again.
    Later {
        /// After this many milliseconds.
        after_ms: u32,
    },
}

/// Most regions above a station: levels have depths from 0 to 9.
pub const MAX_REGIONS: usize = 10;

/// A station, as a person recognises it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StationOffer {
    /// Its code.
    pub station: StationCode,
    /// Its name.
    pub name: String,
    /// Names of the regions above it, the lowest first: at most [`MAX_REGIONS`].
    #[serde(deserialize_with = "few::<_, _, MAX_REGIONS>")]
    pub regions: Vec<String>,
    /// Name of the election, in its first language.
    pub election: String,
    /// Rehearsal or official.
    pub phase: Phase,
    /// The collector's clock, milliseconds since 1970, UTC.
    pub now_ms: u64,
}

/// Why a device gets no papers. Variants are only ever added at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EnrolRefusal {
    /// No such code was given out, or it was withdrawn.
    UnknownCode,
    /// Another device has used the code.
    CodeUsed,
    /// The code's time is over.
    CodeExpired,
    /// The code is for another station, or for stations of another region.
    OtherStation,
    /// The code is for spare devices, and the station's own device is in use: it is
    /// revoked first.
    StationHasDevice,
    /// The code is for spare devices, and no station was named.
    StationMissing,
    /// The application is not signed by its key, or is for another authority.
    BadApplication,
    /// The device's key is or was enrolled already; it makes a new one.
    KeyKnown,
}

impl EnrolRefusal {
    /// All of them, for documentation and tests.
    pub const ALL: [EnrolRefusal; 8] = [
        EnrolRefusal::UnknownCode,
        EnrolRefusal::CodeUsed,
        EnrolRefusal::CodeExpired,
        EnrolRefusal::OtherStation,
        EnrolRefusal::StationHasDevice,
        EnrolRefusal::StationMissing,
        EnrolRefusal::BadApplication,
        EnrolRefusal::KeyKnown,
    ];

    /// The stable code, for logs, metrics and people on the telephone.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            EnrolRefusal::UnknownCode => "unknown-code",
            EnrolRefusal::CodeUsed => "code-used",
            EnrolRefusal::CodeExpired => "code-expired",
            EnrolRefusal::OtherStation => "code-of-other-station",
            EnrolRefusal::StationHasDevice => "station-has-device",
            EnrolRefusal::StationMissing => "station-missing",
            EnrolRefusal::BadApplication => "bad-application",
            EnrolRefusal::KeyKnown => "key-known",
        }
    }

    /// What a person reads: what happened and what to do.
    #[must_use]
    pub fn phrase(self) -> Phrase {
        match self {
            EnrolRefusal::UnknownCode => text::ENROL_UNKNOWN_CODE,
            EnrolRefusal::CodeUsed => text::ENROL_CODE_USED,
            EnrolRefusal::CodeExpired => text::ENROL_CODE_EXPIRED,
            EnrolRefusal::OtherStation => text::ENROL_OTHER_STATION,
            EnrolRefusal::StationHasDevice => text::ENROL_STATION_HAS_DEVICE,
            EnrolRefusal::StationMissing => text::ENROL_STATION_MISSING,
            EnrolRefusal::BadApplication => text::ENROL_BAD_APPLICATION,
            EnrolRefusal::KeyKnown => text::ENROL_KEY_KNOWN,
        }
    }
}

const DOMAIN: &[u8] = b"saksi application v1\n";

impl Application {
    /// Signs an application; `unsigned.signature` and `unsigned.key` are put in.
    #[must_use]
    pub fn sign(unsigned: Self, key: &SigningKey) -> Self {
        let unsigned = Self { key: Digest(key.verifying_key().to_bytes()), ..unsigned };
        let signature = key.sign(&unsigned.statement()).to_bytes().to_vec();
        Self { signature, ..unsigned }
    }

    /// Whether the key it names has signed it (strict verification).
    #[must_use]
    pub fn is_signed(&self) -> bool {
        let key = VerifyingKey::from_bytes(&self.key.0);
        let signature = Signature::from_slice(&self.signature);
        let (Ok(key), Ok(signature)) = (key, signature) else { return false };
        key.verify_strict(&self.statement(), &signature).is_ok()
    }

    fn statement(&self) -> Vec<u8> {
        let Self { code, station, key, authority, device_ms, agent, signature: _ } = self;
        [DOMAIN, &encode(&(code, station, key, authority, device_ms, agent))].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bundle::CollectorAddress;
    use crate::codec::decode;
    use crate::message::{decode_message, encode_message};
    use crate::seal::tests::{hex, sample_key};

    fn application() -> Application {
        let unsigned = Application {
            code: Code::new(*b"saksi!!"),
            station: "3204061001013".parse().unwrap(),
            key: Digest([0; 32]),
            authority: Digest([7; 32]),
            device_ms: 1_707_915_600_000,
            agent: "0.1.0".to_owned(),
            signature: Vec::new(),
        };
        Application::sign(unsigned, &sample_key())
    }

    #[test]
    fn golden() {
        let messages = [
            ToRegistrar::Ask { code: Code::new(*b"saksi!!"), station: None },
            ToRegistrar::Apply(application()),
        ];
        let lines: String =
            messages.iter().map(|message| hex(&encode_message(message)) + "\n").collect();
        assert_eq!(lines, include_str!("../golden/enrolment.hex"));
        for message in messages {
            assert_eq!(decode_message(&encode_message(&message)), Ok(message));
        }
    }

    #[test]
    fn lists_that_are_too_long_are_found_too_long_and_take_no_memory() {
        let offer = StationOffer {
            station: "1".parse().unwrap(),
            name: String::new(),
            regions: vec![String::new(); 100_000],
            election: String::new(),
            phase: Phase::Official,
            now_ms: 1,
        };
        let decoded: StationOffer = decode(&encode(&offer)).unwrap();
        assert_eq!((decoded.regions.len(), decoded.regions.capacity()), (11, 11));
        let nowhere = CollectorAddress { address: String::new(), name: String::new() };
        let papers = Papers {
            station: "1".parse().unwrap(),
            issued_ms: 1,
            election: Digest([1; 32]),
            slice: Vec::new(),
            log_key: String::new(),
            collectors: vec![nowhere; 100_000],
            authority: String::new(),
            certificate: String::new(),
            certified_until_ms: 2,
            witnesses: None,
        };
        let decoded: Papers = decode(&encode(&papers)).unwrap();
        assert_eq!((decoded.collectors.len(), decoded.collectors.capacity()), (65, 65));
    }

    #[test]
    fn every_part_of_an_application_is_signed() {
        let good = application();
        assert!(good.is_signed());
        let changed = |change: fn(&mut Application)| {
            let mut application = good.clone();
            change(&mut application);
            application.is_signed()
        };
        assert!(!changed(|application| application.code = Code::new([1; 7])));
        assert!(!changed(|application| application.station = "1".parse().unwrap()));
        assert!(!changed(|application| application.key.0[0] ^= 1));
        assert!(!changed(|application| application.authority.0[0] ^= 1));
        assert!(!changed(|application| application.device_ms += 1));
        assert!(!changed(|application| application.agent.push('1')));
        assert!(!changed(|application| application.signature[9] ^= 1));
        assert!(!changed(|application| application.signature.clear()));
    }

    #[test]
    fn refusals_are_stable_and_all_are_listed() {
        for (position, refusal) in EnrolRefusal::ALL.iter().enumerate() {
            assert_eq!(postcard::to_stdvec(refusal).unwrap(), [u8::try_from(position).unwrap()]);
            assert!(!refusal.phrase().id.is_empty() && !refusal.code().is_empty());
        }
        let next = [u8::try_from(EnrolRefusal::ALL.len()).unwrap()];
        assert!(postcard::from_bytes::<EnrolRefusal>(&next).is_err(), "one is missing in ALL");
    }
}
