//! Mistakes that people make, each with what it is answered.

use saksi_proto::text::Language;

use super::*;
use crate::testing::Device;

const GOOD: &str = r#"{"contest": "ppwp", "station": "3204061001013", "lines": {
    "I.A.L": 147, "I.A.P": null, "I.A.J": "illegible", "IV.01": 0, "IV.02": 83, "V.A": 83}}"#;

fn read(text: &str) -> Result<Entry, Vec<Mistake>> {
    let identity = Identity::open(&Device::new().directory()).unwrap();
    Entry::read(text, &identity)
}

fn mistakes(from: &str, to: &str) -> Vec<Mistake> {
    assert!(GOOD.contains(from), "{from}");
    read(&GOOD.replacen(from, to, 1)).unwrap_err()
}

#[test]
fn blank_illegible_and_zero_stay_apart() {
    let entry = read(GOOD).unwrap();
    use Count::{Illegible, NotWritten, Written};
    let wanted = [Written(147), NotWritten, Illegible, Written(0), Written(83), Written(83)];
    assert_eq!((entry.contest.as_str(), &entry.counts[..]), ("ppwp", &wanted[..]));
}

#[test]
fn a_misspelt_field_is_named_with_what_was_meant() {
    let found = mistakes("IV.02", "IV.O2");
    let unknown =
        Mistake::UnknownField { code: "IV.O2".to_owned(), nearest: Some("IV.02".to_owned()) };
    assert_eq!(found, [unknown, Mistake::MissingFields(vec!["IV.02".to_owned()])]);
    let sentence = found[0].sentence(Language::English);
    assert_eq!(sentence, "The field “IV.O2” is not on this form. Did you mean “IV.02”?");
}

#[test]
fn a_misspelt_key_or_contest_is_named_with_what_was_meant() {
    let found = mistakes("\"lines\"", "\"Line\"");
    let nearest = Some("lines".to_owned());
    let unknown = Mistake::UnknownKey { key: "Line".to_owned(), nearest };
    assert_eq!(found, [unknown, Mistake::MissingKey("lines")]);
    let found = mistakes("\"ppwp\"", "\"PPWP\"");
    assert!(matches!(&found[..], [Mistake::UnknownContest { nearest: Some(nearest), .. }]
        if nearest == "ppwp"));
    let far = mistakes("\"station\"", "\"zzzzzzz\"");
    assert_eq!(far, [Mistake::UnknownKey { key: "zzzzzzz".to_owned(), nearest: None }]);
}

#[test]
fn missing_and_double_fields_are_listed() {
    let found = mistakes("\"I.A.L\": 147, \"I.A.P\": null,", "");
    assert_eq!(found, [Mistake::MissingFields(vec!["I.A.L".to_owned(), "I.A.P".to_owned()])]);
    let found = mistakes("\"V.A\": 83", "\"V.A\": 83, \"V.A\": 84");
    assert_eq!(found, [Mistake::Duplicate("V.A".to_owned())]);
    let found = mistakes("{\"contest\"", "{\"contest\": \"dpd\", \"contest\"");
    assert_eq!(found, [Mistake::Duplicate("contest".to_owned())]);
}

#[test]
fn what_is_no_count_is_named_with_its_field() {
    for (typed, wanted) in [
        ("-1", NotACount::Negative),
        ("-0.5", NotACount::Negative),
        ("1.5", NotACount::Fraction),
        ("1000000000", NotACount::TooLarge),
        ("1e300", NotACount::TooLarge),
        ("99999999999999999999", NotACount::TooLarge),
        ("\"147\"", NotACount::Other),
        ("true", NotACount::Other),
        ("[147]", NotACount::Other),
    ] {
        let found = mistakes("147", typed);
        let [Mistake::NotACount { field, why, .. }] = &found[..] else { panic!("{found:?}") };
        assert_eq!((field.as_str(), *why), ("I.A.L", wanted), "{typed}");
    }
}

#[test]
fn all_mistakes_are_reported_together() {
    let text = GOOD
        .replace("3204061001013", "3204061001014")
        .replace("\"IV.02\"", "\"IV.3\"")
        .replace("147", "-7");
    let found = read(&text).unwrap_err();
    assert_eq!(found.len(), 4, "{found:?}");
    assert!(matches!(found[0], Mistake::OtherStation { .. }));
}

#[test]
fn what_is_no_form_at_all_is_said() {
    assert_eq!(mistakes("147", "147,,"), [Mistake::NotJson { line: 2, column: 18 }]);
    assert_eq!(read("[]"), Err(vec![Mistake::NotAnObject]));
    assert_eq!(read(&" ".repeat(MAX_ENTRY + 1)), Err(vec![Mistake::TooLong(MAX_ENTRY + 1)]));
    let found = read(r#"{"contest": "ppwp", "lines": 3}"#);
    assert_eq!(found, Err(vec![Mistake::LinesNotAnObject]));
}

#[test]
fn a_number_of_nine_digits_is_a_count() {
    let entry = read(&GOOD.replacen("147", "999999999", 1)).unwrap();
    assert_eq!(entry.counts[0], Count::Written(Count::MAX));
}
