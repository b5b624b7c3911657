//! Certificates that are signed elsewhere: the authority's key is on a machine without a
//! network, and requests and answers are carried as files.
//!
//! ```text
//! authority requests DIR --out FILE          who waits: a fold of the log, no list of its own
//! authority sign AUTHORITY FILE --out FILE   on the other machine
//! authority import DIR FILE                  checked one by one, kept as certificates/KEY.pem
//! ```

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use saksi_proto::VerifyingKey;
use saksi_proto::definition::Definition;
use saksi_proto::digest::Digest;
use saksi_proto::ids::{ElectionId, StationCode};
use serde::{Deserialize, Serialize};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::authority::{Authority, AuthorityFault, Certified, SERVER_DAYS, to_der};
use crate::config::Config;
use crate::home::Home;
use crate::identity::DeviceIdentity;
use crate::ledger::Ledger;
use crate::secret::{self, SecretFault};
use crate::tls;

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// How long before its end a certificate of so many days is asked for anew. Devices ask at
/// half of its time, or 90 days before its end if that is earlier; files travel for up to
/// a month before that, and what was just signed is not asked for again.
fn in_good_time_ms(days: u16) -> u64 {
    let days = u64::from(days);
    (days / 2 + 30).max(120).min(days * 3 / 4) * DAY_MS
}

/// Certificates asked for at a time; a file of 100,000 is 15 MB, its answer 80 MB.
const AT_ONCE: usize = 100_000;

/// What is to be signed. Nothing in it is secret; whoever signs it decides who speaks.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SigningRequests {
    /// Id of the election.
    pub election: ElectionId,
    /// Digest of its definition.
    pub definition: Digest,
    /// SHA-256 of the certificate (DER) of the authority that is asked.
    pub authority: Digest,
    /// The collector's own certificate, if it has none or its ends.
    pub server: Option<ServerRequest>,
    /// Devices that are in the log and have none, or one that ends.
    pub devices: Vec<DeviceRequest>,
    /// Days for which devices' certificates are to last.
    pub certificate_days: u16,
    /// Devices for which there is no room in this file.
    pub left: usize,
}

/// A collector that asks for its certificate.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerRequest {
    /// Its public key (Ed25519).
    pub key: Digest,
    /// DNS names and IP addresses.
    pub names: Vec<String>,
}

/// A device that waits for its certificate.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceRequest {
    /// The station that it speaks for.
    pub station: StationCode,
    /// Its public key (Ed25519).
    pub key: Digest,
}

/// What was signed.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedCertificates {
    /// SHA-256 of the certificate (DER) of the authority that signed.
    pub authority: Digest,
    /// The collector's certificate, PEM.
    pub server: Option<String>,
    /// Devices' certificates, PEM.
    pub devices: Vec<String>,
}

