//! Entries of the log, and the bytes that are hashed as its leaves.
//!
//! An entry is postcard of [`Entry`], at most 65,535 bytes (the bound of C2SP
//! `tlog-tiles` entry bundles). Variants are only ever added at the end.

use serde::{Deserialize, Serialize};

use crate::codec::{DecodeFault, decode, encode};
use crate::definition::Roots;
use crate::digest::Digest;
use crate::ids::{ElectionId, Phase, StationCode};
use crate::merkle::leaf_hash;

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

/// The leaf hash of a form's entry, from what a device knows of it.
#[must_use]
pub fn form_leaf(arrived_ms: u64, sealed: &[u8]) -> Digest {
    leaf_hash(&Entry::Form(Arrival { arrived_ms, sealed: sealed.to_vec() }).encode())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::SealedForm;
    use crate::seal::tests::{hex, sample_form, sample_key};

    pub(crate) fn samples() -> [Entry; 3] {
        let sealed = SealedForm::seal(&sample_form(), &sample_key()).unwrap();
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
            }),
            Entry::Form(Arrival { arrived_ms: 1_707_915_660_000, sealed: sealed.bytes().to_vec() }),
        ]
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
}
