//! The bundle: what makes a device the voice of one station.
//!
//! A JSON file, written by `saksi-collector device issue` and read once by
//! `saksi-agent init`. It holds the device's private key: whoever has the file is
//! the station.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde::{Deserialize, Serialize};

use crate::codec::{DecodeFault, decode, encode};
use crate::digest::Digest;
use crate::ids::StationCode;
use crate::slice::Slice;

/// Version of the bundle.
pub const BUNDLE_FORMAT: u16 = 1;

/// What a device of one station needs to know and to keep.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// [`BUNDLE_FORMAT`].
    pub format: u16,
    /// The station.
    pub station: StationCode,
    /// When it was issued, milliseconds since 1970, UTC: a floor for a device whose
    /// clock stands in 1970.
    pub issued_ms: u64,
    /// Digest of the election definition, which `slice` must prove to belong to.
    pub election: Digest,
    /// The device's part of the definition: postcard of [`Slice`], in base64.
    pub slice: String,
    /// Origin and key of the log, as a `vkey`; receipts are checked with it.
    pub log_key: String,
    /// Where to send, in the order to try.
    pub collectors: Vec<CollectorAddress>,
    /// Certificate of the authority that certifies collectors, PEM.
    pub authority: String,
    /// The device's certificate, PEM.
    pub certificate: String,
    /// The device's Ed25519 private key, PKCS#8 v1, PEM.
    pub key: String,
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

impl Bundle {
    /// Encodes a slice for [`Bundle::slice`].
    #[must_use]
    pub fn encode_slice(slice: &Slice) -> String {
        BASE64.encode(encode(slice))
    }

    /// Decodes [`Bundle::slice`]; verify it against [`Bundle::election`].
    ///
    /// # Errors
    /// [`DecodeFault`] if it is not a slice.
    pub fn decode_slice(&self) -> Result<Slice, DecodeFault> {
        let bytes = BASE64.decode(&self.slice);
        decode(&bytes.map_err(|fault| DecodeFault::Malformed(fault.to_string()))?)
    }
}

impl std::fmt::Debug for Bundle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bundle for station {} (key not shown)", self.station)
    }
}
