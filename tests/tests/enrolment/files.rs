//! The offline way: applications and answers as files.

use std::fs;

use saksi_proto::bundle::Papers;
use saksi_proto::enrolment::{Application, UNSEEN_AUTHORITY};
use saksi_tests::applicant::Applicant;
use saksi_tests::wire::Wire;

use crate::staff::Staff;

#[test]
fn applications_are_carried_there_and_papers_back() {
    let staff = Staff::serving();
    let code = staff.code(0).to_owned();
    let device = Applicant::new(&staff.collector, &staff.slip(0), 1).unwrap();
    // A device that has seen no certificate names no authority.
    let unsigned =
        Application { authority: UNSEEN_AUTHORITY, ..device.application(code.parse().unwrap()) };
    let application = Application::sign(unsigned, &device.key);
    let write = |name: &str, application: &Application| {
        let path = staff.path(name);
        fs::write(&path, serde_json::to_string(application).unwrap()).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let good = write("good.enrol", &application);
    let mut changed = application.clone();
    changed.device_ms += 1;
    let bad = write("bad.enrol", &changed);
    let torn = staff.path("torn.enrol");
    fs::write(&torn, "{\"code\":").unwrap();
    let out = staff.path("answers");
    let files = [&bad, &good, torn.to_str().unwrap(), "--out", out.to_str().unwrap()];
    let output = staff.device("enrol", &files);
    let words = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{words}");
    assert!(words.contains("bad.enrol: refused (bad-application)"), "{words}");
    assert!(words.contains("torn.enrol: this is no application"), "{words}");
    let answer = fs::read_to_string(out.join(format!("{code}.papers.json"))).unwrap();
    let papers: Papers = serde_json::from_str(&answer).unwrap();
    let bundle = device.bundle(papers);
    Wire::begin(&staff.collector.address().unwrap(), &bundle).unwrap();
    staff.must("enrol", &[&good, "--out", out.to_str().unwrap()]);
}
