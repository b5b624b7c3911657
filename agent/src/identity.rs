//! Who the device is: its station, its part of the election, its keys.
//!
//! Read from the bundle and believed only after everything in it fits together.

use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use ed25519_dalek::pkcs8::DecodePrivateKey as _;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use saksi_proto::SigningKey;
use saksi_proto::bundle::{BUNDLE_FORMAT, Bundle, CollectorAddress};
use saksi_proto::checkpoint::{LogKey, LogKeyFault};
use saksi_proto::codec::DecodeFault;
use saksi_proto::ids::{ContestCode, Phase, StationCode};
use saksi_proto::layout::Layout;
use saksi_proto::slice::{SliceFault, StationElection};
use saksi_proto::text::Language;

use crate::directory::Directory;
use crate::durable;
use crate::store;

/// Largest bundle or identity file read: a slice with the names of 1,000 candidates
/// is 60 KB, in base64 80 KB; three such contests and certificates stay below this.
const MAX_BUNDLE: u64 = 1 << 20;

/// Who the device is, everything checked.
pub struct Identity {
    bundle: Bundle,
    election: StationElection,
    /// One form a contest, in the order of [`StationElection::contests`].
    layouts: Vec<Layout>,
    log_key: LogKey,
    key: SigningKey,
}

/// Why a device has no identity, or not this one.
#[derive(Debug, thiserror::Error)]
pub enum IdentityFault {
    /// Nothing was set up in this directory.
    #[error("{0} does not exist; set the device up with `saksi-agent init`")]
    Missing(PathBuf),
    /// A file cannot be read or written.
    #[error("{path}: {fault}")]
    File {
        /// The file or directory.
        path: PathBuf,
        /// What the file system said.
        fault: io::Error,
    },
    /// Others than the owner can read the private key.
    #[error("{path} can be read by others (mode {mode:o}); run `chmod 600` on it")]
    ReadableByOthers {
        /// The file with the key.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// The directory belongs to another device already.
    #[error("{path} already holds another identity, for station {station}")]
    Another {
        /// The directory.
        path: PathBuf,
        /// The station it speaks for.
        station: StationCode,
    },
    /// Not a bundle.
    #[error("not a bundle: {0}")]
    Json(#[from] serde_json::Error),
    /// The identity of a device that was set up is damaged.
    #[error(
        "{path} is damaged ({fault}); set the device up again with its bundle: `saksi-agent init \
         --bundle FILE`. Its forms stay"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: Box<IdentityFault>,
    },
    /// A bundle of another version.
    #[error("a bundle of format {0}; this agent reads format {BUNDLE_FORMAT}")]
    Format(u16),
    /// The device's part of the election does not decode.
    #[error("the bundle's part of the election: {0}")]
    Slice(#[from] DecodeFault),
    /// The device's part of the election is not of this election.
    #[error(transparent)]
    OtherElection(#[from] SliceFault),
    /// The bundle and the election name different stations.
    #[error("the bundle is for station {bundle}, its election part for {slice}")]
    OtherStation {
        /// In the bundle.
        bundle: StationCode,
        /// In the election's part.
        slice: StationCode,
    },
    /// A contest whose form cannot be laid out.
    #[error("contest {contest}: {fault}")]
    Layout {
        /// The contest.
        contest: ContestCode,
        /// The first thing wrong with it.
        fault: String,
    },
    /// The log's key is not one.
    #[error(transparent)]
    LogKey(#[from] LogKeyFault),
    /// A private key or certificate that cannot be used.
    #[error("the bundle's {0}")]
    Credential(&'static str),
}

impl Identity {
    /// Checks a bundle.
    ///
    /// # Errors
    /// [`IdentityFault`], by its first cause.
    pub fn new(bundle: Bundle) -> Result<Self, IdentityFault> {
        if bundle.format != BUNDLE_FORMAT {
            return Err(IdentityFault::Format(bundle.format));
        }
        let election = bundle.papers.decode_slice()?.verify(bundle.papers.election)?;
        if election.station.code != bundle.papers.station {
            let (bundle, slice) = (bundle.papers.station, election.station.code);
            return Err(IdentityFault::OtherStation { bundle, slice });
        }
        let layouts = lay_out(&election)?;
        let log_key = bundle.papers.log_key.parse()?;
        let key = SigningKey::from_pkcs8_pem(&bundle.key);
        let key = key.map_err(|_| IdentityFault::Credential("key is not an Ed25519 key"))?;
        let identity = Self { bundle, election, layouts, log_key, key };
        identity.check_credentials()?;
        Ok(identity)
    }

    /// Reads a bundle file.
    ///
    /// # Errors
    /// [`IdentityFault`] if it cannot be read or is not a bundle.
    pub fn read_bundle(path: &Path) -> Result<Bundle, IdentityFault> {
        let file_fault = |fault| IdentityFault::File { path: path.to_owned(), fault };
        let size = path.metadata().map_err(file_fault)?.len();
        if size > MAX_BUNDLE {
            let fault = io::Error::new(io::ErrorKind::FileTooLarge, "too large for a bundle");
            return Err(file_fault(fault));
        }
        Ok(serde_json::from_slice(&std::fs::read(path).map_err(file_fault)?)?)
    }

    /// Makes the directory the device of this bundle. The same bundle again is fine, and
    /// puts right an identity that is damaged.
    ///
    /// # Errors
    /// [`IdentityFault`]; a directory with another identity, or with forms of another
    /// station, is left as it is.
    pub fn init(directory: &Directory, bundle: &Bundle) -> Result<Self, IdentityFault> {
        let identity = Self::new(bundle.clone())?;
        let path = directory.identity();
        let another = |station| {
            let path = directory.path().to_owned();
            Err(IdentityFault::Another { path, station })
        };
        if path.exists() {
            match Self::read_bundle(&path).and_then(Self::new) {
                Ok(present) if present.bundle == *bundle => return Ok(identity),
                Ok(present) => return another(present.bundle.papers.station),
                Err(fault @ IdentityFault::File { .. }) => return Err(fault),
                Err(fault) => tracing::warn!(%fault, "the identity is damaged and written again"),
            }
            if let Some(station) = store::station_of_forms(directory) {
                if station != bundle.papers.station {
                    return another(station);
                }
            }
        }
        let text = serde_json::to_vec_pretty(bundle)?;
        let written = directory.create().and_then(|()| durable::write_file(&path, &text));
        written.map_err(|fault| IdentityFault::File { path, fault })?;
        Ok(identity)
    }

    /// Reads the identity of a directory that was set up.
    ///
    /// # Errors
    /// [`IdentityFault`], also when others can read the key.
    pub fn open(directory: &Directory) -> Result<Self, IdentityFault> {
        let path = directory.identity();
        match path.metadata() {
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => {
                return Err(IdentityFault::Missing(path));
            }
            Err(fault) => return Err(IdentityFault::File { path, fault }),
            Ok(metadata) => {
                let mode = metadata.permissions().mode() & 0o777;
                if mode & 0o077 != 0 {
                    return Err(IdentityFault::ReadableByOthers { path, mode });
                }
            }
        }
        Self::read_bundle(&path).and_then(Self::new).map_err(|fault| match fault {
            unread @ IdentityFault::File { .. } => unread,
            fault => IdentityFault::Damaged { path, fault: Box::new(fault) },
        })
    }

    /// The election as the station sees it.
    #[must_use]
    pub fn election(&self) -> &StationElection {
        &self.election
    }

    /// The form of a contest of the station.
    #[must_use]
    pub fn layout(&self, contest: ContestCode) -> Option<&Layout> {
        let at = self.election.contests.iter().position(|held| held.code == contest)?;
        self.layouts.get(at)
    }

    /// The device's key.
    pub(crate) fn key(&self) -> &SigningKey {
        &self.key
    }

    /// The key of the log that receipts lead to.
    #[must_use]
    pub fn log_key(&self) -> &LogKey {
        &self.log_key
    }

    /// Where to send, in the order to try.
    #[must_use]
    pub fn collectors(&self) -> &[CollectorAddress] {
        &self.bundle.papers.collectors
    }

    /// When the bundle was issued, milliseconds since 1970, UTC.
    #[must_use]
    pub fn issued_ms(&self) -> u64 {
        self.bundle.papers.issued_ms
    }

    /// Whether this is an exercise.
    #[must_use]
    pub fn is_rehearsal(&self) -> bool {
        self.election.head.phase == Phase::Rehearsal
    }

    /// The language a screen starts with: the election's first, if we speak it.
    #[must_use]
    pub fn language(&self) -> Language {
        let first = self.election.head.languages.first();
        first.and_then(|code| Language::from_code(code)).unwrap_or_default()
    }

    /// Certificate of the authority that certifies collectors.
    pub(crate) fn authority(&self) -> Result<CertificateDer<'static>, IdentityFault> {
        let parsed = CertificateDer::from_pem_slice(self.bundle.papers.authority.as_bytes());
        parsed.map_err(|_| IdentityFault::Credential("authority is not a certificate"))
    }

    /// The device's certificate and, where the authority is not its issuer, the rest
    /// of the chain.
    pub(crate) fn certificates(&self) -> Result<Vec<CertificateDer<'static>>, IdentityFault> {
        let parsed = CertificateDer::pem_slice_iter(self.bundle.papers.certificate.as_bytes());
        let parsed = parsed.collect::<Result<Vec<_>, _>>().unwrap_or_default();
        let missing = IdentityFault::Credential("certificate is not one");
        if parsed.is_empty() { Err(missing) } else { Ok(parsed) }
    }

    /// The private key as TLS wants it.
    pub(crate) fn tls_key(&self) -> Result<PrivateKeyDer<'static>, IdentityFault> {
        let parsed = PrivateKeyDer::from_pem_slice(self.bundle.key.as_bytes());
        parsed.map_err(|_| IdentityFault::Credential("key is not a PKCS#8 key"))
    }

    fn check_credentials(&self) -> Result<(), IdentityFault> {
        self.authority()?;
        self.tls_key()?;
        let certificates = self.certificates()?;
        // RFC 8410, 4: SubjectPublicKeyInfo of an Ed25519 key, then its 32 bytes.
        let head = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
        let wanted = [&head[..], self.key.verifying_key().as_bytes()].concat();
        let own = certificates[0].windows(wanted.len()).any(|part| part == wanted);
        if own { Ok(()) } else { Err(IdentityFault::Credential("certificate is of another key")) }
    }
}

fn lay_out(election: &StationElection) -> Result<Vec<Layout>, IdentityFault> {
    let lay_out_one = |contest: &saksi_proto::election::Contest| {
        let fault = |fault: String| IdentityFault::Layout { contest: contest.code, fault };
        let form = election.head.form(contest.form);
        let form = form.ok_or_else(|| fault(format!("no form {}", contest.form)))?;
        Layout::new(form, contest)
            .map_err(|faults| fault(faults.first().map_or_else(String::new, ToString::to_string)))
    };
    election.contests.iter().map(lay_out_one).collect()
}
