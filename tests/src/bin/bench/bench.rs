//! The parts of a run, in order, each on the floor first and then on the collector; the
//! one that is not asked is idle meanwhile.

use std::ops::Range;
use std::path::Path;

use anyhow::Context as _;
use rustls::client::Resumption;
use saksi_proto::checkpoint::LogKey;

use crate::country::{CANDIDATES, Country, PARTIES};
use crate::device::Job;
use crate::disk::Disk;
use crate::line::Dial;
use crate::quantile::Times;
use crate::server::Server;
use crate::size::{Size, Stations};
use crate::steady::{Load, Run};
use crate::table::{Figure, Goal};
use crate::{fold, idle, lone, pace, published, steady, traffic, verify, visits};

/// Forms in flight on each connection in steady state.
const IN_FLIGHT: usize = 32;

/// Forms offered a second, where the pace is given.
const OFFERED: u32 = 5_000;

/// Stations that visit at the same time.
const VISITING: usize = 64;

/// Bare writes before anything else.
const WRITES: usize = 300;

/// A server and the way to it. The floor has no key and gives no receipts.
struct Side {
    server: Server,
    dial: Dial,
    key: Option<LogKey>,
}

/// A run.
pub(crate) struct Bench {
    country: Country,
    stations: Stations,
    size: Size,
    connections: usize,
    disk: Disk,
    floor: Side,
    collector: Side,
    figures: Vec<Figure>,
}

impl Bench {
    /// Makes the election in `dir` and starts both servers.
    pub(crate) fn new(dir: &Path, size: Size, connections: usize) -> anyhow::Result<Self> {
        let stations = size.stations(connections);
        progress(&format!("an election of {} stations", stations.count()));
        let country = Country::make(dir, stations.count())?;
        let election = country.election.definition.digest();
        let side = |server: Server, key| {
            let dial = Dial { address: server.address, election };
            Side { server, dial, key }
        };
        let home = country.home.path();
        let floor = side(Server::floor(home)?, None);
        let collector = side(Server::collector(home)?, Some(country.log_key()?));
        let (disk, figures) = (Disk::new(dir)?, Vec::new());
        Ok(Self { country, stations, size, connections, disk, floor, collector, figures })
    }

    /// Measures everything.
    pub(crate) async fn run(mut self) -> anyhow::Result<Vec<Figure>> {
        self.disk()?;
        // First of all: memory is that of fresh processes.
        self.idle().await?;
        self.lone().await?;
        self.traffic().await?;
        self.visits(self.stations.full.clone(), false).await?;
        self.visits(self.stations.resumed.clone(), true).await?;
        self.pace().await?;
        self.steady().await?;
        self.parties().await?;
        self.fold()?;
        self.receipts()?;
        Ok(self.figures)
    }

    fn disk(&mut self) -> anyhow::Result<()> {
        progress("the disk alone");
        let times = (0..WRITES).map(|_| self.disk.append()).collect::<anyhow::Result<_>>()?;
        let times = Times::new(times);
        self.add(Figure::new("append + fdatasync of 4 KiB, p50", "ms", times.percentile(50)));
        self.add(Figure::new("append + fdatasync of 4 KiB, p99", "ms", times.percentile(99)));
        Ok(())
    }

    async fn idle(&mut self) -> anyhow::Result<()> {
        let numbers = self.size.idle;
        progress(&format!("{} idle connections", numbers[1]));
        let jobs = self.jobs(self.stations.steady.clone(), 0..0, 1)?;
        let Side { server, dial, .. } = &self.floor;
        let floor = idle::run(server, dial, &jobs, &numbers).await?;
        let Side { server, dial, .. } = &self.collector;
        let found = idle::run(server, dial, &jobs, &numbers).await?;
        for ((number, found), floor) in numbers.into_iter().zip(found).zip(floor) {
            let name = format!("memory of each of {number} idle connections");
            let figure = Figure::new(name, "KB", found / 1e3).over(floor / 1e3);
            self.add(figure.aiming_at(Goal::AtMost(14.0)));
        }
        Ok(())
    }

