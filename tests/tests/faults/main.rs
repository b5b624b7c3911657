//! The faults that users of such systems complain about, each a named test: T3, T6,
//! T8 to T12 and T14 to T18 of the list. Real collector processes; agents as processes and
//! in this process; a bad network between them.

#![cfg(test)]

mod backlog;
mod clock;
mod content;
mod cut;
mod network;
mod outage;
mod photos;
mod poison;
mod resent;
mod shares;
mod storm;

use std::time::Duration;

use saksi_agent::Agent;
use saksi_agent::desk::Submission;
use saksi_agent::forward::{Delivered, Forwarding, Retry};
use saksi_proto::bundle::CollectorAddress;
use saksi_tests::device;
use saksi_tests::proxy::Proxy;
use saksi_tests::scene::Scene;
use serde_json::Value;

/// Longest delivery of a test: a handshake into a black hole takes 20 s, a session into
/// one 45 s.
const PATIENCE: Duration = Duration::from_secs(75);

/// As the daemon retries, and some hundred times as fast.
fn quick(collector: CollectorAddress) -> Forwarding {
    let retry = Retry {
        first: Duration::from_millis(2),
        longest: Duration::from_millis(20),
        start: Duration::ZERO,
    };
    Forwarding { collectors: vec![collector], retry }
}

/// Runs something of an agent to its end.
fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(PATIENCE, work).await.expect("it ends in time") })
}

/// Has an agent deliver everything through a proxy.
fn deliver(agent: &Agent, proxy: &Proxy) -> Delivered {
    block_on(agent.deliver(&quick(proxy.address()))).unwrap()
}

/// An agent of this process with one form in its store.
fn agent_with_form(scene: &Scene, name: &str, station: usize, votes: [u32; 4]) -> Agent {
    let bundle = scene.bundle(station).unwrap();
    let agent = device::open(&scene.agent_dir(name), &bundle).unwrap();
    let form = scene.stations[station].paper(votes).to_json().to_string();
    device::submit(&agent, &form, None).unwrap();
    agent
}

/// Fills the store of an agent with so many forms: a first one and its corrections.
fn fill(scene: &Scene, name: &str, forms: u32) {
    let agent = agent_with_form(scene, name, 0, [10, 20, 2, 1]);
    for votes in 11..10 + forms {
        let form = scene.stations[0].paper([votes, 20, 2, 1]).to_json().to_string();
        let correction = Some("counted again".to_owned());
        let submission = Submission { form, correction, ..Submission::default() };
        agent.submit(submission, agent.now_ms()).unwrap();
    }
    assert_eq!(agent.status().waiting, forms as usize);
}

/// The forms of a station as the API shows them.
fn forms(scene: &Scene, station: usize) -> Vec<Value> {
    let path = format!("/api/v1/stations/{}", scene.stations[station].code);
    let shown: Value = scene.collector.get(&path).unwrap();
    shown["contests"][0]["forms"].as_array().unwrap().clone()
}

/// Checks that every form of an agent has a receipt that verifies.
fn all_proven(scene: &Scene, agent: &Agent) {
    let key = scene.log_key().unwrap();
    for form in agent.forms().unwrap() {
        assert!(!form.delivery.is_due(), "{:?}", form.delivery);
        let receipt = form.receipt.expect("a receipt");
        assert!(receipt.verify(&form.sealed, &key).is_ok(), "it leads to the log");
    }
}
