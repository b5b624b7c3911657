//! Killed and started again while somebody follows the log: it only ever grows.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use saksi_collector::publisher::Tiles;
use saksi_collector::publisher::disk::Files;
use saksi_proto::merkle::is_consistent;
use saksi_tests::scene::{FIRST_FORM, Scene};

use crate::source::{Log, Source};

/// Reads the log again and again until it is told to stop; each must be right, and begin
/// with the one before.
fn follow(scene: &Scene, stop: &AtomicBool) {
    let (directory, key) = (Source::directory(scene), scene.log_key().unwrap());
    let mut last: Option<Log> = None;
    while !stop.load(Ordering::Relaxed) {
        let Some(log) = directory.read(&key).unwrap() else {
            assert!(last.is_none(), "the log has vanished");
            continue;
        };
        if let Some(last) = &last {
            assert_eq!(log.entries[..last.entries.len()], last.entries, "another log");
        }
        last = Some(log);
    }
}

#[test]
fn a_reader_sees_only_valid_logs_while_the_collector_is_killed_and_started_again() {
    let mut scene = Scene::serving().unwrap();
    let (directory, key) = (Source::directory(&scene), scene.log_key().unwrap());
    directory.wait_for(&key, FIRST_FORM);
    for round in 0..4 {
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            let following = scope.spawn(|| follow(&scene, &stop));
            for station in 0..3 {
                scene.deliver(3 * round + station, [30, 20, 2, 1]).unwrap();
            }
            stop.store(true, Ordering::Relaxed);
            following.join().unwrap();
        });
        // At once: what was delivered last may be published or not.
        let addresses = scene.collector.kill().unwrap();
        let left = directory.read(&key).unwrap().unwrap();
        scene.collector.start(Some(addresses)).unwrap();
        let delivered = FIRST_FORM + 3 * (round as u64 + 1);
        let log = directory.wait_for(&key, delivered);
        assert_eq!((log.size, &log.entries[..left.entries.len()]), (delivered, &left.entries[..]));
        // As a witness checks it.
        let tiles = Tiles::on(Files::below(scene.collector.dir().join("public")));
        let proof = tiles.consistency(left.size, log.size).unwrap();
        assert!(is_consistent((left.size, &left.root), (log.size, &log.root), &proof));
    }
}
