//! The country's provinces and regencies with their boundaries, and an evening on which some have
//! reported more than others. Its log is written before the collector starts.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
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
use saksi_tests::collector::{Collector, succeed};
use saksi_tests::paper::Paper;
use saksi_tests::register;
use tempfile::TempDir;

/// Stations of each regency.
const STATIONS: usize = 4;
/// Forms of one commit.
const COMMIT: usize = 512;
/// 14 February 2024, 16:00 in Jakarta.
const BEGIN_MS: u64 = 1_707_901_200_000;

/// The collector. It is stopped before its place goes.
pub(crate) struct Nation {
    collector: Collector,
    _place: TempDir,
}

impl Nation {
    /// With the register and the boundaries of the public data.
    pub(crate) fn of(data: &Path) -> anyhow::Result<Self> {
        let place = tempfile::tempdir()?;
        let pack = place.path().join("pack");
        let regions = data.join("regions");
        register::write_regencies(&pack, register::RECORDS, &regions, STATIONS)?;
        let mut collector = Collector::make_without_devices(place.path(), &pack)?;
        let home = collector.dir().to_str().context("a path")?;
        for (file, property, credit) in [
            ("indonesia-38-provinces.topo.json", "KODE_PROV", "38 Provinces, CC BY 4.0"),
            ("regencies.geojson", "KDPKAB", "Ardian, MIT"),
        ] {
            let file = data.join("geo").join(file);
            let file = file.to_str().context("a path")?;
            let import = ["boundaries", "import", home, file, "--code", property];
            succeed(&[&import[..], &["--credit", credit]].concat())?;
        }
        fill(collector.dir())?;
        collector.start(None)?;
        Ok(Self { collector, _place: place })
    }

    /// Address of a page.
    pub(crate) fn page(&self, path: &str) -> anyhow::Result<String> {
        Ok(format!("{}{path}", self.collector.web()?))
    }
}

/// Forms of some stations: none of the first province, all of the last, and more and more of
/// those between.
fn fill(dir: &Path) -> anyhow::Result<()> {
    let home = Home::existing(dir)?;
    let config = Config::read(&home.config())?;
    let election = Arc::new(Election::new(pack::read(&home.election())?));
    let signer = LogSigner { origin: config.origin, key: secret::read_key(&home.key("log.key"))? };
    let mut ledger = Ledger::new(Arc::clone(&election));
    let mut log = Log::open(Journal::open(&home.journal())?, signer, &mut ledger)?;
    let stations = election.definition.stations();
    let mut staged = Vec::new();
    for (at, station) in stations.iter().enumerate() {
        if at % 97 >= at * 97 / stations.len() {
            continue;
        }
        let key = SigningKey::from_bytes(&Digest::of(station.code.as_str().as_bytes()).0);
        let enrolment = Enrolment {
            station: station.code,
            key: key.verifying_key().to_bytes(),
            at_ms: BEGIN_MS,
            warrant: Warrant::Bundle(Act::default()),
        };
        staged.push(Staged::of(&election, &Entry::Enrolment(enrolment))?);
        let arrived_ms = BEGIN_MS + at as u64 * 1_000;
        let mut random = fastrand::Rng::with_seed(at as u64);
        let paper = Paper::plausible(station, election.contest(0), &mut random);
        let number = |code: &str| paper.lines.get(code).copied().flatten();
        let fields = election.layout(0).fields().iter();
        let form = TallyForm {
            election: election.definition.digest(),
            phase: election.definition.head().phase,
            station: station.code,
            contest: election.contest(0).code,
            revision: 1,
            supersedes: None,
            device_ms: arrived_ms - 60_000,
            counts: fields
                .map(|field| number(&field.code).map_or(Count::NotWritten, Count::Written))
                .collect(),
            explanation: None,
            reason: None,
            photos: Vec::new(),
        };
        let sealed = SealedForm::seal(&form, &key)?.into_bytes();
        staged.push(Staged::of(&election, &Entry::Form(Arrival { arrived_ms, sealed }))?);
    }
    staged.chunks(COMMIT).try_for_each(|commit| log.append(commit))?;
    Ok(())
}
