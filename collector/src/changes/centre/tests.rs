use std::sync::Arc;

use saksi_proto::entry::MAX_REASON;
use saksi_proto::form::TallyForm;

use super::*;
use crate::changes::{Change, decide};
use crate::sample::{apply, arrival, form, ledger, sealed};

fn act(reason: &str) -> Act {
    Act { by: "sri".to_owned(), reason: reason.to_owned() }
}

fn add(ledger: &mut Ledger, form: &TallyForm) -> Digest {
    let sealed = sealed(form);
    apply(ledger, &arrival(&sealed)).unwrap();
    sealed.digest()
}

/// A ruling on what station 1001 has sent.
fn ruling(ledger: &Ledger, decision: Decision) -> Ruling {
    Ruling {
        station: "1001".parse().unwrap(),
        contest: "mayor".parse().unwrap(),
        over: to_rule_on(ledger, 0, 0),
        decision,
        at_ms: 5,
        act: act("the paper"),
    }
}

/// Decides on a ruling, and folds it in.
fn rule(ledger: &mut Ledger, ruling: Ruling) -> Result<(), Denial> {
    take(ledger, &Change::Rule(ruling))
}

fn take(ledger: &mut Ledger, change: &Change) -> Result<(), Denial> {
    match decide(ledger, change) {
        Ok(entries) => {
            assert_eq!(entries.len(), 1);
            apply(ledger, &entries[0]).unwrap();
            Ok(())
        }
        Err(ChangeFault::Denied(denial)) => Err(denial),
        Err(other) => panic!("{other}"),
    }
}

fn amend(ledger: &mut Ledger, station: &str, change: Amended) -> Result<(), Denial> {
    let station = station.parse().unwrap();
    take(ledger, &Change::Amend(Amendment { station, change, at_ms: 6, act: act("lists") }))
}

/// A question about the form of station 1001.
fn question(lines: &[&str], text: &str) -> Change {
    Change::Ask(Question {
        station: "1001".parse().unwrap(),
        contest: "mayor".parse().unwrap(),
        lines: lines.iter().map(|line| (*line).to_owned()).collect(),
        text: text.to_owned(),
        at_ms: 7,
        act: act("the photo"),
    })
}

#[test]
fn a_station_is_asked_about_what_it_has_sent_until_it_answers() {
    let mut ledger = ledger();
    let asked = question(&["V.01", "S"], "is it 5?");
    assert_eq!(take(&mut ledger, &asked), Err(Denial::NothingSent));
    let first = form("1001", [1, 0, 1]);
    let one = add(&mut ledger, &first);
    for (wrong, denial) in [
        (question(&["X"], "?"), Denial::UnknownLine),
        (question(&["S"; 9], "?"), Denial::TooManyLines),
        (question(&["S"], " "), Denial::NoQuestion),
        (question(&["S"], &"x".repeat(201)), Denial::QuestionTooLong),
    ] {
        assert_eq!(take(&mut ledger, &wrong), Err(denial));
    }
    let Change::Ask(mut without) = asked.clone() else { unreachable!("it was made as one") };
    without.act.reason.clear();
    assert_eq!(take(&mut ledger, &Change::Ask(without)), Err(Denial::NoReason));
    // A whole line, a field of it, and all of the form.
    for lines in [&["V"][..], &["V.01", "S"], &[], &["S"]] {
        assert_eq!(take(&mut ledger, &question(lines, "is it 5?")), Ok(()));
    }
    assert_eq!(take(&mut ledger, &asked), Err(Denial::TooManyQuestions));
    assert_eq!(ledger.questions.open(0, 0).len(), 4);
    assert_eq!(ledger.questions.open(0, 1).len(), 0, "nobody else is");
    let mut answer = form("1001", [1, 1, 2]);
    (answer.revision, answer.supersedes) = (2, Some(one));
    add(&mut ledger, &answer);
    assert_eq!(ledger.questions.open(0, 0), []);
    assert_eq!(take(&mut ledger, &asked), Ok(()), "and can be asked again");
}

#[test]
fn a_ruling_is_on_what_is_held_or_disputed() {
    let mut ledger = ledger();
    let reject = ruling(&ledger, Decision::Reject);
    assert_eq!(rule(&mut ledger, reject), Err(Denial::NothingToRuleOn), "nothing has come");
    let first = form("1001", [1, 0, 1]);
    let one = add(&mut ledger, &first);
    for decision in [Decision::Reject, Decision::Accept(one)] {
        let on_counted = ruling(&ledger, decision);
        assert_eq!(rule(&mut ledger, on_counted), Err(Denial::NothingToRuleOn));
    }
    let before = ruling(&ledger, Decision::Accept(one));
    let two = add(&mut ledger, &form("1001", [0, 1, 1]));
    assert_eq!(rule(&mut ledger, before), Err(Denial::OtherForms), "it saw one of two");
    let stranger = ruling(&ledger, Decision::Accept(Digest([7; 32])));
    assert_eq!(rule(&mut ledger, stranger), Err(Denial::UnknownForm));
    let accept = ruling(&ledger, Decision::Accept(two));
    assert_eq!(rule(&mut ledger, accept.clone()), Ok(()));
    assert_eq!(rule(&mut ledger, accept), Err(Denial::AlreadySo));
    let mut right = form("1001", [0, 0, 0]);
    (right.revision, right.supersedes) = (2, Some(one));
    add(&mut ledger, &right);
    let gone = ruling(&ledger, Decision::Accept(one));
    assert_eq!(rule(&mut ledger, gone), Err(Denial::SupersededForm));
    let again = ruling(&ledger, Decision::Accept(two));
    assert_eq!(rule(&mut ledger, again), Ok(()), "over other forms it is another ruling");
}

