use saksi_proto::digest::Digest;
use saksi_proto::entry::{Act, Entry};
use saksi_proto::form::TallyForm;
use saksi_proto::notice::MAX_NOTICES;
use saksi_proto::question::{MAX_QUESTION, Question};
use saksi_proto::ruling::{Decision, Ruling};

use super::*;
use crate::changes::centre::to_rule_on;
use crate::sample::{apply, arrival, form, ledger, sealed};

fn add(ledger: &mut Ledger, form: &TallyForm) -> Digest {
    let sealed = sealed(form);
    apply(ledger, &arrival(&sealed)).unwrap();
    sealed.digest()
}

fn rule(ledger: &mut Ledger, decision: Decision) {
    let ruling = Ruling {
        station: "1001".parse().unwrap(),
        contest: "mayor".parse().unwrap(),
        over: to_rule_on(ledger, 0, 0),
        decision,
        at_ms: 5,
        act: Act { by: "sri".to_owned(), reason: "the paper".to_owned() },
    };
    apply(ledger, &Entry::Ruling(ruling)).unwrap();
}

fn ask(ledger: &mut Ledger, station: &str, text: &str) {
    let (station, contest) = (station.parse().unwrap(), "mayor".parse().unwrap());
    let act = Act { by: "sri".to_owned(), reason: "the photo".to_owned() };
    let (lines, text) = (vec!["S".to_owned()], text.to_owned());
    let question = Question { station, contest, lines, text, at_ms: 6, act };
    apply(ledger, &Entry::Question(question)).unwrap();
}

/// What station 1001 is told of its form since then.
fn told(ledger: &Ledger, since: u64, form: Digest) -> Notices {
    notices(ledger, 0, &Look { since, forms: vec![looked(ledger, form)] })
}

/// How station 1001 names its form; one that is not in the log has no entry there.
fn looked(ledger: &Ledger, form: Digest) -> Looked {
    let found = ledger.tally.station(0, 0).and_then(|forms| forms.find(&form));
    let index = found.map_or(u64::MAX, |found| found.index);
    Looked { contest: "mayor".parse().unwrap(), index }
}

/// The one notice.
fn only(told: Notices) -> Notice {
    assert_eq!(told.notices.len(), 1);
    Notice::decode(&told.notices[0]).unwrap()
}

#[test]
fn a_device_is_told_how_its_form_stands_by_now_and_why() {
    let mut ledger = ledger();
    let held = add(&mut ledger, &form("1001", [1, 0, 2]));
    let notice = only(told(&ledger, 0, held));
    assert_eq!((notice.standing, notice.ruling), (Some(Standing::Held), None));
    rule(&mut ledger, Decision::Accept(held));
    let ruled_at = ledger.position.size - 1;
    let notice = only(told(&ledger, ruled_at, held));
    assert_eq!((notice.standing, notice.index), (Some(Standing::Counted), ruled_at));
    let ruling = notice.ruling.unwrap();
    assert_eq!((ruling.index, ruling.at_ms), (ruled_at, 5));
    assert_eq!((ruling.decision, &*ruling.reason), (Decision::Accept(held), "the paper"));
    rule(&mut ledger, Decision::Reject);
    let notice = only(told(&ledger, 0, held));
    assert_eq!(notice.standing, Some(Standing::Rejected));
    assert_eq!(notice.ruling.map(|ruling| ruling.decision), Some(Decision::Reject));
    rule(&mut ledger, Decision::Withdraw);
    assert_eq!(only(told(&ledger, 0, held)).standing, Some(Standing::Held));
}

#[test]
fn another_devices_correction_is_told_and_a_ruling_on_what_it_replaces_is_not() {
    let mut ledger = ledger();
    let held = add(&mut ledger, &form("1001", [1, 0, 2]));
    rule(&mut ledger, Decision::Accept(held));
    let mut other = form("1001", [1, 1, 2]);
    (other.revision, other.supersedes) = (2, Some(held));
    let other = add(&mut ledger, &other);
    let notice = only(told(&ledger, 0, held));
    assert_eq!((notice.standing, notice.ruling), (Some(Standing::Superseded), None));
    let notice = only(told(&ledger, 0, other));
    assert_eq!((notice.standing, notice.ruling), (Some(Standing::Counted), None));
    let notice = only(told(&ledger, 0, Digest([9; 32])));
    assert_eq!(notice.standing, None, "of a form that is not there nothing is said");
}

#[test]
fn nothing_is_told_twice_and_nothing_of_others() {
    let mut ledger = ledger();
    let ours = add(&mut ledger, &form("1001", [1, 0, 1]));
    let size = ledger.position.size;
    assert_eq!(told(&ledger, size, ours), Notices { up_to: size, notices: Vec::new() });
    add(&mut ledger, &form("1002", [1, 0, 1]));
    ask(&mut ledger, "1002", "another station");
    assert!(told(&ledger, size, ours).notices.is_empty());
    ask(&mut ledger, "1001", "is it 5?");
    let notice = only(told(&ledger, size, ours));
    let [question] = &notice.questions[..] else { panic!("{notice:?}") };
    assert_eq!(
        (&*question.text, &*question.by, &question.lines[..]),
        ("is it 5?", "sri", &["S".to_owned()][..])
    );
    assert!(told(&ledger, ledger.position.size, ours).notices.is_empty());
    let set_back = ledger.position.size + 7;
    assert_eq!(told(&ledger, set_back, ours).notices.len(), 1, "more than there is: everything");
    let mut answer = form("1001", [1, 1, 2]);
    (answer.revision, answer.supersedes) = (2, Some(ours));
    let answer = add(&mut ledger, &answer);
    assert_eq!(only(told(&ledger, size, answer)).questions, [], "it is the answer");
}

#[test]
fn hundreds_of_acts_are_one_notice_and_an_answer_has_a_bound() {
    let mut ledger = ledger();
    let held = add(&mut ledger, &form("1001", [1, 0, 2]));
    for _ in 0..300 {
        rule(&mut ledger, Decision::Accept(held));
        rule(&mut ledger, Decision::Withdraw);
    }
    let told_of = told(&ledger, 0, held);
    assert_eq!(told_of.notices.len(), 1);
    assert!(told_of.notices[0].len() < 200);

    // No collector asks as much; a device that names one contest many times gets no more
    // than fits, and the rest later.
    let (station, contest) = ("1001".parse().unwrap(), "mayor".parse().unwrap());
    let lines = vec!["S".to_owned(); 8];
    for _ in 0..4 {
        let (lines, text) = (lines.clone(), "x".repeat(MAX_QUESTION));
        let act = Act { by: "x".repeat(64), reason: "why".to_owned() };
        let question = Question { station, contest, lines, text, at_ms: 6, act };
        apply(&mut ledger, &Entry::Question(question)).unwrap();
    }
    let looked = looked(&ledger, held);
    let look = Look { since: 0, forms: vec![looked; MAX_NOTICES] };
    let all = notices(&ledger, 0, &look);
    let bytes = all.notices.concat().len();
    assert!(bytes <= MAX_NOTICES_BYTES && bytes > MAX_NOTICES_BYTES / 2, "{bytes}");
    let cut = all.notices.len();
    assert!(cut < MAX_NOTICES && all.up_to < ledger.position.size, "{cut} {}", all.up_to);
}
