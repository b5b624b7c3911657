//! Retention: the one way in which a form leaves a device, by an explicit command, and
//! also when the power goes in the middle of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use saksi_agent::Agent;
use saksi_proto::digest::Digest;
use saksi_tests::device::{self, AgentProcess};
use saksi_tests::kenya::CONTEST;
use saksi_tests::loop_disk::LoopDisk;
use saksi_tests::scene::{Scene, nowhere};

use super::damage::put_back;

const ELECTION: &str = "ke-2022-lamu-east";

/// Forms with a receipt on the device whose power is cut.
const FORMS: u32 = 150;

/// A device with so many forms that have their receipts, and a correction that waits.
fn device(scene: &Scene, received: u32) -> (AgentProcess, PathBuf, Digest) {
    let process = scene.agent("kept", 0).unwrap();
    let dir = scene.agent_dir("kept");
    let agent = Agent::open(&dir).unwrap();
    let submit = |number: u32| {
        let form = scene.stations[0].paper([3 + number % 30, 20, 2, 1]).to_json().to_string();
        let submission = saksi_agent::desk::Submission {
            form,
            correction: (number > 0).then(|| "miscopied".to_owned()),
            ..Default::default()
        };
        agent.submit(submission, agent.now_ms()).unwrap().digest
    };
    for number in 0..received {
        submit(number);
    }
    device::deliver(&agent, &scene.collector.address().unwrap()).unwrap();
    let waiting = submit(received);
    (process, dir, waiting)
}

fn files(dir: &Path, of: &str) -> usize {
    fs::read_dir(dir.join(of)).unwrap().count()
}

#[test]
fn retention_deletes_what_is_proven_when_told_and_nothing_else() {
    let scene = Scene::serving().unwrap();
    let (mut agent, dir, waiting) = device(&scene, 3);
    let retention = |agent: &AgentProcess, rest: &[&str]| {
        let output = agent.command(&[&["retention"], rest].concat()).unwrap();
        let said = [&output.stdout[..], &output.stderr].concat();
        (output.status.code(), String::from_utf8(said).unwrap())
    };
    let (code, said) = retention(&agent, &[]);
    assert_eq!(code, Some(2), "{said}");
    let (code, said) = retention(&agent, &["--closed", "another", "--yes"]);
    assert_eq!(code, Some(8), "{said}");
    assert!(said.contains(ELECTION), "{said}");
    let (code, said) = retention(&agent, &["--older-than", "1", "--yes"]);
    assert!(code == Some(0) && said.contains("Deleted: 0 forms") && said.contains("newest 3"));
    let (code, said) = retention(&agent, &["--closed", ELECTION]);
    assert!(code == Some(0) && said.contains("To be deleted: 3 forms"), "{said}");
    assert_eq!((files(&dir, "forms"), files(&dir, "receipts")), (4, 3), "it was only asked");

    // A receipt that proves nothing keeps its form.
    let spoilt = fs::read_dir(dir.join("receipts")).unwrap().next().unwrap().unwrap().path();
    let receipt = fs::read(&spoilt).unwrap();
    fs::write(&spoilt, &receipt[..receipt.len() / 2]).unwrap();
    // The running agent does it as well as the command alone.
    agent.run(&nowhere()).unwrap();
    agent.failed(CONTEST).unwrap();
    let (code, said) = retention(&agent, &["--closed", ELECTION, "--yes"]);
    assert!(code == Some(0) && said.contains("Deleted: 2 forms"), "{said}");
    assert!(said.contains("waiting or refused 1") && said.contains("receipt 1"), "{said}");
    assert_eq!((files(&dir, "forms"), files(&dir, "receipts")), (2, 1));
    agent.kill().unwrap();
    fs::write(&spoilt, &receipt).unwrap();
    let (_, said) = retention(&agent, &["--closed", ELECTION, "--yes"]);
    assert!(said.contains("Deleted: 1 forms"), "{said}");
    // As a power cut leaves it between the last two steps: a receipt stays, of no form.
    fs::write(&spoilt, &receipt).unwrap();
    agent.succeed(&["doctor"]).unwrap();

    // What waits is what it was, and goes where it has to.
    agent.run(&scene.collector.address().unwrap()).unwrap();
    assert_eq!(agent.received(CONTEST).unwrap()["standing"], "counted");
    assert_eq!(scene.votes().unwrap(), [6, 20, 2, 1]);
    assert_eq!(agent.json(&["status"]).unwrap()["contests"][0]["digest"], waiting.to_string());
}

#[test]
fn retention_that_a_power_cut_ends_has_deleted_forms_whole_or_not_at_all() {
    let scene = Scene::serving().unwrap();
    // Three steps of at most 64 forms.
    let (agent, dir, waiting) = device(&scene, FORMS);
    let bundle = scene.collector.bundle_path(&scene.stations[0].code);
    drop(agent);
    let mut random = fastrand::Rng::with_seed(3);
    for round in 0..6 {
        let Some(disk) = LoopDisk::mount(64).unwrap() else { return };
        let on_disk = disk.path().join("agent");
        put_back(&dir, &on_disk);
        // Also to have all of the copy on the disk.
        let agent = AgentProcess::init(&on_disk, &bundle).unwrap();
        disk.sync().unwrap();
        let plug = disk.plug().unwrap();
        let (done, ended) = mpsc::channel::<()>();
        thread::scope(|scope| {
            scope.spawn(|| {
                agent.command(&["retention", "--closed", ELECTION, "--yes"]).unwrap();
                drop(done);
            });
            let moment = Duration::from_millis(random.u64(10..80));
            ended.recv_timeout(moment).ok();
            plug.pull().unwrap();
        });
        disk.restore().unwrap();
        let checkup = agent.command(&["doctor"]).unwrap();
        let said = String::from_utf8_lossy(&checkup.stdout);
        assert!(checkup.status.success(), "round {round}: {said}");
        let open = Agent::open(&on_disk).unwrap();
        let forms = open.forms().unwrap();
        for form in &forms {
            let waits = form.sealed.digest() == waiting;
            assert_eq!((form.delivery.is_due(), form.receipt.is_some()), (waits, !waits));
        }
        assert!(forms.iter().any(|form| form.sealed.digest() == waiting));
        assert_eq!(files(&on_disk, "forms"), forms.len());
        println!("round {round}: {} of {} left", forms.len(), FORMS + 1);
    }
}
