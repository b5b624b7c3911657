//! `--at`: an older checkpoint gives the older numbers, and a false one none.

use std::fs;
use std::path::PathBuf;

use saksi_proto::SigningKey;
use saksi_proto::checkpoint::Checkpoint;
use saksi_proto::digest::Digest;

use crate::night::Night;

/// A table of the whole, and its first row.
fn table(night: &Night, at: &str) -> String {
    fs::read_to_string(night.export("csv", &["--at", at])).unwrap()
}

/// A column of the first row, which is of the whole.
fn cell(table: &str, column: &str) -> String {
    let mut csv = csv::Reader::from_reader(table.as_bytes());
    let at = csv.headers().unwrap().iter().position(|name| name == column).unwrap();
    csv.records().next().unwrap().unwrap()[at].to_owned()
}

/// The exit code and the words of an export at a checkpoint.
fn refused(night: &Night, at: &str) -> (Option<i32>, String) {
    let output = night.try_export(&["--format", "csv", "--at", at]);
    assert!(output.stdout.is_empty(), "nothing is written");
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

fn written(night: &Night, name: &str, note: &str) -> PathBuf {
    let path = night.dir().join(name);
    fs::write(&path, note).unwrap();
    path
}

#[test]
fn an_older_checkpoint_gives_the_older_numbers() {
    let night = Night::of("kenya-form-34a", "rehearsal");
    let early = table(&night, night.early.to_str().unwrap());
    let (_, counts) = &night.stations[&(0, 0)];
    let first = counts.as_ref().unwrap()[0].number().unwrap();
    for (column, wanted) in [
        ("counted", "1".to_owned()),
        ("missing", "11".to_owned()),
        ("size", night.early_size.to_string()),
        ("A.1", first.to_string()),
    ] {
        assert_eq!(cell(&early, column), wanted, "{column}");
    }
    let note = fs::read_to_string(&night.early).unwrap();
    assert_eq!(cell(&early, "root"), night.key().open(&note).unwrap().root.to_string());
    assert_eq!(table(&night, &night.early_size.to_string()), early, "by its size");

    let newest = night.checkpoint();
    let now = fs::read_to_string(night.export("csv", &[])).unwrap();
    assert_eq!(table(&night, &newest.size.to_string()), now, "the newest is the default");
    let public = night.collector.dir().join("public/checkpoint");
    assert_eq!(table(&night, public.to_str().unwrap()), now);
    assert_ne!(cell(&now, "A.1"), cell(&early, "A.1"));
}

#[test]
fn a_false_checkpoint_ends_with_the_documented_code() {
    let night = Night::of("kenya-form-34a", "rehearsal");
    let note = fs::read_to_string(&night.early).unwrap();
    let early = night.key().open(&note).unwrap();
    let key = night.collector.dir().join("keys/log.key");
    let key = saksi_collector::secret::read_key(&key).unwrap();

    let other_root = Checkpoint { root: Digest([7; 32]), ..early.clone() }.sign(&key);
    let other_key = early.sign(&SigningKey::from_bytes(&[7; 32]));
    let other_log = Checkpoint { origin: "other.example/log".to_owned(), ..early.clone() };
    let longer = Checkpoint { size: 1_000_000, ..early.clone() }.sign(&key);
    for (name, note, words) in [
        ("root", other_root, "other entries"),
        ("key", other_key, "none of this log"),
        ("log", other_log.sign(&key), "other.example/log"),
        ("longer", longer, "journal ends at"),
    ] {
        let at = written(&night, name, &note);
        let (code, said) = refused(&night, at.to_str().unwrap());
        assert_eq!(code, Some(7), "{name}: {said}");
        assert!(said.contains(words), "{name}: {said}");
    }
    // What cannot be, but contradicts nothing.
    let end = night.checkpoint().size;
    let none = written(&night, "none", "no checkpoint");
    for (at, words) in [
        ((end + 1).to_string(), format!("1 to {end}")),
        ("0".to_owned(), format!("1 to {end}")),
        ("nowhere".to_owned(), "nowhere".to_owned()),
        (none.to_str().unwrap().to_owned(), "not a checkpoint".to_owned()),
    ] {
        let (code, said) = refused(&night, &at);
        assert_eq!(code, Some(1), "{at}: {said}");
        assert!(said.contains(&words), "{at}: {said}");
    }
    // All twelve devices were enrolled in one commit.
    let (code, said) = refused(&night, "5");
    assert_eq!(code, Some(1));
    assert!(said.contains("the next one is over 13"), "{said}");
}
