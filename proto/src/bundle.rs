//! The bundle: what makes a device the voice of one station. Papers, which anybody may
//! see, and the device's private key: whoever has the bundle is the station.
//!
//! A device that enrols makes its key itself and gets the [`Papers`]. `saksi-collector
//! device issue` writes whole bundles, as JSON files for `saksi-agent init`.

use serde::{Deserialize, Serialize};

use crate::codec::{DecodeFault, decode, encode, few};
use crate::digest::Digest;
use crate::ids::StationCode;
use crate::slice::Slice;

/// Version of the bundle.
pub const BUNDLE_FORMAT: u16 = 2;

/// Most collectors that papers name: one for each province, and then some.
pub const MAX_COLLECTORS: usize = 64;

/// Longest policy in papers, in bytes, a C2SP `tlog-policy`: a log line of 170, ten lines of
/// witnesses of 130, and 100 for group and quorum are 1,570.
pub const MAX_WITNESSES_TEXT: usize = 4_096;

/// What a device of one station needs to know and to keep.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// [`BUNDLE_FORMAT`].
    pub format: u16,
    /// All but the key.
    pub papers: Papers,
    /// The device's Ed25519 private key, PKCS#8 v1, PEM.
    pub key: String,
}

/// What a device is given. Nothing in it is secret, and nothing is believed unchecked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Papers {
    /// The station.
    pub station: StationCode,
    /// When it was issued, milliseconds since 1970, UTC: a floor for a device whose
    /// clock stands in 1970.
    pub issued_ms: u64,
    /// Digest of the election definition, which `slice` must prove to belong to.
    pub election: Digest,
    /// The device's part of the definition: postcard of [`Slice`], in JSON in base64.
    #[serde(with = "base64_in_text")]
    pub slice: Vec<u8>,
    /// Origin and key of the log, as a `vkey`; receipts are checked with it.
    pub log_key: String,
    /// Where to send, in the order to try: at most [`MAX_COLLECTORS`].
    #[serde(deserialize_with = "few::<_, _, MAX_COLLECTORS>")]
    pub collectors: Vec<CollectorAddress>,
    /// Certificate of the authority that certifies collectors, PEM.
    pub authority: String,
    /// The device's certificate, PEM.
    pub certificate: String,
    /// When the certificate ends, milliseconds since 1970, UTC.
    pub certified_until_ms: u64,
    /// Whose cosignatures make a receipt *witnessed*, as a C2SP `tlog-policy`
    /// ([`crate::policy`]) of at most [`MAX_WITNESSES_TEXT`] bytes; none: the log has no
    /// witnesses. Files of before it was there have none.
    #[serde(default)]
    pub witnesses: Option<String>,
}

/// A collector, as a device reaches it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CollectorAddress {
    /// Host and port, for example `saksi.example:7443`.
    pub address: String,
    /// The name in the collector's certificate: a DNS name or an IP address.
    pub name: String,
}

impl Papers {
    /// Encodes a slice for [`Papers::slice`].
    #[must_use]
    pub fn encode_slice(slice: &Slice) -> Vec<u8> {
        encode(slice)
    }

    /// Decodes [`Papers::slice`]; verify it against [`Papers::election`].
    ///
    /// # Errors
    /// [`DecodeFault`] if it is not a slice.
    pub fn decode_slice(&self) -> Result<Slice, DecodeFault> {
        decode(&self.slice)
    }
}

/// Bytes that are base64 where a person may read them.
mod base64_in_text {
    use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
    use serde::{Deserialize as _, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        if to.is_human_readable() {
            to.serialize_str(&BASE64.encode(bytes))
        } else {
            serde_bytes::serialize(bytes, to)
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        if from.is_human_readable() {
            BASE64.decode(String::deserialize(from)?).map_err(de::Error::custom)
        } else {
            serde_bytes::deserialize(from)
        }
    }
}

impl std::fmt::Debug for Bundle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bundle for station {} (key not shown)", self.papers.station)
    }
}
