//! What the centre decides beside a running collector: rulings, amendments, pauses. Totals
//! follow at once, on pages and in the API, and are the same after a restart.

use saksi_proto::message::{Batch, Outcome, Standing, ToAgent, ToCollector};
use saksi_tests::collector;
use saksi_tests::kenya::CONTEST;
use saksi_tests::scene::Scene;
use saksi_tests::wire::Wire;
use serde_json::{Value, json};

/// `saksi-collector WHAT… DIR …`
fn command(scene: &Scene, what: [&str; 2], arguments: &[&str]) -> Result<String, String> {
    let dir = scene.collector.dir().to_str().unwrap();
    let output = collector::command(&[&what[..], &[dir], arguments].concat()).unwrap();
    let words = if output.status.success() { Ok(output.stdout) } else { Err(output.stderr) };
    let text = |bytes| String::from_utf8(bytes).unwrap();
    words.map(text).map_err(text)
}

/// `ruling WHAT DIR STATION … --by sri --reason …`, for a station of the list.
fn rule(scene: &Scene, what: &str, station: usize, more: &[&str]) -> Result<String, String> {
    let code = scene.stations[station].code.as_str();
    let why = ["--by", "sri", "--reason", "as on the photo"];
    command(scene, ["ruling", what], &[&[code], more, &why[..]].concat())
}

/// How many stations are counted, held, disputed and rejected, and on how many was ruled.
fn stations(scene: &Scene) -> [u64; 5] {
    let region: Value = scene.collector.get("/api/v1/regions/0").unwrap();
    let of = &region["totals"]["stations"];
    ["counted", "held", "disputed", "rejected", "ruled"].map(|word| of[word].as_u64().unwrap())
}

fn shown(scene: &Scene, station: usize) -> Value {
    let path = format!("/api/v1/stations/{}", scene.stations[station].code);
    scene.collector.get::<Value>(&path).unwrap()
}

fn page(scene: &Scene, path: &str) -> String {
    let url = format!("{}{path}", scene.collector.web().unwrap());
    ureq::get(&url).call().unwrap().body_mut().read_to_string().unwrap()
}

/// A form that breaks the hard rule K1 of station 0.
fn hold(scene: &Scene) {
    let mut agent = scene.agent("held", 0).unwrap();
    let mut paper = scene.stations[0].paper([30, 20, 2, 1]);
    paper.set("A.T", 54);
    let stored = agent.submit(&paper.to_json(), &["--explain", "the paper says so"]).unwrap();
    assert!(stored.status.success(), "{stored:?}");
    agent.run(&scene.collector.address().unwrap()).unwrap();
    assert_eq!(agent.received(CONTEST).unwrap()["standing"], "held");
}

/// Two devices of station 1 contradict each other. Their digests.
fn dispute(scene: &Scene) -> [String; 2] {
    for (name, votes) in [("one", [10, 4, 2, 1]), ("other", [4, 10, 2, 1])] {
        let mut agent = scene.agent(name, 1).unwrap();
        let paper = scene.stations[1].paper(votes).to_json();
        assert!(agent.submit(&paper, &[]).unwrap().status.success());
        agent.run(&scene.collector.address().unwrap()).unwrap();
        agent.received(CONTEST).unwrap();
    }
    let forms = shown(scene, 1)["contests"][0]["forms"].clone();
    [0, 1].map(|at| forms[at]["digest"].as_str().unwrap().to_owned())
}

/// What the device that sent a form is told of it, when it sends it once more.
fn told_again(scene: &Scene, digest: &str) -> Standing {
    let sealed = scene.agent_dir("one").join(format!("forms/{digest}.saksi"));
    let forms = vec![std::fs::read(sealed).unwrap()];
    let (address, bundle) = (scene.collector.address().unwrap(), scene.bundle(1).unwrap());
    let mut wire = Wire::begin(&address, &bundle).unwrap();
    let answer = wire.ask(&ToCollector::Submit(Batch { number: 1, forms })).unwrap();
    let Some(ToAgent::Outcomes(outcomes)) = answer else { panic!("outcomes, not {answer:?}") };
    let [Outcome::Logged(logged)] = &outcomes.outcomes[..] else { panic!("{outcomes:?}") };
    logged.standing
}

fn restart(scene: &mut Scene) {
    let before = scene.collector.stop().unwrap();
    scene.collector.start(Some(before)).unwrap();
}

