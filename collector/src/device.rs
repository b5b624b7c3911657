//! `device issue`: the bundle that makes a device the voice of a station.
//!
//! First the enrolment is in the log, then the bundle is written: a bundle that
//! exists works. If the power goes between the two, issue it again with `--replace`.

use std::fs;
use std::path::{Path, PathBuf};

use saksi_proto::bundle::{BUNDLE_FORMAT, Bundle, Papers};
use saksi_proto::checkpoint::LogKey;
use saksi_proto::definition::{Definition, StationIndex};
use saksi_proto::entry::{Act, Enrolment, Warrant};
use saksi_proto::ids::StationCode;
use saksi_proto::slice::Slicer;

use crate::authority::{Authority, AuthorityFault};
use crate::config::Config;
use crate::home::{Home, HomeFault};
use crate::secret::{self, SecretFault};

/// What bundles are made with: the election, the authority, where to send.
pub struct Issuer<'a> {
    definition: &'a Definition,
    slicer: Slicer<'a>,
    authority: Authority,
    log_key: LogKey,
    config: &'a Config,
}

/// Why bundles cannot be issued.
#[derive(Debug, thiserror::Error)]
pub enum IssueFault {
    /// Not a station of the election.
    #[error("there is no station {0} in this election")]
    UnknownStation(StationCode),
    /// A file cannot be read or written.
    #[error("{path}: {fault}", path = .0.display(), fault = .1)]
    File(PathBuf, std::io::Error),
    /// The log's public key is damaged.
    #[error(transparent)]
    LogKey(#[from] HomeFault),
    /// A key.
    #[error(transparent)]
    Secret(#[from] SecretFault),
    /// A certificate.
    #[error(transparent)]
    Authority(#[from] AuthorityFault),
}

impl<'a> Issuer<'a> {
    /// Reads the authority and the log's key.
    ///
    /// # Errors
    /// [`IssueFault`].
    pub fn new(
        home: &Home,
        definition: &'a Definition,
        config: &'a Config,
    ) -> Result<Self, IssueFault> {
        let path = home.key("ca.pem");
        let certificate =
            fs::read_to_string(&path).map_err(|fault| IssueFault::File(path, fault))?;
        Ok(Self {
            definition,
            slicer: Slicer::new(definition),
            authority: Authority::new(&secret::read_key(&home.key("ca.key"))?, certificate)?,
            log_key: home.read_log_key()?,
            config,
        })
    }

    /// Position of a station.
    ///
    /// # Errors
    /// [`IssueFault::UnknownStation`].
    pub fn station(&self, code: StationCode) -> Result<StationIndex, IssueFault> {
        self.definition.station(code).ok_or(IssueFault::UnknownStation(code))
    }

    /// A new key and certificate for a station's device: the bundle, and the
    /// enrolment that must be in the log before the bundle is given away.
    ///
    /// # Errors
    /// [`IssueFault`].
    pub fn issue(
        &self,
        station: StationIndex,
        act: &Act,
        now_ms: u64,
    ) -> Result<(Bundle, Enrolment), IssueFault> {
        let code = self.definition.stations()[station as usize].code;
        let election = self.definition.head().id;
        let key = secret::new_key()?;
        let public = key.verifying_key();
        let certified = self.authority.issue_device(&public, election, code, now_ms)?;
        let papers = Papers {
            station: code,
            issued_ms: now_ms,
            election: self.definition.digest(),
            slice: Papers::encode_slice(&self.slicer.slice(station)),
            log_key: self.log_key.to_string(),
            collectors: self.config.collectors.clone(),
            authority: self.authority.certificate_pem().to_owned(),
            certificate: certified.pem,
            certified_until_ms: certified.until_ms,
        };
        let bundle = Bundle { format: BUNDLE_FORMAT, papers, key: secret::to_pem(&key) };
        let warrant = Warrant::Bundle(act.clone());
        let key = public.to_bytes();
        Ok((bundle, Enrolment { station: code, key, at_ms: now_ms, warrant }))
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
