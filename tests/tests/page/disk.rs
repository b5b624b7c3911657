//! What a disk does to a form that is being filled: full, and without power. On real file
//! systems of their own.

use saksi_tests::device::AgentProcess;
use saksi_tests::disk::{fill_but, tidy_up};
use saksi_tests::kenya::CONTEST;
use saksi_tests::loop_disk::LoopDisk;
use saksi_tests::officer::Officer;
use saksi_tests::scene::{Scene, nowhere};

const SHEET: &str = "/c/president/1";
const AGAIN: &str = "/c/president/again";
const SECOND: &str = "/c/president/again/1";
const COMPARE: &str = "/c/president/again/compare";
const REVIEW: &str = "/c/president/review";

/// Size of the disks, in MiB.
const DISK: u64 = 24;

const FIELDS: [&str; 10] = ["A.1", "A.2", "A.3", "A.4", "A.T", "B.1", "B.2", "B.3", "B.4", "B.5"];

/// An agent on a disk of its own, sending to nobody.
fn device(disk: &LoopDisk) -> (Scene, AgentProcess) {
    let scene = Scene::new().unwrap();
    let bundle = scene.collector.bundle_path(&scene.stations[0].code);
    let mut agent = AgentProcess::init(&disk.path().join("agent"), &bundle).unwrap();
    agent.run(&nowhere()).unwrap();
    (scene, agent)
}

fn save(officer: &Officer, field: &str, text: &str) -> u16 {
    let field = format!("f.{field}");
    officer.post(SHEET, SHEET, &[(&field, text), ("go", "save")]).unwrap().status
}

fn is_there(officer: &Officer, field: &str, text: &str) -> bool {
    let page = officer.html(SHEET).unwrap();
    page.contains(&format!("name=\"f.{field}\" value=\"{text}\""))
}

#[test]
fn every_field_that_was_said_to_be_saved_survives_a_power_cut_and_the_store() {
    let Some(disk) = LoopDisk::mount(DISK).unwrap() else { return };
    let (_scene, mut agent) = device(&disk);
    for (at, field) in FIELDS.iter().enumerate() {
        let officer = Officer::at(&agent).unwrap();
        let plug = disk.plug().unwrap();
        assert_eq!(save(&officer, field, &at.to_string()), 303);
        plug.pull().unwrap();
        agent.kill().unwrap();
        disk.restore().unwrap();
        if at + 1 == FIELDS.len() {
            // And what the cut left of the store cannot be read.
            let conf = disk.path().join("agent/store/conf");
            let length = conf.metadata().unwrap().len();
            std::fs::write(&conf, vec![0x41; usize::try_from(length).unwrap()]).unwrap();
        }
        agent.run(&nowhere()).unwrap();
    }
    let officer = Officer::at(&agent).unwrap();
    for (at, field) in FIELDS.iter().enumerate() {
        assert!(is_there(&officer, field, &at.to_string()), "{field}");
    }
    assert!(disk.path().join("agent/store.aside-1").exists());
    agent.kill().unwrap();
}

/// Does something at the page that is answered, and cuts the power when it is.
fn cut_after(
    disk: &LoopDisk,
    agent: &mut AgentProcess,
    does: impl FnOnce(&Officer) -> anyhow::Result<()>,
) -> Officer {
    let officer = Officer::at(agent).unwrap();
    let plug = disk.plug().unwrap();
    does(&officer).unwrap();
    plug.pull().unwrap();
    agent.kill().unwrap();
    disk.restore().unwrap();
    agent.run(&nowhere()).unwrap();
    Officer::at(agent).unwrap()
}

#[test]
fn both_entries_and_what_was_chosen_survive_power_cuts_and_the_first_stays_unseen() {
    let Some(disk) = LoopDisk::mount(DISK).unwrap() else { return };
    let scene = Scene::careful().unwrap();
    let bundle = scene.collector.bundle_path(&scene.stations[0].code);
    let mut agent = AgentProcess::init(&disk.path().join("agent"), &bundle).unwrap();
    agent.run(&nowhere()).unwrap();
    let paper = scene.stations[0].paper([30, 20, 2, 1]);
    let officer = cut_after(&disk, &mut agent, |at| at.fill(&paper).map(drop));
    assert_eq!(officer.get(AGAIN).unwrap().location.as_deref(), Some(SECOND), "the first is whole");
    let typed = [("A.1", "30"), ("A.2", "19"), ("A.3", "2"), ("A.4", "1"), ("A.T", "52")];
    for (at, (field, number)) in typed.iter().enumerate() {
        let save = [(&*format!("f.{field}"), *number), ("go", "save")];
        let officer = cut_after(&disk, &mut agent, |at| at.led(SECOND, SECOND, &save).map(drop));
        let page = officer.html(SECOND).unwrap();
        for (of, (field, number)) in typed.iter().enumerate() {
            let text = if of <= at { number } else { "" };
            let wanted = format!("name=\"f.{field}\" value=\"{text}\"");
            assert!(page.contains(&wanted), "after {at}: {wanted} in {page}");
        }
        let first = officer.get(SHEET).unwrap();
        assert_eq!((first.status, first.location.as_deref()), (303, Some(AGAIN)), "it is hidden");
    }
    let rest = [("f.B.2", "1"), ("f.B.5", "53"), ("go", "next")];
    let officer = cut_after(&disk, &mut agent, |at| at.led(SECOND, SECOND, &rest).map(drop));
    let page = officer.html(COMPARE).unwrap();
    for number in [20, 19, 53, 52] {
        assert!(page.contains(&format!("<strong>{number}</strong>")), "{number} in {page}");
    }
    for taken in ["A.2 20", "A.T 53"] {
        let take = [("take", taken)];
        let officer = cut_after(&disk, &mut agent, |at| at.led(COMPARE, COMPARE, &take).map(drop));
        let left = officer.get(AGAIN).unwrap().location;
        let wanted = if taken == "A.T 53" { REVIEW } else { COMPARE };
        assert_eq!(left.as_deref(), Some(wanted), "after {taken}");
    }
    cut_after(&disk, &mut agent, |officer| officer.seal(CONTEST, &[]));
    agent.kill().unwrap();
    agent.run(&scene.collector.address().unwrap()).unwrap();
    agent.received(CONTEST).unwrap();
    assert_eq!(scene.votes().unwrap(), [30, 20, 2, 1], "what was chosen is what is counted");
    agent.kill().unwrap();
}

#[test]
fn a_full_disk_keeps_what_was_saved_and_says_what_was_not() {
    let Some(disk) = LoopDisk::mount(DISK).unwrap() else { return };
    let (_scene, mut agent) = device(&disk);
    let officer = Officer::at(&agent).unwrap();
    assert_eq!(save(&officer, "A.1", "7"), 303);
    fill_but(&disk.path(), 0).unwrap();
    let refused = officer.post(SHEET, SHEET, &[("f.A.2", "8"), ("go", "next")]).unwrap();
    assert!(refused.status == 409 && refused.html.contains("the disk is full"), "{refused:?}");
    assert!(is_there(&officer, "A.1", "7") && !is_there(&officer, "A.2", "8"));
    tidy_up(&disk.path()).unwrap();
    assert_eq!(save(&officer, "A.2", "8"), 303, "it goes on without a new start");
    assert!(is_there(&officer, "A.2", "8"));
    agent.kill().unwrap();
}
