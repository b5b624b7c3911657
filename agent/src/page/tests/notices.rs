//! What the centre has to say, on the page.

use saksi_proto::digest::Digest;
use saksi_proto::message::Standing;
use saksi_proto::notice::{Notice, QuestionNotice, RulingNotice};
use saksi_proto::ruling::Decision;

use super::*;
use crate::delivery::Answer;
use crate::notices::Kept;

const HOSTILE: &str = "<script>alert(1)</script> 5 atau 15?";

/// A form that is in the log as entry 7.
fn received(browser: &Browser) -> Digest {
    browser.led("/c/ppwp/1", &go(&GOOD, "next"));
    browser.seal(&BOTH);
    let mut store = browser.agent.desk.store();
    let known = store.ledger().newest("ppwp".parse().unwrap()).unwrap().clone();
    let answer = Answer::Receipt { index: 7, arrived_ms: 5, standing: Some(Standing::Counted) };
    store.change(vec![(known.digest, known.delivery.answered(answer, 6))]).unwrap();
    known.digest
}

/// The centre says this of that form.
fn says(browser: &Browser, form: Digest, standing: Standing, notice: Notice) {
    let mut store = browser.agent.desk.store();
    let delivery = store.ledger().form(form).unwrap().delivery.clone().stands(standing);
    let kept = Kept { told_ms: 9, form, notice };
    store.take_notices(41, &[kept], vec![(form, delivery)]).unwrap();
}

fn notice(questions: Vec<QuestionNotice>, decision: Option<Decision>) -> Notice {
    let reason = "sesuai <b>foto</b>".to_owned();
    let ruling = |decision| RulingNotice { index: 1_234, at_ms: 8, decision, reason };
    let contest = "ppwp".parse().unwrap();
    Notice { contest, index: 40, standing: None, ruling: decision.map(ruling), questions }
}

fn question(lines: &[&str]) -> QuestionNotice {
    let lines = lines.iter().map(|line| (*line).to_owned()).collect();
    let (text, by) = (HOSTILE.to_owned(), "<i>sri</i>".to_owned());
    QuestionNotice { index: 40, at_ms: 8, lines, text, by }
}

#[test]
fn a_question_is_shown_with_a_way_to_the_field_until_it_is_answered() {
    let browser = Browser::new();
    let form = received(&browser);
    assert!(!browser.html("/c/ppwp").contains("From the centre"));
    says(&browser, form, Standing::Counted, notice(vec![question(&["V.A", "I.A", "X"])], None));
    for path in ["/", "/c/ppwp"] {
        let page = browser.html(path);
        assert!(page.contains("The centre asks: look again at line V.A, I.A, X."), "{page}");
        assert!(page.contains("5 atau 15?") && !page.contains("<script>alert"), "{page}");
    }
    let page = browser.html("/c/ppwp");
    let said = between(&page, "id=\"notice-0\"", "</div>");
    assert!(said.contains("value=\"V.A\"") && said.contains("value=\"I.A\""), "{said}");
    assert!(!said.contains("value=\"X\"") && !said.contains("<i>sri"), "{said}");
    assert_eq!(browser.led("/c/ppwp/correct", &[("at", "I.A")]), "/c/ppwp/1#f-I.A.L");
    let page = browser.html("/c/ppwp");
    assert!(page.contains("href=\"/c/ppwp/1#f-V.A\""), "a correction is begun: {page}");
    let sheet = browser.html("/c/ppwp/1");
    assert!(sheet.contains("look again at line V.A, I.A, X. – “"), "it is read there: {sheet}");
    browser.seal(&[&BOTH[..], &[("reason", "looked again")]].concat());
    let page = browser.html("/c/ppwp");
    assert!(page.contains("Your correction is the answer"), "{page}");
    assert!(!page.contains("#f-V.A"));
    let mut store = browser.agent.desk.store();
    let answer = store.ledger().newest("ppwp".parse().unwrap()).unwrap().clone();
    let receipt = Answer::Receipt { index: 50, arrived_ms: 9, standing: Some(Standing::Counted) };
    store.change(vec![(answer.digest, answer.delivery.answered(receipt, 9))]).unwrap();
    drop(store);
    assert!(!browser.html("/c/ppwp").contains("From the centre"), "without another word");
}

