//! Files that were changed, cut or taken away, each found and named.

use std::fs;
use std::path::Path;

use saksi_proto::digest::Digest;

use crate::audit::Given;
use crate::audit::fault::{Lie, LieKind};
use crate::audit::sample::{PublicLog, audited, files, lie, night};
use crate::audit::source::PublicFiles;
use crate::audit::totals::TotalsList;
use crate::pack;
use crate::sample::election;

/// Files of up to so many bytes are changed at every byte, larger ones at a third as many.
const SMALL: usize = 400;

/// The same numbers on every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> usize {
        // Knuth's multiplier (The Art of Computer Programming, 2, 3.3.4).
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(self.0 >> 33).unwrap()
    }
}

/// Which bytes of a file are changed.
fn places(length: usize, small: usize, numbers: &mut Numbers) -> Vec<usize> {
    if length <= small {
        return (0..length).collect();
    }
    let some = (0..small / 3).map(|_| numbers.next() % length);
    [0, length - 1].into_iter().chain(some).collect()
}

/// Whether a change of a file changes nothing that it says: another comment in the
/// definition, another time at which the publisher says it wrote the totals.
fn says_the_same(dir: &Path, name: &str, right: &TotalsList) -> bool {
    if name.starts_with("election/") {
        let read = pack::read(&dir.join("election"));
        return read.is_ok_and(|read| read.digest() == election().definition.digest());
    }
    let listed = |totals: &mut TotalsList| {
        totals.at_ms = right.at_ms;
        totals == right
    };
    name == "totals.json" && list(dir).as_mut().is_some_and(listed)
}

fn list(dir: &Path) -> Option<TotalsList> {
    TotalsList::read(&PublicFiles::of_directory(dir)).ok().flatten()
}

/// Entry of a bundle that has a byte.
fn entry_at(bundle: &[u8], place: usize) -> u64 {
    let (mut begin, mut entry) = (0, 0);
    loop {
        let length = u16::from_be_bytes([bundle[begin], bundle[begin + 1]]);
        begin += 2 + usize::from(length);
        if place < begin {
            return entry;
        }
        entry += 1;
    }
}

/// Region and column of a byte of a table.
fn cell_at(table: &[u8], place: usize) -> (Option<String>, String) {
    let text = std::str::from_utf8(table).unwrap();
    let line = text[..place].matches('\n').count();
    let begin = text[..place].rfind('\n').map_or(0, |at| at + 1);
    let column = text[begin..place].matches(',').count();
    let row = text.lines().nth(line).unwrap();
    let code = (line > 0).then(|| row.split(',').next().unwrap().to_owned());
    (code, text.lines().next().unwrap().split(',').nth(column).unwrap().to_owned())
}

fn check_named(name: &str, bytes: &[u8], place: usize, changed: u8, lie: &Lie) {
    let what = format!("byte {place} of {name} is {changed:#x}: {lie}");
    if name.starts_with("election/") {
        // A region that is not there any more is missed where it is named.
        assert!(lie.file.starts_with("election/"), "{what}");
        return;
    }
    assert_eq!(lie.file, name, "{what}");
    if name.starts_with("tile/entries/") {
        assert_eq!(lie.entry.map(|entry| entry % 256), Some(entry_at(bytes, place)), "{what}");
    }
    let between = [b',', b'\n'];
    if name.ends_with(".csv") && !between.contains(&bytes[place]) && !between.contains(&changed) {
        let (region, column) = cell_at(bytes, place);
        assert_eq!((lie.region.clone(), lie.column.clone()), (region, Some(column)), "{what}");
    }
}

fn every_change_is_found(log: &PublicLog, small: usize, least: usize) {
    let (dir, mut numbers, mut found) = (log.write(), Numbers(20_261_122), 0);
    let right = list(dir.path()).unwrap();
    for name in files(dir.path()) {
        let path = dir.path().join(&name);
        let bytes = fs::read(&path).unwrap();
        for place in places(bytes.len(), small, &mut numbers) {
            let mut changed = bytes.clone();
            changed[place] ^= u8::try_from(1 + numbers.next() % 255).unwrap();
            fs::write(&path, &changed).unwrap();
            if !says_the_same(dir.path(), &name, &right) {
                check_named(
                    &name,
                    &bytes,
                    place,
                    changed[place],
                    &lie(dir.path(), &Given::default()),
                );
                found += 1;
            }
        }
        fs::write(&path, &bytes).unwrap();
    }
    assert!(found >= least, "{found} changes are too few");
    audited(dir.path(), &Given::default()).1.unwrap();
}

#[test]
fn every_changed_byte_of_every_file_is_found_and_named() {
    every_change_is_found(&PublicLog::of(&night()), SMALL, 1_200);
}

#[test]
fn a_changed_byte_of_a_log_of_many_tiles_is_found_and_named() {
    every_change_is_found(&PublicLog::long(600), SMALL / 4, 400);
}

