//! A device's papers, and the bundle of `device issue`: papers and a key made here.
//!
//! First the enrolment is in the log, then papers are given out: those that exist work.
//! If the power goes between the two, a device that enrols itself asks again, and a
//! bundle is issued again with `--replace`.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use saksi_proto::VerifyingKey;
use saksi_proto::bundle::{BUNDLE_FORMAT, Bundle, CollectorAddress, Papers};
use saksi_proto::checkpoint::LogKey;
use saksi_proto::definition::{Definition, StationIndex};
use saksi_proto::digest::Digest;
use saksi_proto::entry::{Act, Enrolment, Warrant};
use saksi_proto::policy::Policy;
use saksi_proto::slice::Slicer;
use saksi_proto::slip::Fingerprint;

use crate::authority::{Authority, AuthorityFault, Certified, to_der};
use crate::certificates::{CertificateFault, Certificates};
use crate::config::Config;
use crate::home::{Home, HomeFault};
use crate::secret::{self, SecretFault};

/// What papers are made with: the authority, the log's key, where to send. Always for
/// the one definition of the collector's directory.
pub struct Issuer {
    /// Made when it is first asked for: a start need not wait for it.
    slicer: OnceLock<Slicer>,
    certifier: Certifier,
    authority: String,
    log_key: LogKey,
    collectors: Vec<CollectorAddress>,
    certificate_days: u16,
    /// Whose cosignatures the log's checkpoints need, for devices; none, if they need none.
    witnesses: Option<String>,
}

/// Who signs devices' certificates.
enum Certifier {
    /// This host has the authority's key.
    Here(Box<Authority>),
    /// The key is elsewhere, and certificates come as files.
    Elsewhere(Certificates),
}

