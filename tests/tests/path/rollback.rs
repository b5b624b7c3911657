//! A collector whose log is not the one that a device has seen: put back to an earlier
//! state, or grown into another one. The device takes nothing of it, and its staff know.

use std::fs;
use std::path::Path;
use std::process::Command;

use saksi_tests::device::AgentProcess;
use saksi_tests::kenya::CONTEST;
use saksi_tests::scene::{FIRST_FORM, Scene};
use saksi_tests::{collector, poll};
use serde_json::Value;

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// `journal COMMAND DIR FILE …` of a scene's collector.
fn journal(scene: &Scene, command: &str, rest: &[&str]) -> String {
    let dir = text(scene.collector.dir());
    collector::succeed(&[&["journal", command, dir], rest].concat()).unwrap()
}

/// What the staff's list says of stations whose device has seen another log; it is some
/// seconds late.
fn marked(scene: &Scene) -> Value {
    poll::until("a mark in the list", || {
        let dir = text(scene.collector.dir());
        let list = ["device", "list", dir, "--saw-other-log", "--json"];
        let said = collector::succeed(&list)?;
        let rows: Vec<Value> = said.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
        assert!(rows.len() <= 1, "{said}");
        Ok(rows.into_iter().find(|row| row["doubt"]["is_proven"] == true))
    })
    .unwrap()
}

/// The refusal that an operator sees, everywhere that it is shown.
fn is_refused(agent: &AgentProcess, reason: &Value, evidence: usize) {
    let delivery = agent.failed(CONTEST).unwrap();
    assert_eq!(delivery["last_failure"]["reason"], *reason, "{delivery}");
    assert_eq!(delivery["due"], true, "{delivery}");
    assert_eq!(agent.json(&["status"]).unwrap()["contradictions"], evidence);
    let doctor = agent.command(&["doctor"]).unwrap();
    let words = String::from_utf8(doctor.stdout).unwrap();
    assert_eq!(doctor.status.code(), Some(15), "{words}");
    assert!(words.contains("not the one that this device has seen"), "{words}");
}

#[test]
fn a_restored_log_is_refused_until_it_has_what_the_device_has_seen() {
    let mut scene = Scene::new().unwrap();
    let words = scene.dir().join("words");
    scene.collector.configure("metrics", "\"127.0.0.1:0\"").unwrap();
    scene.collector.words_to(&words);
    scene.collector.start(None).unwrap();
    let old = scene.dir().join("old.db");
    journal(&scene, "backup", &[text(&old)]);
    let mut agent = scene.agent("witness", 0).unwrap();
    let form = scene.stations[0].paper([30, 20, 2, 1]).to_json();
    assert!(agent.submit(&form, &[]).unwrap().status.success());
    agent.run(&scene.collector.address().unwrap()).unwrap();
    agent.received(CONTEST).unwrap();
    let receipt = agent.succeed(&["receipt", CONTEST]).unwrap();
    let addresses = scene.collector.stop().unwrap();
    journal(&scene, "restore", &[text(&old), "--lose-entries"]);
    scene.collector.start(Some(addresses)).unwrap();

    agent.succeed(&["resend", CONTEST]).unwrap();
    is_refused(&agent, &serde_json::json!({ "farewell": "rolled-back" }), 0);
    assert_eq!(scene.votes().unwrap(), [0; 4], "nothing was taken from it");
    let mark = marked(&scene);
    assert_eq!(mark["station"], scene.stations[0].code.as_str());
    assert_eq!(mark["doubt"]["entries"], FIRST_FORM + 1);
    assert!(scene.collector.metric("saksi_log_doubted_total{by=\"proof\"}").unwrap() > 0);
    let said = fs::read_to_string(&words).unwrap();
    let station = &scene.stations[0].code;
    for wanted in [
        format!("station {station} has seen more of this log than there is"),
        format!("station {station} holds a checkpoint of this log that this log contradicts"),
    ] {
        assert!(said.contains(&wanted), "{said}");
    }
    // The agent has not forgotten when it is started again.
    agent.kill().unwrap();
    agent.run(&scene.collector.address().unwrap()).unwrap();
    is_refused(&agent, &serde_json::json!({ "farewell": "rolled-back" }), 0);

    // The staff get the lost entries back.
    let addresses = scene.collector.stop().unwrap();
    let aside = scene.collector.dir().join("journal.db.aside-1");
    journal(&scene, "restore", &[text(&aside)]);
    scene.collector.start(Some(addresses)).unwrap();
    agent.succeed(&["resend", CONTEST]).unwrap();
    agent.received(CONTEST).unwrap();
    assert_eq!(agent.succeed(&["receipt", CONTEST]).unwrap(), receipt);
    assert_eq!(scene.votes().unwrap(), [30, 20, 2, 1]);
    assert_eq!(agent.command(&["doctor"]).unwrap().status.code(), Some(0));
}

#[test]
fn a_log_that_grew_into_another_is_refused_with_both_checkpoints_as_evidence() {
    let mut scene = Scene::new().unwrap();
    let (home, fork) = (scene.collector.dir().to_owned(), scene.dir().join("fork"));
    let copied = Command::new("cp").arg("-a").arg(&home).arg(&fork).status().unwrap();
    assert!(copied.success());
    scene.collector.start(None).unwrap();
    let mut agent = scene.agent("witness", 0).unwrap();
    let form = |counts| scene.stations[0].paper(counts).to_json();
    let (first, second) = (form([30, 20, 2, 1]), form([31, 20, 2, 1]));
    assert!(agent.submit(&first, &[]).unwrap().status.success());
    agent.run(&scene.collector.address().unwrap()).unwrap();
    agent.received(CONTEST).unwrap();
    let addresses = scene.collector.stop().unwrap();
    fs::rename(&home, scene.dir().join("original")).unwrap();
    fs::rename(&fork, &home).unwrap();
    // The same key, as many entries, and another one among them.
    scene.collector.start(Some(addresses)).unwrap();
    scene.deliver(1, [7, 6, 5, 4]).unwrap();
    let correction = ["--correct", "--reason", "swapped"];
    assert!(agent.submit(&second, &correction).unwrap().status.success());

    is_refused(&agent, &Value::from("other-log"), 1);
    let mark = marked(&scene);
    assert_eq!(mark["station"], scene.stations[0].code.as_str());
    assert_eq!(mark["doubt"]["entries"], FIRST_FORM + 1);
    let evidence = fs::read_dir(scene.agent_dir("witness").join("evidence")).unwrap();
    let file = evidence.map(|entry| entry.unwrap().path()).next().unwrap();
    let notes = fs::read_to_string(file).unwrap();
    let size = |entries: u64| format!("--- {entries} entries\n");
    assert!(
        notes.contains(&size(FIRST_FORM + 1)) && notes.contains(&size(FIRST_FORM + 2)),
        "{notes}"
    );
}
