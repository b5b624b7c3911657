//! The second entry: blind, compared, settled field by field; and who confirms.

use super::*;
use crate::testing::careful_definition;

const AGAIN: &str = "/c/ppwp/again";
const SHEET: &str = "/c/ppwp/again/1";
const COMPARE: &str = "/c/ppwp/again/compare";

const SAME: [(&str, &str); 3] = [("f.IV.01", "100"), ("f.IV.02", "83"), ("f.V.A", "183")];

/// A browser whose first entry is whole.
fn filled() -> Browser {
    let browser = Browser::of(Device::of(&careful_definition(2)));
    assert_eq!(browser.led("/c/ppwp/1", &go(&GOOD, "next")), "/c/ppwp/photos");
    browser
}

/// Where a page leads on to.
fn leads(browser: &Browser, path: &str) -> String {
    let reply = browser.get(path);
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{path}: {}", shown(&reply));
    reply.header(&LOCATION).unwrap().to_owned()
}

fn counts(browser: &Browser) -> Vec<Count> {
    browser.agent.forms().unwrap().pop().unwrap().form.counts
}

/// Whether a page shows a number of the first entry anywhere.
fn shows_the_first(page: &str) -> bool {
    ["147", "145", "292", "100", "83"].iter().any(|number| {
        page.contains(&format!("{number}<")) || page.contains(&format!("\"{number}\""))
    })
}

#[test]
fn votes_and_totals_are_typed_again_without_the_first_numbers() {
    let browser = filled();
    assert!(shows_the_first(&browser.html("/c/ppwp/1")), "so that the test can fail");
    assert_eq!(leads(&browser, "/c/ppwp/review"), AGAIN);
    assert_eq!(leads(&browser, AGAIN), SHEET);
    let page = browser.html(SHEET);
    assert!(page.contains("Second entry") && page.contains("IV. Judul IV (en)"), "{page}");
    assert!(page.contains("name=\"f.IV.01\" value=\"\"") && !page.contains("f.I.A.L"), "{page}");
    assert!(!shows_the_first(&page), "{page}");
    assert_eq!(browser.led(SHEET, &[("f.IV.01", "100"), ("go", "save")]), SHEET);
    // From its first box to its last the first numbers are hidden, wherever they stand.
    for path in ["/c/ppwp/1", "/c/ppwp/review"] {
        assert_eq!(leads(&browser, path), AGAIN, "{path}");
    }
    assert!(browser.html("/").contains("Second entry: 1 of 3 boxes filled."));
    let refused = browser.post("/c/ppwp/1", &[("f.V.A", "1"), ("go", "save")]);
    assert_eq!(refused.status, StatusCode::CONFLICT, "a script must not believe it saved");
    assert_eq!(browser.led(SHEET, &go(&SAME[1..], "next")), AGAIN);
    assert_eq!(leads(&browser, AGAIN), "/c/ppwp/review", "what agrees goes straight on");
    assert_eq!(browser.seal(&BOTH).status, StatusCode::SEE_OTHER);
    assert_eq!(browser.revisions(), [1]);
}

#[test]
fn what_differs_is_settled_field_by_field_and_nothing_else_is_typed_again() {
    let browser = filled();
    let other = [("f.IV.01", "10"), ("f.IV.02", "?"), ("f.V.A", "138")];
    assert_eq!(browser.led(SHEET, &go(&other, "next")), AGAIN);
    assert_eq!(leads(&browser, AGAIN), COMPARE);
    assert_eq!(leads(&browser, "/c/ppwp/review"), AGAIN, "nobody reads back before it is settled");
    let page = browser.html(COMPARE);
    assert!(page.contains("Still to be chosen: 3") && page.contains("<strong>100</strong>"));
    assert!(page.contains("one hundred") && page.contains("<strong>?</strong>"), "{page}");
    assert_eq!(browser.led(COMPARE, &[("take", "IV.01 100")]), COMPARE);
    assert!(!browser.html(COMPARE).contains("Satu"), "what is settled is not asked again");
    assert_eq!(browser.led(COMPARE, &[("take", "IV.02 ?")]), COMPARE);
    for (third, why) in [("", "Type the number that stands"), ("1.83", "Digits 0–9 only")] {
        let refused = browser.post(COMPARE, &[("take", "V.A"), ("third", third)]);
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(shown(&refused).contains(why), "{}", shown(&refused));
    }
    assert_eq!(browser.led(COMPARE, &[("take", "V.A"), ("third", "100")]), "/c/ppwp/review");
    assert_eq!(browser.seal(&BOTH).status, StatusCode::SEE_OTHER);
    let written = Count::Written;
    let whole =
        [written(147), written(145), written(292), written(100), Count::Illegible, written(100)];
    assert_eq!(counts(&browser), whole);
}

#[test]
fn a_number_that_changes_after_the_second_entry_differs_again() {
    let browser = filled();
    browser.led(SHEET, &go(&SAME, "next"));
    assert_eq!(browser.get("/c/ppwp/1").status, StatusCode::OK, "it can be changed again");
    browser.led("/c/ppwp/1", &[("f.IV.01", "101"), ("f.I.A.L", "147"), ("go", "save")]);
    let refused = browser.post("/c/ppwp/review", &go(&BOTH, "seal"));
    assert_eq!(refused.header(&LOCATION), Some("/c/ppwp/review"), "and is not sealed");
    assert_eq!(leads(&browser, "/c/ppwp/review"), AGAIN);
    assert_eq!(leads(&browser, AGAIN), COMPARE);
    assert!(browser.revisions().is_empty());
    // Whatever stands on the button is taken; of other fields nothing.
    browser.led(COMPARE, &[("take", "I.A.L 999")]);
    assert_eq!(browser.led(COMPARE, &[("take", "IV.01 100")]), "/c/ppwp/review");
    browser.seal(&BOTH);
    assert_eq!(counts(&browser)[..4], [147, 145, 292, 100].map(Count::Written));
}

