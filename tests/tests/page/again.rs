//! The second entry, of the real process: blind, killed in the middle, compared; the form of
//! 18 parties; and the command line.

use saksi_tests::binaries::repository;
use saksi_tests::careful;
use saksi_tests::collector::Collector;
use saksi_tests::device::AgentProcess;
use saksi_tests::kenya::CONTEST;
use saksi_tests::officer::Officer;
use saksi_tests::paper::Paper;
use saksi_tests::scene::{Scene, nowhere};
use serde_json::json;

const SHEET: &str = "/c/president/1";
const AGAIN: &str = "/c/president/again";
const SECOND: &str = "/c/president/again/1";
const COMPARE: &str = "/c/president/again/compare";
const REVIEW: &str = "/c/president/review";

/// The village of the Indonesian sample's first station.
const VILLAGE: &str = "8207012001";

/// Largest sheet with its script, in bytes.
const PAGE: usize = 60_000;

fn typed(officer: &Officer, field: &str, text: &str) -> String {
    officer.led(SECOND, SECOND, &[(&format!("f.{field}"), text), ("go", "save")]).unwrap()
}

fn leads(officer: &Officer, path: &str) -> Option<String> {
    officer.get(path).unwrap().location
}

#[test]
fn a_killed_agent_has_both_entries_and_the_second_goes_on_blind() {
    let scene = Scene::careful().unwrap();
    let mut agent = scene.agent("twice", 0).unwrap();
    agent.run(&scene.collector.address().unwrap()).unwrap();
    let officer = Officer::at(&agent).unwrap();
    assert_eq!(
        officer.fill(&scene.stations[0].paper([30, 20, 2, 1])).unwrap(),
        "/c/president/photos"
    );
    assert_eq!(leads(&officer, REVIEW).as_deref(), Some(AGAIN));
    assert_eq!(leads(&officer, AGAIN).as_deref(), Some(SECOND));
    let numbers = [("A.1", "30"), ("A.2", "02"), ("A.3", "2"), ("A.4", "1"), ("A.T", "53")];
    for (field, number) in numbers.iter().chain(&[("B.2", "1"), ("B.5", "53")]) {
        let officer = Officer::at(&agent).unwrap();
        let page = officer.html(SECOND).unwrap();
        assert!(page.contains(&format!("name=\"f.{field}\" value=\"\"")), "{field}: {page}");
        assert!(!page.contains("f.B.1\""), "registered voters are typed once");
        assert_eq!(typed(&officer, field, number), SECOND);
        agent.kill().unwrap();
        agent.run(&scene.collector.address().unwrap()).unwrap();
    }
    let officer = Officer::at(&agent).unwrap();
    let page = officer.html(SECOND).unwrap();
    for (field, number) in numbers {
        let number: u32 = number.parse().unwrap();
        assert!(
            page.contains(&format!("name=\"f.{field}\" value=\"{number}\"")),
            "{field}: {page}"
        );
    }
    assert_eq!(leads(&officer, AGAIN).as_deref(), Some(COMPARE));
    let page = officer.html(COMPARE).unwrap();
    assert!(page.contains("<strong>20</strong>") && page.contains("<strong>2</strong>"), "{page}");
    assert_eq!(officer.led(COMPARE, COMPARE, &[("take", "A.2 20")]).unwrap(), REVIEW);
    agent.kill().unwrap();
    agent.run(&scene.collector.address().unwrap()).unwrap();
    let officer = Officer::at(&agent).unwrap();
    officer.seal(CONTEST, &[]).unwrap();
    agent.received(CONTEST).unwrap();
    assert_eq!(scene.votes().unwrap(), [30, 20, 2, 1], "what was chosen is what is counted");
}

