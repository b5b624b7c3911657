use std::sync::Arc;

use saksi_proto::SigningKey;
use saksi_proto::author::{self, Pack};
use saksi_proto::checkpoint::Checkpoint;
use saksi_proto::count::Count;
use saksi_proto::digest::Digest;
use saksi_proto::entry::{Act, Entry};
use saksi_proto::ruling::{Amended, Amendment, Decision, Pause, Ruling};

use super::at::Folded;
use super::content::{Export, Wanted};
use super::coverage::{Coverage, Progress};
use super::*;
use crate::election::Election;
use crate::ledger::Ledger;
use crate::sample::{PACK_FILES, apply, arrival, form, ledger, manifest, sealed};

/// The sample with these forms of these stations in the first contest.
fn folded(forms: &[(&str, [Count; 3])]) -> Folded {
    let mut ledger = ledger();
    for (station, counts) in forms {
        let mut form = form(station, [0; 3]);
        form.counts = counts.to_vec();
        apply(&mut ledger, &arrival(&sealed(&form))).unwrap();
    }
    let root = Digest([9; 32]);
    let checkpoint = Checkpoint { origin: "log".to_owned(), size: ledger.position.size, root };
    let note = checkpoint.sign(&SigningKey::from_bytes(&[7; 32]));
    Folded { ledger, checkpoint, note }
}

fn written(folded: &Folded, wanted: &Wanted, format: Format) -> Result<String, ExportFault> {
    let mut out = Vec::new();
    write(&Export::new(folded, wanted)?, format, &mut out)?;
    Ok(String::from_utf8(out).unwrap())
}

fn mayor() -> Wanted {
    Wanted { contest: Some("mayor".parse().unwrap()), ..Wanted::default() }
}

const fn some(number: u32) -> Count {
    Count::Written(number)
}

/// A counted form, one with gaps, and one whose sum is wrong.
const FORMS: [(&str, [Count; 3]); 3] = [
    ("1001", [some(3), some(4), some(7)]),
    ("1002", [Count::NotWritten, Count::Illegible, some(5)]),
    ("2001", [some(1), some(1), some(9)]),
];

#[test]
fn tables_keep_empty_illegible_and_zero_apart_and_leave_out_what_is_held() {
    let folded = folded(&FORMS);
    let of_regions = written(&folded, &mayor(), Format::Csv).unwrap();
    let root = "09".repeat(32);
    let first = format!("rehearsal,open,log,7,{root},mayor,");
    let wanted = format!(
        "phase,publication,log,size,root,contest,code,name,level,expected,reported,counted,held,\
         disputed,rejected,missing,unopened,corrected,ruled,registered,registered_counted,\
         registered_unknown,V.01,V.01:not_written,V.01:illegible,V.02,V.02:not_written,\
         V.02:illegible,S,S:not_written,S:illegible\n\
         {first}0,Negara,country,3,3,2,1,0,0,0,0,0,0,32,30,1,3,1,0,4,0,1,12,0,0\n\
         {first}1,Satu,village,2,2,2,0,0,0,0,0,0,0,30,30,1,3,1,0,4,0,1,12,0,0\n\
         {first}2,Dua,village,1,1,0,1,0,0,0,0,0,0,2,0,0,,0,0,,0,0,,0,0\n"
    );
    assert_eq!(of_regions, wanted);
    let wanted = Wanted { stations: true, ..mayor() };
    let of_stations = written(&folded, &wanted, Format::Csv).unwrap();
    let form = folded.ledger.tally.station(0, 0).unwrap().all()[0].report.digest;
    let rows: Vec<_> = of_stations.lines().skip(1).map(|row| &row[first.len()..]).collect();
    assert_eq!(rows[0], format!("1001,TPS 1,1,counted,false,false,30,4,{form},3,4,7"));
    assert!(rows[1].starts_with("1002,TPS 2,1,counted,false,false,,5,"), "{}", rows[1]);
    assert!(rows[1].ends_with(",,illegible,5"), "{}", rows[1]);
    assert_eq!(rows[2], "2001,TPS 1,2,held,false,false,2,,,,,");
    assert_eq!(rows.len(), 3);
}

