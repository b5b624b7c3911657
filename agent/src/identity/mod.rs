//! Who the device is: its station, its part of the election, its keys.
//!
//! Read from the bundle and believed only after everything in it fits together.

mod credentials;
mod fault;

use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use ed25519_dalek::pkcs8::DecodePrivateKey as _;
use saksi_proto::SigningKey;
use saksi_proto::bundle::{BUNDLE_FORMAT, Bundle, MAX_WITNESSES_TEXT, Papers};
use saksi_proto::checkpoint::LogKey;
use saksi_proto::cosignature::WitnessPolicy;
use saksi_proto::ids::{ContestCode, Phase};
use saksi_proto::layout::Layout;
use saksi_proto::policy::Policy;
use saksi_proto::slice::StationElection;
use saksi_proto::text::Language;

pub use fault::IdentityFault;

use crate::clock::Clock;
use crate::directory::Directory;
use crate::durable;
use crate::store;

/// Largest bundle or identity file read: a slice with the names of 1,000 candidates
/// is 60 KB, in base64 80 KB; three such contests and certificates stay below this.
pub(crate) const MAX_BUNDLE: u64 = 1 << 20;

/// How far a collector's clock may be before the device's, milliseconds: a day.
const TOLERANCE_MS: u64 = 24 * 3_600 * 1_000;