#[test]
fn the_command_line_wants_the_second_entry_in_a_second_file() {
    let scene = Scene::careful().unwrap();
    let agent = scene.agent("by-hand", 0).unwrap();
    let form = scene.stations[0].paper([30, 20, 2, 1]).to_json();
    let code = |options: &[&str]| {
        let ended = agent.submit(&form, options).unwrap();
        (ended.status.code(), String::from_utf8(ended.stderr).unwrap())
    };
    let (none, said) = code(&[]);
    assert_eq!(none, Some(22), "{said}");
    assert!(said.contains("A, A.T, B.2, B.5") && said.contains("--again FILE"), "{said}");
    let again = scene.dir().join("again.json");
    let path = again.to_str().unwrap();
    let write = |lines: serde_json::Value| {
        let second = json!({ "contest": CONTEST, "lines": lines });
        std::fs::write(&again, second.to_string()).unwrap();
    };
    write(json!({ "A.1": 30, "A.2": 20, "A.3": 1, "A.4": 1, "A.T": 53, "B.2": 1, "B.5": 53 }));
    let (differs, said) = code(&["--again", path]);
    assert_eq!(differs, Some(23), "{said}");
    assert!(said.contains("A.3: first 2, second 1") && !said.contains("A.4:"), "{said}");
    write(json!({ "A.1": 30 }));
    let (short, said) = code(&["--again", path]);
    assert_eq!(short, Some(3), "{said}");
    write(json!({ "A.1": 30, "A.2": 20, "A.3": 2, "A.4": 1, "A.T": 53, "B.2": 1, "B.5": 53 }));
    let (stored, said) = code(&["--again", path]);
    assert_eq!(stored, Some(0), "{said}");
    assert_eq!(agent.delivery(CONTEST).unwrap()["state"], "stored");
}

#[test]
fn a_form_of_eighteen_parties_is_a_party_a_screen_in_both_entries() {
    let place = tempfile::tempdir().unwrap();
    let sample = repository().join("deploy/elections/indonesia-2024");
    let pack = careful::pack(&sample, careful::INDONESIA, place.path()).unwrap();
    let definition = saksi_collector::pack::read(&pack).unwrap();
    let collector = Collector::make_without_devices(place.path(), &pack).unwrap();
    assert!(collector.issue(&["--region", VILLAGE]).unwrap().status.success());
    let station = &definition.stations()[0];
    let contest = definition.contests().iter().find(|contest| contest.code.as_str() == "dpr");
    let paper = Paper::plausible(station, contest.unwrap(), &mut fastrand::Rng::with_seed(1));
    let bundle = collector.bundle_path(station.code.as_str());
    let mut agent = AgentProcess::init(&place.path().join("agent"), &bundle).unwrap();
    agent.run(&nowhere()).unwrap();
    let officer = Officer::at(&agent).unwrap();
    // Sections I to III, 18 parties, section V.
    assert_eq!(officer.fill_sheets(&paper, "/c/dpr", 20).unwrap(), "/c/dpr/photos");
    let again = "/c/dpr/again";
    let page = officer.html("/c/dpr/again/1").unwrap();
    assert!(page.contains("01. Partai Kebangkitan Bangsa") && page.contains("IV. "), "{page}");
    assert!(page.contains("name=\"f.IV.01.own\" value=\"\""), "{page}");
    let whole = page.len() + officer.html(&script(&page)).unwrap().len();
    assert!(whole < PAGE, "{whole} bytes");
    assert_eq!(officer.get("/c/dpr/again/20").unwrap().status, 404, "18 parties and V");
    let mut other = paper.clone();
    other.set("IV.24.own", paper.number("IV.24.own") + 1);
    assert_eq!(officer.fill_sheets(&other, again, 19).unwrap(), again);
    let page = officer.html("/c/dpr/again/compare").unwrap();
    assert!(page.contains("Still to be chosen: 1") && page.contains("24. Partai Ummat"), "{page}");
    let taken = format!("IV.24.own {}", paper.number("IV.24.own"));
    let compare = "/c/dpr/again/compare";
    assert_eq!(officer.led(compare, compare, &[("take", &taken)]).unwrap(), "/c/dpr/review");
    officer.seal("dpr", &[]).unwrap();
    assert_eq!(agent.delivery("dpr").unwrap()["state"], "stored");
}

#[test]
fn what_agrees_goes_straight_on() {
    let scene = Scene::careful().unwrap();
    let mut agent = scene.agent("agrees", 0).unwrap();
    agent.run(&nowhere()).unwrap();
    let officer = Officer::at(&agent).unwrap();
    let paper = scene.stations[0].paper([30, 20, 2, 1]);
    officer.fill(&paper).unwrap();
    assert!(officer.html(SHEET).unwrap().contains("value=\"30\""), "before it begins");
    assert_eq!(officer.fill_sheets(&paper, AGAIN, 1).unwrap(), AGAIN);
    assert_eq!(leads(&officer, AGAIN).as_deref(), Some(REVIEW));
    officer.seal(CONTEST, &[]).unwrap();
}

/// The address of the page's script.
fn script(page: &str) -> String {
    let (before, _) = page.split_once(".js\"").unwrap();
    let (_, name) = before.rsplit_once("\"/").unwrap();
    format!("/{name}.js")
}
