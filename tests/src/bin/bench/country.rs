//! The election that is counted: the Indonesian sample's forms and rules, with as many
//! stations as are needed, each with an enrolled device.
//!
//! Each form is a station's first of its contest, new to the log and counted: what a
//! collector does all night. A second form would be a dispute or a correction, whose fold
//! takes another way. To have thousands of such forms on one connection, as steady state
//! asks, a station has many contests instead of five; a fold touches as many cells as on
//! a night with more stations.

use std::fs;
use std::net::SocketAddr;
use std::ops::Range;
use std::path::Path;

use anyhow::anyhow;
use saksi_collector::authority::Authority;
use saksi_collector::changes::Change;
use saksi_collector::clock;
use saksi_collector::config::Config;
use saksi_collector::election::Election;
use saksi_collector::home::Home;
use saksi_collector::init::{NewCollector, init};
use saksi_collector::registry::Registry;
use saksi_collector::secret;
use saksi_proto::author::{ELECTION_FILE, REGIONS_FILE, STATIONS_FILE};
use saksi_proto::checkpoint::LogKey;
use saksi_proto::entry::{Act, Enrolment, Warrant};
use saksi_tests::ballots::{self, Standing};

use crate::device::{Device, Job};

/// Contests with three candidates.
pub(crate) const CANDIDATES: Range<usize> = 0..128;

/// Contests with eighteen parties of ten candidates.
pub(crate) const PARTIES: Range<usize> = 128..160;

/// Stations of a village, and villages of a district.
const TEN: usize = 10;

/// A collector's directory, and the devices of its stations.
pub(crate) struct Country {
    /// The directory.
    pub(crate) home: Home,
    /// What is counted.
    pub(crate) election: Election,
    /// One for each station.
    pub(crate) devices: Vec<Device>,
}

/// All connections of the benchmark come from one address, and a device of it has many.
fn without_bounds(home: &Home) -> anyhow::Result<Config> {
    let mut config = Config::read(&home.config())?;
    let limits = &mut config.limits;
    (limits.address_connections, limits.device_connections) = (100_000, 100_000);
    (limits.station_forms, limits.station_forms_a_second) = (1_000_000, 1_000_000);
    fs::write(home.config(), config.to_toml())?;
    Ok(config)
}

impl Country {
    /// Makes all of it in `dir`.
    pub(crate) fn make(dir: &Path, stations: usize) -> anyhow::Result<Self> {
        let pack = dir.join("election");
        write_pack(&pack, stations)?;
        let local = SocketAddr::from(([127, 0, 0, 1], 0));
        let new = NewCollector {
            agents: local,
            web: local,
            public: Vec::new(),
            origin: None,
            authority: None,
        };
        let home = Home::at(&dir.join("collector"));
        let now_ms = clock::now_ms();
        let election = Election::new(init(home.path(), &pack, &new, now_ms)?);
        let certificate = fs::read_to_string(home.key("ca.pem"))?;
        let authority = Authority::new(&secret::read_key(&home.key("ca.key"))?, certificate)?;
        let devices = (0..election.definition.stations().len())
            .map(|station| Device::new(&election, station, &authority, now_ms))
            .collect::<anyhow::Result<Vec<_>>>()?;
        let enrolment = |device: &Device| Enrolment {
            station: device.station,
            key: device.public(),
            at_ms: now_ms,
            warrant: Warrant::Bundle(Act::default()),
        };
        let enrolments = devices.iter().map(enrolment).collect();
        let config = without_bounds(&home)?;
        let mut registry = Registry::new(&home, &config)?;
        registry.change(Change::Enrol { enrolments, replace: false })?;
        Ok(Self { home, election, devices })
    }

    /// The key that receipts are checked with.
    pub(crate) fn log_key(&self) -> anyhow::Result<LogKey> {
        Ok(fs::read_to_string(self.home.log_key())?.trim_end().parse()?)
    }

    /// Forms of these stations for these contests, `forms` in a batch, one job a station.
    /// Sealed on both cores, before any clock runs.
    pub(crate) fn jobs(
        &self,
        stations: Range<usize>,
        contests: Range<usize>,
        forms: usize,
    ) -> anyhow::Result<Vec<Job>> {
        let devices = &self.devices[stations];
        let half = devices.len().div_ceil(2).max(1);
        let seal = |part: &[Device]| {
            let job = |device: &Device| device.job(&self.election, contests.clone(), forms);
            part.iter().map(job).collect::<anyhow::Result<Vec<_>>>()
        };
        std::thread::scope(|scope| {
            let parts: Vec<_> =
                devices.chunks(half).map(|part| scope.spawn(move || seal(part))).collect();
            let mut jobs = Vec::new();
            for part in parts {
                jobs.extend(part.join().map_err(|_| anyhow!("sealing panicked"))??);
            }
            Ok(jobs)
        })
    }
}

fn write_pack(pack: &Path, stations: usize) -> anyhow::Result<()> {
    fs::create_dir_all(pack)?;
    let contests =
        |range: Range<usize>, standing| range.map(move |at| (format!("c{at:03}"), standing));
    let all = contests(CANDIDATES, Standing::Candidates(3))
        .chain(contests(PARTIES, Standing::Parties(18, 10)));
    fs::write(pack.join(ELECTION_FILE), ballots::election(all)?)?;
    fs::write(pack.join(REGIONS_FILE), regions(stations))?;
    Ok(fs::write(pack.join(STATIONS_FILE), station_list(stations))?)
}

fn regions(stations: usize) -> String {
    let villages = stations.div_ceil(TEN);
    let district = |at: usize| format!("1101{at:03},1101,district,District {at}\n");
    let village = |at: usize| format!("{},1101{:03},village,Village {at}\n", code(at), at / TEN);
    let above = "code,parent,level,name\n0,,country,Country\n11,0,province,Province\n\
                 1101,11,regency,Regency\n";
    let districts: String = (0..villages.div_ceil(TEN)).map(district).collect();
    above.to_owned() + &districts + &(0..villages).map(village).collect::<String>()
}

fn station_list(stations: usize) -> String {
    let header = "code,region,name,registered_men,registered_women,registered_all\n";
    let station = |at: usize| {
        let (village, at) = (code(at / TEN), at % TEN);
        format!("{village}{at:03},{village},TPS {at:03},100,105,205\n")
    };
    header.to_owned() + &(0..stations).map(station).collect::<String>()
}

/// Code of a village.
fn code(village: usize) -> String {
    format!("1101{:03}{:02}", village / TEN, village % TEN)
}