    async fn lone(&mut self) -> anyhow::Result<()> {
        progress("lone forms");
        let jobs = self.jobs(self.stations.lone.clone(), 0..self.size.lone, 1)?;
        let job = jobs.first().context("a station")?;
        let key = self.country.log_key()?;
        let (forms, raw) = lone::run(&self.collector.dial, job, &mut self.disk, &key).await?;
        let goal = Goal::AtMost(2.0 * raw.percentile(50) + 2.0);
        let figure = Figure::new("a lone form acknowledged, p50", "ms", forms.percentile(50));
        self.add(figure.over(raw.percentile(50)).aiming_at(goal));
        let figure = Figure::new("a lone form acknowledged, p99", "ms", forms.percentile(99));
        self.add(figure.over(raw.percentile(99)));
        Ok(())
    }

    async fn traffic(&mut self) -> anyhow::Result<()> {
        progress("bytes on the wire");
        let jobs = self.jobs(self.stations.traffic.clone(), 0..2, 1)?;
        let job = jobs.first().context("a station")?;
        let floor = self.bytes(&self.floor, job).await?;
        let found = self.bytes(&self.collector, job).await?;
        for ((kind, found), floor) in ["full", "resumed"].into_iter().zip(found).zip(floor) {
            let name = format!("on the wire for one form, {kind} handshake");
            self.add(Figure::new(name, "bytes", found).over(floor));
        }
        Ok(())
    }

    /// Bytes of a visit with a full handshake, and of the next, which resumes.
    async fn bytes(&self, side: &Side, job: &Job) -> anyhow::Result<Vec<f64>> {
        let device = &self.country.devices[self.stations.traffic.start];
        let tls = device.tls(Resumption::in_memory_sessions(2))?;
        let mut bytes = Vec::new();
        for (form, resumed) in job.batches.iter().zip([false, true]) {
            bytes.push(traffic::visit(&side.dial, &tls, form, resumed).await?);
        }
        Ok(bytes)
    }

    async fn visits(&mut self, stations: Range<usize>, resuming: bool) -> anyhow::Result<()> {
        let kind = if resuming { "resumed" } else { "full" };
        progress(&format!("one connection a form, {kind} handshakes"));
        let jobs = self.jobs(stations.clone(), 0..self.size.visits, 1)?;
        let mut seconds = [0.0; 2];
        // In turns: what else the machine does meets both.
        for (first, jobs) in stations.step_by(VISITING).zip(jobs.chunks(VISITING)) {
            for (Side { dial, key, .. }, seconds) in
                [&self.floor, &self.collector].into_iter().zip(&mut seconds)
            {
                let visitors = visits::visitors(&self.country, first, jobs, resuming)?;
                *seconds += visits::run(dial, visitors, key.as_ref()).await?;
            }
        }
        let forms = (jobs.len() * self.size.visits) as f64;
        let [floor, found] = seconds.map(|seconds| forms / seconds);
        let name = format!("one connection a form, {kind} handshake");
        let figure = Figure::new(name, "forms/s", found).over(floor);
        self.add(figure.aiming_at(Goal::TimesFloorAtLeast(0.9)));
        Ok(())
    }

    async fn pace(&mut self) -> anyhow::Result<()> {
        progress(&format!("{OFFERED} forms/s offered"));
        let jobs = self.jobs(self.stations.paced.clone(), 0..self.size.paced, 1)?;
        let mut times = Vec::new();
        for Side { dial, key, .. } in [&self.floor, &self.collector] {
            times.push(pace::run(dial, jobs.clone(), OFFERED, key.as_ref()).await?);
        }
        for percent in [50, 99] {
            let name = format!("acknowledged at {OFFERED} forms/s offered, p{percent}");
            let found = times[1].percentile(percent);
            let figure = Figure::new(name, "ms", found).over(times[0].percentile(percent));
            let goal = Goal::TimesFloorAtMost(1.5);
            self.add(if percent == 99 { figure.aiming_at(goal) } else { figure });
        }
        Ok(())
    }

