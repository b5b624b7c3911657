//! The station's page, as officers see it: the device of one station of the Indonesian
//! sample, with a centre that can be reached, or not.

mod hand;
mod kept;
mod keyboard;
mod pages;
mod parties;
mod path;
mod rules;
mod scriptless;
mod strangers;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use saksi_proto::definition::Definition;
use saksi_proto::election::Contest;
use saksi_tests::binaries::repository;
use saksi_tests::collector::Collector;
use saksi_tests::device::AgentProcess;
use saksi_tests::officer;
use saksi_tests::paper::Paper;
use tempfile::TempDir;

pub(crate) use hand::Hand;

/// The station: 78 men and 75 women are on its list.
const STATION: &str = "8207012001001";

/// Contests of the sample: president, and the parties' house.
const PRESIDENT: &str = "ppwp";
const HOUSE: &str = "dpr";
const REGIONS: &str = "dpd";

/// A device and its centre. Both are stopped before their place goes.
pub(crate) struct Station {
    agent: AgentProcess,
    collector: Collector,
    definition: Definition,
    _place: TempDir,
}

fn sample() -> PathBuf {
    repository().join("deploy/elections/indonesia-2024")
}

impl Station {
    /// A device of the sample, not started; nor is its centre.
    fn new() -> anyhow::Result<Self> {
        Self::of(&sample())
    }

    /// The same, of the election in `pack`.
    fn of(pack: &Path) -> anyhow::Result<Self> {
        let place = tempfile::tempdir()?;
        let definition = saksi_collector::pack::read(pack)?;
        let collector = Collector::make_without_devices(place.path(), pack)?;
        let issued = collector.issue(&[STATION])?;
        anyhow::ensure!(issued.status.success(), "{}", String::from_utf8_lossy(&issued.stderr));
        let bundle = collector.bundle_path(STATION);
        let agent = AgentProcess::init(&place.path().join("agent"), &bundle)?;
        Ok(Self { agent, collector, definition, _place: place })
    }

    /// The address that lets in, and the page's own, without a slash at the end.
    fn address(&self) -> anyhow::Result<(String, String)> {
        let address = officer::address(&self.agent)?;
        let (base, _) = address.split_once("/open/").context("an address that lets in")?;
        Ok((address.clone(), base.to_owned()))
    }

    fn contest(&self, code: &str) -> anyhow::Result<&Contest> {
        let mut contests = self.definition.contests().iter();
        contests.find(|contest| contest.code.as_str() == code).context("a contest")
    }

    /// A form of the station that breaks no rule. All of them have the same voters.
    fn paper(&self, contest: &str) -> anyhow::Result<Paper> {
        let mut stations = self.definition.stations().iter();
        let found = stations.find(|found| found.code.to_string() == STATION);
        let mut random = fastrand::Rng::with_seed(4);
        let contest = self.contest(contest)?;
        Ok(Paper::plausible(found.context("the station")?, contest, &mut random))
    }
}
