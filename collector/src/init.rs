//! `init`: a new collector in a new directory. It is built beside its place and
//! moved there whole, so that a directory either is a collector or is not there.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use saksi_proto::bundle::CollectorAddress;
use saksi_proto::definition::Definition;
use saksi_proto::digest::Digest;
use saksi_proto::entry::Manifest;
use saksi_proto::ids::ElectionId;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::authority::{Authority, AuthorityFault, authority_name, to_der};
use crate::certificates::server_names;
use crate::codes::CodeKey;
use crate::config::{CERTIFICATE_DAYS, Config, Limits, Shown};
use crate::cosigning::settings::Settings;
use crate::home::Home;
use crate::journal::{Journal, JournalFault};
use crate::log::{Log, LogFault, LogSigner};
use crate::pack::{PackFault, PackFiles};
use crate::publisher::Paces;
use crate::reading::Staged;
use crate::secret::{self, SecretFault};
use crate::staff::policy::Policy;
use crate::tls;

/// What a new collector is made of.
#[derive(Debug)]
pub struct NewCollector {
    /// Where devices will connect.
    pub agents: SocketAddr,
    /// Where pages will be served.
    pub web: SocketAddr,
    /// Public names and ports, `HOST:PORT`; empty: the address of `agents`.
    pub public: Vec<String>,
    /// Name of the log; empty: the first public host and the election's id.
    pub origin: Option<String>,
    /// Certificate (PEM) of the authority, if its key is elsewhere.
    pub authority: Option<String>,
}

/// Why a collector cannot be made. Nothing is left behind.
#[derive(Debug, thiserror::Error)]
pub enum InitFault {
    /// Something is there already.
    #[error("{0} exists and is not empty; choose another directory")]
    Exists(PathBuf),
    /// A directory or file cannot be made.
    #[error("{path}: {fault}", path = .0.display(), fault = .1)]
    File(PathBuf, std::io::Error),
    /// A public name without a port.
    #[error("“{0}” is not HOST:PORT")]
    Public(String),
    /// The definition.
    #[error(transparent)]
    Pack(#[from] PackFault),
    /// A key.
    #[error(transparent)]
    Secret(#[from] SecretFault),
    /// A certificate.
    #[error(transparent)]
    Authority(#[from] AuthorityFault),
    /// The certificate given is not that of an authority for this election.
    #[error(
        "the certificate is not that of an authority for {0}; make one with: saksi-collector authority make"
    )]
    OtherAuthority(ElectionId),
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalFault),
    /// The log.
    #[error(transparent)]
    Log(#[from] LogFault),
}

/// Makes a collector for the election in `pack` at `dir`.
///
/// # Errors
/// [`InitFault`].
pub fn init(
    dir: &Path,
    pack: &Path,
    new: &NewCollector,
    now_ms: u64,
) -> Result<Definition, InitFault> {
    let files = PackFiles::read(pack)?;
    let definition = files.check()?;
    let collectors = collectors(new)?;
    let file_fault = |path: &Path| {
        let path = path.to_owned();
        |fault| InitFault::File(path, fault)
    };
    if fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(InitFault::Exists(dir.to_owned()));
    }
    let parent = dir.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(file_fault(parent))?;
    let name = dir.file_name().ok_or_else(|| InitFault::Exists(dir.to_owned()))?;
    let partial = parent.join(format!(".{}.partial", name.to_string_lossy()));
    if partial.exists() {
        fs::remove_dir_all(&partial).map_err(file_fault(&partial))?;
    }
    let origin = new.origin.clone().unwrap_or_else(|| {
        let host = collectors[0].name.replace([' ', '+'], "-");
        format!("{host}/{}", definition.head().id)
    });
    let (agents, web) = (new.agents, new.web);
    let config = Config {
        agents,
        web,
        metrics: None,
        staff: None,
        desk: Policy::default(),
        origin,
        collectors,
        certificate_days: CERTIFICATE_DAYS,
        paces: Paces::default(),
        site: Shown::Nothing,
        witnesses: Settings::default(),
        limits: Limits::default(),
    };
    if let Some(authority) = &new.authority {
        check_authority(authority, definition.head().id)?;
    }
    let authority = new.authority.as_deref();
    let made = build(&Home::at(&partial), &files, &definition, &config, authority, now_ms)
        .and_then(|()| sync_all(&partial));
    if let Err(fault) = made {
        // The first fault is what the person must read; a rest is swept by the next try.
        drop(fs::remove_dir_all(&partial));
        return Err(fault);
    }
    fs::rename(&partial, dir).map_err(file_fault(dir))?;
    File::open(parent).and_then(|parent| parent.sync_all()).map_err(file_fault(parent))?;
    Ok(definition)
}

