//! An election of the Kenyan sample in a temporary place: a collector with a device
//! for each of its twelve stations.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use saksi_proto::bundle::{Bundle, CollectorAddress};
use saksi_proto::checkpoint::LogKey;
use tempfile::TempDir;

use crate::careful;
use crate::collector::Collector;
use crate::device::{self, AgentProcess};
use crate::kenya::{self, CONTEST, Station};
use crate::results::{self, Region};

/// Entries before the first form: the manifest and twelve devices.
pub const FIRST_FORM: u64 = 13;

/// The election and its place. The collector is stopped before the place goes.
pub struct Scene {
    /// The collector.
    pub collector: Collector,
    /// Its stations.
    pub stations: Vec<Station>,
    place: TempDir,
}

impl Scene {
    /// The election, its collector not started.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn new() -> anyhow::Result<Self> {
        Self::of(tempfile::tempdir()?, &kenya::pack())
    }

    /// The election with votes and totals typed twice, its collector serving.
    ///
    /// # Errors
    /// If it cannot be made or does not start.
    pub fn careful() -> anyhow::Result<Self> {
        let place = tempfile::tempdir()?;
        let pack = careful::pack(&kenya::pack(), careful::KENYA, place.path())?;
        let mut scene = Self::of(place, &pack)?;
        scene.collector.start(None)?;
        Ok(scene)
    }

    fn of(place: TempDir, pack: &Path) -> anyhow::Result<Self> {
        let collector = Collector::make(place.path(), pack)?;
        Ok(Self { collector, stations: kenya::stations()?, place })
    }

    /// The election, its collector serving.
    ///
    /// # Errors
    /// If it cannot be made or does not start.
    pub fn serving() -> anyhow::Result<Self> {
        let mut scene = Self::new()?;
        scene.collector.start(None)?;
        Ok(scene)
    }

    /// The temporary place.
    #[must_use]
    pub fn dir(&self) -> &Path {
        self.place.path()
    }

    /// The directory of an agent of that name.
    #[must_use]
    pub fn agent_dir(&self, name: &str) -> PathBuf {
        self.dir().join(format!("agent-{name}"))
    }

    /// Sets up an agent of that name, by the command line, for a station of the list.
    ///
    /// # Errors
    /// If the command fails.
    pub fn agent(&self, name: &str, station: usize) -> anyhow::Result<AgentProcess> {
        let bundle = self.collector.bundle_path(&self.stations[station].code);
        AgentProcess::init(&self.agent_dir(name), &bundle)
    }

    /// The bundle of a station of the list.
    ///
    /// # Errors
    /// If there is none.
    pub fn bundle(&self, station: usize) -> anyhow::Result<Bundle> {
        self.collector.bundle(&self.stations[station].code)
    }

    /// Has an agent of this process deliver a form for a station of the list.
    ///
    /// # Errors
    /// If it is not received.
    pub fn deliver(&self, station: usize, votes: [u32; 4]) -> anyhow::Result<()> {
        let of = &self.stations[station];
        let agent = device::open(&self.agent_dir(&of.code), &self.bundle(station)?)?;
        device::submit(&agent, &of.paper(votes).to_json().to_string(), None)?;
        let delivered = device::deliver(&agent, &self.collector.address()?)?;
        ensure!(delivered.received == 1, "one form is to be received: {delivered:?}");
        Ok(())
    }

    /// What the API says of a region.
    ///
    /// # Errors
    /// If the collector does not answer.
    pub fn region(&self, code: &str) -> anyhow::Result<Region> {
        results::region(&self.collector, code, CONTEST)
    }

    /// Votes of the four candidates in the whole country.
    ///
    /// # Errors
    /// If the collector does not answer.
    pub fn votes(&self) -> anyhow::Result<[u64; 4]> {
        let totals = self.region("0")?.totals;
        let votes: Vec<u64> = totals.votes.values().map(|sum| sum.total).collect();
        votes.try_into().ok().context("four candidates")
    }

    /// Entries of the log.
    ///
    /// # Errors
    /// If the collector does not answer.
    pub fn entries(&self) -> anyhow::Result<u64> {
        Ok(self.region("0")?.position.size)
    }

    /// The key that receipts are checked with.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn log_key(&self) -> anyhow::Result<LogKey> {
        let text = std::fs::read_to_string(self.collector.dir().join("log.vkey"))?;
        Ok(text.trim_end().parse()?)
    }
}

/// A collector that is not there: nobody listens at port 1.
#[must_use]
pub fn nowhere() -> CollectorAddress {
    collector_at(SocketAddr::from(([127, 0, 0, 1], 1)))
}

/// An address where a collector can listen later.
///
/// # Errors
/// If there is none.
pub fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// A collector at an address, whether or not it is there.
#[must_use]
pub fn collector_at(address: SocketAddr) -> CollectorAddress {
    CollectorAddress { address: address.to_string(), name: "127.0.0.1".to_owned() }
}
