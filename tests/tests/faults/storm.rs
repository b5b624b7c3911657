//! T14: everyone comes back at once, after a collector's restart and after a power cut.

use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::Instant;

use saksi_agent::forward::Rests;
use saksi_proto::definition::Definition;
use saksi_tests::binaries::repository;
use saksi_tests::collector::Collector;
use saksi_tests::crowd;
use saksi_tests::paper::Paper;

use saksi_tests::poll;
use saksi_tests::proxy::{Fault, Proxy};
use saksi_tests::results::Region;
use tempfile::TempDir;

use super::*;

/// Agents of the schedule that is computed.
const MANY: usize = 5_000;

/// Agents with a real store each, at 24 MB.
const REAL: usize = 150;

/// Most of these arrivals, each a time in seconds, in a window of so many seconds.
fn busiest(arrivals: &mut [f64], window: f64) -> usize {
    arrivals.sort_unstable_by(f64::total_cmp);
    let last_within = |first: &f64| arrivals.partition_point(|at| *at < first + window);
    let sizes = arrivals.iter().enumerate().map(|(at, first)| last_within(first) - at);
    sizes.max().unwrap_or(0)
}

/// When a device whose attempts failed since 0 first comes after the end of an outage,
/// seconds after that end.
fn first_after(outage: Duration, random: &mut fastrand::Rng) -> f64 {
    let mut rests = Rests::new(Retry::default());
    let mut since = Duration::ZERO;
    while since < outage {
        since += rests.next(since, random.f64());
    }
    (since - outage).as_secs_f64()
}

/// After `n` rests at most 2ⁿ − 1 s have passed. So who rests when an outage of D seconds
/// ends is in a rest whose bound is B ≥ D/2, or in one of the longest. A rest with the
/// bound B ends in a given second with a chance of 1/B at most; the one after it has 2B,
/// then 4B: (1 + 1/2 + 1/4 …)/B = 2/B, that is 4/D. At the longest bound of 300 s a
/// device comes every 150 s: 2/300. Half as much again is left for chance.
#[test]
fn t14_of_5000_agents_few_come_in_any_second_after_an_outage() {
    let mut random = fastrand::Rng::with_seed(14);
    for (outage, share) in [(10, 0.4), (60, 4.0 / 60.0), (600, 2.0 / 300.0)] {
        let end = Duration::from_secs(outage);
        let mut arrivals: Vec<_> = (0..MANY).map(|_| first_after(end, &mut random)).collect();
        let busiest = busiest(&mut arrivals, 1.0) as f64 / MANY as f64;
        assert!(busiest < 1.5 * share, "after {outage} s, {:.1} % in a second", 100.0 * busiest);
        let last = arrivals.last().copied().unwrap_or_default();
        assert!((2.0..=300.0).contains(&last), "the last after {last} s");
    }
}

/// An election with a device for each of many stations.
struct Crowd {
    collector: Collector,
    definition: Definition,
    place: TempDir,
}

impl Crowd {
    fn serving() -> Self {
        let place = tempfile::tempdir().unwrap();
        let pack = repository().join("deploy/elections/indonesia-2024");
        let definition = saksi_collector::pack::read(&pack).unwrap();
        let mut collector = Collector::make(place.path(), &pack).unwrap();
        collector.start(None).unwrap();
        Self { collector, definition, place }
    }

    fn agents(&self) -> Vec<Agent> {
        let opened = Mutex::new(Vec::new());
        let stations = &self.definition.stations()[..REAL];
        crowd::each(stations, |station| {
            let code = station.code.to_string();
            let dir = self.place.path().join(&code);
            let agent = device::open(&dir, &self.collector.bundle(&code)?)?;
            opened.lock().unwrap().push(agent);
            Ok(())
        })
        .unwrap();
        opened.into_inner().unwrap()
    }

