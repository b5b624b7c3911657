//! `init`: a new collector in a new directory. It is built beside its place and
//! moved there whole, so that a directory either is a collector or is not there.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use saksi_proto::bundle::CollectorAddress;
use saksi_proto::definition::Definition;
use saksi_proto::digest::Digest;
use saksi_proto::entry::Manifest;

use crate::authority::{Authority, AuthorityFault};
use crate::config::{Config, Limits};
use crate::home::Home;
use crate::journal::{Journal, JournalFault};
use crate::log::{Log, LogFault, LogSigner};
use crate::pack::{PackFault, PackFiles};
use crate::reading::Staged;
use crate::secret::{self, SecretFault};

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
    let config =
        Config { agents, web, metrics: None, origin, collectors, limits: Limits::default() };
    let made = build(&Home::at(&partial), &files, &definition, &config, now_ms)
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
    now_ms: u64,
) -> Result<(), InitFault> {
    let write = |path: PathBuf, text: &str| {
        fs::write(&path, text).map_err(|fault| InitFault::File(path, fault))
    };
    let keys = home.path().join("keys");
    fs::create_dir_all(&keys).map_err(|fault| InitFault::File(keys, fault))?;
    files.write(&home.election())?;
    write(home.config(), &config.to_toml())?;
    let authority = make_authority(home, definition, now_ms)?;
    let server_key = secret::new_key()?;
    let mut names: Vec<_> =
        config.collectors.iter().map(|collector| collector.name.clone()).collect();
    names.extend(["localhost".to_owned(), "127.0.0.1".to_owned()]);
    names.sort();
    names.dedup();
    secret::write_secret(&home.key("server.key"), &secret::to_pem(&server_key))?;
    write(home.key("server.pem"), &authority.issue_collector(&server_key, &names, now_ms)?)?;
    begin_log(home, definition, &authority, config, now_ms)
}

fn make_authority(
    home: &Home,
    definition: &Definition,
    now_ms: u64,
) -> Result<Authority, InitFault> {
    let key = secret::new_key()?;
    let pem = Authority::certificate(&key, definition.head().id, now_ms)?;
    secret::write_secret(&home.key("ca.key"), &secret::to_pem(&key))?;
    let path = home.key("ca.pem");
    fs::write(&path, &pem).map_err(|fault| InitFault::File(path, fault))?;
    Ok(Authority::new(&key, pem)?)
}

fn begin_log(
    home: &Home,
    definition: &Definition,
    authority: &Authority,
    config: &Config,
    now_ms: u64,
) -> Result<(), InitFault> {
    let key = secret::new_key()?;
    secret::write_secret(&home.key("log.key"), &secret::to_pem(&key))?;
    let signer = LogSigner { origin: config.origin.clone(), key };
    let log_key = signer.log_key().to_string();
    let path = home.log_key();
    fs::write(&path, format!("{log_key}\n")).map_err(|fault| InitFault::File(path, fault))?;
    let der = CertificateDer::from_pem_slice(authority.certificate_pem().as_bytes());
    let der = der.expect("a certificate made a moment ago");
    let manifest = Manifest {
        election: definition.head().id,
        phase: definition.head().phase,
        roots: definition.roots().clone(),
        log_key,
        authority: Digest::of(&der),
        at_ms: now_ms,
    };
    Log::begin(Journal::create(&home.journal())?, signer, Staged::manifest(manifest))?;
    Ok(())
}
