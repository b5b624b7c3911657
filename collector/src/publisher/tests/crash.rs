//! Stopped at every step: what is published is a valid log, and the next start goes on.

use super::disk::{Failure, MemoryDisk};
use super::{Centre, Disk as _, ORIGIN, signer};
use crate::publisher::{CHECKPOINT, Publisher};
use saksi_proto::checkpoint::Checkpoint;

const FAILURES: [Failure; 2] = [Failure::Undone, Failure::Done];

/// Publishes `from` entries, and then up to `to`, stopped at every step in turn.
fn stopped_at_every_step(from: u64, to: u64) -> usize {
    let mut centre = Centre::with_entries("log", from);
    let before = published(&centre);
    centre.append(to - from);
    for at in 1.. {
        for failure in FAILURES {
            let disk = before.after_kill();
            let mut publisher = centre.publisher(&disk);
            disk.fail_at(at, failure);
            let published = publisher.publish_log();
            let steps = disk.work();
            if steps < at {
                assert_eq!(published.unwrap(), to);
                return steps;
            }
            assert!(published.is_err(), "step {at}");
            for left in [disk.after_kill(), disk.after_power_cut()] {
                let size = centre.check(&left).expect("a log is published");
                assert!(size == from || size == to, "step {at}: {size}");
                assert_eq!(centre.publisher(&left).publish_log().unwrap(), to, "step {at}");
                centre.check_tidy(&left);
                // Only what was removed can be there again.
                let cut = left.after_power_cut();
                assert_eq!(centre.check(&cut), Some(to), "step {at}");
                centre.publisher(&cut).publish_log().unwrap();
                centre.check_tidy(&cut);
            }
            // The same process goes on when its disk does.
            assert_eq!(publisher.publish_log().unwrap(), to, "step {at}");
            centre.check_tidy(&disk);
        }
    }
    unreachable!("a publication has an end")
}

#[test]
fn a_publication_that_stops_at_any_step_leaves_a_valid_log_that_the_next_completes() {
    for (from, to) in [(1, 2), (200, 255), (200, 256), (255, 257), (256, 513), (500, 1_030)] {
        let steps = stopped_at_every_step(from, to);
        assert!(steps >= 12, "{from} to {to} took {steps} steps only");
    }
}

#[test]
fn tiles_of_two_levels_fill_at_once() {
    let mut centre = Centre::with_entries("log", 65_500);
    let disk = MemoryDisk::default();
    let mut publisher = centre.publisher(&disk);
    publisher.publish_log().unwrap();
    for more in [35, 1, 1, 300] {
        centre.append(more);
        assert_eq!(publisher.publish_log().unwrap(), centre.tree.size());
        centre.check_tidy(&disk);
        assert_eq!(
            centre.publisher(&disk.after_power_cut()).publish_log().unwrap(),
            centre.tree.size()
        );
    }
}

#[test]
fn the_first_publication_can_stop_anywhere() {
    for at in 1.. {
        let centre = Centre::with_entries("log", 300);
        let disk = MemoryDisk::default();
        disk.fail_at(at, Failure::Undone);
        let published = centre.publisher(&disk).publish_log();
        if disk.work() < at {
            assert_eq!(published.unwrap(), 300);
            return;
        }
        for left in [disk.after_kill(), disk.after_power_cut()] {
            let size = centre.check(&left);
            assert!(size.is_none() || size == Some(300), "step {at}: {size:?}");
            assert_eq!(centre.publisher(&left).publish_log().unwrap(), 300);
            centre.check_tidy(&left);
        }
    }
}

/// A disk with a published log of so many entries.
fn published(centre: &Centre) -> MemoryDisk {
    let disk = MemoryDisk::default();
    centre.publisher(&disk).publish_log().unwrap();
    disk
}

/// Steps that a publisher takes to begin on this disk.
fn steps_to_begin(publisher: &mut Publisher<MemoryDisk>, disk: &MemoryDisk) -> usize {
    disk.fail_at(usize::MAX, Failure::Undone);
    publisher.publish_log().unwrap();
    disk.work()
}

#[test]
fn what_is_published_and_right_is_not_written_again() {
    let centre = Centre::with_entries("log", 2_000);
    let disk = published(&centre);
    let steps = steps_to_begin(&mut centre.publisher(&disk), &disk);
    assert!(steps < 10, "{steps} steps to write the checkpoint again");
}

#[test]
fn what_is_damaged_missing_or_of_another_log_is_written_again() {
    let centre = Centre::with_entries("log", 700);
    let foreign = |size: u64, seed| {
        let root = centre.tree.root_at(size);
        Checkpoint { origin: ORIGIN.to_owned(), size, root }.sign(&signer(seed)).into_bytes()
    };
    let cases: [(&str, Option<Vec<u8>>); 8] = [
        (CHECKPOINT, None),
        (CHECKPOINT, Some(b"a letter".to_vec())),
        (CHECKPOINT, Some(foreign(700, 2))),
        // Signed by the log, and never one of its checkpoints.
        (CHECKPOINT, Some(foreign(699, 1))),
        ("tile/0/002.p/188", Some(vec![7; 188 * 32])),
        ("tile/0/002.p/188", Some(vec![7; 5])),
        ("tile/1/000.p/2", None),
        ("tile/entries/000", None),
    ];
    for (path, bytes) in cases {
        let disk = published(&centre);
        disk.damage(path, bytes.as_deref());
        disk.damage("totals.json", Some(b"of before"));
        assert_eq!(centre.publisher(&disk).publish_log().unwrap(), 700, "{path}");
        centre.check_tidy(&disk);
        assert_eq!(disk.read("totals.json").unwrap(), None, "{path}: all of it is new");
    }
}

#[test]
fn a_log_that_was_restored_is_published_anew_and_never_contradicts_itself_meanwhile() {
    let long = Centre::with_entries("the log that was", 600);
    for entries in [300, 600, 900] {
        let restored = Centre::with_entries("the log that is", entries);
        for at in 1.. {
            let disk = published(&long);
            disk.fail_at(at, Failure::Undone);
            let done = restored.publisher(&disk).publish_log();
            if disk.work() < at {
                assert_eq!(done.unwrap(), entries);
                restored.check_tidy(&disk);
                break;
            }
            for left in [disk.after_kill(), disk.after_power_cut()] {
                // The old log whole, nothing, or the new log whole.
                let note = left.read(CHECKPOINT).unwrap();
                match note.map(|note| long.is_of(&note)) {
                    Some(true) => assert_eq!(long.check(&left), Some(600), "step {at}"),
                    Some(false) => assert_eq!(restored.check(&left), Some(entries)),
                    None => {}
                }
                assert_eq!(restored.publisher(&left).publish_log().unwrap(), entries);
                restored.check_tidy(&left);
            }
        }
    }
}

impl Centre {
    /// Whether a checkpoint is one of this log.
    fn is_of(&self, note: &[u8]) -> bool {
        let checkpoint = super::log_key().open(str::from_utf8(note).unwrap()).unwrap();
        checkpoint.size <= self.tree.size() && checkpoint.root == self.tree.root_at(checkpoint.size)
    }
}