/// Who the device is, everything checked.
pub struct Identity {
    /// The newest papers. Station, election, log and authority never change; the
    /// forwarder alone puts a new certificate and new collectors in their place.
    papers: RwLock<Arc<Papers>>,
    /// The key as it stands in the bundle.
    key_pem: String,
    election: StationElection,
    /// One form a contest, in the order of [`StationElection::contests`].
    layouts: Vec<Layout>,
    log_key: LogKey,
    key: SigningKey,
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
        read_witnesses(&bundle.papers, &log_key).map_err(IdentityFault::Witnesses)?;
        let key = SigningKey::from_pkcs8_pem(&bundle.key);
        let key = key.map_err(|_| IdentityFault::Credential("key is not an Ed25519 key"))?;
        let Bundle { papers, key: key_pem, .. } = bundle;
        if papers.issued_ms >= papers.certified_until_ms {
            return Err(IdentityFault::Times);
        }
        credentials::check(&papers, &key.verifying_key())?;
        let papers = RwLock::new(Arc::new(papers));
        Ok(Self { papers, key_pem, election, layouts, log_key, key })
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
                Ok(present) if present.is_of(bundle) => return Ok(identity),
                Ok(present) => return another(present.election.station.code),
                Err(fault @ IdentityFault::File { .. }) => return Err(fault),
                Err(fault) => tracing::warn!(%fault, "the identity is damaged and written again"),
            }
            if let Some(station) = store::station_of_forms(directory) {
                if station != bundle.papers.station {
                    return another(station);
                }
            }
        }
        let created = directory.create();
        created
            .map_err(|fault| IdentityFault::File { path: directory.path().to_owned(), fault })?;
        write(directory, bundle)?;
        Ok(identity)
    }

    fn is_of(&self, bundle: &Bundle) -> bool {
        *self.papers() == bundle.papers && self.key_pem == bundle.key
    }

    /// Reads the identity of a directory that was set up.
    ///
    /// # Errors
    /// [`IdentityFault`], also when others can read the key.
    pub fn open(directory: &Directory) -> Result<Self, IdentityFault> {
        let path = directory.identity();
        match check_private(&path) {
            Err(IdentityFault::File { fault, .. }) if fault.kind() == io::ErrorKind::NotFound => {
                return Err(IdentityFault::Missing(path));
            }
            checked => checked?,
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

    /// Whether its key is this one, PEM.
    pub(crate) fn has_key(&self, key_pem: &str) -> bool {
        self.key_pem == key_pem
    }

    /// The newest papers.
    #[must_use]
    pub fn papers(&self) -> Arc<Papers> {
        Arc::clone(&self.papers.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whose cosignatures make a receipt *witnessed*, by the newest papers; with none of
    /// them, nobody's are needed.
    #[must_use]
    pub fn witnesses(&self) -> WitnessPolicy {
        // What is not a policy was refused with its papers.
        read_witnesses(&self.papers(), &self.log_key).unwrap_or_default()
    }

    /// When the papers were issued, milliseconds since 1970, UTC.
    #[must_use]
    pub fn issued_ms(&self) -> u64 {
        self.papers().issued_ms
    }

    /// When the device's certificate ends, milliseconds since 1970, UTC.
    #[must_use]
    pub fn certified_until_ms(&self) -> u64 {
        self.papers().certified_until_ms
    }

    /// Puts new papers in the place of the present ones, on the disk first. They are for
    /// the same key, station, election, log and authority, and end no earlier.
    ///
    /// # Errors
    /// [`IdentityFault`]; the present papers stay.
    pub(crate) fn renew(&self, directory: &Directory, new: Papers) -> Result<(), IdentityFault> {
        let present = self.papers();
        let other = |what| Err(IdentityFault::OtherPapers(what));
        // The addresses and the time of issue are signed by nobody: who has the collector's
        // key and stands in the way for once would lead the device elsewhere for good, or
        // end all certificates for it.
        let is_plausible = new.issued_ms <= Clock::system_ms().saturating_add(TOLERANCE_MS);
        let issued_ms = if is_plausible { new.issued_ms } else { present.issued_ms };
        let collectors = present.collectors.clone();
        let papers = Papers { collectors, issued_ms, ..new };
        let bundle = Bundle { format: BUNDLE_FORMAT, papers, key: self.key_pem.clone() };
        let renewed = Self::new(bundle.clone())?;
        renewed.check_certificate()?;
        let new = &bundle.papers;
        if new.station != present.station || new.election != present.election {
            return other("another station or election");
        }
        if renewed.log_key != self.log_key || renewed.authority()? != self.authority()? {
            return other("another log or authority");
        }
        if new.certified_until_ms < present.certified_until_ms {
            return other("an earlier end");
        }
        write(directory, &bundle)?;
        if bundle.papers.witnesses != present.witnesses {
            tracing::warn!("the new papers name other witnesses of the log than those before");
        }
        *self.papers.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(bundle.papers);
        Ok(())
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
}

/// Refuses a file with a private key that others than its owner can read.
pub(crate) fn check_private(path: &Path) -> Result<(), IdentityFault> {
    let metadata = path.metadata();
    let metadata =
        metadata.map_err(|fault| IdentityFault::File { path: path.to_owned(), fault })?;
    let mode = metadata.permissions().mode() & 0o777;
    let open = IdentityFault::ReadableByOthers { path: path.to_owned(), mode };
    if mode & 0o077 == 0 { Ok(()) } else { Err(open) }
}

/// The papers' policy, which has to be one for this log.
fn read_witnesses(papers: &Papers, log_key: &LogKey) -> Result<WitnessPolicy, String> {
    let Some(text) = &papers.witnesses else { return Ok(WitnessPolicy::default()) };
    if text.len() > MAX_WITNESSES_TEXT {
        return Err(format!("{} bytes, where {MAX_WITNESSES_TEXT} may be", text.len()));
    }
    let policy = Policy::parse(text).map_err(|fault| fault.to_string())?;
    if !policy.logs.contains(log_key) {
        return Err(format!("it is not about the log {}", log_key.origin));
    }
    Ok(policy.witnesses)
}

fn write(directory: &Directory, bundle: &Bundle) -> Result<(), IdentityFault> {
    let path = directory.identity();
    let written = durable::write_file(&path, &serde_json::to_vec_pretty(bundle)?);
    written.map_err(|fault| IdentityFault::File { path, fault })
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
