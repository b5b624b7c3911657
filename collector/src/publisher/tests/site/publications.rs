//! Publications: one after the other, stopped at every step, and after the log.

use super::*;

#[test]
fn every_publication_is_a_fold_of_the_log() {
    let mut night = Night::new();
    assert_eq!(night.publish(), Outcome::Published(4));
    night.check_pages(&night.disk);
    happenings(&mut night, |night| {
        let size = night.entries.len() as u64;
        assert_eq!(night.publish(), Outcome::Published(size));
        assert_eq!(night.check(&night.disk), Some(size));
        night.check_pages(&night.disk);
        // Another process comes to the same, and finds nothing to write.
        let mut other = night.site_on(&night.disk);
        assert_eq!(other.publish(79, 90).unwrap(), Outcome::Published(size));
        assert_eq!(night.check(&night.disk), Some(size));
    });
    let are_few = |night: &Night| {
        let data = night.disk.files("site/data").unwrap();
        assert!(data.len() <= 3 * 4, "numbers that nothing names stay: {data:?}");
    };
    are_few(&night);
    assert_eq!(night.disk.files("site/versions").unwrap().len(), 10, "each has its note");
}

#[test]
fn numbers_stay_for_three_publications_also_after_another_start() {
    let mut night = Night::new();
    let (mut files, mut site) = (Vec::new(), night.site_on(&night.disk));
    for votes in 1..12 {
        if votes % 4 == 0 {
            // What lies there from before is not known to be needed, and goes all the same.
            site = night.site_on(&night.disk);
        }
        night.form("2001", [votes, 0, votes]);
        site.publish(77, 88).unwrap();
        let current = json(&night.disk.read("site/current.json").unwrap().unwrap());
        files.push(format!("site/{}.gz", text(&current["numbers"])));
        for file in files.iter().rev().take(3) {
            assert!(night.disk.has(file).unwrap(), "{votes}: {file}");
        }
        let there = files.iter().filter(|file| night.disk.has(file).unwrap()).count();
        assert!(there <= 8, "{there} after {votes}");
    }
}

#[test]
fn what_comes_while_it_is_written_is_in_the_next() {
    for at in (1..).step_by(4) {
        let mut night = Night::new();
        night.form("1001", [3, 4, 7]);
        night.form("1002", [1, 1, 9]);
        let late = sample::arrival(&sample::sealed(&sample::form("1002", [2, 2, 4])));
        let (ledger, entry) = (Arc::clone(&night.ledger), late.clone());
        let root = night.centre.tree.root();
        night.disk.before_step(at, move || {
            let mut ledger = ledger.write().unwrap();
            sample::apply(&mut ledger, &entry).unwrap();
            ledger.position.root = Some(root);
        });
        assert_eq!(night.publish(), Outcome::Published(6), "step {at}");
        if night.disk.work() < at {
            assert!(at > 40, "{at} steps");
            break;
        }
        assert_eq!(night.check(&night.disk), Some(6), "step {at}");
        let page = unpacked(&night.disk, "en/station/1002.html");
        assert!(page.contains("6 entries") && !page.contains("Disputed"), "step {at}: {page}");
        night.centre.commit(vec![late.encode()]);
        night.ledger.write().unwrap().position.root = Some(night.centre.tree.root());
        night.entries.push(late);
        night.publish_log(&night.disk);
        assert_eq!(night.publish(), Outcome::Published(7), "step {at}");
        assert_eq!(night.check(&night.disk), Some(7), "step {at}");
        night.check_pages(&night.disk);
    }
}

#[test]
fn what_came_from_a_device_that_was_revoked_is_among_the_numbers_and_on_the_page() {
    let mut night = Night::new();
    night.form("1001", [3, 4, 7]);
    let key = sample::key("1001").verifying_key().to_bytes();
    let station = "1001".parse().unwrap();
    night.add(Entry::Revocation(Revocation { station, key, at_ms: 5, act: act() }));
    night.publish();
    let Entry::Form(arrival) = sample::arrival(&sample::sealed(&sample::form("1001", [9, 9, 18])))
    else {
        panic!("a form")
    };
    let digest = SealedForm::from_bytes(arrival.sealed.clone()).unwrap().digest().to_string();
    night.add(Entry::Evidence(Evidence { key, arrival }));
    night.publish();
    assert_eq!(night.check(&night.disk), Some(7));
    let numbers = json(unpacked(&night.disk, "numbers/1.json").as_bytes());
    assert_eq!(numbers["stations"][0]["evidence"][0]["digest"], digest);
    let page = unpacked(&night.disk, "en/station/1001.html");
    assert!(page.contains(&digest), "{page}");
}