    /// Stores a form for a contest of the station.
    fn store(&self, agent: &Agent, contest: usize) {
        let code = agent.identity().election().station.code;
        let mut stations = self.definition.stations().iter();
        let station = stations.find(|station| station.code == code).unwrap();
        let contest = &self.definition.contests()[contest];
        let paper = Paper::plausible(station, contest, &mut fastrand::Rng::with_seed(1));
        device::submit(agent, &paper.to_json().to_string(), None).unwrap();
    }
}

/// What came to a collector's door, and when: seconds since the door was opened.
struct Door {
    opened: Instant,
    proxy: Proxy,
    came: Arc<Mutex<Vec<f64>>>,
}

impl Door {
    fn open(crowd: &Crowd) -> Self {
        let (opened, came) = (Instant::now(), Arc::new(Mutex::new(Vec::new())));
        let noted = Arc::clone(&came);
        let note = move |_| {
            noted.lock().unwrap().push(opened.elapsed().as_secs_f64());
            Fault::Pass
        };
        let proxy = Proxy::start(&crowd.collector.address().unwrap(), note).unwrap();
        Self { opened, proxy, came }
    }

    fn now(&self) -> f64 {
        self.opened.elapsed().as_secs_f64()
    }

    fn came(&self) -> usize {
        self.came.lock().unwrap().len()
    }

    /// Times of those who came after `since`.
    fn after(&self, since: f64) -> Vec<f64> {
        self.came.lock().unwrap().iter().copied().filter(|at| *at > since).collect()
    }

    /// As the daemon retries, but no rest is longer than 16 s.
    fn forwarding(&self) -> Forwarding {
        let retry = Retry { longest: Duration::from_secs(16), ..Retry::default() };
        Forwarding { collectors: vec![self.proxy.address()], retry }
    }
}

/// Has all agents begin to deliver a form each at the same moment; does `meanwhile`.
fn all_at_once(agents: &[Agent], forwarding: &Forwarding, meanwhile: impl FnOnce()) {
    let start = Barrier::new(agents.len());
    thread::scope(|scope| {
        for agent in agents {
            scope.spawn(|| {
                start.wait();
                let delivered = block_on(agent.deliver(forwarding)).unwrap();
                assert_eq!(delivered.received, 1, "{delivered:?}");
            });
        }
        meanwhile();
    });
}

/// Most of [`REAL`] agents in a quarter of a second. The first rest ends at any time in
/// 2 s: an eighth. When each has tried four times more, some 7 s have passed: 4/D a
/// second (see above) is a seventh. With room for chance and a slow machine, a third; in
/// lockstep it is all of them.
const AT_ONCE: usize = REAL / 3;

#[test]
fn t14_150_agents_spread_after_a_power_cut_and_after_a_restart_and_all_drain() {
    let mut crowd = Crowd::serving();
    let agents = crowd.agents();
    agents.iter().for_each(|agent| crowd.store(agent, 0));
    drop(agents);
    // The power is back for everyone.
    let agents = crowd.agents();
    let door = Door::open(&crowd);
    all_at_once(&agents, &door.forwarding(), || {});
    let came = door.after(0.0);
    assert_eq!(came.len(), REAL, "nobody had to come twice");
    spread(came);

    // A new form wakes each of them at once, and there is nobody.
    agents.iter().for_each(|agent| crowd.store(agent, 1));
    let addresses = crowd.collector.kill().unwrap();
    let mut back = f64::INFINITY;
    all_at_once(&agents, &door.forwarding(), || {
        let failed = || Ok((door.came() >= 5 * REAL).then_some(()));
        poll::until("four attempts of each", failed).unwrap();
        crowd.collector.start(Some(addresses)).unwrap();
        back = door.now();
    });
    spread(door.after(back));
    let whole: Region = crowd.collector.get("/api/v1/regions/0").unwrap();
    let stations = crowd.definition.stations().len();
    let entries = 1 + stations + 2 * REAL;
    assert_eq!(whole.position.size, entries as u64, "the manifest, devices and two forms each");
}

fn spread(mut came: Vec<f64>) {
    let busiest = busiest(&mut came, 0.25);
    assert!(busiest <= AT_ONCE, "{busiest} of {} in a quarter of a second", came.len());
}
