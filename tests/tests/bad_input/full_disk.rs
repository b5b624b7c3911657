//! The device's disk is full: a new form is refused in plain words, the ones that are
//! stored stay and are sent.

use std::fs;
use std::path::PathBuf;
use std::process::Output;

use saksi_tests::device::AgentProcess;
use saksi_tests::disk::SmallDisk;
use saksi_tests::kenya::CONTEST;
use saksi_tests::picture::Picture;
use saksi_tests::scene::Scene;
use serde_json::Value;

use crate::BAD;

/// An agent on a small disk that has stored one form, and the correction that it is
/// to refuse.
struct Device {
    scene: Scene,
    disk: SmallDisk,
    agent: AgentProcess,
    correction: Value,
}

const CORRECT: [&str; 3] = ["--correct", "--reason", "miscopied"];

impl Device {
    fn new() -> Option<Self> {
        let disk = SmallDisk::mount(8).unwrap()?;
        let scene = Scene::serving().unwrap();
        let bundle = scene.collector.bundle_path(&scene.stations[BAD].code);
        let agent = AgentProcess::init(&disk.path().join("agent"), &bundle).unwrap();
        let [first, correction] =
            [30, 31].map(|votes| scene.stations[BAD].paper([votes, 20, 2, 1]).to_json());
        assert!(agent.submit(&first, &[]).unwrap().status.success());
        Some(Self { scene, disk, agent, correction })
    }

    /// Submits the correction. The typed form lies on another disk: this one is full.
    fn submit(&self, options: &[&str]) -> Output {
        let options = [&CORRECT[..], options].concat();
        self.agent.submit_from(self.scene.dir(), &self.correction, &options).unwrap()
    }

    fn refuses(&self, options: &[&str]) {
        let refused = self.submit(options);
        assert_eq!(refused.status.code(), Some(10), "{refused:?}");
        let words = String::from_utf8(refused.stderr).unwrap();
        assert!(words.contains("the disk is full"), "{words}");
        assert_eq!(self.files("photos").len(), 0);
        assert_eq!(self.files("forms").len(), 1, "nothing is half stored");
    }

    fn files(&self, directory: &str) -> Vec<PathBuf> {
        let files = fs::read_dir(self.disk.path().join("agent").join(directory)).unwrap();
        files.map(|file| file.unwrap().path()).collect()
    }
}

#[test]
fn t4_a_full_disk_refuses_a_new_form_and_keeps_and_sends_the_one_before() {
    let Some(mut device) = Device::new() else { return };
    let stored = device.agent.delivery(CONTEST).unwrap();
    let files = device.files("forms");
    let photo = device.scene.dir().join("photo.jpg");
    fs::write(&photo, Picture::sheet().jpeg()).unwrap();
    device.disk.fill_but(0).unwrap();
    device.refuses(&[]);
    for how in [&["--photo"][..], &["--as-is", "--photo"]] {
        device.refuses(&[how, &[photo.to_str().unwrap()]].concat());
    }
    assert_eq!(device.agent.delivery(CONTEST).unwrap(), stored);

    device.agent.run(&device.scene.collector.address().unwrap()).unwrap();
    device.agent.received(CONTEST).unwrap();
    assert_eq!(device.scene.votes().unwrap(), [30, 20, 2, 1], "it is sent all the same");
    device.refuses(&[]);
    assert_eq!(device.files("forms"), files);

    device.disk.tidy_up().unwrap();
    let stored = device.submit(&[]);
    assert!(stored.status.success(), "{stored:?}");
    assert_eq!(device.agent.received(CONTEST).unwrap()["standing"], "counted");
    assert_eq!(device.scene.votes().unwrap(), [31, 20, 2, 1]);
}

#[test]
fn t4_a_disk_that_fills_up_again_after_the_reserve_is_gone_loses_nothing() {
    let Some(mut device) = Device::new() else { return };
    device.disk.fill_but(0).unwrap();
    device.refuses(&[]);
    for left in [900_000, 300_000, 10_000, 0] {
        device.disk.fill_but(left).unwrap();
        device.refuses(&[]);
    }
    device.disk.tidy_up().unwrap();
    let stored = device.submit(&[]);
    assert!(stored.status.success(), "{stored:?}");
    device.agent.run(&device.scene.collector.address().unwrap()).unwrap();
    device.agent.received(CONTEST).unwrap();
    assert_eq!(device.scene.votes().unwrap(), [31, 20, 2, 1]);
    assert_eq!(device.files("forms").len(), 2);
}
