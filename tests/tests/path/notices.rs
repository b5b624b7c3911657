//! Word from the centre reaches the device over the connection of its forms: questions, and
//! how its forms stand by now. With the real programs, and an officer at the page.

use saksi_tests::collector;
use saksi_tests::device::AgentProcess;
use saksi_tests::kenya::CONTEST;
use saksi_tests::officer::Officer;
use saksi_tests::poll;
use saksi_tests::scene::{Scene, nowhere};
use serde_json::{Value, json};

const TEXT: &str = "B.1: \u{1b}[2J is it 30 <b>or</b> 3?";

/// `saksi-collector WHAT… DIR STATION … --by sri --reason …`, for station 0.
fn act(scene: &Scene, what: [&str; 2], more: &[&str]) -> Result<String, String> {
    let dir = scene.collector.dir().to_str().unwrap();
    let station = scene.stations[0].code.as_str();
    let why = ["--by", "sri", "--reason", "as on the photo"];
    let all = [&what[..], &[dir, station], more, &why[..]].concat();
    let output = collector::command(&all).unwrap();
    let words = if output.status.success() { Ok(output.stdout) } else { Err(output.stderr) };
    let text = |bytes| String::from_utf8(bytes).unwrap();
    words.map(text).map_err(text)
}

fn ask(scene: &Scene, lines: &str) -> Result<String, String> {
    act(scene, ["question", "ask"], &["--lines", lines, "--text", TEXT])
}

/// The contest of station 0, as the API has it.
fn at_the_centre(scene: &Scene) -> Value {
    let path = format!("/api/v1/stations/{}", scene.stations[0].code);
    scene.collector.get::<Value>(&path).unwrap()["contests"][0].clone()
}

/// The contest, as the device has it.
fn on_the_device(agent: &AgentProcess) -> Value {
    agent.json(&["status"]).unwrap()["contests"][0].clone()
}

/// Waits until the device has so many notices; gives them.
fn notices(agent: &AgentProcess, many: usize) -> Value {
    poll::until("the notices", || {
        let notices = on_the_device(agent)["notices"].clone();
        Ok((notices.as_array().map(Vec::len) == Some(many)).then_some(notices))
    })
    .unwrap()
}

/// Has the page ask the centre at once, and waits for the answer.
fn look(officer: &Officer) {
    assert_eq!(officer.led("/", "/look", &[]).unwrap(), "/");
    poll::until("the answer", || {
        let home = officer.html("/")?;
        Ok((home.contains("Last asked at") && !home.contains("data-moving")).then_some(()))
    })
    .unwrap();
}

#[test]
fn a_question_reaches_the_device_survives_its_end_and_is_answered_by_a_correction() {
    let scene = Scene::serving().unwrap();
    let nothing = ask(&scene, "B.1").unwrap_err();
    assert!(nothing.contains("nothing-sent"), "{nothing}");
    let mut agent = scene.agent("asked", 0).unwrap();
    agent.run(&scene.collector.address().unwrap()).unwrap();
    let officer = Officer::at(&agent).unwrap();
    officer.fill(&scene.stations[0].paper([30, 20, 2, 1])).unwrap();
    officer.seal(CONTEST, &[]).unwrap();
    agent.received(CONTEST).unwrap();
    let wrong = ask(&scene, "B.1,Z.9").unwrap_err();
    assert!(wrong.contains("unknown-line"), "{wrong}");
    ask(&scene, "B.1").unwrap();
    let asked = at_the_centre(&scene)["questions"].clone();
    assert_eq!((&asked[0]["text"], &asked[0]["by"]), (&json!(TEXT), &json!("sri")));
    let dir = scene.collector.dir().to_str().unwrap();
    let list = collector::succeed(&["question", "list", dir]).unwrap();
    assert!(list.contains("B.1") && list.contains("1 wait for an answer"), "{list}");

    look(&officer);
    let told = notices(&agent, 1);
    assert_eq!((&told[0]["kind"], &told[0]["index"]), (&json!("asked"), &asked[0]["index"]));
    agent.kill().unwrap();
    let status = agent.succeed(&["status"]).unwrap();
    assert!(status.contains("look again at line B.1") && status.contains("is it 30"), "{status}");
    assert!(!status.contains('\u{1b}'), "{status:?}");

    agent.run(&scene.collector.address().unwrap()).unwrap();
    let officer = Officer::at(&agent).unwrap();
    let page = officer.html("/c/president").unwrap();
    assert!(page.contains("look again at line B.1") && !page.contains("<b>or"), "{page}");
    let led = officer.led("/c/president", "/c/president/correct", &[("at", "B.1")]).unwrap();
    assert_eq!(led, "/c/president/1#f-B.1");
    officer.seal(CONTEST, &[("reason", "looked again: it is 30")]).unwrap();
    poll::until("the answer at the centre", || {
        let contest = at_the_centre(&scene);
        Ok((contest["questions"] == json!([])).then_some(()))
    })
    .unwrap();
    notices(&agent, 0);
    assert!(!officer.html("/").unwrap().contains("The centre asks"));
    assert_eq!(scene.votes().unwrap(), [30, 20, 2, 1]);
    collector::succeed(&["journal", "verify", dir]).unwrap();
}