#[test]
fn a_held_form_is_accepted_and_the_ruling_undone_by_later_ones() {
    let mut scene = Scene::serving().unwrap();
    hold(&scene);
    let list = command(&scene, ["ruling", "list"], &[]).unwrap();
    assert!(list.contains("held") && list.contains("1 wait for a ruling"), "{list}");
    let form = shown(&scene, 0)["contests"][0]["forms"][0].clone();
    let digest = form["digest"].as_str().unwrap().to_owned();
    let words = rule(&scene, "accept", 0, &["--form", &digest[..8]]).unwrap();
    assert!(words.contains(&digest), "{words}");

    assert_eq!((scene.votes().unwrap(), stations(&scene)), ([30, 20, 2, 1], [1, 0, 0, 0, 1]));
    let ruled = shown(&scene, 0);
    let contest = &ruled["contests"][0];
    assert_eq!(
        (&contest["state"], &contest["forms"][0]["standing"]),
        (&json!("counted"), &json!("counted"))
    );
    assert_eq!(contest["forms"][0]["findings"][0]["code"], "K1", "still shown");
    let ruling = &contest["rulings"][0];
    assert_eq!((&ruling["by"], &ruling["reason"]), (&json!("sri"), &json!("as on the photo")));
    assert_eq!(ruling["index"], ruled["position"]["size"].as_u64().unwrap() - 1);
    assert_eq!(ruling["over"], json!([digest]));
    let station = page(&scene, &format!("/station/{}?lang=en", scene.stations[0].code));
    for said in ["Rulings", "as on the photo", "sri", "This form is counted as written:"] {
        assert!(station.contains(said), "{said}");
    }
    assert!(page(&scene, "/region/0?lang=en").contains("Ruled on"));
    let again = rule(&scene, "accept", 0, &["--form", &digest]).unwrap_err();
    assert!(again.contains("already-so"), "{again}");

    rule(&scene, "reject", 0, &[]).unwrap();
    assert_eq!((scene.votes().unwrap(), stations(&scene)), ([0; 4], [0, 0, 0, 1, 1]));
    rule(&scene, "withdraw", 0, &[]).unwrap();
    assert_eq!((scene.votes().unwrap(), stations(&scene)), ([0; 4], [0, 1, 0, 0, 0]));
    rule(&scene, "accept", 0, &["--form", &digest]).unwrap();

    let before = (shown(&scene, 0), scene.votes().unwrap());
    restart(&mut scene);
    assert_eq!((shown(&scene, 0), scene.votes().unwrap()), before);
    assert_eq!(before.1, [30, 20, 2, 1]);
    let dir = scene.collector.dir().to_str().unwrap();
    collector::succeed(&["journal", "verify", dir]).unwrap();
}

#[test]
fn a_dispute_is_settled_until_a_form_comes_that_names_neither() {
    let mut scene = Scene::serving().unwrap();
    let digests = dispute(&scene);
    assert_eq!((scene.votes().unwrap(), stations(&scene)), ([0; 4], [0, 0, 1, 0, 0]));
    let unknown = rule(&scene, "accept", 1, &["--form", &"7".repeat(64)]).unwrap_err();
    assert!(unknown.contains("unknown-form"), "{unknown}");
    let nothing = rule(&scene, "reject", 2, &[]).unwrap_err();
    assert!(nothing.contains("nothing-to-rule-on"), "{nothing}");
    let code = scene.stations[1].code.as_str();
    let no_reason = command(&scene, ["ruling", "reject"], &[code, "--reason", " "]).unwrap_err();
    assert!(no_reason.contains("--reason"), "{no_reason}");

    rule(&scene, "accept", 1, &["--form", &digests[1]]).unwrap();
    assert_eq!((scene.votes().unwrap(), stations(&scene)), ([4, 10, 2, 1], [1, 0, 0, 0, 1]));
    let forms = shown(&scene, 1)["contests"][0]["forms"].clone();
    assert_eq!([&forms[0]["standing"], &forms[1]["standing"]], ["rejected", "counted"]);
    let told = command(&scene, ["ruling", "show"], &[code]).unwrap();
    assert!(told.contains("rejected") && told.contains("ruling of sri over 2 forms"), "{told}");
    assert_eq!(told_again(&scene, &digests[0]), Standing::Rejected);

    // Without a running collector, too.
    let before = scene.collector.stop().unwrap();
    rule(&scene, "accept", 1, &["--form", &digests[0]]).unwrap();
    scene.collector.start(Some(before)).unwrap();
    assert_eq!((scene.votes().unwrap(), stations(&scene)), ([10, 4, 2, 1], [1, 0, 0, 0, 1]));

    let mut third = scene.agent("third", 1).unwrap();
    let paper = scene.stations[1].paper([11, 4, 2, 1]).to_json();
    assert!(third.submit(&paper, &[]).unwrap().status.success());
    third.run(&scene.collector.address().unwrap()).unwrap();
    assert_eq!(third.received(CONTEST).unwrap()["standing"], "disputed");
    assert_eq!((scene.votes().unwrap(), stations(&scene)), ([0; 4], [0, 0, 1, 0, 1]));
}

