//! Who gets a place when there are fewer than who want one: sessions of one device, and
//! connections in all.

use std::thread;

use saksi_proto::message::{ToAgent, ToCollector};
use saksi_proto::refusal::Farewell;
use saksi_tests::attacks::{BAD, HONEST};
use saksi_tests::poll;
use saksi_tests::scene::Scene;
use saksi_tests::wire::Wire;

/// A collector with this bound, and its metrics.
fn bounded(key: &str, bound: u64) -> Scene {
    let mut scene = Scene::new().unwrap();
    scene.collector.configure("metrics", "\"127.0.0.1:0\"").unwrap();
    scene.collector.configure(key, &bound.to_string()).unwrap();
    scene.collector.start(None).unwrap();
    scene
}

fn begin(scene: &Scene, station: usize) -> Wire {
    Wire::begin(&scene.collector.address().unwrap(), &scene.bundle(station).unwrap()).unwrap()
}

fn is_there(wire: &mut Wire) {
    assert_eq!(wire.ask(&ToCollector::Ping).unwrap(), Some(ToAgent::Pong));
}

#[test]
fn a_session_more_of_a_device_ends_its_oldest_and_nobody_elses() {
    let scene = bounded("device_connections", 2);
    let mut other = begin(&scene, HONEST);
    let [mut first, mut second] = [begin(&scene, BAD), begin(&scene, BAD)];
    is_there(&mut first);
    let mut third = begin(&scene, BAD);
    assert_eq!(first.answer().unwrap(), Some(ToAgent::Farewell(Farewell::Crowded)));
    assert_eq!(first.answer().unwrap(), None, "it hangs up");
    [&mut second, &mut third, &mut other].into_iter().for_each(is_there);
    assert_eq!(scene.collector.metric("saksi_sessions_displaced_total").unwrap(), 1);
    assert_eq!(scene.collector.metric("saksi_devices").unwrap(), 2);
}

#[test]
fn when_the_house_is_full_the_next_waits_and_comes_in_when_one_leaves() {
    let scene = bounded("connections", 3);
    let mut sessions = [begin(&scene, BAD), begin(&scene, BAD), begin(&scene, BAD)];
    thread::scope(|scope| {
        let waiting = scope.spawn(|| begin(&scene, HONEST));
        sessions.iter_mut().for_each(is_there);
        assert_eq!(scene.collector.metric("saksi_connections").unwrap(), 3);
        assert!(!waiting.is_finished());
        let [first, ..] = sessions;
        drop(first);
        is_there(&mut waiting.join().unwrap());
    });
    let left = || Ok((scene.collector.metric("saksi_connections")? == 0).then_some(()));
    poll::until("all to have left", left).unwrap();
}
