//! Devices are taken away and replaced, beside a running collector.

use saksi_proto::enrolment::EnrolRefusal;
use saksi_tests::applicant::Applicant;
use saksi_tests::wire::Wire;

use crate::staff::{Staff, errors, rows};

#[test]
fn a_replaced_device_goes_and_its_code_enrols_another() {
    let mut staff = Staff::serving();
    let code = staff.code(0).to_owned();
    let old = Applicant::new(&staff.collector, &staff.slip(0), 1).unwrap();
    let bundle = old.enrol(&code).unwrap();
    let out = staff.path("replacement");
    let words = staff.must(
        "replace",
        &["--station", &code, "--reason", "screen broken", "--out", out.to_str().unwrap()],
    );
    let row = rows(&out).remove(0);
    assert!(words.contains(&row.slip) && words.contains("is revoked"), "{words}");
    assert_eq!(old.refused(&code).unwrap(), EnrolRefusal::CodeUsed);
    let new = Applicant::new(&staff.collector, &row.slip, 2).unwrap();
    let first_key = Applicant::new(&staff.collector, &row.slip, 1).unwrap();
    assert_eq!(first_key.refused(&code).unwrap(), EnrolRefusal::KeyKnown);
    let replaced = new.enrol(&code).unwrap();
    let address = staff.collector.address().unwrap();
    Wire::begin(&address, &replaced).unwrap();
    let before = staff.collector.stop().unwrap();
    staff.collector.start(Some(before)).unwrap();
    Wire::begin(&address, &replaced).unwrap();
    drop(bundle);
    assert_eq!(staff.listed(0)["state"], "enrolled");
}

#[test]
fn devices_are_revoked_together_or_not_at_all_and_never_without_a_reason() {
    let staff = Staff::serving();
    let (first, second) = (staff.code(0).to_owned(), staff.code(1).to_owned());
    staff.collector.issue(&[&first]).unwrap();
    let both = staff.device("revoke", &[&first, &second, "--reason", "stolen"]);
    assert!(errors(&both).contains(&second), "{}", errors(&both));
    assert_eq!(staff.listed(0)["state"], "enrolled");
    assert_eq!(staff.device("revoke", &[&first]).status.code(), Some(2));
    assert_eq!(staff.device("revoke", &[&first, "--reason", " "]).status.code(), Some(1));
    let words = staff.must("revoke", &[&first, "--reason", "stolen", "--by", "sri"]);
    assert!(words.contains("Revoked: 1."), "{words}");
    assert_eq!(staff.listed(0)["state"], "revoked");
    let table = staff.must("list", &["--state", "revoked"]);
    assert!(table.contains(&first) && table.contains("1 of 12 stations"), "{table}");
}