#[test]
fn an_amendment_changes_what_coverage_is_measured_by() {
    let mut scene = Scene::serving().unwrap();
    let [first, second] = [0, 1].map(|at| scene.stations[at].code.clone());
    let registered = scene.stations[0].registered;
    scene.deliver(0, [30, 20, 2, 1]).unwrap();
    let measured = |scene: &Scene| {
        let region: Value = scene.collector.get("/api/v1/regions/0").unwrap();
        let totals = &region["totals"];
        let (of, voters) = (&totals["stations"], &totals["registered"]);
        [&of["expected"], &of["unopened"], &voters["expected"], &voters["counted"]]
            .map(|number| number.as_u64().unwrap())
    };
    let [expected, _, all, _] = measured(&scene);
    let why = ["--reason", "the court's list"];
    let amend = |scene: &Scene, what: &str, arguments: &[&str]| {
        command(scene, ["amend", what], &[arguments, &why[..]].concat())
    };
    let more = (registered + 7).to_string();
    amend(&scene, "registered", &[&first, &more]).unwrap();
    amend(&scene, "unopened", &[&second]).unwrap();
    let gone = u64::from(scene.stations[1].registered);
    let wanted = [expected - 1, 1, all + 7 - gone, u64::from(registered) + 7];
    assert_eq!(measured(&scene), wanted);
    for (what, arguments, denial) in [
        ("registered", &[first.as_str(), &more][..], "already-so"),
        ("registered", &[second.as_str(), "5"], "station-unopened"),
        ("unopened", &[first.as_str()], "has-reported"),
        ("unopened", &["999999"], "unknown-station"),
    ] {
        let denied = amend(&scene, what, arguments).unwrap_err();
        assert!(denied.contains(denial), "{denied}");
    }
    let station = page(&scene, &format!("/station/{first}?lang=en"));
    assert!(station.contains(&format!("Registered voters: {registered}, amended to {more}.")));
    restart(&mut scene);
    assert_eq!(measured(&scene), wanted);
    // A form says that it was open; nobody forgets the station.
    scene.deliver(1, [5, 4, 1, 1]).unwrap();
    assert_eq!(measured(&scene)[..2], [expected, 0]);
}

#[test]
fn a_pause_is_said_everywhere_and_the_log_goes_on() {
    let mut scene = Scene::serving().unwrap();
    let why = ["--reason", "a server is being <moved>"];
    command(&scene, ["publication", "pause"], &why).unwrap();
    let denied = command(&scene, ["publication", "pause"], &why).unwrap_err();
    assert!(denied.contains("already-so"), "{denied}");
    let banner = "a server is being &#60;moved&#62;";
    for _ in 0..2 {
        let election = scene.collector.get::<Value>("/api/v1/election").unwrap();
        assert_eq!(election["publication"]["state"], "paused");
        assert_eq!(election["publication"]["reason"], "a server is being <moved>");
        assert!(election["publication"]["since_ms"].as_u64().unwrap() > 1_700_000_000_000);
        assert!(page(&scene, "/region/0").contains(banner));
        restart(&mut scene);
    }
    scene.deliver(0, [30, 20, 2, 1]).unwrap();
    assert_eq!(scene.votes().unwrap(), [30, 20, 2, 1]);
    command(&scene, ["publication", "resume"], &["--reason", "it has moved"]).unwrap();
    let open: Value = scene.collector.get("/api/v1/election").unwrap();
    assert_eq!(open["publication"], json!({ "state": "open", "since_ms": null, "reason": null }));
    assert!(!page(&scene, "/region/0").contains(banner));
}
