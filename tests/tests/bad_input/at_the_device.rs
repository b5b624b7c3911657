//! What the device meets: nobody there, files that cannot be read, a directory that
//! belongs to another station.

use saksi_tests::device::AgentProcess;
use saksi_tests::kenya::CONTEST;
use saksi_tests::scene::{Scene, nowhere};

use crate::BAD;

#[test]
fn a_form_is_stored_without_a_collector_and_status_says_when_it_is_tried_again() {
    let scene = Scene::new().unwrap();
    let mut agent = scene.agent("alone", BAD).unwrap();
    let stored = agent.submit(&scene.stations[BAD].paper([30, 20, 2, 1]).to_json(), &[]).unwrap();
    assert!(stored.status.success(), "{stored:?}");
    agent.run(&nowhere()).unwrap();
    let failed = agent.failed(CONTEST).unwrap();
    assert_eq!((&failed["state"], &failed["due"]), (&"stored".into(), &true.into()));
    assert_eq!(failed["last_failure"]["reason"], "unreachable");
    assert!(failed["next_try_ms"].as_u64() >= failed["last_failure"]["at_ms"].as_u64());
    let shown = agent.succeed(&["status"]).unwrap();
    for words in ["The centre cannot be reached. Check the network.", "Tries again by itself"] {
        assert!(shown.contains(words), "{shown}");
    }
}

#[test]
fn a_collector_whose_name_does_not_resolve_is_named_as_the_reason() {
    let scene = Scene::new().unwrap();
    let mut agent = scene.agent("nameless", BAD).unwrap();
    let form = scene.stations[BAD].paper([30, 20, 2, 1]).to_json();
    assert!(agent.submit(&form, &[]).unwrap().status.success());
    let name = "collector.invalid".to_owned();
    let address = saksi_proto::bundle::CollectorAddress { address: format!("{name}:7443"), name };
    agent.run(&address).unwrap();
    let failed = agent.failed(CONTEST).unwrap();
    assert_eq!(failed["last_failure"]["reason"], "no-address", "{failed}");
    assert_eq!(failed["due"], true);
}

#[test]
fn a_directory_of_another_station_is_left_as_it_is() {
    let scene = Scene::new().unwrap();
    let agent = scene.agent("taken", BAD).unwrap();
    let form = scene.stations[BAD].paper([30, 20, 2, 1]).to_json();
    assert!(agent.submit(&form, &[]).unwrap().status.success());
    let other = scene.collector.bundle_path(&scene.stations[2].code);
    let fault = AgentProcess::init(&scene.agent_dir("taken"), &other).unwrap_err().to_string();
    assert!(fault.contains(&scene.stations[BAD].code), "{fault}");
    assert_eq!(agent.delivery(CONTEST).unwrap()["state"], "stored");
}

#[test]
fn a_form_or_photo_that_is_not_there_is_named_and_nothing_is_stored() {
    let scene = Scene::new().unwrap();
    let agent = scene.agent("nothing", BAD).unwrap();
    let missing = scene.dir().join("missing.json");
    let output = agent.command(&["submit", missing.to_str().unwrap()]).unwrap();
    assert_eq!(output.status.code(), Some(9));
    assert!(String::from_utf8(output.stderr).unwrap().contains("missing.json"));
    let form = scene.stations[BAD].paper([30, 20, 2, 1]).to_json();
    let output = agent.submit(&form, &["--photo", missing.to_str().unwrap()]).unwrap();
    assert_eq!(output.status.code(), Some(9));
    assert!(String::from_utf8(output.stderr).unwrap().contains("missing.json"));
    assert!(agent.delivery(CONTEST).unwrap().is_null());
}
