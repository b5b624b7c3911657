//! A collector without a network: its session, photos, admission, sequencer and ledger,
//! over a journal in memory. New for every input, so that each can be reproduced.

use std::cell::RefCell;
use std::fs;
use std::future::poll_fn;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex, RwLock};

use saksi_collector::admission::admit;
use saksi_collector::admission::desk::Waiting;
use saksi_collector::admission::turns::Turns;
use saksi_collector::codes::CodeKey;
use saksi_collector::config::{Config, Limits};
use saksi_collector::device::Issuer;
use saksi_collector::election::Election;
use saksi_collector::home::Home;
use saksi_collector::identity::DeviceIdentity;
use saksi_collector::init::{NewCollector, init};
use saksi_collector::journal::Journal;
use saksi_collector::ledger::Ledger;
use saksi_collector::log::{Log, LogSigner};
use saksi_collector::metrics::Metrics;
use saksi_collector::photos::Photos;
use saksi_collector::presence::Presence;
use saksi_collector::reading::Staged;
use saksi_collector::registrar::Registrar;
use saksi_collector::registrar::rate::Rates;
use saksi_collector::sequencer::{Forms, Sequencer, Work};
use saksi_collector::session::{Collector, Witnessing};
use saksi_proto::SigningKey;
use saksi_proto::author::{ELECTION_FILE, REGIONS_FILE, STATIONS_FILE};
use saksi_proto::checkpoint::LogKey;
use saksi_proto::digest::Digest;
use saksi_proto::entry::{Act, Arrival, Enrolment, Entry, Manifest, Warrant};
use saksi_proto::ids::Phase;
use saksi_proto::seal::SealedForm;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::pack;
use crate::storage::Shelf;

thread_local! {
    /// One thread for everything but photos, which have their own.
    pub static RUNTIME: Runtime =
        Builder::new_current_thread().enable_time().build().expect("a runtime");
}

/// What all collectors have in common: the election, the log up to the device's first
/// form, and the directory of photos with a journal that knows of it.
struct Prepared {
    election: Arc<Election>,
    staged: Vec<Staged>,
    home: tempfile::TempDir,
    issuer: Arc<Issuer>,
    presence: Arc<Presence>,
}

static PREPARED: LazyLock<Prepared> = LazyLock::new(|| {
    let election = Arc::new(Election::new(pack::definition()));
    let entries = first_entries(&election).into_iter();
    let staged = entries.map(|entry| Staged::of(&election, &entry).expect("of the election"));
    let staged: Vec<_> = staged.collect();
    let home = tempfile::tempdir().expect("a directory");
    let journal = Journal::create(&Home::at(home.path()).journal()).expect("a journal");
    drop(begin(journal, &staged));
    let made = made(home.path());
    let config = Config::read(&made.config()).expect("as init writes it");
    let issuer = Arc::new(Issuer::new(&made, &config).expect("an authority"));
    let presence = Arc::new(Presence::open(&made.presence()).expect("a thread"));
    Prepared { election, staged, home, issuer, presence }
});

/// The directory of a collector that certifies devices.
fn made(dir: &Path) -> Home {
    let pack = dir.join("pack");
    fs::create_dir(&pack).expect("a new directory");
    let files = [
        (ELECTION_FILE, pack::ELECTION),
        (REGIONS_FILE, pack::REGIONS),
        (STATIONS_FILE, pack::STATION_LIST),
    ];
    for (name, text) in files {
        fs::write(pack.join(name), text).expect("a new file");
    }
    let loopback = "127.0.0.1:7443".parse().expect("an address");
    let new = NewCollector {
        agents: loopback,
        web: loopback,
        public: Vec::new(),
        origin: None,
        authority: None,
    };
    init(&dir.join("made"), &pack, &new, 1).expect("a new collector");
    Home::at(&dir.join("made"))
}

fn registrar(ledger: &Arc<RwLock<Ledger>>, limits: &Limits) -> Registrar {
    let Prepared { election, home, issuer, presence, .. } = &*PREPARED;
    Registrar {
        election: Arc::clone(election),
        ledger: Arc::clone(ledger),
        // Nobody enrols here.
        sequencer: mpsc::channel(1).0,
        codes: CodeKey::of(&Home::at(&home.path().join("made"))).expect("its key"),
        issuer: Arc::clone(issuer),
        rates: Mutex::new(Rates::new(limits, 1)),
        hands: Semaphore::new(1),
        presence: Arc::clone(presence),
        stopping: CancellationToken::new(),
    }
}

fn signer() -> LogSigner {
    LogSigner { origin: "fuzz/log".to_owned(), key: SigningKey::from_bytes(&[9; 32]) }
}

/// The key that receipts are checked with.
#[must_use]
pub fn log_key() -> LogKey {
    signer().log_key()
}

