//! T4: the disk is full. What is new is refused, what is there is safe, and both sides
//! start again, on a real file system of 24 MB.

use std::fs;
use std::path::PathBuf;
use std::process::Output;

use saksi_tests::collector::Collector;
use saksi_tests::device::AgentProcess;
use saksi_tests::disk::{fill_but, tidy_up};
use saksi_tests::kenya::{self, CONTEST};
use saksi_tests::loop_disk::LoopDisk;
use saksi_tests::scene::{Scene, nowhere};

use super::{sealed, submit};

/// Size of the disks, in MiB.
const DISK: u64 = 24;

/// An agent on a full disk: nothing of it may lie on another one.
struct Device {
    scene: Scene,
    disk: LoopDisk,
    agent: AgentProcess,
}

impl Device {
    fn new() -> Option<Self> {
        let disk = LoopDisk::mount(DISK).unwrap()?;
        let scene = Scene::serving().unwrap();
        let bundle = scene.collector.bundle_path(&scene.stations[0].code);
        let agent = AgentProcess::init(&disk.path().join("agent"), &bundle).unwrap();
        Some(Self { scene, disk, agent })
    }

    fn submit(&self, votes: u32, options: &[&str]) -> Output {
        let form = self.scene.stations[0].paper([votes, 20, 2, 1]).to_json();
        self.agent.submit_from(self.scene.dir(), &form, options).unwrap()
    }

    fn correct(&self, votes: u32) -> Output {
        self.submit(votes, &["--correct", "--reason", "miscopied"])
    }

    fn is_refused(&self, votes: u32) {
        let refused = self.correct(votes);
        assert_eq!(refused.status.code(), Some(10), "{refused:?}");
        let words = String::from_utf8(refused.stderr).unwrap();
        assert!(words.contains("the disk is full") && words.contains("are safe"), "{words}");
    }

    fn reserve(&self) -> PathBuf {
        self.disk.path().join("agent/reserve")
    }
}

#[test]
fn t4_a_full_disk_refuses_what_is_new_sends_what_waits_and_gives_its_reserve_up() {
    let Some(mut device) = Device::new() else { return };
    device.agent.run(&nowhere()).unwrap();
    assert!(device.submit(30, &[]).status.success());
    for votes in 31..40 {
        assert!(device.correct(votes).status.success());
    }
    assert_eq!(fs::metadata(device.reserve()).unwrap().len(), 1 << 20);
    fill_but(&device.disk.path(), 0).unwrap();
    device.is_refused(99);
    device.agent.kill().unwrap();

    // It starts on the full disk, by itself and for a command, and sends.
    device.is_refused(99);
    device.agent.run(&device.scene.collector.address().unwrap()).unwrap();
    device.agent.received(CONTEST).unwrap();
    assert!(!device.reserve().exists(), "it was given up");
    assert_eq!(device.agent.json(&["status"]).unwrap()["waiting"], 0);
    assert_eq!(device.scene.votes().unwrap(), [39, 20, 2, 1]);
    device.is_refused(99);
    let checkup = device.agent.command(&["doctor"]).unwrap();
    assert_eq!(checkup.status.code(), Some(15), "{checkup:?}");

    tidy_up(&device.disk.path()).unwrap();
    assert!(device.correct(40).status.success());
    device.agent.received(CONTEST).unwrap();
    assert!(device.reserve().exists(), "it is taken again");
    assert_eq!(device.scene.votes().unwrap(), [40, 20, 2, 1]);
}

#[test]
fn t4_a_collector_on_a_full_disk_stops_with_its_code_and_starts_again_with_room() {
    let Some(disk) = LoopDisk::mount(DISK).unwrap() else { return };
    let place = tempfile::tempdir().unwrap();
    let words = place.path().join("words");
    let mut collector = Collector::make(&disk.path(), &kenya::pack()).unwrap();
    collector.words_to(&words);
    collector.start(None).unwrap();
    let stations = kenya::stations().unwrap();
    let mut receipts = Vec::new();
    for station in &stations {
        let sealed = sealed(&collector, station, [9, 6, 5, 4]);
        receipts.push(submit(&collector, station, &sealed).unwrap());
    }
    fill_but(&disk.path(), 0).unwrap();
    // What SQLite has room for from before is soon used up.
    let mut others =
        (10..500).map(|votes| sealed(&collector, &stations[0], [votes % 40, votes / 40, 5, 4]));
    let refused = others.find(|other| submit(&collector, &stations[0], other).is_err());
    let refused = refused.expect("the disk is full");
    let (code, addresses) = collector.ended().unwrap();
    let said = fs::read_to_string(&words).unwrap();
    assert_eq!(code, Some(6), "{said}");
    assert!(said.contains("nothing is acknowledged any more") && said.contains("full"), "{said}");

    // It starts on the full disk, and knows everything; what needs no room is done.
    collector.start(Some(addresses)).unwrap();
    for (station, before) in stations.iter().zip(&receipts) {
        let sealed = sealed(&collector, station, [9, 6, 5, 4]);
        assert_eq!(submit(&collector, station, &sealed).unwrap(), *before);
    }
    collector.stop().unwrap();
    tidy_up(&disk.path()).unwrap();
    collector.start(Some(addresses)).unwrap();
    submit(&collector, &stations[0], &refused).unwrap();
}
