//! Totals as files: at one size, the pointer last, and what a fold of the log gives.

use std::collections::BTreeSet;
use std::sync::{Arc, RwLock};

use saksi_proto::digest::Digest;
use saksi_proto::entry::{Act, Entry};
use saksi_proto::ruling::Pause;
use serde_json::Value;

use super::disk::{Failure, MemoryDisk};
use super::{Centre, Disk as _, alone, log_key};
use crate::ledger::Ledger;
use crate::publisher::csv::totals_csv;
use crate::publisher::{Publisher, TOTALS, TOTALS_FILE};
use crate::sample;

struct Night {
    centre: Centre,
    ledger: Arc<RwLock<Ledger>>,
    disk: MemoryDisk,
    publisher: Publisher<MemoryDisk>,
}

impl Night {
    fn new() -> Self {
        let centre = Centre::with_entries("log", 4);
        let ledger = Arc::new(RwLock::new(sample::ledger()));
        ledger.write().unwrap().position.root = Some(Digest::of(b"root"));
        let disk = MemoryDisk::default();
        let publisher =
            Publisher::on(disk.clone(), &centre.home(), log_key(), Arc::clone(&ledger), alone());
        Self { centre, ledger, disk, publisher }
    }

    fn arrive(&self, station: &str, counts: [u32; 3]) {
        let form = sample::sealed(&sample::form(station, counts));
        sample::apply(&mut self.ledger.write().unwrap(), &sample::arrival(&form)).unwrap();
    }

    fn publish(&mut self) {
        let position = self.publisher.copy_totals().unwrap();
        self.publisher.publish_totals(&position, 77).unwrap();
    }

    /// The pointer's size, once everything that it names is what the ledger `at` has.
    fn check(disk: &MemoryDisk, at: &Ledger) -> u64 {
        let pointer: Value =
            serde_json::from_slice(&disk.read(TOTALS_FILE).unwrap().unwrap()).unwrap();
        assert_eq!((&pointer["format"], &pointer["origin"]), (&1.into(), &log_key().origin.into()));
        assert_eq!(pointer["root"], Digest::of(b"root").to_string());
        for (contest, file) in pointer["contests"].as_array().unwrap().iter().enumerate() {
            let bytes = disk.read(file["file"].as_str().unwrap()).unwrap().unwrap();
            assert_eq!(file["sha256"], Digest::of(&bytes).to_string());
            assert_eq!(file["contest"], at.election.contest(contest).code.to_string());
            assert_eq!(String::from_utf8(bytes), String::from_utf8(totals_csv(at, contest)));
        }
        pointer["size"].as_u64().unwrap()
    }
}

#[test]
fn totals_are_a_fold_of_the_log_at_their_size() {
    let mut night = Night::new();
    night.publish();
    assert_eq!(Night::check(&night.disk, &night.ledger.read().unwrap()), 4);
    for (station, counts) in
        [("1001", [3, 4, 7]), ("2001", [1, 1, 9]), ("1002", [5, 0, 5]), ("1001", [4, 3, 7])]
    {
        night.arrive(station, counts);
        night.publish();
        let ledger = night.ledger.read().unwrap();
        assert_eq!(Night::check(&night.disk, &ledger), ledger.position.size);
    }
    let files = night.disk.files(TOTALS).unwrap();
    let mut sizes: Vec<_> = files.iter().map(|path| path.split('/').nth(1).unwrap()).collect();
    sizes.dedup();
    assert_eq!(sizes, ["6", "7", "8"], "the newest three");
}

#[test]
fn totals_come_again_when_the_log_was_rewritten_under_a_running_publisher() {
    let mut night = Night::new();
    night.publisher.publish_log().unwrap();
    night.publish();
    night.disk.damage("checkpoint", Some(b"a letter"));
    night.centre.append(1);
    night.disk.fail_at(1, Failure::Undone);
    night.publisher.publish_log().unwrap_err();
    night.disk.work();
    night.publisher.publish_log().unwrap();
    assert_eq!(night.disk.read(TOTALS_FILE).unwrap(), None, "all of it was removed");
    night.publish();
    assert_eq!(Night::check(&night.disk, &night.ledger.read().unwrap()), 4);
}

#[test]
fn while_publication_is_paused_totals_are_not_renewed() {
    let mut night = Night::new();
    let pause = |night: &Night, paused| {
        let act = Act { by: "sri".to_owned(), reason: "moving".to_owned() };
        let entry = Entry::Pause(Pause { paused, at_ms: 5, act });
        sample::apply(&mut night.ledger.write().unwrap(), &entry).unwrap();
    };
    night.publish();
    let before = night.disk.read(TOTALS_FILE).unwrap();
    pause(&night, true);
    night.arrive("1001", [3, 4, 7]);
    night.publish();
    assert_eq!(night.disk.read(TOTALS_FILE).unwrap(), before);
    assert!(night.disk.files(TOTALS).unwrap().iter().all(|path| path.contains("/4/")));
    pause(&night, false);
    night.publish();
    assert_eq!(Night::check(&night.disk, &night.ledger.read().unwrap()), 7);
}

#[test]
fn totals_that_stop_at_any_step_are_those_of_before() {
    for at in 1.. {
        let mut night = Night::new();
        night.publish();
        let mut before = sample::ledger();
        before.position.root = Some(Digest::of(b"root"));
        night.arrive("1001", [3, 4, 7]);
        let position = night.publisher.copy_totals().unwrap();
        night.disk.fail_at(at, Failure::Undone);
        let published = night.publisher.publish_totals(&position, 78);
        let steps = night.disk.work();
        let after = night.ledger.read().unwrap();
        for left in [night.disk.after_kill(), night.disk.after_power_cut()] {
            let pointer = left.read(TOTALS_FILE).unwrap().unwrap();
            let is_new = String::from_utf8(pointer).unwrap().contains("\"size\":5");
            assert_eq!(
                Night::check(&left, if is_new { &after } else { &before }),
                4 + u64::from(is_new)
            );
        }
        if steps < at {
            return published.unwrap();
        }
        drop(after);
        night.publish();
        assert_eq!(Night::check(&night.disk, &night.ledger.read().unwrap()), 5);
    }
}

/// Sizes of which there are tables.
fn sizes(disk: &MemoryDisk) -> BTreeSet<u64> {
    let files = disk.files(TOTALS).unwrap();
    files.iter().map(|path| path.split('/').nth(1).unwrap().parse().unwrap()).collect()
}

#[test]
fn what_was_cut_off_takes_the_place_of_nothing_that_was_named() {
    let mut night = Night::new();
    night.publish();
    // Whoever wrote these was stopped before the pointer named them.
    for size in [5, 6, 7, 99] {
        night.disk.make_dirs(&format!("{TOTALS}/{size}")).unwrap();
        night.disk.write(&format!("{TOTALS}/{size}/mayor.csv"), b"half").unwrap();
    }
    for votes in 1..=4 {
        night.arrive("1001", [votes, 0, votes]);
    }
    for (size, left) in [(8, &[4, 8][..]), (9, &[4, 8, 9]), (10, &[8, 9, 10])] {
        night.publish();
        let ledger = night.ledger.read().unwrap();
        assert_eq!(Night::check(&night.disk, &ledger), size);
        assert_eq!(sizes(&night.disk), left.iter().copied().collect(), "at {size}");
        drop(ledger);
        night.arrive("1001", [9, u32::try_from(size).unwrap(), 9]);
    }
}
