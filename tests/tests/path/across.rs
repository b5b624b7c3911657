//! What should be the same on all forms of a station: explained on the device, shown at the
//! station's page, and in no total.

use saksi_tests::binaries::repository;
use saksi_tests::collector::Collector;
use saksi_tests::device::AgentProcess;
use saksi_tests::paper::Paper;
use serde_json::Value;

#[test]
fn voters_that_differ_between_contests_are_explained_shown_and_counted() {
    let pack = repository().join("deploy/elections/indonesia-2024");
    let place = tempfile::tempdir().unwrap();
    let definition = saksi_collector::pack::read(&pack).unwrap();
    let mut collector = Collector::make(place.path(), &pack).unwrap();
    collector.start(None).unwrap();
    let station = &definition.stations()[0];
    let bundle = collector.bundle_path(station.code.as_str());
    let mut agent = AgentProcess::init(&place.path().join("agent"), &bundle).unwrap();
    let mut random = fastrand::Rng::with_seed(3);
    let contests = definition.contests().iter();
    let mut papers: Vec<_> =
        contests.map(|contest| Paper::plausible(station, contest, &mut random)).collect();
    let voters = papers[0].number("I.B.4.J");
    // In the second contest one woman more has voted, validly.
    for field in ["I.B.1.P", "I.B.1.J", "I.B.4.P", "I.B.4.J", "II.2", "V.B", "V.C"] {
        let more = papers[1].number(field) + 1;
        papers[1].set(field, more);
    }
    let unused = papers[1].number("II.4") - 1;
    papers[1].set("II.4", unused);
    // In the third one woman stands on another list; the sums are the same.
    for (field, by) in [("I.B.1.P", -1), ("I.B.1.J", -1), ("I.B.3.P", 1), ("I.B.3.J", 1)] {
        let number = papers[2].number(field).checked_add_signed(by).unwrap();
        papers[2].set(field, number);
    }
    assert!(agent.submit(&papers[0].to_json(), &[]).unwrap().status.success());
    let refused = agent.submit(&papers[1].to_json(), &[]).unwrap();
    let said = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(4), "{said}");
    let wanted = format!("{} ≠ {voters} · X2 · ", voters + 1);
    assert!(said.contains(&wanted) && said.contains("President"), "{said}");
    let explain = ["--explain", "one came late"];
    assert!(agent.submit(&papers[1].to_json(), &explain).unwrap().status.success());
    let refused = agent.submit(&papers[2].to_json(), &[]).unwrap();
    let said = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(4), "{said}");
    let women = papers[0].number("I.B.1.P");
    assert!(said.contains(&format!("{} ≠ {women} · X2 · ", women - 1)), "{said}");
    assert!(said.contains("(I.B.3.J)"), "each line that differs is named: {said}");
    assert!(agent.submit(&papers[2].to_json(), &explain).unwrap().status.success());
    agent.run(&collector.address().unwrap()).unwrap();
    for paper in &papers {
        assert_eq!(agent.received(&paper.contest).unwrap()["standing"], "counted");
    }
    let shown: Value = collector.get(&format!("/api/v1/stations/{}", station.code)).unwrap();
    let across = shown["across"].as_array().unwrap();
    let fields = ["I.B.4.J", "I.B.1.P", "I.B.1.J", "I.B.3.P", "I.B.3.J", "I.B.4.P"];
    assert_eq!(across.len(), fields.len(), "{across:?}");
    for (field, across) in fields.into_iter().zip(across) {
        assert_eq!((&across["code"], &across["severity"]), (&"X2".into(), &"warn".into()));
        let numbers = across["numbers"].as_array().unwrap();
        assert!(numbers.iter().all(|one| one["field"] == field), "{field}: {across}");
        let numbers: Vec<_> = numbers.iter().map(|one| one["number"].as_u64().unwrap()).collect();
        assert_eq!(
            numbers,
            papers.iter().map(|paper| paper.number(field).into()).collect::<Vec<u64>>()
        );
    }
    assert_eq!(
        shown["contests"][0]["sections"][0]["title"]["id"],
        "Data pemilih dan pengguna hak pilih"
    );
    // Corrected, it is gone.
    for contest in &definition.contests()[1..] {
        let right = Paper::plausible(station, contest, &mut random);
        // The third is wrong still when the second is right.
        let explained = ["--explain", "the others are looked at"];
        let corrected = [&["--correct", "--reason", "miscounted"][..], &explained].concat();
        let corrected = agent.submit(&right.to_json(), &corrected).unwrap();
        assert!(corrected.status.success(), "{corrected:?}");
    }
    saksi_tests::poll::until("nothing that differs", || {
        let path = format!("/api/v1/stations/{}", station.code);
        let shown: Value = collector.get(&path)?;
        Ok((shown["across"] == serde_json::json!([])).then_some(()))
    })
    .unwrap();
}