/// The first device, as its certificate says.
#[must_use]
pub fn identity() -> DeviceIdentity {
    DeviceIdentity {
        election: PREPARED.election.definition.head().id,
        station: pack::STATIONS[0].parse().expect("a code"),
        key: pack::key(pack::STATIONS[0]).verifying_key(),
        until_ms: u64::MAX,
    }
}

fn first_entries(election: &Election) -> Vec<Entry> {
    let manifest = Entry::Manifest(Manifest {
        election: election.definition.head().id,
        phase: Phase::Rehearsal,
        roots: election.definition.roots().clone(),
        log_key: log_key().to_string(),
        authority: Digest::of(b"authority"),
        at_ms: 1,
    });
    let enrolments = pack::STATIONS.map(|station| {
        Entry::Enrolment(Enrolment {
            station: station.parse().expect("a code"),
            key: pack::key(station).verifying_key().to_bytes(),
            at_ms: 2,
            warrant: Warrant::Bundle(Act::default()),
        })
    });
    let form = pack::form(election.definition.digest());
    let form = SealedForm::seal(&form, &pack::key(pack::STATIONS[0])).expect("a sound form");
    let form = Entry::Form(Arrival { arrived_ms: 4, sealed: form.into_bytes() });
    [manifest].into_iter().chain(enrolments).chain([form]).collect()
}

fn begin<S: saksi_collector::storage::Storage>(storage: S, staged: &[Staged]) -> Log<S> {
    let mut log = Log::begin(storage, signer(), staged[0].clone()).expect("a new log");
    log.append(&staged[1..]).expect("a disk without faults");
    log
}

/// A collector that serves.
pub struct Centre {
    /// Digest of its election.
    pub election: Digest,
    /// What sessions share.
    pub collector: Collector,
    shelf: Shelf,
    sequencer: RefCell<Sequencer<Shelf>>,
    queue: RefCell<mpsc::Receiver<Waiting>>,
}

impl Centre {
    /// With every station enrolled and one form in the log.
    ///
    /// # Panics
    /// If its directory cannot be used.
    #[must_use]
    pub fn new() -> Self {
        let Prepared { election, staged, home, presence, .. } = &*PREPARED;
        let shelf = Shelf::default();
        let log = begin(shelf.clone(), staged);
        let mut ledger = Ledger::new(Arc::clone(election));
        for staged in staged {
            ledger.apply(staged.reading.meaning.clone()).expect("a sound entry");
        }
        let ledger = Arc::new(RwLock::new(ledger));
        let limits = Limits { photo_spare: 0, ..Limits::default() };
        let (admission, queue) = mpsc::channel(limits.waiting_batches);
        let home = Home::at(home.path());
        clear(&home.photos());
        let (revoking, revocations) = watch::channel(0);
        let collector = Collector {
            election: Arc::clone(election),
            ledger: Arc::clone(&ledger),
            admission,
            turns: Turns::new(limits.station_forms_a_second),
            photos: Photos::open(&home, limits.photo_spare).expect("a directory"),
            registrar: registrar(&ledger, &limits),
            presence: Arc::clone(presence),
            metrics: Arc::new(Metrics::new()),
            revocations,
            witnessing: Witnessing::new(watch::channel(None).1, false),
            stopping: CancellationToken::new(),
        };
        let sequencer = RefCell::new(Sequencer::new(log, ledger, revoking, limits.station_forms));
        let election = election.definition.digest();
        Self { election, collector, shelf, sequencer, queue: RefCell::new(queue) }
    }

    /// Does the work of the admission desk and of the sequencer, for ever.
    ///
    /// # Panics
    /// If what was admitted cannot be logged.
    pub async fn work(&self) {
        let next = || poll_fn(|context| self.queue.borrow_mut().poll_recv(context));
        while let Some(Waiting { submission, answer, turn }) = next().await {
            let (voice, known) = (submission.voice.clone(), submission.known);
            let verdicts = admit(&PREPARED.election, vec![submission], Some(&[7; 32]));
            let works = verdicts.into_iter().zip([(voice, answer)]).map(|(verdicts, asker)| {
                let (voice, answer) = asker;
                Work::Forms(Forms { voice, known, verdicts, answer })
            });
            let done = self.sequencer.borrow_mut().commit(works.collect());
            done.expect("what was admitted can be logged");
            drop(turn);
        }
    }

    /// Opens the log again: every entry folds, and the checkpoints are over them. Returns
    /// the number of entries.
    ///
    /// # Panics
    /// If a collector could not start with it.
    #[must_use]
    pub fn entries(&self) -> u64 {
        let mut ledger = Ledger::new(Arc::clone(&PREPARED.election));
        drop(Log::open(self.shelf.clone(), signer(), &mut ledger).expect("a log to serve"));
        ledger.position.size
    }
}

impl Default for Centre {
    fn default() -> Self {
        Self::new()
    }
}

/// Away with the photos of the input before.
fn clear(photos: &Path) {
    for station in fs::read_dir(photos).into_iter().flatten().flatten() {
        fs::remove_dir_all(station.path()).expect("a directory of ours");
    }
}
