//! Forms with mistakes of typing: refused by the agent, which says what was meant.

use saksi_tests::kenya::CONTEST;
use saksi_tests::scene::Scene;
use serde_json::Value;

use crate::BAD;

/// Has the agent refuse a form that was changed, and checks that nothing is stored.
/// Gives its words.
fn refused(change: impl FnOnce(&mut Value)) -> String {
    let scene = Scene::new().unwrap();
    let agent = scene.agent("typed", BAD).unwrap();
    let good = scene.stations[BAD].paper([30, 20, 2, 1]).to_json();
    let mut form = good.clone();
    change(&mut form);
    let output = agent.submit(&form, &[]).unwrap();
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    assert!(agent.delivery(CONTEST).unwrap().is_null(), "nothing is stored");
    assert!(agent.submit(&good, &[]).unwrap().status.success(), "unchanged, it is stored");
    String::from_utf8(output.stderr).unwrap()
}

fn rename(form: &mut Value, from: &str, to: &str) {
    let lines = form.as_object_mut().unwrap();
    let value = lines.remove(from).expect("a key of the form");
    lines.insert(to.to_owned(), value);
}

#[test]
fn a_misspelt_key_is_named_with_what_was_meant() {
    let words = refused(|form| rename(form, "lines", "line"));
    assert!(words.contains("The key “line” is not known. Did you mean “lines”?"), "{words}");
}

#[test]
fn a_misspelt_field_is_named_with_what_was_meant() {
    let words = refused(|form| rename(&mut form["lines"], "B.5", "B5"));
    assert!(words.contains("“B5” is not on this form. Did you mean “B.5”?"), "{words}");
    assert!(words.contains("Missing fields (1): B.5."), "{words}");
}

#[test]
fn an_unknown_candidate_is_named_with_the_nearest() {
    let words = refused(|form| form["lines"]["A.5"] = 3.into());
    assert!(words.contains("The field “A.5” is not on this form. Did you mean “A.1”?"), "{words}");
}

#[test]
fn an_unknown_contest_is_named_with_those_that_are_held() {
    let words = refused(|form| form["contest"] = "presidant".into());
    let said = "The contest presidant is not held at this station; there are: president. \
        Did you mean “president”?";
    assert!(words.contains(said), "{words}");
}

#[test]
fn a_form_of_another_station_is_refused_with_both_names() {
    let words = refused(|form| form["station"] = "005021010100102".into());
    assert!(words.contains("005021010100102"), "{words}");
    assert!(words.contains("this device belongs to station 005021010100101"), "{words}");
}

#[test]
fn all_mistakes_are_named_together() {
    let words = refused(|form| {
        form["lines"]["A.1"] = (-3).into();
        form["lines"]["A.2"] = 1.5.into();
        form["lines"]["A.3"] = "3".into();
        form["lines"]["A.4"] = 1_000_000_000.into();
        form["contets"] = "president".into();
    });
    for said in
        ["To be corrected (5)", "A.1: -3", "A.2: 1.5", "A.3: \"3\"", "A.4: 1000000000", "“contets”"]
    {
        assert!(words.contains(said), "{said} in {words}");
    }
}
