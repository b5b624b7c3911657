//! Publication is paused and resumed at the desk, and a station is asked.

use saksi_tests::kenya::CONTEST;
use saksi_tests::officer::Officer;
use saksi_tests::poll;
use serde_json::Value;

use super::rulings::{act, clerk, desk, public_page};

#[test]
fn a_pause_by_two_is_on_the_public_page_until_one_resumes() {
    let scene = desk();
    let [sri, tuti, ani] = ["sri", "tuti", "ani"].map(|name| clerk(&scene, name));
    let state = || {
        let election: Value = scene.collector.get("/api/v1/election").unwrap();
        election["publication"]["state"].as_str().unwrap().to_owned()
    };
    let page = ani.html("/publication").unwrap();
    assert!(page.contains("Totals are published") && !page.contains("name=\"choice\""), "{page}");
    let pause = [("choice", "pause"), ("reason", "a server is <moved>"), ("confirmed", "yes")];
    assert_eq!(ani.post("/", "/publication", &pause).unwrap().status, 403);
    let led = act(&sri, "/publication", &pause[..2]).unwrap();
    assert!(led.contains("?proposed=1"), "{led}");
    assert_eq!(state(), "open", "one alone cannot");
    assert_eq!(sri.post("/", "/proposals/1/confirm", &[]).unwrap().status, 409);
    assert_eq!(ani.get("/proposals/1").unwrap().status, 200, "she sees it");
    assert_eq!(ani.post("/", "/proposals/1/confirm", &[]).unwrap().status, 403);
    assert_eq!(tuti.post("/", "/proposals/1/confirm", &[]).unwrap().status, 303);
    assert_eq!(state(), "paused");
    let banner = "a server is &#60;moved&#62;";
    assert!(public_page(&scene, "/region/0").contains(banner));
    assert!(ani.html("/publication").unwrap().contains(banner));
    let resume = [("choice", "resume"), ("reason", "it has moved")];
    assert!(act(&tuti, "/publication", &resume).unwrap().contains("?logged="));
    assert_eq!(state(), "open");
    assert!(!public_page(&scene, "/region/0").contains(banner));
    let (status, words) = act(&tuti, "/publication", &resume).unwrap_err();
    assert!(status == 409 && words.contains("It is so already"), "{words}");
}

#[test]
fn a_question_of_the_desk_reaches_the_device() {
    let scene = desk();
    let ani = clerk(&scene, "ani");
    let mut agent = scene.agent("asked", 0).unwrap();
    let stored = agent.submit(&scene.stations[0].paper([30, 20, 2, 1]).to_json(), &[]).unwrap();
    assert!(stored.status.success(), "{stored:?}");
    agent.run(&scene.collector.address().unwrap()).unwrap();
    agent.received(CONTEST).unwrap();
    let case = format!("/case/{}/{CONTEST}", scene.stations[0].code);
    let asked = [
        ("choice", "ask"),
        ("line", "B.1"),
        ("text", "is it 30 or 3?"),
        ("reason", "the photo is unclear"),
    ];
    let led = act(&ani, &case, &asked).unwrap();
    assert!(led.contains("?logged="), "{led}");
    assert!(ani.html(&case).unwrap().contains("is it 30 or 3?"));
    let officer = Officer::at(&agent).unwrap();
    assert_eq!(officer.led("/", "/look", &[]).unwrap(), "/");
    let told = poll::until("the question", || {
        let status = agent.json(&["status"])?;
        let notices = &status["contests"][0]["notices"];
        Ok(notices.get(0).cloned())
    });
    let told = told.unwrap();
    assert_eq!((&told["kind"], &told["text"]), (&"asked".into(), &"is it 30 or 3?".into()));
    let many = [("choice", "ask"), ("text", "and now?"), ("reason", "x")];
    for _ in 0..3 {
        act(&ani, &case, &many).unwrap();
    }
    let (status, words) = act(&ani, &case, &many).unwrap_err();
    assert!(status == 409 && words.contains("Four questions wait"), "{words}");
}
