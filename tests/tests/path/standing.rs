//! How a form stands: findings, corrections, disputes.

use saksi_tests::kenya::CONTEST;
use saksi_tests::results::Station;
use saksi_tests::scene::Scene;
use serde_json::Value;

/// A station's row in the list of its region.
fn row(scene: &Scene, station: usize) -> Station {
    let station = &scene.stations[station];
    let region = scene.region(&station.region).unwrap();
    region.stations.into_iter().find(|row| row.code == station.code).unwrap()
}

fn forms(scene: &Scene, station: usize) -> Vec<Value> {
    let path = format!("/api/v1/stations/{}", scene.stations[station].code);
    let shown: Value = scene.collector.get(&path).unwrap();
    shown["contests"][0]["forms"].as_array().unwrap().clone()
}

#[test]
fn a_broken_hard_rule_needs_an_explanation_and_holds_the_form() {
    let scene = Scene::serving().unwrap();
    let mut agent = scene.agent("hard", 0).unwrap();
    let mut paper = scene.stations[0].paper([30, 20, 2, 1]);
    paper.set("A.T", 54);
    let refused = agent.submit(&paper.to_json(), &[]).unwrap();
    assert_eq!(refused.status.code(), Some(4));
    let words = String::from_utf8(refused.stderr).unwrap();
    assert!(words.contains("--explain") && words.contains("K1"), "{words}");
    assert!(agent.delivery(CONTEST).unwrap().is_null(), "nothing is stored");

    let stored = agent.submit(&paper.to_json(), &["--explain", "the paper says so"]).unwrap();
    assert!(stored.status.success(), "{stored:?}");
    agent.run(&scene.collector.address().unwrap()).unwrap();
    assert_eq!(agent.received(CONTEST).unwrap()["standing"], "held");
    let totals = scene.region("0").unwrap().totals;
    assert_eq!(
        (totals.stations.reported, totals.stations.held, totals.stations.counted),
        (1, 1, 0)
    );
    assert_eq!(totals.held_by_rule.into_iter().collect::<Vec<_>>(), [("K1".to_owned(), 1)]);
    assert_eq!(scene.votes().unwrap(), [0; 4]);
    let row = row(&scene, 0);
    assert_eq!((row.state.as_str(), &row.findings[..]), ("held", &["K1".to_owned()][..]));
    assert_eq!(forms(&scene, 0)[0]["explanation"], "the paper says so");
}

#[test]
fn a_broken_warn_rule_needs_an_explanation_and_the_form_is_counted() {
    let scene = Scene::serving().unwrap();
    let mut agent = scene.agent("warn", 0).unwrap();
    let mut paper = scene.stations[0].paper([30, 20, 2, 1]);
    paper.set("B.3", 2);
    assert_eq!(agent.submit(&paper.to_json(), &[]).unwrap().status.code(), Some(4));
    let stored = agent.submit(&paper.to_json(), &["--explain", "two objections"]).unwrap();
    assert!(stored.status.success(), "{stored:?}");
    agent.run(&scene.collector.address().unwrap()).unwrap();
    assert_eq!(agent.received(CONTEST).unwrap()["standing"], "counted");
    assert_eq!(scene.votes().unwrap(), [30, 20, 2, 1]);
    let row = row(&scene, 0);
    assert_eq!((row.state.as_str(), &row.findings[..]), ("counted", &["K5".to_owned()][..]));
}

#[test]
fn a_correction_takes_the_place_of_the_form_before_which_stays_to_be_seen() {
    let scene = Scene::serving().unwrap();
    let mut agent = scene.agent("correct", 0).unwrap();
    let first = scene.stations[0].paper([30, 20, 2, 1]).to_json();
    let second = scene.stations[0].paper([31, 20, 2, 1]).to_json();
    let nothing = agent.submit(&second, &["--correct", "--reason", "miscopied"]).unwrap();
    assert_eq!(nothing.status.code(), Some(6), "there is nothing to correct");
    assert!(agent.submit(&first, &[]).unwrap().status.success());
    agent.run(&scene.collector.address().unwrap()).unwrap();
    let before = agent.received(CONTEST).unwrap();
    assert_eq!(agent.submit(&second, &[]).unwrap().status.code(), Some(5), "needs --correct");
    let stored = agent.submit(&second, &["--correct", "--reason", "miscopied"]).unwrap();
    assert!(stored.status.success(), "{stored:?}");
    let after = agent.received(CONTEST).unwrap();

    assert_eq!(scene.votes().unwrap(), [31, 20, 2, 1]);
    let counts = scene.region("0").unwrap().totals.stations;
    assert_eq!((counts.counted, counts.corrected), (1, 1));
    let forms = forms(&scene, 0);
    let shown: Vec<_> = forms.iter().map(|form| (&form["index"], &form["standing"])).collect();
    let (superseded, counted) = ("superseded".into(), "counted".into());
    assert_eq!(shown, [(&before["index"], &superseded), (&after["index"], &counted)]);
    assert_eq!(forms[1]["supersedes"], forms[0]["digest"]);
    assert_eq!(forms[1]["reason"], "miscopied");
    assert_eq!(forms[0]["lines"][0]["count"], 30);
}

#[test]
fn the_same_numbers_typed_twice_are_one_form() {
    let scene = Scene::serving().unwrap();
    let agent = scene.agent("twice", 0).unwrap();
    let form = scene.stations[0].paper([30, 20, 2, 1]).to_json();
    let stored = |output: std::process::Output| {
        serde_json::from_slice::<Value>(&output.stdout).expect("what was stored, as JSON")
    };
    let first = stored(agent.submit(&form, &["--json"]).unwrap());
    let second = stored(agent.submit(&form, &["--json"]).unwrap());
    assert_eq!((&first["is_new"], &second["is_new"]), (&true.into(), &false.into()));
    assert_eq!(first["digest"], second["digest"]);
    assert_eq!(agent.json(&["status"]).unwrap()["waiting"], 1);
}

#[test]
fn two_devices_of_one_station_with_different_numbers_are_a_dispute() {
    let scene = Scene::serving().unwrap();
    for (name, votes) in [("one", [30, 20, 2, 1]), ("other", [20, 30, 2, 1])] {
        let mut agent = scene.agent(name, 0).unwrap();
        assert!(
            agent.submit(&scene.stations[0].paper(votes).to_json(), &[]).unwrap().status.success()
        );
        agent.run(&scene.collector.address().unwrap()).unwrap();
        let standing = if name == "one" { "counted" } else { "disputed" };
        assert_eq!(agent.received(CONTEST).unwrap()["standing"], standing);
    }
    scene.deliver(1, [5, 4, 1, 1]).unwrap();
    assert_eq!(scene.votes().unwrap(), [5, 4, 1, 1], "neither of the two is summed");
    let counts = scene.region("0").unwrap().totals.stations;
    assert_eq!((counts.reported, counts.disputed, counts.counted), (2, 1, 1));
    assert_eq!(row(&scene, 0).state, "disputed");
    let standings: Vec<_> = forms(&scene, 0).iter().map(|form| form["standing"].clone()).collect();
    assert_eq!(standings, ["disputed", "disputed"]);
}
