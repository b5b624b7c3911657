//! Codes are given out, to the right stations and to no others.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use saksi_proto::enrolment::EnrolRefusal;
use saksi_tests::applicant::Applicant;

use crate::staff::{Staff, errors};

#[test]
fn a_list_with_bad_rows_names_each_and_does_nothing() {
    let staff = Staff::new();
    let list = staff.path("list.csv");
    staff.collector.issue(&[staff.code(3)]).unwrap();
    let good = staff.code(0);
    let text = format!("name,code\nA,{good}\nB,999\nC,{good}\nD,{}\n,\n", staff.code(3));
    fs::write(&list, text).unwrap();
    let out = staff.path("slips");
    let (list, out) = (list.to_str().unwrap(), out.to_str().unwrap());
    for dry in [&["--dry-run"][..], &[]] {
        let refused = staff.device("codes", &[&["--csv", list, "--out", out], dry].concat());
        let words = errors(&refused);
        assert_eq!(refused.status.code(), Some(1), "{words}");
        for wanted in ["row 3: there is no station 999", "row 4: ", "row 5: ", "row 6: "] {
            assert!(words.contains(wanted), "{wanted} in {words}");
        }
        assert!(!words.contains("row 2:"), "{words}");
    }
    assert!(!staff.path("slips").exists());
    assert_eq!(staff.listed(0)["state"], "no-code");
    fs::write(list, format!("code\n{good}\n")).unwrap();
    let words = staff.must("codes", &["--csv", list, "--dry-run"]);
    assert!(words.contains("1 codes would be"), "{words}");
    assert_eq!(staff.codes("right", &["--csv", list])[0].station, good);
}

#[test]
fn an_interrupted_run_is_gone_on_with_for_all_that_are_on_no_sheet() {
    let staff = Staff::new();
    let first = staff.codes("first", &["--region", "0"]);
    // As if the disk had been full before the second sheet; the log knows of all codes.
    let sheets = |name: &str| {
        let files = fs::read_dir(staff.path(name)).unwrap().map(|file| file.unwrap().path());
        let mut sheets: Vec<_> =
            files.filter(|path| path.extension().is_some_and(|of| of == "html")).collect();
        sheets.sort();
        sheets
    };
    let after = staff.path("first");
    let nobody = ["--region", "0", "--after", after.to_str().unwrap(), "--dry-run"];
    assert!(staff.must("codes", &nobody).contains("Nobody needs a code"));
    let whole = sheets("first");
    let lost = fs::read_to_string(&whole[0]).unwrap();
    fs::remove_file(&whole[0]).unwrap();
    let second = staff.codes("second", &["--region", "0", "--after", after.to_str().unwrap()]);
    let on_lost = first.iter().filter(|row| lost.contains(&row.station));
    let wanted: Vec<_> = on_lost.map(|row| &row.station).collect();
    assert_eq!(second.iter().map(|row| &row.station).collect::<Vec<_>>(), wanted);
    assert!(!wanted.is_empty() && sheets("second").len() == 1);
}

#[test]
fn a_region_gets_codes_for_those_without_a_device() {
    let staff = Staff::serving();
    staff.collector.issue(&[staff.code(3)]).unwrap();
    let of = staff.stations.len();
    let all = staff.codes("all", &["--region", "0", "--by", "sri", "--reason", "first"]);
    assert_eq!(all.len(), of - 1);
    assert!(all.iter().all(|row| row.station != staff.code(3)));
    for file in fs::read_dir(staff.path("all")).unwrap() {
        let mode = file.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "whoever has a slip can be the station");
    }
    let again = staff.path("all");
    let again = staff.device("codes", &["--region", "0", "--out", again.to_str().unwrap()]);
    assert!(errors(&again).contains("not empty"), "{}", errors(&again));
    Applicant::new(&staff.collector, &all[0].slip, 1).unwrap().enrol(&all[0].station).unwrap();
    staff.must("revoke", &[&all[0].station, "--reason", "lost"]);
    let missing = staff.codes("missing", &["--region", "0", "--only-missing"]);
    let missing: Vec<_> = missing.iter().map(|row| &row.station).collect();
    assert_eq!(missing, [&all[0].station], "the others have theirs");
    let open = staff.stations_with(&["--state", "code-open"]);
    assert_eq!(open.len(), of - 1);
}

#[test]
fn a_new_code_withdraws_the_old_one_and_a_code_lapses() {
    let staff = Staff::serving();
    let first = Applicant::new(&staff.collector, &staff.slip(0), 1).unwrap();
    let second = staff.codes("second", &[staff.code(0)]).remove(0);
    assert_eq!(first.refused(staff.code(0)).unwrap(), EnrolRefusal::UnknownCode);
    let second = Applicant::new(&staff.collector, &second.slip, 1).unwrap();
    second.enrol(staff.code(0)).unwrap();
    let named = staff.device("codes", &[staff.code(0), "--dry-run"]);
    assert!(errors(&named).contains("device replace"), "{}", errors(&named));
}