#[test]
fn a_ruling_is_shown_with_its_reason_and_only_where_it_fits() {
    let mut browser = Browser::new();
    let form = received(&browser);
    let accept = notice(Vec::new(), Some(Decision::Accept(form)));
    says(&browser, form, Standing::Counted, accept.clone());
    let page = browser.html("/c/ppwp");
    assert!(page.contains("Ruled: counted as written.") && page.contains("entry 1,234"), "{page}");
    assert!(page.contains("sesuai &#60;b&#62;foto"), "{page}");
    assert!(browser.html("/").contains("It is counted at the centre."));
    let other = notice(Vec::new(), Some(Decision::Accept(Digest([9; 32]))));
    says(&browser, form, Standing::Rejected, other);
    assert!(browser.html("/c/ppwp").contains("another form of this station is counted (0909"));
    browser.language = "id";
    says(&browser, form, Standing::Rejected, notice(Vec::new(), Some(Decision::Reject)));
    assert!(browser.html("/").contains("Diputuskan: formulir ini tidak dihitung."));
    says(&browser, form, Standing::Rejected, accept);
    assert!(!browser.html("/").contains("Diputuskan"), "that contradicts itself");
    says(&browser, form, Standing::Superseded, notice(Vec::new(), None));
    assert!(browser.html("/").contains("bukan dari perangkat ini"));
}

#[test]
fn what_was_said_of_a_form_is_not_said_of_its_correction_and_the_newest_is_asked_about() {
    let browser = Browser::new();
    let first = received(&browser);
    says(&browser, first, Standing::Rejected, notice(Vec::new(), Some(Decision::Reject)));
    assert!(browser.html("/c/ppwp").contains("foto"), "the reason");
    browser.led("/c/ppwp/correct", &[]);
    browser.seal(&[&BOTH[..], &[("reason", "looked again")]].concat());
    let asked_about = || {
        let store = browser.agent.desk.store();
        crate::notices::to_look_at(browser.agent.identity(), store.ledger())
    };
    assert_eq!(asked_about()[0].form, first, "the centre does not have the correction yet");
    let mut store = browser.agent.desk.store();
    let second = store.ledger().newest("ppwp".parse().unwrap()).unwrap().clone();
    let receipt = Answer::Receipt { index: 50, arrived_ms: 9, standing: Some(Standing::Rejected) };
    store.change(vec![(second.digest, second.delivery.answered(receipt, 9))]).unwrap();
    drop(store);
    let page = browser.html("/c/ppwp");
    assert!(!page.contains("foto") && !page.contains("Ruled:"), "{page}");
    assert_eq!(asked_about().iter().map(|of| of.form).collect::<Vec<_>>(), [second.digest]);
}

#[test]
fn a_held_form_is_shown_with_the_rule_that_it_breaks_said_once() {
    let browser = Browser::new();
    browser.led("/c/ppwp/1", &go(&GOOD, "save"));
    // A4 is broken, which is hard, and B7, which is not.
    let broken = [("f.V.A", "184"), ("f.I.A.P", "144"), ("f.I.A.J", "291"), ("go", "next")];
    browser.led("/c/ppwp/1", &broken);
    assert!(browser.html("/c/ppwp/review").contains("B7"), "so that the test can fail");
    browser.seal(&[&BOTH[..], &[("explanation", "the paper says so")]].concat());
    let mut store = browser.agent.desk.store();
    let known = store.ledger().newest("ppwp".parse().unwrap()).unwrap().clone();
    let answer = Answer::Receipt { index: 7, arrived_ms: 5, standing: Some(Standing::Held) };
    store.change(vec![(known.digest, known.delivery.answered(answer, 6))]).unwrap();
    drop(store);
    for path in ["/", "/c/ppwp"] {
        let page = browser.html(path);
        assert!(page.contains("Held because of A4:"), "{page}");
        assert!(!page.contains("Held because of B7"), "a warning holds nothing: {page}");
        assert!(!page.contains("Held at the centre:"), "{page}");
    }
    assert!(browser.html("/c/ppwp").contains("name=\"at\" value=\"V.A\""));
}

#[test]
fn the_centre_is_asked_from_the_first_page_once_it_has_a_form() {
    let browser = Browser::new();
    assert!(!browser.html("/").contains("Ask the centre now"));
    received(&browser);
    assert!(browser.html("/").contains("Not asked since the application was started."));
    assert_eq!(browser.led("/look", &[]), "/");
    assert!(browser.agent.desk.looking().is_wanted());
    assert!(browser.html("/").contains("data-moving"), "the answer is waited for");
}
