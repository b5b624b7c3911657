//! A running collector, from opening the log to the last answer.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, RwLock};
use std::thread::available_parallelism;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::admission::desk::{Desk, Waiting};
use crate::admission::turns::Turns;
use crate::boundaries::Boundaries;
use crate::changes::{Change, ChangeFault};
use crate::codes::{CodeKey, CodeKeyFault};
use crate::config::{Config, Shown};
use crate::cosigning::Cosigners;
use crate::device::{IssueFault, Issuer};
use crate::election::Election;
use crate::handshake::Terms;
use crate::home::{Home, HomeFault};
use crate::journal::{Journal, JournalFault};
use crate::ledger::Ledger;
use crate::listener::listen;
use crate::log::{Log, LogFault, LogSigner};
use crate::metrics::{self, Metrics};
use crate::pack::{self, PackFault};
use crate::photos::Photos;
use crate::places::Places;
use crate::presence::Presence;
use crate::publisher::site::{self, Site};
use crate::publisher::{self, Publisher, Publishing};
use crate::registrar::rate::Rates;
use crate::registrar::{self, Registrar};
use crate::reload::{Reload, ReloadFault, Trust};
use crate::replay::replay;
use crate::secret::{self, SecretFault};
use crate::sequencer::{Changed, Sequencer, Work};
use crate::session::{Collector, Witnessing};
use crate::staff::{self, StaffFault};
use crate::tls::{self, TlsFault};
use crate::{clock, descriptors, door, scraped, web};

/// How long sessions and pages have to end when the collector is being stopped.
const GRACE: Duration = Duration::from_secs(10);