#[test]
fn progress_is_of_every_contest() {
    let progress = |folded: &Folded, wanted: &Wanted| {
        let export = Export::new(folded, wanted).unwrap();
        let whole = Coverage::of(&export).stations(export.units[0]);
        (Progress::of_all(&export), whole.progress(), whole.settled, whole.expected)
    };
    let all = Wanted::default();
    assert_eq!(progress(&folded(&[]), &all), (Progress::Nothing, Progress::Nothing, 0, 3));
    // Village 2 has another contest, of which nothing has come.
    let right = [("1001", FORMS[0].1), ("1002", FORMS[0].1), ("2001", FORMS[0].1)];
    let most = folded(&right);
    assert_eq!(progress(&most, &all), (Progress::Partial, Progress::Partial, 2, 3));
    assert_eq!(progress(&most, &mayor()), (Progress::Complete, Progress::Complete, 3, 3));
    let held = folded(&FORMS);
    assert_eq!(progress(&held, &mayor()), (Progress::Partial, Progress::Partial, 2, 3));
    let export = Export::new(&held, &all).unwrap();
    let registered = Coverage::of(&export).stations(export.units[0]).registered();
    assert_eq!(registered, None, "of one station it is not known");
}

#[test]
fn a_pause_a_withdrawn_ruling_and_a_station_that_stays_shut_are_in_the_tables() {
    let mut folded = folded(&FORMS[1..]);
    let held = folded.ledger.tally.station(0, 2).unwrap().all()[0].report.digest;
    let act = || Act { by: "sri".to_owned(), reason: "flood".to_owned() };
    let rule = |decision| {
        let (station, contest) = ("2001".parse().unwrap(), "mayor".parse().unwrap());
        let over = vec![held];
        Entry::Ruling(Ruling { station, contest, over, decision, at_ms: 5, act: act() })
    };
    let (station, change) = ("1001".parse().unwrap(), Amended::Unopened);
    for entry in [
        rule(Decision::Accept(held)),
        rule(Decision::Withdraw),
        Entry::Amendment(Amendment { station, change, at_ms: 6, act: act() }),
        Entry::Pause(Pause { paused: true, at_ms: 7, act: act() }),
    ] {
        apply(&mut folded.ledger, &entry).unwrap();
    }
    let of_stations = Wanted { stations: true, ..mayor() };
    let table = written(&folded, &of_stations, Format::Csv).unwrap();
    let rows: Vec<_> = table.lines().skip(1).collect();
    assert!(rows.iter().all(|row| row.starts_with("rehearsal,paused,log,")), "{table}");
    assert!(rows[0].contains(",1001,TPS 1,1,unopened,false,false,"), "{table}");
    assert!(rows[2].contains(",2001,TPS 1,2,held,false,false,"), "{table}");
    let export = Export::new(&folded, &of_stations).unwrap();
    let whole = Coverage::of(&export).stations(export.units[0]);
    assert_eq!((whole.expected, whole.begun, whole.settled), (2, 2, 1));
}

#[test]
fn units_are_of_the_region_and_of_what_is_held_there() {
    let folded = folded(&[]);
    let count = |wanted: &Wanted| Export::new(&folded, wanted).map(|export| export.units.len());
    let all = Wanted { stations: true, ..Wanted::default() };
    assert_eq!(count(&Wanted::default()).unwrap(), 3);
    assert_eq!(count(&all).unwrap(), 6);
    let hamlet = Wanted { contest: Some("hamlet".parse().unwrap()), ..all.clone() };
    assert_eq!(count(&hamlet).unwrap(), 3, "the whole, village 2 and its station");
    let village = Wanted { region: Some("1".parse().unwrap()), ..all };
    assert_eq!(count(&village).unwrap(), 3, "village 1 and two stations");
    let elsewhere = Wanted { region: village.region, ..hamlet };
    assert!(matches!(count(&elsewhere), Err(ExportFault::NotHeld(_))));
}

/// The sample with the second contest in both villages, but not in the whole by its scope.
fn in_two_villages() -> Folded {
    let [(_, election), (_, regions), (_, stations)] = PACK_FILES;
    let election = &election.replace("scope = [\"2\"]", "scope = [\"2\", \"1\"]");
    let pack = Pack { election, regions, stations };
    let election = Arc::new(Election::new(author::read(pack).unwrap()));
    let mut ledger = Ledger::new(Arc::clone(&election));
    apply(&mut ledger, &manifest(&election, "")).unwrap();
    let (size, root) = (ledger.position.size, Digest([9; 32]));
    let checkpoint = Checkpoint { origin: "log".to_owned(), size, root };
    let note = checkpoint.sign(&SigningKey::from_bytes(&[7; 32]));
    Folded { ledger, checkpoint, note }
}

