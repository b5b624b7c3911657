//! A centre that stands up again from its backup.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use saksi_tests::clerk::{self, Clerk, PASSWORD};
use saksi_tests::collector;
use saksi_tests::poll;
use saksi_tests::scene::Scene;

/// Stations that send while the backup is made, and the first that sends after it.
const SENDING: usize = 9;

#[test]
fn a_centre_stands_up_from_a_backup_that_was_made_while_forms_came() {
    let mut scene = Scene::new().unwrap();
    clerk::open_desk(&scene.collector).unwrap();
    clerk::account(&scene.collector, "sri", "admin", None).unwrap();
    clerk::account(&scene.collector, "budi", "operator", None).unwrap();
    scene.collector.start(None).unwrap();
    let mut sri = Clerk::signed_in(&scene.collector, "sri").unwrap();
    scene.deliver(0, [30, 20, 2, 1]).unwrap();
    let home = scene.collector.dir().to_str().unwrap().to_owned();
    let (to, moved) = (scene.dir().join("backup"), scene.dir().join("centre"));
    let sent = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let sending = scope.spawn(|| {
            for station in 1..SENDING {
                scene.deliver(station, [30, 20, 2, 1]).unwrap();
                sent.fetch_add(1, Ordering::Relaxed);
            }
        });
        poll::until("forms under way", || Ok((sent.load(Ordering::Relaxed) > 0).then_some(())))
            .unwrap();
        let backup = ["journal", "backup", &home, to.to_str().unwrap(), "--centre"];
        let said = collector::succeed(&backup).unwrap();
        assert!(said.contains("photos: ") && said.contains("private keys"), "{said}");
        sending.join().unwrap();
    });
    let again = collector::command(&["journal", "backup", &home, to.to_str().unwrap(), "--centre"]);
    assert!(!again.unwrap().status.success(), "a backup is never written over");
    let whole = scene.entries().unwrap();
    let addresses = scene.collector.kill().unwrap();

    copy(&to, &moved);
    collector::succeed(&["journal", "verify", moved.to_str().unwrap()]).unwrap();
    scene.collector.moved_to(&moved);
    scene.collector.start(Some(addresses)).unwrap();
    let entries = scene.entries().unwrap();
    assert!((15..=whole).contains(&entries), "{entries} of {whole}");
    sri.base = scene.collector.staff().unwrap().to_owned();
    assert_eq!(sri.get("/").unwrap().status, 303, "sessions are not in it");
    assert_eq!(sri.sign_in("sri", PASSWORD).unwrap().status, 303);
    Clerk::signed_in(&scene.collector, "budi").unwrap();
    let activity = sri.html("/activity").unwrap();
    assert!(activity.contains("account-add"), "what was done before is known: {activity}");
    // A device that was there before, and one that comes for the first time.
    scene.deliver(SENDING, [30, 20, 2, 1]).unwrap();
    let own = scene.agent_dir(&scene.stations[0].code);
    let agent = saksi_tests::device::open(&own, &scene.bundle(0).unwrap()).unwrap();
    let address = scene.collector.address().unwrap();
    let delivered = saksi_tests::device::deliver(&agent, &address).unwrap();
    assert_eq!(delivered.received, 0, "it has its receipt, and takes the log for its own");
    assert_eq!(scene.entries().unwrap(), entries + 1);
}

/// As a person copies a directory.
fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").args([from, to]).status().unwrap();
    assert!(copied.success());
}