/// Why a certificate is not to be had, signed or taken.
#[derive(Debug, thiserror::Error)]
pub enum CertificateFault {
    /// A file cannot be read or written.
    #[error("{path}: {fault}", path = .0.display(), fault = .1)]
    File(PathBuf, std::io::Error),
    /// A certificate that is none, or not the authority's, or not that of the device.
    #[error("{0}")]
    Wrong(String),
    /// The file is for, or from, another authority or election.
    #[error("{0}; nothing was done")]
    OtherAuthority(String),
    /// A key.
    #[error(transparent)]
    Secret(#[from] SecretFault),
    /// Signing.
    #[error(transparent)]
    Authority(#[from] AuthorityFault),
}

/// The directory of devices' certificates that were signed elsewhere.
#[derive(Debug, Clone)]
pub struct Certificates(PathBuf);

impl Certificates {
    /// Those of a collector.
    #[must_use]
    pub fn of(home: &Home) -> Self {
        Self(home.certificates())
    }

    fn path(&self, key: &Digest) -> PathBuf {
        self.0.join(format!("{key}.pem"))
    }

    /// The certificate of a key, if it has come.
    ///
    /// # Errors
    /// [`CertificateFault`].
    pub fn read(&self, key: &Digest) -> Result<Option<Certified>, CertificateFault> {
        let path = self.path(key);
        let pem = match fs::read_to_string(&path) {
            Ok(pem) => pem,
            Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(fault) => return Err(CertificateFault::File(path, fault)),
        };
        let until_ms = end_of(&pem)?;
        Ok(Some(Certified { pem, until_ms }))
    }

    /// Keeps a certificate durably, in the place of an older one.
    fn keep(&self, key: &Digest, pem: &str) -> Result<(), CertificateFault> {
        keep(&self.path(key), pem)
    }

    fn lasts(&self, key: &Digest, until_ms: u64) -> bool {
        self.read(key).ok().flatten().is_some_and(|certified| certified.until_ms >= until_ms)
    }
}

/// Writes a file whole, durably, in the place of an older one.
fn keep(path: &Path, text: &str) -> Result<(), CertificateFault> {
    let partial = path.with_extension("partial");
    let write = || {
        let mut file = File::create(&partial)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&partial, path)
    };
    write().map_err(|fault| CertificateFault::File(path.to_owned(), fault))
}

/// When a certificate ends, milliseconds since 1970, UTC.
fn end_of(pem: &str) -> Result<u64, CertificateFault> {
    let der = to_der(pem)?;
    let parsed = X509Certificate::from_der(&der);
    let (_, certificate) =
        parsed.map_err(|_| CertificateFault::Wrong("a certificate does not parse".to_owned()))?;
    let seconds = certificate.validity().not_after.timestamp();
    Ok(u64::try_from(seconds).map_or(0, |seconds| seconds * 1_000))
}

/// Names that a collector's certificate speaks for.
#[must_use]
pub fn server_names(config: &Config) -> Vec<String> {
    let mut names: Vec<_> =
        config.collectors.iter().map(|collector| collector.name.clone()).collect();
    names.extend(["localhost".to_owned(), "127.0.0.1".to_owned()]);
    names.sort();
    names.dedup();
    names
}

fn authority_of(home: &Home) -> Result<(String, Digest), CertificateFault> {
    let path = home.key("ca.pem");
    let pem = fs::read_to_string(&path).map_err(|fault| CertificateFault::File(path, fault))?;
    let digest = Digest::of(&to_der(&pem)?);
    Ok((pem, digest))
}

/// All that waits to be signed.
///
/// # Errors
/// [`CertificateFault`].
pub fn requests(
    home: &Home,
    config: &Config,
    ledger: &Ledger,
    now_ms: u64,
) -> Result<SigningRequests, CertificateFault> {
    let definition = &ledger.election.definition;
    let kept = Certificates::of(home);
    let mut devices = Vec::new();
    for (position, station) in (0..).zip(definition.stations()) {
        if let Some(key) = ledger.roster.key(position).map(Digest)
            && !kept.lasts(&key, now_ms + in_good_time_ms(config.certificate_days))
        {
            devices.push(DeviceRequest { station: station.code, key });
        }
    }
    let left = devices.len().saturating_sub(AT_ONCE);
    devices.truncate(AT_ONCE);
    let own = fs::read_to_string(home.key("server.pem")).ok();
    let own = own.and_then(|pem| end_of(&pem).ok());
    let server = if own.is_some_and(|until| until >= now_ms + in_good_time_ms(SERVER_DAYS)) {
        None
    } else {
        let key = secret::read_key(&home.key("server.key"))?.verifying_key();
        Some(ServerRequest { key: Digest(key.to_bytes()), names: server_names(config) })
    };
    Ok(SigningRequests {
        election: definition.head().id,
        definition: definition.digest(),
        authority: authority_of(home)?.1,
        server,
        devices,
        certificate_days: config.certificate_days,
        left,
    })
}

/// Makes an authority in a directory of its own, for a machine without a network: its key
/// and certificate, and which election it is for.
///
/// # Errors
/// [`CertificateFault`], also if there is one.
pub fn make_authority(
    dir: &Path,
    definition: &Definition,
    now_ms: u64,
) -> Result<Digest, CertificateFault> {
    let file_fault = |path: &Path| {
        let path = path.to_owned();
        |fault| CertificateFault::File(path, fault)
    };
    fs::create_dir_all(dir).map_err(file_fault(dir))?;
    let key = secret::new_key()?;
    let pem = Authority::certificate(&key, definition.head().id, now_ms)?;
    secret::write_secret(&dir.join("ca.key"), &secret::to_pem(&key))?;
    keep(&dir.join("ca.pem"), &pem)?;
    keep(&dir.join("election"), &format!("{}\n", definition.digest()))?;
    Ok(Digest::of(&to_der(&pem)?))
}

/// Signs all that is asked for, with the authority in `dir`.
///
/// # Errors
/// [`CertificateFault`]; nothing is signed for another election or authority.
pub fn sign(
    dir: &Path,
    requests: &SigningRequests,
    now_ms: u64,
) -> Result<SignedCertificates, CertificateFault> {
    let read = |name: &str| {
        let path = dir.join(name);
        fs::read_to_string(&path).map_err(|fault| CertificateFault::File(path, fault))
    };
    let pem = read("ca.pem")?;
    let own = Digest::of(&to_der(&pem)?);
    let other = |what: &str| Err(CertificateFault::OtherAuthority(what.to_owned()));
    if requests.authority != own {
        return other("these requests are for another authority");
    }
    if read("election")?.trim_end() != requests.definition.to_string() {
        return other("these requests are for another election than the authority is");
    }
    let authority = Authority::new(&secret::read_key(&dir.join("ca.key"))?, pem)?;
    let server = requests.server.as_ref().map(|server| {
        Ok::<_, CertificateFault>(authority.issue_collector(
            &verifying(&server.key)?,
            &server.names,
            now_ms,
        )?)
    });
    let devices = requests.devices.iter().map(|device| {
        let (key, days) = (verifying(&device.key)?, requests.certificate_days);
        let certified =
            authority.issue_device(&key, requests.election, device.station, now_ms, days)?;
        Ok(certified.pem)
    });
    let devices = devices.collect::<Result<_, CertificateFault>>()?;
    Ok(SignedCertificates { authority: own, server: server.transpose()?, devices })
}

fn verifying(key: &Digest) -> Result<VerifyingKey, CertificateFault> {
    VerifyingKey::from_bytes(&key.0)
        .map_err(|_| CertificateFault::Wrong(format!("{key} is no Ed25519 key")))
}

/// Takes what was signed. Every certificate is checked before the first is kept; what
/// speaks for no device of the log does no harm and is kept too.
///
/// # Errors
/// [`CertificateFault`].
pub fn import(
    home: &Home,
    election: ElectionId,
    signed: &SignedCertificates,
) -> Result<(), CertificateFault> {
    let (authority, digest) = authority_of(home)?;
    if signed.authority != digest {
        let what = "these certificates are of another authority";
        return Err(CertificateFault::OtherAuthority(what.to_owned()));
    }
    let authority = to_der(&authority)?;
    let wrong = |what: String| Err(CertificateFault::Wrong(what));
    let mut devices = Vec::new();
    for pem in &signed.devices {
        let der = to_der(pem)?;
        let identity = DeviceIdentity::from_certificate(&der);
        let identity = identity.map_err(|fault| CertificateFault::Wrong(fault.to_string()))?;
        if !tls::is_signed_by(&der, &authority) || identity.election != election {
            let station = identity.station;
            return wrong(format!("the certificate for {station} is not of this authority"));
        }
        devices.push((Digest(identity.key.to_bytes()), pem));
    }
    if let Some(server) = &signed.server {
        let key = secret::read_key(&home.key("server.key"))?.verifying_key();
        let der = to_der(server)?;
        let has_key = der.windows(32).any(|part| part == key.as_bytes());
        if !has_key || !tls::is_signed_by(&der, &authority) {
            return wrong("the collector's certificate is not for its key".to_owned());
        }
    }
    let kept = Certificates::of(home);
    let file_fault = |fault| CertificateFault::File(kept.0.clone(), fault);
    fs::create_dir_all(&kept.0).map_err(file_fault)?;
    for (key, pem) in devices {
        kept.keep(&key, pem)?;
    }
    if let Some(server) = &signed.server {
        keep(&home.key("server.pem"), server)?;
    }
    // The names that the renames have made.
    let keys = home.path().join("keys");
    let sync = |dir: &Path| File::open(dir)?.sync_all();
    sync(&kept.0).and_then(|()| sync(&keys)).map_err(file_fault)
}
