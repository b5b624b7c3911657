//! Every export is what its standard says, as others read it, and says of itself how far the
//! count has come.

use std::path::Path;

use serde_json::Value;

use crate::judge::Judge;
use crate::night::Night;
use crate::sums;

/// Every format that has a schema and needs nobody to be elected.
const WITH_SCHEMAS: [&str; 3] = ["nist-json", "nist-xml", "eml-510"];

fn json(file: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

/// All formats are valid, for regions, stations, a part and a contest.
fn valid(night: &Night, judge: &Judge, part: &str) {
    let contest = night.election.contest(0).code.to_string();
    let choices: [&[&str]; 5] = [
        &[],
        &["--stations"],
        &["--region", part],
        &["--region", part, "--stations"],
        &["--contest", &contest, "--issuer", "Commission <of> \"all\" & nobody"],
    ];
    for format in WITH_SCHEMAS {
        for more in choices {
            let file = night.export(format, more);
            let judged = judge.against_export(format, &file);
            assert_eq!(judged, Ok(()), "{format} {more:?}");
        }
    }
}

/// The report, its log and its units say the same as the checkpoint and the night.
fn said(night: &Night, is_rehearsal: bool) {
    let file = night.export("nist-json", &["--stations"]);
    let report = json(&file);
    let checkpoint = night.checkpoint();
    let identifier = |of: &str| {
        let all = report["ExternalIdentifier"].as_array().unwrap();
        all.iter().find(|found| found["OtherType"] == of).unwrap()["Value"].clone()
    };
    assert_eq!(identifier("log-origin"), checkpoint.origin.as_str());
    assert_eq!(identifier("log-size"), checkpoint.size.to_string());
    assert_eq!(identifier("log-root"), checkpoint.root.to_string());
    let note = identifier("log-checkpoint").as_str().unwrap().to_owned();
    assert_eq!(night.key().open(&note).unwrap(), checkpoint);
    assert_eq!(report["IsTest"], is_rehearsal);
    assert_eq!(report["TestType"].as_str(), is_rehearsal.then_some("rehearsal"));
    assert_eq!(report["Notes"].as_str().unwrap().starts_with("REHEARSAL"), is_rehearsal);
    assert_eq!(report["Status"], "unofficial-partial");
    assert_eq!((&report["SequenceStart"], &report["SequenceEnd"]), (&1.into(), &1.into()));
    assert_eq!(report["Format"], "precinct-level");

    let units = report["GpUnit"].as_array().unwrap();
    let unit = |id: String| units.iter().find(|unit| unit["@id"] == id.as_str()).unwrap();
    for ((contest, station), (state, _)) in &night.stations {
        let code = night.election.definition.stations()[*station].code;
        let unit = unit(format!("station-{code}"));
        let words = format!("contest={} state={state}", night.election.contest(*contest).code);
        let statuses = unit["CountStatus"].as_array().unwrap();
        let found = statuses.iter().find(|status| status["OtherType"] == words.as_str());
        let wanted = match *state {
            "missing" => "not-processed",
            "held" | "disputed" => "in-process",
            _ => "completed",
        };
        assert_eq!(found.unwrap_or_else(|| panic!("{words} in {unit}"))["Status"], wanted);
    }
    let whole = night.election.definition.whole();
    let whole_unit = unit("region-0".to_owned());
    assert_eq!(whole_unit["CountStatus"][0]["Status"], "in-process");
    let contests = report["Election"][0]["Contest"].as_array().unwrap();
    for (contest, of) in contests.iter().enumerate() {
        let words = of["CountStatus"][1]["OtherType"].as_str().unwrap();
        for state in ["counted", "held", "disputed", "rejected", "missing", "unopened"] {
            let wanted = format!("{state}={}", night.standing(contest, whole, state));
            assert!(words.split(' ').any(|word| word == wanted), "{wanted} in {words}");
        }
    }
}

fn all(sample: &str, phase: &str, part: &str) {
    let night = Night::of(sample, phase);
    let judge = Judge::new();
    sums::check(&night, judge.as_ref());
    said(&night, phase == "rehearsal");
    if let Some(judge) = &judge {
        valid(&night, judge, part);
    }
}

#[test]
fn an_election_of_candidates_in_earnest() {
    all("kenya-form-34a", "official", "0050210102");
}

#[test]
fn a_rehearsal_with_parties_and_their_lists() {
    all("indonesia-2024", "rehearsal", "8207");
}

#[test]
fn the_judges_find_what_is_wrong() {
    let Some(judge) = Judge::new() else { return };
    let night = Night::of("kenya-form-34a", "rehearsal");
    for (format, right, wrong) in [
        ("nist-json", "\"Status\":\"unofficial-partial\"", "\"Status\":\"fine\""),
        ("nist-xml", "<ElectionScopeId>region-0<", "<ElectionScopeId>region-9<"),
        ("nist-xml", "<Status>in-process<", "<Status>half<"),
        ("eml-510", "<Cast>", "<Cast>-"),
    ] {
        let file = night.export(format, &[]);
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.contains(right), "{right} in {text}");
        let spoilt = night.dir().join("spoilt");
        std::fs::write(&spoilt, text.replace(right, wrong)).unwrap();
        assert!(judge.against_export(format, &spoilt).is_err(), "{format}: {wrong}");
    }
}