#[test]
fn a_contest_of_several_regions_has_a_district_of_them_and_one_of_a_region_has_that() {
    let date = Some("2024-02-14".parse().unwrap());
    let report = |folded: &Folded, region: Option<&str>, contest: Option<&str>| {
        let region = region.map(|code| code.parse().unwrap());
        let contest = contest.map(|code| code.parse().unwrap());
        let wanted = Wanted { date, region, contest, ..Wanted::default() };
        let text = written(folded, &wanted, Format::NistJson).unwrap();
        let report: serde_json::Value = serde_json::from_str(&text).unwrap();
        let contests = report["Election"][0]["Contest"].as_array().unwrap().iter();
        let of = contests.map(|of| of["ElectionDistrictId"].as_str().unwrap().to_owned());
        let units = report["GpUnit"].as_array().unwrap().clone();
        let id = |unit: &serde_json::Value| unit["@id"].as_str().unwrap().to_owned();
        let ids = units.iter().map(id).collect::<Vec<_>>();
        let of = of.collect::<Vec<_>>();
        assert!(of.iter().all(|district| ids.contains(district)), "{of:?} in {ids:?}");
        (of, ids, units)
    };
    let two = in_two_villages();
    for region in [None, Some("1")] {
        let (of, ids, units) = report(&two, region, None);
        assert_eq!(of, ["region-0", "district-2"]);
        let district = units.last().unwrap();
        assert_eq!(district["@id"], "district-2");
        let parts = serde_json::json!(["region-2", "region-1"]);
        assert_eq!(district["ComposingGpUnitIds"], parts, "as the definition has them");
        assert_eq!(
            (&district["Type"], &district["OtherType"]),
            (&"other".into(), &"electoral-district".into())
        );
        assert_eq!(ids.iter().filter(|id| *id == "region-2").count(), 1, "{ids:?}");
    }
    let (of, ids, _) = report(&two, None, Some("mayor"));
    assert_eq!((of, ids.contains(&"district-2".to_owned())), (vec!["region-0".to_owned()], false));
    let (of, ids, _) = report(&folded(&[]), Some("1"), None);
    assert_eq!(of, ["region-0"], "the other contest is not held in village 1");
    assert!(!ids.iter().any(|id| id.starts_with("district-")), "{ids:?}");
    let (of, ids, _) = report(&folded(&[]), None, None);
    assert_eq!(of, ["region-0", "region-2"]);
    assert!(!ids.iter().any(|id| id.starts_with("district-")), "{ids:?}");
}

#[test]
fn a_result_is_of_a_complete_count_and_of_whom_somebody_has_named() {
    let date = Some("2024-02-14".parse().unwrap());
    let elected = |codes: &[&str]| Wanted {
        elected: codes.iter().map(|code| (*code).to_owned()).collect(),
        date,
        ..mayor()
    };
    let partial = written(&folded(&FORMS), &elected(&["02"]), Format::Eml520);
    assert!(matches!(partial, Err(ExportFault::Incomplete { open: 1, expected: 3 })));
    let right = [("1001", FORMS[0].1), ("1002", FORMS[0].1), ("2001", FORMS[0].1)];
    let whole = folded(&right);
    let other = ("2001", [some(4), some(3), some(7)]);
    let disputed = folded(&[&right[..], &[other]].concat());
    let disputed = written(&disputed, &elected(&["02"]), Format::Eml520);
    assert!(matches!(disputed, Err(ExportFault::Incomplete { open: 1, expected: 3 })));
    let nobody = written(&whole, &elected(&[]), Format::Eml520);
    assert!(matches!(nobody, Err(ExportFault::NobodyElected)));
    let unknown = written(&whole, &elected(&["03"]), Format::Eml520);
    assert!(matches!(unknown, Err(ExportFault::UnknownElected(code)) if code == "03"));
    let result = written(&whole, &elected(&["02"]), Format::Eml520).unwrap();
    assert!(result.contains("<Votes>12</Votes>") && !result.contains("Ani"), "{result}");
    assert!(result.contains("REHEARSAL – Sample"), "{result}");
}

#[test]
fn the_day_is_asked_for_before_anything_is_written() {
    let (whole, wanted) = (folded(&[]), Wanted::default());
    for format in [Format::NistJson, Format::NistXml, Format::Eml510] {
        let mut out = Vec::new();
        let undated = write(&Export::new(&whole, &wanted).unwrap(), format, &mut out);
        assert!(matches!(undated, Err(ExportFault::NoDate)) && out.is_empty(), "{format:?}");
    }
}

#[test]
fn json_is_json_whatever_a_reason_says() {
    let wanted = Wanted {
        date: Some("2024-02-14".parse().unwrap()),
        issuer: Some("a \"b\" \\ \n\u{1}".to_owned()),
        ..Wanted::default()
    };
    let text = written(&folded(&FORMS), &wanted, Format::NistJson).unwrap();
    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["Issuer"], "a \"b\" \\ \n\u{1}");
    let selections = report["Election"][0]["Contest"][0]["ContestSelection"].clone();
    assert_eq!(selections[0]["VoteCounts"][0]["Count"], 3);
    assert_eq!(selections[0]["VoteCounts"].as_array().unwrap().len(), 2, "not where it is held");
}