#[test]
fn a_file_that_is_gone_or_cut_is_found_and_named() {
    let dir = PublicLog::long(300).write();
    let right = list(dir.path()).unwrap();
    for name in files(dir.path()) {
        let path = dir.path().join(&name);
        let bytes = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        // Whoever has published no totals has not lied about them.
        if name != "totals.json" {
            let lie = lie(dir.path(), &Given::default());
            assert_eq!((lie.kind, &lie.file), (LieKind::Missing, &name), "{lie}");
        }
        for length in [0, 1, bytes.len() / 2, bytes.len() - 1] {
            fs::write(&path, &bytes[..length]).unwrap();
            if says_the_same(dir.path(), &name, &right) {
                continue;
            }
            // Without its last line end a key is the same key, and a note as signed as before.
            if ["log.vkey", "checkpoint"].contains(&name.as_str()) && length == bytes.len() - 1 {
                continue;
            }
            let lie = lie(dir.path(), &Given::default());
            let is_named = lie.file == name || lie.file.starts_with("election/");
            assert!(is_named, "{name} cut to {length}: {lie}");
        }
        fs::write(&path, &bytes).unwrap();
    }
    audited(dir.path(), &Given::default()).1.unwrap();
}

#[test]
fn a_file_that_is_too_long_is_not_read_to_its_end() {
    let dir = PublicLog::of(&night()).write();
    for (name, length) in [("checkpoint", 3_000), ("log.vkey", 2_000), ("totals.json", 5 << 20)] {
        let path = dir.path().join(name);
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, vec![b' '; length]).unwrap();
        let lie = lie(dir.path(), &Given::default());
        assert_eq!((lie.kind, lie.file.as_str()), (LieKind::Oversize, name), "{lie}");
        fs::write(&path, &bytes).unwrap();
    }
}

/// What stands in bundles and is not what the tree has.
#[test]
fn entries_that_are_taken_out_swapped_or_added_are_named() {
    let log = PublicLog::of(&night());
    let mut dropped = log.entries.clone();
    dropped.remove(5);
    let mut swapped = log.entries.clone();
    swapped.swap(6, 8);
    let mut added = log.entries.clone();
    added.push(log.entries[5].clone());
    let mut twice = log.entries.clone();
    twice[9] = log.entries[5].clone();
    for (entries, entry) in [(dropped, 5), (swapped, 6), (added, 12), (twice, 9)] {
        let dir = log.write();
        let mut bundle = Vec::new();
        entries.iter().for_each(|entry| saksi_proto::tile::push_entry(&mut bundle, entry));
        fs::write(dir.path().join("tile/entries/000.p/12"), bundle).unwrap();
        let lie = lie(dir.path(), &Given::default());
        let found = (lie.kind, lie.file.as_str(), lie.entry);
        assert_eq!(found, (LieKind::Entry, "tile/entries/000.p/12", Some(entry)), "{lie}");
    }
}

/// The tile is made to fit a changed entry, and so are those above it.
#[test]
fn a_change_that_is_carried_up_ends_at_the_signature() {
    let (log, mut other) = (PublicLog::long(600), PublicLog::long(600));
    other.entries[300] = other.entries[5].clone();
    let (dir, lying) = (log.write(), other.write());
    for name in files(lying.path()).iter().filter(|name| name.starts_with("tile/")) {
        fs::copy(lying.path().join(name), dir.path().join(name)).unwrap();
    }
    let lie = lie(dir.path(), &Given::default());
    assert_eq!((lie.kind, lie.file.as_str()), (LieKind::Checkpoint, "checkpoint"), "{lie}");
    assert!(lie.words.contains(&Digest(other.tree().root().0).to_string()), "{lie}");
}

/// A publisher may drop a partial tile once the full one is there.
#[test]
fn the_full_tile_stands_for_a_partial_one_that_is_gone() {
    let (log, longer) = (PublicLog::long(300), PublicLog::long(600));
    assert_eq!(log.entries[..], longer.entries[..300]);
    let (dir, grown) = (log.write(), longer.write());
    for partial in ["tile/entries/001.p/44", "tile/0/001.p/44"] {
        fs::remove_file(dir.path().join(partial)).unwrap();
        let full = partial.strip_suffix(".p/44").unwrap();
        fs::copy(grown.path().join(full), dir.path().join(full)).unwrap();
    }
    audited(dir.path(), &Given::default()).1.unwrap();
    let full = dir.path().join("tile/entries/001");
    let mut bundle = fs::read(&full).unwrap();
    bundle[100] ^= 1;
    fs::write(&full, bundle).unwrap();
    let lie = lie(dir.path(), &Given::default());
    assert_eq!((lie.kind, lie.entry), (LieKind::Entry, Some(256)), "{lie}");
}