#[test]
fn a_ruling_is_undone_by_another_and_withdrawn_once() {
    let mut ledger = ledger();
    let held = add(&mut ledger, &form("1001", [1, 0, 2]));
    let withdraw = ruling(&ledger, Decision::Withdraw);
    assert_eq!(rule(&mut ledger, withdraw.clone()), Err(Denial::AlreadySo), "none stands");
    for decision in [Decision::Accept(held), Decision::Reject, Decision::Accept(held)] {
        let next = ruling(&ledger, decision);
        assert_eq!(rule(&mut ledger, next), Ok(()));
    }
    assert_eq!(rule(&mut ledger, withdraw.clone()), Ok(()));
    assert_eq!(rule(&mut ledger, withdraw), Err(Denial::AlreadySo));
}

#[test]
fn a_ruling_names_a_contest_that_the_station_holds_and_a_reason() {
    let mut ledger = ledger();
    add(&mut ledger, &form("1001", [1, 0, 2]));
    let right = ruling(&ledger, Decision::Reject);
    let with = |change: fn(&mut Ruling)| {
        let mut wrong = right.clone();
        change(&mut wrong);
        wrong
    };
    for (wrong, denial) in [
        (with(|of| of.station = "9999".parse().unwrap()), Denial::UnknownStation),
        (with(|of| of.contest = "king".parse().unwrap()), Denial::UnknownContest),
        (with(|of| of.contest = "hamlet".parse().unwrap()), Denial::ContestNotHeld),
        (with(|of| of.act.reason = " \n".to_owned()), Denial::NoReason),
    ] {
        assert_eq!(rule(&mut ledger, wrong), Err(denial));
    }
    let wordy = with(|of| of.act.reason = "x".repeat(MAX_REASON + 1));
    let refused = decide(&ledger, &Change::Rule(wordy));
    assert_eq!(refused, Err(ChangeFault::TooLong(MAX_REASON + 1)));
}

#[test]
fn more_forms_than_an_entry_holds_are_not_ruled_on() {
    let mut ledger = ledger();
    let election = Arc::clone(&ledger.election);
    let mut paper = form("1001", [1, 0, 1]);
    for number in 0..=MAX_RULED {
        paper.device_ms = number as u64;
        let name = crate::reading::FormName {
            contest: 0,
            station: 0,
            digest: Digest::of(&number.to_be_bytes()),
        };
        let filed = crate::reading::Filed::new(&election, name, paper.clone(), 4);
        ledger.apply(crate::reading::Meaning::Form(filed)).unwrap();
        if number + 1 == MAX_RULED {
            let last = ruling(&ledger, Decision::Reject);
            assert_eq!(rule(&mut ledger, last), Ok(()));
        }
    }
    let many = ruling(&ledger, Decision::Reject);
    assert_eq!(rule(&mut ledger, many), Err(Denial::TooManyForms));
}

#[test]
fn an_amendment_says_something_new_of_a_station_that_opened() {
    let mut ledger = ledger();
    use Amended::{Opened, Registered, Unopened};
    assert_eq!(amend(&mut ledger, "9999", Registered(1)), Err(Denial::UnknownStation));
    assert_eq!(amend(&mut ledger, "1001", Registered(30)), Err(Denial::AlreadySo));
    let many = Registered(MAX_REGISTERED + 1);
    assert_eq!(amend(&mut ledger, "1001", many), Err(Denial::TooManyVoters));
    assert_eq!(amend(&mut ledger, "1001", Registered(31)), Ok(()));
    assert_eq!(amend(&mut ledger, "1001", Registered(31)), Err(Denial::AlreadySo));
    assert_eq!(amend(&mut ledger, "1001", Opened), Err(Denial::AlreadySo));
    assert_eq!(amend(&mut ledger, "1001", Unopened), Ok(()));
    assert_eq!(amend(&mut ledger, "1001", Unopened), Err(Denial::AlreadySo));
    assert_eq!(amend(&mut ledger, "1001", Registered(32)), Err(Denial::StationUnopened));
    assert_eq!(amend(&mut ledger, "1001", Opened), Ok(()));
    add(&mut ledger, &form("1001", [1, 0, 1]));
    assert_eq!(amend(&mut ledger, "1001", Unopened), Err(Denial::HasReported));
}

#[test]
fn publication_is_paused_once_and_goes_on_once() {
    let mut ledger = ledger();
    let mut pause = |paused, reason: &str| {
        take(&mut ledger, &Change::Pause(Pause { paused, at_ms: 7, act: act(reason) }))
    };
    assert_eq!(pause(false, "so"), Err(Denial::AlreadySo));
    assert_eq!(pause(true, ""), Err(Denial::NoReason));
    assert_eq!(pause(true, "fire"), Ok(()));
    assert_eq!(pause(true, "again"), Err(Denial::AlreadySo));
    let shown = crate::view::decisions::publication(&ledger);
    assert_eq!((shown.since_ms, shown.reason.as_deref()), (Some(7), Some("fire")));
    let mut resume =
        |paused| take(&mut ledger, &Change::Pause(Pause { paused, at_ms: 8, act: act("over") }));
    assert_eq!(resume(false), Ok(()));
    assert_eq!(crate::view::decisions::publication(&ledger).since_ms, None);
}

#[test]
fn denials_have_stable_words() {
    for denial in Denial::ALL {
        let as_json = serde_json::to_string(&denial).unwrap();
        assert_eq!(as_json, format!("\"{}\"", denial.code()));
    }
    let readme = include_str!("../../../../README.md");
    for denial in Denial::ALL {
        assert!(readme.contains(&format!("`{}`", denial.code())), "{}", denial.code());
    }
}
