//! A sound log is found sound; whatever is changed in it is found, and named.

mod files;
mod heads;
mod operator;
mod over_http;
mod published;

use super::sample::{PublicLog, audited, log_key, night};
use super::*;

#[test]
fn a_sound_log_is_sound_whatever_its_size() {
    for size in [12, 255, 256, 257, 600] {
        let log = if size == 12 { PublicLog::of(&night()) } else { PublicLog::long(size) };
        let dir = log.write();
        let (report, done) = audited(dir.path(), &Given::default());
        done.unwrap_or_else(|fault| panic!("{size}: {fault}"));
        assert!(report.sound, "{size}");
    }
}

/// What people read: the whole of it, once.
#[test]
fn the_report_says_what_was_checked_what_was_found_and_what_was_not_looked_at() {
    let dir = PublicLog::of(&night()).write();
    let given = Given { key: Some(log_key()), ..Given::default() };
    let (report, done) = audited(dir.path(), &given);
    done.unwrap();
    let text = report.text();
    for wanted in [
        "Audit of here",
        "the key that was given",
        "  entries      12\n",
        "sample (rehearsal)",
        "All 2 tiles and bundles are there, and their 12 entries are",
        "5 forms, 1 rehearsals, 1 of revoked devices, 3 enrolments, 0 codes, 1 revocations",
        "Forms came from 1970-01-01T00:00:00.004Z",
        "2 files, 5 lines of regions, 78 numbers",
        "Every one of 7 forms is signed",
        "  mayor                     3          3          1          1          1          0          1",
        "Photos of the paper",
        "keep this checkpoint",
        "\nSound: ",
    ] {
        assert!(text.contains(wanted), "no “{wanted}” in:\n{text}");
    }
    assert!(!text.contains("Whose key it is"), "{text}");
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["sound"], true);
    assert_eq!(json["contests"][0]["stations"]["disputed"], 1);
    assert_eq!(json["log"]["size"], 12);
    let (report, _) = audited(dir.path(), &Given::default());
    assert!(report.text().contains("Whose key it is"), "{}", report.text());
}

#[test]
fn a_log_without_totals_is_not_sound_unless_that_was_expected() {
    let dir = PublicLog { totals_at: None, ..PublicLog::of(&night()) }.write();
    let (report, done) = audited(dir.path(), &Given::default());
    let said = done.unwrap_err();
    assert!(matches!(said, AuditFault::Given(_)), "nobody has lied: {said}");
    assert!(said.to_string().contains("--without-totals") && !report.sound, "{said}");
    assert!(report.text().contains("forms is signed by the device"), "all else was checked");
    let given = Given { without_totals: true, ..Given::default() };
    let (report, done) = audited(dir.path(), &given);
    done.unwrap();
    assert!(report.text().contains("Published totals: none were compared"), "{}", report.text());
}