/// Waits until a directory and everything in it is on the disk: a name that is there
/// after a power cut must not stand for an empty file.
fn sync_all(path: &Path) -> Result<(), InitFault> {
    let file_fault = |fault| InitFault::File(path.to_owned(), fault);
    if path.is_dir() {
        for entry in fs::read_dir(path).map_err(file_fault)? {
            sync_all(&entry.map_err(file_fault)?.path())?;
        }
    }
    File::open(path).and_then(|opened| opened.sync_all()).map_err(file_fault)
}

fn collectors(new: &NewCollector) -> Result<Vec<CollectorAddress>, InitFault> {
    let own = [new.agents.to_string()];
    let public = if new.public.is_empty() { &own[..] } else { &new.public };
    let address = |address: &String| {
        let (host, port) =
            address.rsplit_once(':').ok_or_else(|| InitFault::Public(address.clone()))?;
        port.parse::<u16>().map_err(|_| InitFault::Public(address.clone()))?;
        let name = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        Ok(CollectorAddress { address: address.clone(), name })
    };
    public.iter().map(address).collect()
}

fn build(
    home: &Home,
    files: &PackFiles,
    definition: &Definition,
    config: &Config,
    authority: Option<&str>,
    now_ms: u64,
) -> Result<(), InitFault> {
    let keys = home.path().join("keys");
    fs::create_dir_all(&keys).map_err(|fault| InitFault::File(keys, fault))?;
    files.write(&home.election())?;
    write(home.config(), &config.to_toml())?;
    let server_key = secret::new_key()?;
    secret::write_secret(&home.key("server.key"), &secret::to_pem(&server_key))?;
    CodeKey::make(home)?;
    let certificate = if let Some(authority) = authority {
        // The server's certificate comes with the first ones that are signed elsewhere.
        authority.to_owned()
    } else {
        let authority = make_authority(home, definition, now_ms)?;
        let (key, names) = (server_key.verifying_key(), server_names(config));
        write(home.key("server.pem"), &authority.issue_collector(&key, &names, now_ms)?)?;
        authority.certificate_pem().to_owned()
    };
    write(home.key("ca.pem"), &certificate)?;
    begin_log(home, definition, &certificate, config, now_ms)
}

fn write(path: PathBuf, text: &str) -> Result<(), InitFault> {
    fs::write(&path, text).map_err(|fault| InitFault::File(path, fault))
}

/// Checks that a certificate is one that `authority make` has made for the election.
fn check_authority(pem: &str, election: ElectionId) -> Result<(), InitFault> {
    let der = to_der(pem)?;
    let name = X509Certificate::from_der(&der).ok().and_then(|(_, certificate)| {
        let names = certificate.subject().iter_common_name();
        names.filter_map(|name| name.as_str().ok()).next().map(str::to_owned)
    });
    if name == Some(authority_name(election)) && tls::is_signed_by(&der, &der) {
        Ok(())
    } else {
        Err(InitFault::OtherAuthority(election))
    }
}

fn make_authority(
    home: &Home,
    definition: &Definition,
    now_ms: u64,
) -> Result<Authority, InitFault> {
    let key = secret::new_key()?;
    let pem = Authority::certificate(&key, definition.head().id, now_ms)?;
    secret::write_secret(&home.key("ca.key"), &secret::to_pem(&key))?;
    Ok(Authority::new(&key, pem)?)
}

fn begin_log(
    home: &Home,
    definition: &Definition,
    authority: &str,
    config: &Config,
    now_ms: u64,
) -> Result<(), InitFault> {
    let key = secret::new_key()?;
    secret::write_secret(&home.key("log.key"), &secret::to_pem(&key))?;
    let signer = LogSigner { origin: config.origin.clone(), key };
    let log_key = signer.log_key().to_string();
    write(home.log_key(), &format!("{log_key}\n"))?;
    let manifest = Manifest {
        election: definition.head().id,
        phase: definition.head().phase,
        roots: definition.roots().clone(),
        log_key,
        authority: Digest::of(&to_der(authority)?),
        at_ms: now_ms,
    };
    Log::begin(Journal::create(&home.journal())?, signer, Staged::manifest(manifest))?;
    Ok(())
}
