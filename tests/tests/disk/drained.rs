//! T5: a week's backlog, drained. What the device's disk is used for stays under its
//! bound, and comes back when the forms are deleted.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use saksi_agent::Agent;
use saksi_agent::desk::Submission;
use saksi_tests::device::{self, AgentProcess};
use saksi_tests::proxy::{Fault, Proxy};
use saksi_tests::scene::Scene;

/// Forms that wait: two hundred times what a station has.
const FORMS: u32 = 200;

/// Attempts in a week at one in five minutes.
const ATTEMPTS: usize = 2_016;

/// What sled keeps beside records, in bytes: it writes in segments of 512 KiB, and takes
/// up to eight of them before it uses one again.
const SEGMENTS: u64 = 8 * 512 * 1024;

/// What a file system gives to a directory or a file of less than that, in bytes.
const BLOCK: u64 = 4_096;

/// What a directory takes on the disk, in bytes.
fn taken(path: &Path) -> u64 {
    let metadata = path.symlink_metadata().unwrap();
    let below = if metadata.is_dir() {
        fs::read_dir(path).unwrap().map(|entry| taken(&entry.unwrap().path())).sum()
    } else {
        0
    };
    metadata.blocks() * 512 + below
}

#[test]
fn t5_a_weeks_backlog_leaves_the_disk_under_its_bound_and_gives_it_back_when_told() {
    let scene = Scene::serving().unwrap();
    let dir = scene.agent_dir("backlog");
    let process = AgentProcess::init(&dir, &scene.collector.bundle_path(&scene.stations[0].code));
    let agent = Agent::open(&dir).unwrap();
    for number in 0..FORMS {
        let form = scene.stations[0].paper([3 + number % 30, 3 + number / 30, 4, 5]).to_json();
        let correction = (number > 0).then(|| "written down wrongly at night".to_owned());
        let submission = Submission { form: form.to_string(), correction, ..Default::default() };
        agent.submit(submission, agent.now_ms()).unwrap();
    }
    // A week of refused connections, then the network is back.
    let faults = |attempt| if attempt < ATTEMPTS { Fault::Reset } else { Fault::Pass };
    let proxy = Proxy::start(&scene.collector.address().unwrap(), faults).unwrap();
    let delivered = device::deliver_at_once(&agent, &proxy.address()).unwrap();
    assert_eq!((delivered.received, delivered.failures), (FORMS as usize, ATTEMPTS));

    let records: u64 =
        agent.forms().unwrap().iter().map(|form| form.sealed.bytes().len() as u64 + 600).sum();
    drop(agent);
    let store = taken(&dir.join("store"));
    let bound = SEGMENTS + 4 * records;
    println!("store {store} of {bound}, records {records}, all {}", taken(&dir));
    assert!(store <= bound, "{store} bytes, over {bound}");
    let files = 2 * u64::from(FORMS) * BLOCK;
    let (reserve, few) = (1 << 20, 64 * BLOCK);
    assert!(taken(&dir) <= bound + files + reserve + few, "{} bytes", taken(&dir));

    let closed = ["retention", "--closed", "ke-2022-lamu-east", "--yes"];
    process.unwrap().succeed(&closed).unwrap();
    println!("after {}", taken(&dir));
    assert!(taken(&dir) <= bound + reserve + few, "{} bytes", taken(&dir));
    assert_eq!(Agent::open(&dir).unwrap().forms().unwrap().len(), 0);
}
