//! Too much, too slow, too many: a clear answer, and the forms go on.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use saksi_tests::officer::Officer;
use saksi_tests::scene::{Scene, nowhere};

#[test]
fn what_is_too_much_is_answered_and_changes_nothing() {
    let scene = Scene::new().unwrap();
    let mut agent = scene.agent("bounds", 0).unwrap();
    agent.run(&nowhere()).unwrap();
    let officer = Officer::at(&agent).unwrap();
    let sheet = "/c/president/1";
    let long = "1".repeat(100_000);
    let page = officer.post(sheet, sheet, &[("f.A.1", "7"), ("x", &long), ("go", "save")]).unwrap();
    assert_eq!(page.status, 413);
    assert!(!officer.html(sheet).unwrap().contains("value=\"7\""));
    let review = "/c/president/review";
    officer.led(sheet, sheet, &[("f.A.1", "7"), ("go", "save")]).unwrap();
    let remark = "é".repeat(5_000);
    officer.led(review, review, &[("explanation", &remark), ("go", "save")]).unwrap();
    assert!(officer.html(sheet).unwrap().contains("value=\"7\""), "a long remark is cut, no more");
}

#[test]
fn whoever_holds_connections_does_not_keep_the_officer_out_for_long() {
    let scene = Scene::new().unwrap();
    let mut agent = scene.agent("held", 0).unwrap();
    agent.run(&nowhere()).unwrap();
    let officer = Officer::at(&agent).unwrap();
    let host = officer.base.trim_start_matches("http://");
    // More than are served at a time, each with a request that never comes to its end.
    let held: Vec<TcpStream> = (0..40)
        .map(|_| {
            let mut stream = TcpStream::connect(host).unwrap();
            stream.write_all(b"GET / HTTP/1.1\r\nHost:").unwrap();
            stream
        })
        .collect();
    assert!(
        officer.html("/").unwrap().contains("Not begun."),
        "served when the first are given up"
    );
    for mut stream in held {
        let mut rest = Vec::new();
        // Whatever it is told before: the connection ends.
        drop(stream.read_to_end(&mut rest));
        assert!(!rest.starts_with(b"HTTP/1.1 200"));
    }
}
