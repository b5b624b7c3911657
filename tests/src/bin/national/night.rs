//! A night's log of a whole country: every device enrolled, every form of the first so
//! many, appended through the collector's own log in commits as under load.

use std::path::Path;
use std::sync::Arc;
use std::thread::available_parallelism;

use anyhow::anyhow;
use saksi_collector::config::Config;
use saksi_collector::election::Election;
use saksi_collector::home::Home;
use saksi_collector::journal::Journal;
use saksi_collector::ledger::Ledger;
use saksi_collector::log::{Log, LogSigner};
use saksi_collector::reading::Staged;
use saksi_collector::{pack, secret};
use saksi_proto::SigningKey;
use saksi_proto::count::Count;
use saksi_proto::digest::Digest;
use saksi_proto::entry::{Act, Arrival, Enrolment, Entry, Warrant};
use saksi_proto::form::TallyForm;
use saksi_proto::seal::SealedForm;
use saksi_tests::ballots::{self, Standing};
use saksi_tests::paper::Paper;

/// Entries of one commit, as a collector under load makes them.
const COMMIT: usize = 1_024;

/// Stations are taken in steps of this prime, so that neighbours do not arrive together.
const STRIDE: usize = 611_953;

/// All votes, valid and invalid; on every form of the sample.
const SUM: &str = "V.C";

/// Different papers a contest; which of them a station has filled, its number says.
const PAPERS: usize = 64;

/// When the first form arrives: 14 February 2024, 16:00 in Jakarta.
const BEGIN_MS: u64 = 1_707_901_200_000;

/// The five contests of 2024, or the first of them.
pub(crate) fn election(only_first: bool) -> anyhow::Result<String> {
    let parties = Standing::Parties(18, 10);
    let contests = [
        ("ppwp", Standing::Candidates(3)),
        ("dpd", Standing::Regional(10)),
        ("dpr", parties),
        ("dprdp", parties),
        ("dprdk", parties),
    ];
    let many = if only_first { 1 } else { contests.len() };
    let contests = contests.into_iter().take(many);
    ballots::election(contests.map(|(code, standing)| (code.to_owned(), standing)))
}

/// Opens a collector's log, to append to it, and folds it.
pub(crate) fn open(home: &Home) -> anyhow::Result<(Log, Ledger)> {
    let config = Config::read(&home.config())?;
    let election = Arc::new(Election::new(pack::read(&home.election())?));
    let signer = LogSigner { origin: config.origin, key: secret::read_key(&home.key("log.key"))? };
    let mut ledger = Ledger::new(election);
    let log = Log::open(Journal::open(&home.journal())?, signer, &mut ledger)?;
    Ok((log, ledger))
}

/// In which order forms arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// Contest after contest, all stations in each.
    ByContest,
    /// Station after station, with all its contests.
    ByStation,
}

/// How a night goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Course {
    /// Every form comes and is counted.
    Smooth,
    /// Of each 1,000 stations 10 have no device; of each 1,000 forms of the others 20 are
    /// held, 5 disputed, 10 corrected, and 10 never come.
    Troubled,
}

/// What becomes of a station's form for a contest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is counted.
    Counted,
    /// Its sums are wrong.
    Held,
    /// Another one comes that does not name it.
    Disputed,
    /// Another one comes that supersedes it.
    Corrected,
    /// It does not come.
    Missing,
}

/// In a troubled night every so manieth station has no device: the last of each hundred.
pub(crate) const WITHOUT_DEVICE: usize = 100;

/// Appends all enrolments and what comes of the first `forms` forms; returns the entries of
/// the log.
pub(crate) fn fill(home: &Path, forms: usize, order: Order, course: Course) -> anyhow::Result<u64> {
    let (mut log, ledger) = open(&Home::existing(home)?)?;
    let election = Arc::clone(&ledger.election);
    drop(ledger);
    let night = Night::new(&election, order, course);
    let stations = 0..election.definition.stations().len();
    let devices: Vec<_> = stations.filter(|station| night.has_device(*station)).collect();
    append(&mut log, devices.len(), |at| night.enrolment(devices[at]))?;
    let sent: Vec<_> = (0..forms).filter(|at| night.fate(*at) != Fate::Missing).collect();
    append(&mut log, sent.len(), |at| night.form(sent[at]))?;
    let again = |at: &usize| matches!(night.fate(*at), Fate::Disputed | Fate::Corrected);
    let again: Vec<_> = (0..forms).filter(again).collect();
    append(&mut log, again.len(), |at| night.second_form(again[at], forms + at))?;
    Ok(1 + (devices.len() + sent.len() + again.len()) as u64)
}

/// Makes so many entries, on all cores, and appends them in their order.
fn append(
    log: &mut Log,
    entries: usize,
    make: impl Fn(usize) -> anyhow::Result<Staged> + Sync,
) -> anyhow::Result<()> {
    let cores = available_parallelism()?.get();
    let span = COMMIT * cores;
    for first in (0..entries).step_by(span) {
        let end = entries.min(first + span);
        let parts = std::thread::scope(|scope| {
            let makers: Vec<_> = (first..end)
                .step_by(COMMIT)
                .map(|first| {
                    let make = &make;
                    let range = first..end.min(first + COMMIT);
                    scope.spawn(move || range.map(make).collect::<anyhow::Result<Vec<_>>>())
                })
                .collect();
            let join = |maker: std::thread::ScopedJoinHandle<'_, _>| {
                maker.join().map_err(|_| anyhow!("a maker panicked"))?
            };
            makers.into_iter().map(join).collect::<anyhow::Result<Vec<_>>>()
        });
        for part in parts? {
            log.append(&part)?;
        }
    }
    Ok(())
}

