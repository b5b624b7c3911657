//! T9: duplicates when the acknowledgement is lost. T11: the window of deduplication
//! was too short.

use std::net::SocketAddr;

use saksi_tests::collector::Collector;
use saksi_tests::device;
use saksi_tests::proxy::{Fault, Proxy};
use saksi_tests::scene::{FIRST_FORM, Scene};

use super::*;

/// Stations of the test.
const STATIONS: usize = 8;

/// Station *i* votes for candidate *i* in four, so that a form counted twice is seen.
fn votes(station: usize) -> [u32; 4] {
    let mut votes = [4; 4];
    votes[station % 4] += 10;
    votes
}

/// A proxy that loses the acknowledgement of every other connection: all of the
/// answer but its last bytes comes through. Behind the receipt comes a notice, of 50.
fn losing(scene: &Scene, answer: usize) -> Proxy {
    let faults =
        move |number| if number % 2 == 0 { Fault::CutDown(answer - 200) } else { Fault::Pass };
    Proxy::start(&scene.collector.address().unwrap(), faults).unwrap()
}

/// Bytes of a collector's answers in a session that brings one receipt.
fn bytes_of_an_answer(scene: &Scene) -> usize {
    let agent = agent_with_form(scene, "measured", STATIONS, [5, 5, 5, 5]);
    let proxy = Proxy::start(&scene.collector.address().unwrap(), |_| Fault::Pass).unwrap();
    deliver(&agent, &proxy);
    proxy.carried_down()
}

/// Everything is in the log once, and every number counts once.
fn each_form_once(scene: &Scene) {
    assert_eq!(scene.entries().unwrap(), FIRST_FORM + STATIONS as u64 + 1);
    let of = |candidate| -> u32 { (0..STATIONS).map(|station| votes(station)[candidate]).sum() };
    let wanted = [0, 1, 2, 3].map(|candidate| u64::from(of(candidate) + 5));
    assert_eq!(scene.votes().unwrap(), wanted);
    for station in 0..STATIONS {
        assert_eq!(forms(scene, station).len(), 1, "station {station}");
    }
}

#[test]
fn t9_half_of_all_acknowledgements_lost_and_both_sides_restarted_is_one_entry_each() {
    let mut scene = Scene::serving().unwrap();
    let answer = bytes_of_an_answer(&scene);
    let name = |station: usize| format!("lossy-{station}");
    let mut receipts = Vec::new();
    let proxy = losing(&scene, answer);
    for station in 0..STATIONS {
        let agent = agent_with_form(&scene, &name(station), station, votes(station));
        let delivered = deliver(&agent, &proxy);
        assert_eq!((delivered.received, delivered.failures, delivered.sessions), (1, 1, 2));
        receipts.push(agent.forms().unwrap().remove(0).receipt);
    }
    drop(proxy);
    each_form_once(&scene);

    let addresses = scene.collector.kill().unwrap();
    scene.collector.start(Some(addresses)).unwrap();
    let proxy = losing(&scene, answer);
    for (station, before) in receipts.iter().enumerate() {
        let agent = device::open(&scene.agent_dir(&name(station)), &scene.bundle(station).unwrap());
        let agent = agent.unwrap();
        assert_eq!(agent.resend(None).unwrap(), 1);
        let delivered = deliver(&agent, &proxy);
        assert_eq!((delivered.received, delivered.failures, delivered.sessions), (1, 1, 2));
        assert_eq!(agent.forms().unwrap().remove(0).receipt, *before, "the same receipt");
        all_proven(&scene, &agent);
    }
    each_form_once(&scene);
}

/// Ends a collector and gives its addresses.
type End = fn(&mut Collector) -> anyhow::Result<(SocketAddr, SocketAddr)>;

#[test]
fn t11_a_form_that_is_sent_again_after_restarts_gets_the_same_receipt() {
    let mut scene = Scene::serving().unwrap();
    let agent = agent_with_form(&scene, "again", 0, [30, 20, 2, 1]);
    device::deliver(&agent, &scene.collector.address().unwrap()).unwrap();
    let before = agent.forms().unwrap().remove(0);
    let receipt = before.receipt.expect("a receipt");
    let ends: [End; 4] = [Collector::kill, Collector::stop, Collector::kill, Collector::stop];
    for (station, end) in (1..).zip(ends) {
        // What others send in between, and a restart, do not change it.
        scene.deliver(station, [7, 6, 5, 4]).unwrap();
        let addresses = end(&mut scene.collector).unwrap();
        scene.collector.start(Some(addresses)).unwrap();
        // Nor does the newest commit of a collector that has just started.
        if station % 2 == 0 {
            scene.deliver(station + ends.len(), [4, 5, 6, 7]).unwrap();
        }
        assert_eq!(agent.resend(None).unwrap(), 1);
        let delivered = device::deliver(&agent, &scene.collector.address().unwrap()).unwrap();
        assert_eq!(delivered.received, 1);
        let again = agent.forms().unwrap().remove(0).receipt.expect("a receipt");
        let digest = before.sealed.digest();
        assert_eq!(again.to_tlog_proof(digest), receipt.to_tlog_proof(digest));
        let others = station + station / 2;
        assert_eq!(scene.entries().unwrap(), FIRST_FORM + 1 + others as u64);
    }
    assert_eq!(forms(&scene, 0).len(), 1);
}
