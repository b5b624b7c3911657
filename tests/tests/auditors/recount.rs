//! A recount in another language, of one file and without a package, that was written from
//! `deploy/LOG.md` alone: if that page is not enough, or not true, this fails.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use saksi_tests::binaries::repository;
use saksi_tests::collector::succeed;
use saksi_tests::{poll, python};
use serde_json::Value;

use crate::published::Published;
use crate::tampered::{each_flip_is_found, flips};

fn recount(dir: &Path, key: &str) -> Output {
    let script = repository().join("tests/tests/auditors/recount.py");
    Command::new("python3").arg(script).arg(dir).arg(key).output().unwrap()
}

fn text(output: &[u8]) -> String {
    String::from_utf8_lossy(output).into_owned()
}

/// Waits until totals over all entries are published, and says of how many.
fn totals_over(dir: &Path, entries: u64) {
    let at_least = || {
        let pointer = fs::read(dir.join("totals.json"));
        let size = pointer.ok().and_then(|json| serde_json::from_slice::<Value>(&json).ok());
        let size = size.and_then(|json| json["size"].as_u64());
        Ok(size.filter(|size| *size >= entries).map(drop))
    };
    poll::until("totals over all entries", at_least).unwrap();
}

/// The digest of the first form of a station that waits for a ruling.
fn first_form(home: &str, station: &str) -> String {
    let shown = succeed(&["ruling", "show", home, station]).unwrap();
    let words = shown.split_whitespace();
    let digest =
        |word: &&str| word.len() == 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    words.into_iter().find(digest).unwrap().to_owned()
}

#[test]
fn another_program_comes_to_the_same_totals_and_finds_every_flipped_bit() {
    if !python::reads_toml() {
        return;
    }
    let published = Published::new();
    let home = published.scene.collector.dir().to_str().unwrap();
    let codes = published.scene.stations.iter().map(|station| station.code.as_str());
    let [first, second, third, ..] = codes.collect::<Vec<_>>()[..] else { panic!("stations") };
    let form = first_form(home, first);
    for act in [
        vec!["ruling", "accept", home, first, "--form", &form, "--reason", "as the paper says"],
        vec!["ruling", "reject", home, second, "--reason", "nobody can read it"],
        vec!["amend", "registered", home, third, "777", "--reason", "late transfers"],
        vec!["question", "ask", home, first, "--text", "is it so?", "--reason", "the photo"],
        vec!["device", "revoke", home, third, "--reason", "stolen"],
        vec!["publication", "pause", home, "--reason", "a doubt"],
        vec!["publication", "resume", home, "--reason", "settled"],
    ] {
        succeed(&act).unwrap();
    }
    let entries = published.size + 7;
    totals_over(&published.dir, entries);
    let recounted = recount(&published.dir, &published.key);
    let said = text(&recounted.stdout);
    assert!(recounted.status.success(), "{}", text(&recounted.stderr));
    assert!(said.contains(&format!("entries {entries}, forms")), "{said}");
    each_flip_is_found(&flips(&published.dir, entries), || recount(&published.dir, &published.key));
}

#[test]
fn another_program_finds_a_changed_total_whose_hash_was_changed_with_it() {
    if !python::reads_toml() {
        return;
    }
    let published = Published::new();
    totals_over(&published.dir, published.size);
    let pointer = published.dir.join("totals.json");
    let mut json: Value = serde_json::from_slice(&fs::read(&pointer).unwrap()).unwrap();
    let file = published.dir.join(json["contests"][0]["file"].as_str().unwrap());
    let mut table = fs::read_to_string(&file).unwrap();
    table = table.replacen("\n0,country,12,", "\n0,country,13,", 1);
    fs::write(&file, &table).unwrap();
    let sha256 = saksi_proto::digest::Digest::of(table.as_bytes());
    json["contests"][0]["sha256"] = sha256.to_string().into();
    fs::write(&pointer, serde_json::to_vec(&json).unwrap()).unwrap();
    let recounted = recount(&published.dir, &published.key);
    let said = text(&recounted.stderr);
    assert_eq!(recounted.status.code(), Some(1), "{said}");
    assert!(said.contains("expected") && said.contains("13"), "{said}");
}