#[test]
fn a_ruling_while_the_device_was_off_is_shown_with_its_reason_when_it_calls_again() {
    let scene = Scene::serving().unwrap();
    let mut agent = scene.agent("ruled", 0).unwrap();
    let mut paper = scene.stations[0].paper([30, 20, 2, 1]);
    paper.set("A.T", 54);
    agent.submit(&paper.to_json(), &["--explain", "the paper says so"]).unwrap();
    agent.run(&scene.collector.address().unwrap()).unwrap();
    assert_eq!(agent.received(CONTEST).unwrap()["standing"], "held");
    let held = notices(&agent, 1);
    assert_eq!(held[0]["kind"], "held");
    assert!(held[0]["sentence"].as_str().unwrap().starts_with("Held because of K1:"), "{held}");
    agent.kill().unwrap();

    let digest = on_the_device(&agent)["digest"].as_str().unwrap().to_owned();
    act(&scene, ["ruling", "accept"], &["--form", &digest]).unwrap();
    // Without a network it goes on as it was.
    agent.run(&nowhere()).unwrap();
    assert_eq!(on_the_device(&agent)["notices"][0]["kind"], "held");
    agent.kill().unwrap();
    agent.run(&scene.collector.address().unwrap()).unwrap();
    let officer = Officer::at(&agent).unwrap();
    look(&officer);
    let contest = on_the_device(&agent);
    assert_eq!(contest["delivery"]["standing"], "counted");
    let told = &contest["notices"];
    assert_eq!(
        (&told[0]["kind"], &told[0]["text"]),
        (&json!("accepted"), &json!("as on the photo"))
    );
    assert_eq!(told.as_array().map(Vec::len), Some(1), "{told}");
    let home = officer.html("/").unwrap();
    assert!(home.contains("Ruled: counted as written.") && !home.contains("Held"), "{home}");

    act(&scene, ["ruling", "reject"], &[]).unwrap();
    look(&officer);
    let status = agent.succeed(&["status"]).unwrap();
    assert!(status.contains("Ruled: this form is not counted."), "{status}");
    let shown = agent.succeed(&["show", CONTEST]).unwrap();
    assert!(shown.contains("as on the photo"), "{shown}");
}

#[test]
fn another_devices_correction_is_noticed() {
    let scene = Scene::serving().unwrap();
    let mut agent = scene.agent("old", 0).unwrap();
    agent.submit(&scene.stations[0].paper([30, 20, 2, 1]).to_json(), &[]).unwrap();
    agent.run(&scene.collector.address().unwrap()).unwrap();
    agent.received(CONTEST).unwrap();
    // The same device, from a copy of its directory that is older than its own store.
    let mut twin = scene.agent("twin", 0).unwrap();
    twin.submit(&scene.stations[0].paper([30, 20, 3, 1]).to_json(), &[]).unwrap();
    twin.run(&scene.collector.address().unwrap()).unwrap();
    twin.received(CONTEST).unwrap();
    let officer = Officer::at(&agent).unwrap();
    look(&officer);
    assert_eq!(on_the_device(&agent)["delivery"]["standing"], "disputed");
    assert!(officer.html("/").unwrap().contains("Disputed at the centre"));
}
