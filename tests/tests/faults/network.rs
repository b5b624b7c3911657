//! T15: packets are lost, refused, or slow; and of T6, a name that does not resolve. Real
//! packets, in two network namespaces.

use std::net::SocketAddr;
use std::thread;
use std::time::Instant;

use saksi_tests::device::AgentProcess;
use saksi_tests::kenya::CONTEST;
use saksi_tests::network::Network;
use saksi_tests::poll;
use saksi_tests::results::Region;
use saksi_tests::scene::{FIRST_FORM, Scene};

use super::*;

/// Forms that wait on the agent; one batch of 15 KB, so that the newest form is told
/// what happened to it.
const FORMS: u32 = 60;

/// At 16 kbit/s the batch takes 8 s: long enough to see it on its way.
const SLOW: u32 = 16;

/// TCP is to notice in 30 to 40 s. Were it not asked to, the session's own patience
/// would end it after 60 s.
const NOTICED: Duration = Duration::from_secs(50);

/// Some rests of up to 8 s, a SYN that comes 7 s after the first, and a handshake with
/// a third of its packets lost.
const DRAINED: Duration = Duration::from_secs(180);

/// A daemon with waiting forms and a collector, and the line between them.
struct Stage {
    agent: AgentProcess,
    network: Network,
    scene: Scene,
}

impl Stage {
    /// The collector serves; the daemon has not been started.
    fn set() -> Option<Self> {
        let network = Network::new().unwrap()?;
        let mut scene = Scene::new().unwrap();
        scene.collector.enter(&network.collector);
        let web = "127.0.0.1:0".parse().unwrap();
        scene.collector.start(Some((network.any_port(), web))).unwrap();
        let mut agent = scene.agent("far", 0).unwrap();
        agent.enter(&network.agent);
        fill(&scene, "far", FORMS);
        Some(Self { agent, network, scene })
    }

    /// Starts the daemon on a slow line, and gives back when its batch is on its way.
    fn send_slowly(&mut self) {
        self.network.slow_down(SLOW).unwrap();
        self.agent.run(&self.scene.collector.address().unwrap()).unwrap();
        let sent = || Ok((self.agent.delivery(CONTEST)?["state"] == "sent").then_some(()));
        poll::until("a batch on its way", sent).unwrap();
    }

    /// Waits until `status` says that an attempt has failed, and why.
    fn noticed(&self) -> String {
        let failed = || {
            let delivery = self.agent.delivery(CONTEST)?;
            assert_eq!(delivery["due"], true, "nothing came: {delivery}");
            Ok(delivery["last_failure"]["reason"].as_str().map(str::to_owned))
        };
        poll::within(2 * NOTICED, "a failed attempt in the status", failed).unwrap()
    }

    /// Waits until everything is drained; looks at what came of it.
    fn drained(&self) {
        let empty = || Ok((self.agent.json(&["status"])?["waiting"] == 0).then_some(()));
        poll::within(DRAINED, "an empty work list", empty).unwrap();
        let results = self.scene.collector.results(&["--json"]).unwrap();
        let whole: Region = serde_json::from_str(&results).unwrap();
        assert_eq!(whole.position.size, FIRST_FORM + u64::from(FORMS));
        let votes: Vec<_> = whole.totals.votes.values().map(|sum| sum.total).collect();
        assert_eq!(votes, [u64::from(9 + FORMS), 20, 2, 1], "the last correction counts");
    }
}

/// The packets of a batch are lost: nothing of what is sent is acknowledged.
fn half_open_with_something_on_its_way() {
    let Some(mut stage) = Stage::set() else { return };
    stage.send_slowly();
    stage.network.lose_everything().unwrap();
    stage.network.speed_up().unwrap();
    half_open(&stage);
}

/// Everything sent was acknowledged by the collector's kernel, the answer is lost.
fn half_open_with_nothing_on_its_way() {
    let Some(mut stage) = Stage::set() else { return };
    stage.send_slowly();
    stage.scene.collector.signal("STOP").unwrap();
    stage.network.speed_up().unwrap();
    let acknowledged = || Ok((stage.network.agent.unacknowledged()? == 0).then_some(()));
    poll::until("the batch to be acknowledged", acknowledged).unwrap();
    stage.network.lose_everything().unwrap();
    stage.scene.collector.signal("CONT").unwrap();
    half_open(&stage);
}

fn half_open(stage: &Stage) {
    let lost = Instant::now();
    let reason = stage.noticed();
    let after = lost.elapsed();
    assert!(after < NOTICED, "{reason} after {} s", after.as_secs());
    stage.network.heal().unwrap();
    stage.drained();
}

#[test]
fn t15_a_half_open_connection_is_noticed_in_under_a_minute_and_then_all_drains() {
    thread::scope(|scope| {
        scope.spawn(half_open_with_something_on_its_way);
        scope.spawn(half_open_with_nothing_on_its_way);
    });
}

#[test]
fn t15_a_firewall_that_resets_a_connection_is_noticed_and_then_all_drains() {
    let Some(mut stage) = Stage::set() else { return };
    stage.send_slowly();
    stage.network.reset_everything().unwrap();
    let reason = stage.noticed();
    assert!(["cut-off", "unreachable"].contains(&reason.as_str()), "{reason}");
    stage.network.heal().unwrap();
    stage.network.speed_up().unwrap();
    stage.drained();
}

#[test]
fn t15_with_a_third_of_all_packets_lost_everything_arrives() {
    let Some(mut stage) = Stage::set() else { return };
    stage.network.lose(30).unwrap();
    stage.agent.run(&stage.scene.collector.address().unwrap()).unwrap();
    stage.drained();
}

#[test]
fn t15_at_64_kbit_a_second_everything_arrives() {
    let Some(mut stage) = Stage::set() else { return };
    stage.network.slow_down(64).unwrap();
    stage.agent.run(&stage.scene.collector.address().unwrap()).unwrap();
    stage.drained();
}

#[test]
fn t6_a_daemon_drains_when_the_collectors_name_resolves_again() {
    let Some(mut stage) = Stage::set() else { return };
    let address: SocketAddr = stage.scene.collector.address().unwrap().address.parse().unwrap();
    let named = format!("saksi.test:{}", address.port());
    let collector = CollectorAddress { address: named, name: "127.0.0.1".to_owned() };
    stage.agent.run(&collector).unwrap();
    assert_eq!(stage.noticed(), "no-address");
    stage.network.agent.learn("saksi.test", address.ip()).unwrap();
    stage.drained();
}
