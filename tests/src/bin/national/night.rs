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

/// Appends all enrolments and `forms` forms; returns the entries of the log.
pub(crate) fn fill(home: &Path, forms: usize, order: Order) -> anyhow::Result<u64> {
    let (mut log, ledger) = open(&Home::existing(home)?)?;
    let election = Arc::clone(&ledger.election);
    drop(ledger);
    let night = Night::new(&election, order);
    let stations = election.definition.stations().len();
    append(&mut log, stations, |at| night.enrolment(at))?;
    append(&mut log, forms, |at| night.form(at))?;
    Ok(1 + (stations + forms) as u64)
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
    /// For each contest its filled papers.
    papers: Vec<Vec<Vec<Count>>>,
    order: Order,
}

impl<'a> Night<'a> {
    pub(crate) fn new(election: &'a Election, order: Order) -> Self {
        let papers = (0..election.definition.contests().len())
            .map(|contest| (0..PAPERS).map(|paper| fill_in(election, contest, paper)).collect());
        Self { papers: papers.collect(), election, order }
    }

    fn enrolment(&self, station: usize) -> anyhow::Result<Staged> {
        let key = key(station).verifying_key().to_bytes();
        let station = self.election.definition.stations()[station].code;
        let warrant = Warrant::Bundle(Act::default());
        let enrolment = Enrolment { station, key, at_ms: BEGIN_MS, warrant };
        Ok(Staged::of(self.election, &Entry::Enrolment(enrolment))?)
    }

    /// The `at`th form to arrive.
    pub(crate) fn form(&self, at: usize) -> anyhow::Result<Staged> {
        let definition = &self.election.definition;
        let stations = definition.stations().len();
        let contests = definition.contests().len();
        let (contest, station) = match self.order {
            Order::ByContest => (at / stations % contests, at % stations),
            Order::ByStation => (at % contests, at / contests % stations),
        };
        let station = station * STRIDE % stations;
        let arrived_ms = BEGIN_MS + at as u64 * 10;
        let form = TallyForm {
            election: definition.digest(),
            phase: definition.head().phase,
            station: definition.stations()[station].code,
            contest: definition.contests()[contest].code,
            revision: 1,
            supersedes: None,
            device_ms: arrived_ms - 60_000,
            counts: self.papers[contest][station % PAPERS].clone(),
            explanation: None,
            reason: None,
            photos: Vec::new(),
        };
        let sealed = SealedForm::seal(&form, &key(station))?.into_bytes();
        Ok(Staged::of(self.election, &Entry::Form(Arrival { arrived_ms, sealed }))?)
    }
}

/// The key of a station's device.
fn key(station: usize) -> SigningKey {
    SigningKey::from_bytes(&Digest::of(&station.to_be_bytes()).0)
}

/// A paper without a mistake, in the order of its lines.
fn fill_in(election: &Election, contest: usize, paper: usize) -> Vec<Count> {
    let mut random = fastrand::Rng::with_seed(paper as u64);
    let station = &election.definition.stations()[paper];
    let paper = Paper::plausible(station, election.contest(contest), &mut random);
    let number = |field: &String| paper.lines.get(field).copied().flatten();
    let fields = election.layout(contest).fields().iter();
    fields.map(|field| number(&field.code).map_or(Count::NotWritten, Count::Written)).collect()
}
