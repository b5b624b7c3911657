//! What typing costs a device's flash: every box of a station saved by itself, as the page's
//! script does, on a disk that counts what is written to it.

use saksi_tests::binaries::repository;
use saksi_tests::collector::Collector;
use saksi_tests::device::AgentProcess;
use saksi_tests::loop_disk::LoopDisk;
use saksi_tests::officer::{Officer, hidden_field};

/// Of the disk, in MiB.
const DISK: u64 = 128;

const STATION: &str = "8207012001001";

#[test]
#[ignore = "prints a figure: cargo test -p saksi-tests --test page flash -- --ignored --nocapture"]
fn flash_that_typing_a_station_takes() {
    let Some(disk) = LoopDisk::mount(DISK).unwrap() else { return };
    let place = tempfile::tempdir().unwrap();
    let pack = repository().join("deploy/elections/indonesia-2024");
    let mut collector = Collector::make_without_devices(place.path(), &pack).unwrap();
    let issued = collector.issue(&["--region", "8207012001"]).unwrap();
    assert!(issued.status.success(), "{}", String::from_utf8_lossy(&issued.stderr));
    collector.start(None).unwrap();
    let directory = disk.path().join("agent");
    let mut agent = AgentProcess::init(&directory, &collector.bundle_path(STATION)).unwrap();
    agent.run(&collector.address().unwrap()).unwrap();
    let officer = Officer::at(&agent).unwrap();
    let home = officer.html("/").unwrap();
    let contests = home.split("href=\"/c/").skip(1).map(|rest| rest.split_once('/').unwrap().0);
    for contest in contests {
        disk.sync().unwrap();
        let before = disk.written_bytes().unwrap();
        let boxes = type_all(&officer, contest);
        disk.sync().unwrap();
        let written = disk.written_bytes().unwrap() - before;
        assert!(boxes > 0 && written > 0, "{contest}: {boxes} boxes, {written} bytes");
        eprintln!("{contest}: {boxes} boxes, {written} bytes, {} a box", written / boxes);
    }
}

/// Types a number into each box of a contest; gives how many there are.
fn type_all(officer: &Officer, contest: &str) -> u64 {
    let (mut boxes, mut sheet) = (0, format!("/c/{contest}/1"));
    while !sheet.ends_with("/photos") {
        let html = officer.html(&sheet).unwrap();
        let word = hidden_field(&html, "csrf").unwrap();
        let fields = html.split("name=\"f.").skip(1).map(|rest| rest.split_once('"').unwrap().0);
        for field in fields {
            let body = format!("csrf={word}&go=save&f.{field}=123");
            let kind = [("Content-Type", "application/x-www-form-urlencoded")];
            let saved = officer.post_body(&sheet, &kind, body.as_bytes()).unwrap();
            assert_eq!(saved.status, 303, "{}", saved.html);
            boxes += 1;
        }
        sheet = officer.led(&sheet, &sheet, &[("go", "next")]).unwrap();
    }
    boxes
}
