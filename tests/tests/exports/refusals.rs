//! What is not exported, and what a result needs.

use std::fs;

use saksi_tests::collector;
use saksi_tests::scene::Scene;

use crate::judge::Judge;
use crate::night::Night;

#[test]
fn what_cannot_be_exported_is_said_and_no_file_appears() {
    let night = Night::of("indonesia-2024", "rehearsal");
    let out = night.dir().join("out");
    for (arguments, words) in [
        (&["csv"][..], "ppwp, dpr, dpd"),
        (&["csv", "--contest", "nobody"], "no contest nobody"),
        (&["nist-json", "--date", "2024-02-14", "--region", "99"], "no region 99"),
        (&["nist-xml"], "--date"),
        (&["eml-510"], "--date"),
        (&["eml-520", "--contest", "dpr"], "--date"),
        (&["eml-520", "--date", "2024-02-14"], "--contest"),
        (&["eml-520", "--date", "2024-02-14", "--contest", "dpr", "--elected", "01"], "eml-510"),
        (&["eml-520", "--date", "2024-02-14", "--contest", "dpr", "--region", "82"], "whole"),
    ] {
        let out = ["--out", out.to_str().unwrap()];
        let output = night.try_export(&[&["--format"], arguments, &out].concat());
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(said.contains(words), "{arguments:?}: {said}");
    }
    assert!(!out.exists());
    let left = fs::read_dir(night.dir()).unwrap().filter(|entry| {
        entry.as_ref().unwrap().file_name().to_str().unwrap().starts_with(".saksi-export-")
    });
    assert_eq!(left.count(), 0, "nothing is left behind");
    for usage in [&["--format", "pdf"][..], &["--format", "csv", "--date", "14 February"]] {
        assert_eq!(night.try_export(usage).status.code(), Some(2), "{usage:?}");
    }
}

/// Twelve stations counted, exported beside the running collector.
#[test]
fn a_result_is_of_a_whole_count_and_names_whom_somebody_has_named() {
    let scene = Scene::serving().unwrap();
    let home = scene.collector.dir().to_str().unwrap();
    let export = |out: &str, more: &[&str]| {
        let to = ["export", home, "--format", "eml-520", "--date", "2022-08-09", "--out", out];
        collector::command(&[&to[..], more].concat()).unwrap()
    };
    let out = scene.dir().join("result.xml");
    let out = out.to_str().unwrap();
    for station in 0..scene.stations.len() {
        let open = export(out, &["--elected", "2"]);
        let said = String::from_utf8(open.stderr).unwrap();
        assert!(said.contains(&format!("{} of 12", 12 - station)), "{said}");
        scene.deliver(station, [30, 40, 2, 0]).unwrap();
    }
    for (elected, words) in [(&[][..], "--elected"), (&["--elected", "02"], "nobody stands as 02")]
    {
        let said = String::from_utf8(export(out, elected).stderr).unwrap();
        assert!(said.contains(words), "{said}");
    }
    assert!(!scene.dir().join("result.xml").exists());
    // One without a vote: the profile has no word for that.
    let made = export(out, &["--elected", "2", "--elected", "4"]);
    assert!(made.status.success(), "{made:?}");
    let entries = scene.entries().unwrap();
    let complete = scene.dir().join("complete.json");
    let to = ["export", home, "--format", "nist-json", "--date", "2022-08-09", "--out"];
    collector::succeed(&[&to[..], &[complete.to_str().unwrap()]].concat()).unwrap();
    let complete: serde_json::Value = serde_json::from_slice(&fs::read(complete).unwrap()).unwrap();
    assert_eq!(complete["Status"], "unofficial-complete", "and never certified");

    let Some(judge) = Judge::new() else { return };
    let path = scene.dir().join("result.xml");
    assert_eq!(judge.against_export("eml-520", &path), Ok(()));
    let result = judge.elements(&path).one("Result");
    let said = result.one("Object/Export/Log");
    assert_eq!(said.attribute("size"), Some(&*entries.to_string()));
    let name = result.one("Election/ElectionIdentifier/ElectionName").text().to_owned();
    assert!(name.starts_with("REHEARSAL"), "{name}");
    let elected = result.one("Election/Contest").all("Selection");
    let [ruto, wajackoyah] = &elected[..] else { panic!("two, not {}", elected.len()) };
    assert_eq!(ruto.one("Votes").number(), 12 * 40);
    assert_eq!(ruto.one("Candidate/CandidateIdentifier").attribute("Id"), Some("2"));
    assert!(wajackoyah.all("Votes").is_empty());
}

#[test]
fn what_nobody_has_reported_is_before_the_election_and_a_pause_is_said() {
    let scene = Scene::new().unwrap();
    let home = scene.collector.dir().to_str().unwrap();
    collector::succeed(&["publication", "pause", home, "--reason", "a server is moved"]).unwrap();
    let to = ["export", home, "--format", "nist-json", "--date", "2022-08-09"];
    let report: serde_json::Value =
        serde_json::from_str(&collector::succeed(&to).unwrap()).unwrap();
    assert_eq!(report["Status"], "pre-election");
    assert!(report["Notes"].as_str().unwrap().ends_with("paused: a server is moved"));
    let counts = report["Election"][0]["Contest"][0]["ContestSelection"][0]["VoteCounts"].clone();
    assert_eq!(counts, serde_json::json!([]), "no votes are no zeros");
    let csv = collector::succeed(&["export", home, "--format", "csv"]).unwrap();
    assert!(csv.lines().nth(1).unwrap().starts_with("rehearsal,paused,"), "{csv}");
}