pub(crate) struct Night<'a> {
    election: &'a Election,
    /// For each contest its filled papers, and the same with a wrong sum.
    papers: Vec<Vec<Filled>>,
    order: Order,
    course: Course,
}

/// A paper as it should be, and with a wrong sum.
struct Filled {
    right: Vec<Count>,
    wrong: Vec<Count>,
}

impl<'a> Night<'a> {
    pub(crate) fn new(election: &'a Election, order: Order, course: Course) -> Self {
        let papers = (0..election.definition.contests().len())
            .map(|contest| (0..PAPERS).map(|paper| fill_in(election, contest, paper)).collect());
        Self { papers: papers.collect(), election, order, course }
    }

    /// Whether a station has a device.
    pub(crate) fn has_device(&self, station: usize) -> bool {
        self.course == Course::Smooth || station % WITHOUT_DEVICE != WITHOUT_DEVICE - 1
    }

    fn enrolment(&self, station: usize) -> anyhow::Result<Staged> {
        let key = key(station).verifying_key().to_bytes();
        let station = self.election.definition.stations()[station].code;
        let warrant = Warrant::Bundle(Act::default());
        let enrolment = Enrolment { station, key, at_ms: BEGIN_MS, warrant };
        Ok(Staged::of(self.election, &Entry::Enrolment(enrolment))?)
    }

    /// Contest and station of the `at`th form.
    fn place(&self, at: usize) -> (usize, usize) {
        let definition = &self.election.definition;
        let (stations, contests) = (definition.stations().len(), definition.contests().len());
        let (contest, station) = match self.order {
            Order::ByContest => (at / stations % contests, at % stations),
            Order::ByStation => (at % contests, at / contests % stations),
        };
        (contest, station * STRIDE % stations)
    }

    /// What becomes of the `at`th form.
    pub(crate) fn fate(&self, at: usize) -> Fate {
        let (contest, station) = self.place(at);
        if self.course == Course::Smooth {
            return Fate::Counted;
        }
        if !self.has_device(station) {
            return Fate::Missing;
        }
        // Spread over all regions, and in each contest other stations.
        match (station * 7_919 + contest * 104_729) % 1_000 {
            0..20 => Fate::Held,
            20..25 => Fate::Disputed,
            25..35 => Fate::Corrected,
            35..45 => Fate::Missing,
            _ => Fate::Counted,
        }
    }

    /// The `at`th form to arrive.
    pub(crate) fn form(&self, at: usize) -> anyhow::Result<Staged> {
        self.staged(arrival_ms(at), self.sealed(at)?)
    }

    /// The `at`th form, as its device has sealed it.
    pub(crate) fn sealed(&self, at: usize) -> anyhow::Result<SealedForm> {
        Ok(SealedForm::seal(&self.first_form(at), &key(self.place(at).1))?)
    }

    /// The second form of a station that is disputed or corrected, when it arrives.
    fn second_form(&self, at: usize, arrives: usize) -> anyhow::Result<Staged> {
        let (contest, station) = self.place(at);
        let mut form = self.first_form(at);
        if self.fate(at) == Fate::Corrected {
            form.supersedes = Some(self.sealed(at)?.digest());
            form.revision = 2;
            form.reason = Some("salah baca".to_owned());
        }
        form.counts.clone_from(&self.papers[contest][(station + 1) % PAPERS].right);
        form.device_ms = arrival_ms(arrives) - 60_000;
        self.staged(arrival_ms(arrives), SealedForm::seal(&form, &key(station))?)
    }

    fn staged(&self, arrived_ms: u64, form: SealedForm) -> anyhow::Result<Staged> {
        let sealed = form.into_bytes();
        Ok(Staged::of(self.election, &Entry::Form(Arrival { arrived_ms, sealed }))?)
    }

    fn first_form(&self, at: usize) -> TallyForm {
        let (contest, station) = self.place(at);
        let definition = &self.election.definition;
        let paper = &self.papers[contest][station % PAPERS];
        let is_wrong = self.fate(at) == Fate::Held;
        TallyForm {
            election: definition.digest(),
            phase: definition.head().phase,
            station: definition.stations()[station].code,
            contest: definition.contests()[contest].code,
            revision: 1,
            supersedes: None,
            device_ms: arrival_ms(at) - 60_000,
            counts: if is_wrong { &paper.wrong } else { &paper.right }.clone(),
            explanation: None,
            reason: None,
            photos: Vec::new(),
        }
    }
}

/// When the `at`th form arrives: 100 a second.
pub(crate) fn arrival_ms(at: usize) -> u64 {
    BEGIN_MS + at as u64 * 10
}

/// The key of a station's device.
fn key(station: usize) -> SigningKey {
    SigningKey::from_bytes(&Digest::of(&station.to_be_bytes()).0)
}

/// A paper in the order of its lines.
fn fill_in(election: &Election, contest: usize, paper: usize) -> Filled {
    let mut random = fastrand::Rng::with_seed(paper as u64);
    let station = &election.definition.stations()[paper];
    let mut paper = Paper::plausible(station, election.contest(contest), &mut random);
    let fields = election.layout(contest).fields();
    let counts = |paper: &Paper| {
        let number = |code: &String| paper.lines.get(code).copied().flatten();
        let count = |code| number(code).map_or(Count::NotWritten, Count::Written);
        fields.iter().map(|field| count(&field.code)).collect()
    };
    let right = counts(&paper);
    let sum = paper.number(SUM);
    paper.set(SUM, sum + 1);
    Filled { right, wrong: counts(&paper) }
}