#[test]
fn a_correction_is_typed_twice_too_and_the_old_numbers_are_hidden_meanwhile() {
    let browser = filled();
    browser.led(SHEET, &go(&SAME, "next"));
    browser.seal(&BOTH);
    browser.led("/c/ppwp/correct", &[]);
    browser.led("/c/ppwp/1", &[("f.IV.01", "101"), ("f.V.A", "184"), ("go", "next")]);
    assert!(shows_the_first(&browser.html("/c/ppwp")));
    browser.led(SHEET, &[("f.IV.01", "101"), ("go", "save")]);
    let page = browser.html("/c/ppwp");
    assert!(!shows_the_first(&page) && page.contains("numbers are not shown"), "{page}");
    browser.led(SHEET, &[("f.IV.02", "83"), ("f.V.A", "184"), ("go", "next")]);
    let seal = browser.seal(&[&BOTH[..], &[("reason", "misread")]].concat());
    assert_eq!(seal.status, StatusCode::SEE_OTHER, "{}", shown(&seal));
    assert_eq!(browser.revisions(), [1, 2]);
}

#[test]
fn a_second_entry_begins_when_the_first_is_whole_and_goes_on_where_it_was() {
    let browser = Browser::of(Device::of(&careful_definition(2)));
    browser.led("/c/ppwp/1", &go(&GOOD[..5], "save"));
    for path in [AGAIN, SHEET, COMPARE] {
        let led = leads(&browser, path);
        assert_eq!(led, "/c/ppwp/review", "{path}: a box of the first is empty");
    }
    assert_eq!(browser.led(SHEET, &[("f.IV.01", "1"), ("go", "save")]), "/c/ppwp/review");
    browser.led("/c/ppwp/1", &go(&GOOD, "save"));
    let typed = [("f.IV.01", "1.0"), ("f.IV.02", "83"), ("f.I.A.L", "9"), ("go", "next")];
    assert_eq!(browser.led(SHEET, &typed), format!("{SHEET}#problems"));
    let page = browser.html(SHEET);
    assert!(page.contains("Digits 0–9 only") && page.contains("href=\"/c/ppwp/again/1#f-IV.01\""));
    assert_eq!(browser.led(SHEET, &[("mark", "illegible IV.01")]), format!("{SHEET}#f-IV.01"));
    assert_eq!(leads(&browser, AGAIN), SHEET, "V.A is empty still");
    assert_eq!(browser.led(SHEET, &[("go", "rest")]), SHEET);
    let draft = browser.agent.desk.draft("ppwp".parse().unwrap()).unwrap().unwrap();
    let again: Vec<_> =
        draft.again.iter().map(|(code, typed)| (code.as_str(), typed.shown())).collect();
    let wanted = [("IV.01", "?"), ("IV.02", "83"), ("V.A", "–")];
    assert_eq!(again, wanted.map(|(code, text)| (code, text.to_owned())), "and nothing else");
    for path in ["/c/ppwp/again/2", "/c/ppwp/again/x", "/c/x/again/1", "/c/x/again"] {
        assert_eq!(browser.get(path).status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[test]
fn where_nobody_asks_for_it_there_is_none() {
    let browser = Browser::new();
    browser.led("/c/ppwp/1", &go(&GOOD, "next"));
    for path in [AGAIN, SHEET, COMPARE] {
        assert_eq!(leads(&browser, path), "/c/ppwp/review", "{path}");
    }
    assert_eq!(browser.seal(&BOTH).status, StatusCode::SEE_OTHER);
}

#[test]
fn as_many_officers_confirm_as_the_definition_says() {
    let browser = Browser::of(Device::of(&careful_definition(1)));
    browser.led("/c/ppwp/1", &go(&GOOD, "next"));
    browser.led(SHEET, &go(&SAME, "next"));
    let page = browser.html("/c/ppwp/review");
    assert_eq!(page.matches("type=\"checkbox\"").count(), 1, "{page}");
    let refused = browser.seal(&[]);
    assert!(shown(&refused).contains("An officer has to confirm"), "{}", shown(&refused));
    assert_eq!(browser.seal(&BOTH[..1]).status, StatusCode::SEE_OTHER);
    assert_eq!(browser.revisions(), [1]);
    let two = filled();
    two.led(SHEET, &go(&SAME, "next"));
    assert_eq!(two.html("/c/ppwp/review").matches("type=\"checkbox\"").count(), 2);
    assert!(shown(&two.seal(&BOTH[..1])).contains("Both officers"));
}

#[test]
fn sections_have_the_titles_of_the_paper() {
    let browser = Browser::new();
    browser.led("/c/ppwp/1", &go(&GOOD, "next"));
    assert!(browser.html("/c/ppwp/1").contains("<h2>I. Judul I (en)</h2>"));
    assert!(browser.html("/c/ppwp/review").contains("<h3>V. Judul V (en)</h3>"));
    browser.seal(&BOTH);
    assert!(browser.html("/c/ppwp").contains("<h3>I. Judul I (en)</h3>"));
}
