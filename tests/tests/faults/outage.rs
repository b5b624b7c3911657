//! T6: stops sending after an outage. T18: starts with a full store and no collector.

use saksi_tests::device::AgentProcess;
use saksi_tests::kenya::CONTEST;
use saksi_tests::poll;
use saksi_tests::proxy::{Fault, Proxy};
use saksi_tests::scene::{FIRST_FORM, Scene, collector_at, free_address};

use super::*;

#[test]
fn t6_after_a_black_hole_and_resets_it_drains_with_no_new_form_and_no_restart() {
    let scene = Scene::serving().unwrap();
    let agent = agent_with_form(&scene, "outage", 0, [30, 20, 2, 1]);
    let outage = |number| match number {
        0 => Fault::BlackHole,
        1..6 => Fault::Reset,
        6 => Fault::CutDown(0),
        _ => Fault::Pass,
    };
    let proxy = Proxy::start(&scene.collector.address().unwrap(), outage).unwrap();
    let delivered = deliver(&agent, &proxy);
    assert_eq!((delivered.received, delivered.failures, delivered.sessions), (1, 7, 1));
    all_proven(&scene, &agent);
    assert_eq!(scene.votes().unwrap(), [30, 20, 2, 1]);
}

#[test]
fn t6_a_daemon_drains_after_resets_with_no_new_form_and_no_restart() {
    let scene = Scene::serving().unwrap();
    let outage = |number| if number < 3 { Fault::Reset } else { Fault::Pass };
    let proxy = Proxy::start(&scene.collector.address().unwrap(), outage).unwrap();
    let mut agent = scene.agent("resets", 0).unwrap();
    let form = scene.stations[0].paper([30, 20, 2, 1]).to_json();
    assert!(agent.submit(&form, &[]).unwrap().status.success());
    agent.run(&proxy.address()).unwrap();
    let received = agent.received(CONTEST).unwrap();
    assert_eq!(received["attempts"], 1, "a reset connection took no form");
    assert_eq!(scene.votes().unwrap(), [30, 20, 2, 1]);
}

/// Forms in the full store: more than a batch of 64.
const FULL: u32 = 70;

#[test]
fn t18_an_agent_with_a_full_store_starts_without_a_collector_and_drains_later() {
    let mut scene = Scene::new().unwrap();
    let (agents, web) = (free_address().unwrap(), free_address().unwrap());
    let mut agent: AgentProcess = scene.agent("full", 0).unwrap();
    fill(&scene, "full", FULL);
    agent.run(&collector_at(agents)).unwrap();
    // Failures are noted on the forms that were to go first.
    let failed = || {
        let shown = agent.json(&["show", CONTEST])?;
        let first = &shown[0]["revisions"][0]["delivery"];
        Ok((!first["last_failure"].is_null()).then_some(()))
    };
    poll::until("a failed attempt", failed).unwrap();
    let newest = scene.stations[0].paper([90, 5, 2, 1]).to_json();
    let stored = agent.submit(&newest, &["--correct", "--reason", "the last count"]).unwrap();
    assert!(stored.status.success(), "it takes what fits: {stored:?}");
    assert_eq!(agent.json(&["status"]).unwrap()["waiting"], FULL + 1);
    scene.collector.start(Some((agents, web))).unwrap();
    agent.received(CONTEST).unwrap();
    let drained = || Ok((agent.json(&["status"])?["waiting"] == 0).then_some(()));
    poll::until("an empty work list", drained).unwrap();
    assert_eq!(scene.entries().unwrap(), FIRST_FORM + u64::from(FULL) + 1);
    assert_eq!(scene.votes().unwrap(), [90, 5, 2, 1], "the last correction counts");
}
