//! A sound log is found sound; whatever is changed in it is found, and named.

use super::sample::{PublicLog, audited, night};
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
    let dir = PublicLog::of(&night()).write();
    let (report, _) = audited(dir.path(), &Given::default());
    println!("{}", report.text());
}