    async fn steady(&mut self) -> anyhow::Result<()> {
        let stations = self.stations.steady.clone();
        let [floor, found] = self.load("3 candidates", stations, CANDIDATES).await?;
        let cpu = Figure::new("steady: server CPU for a million forms", "s", found.cpu);
        self.add(cpu.over(floor.cpu).aiming_at(Goal::TimesFloorAtMost(1.4)));
        let rate = Figure::new("steady: acknowledged", "forms/s", found.rate);
        self.add(rate.over(floor.rate).aiming_at(Goal::TimesFloorAtLeast(0.7)));
        let (found, floor) = (found.acknowledged.percentile(99), floor.acknowledged.percentile(99));
        self.add(Figure::new("steady: a batch acknowledged, p99", "ms", found).over(floor));
        Ok(())
    }

    async fn parties(&mut self) -> anyhow::Result<()> {
        let stations = self.stations.steady.start..self.size.parties;
        let [floor, found] = self.load("18 × 10 parties", stations, PARTIES).await?;
        let cpu = Figure::new("party lists: server CPU for a million forms", "s", found.cpu);
        self.add(cpu.over(floor.cpu));
        self.add(Figure::new("party lists: acknowledged", "forms/s", found.rate).over(floor.rate));
        Ok(())
    }

    /// Steady state on both.
    async fn load(
        &self,
        what: &str,
        stations: Range<usize>,
        contests: Range<usize>,
    ) -> anyhow::Result<[Run; 2]> {
        progress(&format!("steady state, {} forms of {what}", stations.len() * contests.len()));
        let jobs = self.jobs(stations, contests, IN_FLIGHT)?;
        let run = async |Side { server, dial, key }: &Side| {
            let load = Load { server, dial, connections: self.connections, forms: IN_FLIGHT };
            steady::run(load, jobs.clone(), key.as_ref()).await
        };
        Ok([run(&self.floor).await?, run(&self.collector).await?])
    }

    fn fold(&mut self) -> anyhow::Result<()> {
        progress("the fold");
        let times = fold::totals(&self.collector.server, self.size.asks)?;
        let figure = Figure::new("the country's totals over HTTP, p99", "ms", times.percentile(99));
        self.add(figure.aiming_at(Goal::AtMost(1.0)));
        let home = &self.country.home;
        let (applied, replayed) = (fold::apply(home)?, fold::replay(home)?);
        let figure = Figure::new("fold of decoded entries", "entries/s", applied);
        self.add(figure.aiming_at(Goal::AtLeast(1e6)));
        self.add(Figure::new("start: read, decode, hash and fold", "entries/s", replayed));
        progress("the log, published anew");
        let published = published::anew(&self.country.home)?;
        self.add(Figure::new("published as tiles, durable", "entries/s", published.entries));
        let totals = published.totals.as_secs_f64() * 1e3;
        self.add(Figure::new("all totals copied and published", "ms", totals));
        Ok(())
    }

    fn receipts(&mut self) -> anyhow::Result<()> {
        progress("receipts, verified");
        let [alone, cosigned] = verify::receipts()?;
        for (what, times) in [("", alone), (", with 3 cosignatures", cosigned)] {
            let name = format!("a receipt of a million entries verified{what}, p50");
            self.add(Figure::new(name, "µs", times.percentile(50) * 1e3));
        }
        Ok(())
    }

    fn jobs(
        &self,
        stations: Range<usize>,
        contests: Range<usize>,
        forms: usize,
    ) -> anyhow::Result<Vec<Job>> {
        self.country.jobs(stations, contests, forms)
    }

    fn add(&mut self, figure: Figure) {
        self.figures.push(figure);
    }
}

fn progress(what: &str) {
    eprintln!("bench: {what}");
}
