//! Totals that are not what the entries come to, whatever else was made to fit them.

use std::fs;
use std::path::Path;

use saksi_proto::digest::Digest;
use serde_json::{Value, json};

use crate::audit::Given;
use crate::audit::fault::LieKind;
use crate::audit::sample::{PublicLog, audited, lie, night};

/// A lie about the list, and how it is made.
type Lying = (&'static str, fn(&mut Value));

fn list(dir: &Path) -> Value {
    serde_json::from_slice(&fs::read(dir.join("totals.json")).unwrap()).unwrap()
}

fn write_list(dir: &Path, list: &Value) {
    fs::write(dir.join("totals.json"), list.to_string()).unwrap();
}

/// Changes the totals of a contest, and the hash of them.
fn change(dir: &Path, contest: usize, from: &str, to: &str) -> String {
    let mut list = list(dir);
    let name = list["contests"][contest]["file"].as_str().unwrap().to_owned();
    let csv = fs::read_to_string(dir.join(&name)).unwrap();
    assert!(csv.contains(from), "{csv}");
    let csv = csv.replacen(from, to, 1);
    list["contests"][contest]["sha256"] = json!(Digest::of(csv.as_bytes()).to_string());
    fs::write(dir.join(&name), csv).unwrap();
    write_list(dir, &list);
    name
}

#[test]
fn a_total_that_was_changed_with_its_hash_is_named_by_region_and_column() {
    for (from, to, region, column) in [
        ("1,village,2,2,1", "1,village,2,2,2", "1", "counted"),
        (",4,4,8\n2,", ",4,5,8\n2,", "1", "V.02"),
        ("2,village", "2,country", "2", "level"),
    ] {
        let dir = PublicLog::of(&night()).write();
        let name = change(dir.path(), 0, from, to);
        let found = lie(dir.path(), &Given::default());
        let place = (found.file.clone(), found.region.clone(), found.column.clone());
        assert_eq!(place, (name, Some(region.to_owned()), Some(column.to_owned())), "{found}");
    }
}

#[test]
fn totals_of_an_earlier_size_are_compared_at_that_size() {
    for many in [1, 4, 7, 9, 11] {
        let log = PublicLog { totals_at: Some(many), ..PublicLog::of(&night()) };
        let dir = log.write();
        let (report, done) = audited(dir.path(), &Given::default());
        done.unwrap_or_else(|fault| panic!("{many}: {fault}"));
        assert!(report.text().contains(&format!("over {many} entries")), "{}", report.text());
        assert_eq!(report.contests[0].stations.disputed, 1, "the count goes on to the end");
    }
    // What came later does not make an earlier total right.
    let earlier = PublicLog { totals_at: Some(6), ..PublicLog::of(&night()) }.write();
    let name = change(earlier.path(), 0, "1,village,2,1,1", "1,village,2,2,1");
    let found = lie(earlier.path(), &Given::default());
    let place = (found.file, found.region, found.column);
    assert_eq!(place, (name, Some("1".to_owned()), Some("reported".to_owned())));
}

#[test]
fn a_list_of_totals_that_is_not_of_this_log_is_named() {
    let wrong: [Lying; 8] = [
        ("another log", |list| list["origin"] = json!("other/log")),
        ("more entries than there are", |list| list["size"] = json!(13)),
        ("no entries", |list| list["size"] = json!(0)),
        ("another root", |list| list["root"] = json!(Digest([5; 32]).to_string())),
        ("another format", |list| list["format"] = json!(2)),
        ("a contest left out", |list| drop(list["contests"].as_array_mut().unwrap().pop())),
        ("a file elsewhere", |list| list["contests"][0]["file"] = json!("../../etc/passwd")),
        ("contests changed over", |list| list["contests"].as_array_mut().unwrap().swap(0, 1)),
    ];
    for (what, change) in wrong {
        let dir = PublicLog::of(&night()).write();
        let mut list = list(dir.path());
        change(&mut list);
        write_list(dir.path(), &list);
        let found = lie(dir.path(), &Given::default());
        let place = (found.kind, found.file.as_str());
        assert_eq!(place, (LieKind::Total, "totals.json"), "{what}: {found}");
    }
}
