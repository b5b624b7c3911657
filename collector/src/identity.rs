//! Who a client certificate speaks for: the election and station in its URI, and
//! its Ed25519 key.

use saksi_proto::VerifyingKey;
use saksi_proto::ids::{ElectionId, StationCode};
use x509_parser::extensions::GeneralName;
use x509_parser::oid_registry::OID_SIG_ED25519;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// What a device's certificate says. That it was signed by the authority, TLS has
/// checked; that it still speaks for the station, only the roster knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceIdentity {
    /// The election.
    pub election: ElectionId,
    /// The station.
    pub station: StationCode,
    /// The device's key.
    pub key: VerifyingKey,
    /// When the certificate ends, milliseconds since 1970, UTC.
    pub until_ms: u64,
}

/// A certificate that no device of ours has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the client certificate is not a device's: {0}")]
pub struct IdentityFault(&'static str);

const SCHEME: &str = "saksi://";

impl DeviceIdentity {
    /// The URI that names a device's election and station in its certificate.
    #[must_use]
    pub fn uri(election: ElectionId, station: StationCode) -> String {
        format!("{SCHEME}{election}/{station}")
    }

    /// Reads a certificate in DER.
    ///
    /// # Errors
    /// [`IdentityFault`] by the first part that is missing.
    pub fn from_certificate(der: &[u8]) -> Result<Self, IdentityFault> {
        let (_, certificate) =
            X509Certificate::from_der(der).map_err(|_| IdentityFault("it does not parse"))?;
        let public_key = certificate.public_key();
        if public_key.algorithm.algorithm != OID_SIG_ED25519 {
            return Err(IdentityFault("its key is not an Ed25519 key"));
        }
        let key: Option<&[u8; 32]> = public_key.subject_public_key.data.as_ref().try_into().ok();
        let key = key.and_then(|key| VerifyingKey::from_bytes(key).ok());
        let names = certificate.subject_alternative_name();
        let names = names.ok().flatten().ok_or(IdentityFault("it has no alternative name"))?;
        let uri = names.value.general_names.iter().find_map(|name| match name {
            GeneralName::URI(uri) => uri.strip_prefix(SCHEME),
            _ => None,
        });
        let (election, station) =
            uri.and_then(|uri| uri.split_once('/')).ok_or(IdentityFault("it names no station"))?;
        Ok(Self {
            election: election.parse().map_err(|_| IdentityFault("its election is no code"))?,
            station: station.parse().map_err(|_| IdentityFault("its station is no code"))?,
            until_ms: {
                let seconds = certificate.validity().not_after.timestamp();
                u64::try_from(seconds).map_or(0, |seconds| seconds * 1_000)
            },
            key: key.ok_or(IdentityFault("its key is damaged"))?,
        })
    }
}
