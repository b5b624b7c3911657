//! What a device keeps between its key and its papers: `enrol.json`.
//!
//! It is on the disk before anybody hears of the key. So the same code is shown for the
//! same key, whatever happens in between.

use std::io::Read as _;

use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, KeypairBytes};
use saksi_proto::SigningKey;
use saksi_proto::digest::Digest;
use saksi_proto::enrolment::{Application, StationOffer};
use saksi_proto::ids::StationCode;
use saksi_proto::slip::Slip;
use serde::{Deserialize, Serialize};

use super::EnrolFault;
use crate::clock::Clock;
use crate::directory::Directory;
use crate::durable;
use crate::identity::{IdentityFault, check_private};

/// Largest file read: a slip, a key and the names of a station and its regions are 1 KiB.
const MAX_BEGUN: u64 = 64 * 1024;

/// An enrolment that was begun.
pub struct Begun {
    /// The slip.
    pub slip: Slip,
    /// The station that the device applies for.
    pub station: StationCode,
    /// What a person has confirmed; nothing yet where the application is carried.
    pub offer: Option<StationOffer>,
    /// The device's key, made here: PKCS#8 v1, PEM.
    pub(super) key_pem: String,
    key: SigningKey,
}

/// As it stands in the file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    slip: String,
    station: StationCode,
    offer: Option<StationOffer>,
    key: String,
}

impl Begun {
    /// Makes a key for a slip and a station.
    pub(super) fn new(
        slip: Slip,
        station: StationCode,
        offer: Option<StationOffer>,
    ) -> Result<Self, EnrolFault> {
        let mut secret_key = [0; 32];
        getrandom::fill(&mut secret_key).map_err(EnrolFault::Randomness)?;
        let pair = KeypairBytes { secret_key, public_key: None };
        let key_pem = pair.to_pkcs8_pem(LineEnding::LF).expect("32 bytes are an Ed25519 key");
        let key = SigningKey::from_bytes(&secret_key);
        Ok(Self { slip, station, offer, key_pem: key_pem.to_string(), key })
    }

    /// What was begun in this directory, if anything.
    pub(super) fn read(directory: &Directory) -> Result<Option<Self>, EnrolFault> {
        let path = directory.begun();
        match check_private(&path) {
            Err(IdentityFault::File { fault, .. })
                if fault.kind() == std::io::ErrorKind::NotFound =>
            {
                return Ok(None);
            }
            checked => checked?,
        }
        let mut text = Vec::new();
        let file = std::fs::File::open(&path);
        let read = file.and_then(|file| file.take(MAX_BEGUN).read_to_end(&mut text));
        read.map_err(EnrolFault::file(path.clone()))?;
        let parsed = Self::parse(&text);
        parsed.map(Some).map_err(|fault| EnrolFault::Damaged { path, fault })
    }

    fn parse(text: &[u8]) -> Result<Self, String> {
        let kept: Kept = serde_json::from_slice(text).map_err(|fault| fault.to_string())?;
        let slip = kept.slip.parse::<Slip>().map_err(|fault| fault.to_string())?;
        let key = SigningKey::from_pkcs8_pem(&kept.key).map_err(|_| "its key is none")?;
        let Kept { station, offer, key: key_pem, .. } = kept;
        Ok(Self { slip, station, offer, key_pem, key })
    }

    /// Keeps it. When this returns, it survives a power cut.
    pub(super) fn write(&self, directory: &Directory) -> Result<(), EnrolFault> {
        let (slip, key) = (self.slip.to_string(), self.key_pem.clone());
        let kept = Kept { slip, station: self.station, offer: self.offer.clone(), key };
        let path = directory.begun();
        let text = serde_json::to_vec_pretty(&kept).map_err(IdentityFault::from)?;
        durable::write_file(&path, &text).map_err(EnrolFault::file(path))
    }

    /// The application of this device now, to a collector of this authority.
    #[must_use]
    pub fn application_now(&self, authority: Digest) -> Application {
        self.application(authority, Clock::system_ms())
    }

    /// The application of this device at `device_ms`, to a collector of this authority.
    #[must_use]
    pub fn application(&self, authority: Digest, device_ms: u64) -> Application {
        let unsigned = Application {
            code: self.slip.code,
            station: self.station,
            key: Digest([0; 32]),
            authority,
            device_ms,
            agent: env!("CARGO_PKG_VERSION").to_owned(),
            signature: Vec::new(),
        };
        Application::sign(unsigned, &self.key)
    }
}
