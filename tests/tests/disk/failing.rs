//! An fsync that fails: the disk is gone under a running process. Whoever has to
//! acknowledge stops, says so, and ends with its code.

use std::fs;

use saksi_agent::desk::{Answer, Envelope, Request, Submission, TroubleKind};
use saksi_agent::directory::Directory;
use saksi_agent::door;
use saksi_proto::text::Language;
use saksi_tests::collector::Collector;
use saksi_tests::device::AgentProcess;
use saksi_tests::kenya::{self, CONTEST};
use saksi_tests::loop_disk::LoopDisk;
use saksi_tests::scene::Scene;
use saksi_tests::wire::Wire;

use super::{sealed, submit};

#[test]
fn a_collector_whose_disk_fails_acknowledges_nothing_more_and_has_lost_nothing() {
    let Some(disk) = LoopDisk::mount(32).unwrap() else { return };
    let place = tempfile::tempdir().unwrap();
    let mut collector = Collector::make(&disk.path(), &kenya::pack()).unwrap();
    let words = place.path().join("words");
    collector.words_to(&words);
    collector.start(None).unwrap();
    let stations = kenya::stations().unwrap();
    let forms: Vec<_> =
        stations.iter().map(|station| sealed(&collector, station, [9, 6, 5, 4])).collect();
    let before = submit(&collector, &stations[0], &forms[0]).unwrap();
    // Read before the disk goes.
    let bundle = collector.bundle(&stations[1].code).unwrap();
    disk.cut().unwrap();
    let address = collector.address().unwrap();
    let mut wire = Wire::begin(&address, &bundle).unwrap();
    let answer = wire.submit(vec![forms[1].bytes().to_vec()]);
    assert!(answer.is_err(), "{answer:?}");
    let (code, addresses) = collector.ended().unwrap();
    let said = fs::read_to_string(&words).unwrap();
    assert_eq!(code, Some(6), "{said}");
    assert!(said.contains("the journal failed; nothing is acknowledged any more"), "{said}");

    disk.restore().unwrap();
    collector.start(Some(addresses)).unwrap();
    assert_eq!(submit(&collector, &stations[0], &forms[0]).unwrap(), before);
    submit(&collector, &stations[1], &forms[1]).unwrap();
}

#[test]
fn an_agent_whose_disk_fails_calls_nothing_stored_and_has_lost_nothing() {
    let Some(disk) = LoopDisk::mount(32).unwrap() else { return };
    let scene = Scene::serving().unwrap();
    let bundle = scene.collector.bundle_path(&scene.stations[0].code);
    let dir = disk.path().join("agent");
    let mut agent = AgentProcess::init(&dir, &bundle).unwrap();
    let words = scene.dir().join("words");
    agent.words_to(&words);
    agent.run(&scene.collector.address().unwrap()).unwrap();
    let [first, correction] =
        [30, 31].map(|votes| scene.stations[0].paper([votes, 20, 2, 1]).to_json());
    assert!(agent.submit_from(scene.dir(), &first, &[]).unwrap().status.success());
    agent.received(CONTEST).unwrap();
    disk.cut().unwrap();
    // Through the door: not even the command line's own look at the identity works now.
    let submission = Submission {
        form: correction.to_string(),
        correction: Some("miscopied".to_owned()),
        ..Submission::default()
    };
    let question = Envelope::new(Language::English, Request::Submit(submission));
    let answer = door::ask(&Directory::new(&dir), &question).unwrap();
    let Some(Answer::Trouble(trouble)) = answer else { panic!("{answer:?}") };
    assert_eq!(trouble.kind, TroubleKind::Store, "{}", trouble.sentence);
    assert_eq!(agent.ended().unwrap(), Some(11), "{}", fs::read_to_string(&words).unwrap());

    disk.restore().unwrap();
    agent.run(&scene.collector.address().unwrap()).unwrap();
    agent.received(CONTEST).unwrap();
    assert_eq!(scene.votes().unwrap(), [30, 20, 2, 1]);
    let correct = ["--correct", "--reason", "miscopied"];
    assert!(agent.submit_from(scene.dir(), &correction, &correct).unwrap().status.success());
    agent.received(CONTEST).unwrap();
    assert_eq!(scene.votes().unwrap(), [31, 20, 2, 1]);
}
