//! Stopped, killed, started again: nothing is lost and nothing counts twice.

use std::net::SocketAddr;

use saksi_tests::collector::Collector;
use saksi_tests::kenya::CONTEST;
use saksi_tests::scene::{FIRST_FORM, Scene, collector_at, free_address, nowhere};

/// Ends a collector and gives its addresses.
type End = fn(&mut Collector) -> anyhow::Result<(SocketAddr, SocketAddr)>;

#[test]
fn a_collector_that_was_stopped_or_killed_knows_everything_and_gives_the_same_receipt() {
    let mut scene = Scene::serving().unwrap();
    let mut agent = scene.agent("again", 0).unwrap();
    assert!(
        agent
            .submit(&scene.stations[0].paper([30, 20, 2, 1]).to_json(), &[])
            .unwrap()
            .status
            .success()
    );
    agent.run(&scene.collector.address().unwrap()).unwrap();
    agent.received(CONTEST).unwrap();
    scene.deliver(1, [7, 6, 5, 4]).unwrap();
    let totals = scene.region("0").unwrap();
    let receipt = agent.succeed(&["receipt", CONTEST]).unwrap();
    let ends: [End; 2] = [Collector::stop, Collector::kill];
    for (times, end) in (2..).zip(ends) {
        let addresses = end(&mut scene.collector).unwrap();
        scene.collector.start(Some(addresses)).unwrap();
        let again = scene.region("0").unwrap();
        assert_eq!((&again.totals, &again.position), (&totals.totals, &totals.position));
        agent.succeed(&["resend", CONTEST]).unwrap();
        assert_eq!(agent.received(CONTEST).unwrap()["attempts"], times, "it was sent again");
        assert_eq!(agent.succeed(&["receipt", CONTEST]).unwrap(), receipt);
        assert_eq!(scene.entries().unwrap(), FIRST_FORM + 2);
    }
    scene.deliver(2, [1, 2, 3, 4]).unwrap();
    assert_eq!(scene.votes().unwrap(), [38, 28, 10, 9]);
}

#[test]
fn an_agent_that_was_killed_with_a_form_in_its_store_delivers_it_when_it_runs_again() {
    let scene = Scene::serving().unwrap();
    let mut agent = scene.agent("killed", 0).unwrap();
    agent.run(&nowhere()).unwrap();
    assert!(
        agent
            .submit(&scene.stations[0].paper([30, 20, 2, 1]).to_json(), &[])
            .unwrap()
            .status
            .success()
    );
    agent.kill().unwrap();
    let stored = agent.delivery(CONTEST).unwrap();
    assert_eq!((&stored["state"], &stored["due"]), (&"stored".into(), &true.into()));
    agent.run(&scene.collector.address().unwrap()).unwrap();
    agent.received(CONTEST).unwrap();
    assert_eq!(scene.votes().unwrap(), [30, 20, 2, 1]);
}

#[test]
fn a_daemon_waits_for_a_collector_that_is_not_there_yet() {
    let mut scene = Scene::new().unwrap();
    let (agents, web) = (free_address().unwrap(), free_address().unwrap());
    let mut agent = scene.agent("waiting", 0).unwrap();
    agent.run(&collector_at(agents)).unwrap();
    let form = scene.stations[0].paper([30, 20, 2, 1]).to_json();
    assert!(agent.submit(&form, &[]).unwrap().status.success());
    agent.failed(CONTEST).unwrap();
    scene.collector.start(Some((agents, web))).unwrap();
    agent.received(CONTEST).unwrap();
    assert_eq!(scene.votes().unwrap(), [30, 20, 2, 1]);
}
