//! Stations get their devices, and lose them.

use std::process::Output;

use saksi_tests::collector::Collector;
use saksi_tests::device::AgentProcess;
use saksi_tests::kenya::{self, CONTEST};
use saksi_tests::results;
use saksi_tests::scene::{FIRST_FORM, Scene};

fn words(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn devices_are_issued_while_the_collector_runs_and_while_it_does_not() {
    let place = tempfile::tempdir().unwrap();
    let stations = kenya::stations().unwrap();
    let mut collector = Collector::make_without_devices(place.path(), &kenya::pack()).unwrap();
    assert!(collector.issue(&[&stations[0].code]).unwrap().status.success());
    collector.start(None).unwrap();
    assert!(collector.issue(&[&stations[1].code, &stations[2].code]).unwrap().status.success());
    for station in &stations[..3] {
        let bundle = collector.bundle_path(&station.code);
        let mut agent = AgentProcess::init(&place.path().join(&station.code), &bundle).unwrap();
        assert!(
            agent.submit(&station.paper([30, 20, 2, 1]).to_json(), &[]).unwrap().status.success()
        );
        agent.run(&collector.address().unwrap()).unwrap();
        agent.received(CONTEST).unwrap();
    }
    let counted = results::region(&collector, "0", CONTEST).unwrap().totals.stations.counted;
    assert_eq!(counted, 3);
}

#[test]
fn a_second_device_is_refused_by_name_unless_it_replaces_the_first() {
    let mut scene = Scene::new().unwrap();
    let code = scene.stations[0].code.clone();
    let bundle = scene.bundle(0).unwrap();
    for is_running in [false, true] {
        if is_running {
            scene.collector.start(None).unwrap();
        }
        let refused = scene.collector.issue(&[&code]).unwrap();
        assert_eq!(refused.status.code(), Some(1));
        let words = words(&refused);
        assert!(words.contains(&code) && words.contains("--replace"), "{words}");
        assert!(scene.bundle(0).unwrap() == bundle, "the bundle is as it was");
    }
    assert_eq!(scene.entries().unwrap(), FIRST_FORM);
    let unknown = scene.collector.issue(&["000"]).unwrap();
    assert!(!unknown.status.success() && words(&unknown).contains("there is no station 000"));
}

#[test]
fn a_replaced_device_is_not_counted_keeps_its_form_and_knows_why() {
    let scene = Scene::serving().unwrap();
    let mut old = scene.agent("old", 0).unwrap();
    let code = &scene.stations[0].code;
    assert!(scene.collector.issue(&[code, "--replace"]).unwrap().status.success());
    let mut new = scene.agent("new", 0).unwrap();

    assert!(
        old.submit(&scene.stations[0].paper([1, 2, 30, 40]).to_json(), &[])
            .unwrap()
            .status
            .success()
    );
    old.run(&scene.collector.address().unwrap()).unwrap();
    let refused = old.refused(CONTEST).unwrap();
    let sentence = "This device was revoked or replaced. The centre keeps the form as evidence \
                    and does not count it. Call the centre.";
    assert_eq!((&refused["code"], &refused["sentence"]), (&"revoked".into(), &sentence.into()));

    assert!(
        new.submit(&scene.stations[0].paper([30, 20, 2, 1]).to_json(), &[])
            .unwrap()
            .status
            .success()
    );
    new.run(&scene.collector.address().unwrap()).unwrap();
    assert_eq!(new.received(CONTEST).unwrap()["standing"], "counted");
    assert_eq!(scene.votes().unwrap(), [30, 20, 2, 1]);
}