#[test]
fn what_stops_at_any_step_leaves_what_was_published_and_the_next_goes_on() {
    for failure in [Failure::Undone, Failure::Done] {
        for at in 1.. {
            let mut night = Night::new();
            night.form("1001", [3, 4, 7]);
            night.publish();
            night.form("1001", [4, 3, 7]);
            night.form("1002", [1, 1, 2]);
            night.disk.fail_at(at, failure);
            let published = night.site.publish(78, 89);
            let steps = night.disk.work();
            if steps < at {
                assert_eq!(published.unwrap(), Outcome::Published(7));
                assert!(steps > 40, "{steps} steps");
                break;
            }
            // The same process goes on when its disk does; what fails is gone on with by another.
            let left = match failure {
                Failure::Undone => night.disk.after_power_cut(),
                Failure::Done => night.disk.after_kill(),
            };
            assert_eq!(night.publish(), Outcome::Published(7), "step {at}");
            let size = night.check(&left);
            assert!(matches!(size, Some(5 | 7)), "step {at}: {size:?}");
            assert_eq!(night.site_on(&left).publish(79, 90).unwrap(), Outcome::Published(7));
            for disk in [&night.disk, &left.after_power_cut()] {
                assert_eq!(night.check(disk), Some(7), "step {at}");
                night.check_pages(disk);
            }
        }
    }
}

#[test]
fn the_log_comes_first() {
    let mut night = Night::new();
    night.publish();
    let before = night.disk.read(super::super::CHECKPOINT).unwrap().unwrap();
    night.form("1001", [3, 4, 7]);
    night.disk.write(super::super::CHECKPOINT, &before).unwrap();
    assert_eq!(night.publish(), Outcome::Early);
    assert_eq!(night.check(&night.disk), Some(4));
    night.publish_log(&night.disk);
    assert_eq!(night.publish(), Outcome::Published(5));
    assert_eq!(night.check(&night.disk), Some(5));
}

/// The tables of all stations that the pointer names, and their names.
fn tables(disk: &MemoryDisk) -> Vec<(String, String)> {
    let pointer = json(&disk.read("site/stations.json").unwrap().unwrap());
    let files = pointer["contests"].as_array().unwrap().iter();
    let files = files.flat_map(|of| [text(&of["file"]), text(&of["json"])].map(str::to_owned));
    files.map(|file| (unpacked(disk, &file), file)).collect()
}

/// A publication by a second process, which is stopped at this step; how many there were.
fn second(at: usize) -> (Night, usize) {
    let mut night = Night::new();
    night.form("1001", [3, 4, 7]);
    night.publish();
    night.form("1002", [1, 1, 2]);
    // Its first publication has tables of all stations.
    let mut second = night.site_on(&night.disk);
    night.disk.fail_at(at, Failure::Done);
    let published = second.publish(1_000, 1_010);
    let steps = night.disk.work();
    assert_eq!(published.is_err(), steps >= at);
    (night, steps)
}

#[test]
fn what_was_named_or_signed_once_stays_as_it_was_whatever_stops_the_next() {
    let (mut cut_off, mut unnamed) = (0, 0);
    // From the end back to the moment at which it is signed.
    for at in (1..=second(usize::MAX).1).rev() {
        let (mut night, _) = second(at);
        let (left, note) = (night.disk.after_kill(), "site/versions/6");
        let Some(signed) = left.read(note).unwrap() else { break };
        let named = tables(&left);
        let current = json(&left.read("site/current.json").unwrap().unwrap());
        unnamed += usize::from(current["size"] == 5);
        cut_off += usize::from(left.files("site/stations").unwrap().len() > named.len());
        // What was signed is named now: there are no two notes of a size.
        let same = left.after_kill();
        let next = night.site_on(&same).publish(2_000, 2_010);
        assert_eq!(next.unwrap(), Outcome::Published(6), "step {at}");
        assert_eq!(night.check(&same), Some(6), "step {at}");
        assert!(same.read(note).unwrap() == Some(signed), "step {at}");
        // The log goes on: tables of 6 were never named, and those of 5 may be being read.
        night.form("2001", [5, 0, 5]);
        night.publish_log(&left);
        let next = night.site_on(&left).publish(3_000, 3_010);
        assert_eq!(next.unwrap(), Outcome::Published(7), "step {at}");
        for (table, file) in &named {
            assert_eq!(unpacked(&left, file), *table, "step {at}");
        }
        let files = left.files("site/stations").unwrap().len();
        assert_eq!(files, 2 * named.len(), "step {at}: nothing else stays");
    }
    assert!(unnamed > 0 && cut_off > 3, "{unnamed} notes, {cut_off} tables");
}

#[test]
fn a_note_that_the_log_has_not_signed_is_signed_anew() {
    let mut night = Night::new();
    night.form("1001", [3, 4, 7]);
    night.publish();
    let signed = night.disk.read("site/versions/5").unwrap().unwrap();
    let body = String::from_utf8(signed.clone()).unwrap();
    let body = body.split_once("\n\n").unwrap().0;
    let other = saksi_proto::note::format_signature(&log_key().origin, log_key().id(), &[7; 64]);
    // It is there, and nothing names it.
    night.disk.damage("site/versions/5", Some(format!("{body}\n\n{other}").as_bytes()));
    night.disk.damage("site/current.json", None);
    let mut site = night.site_on(&night.disk);
    assert_eq!(site.publish(77, 88).unwrap(), Outcome::Published(5));
    assert!(night.disk.read("site/versions/5").unwrap() == Some(signed));
}

#[test]
fn what_is_asked_is_on_the_page_with_the_next_publication() {
    let mut night = Night::new();
    night.form("1001", [3, 4, 7]);
    night.publish();
    night.ask("1001");
    assert_eq!(night.publish(), Outcome::Published(6));
    let page = unpacked(&night.disk, "en/station/1001.html");
    assert!(page.contains("where is it?"), "{page}");
}
