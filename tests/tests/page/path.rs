//! From the first box to the receipt, without a script; and nothing lost on the way.

use saksi_tests::kenya::CONTEST;
use saksi_tests::officer::Officer;
use saksi_tests::poll;
use saksi_tests::scene::{Scene, free_address, nowhere};

const SHEET: &str = "/c/president/1";

#[test]
fn a_form_goes_from_its_draft_to_its_receipt_without_a_script() {
    let scene = Scene::serving().unwrap();
    let mut agent = scene.agent("page", 0).unwrap();
    agent.run(&scene.collector.address().unwrap()).unwrap();
    let officer = Officer::at(&agent).unwrap();
    assert!(officer.html("/").unwrap().contains("Not begun."));
    let led = officer.fill(&scene.stations[0].paper([30, 20, 2, 1])).unwrap();
    assert_eq!(led, "/c/president/photos");
    let read = officer.html("/c/president/review").unwrap();
    assert!(read.contains("thirty") && read.contains("REHEARSAL"), "{read}");
    officer.seal(CONTEST, &[]).unwrap();
    let home = poll::until("a receipt on the page", || {
        let home = officer.html("/")?;
        Ok(home.contains("It has arrived: entry").then_some(home))
    });
    assert!(!home.unwrap().contains("http-equiv"), "nothing is under way any more");
    let receipt = officer.html("/c/president/receipt").unwrap();
    let digest = agent.delivery(CONTEST).map(|_| agent.json(&["status"]).unwrap()).unwrap();
    let digest = digest["contests"][0]["digest"].as_str().unwrap().to_owned();
    assert!(receipt.contains(&digest), "{receipt}");
    let file = officer.html("/c/president/receipt.tlog-proof").unwrap();
    assert_eq!(file, agent.succeed(&["receipt", CONTEST]).unwrap());
    assert_eq!(scene.votes().unwrap(), [30, 20, 2, 1]);
}

#[test]
fn a_correction_has_its_reason_and_takes_the_place_of_the_form() {
    let scene = Scene::serving().unwrap();
    let mut agent = scene.agent("corrects", 0).unwrap();
    agent.run(&scene.collector.address().unwrap()).unwrap();
    let officer = Officer::at(&agent).unwrap();
    officer.fill(&scene.stations[0].paper([30, 20, 2, 1])).unwrap();
    officer.seal(CONTEST, &[]).unwrap();
    agent.received(CONTEST).unwrap();
    assert_eq!(officer.led("/c/president", "/c/president/correct", &[]).unwrap(), SHEET);
    officer.fill(&scene.stations[0].paper([29, 21, 2, 1])).unwrap();
    officer.seal(CONTEST, &[("reason", "two lines were swapped")]).unwrap();
    poll::until("the correction in the totals", || {
        Ok((scene.votes()? == [29, 21, 2, 1]).then_some(()))
    })
    .unwrap();
    let page = officer.html("/c/president").unwrap();
    assert!(page.contains("two lines were swapped") && page.contains("Revision 1"));
}

#[test]
fn a_killed_agent_has_every_field_that_it_said_was_saved() {
    let scene = Scene::new().unwrap();
    let mut agent = scene.agent("killed", 0).unwrap();
    let fields = ["A.1", "A.2", "A.3", "A.4", "A.T", "B.1", "B.2", "B.3", "B.4", "B.5"];
    let number = |at: usize| (at * 7 + 3).to_string();
    agent.page_at(&free_address().unwrap().to_string());
    let mut cookie = None;
    for (at, field) in fields.iter().enumerate() {
        agent.run(&nowhere()).unwrap();
        let officer = Officer::at(&agent).unwrap();
        let known = cookie.get_or_insert_with(|| officer.cookie.clone());
        assert_eq!(&officer.cookie, known, "a page that was open goes on, without the address");
        let saved =
            officer.led(SHEET, SHEET, &[(&format!("f.{field}"), &number(at)), ("go", "save")]);
        assert_eq!(saved.unwrap(), SHEET);
        agent.kill().unwrap();
    }
    agent.run(&nowhere()).unwrap();
    let page = Officer::at(&agent).unwrap().html(SHEET).unwrap();
    for (at, field) in fields.iter().enumerate() {
        let wanted = format!("name=\"f.{field}\" value=\"{}\"", number(at));
        assert!(page.contains(&wanted), "{field}: {page}");
    }
}

#[test]
fn a_rehearsal_goes_from_the_page_into_the_log() {
    let scene = Scene::serving().unwrap();
    let mut agent = scene.agent("rehearses", 0).unwrap();
    agent.run(&scene.collector.address().unwrap()).unwrap();
    let officer = Officer::at(&agent).unwrap();
    assert!(officer.html("/").unwrap().contains("Not rehearsed yet."));
    assert_eq!(officer.led("/", "/rehearse", &[]).unwrap(), "/");
    assert!(officer.html("/").unwrap().contains("Rehearsed: entry"));
    assert_eq!(scene.votes().unwrap(), [0, 0, 0, 0], "it is counted nowhere");
}
