//! T3: one bad form blocks the rest.

use std::fs;

use saksi_proto::digest::Digest;
use saksi_tests::device::{self, AgentProcess};
use saksi_tests::kenya::{CONTEST, counts};
use saksi_tests::proxy::{Fault, Proxy};
use saksi_tests::scene::{FIRST_FORM, Scene};
use saksi_tests::wire::Voice;
use serde_json::Value;

use super::*;

#[test]
fn t3_a_form_that_is_refused_for_good_does_not_block_the_one_behind_it() {
    let scene = Scene::serving().unwrap();
    let bundle = scene.bundle(0).unwrap();
    drop(agent_with_form(&scene, "refused", 0, [30, 20, 2, 1]));
    // Signed by this very device under another definition; it goes first.
    let voice = Voice::new(&bundle).unwrap();
    let mut form = voice.form(counts(&scene.stations[0].paper([9, 9, 9, 9])));
    form.election = Digest([1; 32]);
    let poison = voice.seal(&form).unwrap();
    let file = format!("forms/{}.saksi", poison.digest());
    fs::write(scene.agent_dir("refused").join(file), poison.bytes()).unwrap();

    let agent = device::open(&scene.agent_dir("refused"), &bundle).unwrap();
    assert_eq!(agent.status().waiting, 2);
    let pass = Proxy::start(&scene.collector.address().unwrap(), |_| Fault::Pass).unwrap();
    let delivered = deliver(&agent, &pass);
    assert_eq!((delivered.received, delivered.refused, delivered.failures), (1, 1, 0));
    assert_eq!(agent.forms().unwrap().len(), 2, "a refused form stays on the device");
    assert_eq!(scene.entries().unwrap(), FIRST_FORM + 1);
    assert_eq!(scene.votes().unwrap(), [30, 20, 2, 1]);
}

/// Asks the doctor of an agent, who finds something; gives what he found.
fn unwell(agent: &AgentProcess) -> Value {
    let output = agent.command(&["doctor", "--json"]).unwrap();
    assert_eq!(output.status.code(), Some(15), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn t3_a_form_that_cannot_be_read_is_set_aside_named_and_the_others_drain() {
    let scene = Scene::serving().unwrap();
    let mut agent = scene.agent("unreadable", 0).unwrap();
    let paper = |votes| scene.stations[0].paper([votes, 20, 2, 1]).to_json();
    assert!(agent.submit(&paper(30), &[]).unwrap().status.success());
    assert!(agent.command(&["doctor"]).unwrap().status.success(), "all is well");
    let correct = ["--correct", "--reason", "miscopied", "--json"];
    let corrected = agent.submit(&paper(31), &correct).unwrap();
    let corrected: Value = serde_json::from_slice(&corrected.stdout).unwrap();

    // Neither sled nor the file of the correction can be read.
    let dir = scene.agent_dir("unreadable");
    let file = format!("forms/{}.saksi", corrected["digest"].as_str().unwrap());
    fs::write(dir.join(&file), b"a torn page").unwrap();
    fs::write(dir.join("store/db"), vec![0x41; 100_000]).unwrap();
    let found = unwell(&agent);
    assert_eq!(found["store"]["taken_in"], 1);
    let aside = found["forms"]["set_aside"][0].as_str().unwrap();
    assert_eq!(aside, dir.join(file).with_extension("saksi.damaged").to_str().unwrap());
    assert_eq!(fs::read(aside).unwrap(), b"a torn page");

    agent.run(&scene.collector.address().unwrap()).unwrap();
    agent.received(CONTEST).unwrap();
    let found = unwell(&agent);
    assert_eq!(found["receipts"]["proven"], 1, "beside the daemon too");
    assert_eq!(scene.entries().unwrap(), FIRST_FORM + 1);
    assert_eq!(scene.votes().unwrap(), [30, 20, 2, 1]);
}