/// Why papers cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum IssueFault {
    /// A file cannot be read or written.
    #[error("{path}: {fault}", path = .0.display(), fault = .1)]
    File(PathBuf, std::io::Error),
    /// The authority's key is not here.
    #[error(
        "{0} is not here, so that no bundle can be signed; give out codes (device codes), or put it back"
    )]
    Elsewhere(PathBuf),
    /// The log's public key is damaged.
    #[error(transparent)]
    LogKey(#[from] HomeFault),
    /// A key.
    #[error(transparent)]
    Secret(#[from] SecretFault),
    /// A certificate.
    #[error(transparent)]
    Authority(#[from] AuthorityFault),
    /// A certificate that was signed elsewhere.
    #[error(transparent)]
    Certificate(#[from] CertificateFault),
}

impl Issuer {
    /// Reads the authority and the log's key.
    ///
    /// # Errors
    /// [`IssueFault`].
    pub fn new(home: &Home, config: &Config) -> Result<Self, IssueFault> {
        let path = home.key("ca.pem");
        let authority = fs::read_to_string(&path).map_err(|fault| IssueFault::File(path, fault))?;
        let key = home.key("ca.key");
        let certifier = if key.exists() {
            let key = secret::read_key(&key)?;
            Certifier::Here(Box::new(Authority::new(&key, authority.clone())?))
        } else {
            to_der(&authority)?;
            Certifier::Elsewhere(Certificates::of(home))
        };
        let log_key = home.read_log_key()?;
        let policy = |witnesses| Policy { logs: vec![log_key.clone()], witnesses }.to_string();
        let witnesses = Some(config.witnesses.policy()).filter(|policy| policy.needed() > 0);
        Ok(Self {
            slicer: OnceLock::new(),
            certifier,
            authority,
            witnesses: witnesses.map(policy),
            log_key,
            collectors: config.collectors.clone(),
            certificate_days: config.certificate_days,
        })
    }

    /// SHA-256 of the authority's certificate (DER).
    ///
    /// # Panics
    /// Never: the certificate was read before.
    #[must_use]
    pub fn authority(&self) -> Digest {
        Digest::of(&to_der(&self.authority).expect("read when this was made"))
    }

    /// The fingerprint that slips carry.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::new(self.authority())
    }

    /// The log's public key.
    #[must_use]
    pub fn log_key(&self) -> &LogKey {
        &self.log_key
    }

    /// Whether certificates are signed on this host.
    #[must_use]
    pub fn signs_here(&self) -> bool {
        matches!(self.certifier, Certifier::Here(_))
    }

    /// Papers for a key that is enrolled for the station; `None` while its certificate is
    /// to be signed elsewhere. Some 100 µs of work; the first time the whole definition is
    /// hashed besides.
    ///
    /// # Errors
    /// [`IssueFault`].
    pub fn papers(
        &self,
        definition: &Definition,
        station: StationIndex,
        key: &VerifyingKey,
        now_ms: u64,
    ) -> Result<Option<Papers>, IssueFault> {
        let certified = match &self.certifier {
            Certifier::Here(authority) => {
                Some(self.certify(authority, definition, station, key, now_ms)?)
            }
            Certifier::Elsewhere(certificates) => certificates.read(&Digest(key.to_bytes()))?,
        };
        let certified =
            certified.map(|certified| self.assemble(definition, station, certified, now_ms));
        Ok(certified)
    }

    /// A new key and certificate for a station's device: the bundle, and the
    /// enrolment that must be in the log before the bundle is given away.
    ///
    /// # Errors
    /// [`IssueFault`].
    pub fn issue(
        &self,
        home: &Home,
        definition: &Definition,
        station: StationIndex,
        act: &Act,
        now_ms: u64,
    ) -> Result<(Bundle, Enrolment), IssueFault> {
        let Certifier::Here(authority) = &self.certifier else {
            return Err(IssueFault::Elsewhere(home.key("ca.key")));
        };
        let key = secret::new_key()?;
        let public = key.verifying_key();
        let certified = self.certify(authority, definition, station, &public, now_ms)?;
        let papers = self.assemble(definition, station, certified, now_ms);
        let station = papers.station;
        let bundle = Bundle { format: BUNDLE_FORMAT, papers, key: secret::to_pem(&key) };
        let warrant = Warrant::Bundle(act.clone());
        Ok((bundle, Enrolment { station, key: public.to_bytes(), at_ms: now_ms, warrant }))
    }

    fn certify(
        &self,
        authority: &Authority,
        definition: &Definition,
        station: StationIndex,
        key: &VerifyingKey,
        now_ms: u64,
    ) -> Result<Certified, AuthorityFault> {
        let code = definition.stations()[station as usize].code;
        authority.issue_device(key, definition.head().id, code, now_ms, self.certificate_days)
    }

    fn assemble(
        &self,
        definition: &Definition,
        station: StationIndex,
        certified: Certified,
        now_ms: u64,
    ) -> Papers {
        let slicer = self.slicer.get_or_init(|| Slicer::new(definition));
        Papers {
            station: definition.stations()[station as usize].code,
            issued_ms: now_ms,
            election: definition.digest(),
            slice: Papers::encode_slice(&slicer.slice(definition, station)),
            log_key: self.log_key.to_string(),
            collectors: self.collectors.clone(),
            authority: self.authority.clone(),
            certificate: certified.pem,
            certified_until_ms: certified.until_ms,
            witnesses: self.witnesses.clone(),
        }
    }
}

/// Writes a bundle as `DIR/STATION.json`, mode 0600, in the place of an older one.
///
/// # Errors
/// [`IssueFault`].
pub fn write_bundle(dir: &Path, bundle: &Bundle) -> Result<PathBuf, IssueFault> {
    let path = dir.join(format!("{}.json", bundle.papers.station));
    let file_fault = |fault| IssueFault::File(path.clone(), fault);
    fs::create_dir_all(dir).map_err(file_fault)?;
    if path.exists() {
        fs::remove_file(&path).map_err(file_fault)?;
    }
    let text = serde_json::to_string_pretty(bundle).expect("a bundle is plain values");
    secret::write_secret(&path, &text)?;
    Ok(path)
}

/// Writes papers as `DIR/STATION.papers.json`, in the place of older ones. Nothing in them
/// is secret.
///
/// # Errors
/// [`IssueFault`].
pub fn write_papers(dir: &Path, papers: &Papers) -> Result<PathBuf, IssueFault> {
    let path = dir.join(format!("{}.papers.json", papers.station));
    let file_fault = |fault| IssueFault::File(path.clone(), fault);
    fs::create_dir_all(dir).map_err(file_fault)?;
    let text = serde_json::to_string_pretty(papers).expect("papers are plain values");
    fs::write(&path, text).map_err(file_fault)?;
    Ok(path)
}