/// Why a collector cannot start, or had to stop.
#[derive(Debug, thiserror::Error)]
pub enum ServeFault {
    /// Its directory.
    #[error(transparent)]
    Home(#[from] HomeFault),
    /// The election definition.
    #[error(transparent)]
    Pack(#[from] PackFault),
    /// A key.
    #[error(transparent)]
    Secret(#[from] SecretFault),
    /// TLS.
    #[error(transparent)]
    Tls(#[from] TlsFault),
    /// A file that a reload would read.
    #[error(transparent)]
    Reload(#[from] ReloadFault),
    /// The key of codes.
    #[error(transparent)]
    Codes(#[from] CodeKeyFault),
    /// What papers are made with.
    #[error(transparent)]
    Issue(#[from] IssueFault),
    /// The desk for staff.
    #[error(transparent)]
    Staff(#[from] StaffFault),
    /// The journal cannot be opened.
    #[error("the journal cannot be served: {0}")]
    Journal(#[from] JournalFault),
    /// The log is not what its last checkpoint says.
    #[error("the log cannot be served: {0}")]
    Log(#[from] LogFault),
    /// An address cannot be listened on.
    #[error("cannot listen on {address}: {fault}")]
    Listen {
        /// The address or socket.
        address: String,
        /// The system's reason.
        fault: std::io::Error,
    },
    /// The system has no thread left.
    #[error("a thread cannot be started: {0}")]
    Thread(std::io::Error),
    /// The journal failed while serving. Nothing acknowledged is lost.
    #[error("the journal failed; nothing is acknowledged any more: {0}")]
    Failed(LogFault),
    /// Admission or the sequencer panicked.
    #[error("the collector's core stopped without a reason; nothing is acknowledged any more")]
    Panicked,
}

/// A collector with its log opened and folded, not yet listening.
pub struct Opened {
    sequencer: Sequencer,
    ledger: Arc<RwLock<Ledger>>,
    revocations: watch::Receiver<u64>,
}

/// Where a collector can be reached.
#[derive(Debug, Clone, Copy)]
pub struct Addresses {
    /// By devices.
    pub agents: SocketAddr,
    /// By browsers.
    pub web: SocketAddr,
    /// By whoever watches its metrics.
    pub metrics: Option<SocketAddr>,
    /// By staff.
    pub staff: Option<SocketAddr>,
}

impl Addresses {
    /// As the configuration has them.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        let Config { agents, web, metrics, staff, .. } = *config;
        Self { agents, web, metrics, staff }
    }
}

/// Reads the election and folds the log, to append to it.
///
/// # Errors
/// [`ServeFault`].
pub fn open(home: &Home, config: &Config) -> Result<Opened, ServeFault> {
    let election = Election::new(pack::read(&home.election())?);
    let election = Arc::new(election.with_boundaries(Boundaries::of(home)));
    let mut ledger = Ledger::new(election);
    let signer =
        LogSigner { origin: config.origin.clone(), key: secret::read_key(&home.key("log.key"))? };
    let log = Log::open(Journal::open(&home.journal())?, signer, &mut ledger)?;
    let ledger = Arc::new(RwLock::new(ledger));
    let (revoking, revocations) = watch::channel(0);
    let sequencer = Sequencer::new(log, Arc::clone(&ledger), revoking, config.limits.station_forms);
    Ok(Opened { sequencer, ledger, revocations })
}

/// Reads the election and folds the log, to look at it; also beside a running collector.
///
/// # Errors
/// [`ServeFault`].
pub fn open_to_read(home: &Home) -> Result<Ledger, ServeFault> {
    let election = Arc::new(Election::new(pack::read(&home.election())?));
    let mut ledger = Ledger::new(election);
    let key = home.read_log_key()?;
    replay(&Journal::open_to_read(&home.journal())?, &key, &mut ledger)?;
    Ok(ledger)
}

impl Opened {
    /// Changes the roster while nothing is served.
    ///
    /// # Errors
    /// [`LogFault`] if the journal fails. That a change is refused is an answer.
    pub fn change(&mut self, change: &Change) -> Result<Result<Changed, ChangeFault>, LogFault> {
        self.sequencer.change(change)
    }
}

/// Serves on these addresses until `stopping` is cancelled; calls `ready` with those it
/// got once everything listens.
///
/// # Errors
/// [`ServeFault`].
pub async fn serve(
    home: &Home,
    config: &Config,
    wanted: Addresses,
    opened: Opened,
    stopping: CancellationToken,
    ready: impl FnOnce(Addresses),
) -> Result<(), ServeFault> {
    let staff = staff::Bound::bind(wanted.staff, home, config).await?;
    let (tls, trust) = (tls::server(home)?, Trust::read(home)?);
    let (codes, issuer) = (CodeKey::of(home)?, Issuer::new(home, config)?);
    descriptors::allow(config.limits.connections);
    let agents = bind(wanted.agents).await?;
    let web = bind(wanted.web).await?;
    let watched = match wanted.metrics {
        Some(address) => Some(bind(address).await?),
        None => None,
    };
    let fault = |fault| ServeFault::Listen { address: home.door().display().to_string(), fault };
    let door = door::open(&home.door()).map_err(fault)?;
    let metrics = watched.as_ref().map(address).transpose()?;
    let staff_address = staff.as_ref().map(|staff| staff.address);
    let (of_agents, of_web) = (address(&agents)?, address(&web)?);
    let addresses = Addresses { agents: of_agents, web: of_web, metrics, staff: staff_address };

    let Opened { sequencer: running, ledger, revocations } = opened;
    let election =
        Arc::clone(&ledger.read().expect("nobody has written to it since it was opened").election);
    let (admission, queue) = mpsc::channel(config.limits.waiting_batches);
    let (sequencer, work) = mpsc::channel(config.limits.waiting_batches);
    let metrics = Arc::new(Metrics::new());
    let cosigners = Cosigners::new(config.witnesses.clone(), Arc::clone(&metrics));
    let witnessing = Witnessing::new(cosigners.newest(), config.witnesses.needed > 0);
    let publisher = Publisher::new(home, home.read_log_key()?, Arc::clone(&ledger), cosigners);
    let publishing =
        publisher::spawn(publisher, config.paces, running.commits(), Arc::clone(&metrics));
    let publishing = publishing.map_err(ServeFault::Thread)?;
    let photos = Photos::open(home, config.limits.photo_spare)
        .map_err(|fault| HomeFault::File { path: home.photos(), fault })?;
    let site = spawn_site(home, config, &ledger, &photos, &metrics)?;
    let counting = Arc::clone(&metrics);
    let mut running = tokio::task::spawn_blocking(move || running.run(work, &counting));
    let attending = tokio::spawn(door::attend(door, sequencer.clone()));
    let mut desks = open_desks(&election, queue, &sequencer);
    let presence = Presence::open(&home.presence())
        .map_err(|fault| HomeFault::File { path: home.presence(), fault })?;
    let presence = Arc::new(presence);
    let shared = staff::Shared {
        election: Arc::clone(&election),
        ledger: Arc::clone(&ledger),
        sequencer: sequencer.downgrade(),
        stopping: stopping.clone(),
    };
    let staff = staff.map(|staff| staff.serve(shared));
    let registrar = Registrar {
        election: Arc::clone(&election),
        ledger: Arc::clone(&ledger),
        sequencer,
        codes,
        issuer: Arc::new(issuer),
        rates: Mutex::new(Rates::new(&config.limits, clock::now_ms())),
        hands: Semaphore::new(registrar::HANDS),
        presence: Arc::clone(&presence),
        stopping: stopping.clone(),
    };
    let collector = Arc::new(Collector {
        election,
        photos,
        registrar,
        presence,
        ledger: Arc::clone(&ledger),
        admission,
        turns: Turns::new(config.limits.station_forms_a_second),
        metrics: Arc::clone(&metrics),
        revocations,
        witnessing,
        stopping: stopping.clone(),
    });
    let places = Places::new(config.limits);
    let (terms, current) = watch::channel(Arc::new(Terms { limits: config.limits, tls }));
    let reload = Reload::new(home, config, trust, terms, places.clone(), Arc::clone(&metrics));
    let hangups = signal(SignalKind::hangup())
        .map_err(|fault| ServeFault::Listen { address: "SIGHUP".to_owned(), fault })?;
    let reload = reload.with_desk(staff.as_ref().map(|(_, terms)| terms.clone()));
    let reloading = tokio::spawn(reload.at_each(hangups));
    let watching = watched.map(|watched| {
        tokio::spawn(scraped::listen(watched, metrics::router(metrics, places.clone())))
    });
    let mut listening = tokio::spawn(listen(agents, current, places, collector));
    let stop_web = stopping.clone();
    let beside = web::Beside::of(home, config.site);
    let pages = axum::serve(web, web::router(ledger, &beside));
    let pages =
        tokio::spawn(async move { pages.with_graceful_shutdown(stop_web.cancelled_owned()).await });
    ready(addresses);

    let ended = tokio::select! {
        () = stopping.cancelled() => None,
        ended = &mut running => Some(ended),
        // A desk that merely ends has found the sequencer gone, or nobody to serve.
        Some(Err(panicked)) = desks.join_next() => Some(Err(panicked)),
    };
    stopping.cancel();
    attending.abort();
    reloading.abort();
    watching.inspect(JoinHandle::abort);
    if tokio::time::timeout(GRACE, &mut listening).await.is_err() {
        warn!("some sessions did not end in time and are dropped; their devices will ask again");
        listening.abort();
    }
    drop(tokio::time::timeout(GRACE, pages).await);
    if let Some((staff, _)) = staff
        && tokio::time::timeout(GRACE, staff).await.is_err()
    {
        warn!("some answers of the desk did not end in time and are cut off");
    }
    let ended = match ended {
        Some(ended) => ended,
        // With the last session the desks end, with the last desk the sequencer.
        None => running.await,
    };
    publishing.finish(GRACE).await;
    if let Some(site) = site {
        site.finish(GRACE).await;
    }
    info!("stopped");
    ended.map_err(|_| ServeFault::Panicked)?.map_err(ServeFault::Failed)
}

/// Has the static site published, beside the log, or its photos alone; nothing, if nothing is
/// wanted.
fn spawn_site(
    home: &Home,
    config: &Config,
    ledger: &Arc<RwLock<Ledger>>,
    photos: &Photos,
    metrics: &Arc<Metrics>,
) -> Result<Option<Publishing>, ServeFault> {
    if config.site == Shown::Nothing {
        return Ok(None);
    }
    let signer = secret::read_key(&home.key("log.key"))?;
    let (ledger, photos) = (Arc::clone(ledger), photos.newly_whole());
    let site = Site::new(home, home.read_log_key()?, signer, ledger, photos);
    let is_whole = config.site == Shown::Everything;
    let site = if is_whole { site } else { site.with_photos_alone() };
    let spawned = site::spawn(site, config.paces.totals, Arc::clone(metrics));
    spawned.map(Some).map_err(ServeFault::Thread)
}

/// One admission desk a core.
fn open_desks(
    election: &Arc<Election>,
    queue: mpsc::Receiver<Waiting>,
    sequencer: &mpsc::Sender<Work>,
) -> JoinSet<()> {
    let queue = Arc::new(Mutex::new(queue));
    let mut desks = JoinSet::new();
    for _ in 0..available_parallelism().map_or(1, usize::from) {
        let (election, queue) = (Arc::clone(election), Arc::clone(&queue));
        let desk = Desk { election, queue, sequencer: sequencer.clone() };
        desks.spawn_blocking(move || desk.run());
    }
    desks
}

async fn bind(address: SocketAddr) -> Result<TcpListener, ServeFault> {
    let fault = |fault| ServeFault::Listen { address: address.to_string(), fault };
    TcpListener::bind(address).await.map_err(fault)
}

fn address(listener: &TcpListener) -> Result<SocketAddr, ServeFault> {
    let fault = |fault| ServeFault::Listen { address: "a bound port".to_owned(), fault };
    listener.local_addr().map_err(fault)
}
