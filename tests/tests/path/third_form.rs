//! Another country's form needs no code: the Kenyan sample, and one that nobody has.

use std::fs;

use saksi_tests::collector::{self, Collector};
use saksi_tests::device::AgentProcess;
use saksi_tests::kenya::CONTEST;
use saksi_tests::results;
use saksi_tests::scene::Scene;
use serde_json::json;

#[test]
fn the_kenyan_form_takes_the_same_way() {
    let scene = Scene::serving().unwrap();
    let mut agent = scene.agent("kenya", 0).unwrap();
    let stored = agent.submit(&scene.stations[0].paper([300, 200, 7, 2]).to_json(), &[]).unwrap();
    assert!(stored.status.success(), "{stored:?}");
    agent.run(&scene.collector.address().unwrap()).unwrap();
    assert_eq!(agent.received(CONTEST).unwrap()["standing"], "counted");
    assert_eq!(scene.votes().unwrap(), [300, 200, 7, 2]);
    let above = scene.region(&scene.stations[0].region).unwrap();
    assert_eq!(above.totals.invalid.unwrap().total, 1);
}

const ELECTION: &str = r#"
format = 1
id = "harbour"
name = "Harbour council"
phase = "rehearsal"
time_zone = "Europe/Lisbon"
languages = ["en"]

[[level]]
code = "harbour"
depth = 0
name = "Harbour"

[[form]]
code = "slip"
name = "The slip"
summary = { valid = "S" }

[[form.line]]
code = "Q"
section = "1"
letter = "q"
name = "Boats that came in"
columns = ["day", "night"]
bound = 50

[[form.line]]
code = "W"
section = "2"
letter = ""
name = "Votes"
votes = "candidates"
bound = 50

[[form.line]]
code = "S"
section = "2"
letter = "s"
name = "All votes"
bound = 50

[[form.rule]]
code = "Z1"
severity = "hard"
check = ["votes = S", "S <= Q.day + Q.night"]
sentence = "Each boat has one vote."

[[contest]]
code = "pilot"
name = "Pilot"
form = "slip"
scope = "everywhere"
candidate = [{ code = "a", name = "Ana" }, { code = "b", name = "Bento" }]
"#;

#[test]
fn a_form_that_nobody_has_seen_before_is_counted_and_checked_by_its_own_rule() {
    let place = tempfile::tempdir().unwrap();
    let pack = place.path().join("pack");
    fs::create_dir(&pack).unwrap();
    fs::write(pack.join("election.toml"), ELECTION).unwrap();
    fs::write(pack.join("regions.csv"), "code,parent,level,name\nH,,harbour,Harbour\n").unwrap();
    let stations = "code,region,name,registered_men,registered_women,registered_all\n\
        quay,H,Quay,,,\nmole,H,Mole,,,\n";
    fs::write(pack.join("stations.csv"), stations).unwrap();
    collector::succeed(&["election", "check", pack.to_str().unwrap()]).unwrap();
    let mut collector = Collector::make_without_devices(place.path(), &pack).unwrap();
    assert!(collector.issue(&["quay", "mole"]).unwrap().status.success());
    collector.start(None).unwrap();

    let form = |votes: [u32; 2], all: u32| {
        let lines =
            json!({"Q.day": 20, "Q.night": null, "W.a": votes[0], "W.b": votes[1], "S": all});
        json!({"contest": "pilot", "lines": lines})
    };
    let mut agents = ["quay", "mole"].map(|station| {
        AgentProcess::init(&place.path().join(station), &collector.bundle_path(station)).unwrap()
    });
    let [quay, mole] = &mut agents;
    assert!(quay.submit(&form([4, 9], 13), &[]).unwrap().status.success());
    let refused = mole.submit(&form([4, 9], 14), &[]).unwrap();
    assert_eq!(refused.status.code(), Some(4));
    assert!(String::from_utf8(refused.stderr).unwrap().contains("Each boat has one vote."));
    assert!(mole.submit(&form([4, 9], 14), &["--explain", "so"]).unwrap().status.success());
    for agent in [quay, mole] {
        agent.run(&collector.address().unwrap()).unwrap();
        agent.received("pilot").unwrap();
    }
    let totals = results::region(&collector, "H", "pilot").unwrap().totals;
    assert_eq!((totals.votes["a"].total, totals.votes["b"].total), (4, 9));
    assert_eq!((totals.stations.counted, totals.stations.held), (1, 1));
    assert_eq!(totals.invalid, None);
}
