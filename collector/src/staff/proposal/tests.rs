use saksi_proto::ruling::{Decision, Pause, Ruling};

use super::*;
use crate::changes::centre::to_rule_on;
use crate::sample::{apply, arrival, form, ledger, sealed};
use crate::staff::account::Role;
use crate::staff::policy::TwoPeople;
use crate::staff::testing::account;

const NOW: u64 = 1_000_000;

/// 1001 is disputed.
fn disputed() -> Ledger {
    let mut ledger = ledger();
    for counts in [[1, 2, 3], [2, 1, 3]] {
        apply(&mut ledger, &arrival(&sealed(&form("1001", counts)))).unwrap();
    }
    ledger
}

fn proposal(ledger: &Ledger, first: &Account) -> Proposal {
    let over = to_rule_on(ledger, 0, 0);
    let change = Change::Rule(Ruling {
        station: "1001".parse().unwrap(),
        contest: "mayor".parse().unwrap(),
        decision: Decision::Accept(over[0]),
        over,
        at_ms: NOW,
        act: first.act("the photo shows it"),
    });
    Proposal { id: 1, change, first: Part::of(first, NOW), state: State::Open }
}

fn region(code: &str) -> Scope {
    Scope::Region(code.parse().unwrap())
}

#[test]
fn only_another_person_with_the_right_and_the_region_is_a_second() {
    let ledger = disputed();
    let definition = &ledger.election.definition;
    let sri = account("sri", Role::Operator, region("1"));
    let mut of = proposal(&ledger, &sri);
    let check = |of: &Proposal, by: &Account| of.check_second(by, definition);
    assert_eq!(check(&of, &sri), Err(NoSecond::SamePerson));
    assert_eq!(check(&of, &account("budi", Role::Operator, region("1"))), Ok(()));
    assert_eq!(check(&of, &account("budi", Role::Admin, Scope::Whole)), Ok(()));
    let elsewhere = account("budi", Role::Operator, region("2"));
    assert_eq!(check(&of, &elsewhere), Err(NoSecond::OtherRegion));
    assert!(!of.is_seen_by(&elsewhere, definition));
    for role in [Role::Viewer, Role::Auditor] {
        assert_eq!(check(&of, &account("budi", role, Scope::Whole)), Err(NoSecond::NoRight));
    }
    let twin = Account {
        full_name: sri.full_name.to_uppercase(),
        ..account("s2", Role::Operator, region("1"))
    };
    assert_eq!(check(&of, &twin), Err(NoSecond::SameName));
    of.state = State::Lapsed { why: Lapse::Old };
    assert_eq!(check(&of, &account("budi", Role::Admin, Scope::Whole)), Err(NoSecond::Settled));
}

#[test]
fn a_pause_is_of_the_whole() {
    let ledger = ledger();
    let definition = &ledger.election.definition;
    let admin = account("sri", Role::Admin, Scope::Whole);
    let change = |paused| Change::Pause(Pause { paused, at_ms: NOW, act: admin.act("a fault") });
    assert_eq!(
        [true, false].map(|it| Kind::of(&change(it))),
        [Some(Kind::Pause), Some(Kind::Resume)]
    );
    assert_eq!(check_first(&change(true), &admin, definition), Ok(()));
    let regional = account("budi", Role::Admin, region("1"));
    assert_eq!(check_first(&change(true), &regional, definition), Err(NoSecond::OtherRegion));
    let operator = account("ani", Role::Operator, Scope::Whole);
    assert_eq!(check_first(&change(true), &operator, definition), Err(NoSecond::NoRight));
    let two = TwoPeople::default();
    assert!(two.are_for(&change(true)) && !two.are_for(&change(false)));
}

#[test]
fn it_stands_until_a_form_comes_or_its_day_is_over() {
    let mut ledger = disputed();
    let of = proposal(&ledger, &account("sri", Role::Operator, Scope::Whole));
    assert_eq!(of.lapse(&ledger, NOW + LASTS_MS), None);
    assert_eq!(of.lapse(&ledger, NOW + LASTS_MS + 1), Some(Lapse::Old));
    apply(&mut ledger, &arrival(&sealed(&form("1001", [3, 0, 3])))).unwrap();
    assert_eq!(of.lapse(&ledger, NOW), Some(Lapse::Denied(Denial::OtherForms)));
    let others = [Lapse::CutOff, Lapse::NoAccount, Lapse::Other("a fault".to_owned())];
    for why in others.into_iter().chain([Lapse::Old, Lapse::Denied(Denial::AlreadySo)]) {
        assert_eq!(Lapse::of(&why.kept()), why);
    }
}

#[test]
fn what_is_logged_has_both_names_and_the_remark() {
    let ledger = disputed();
    let of = proposal(&ledger, &account("sri", Role::Operator, Scope::Whole));
    let second = Part::of(&account("budi", Role::Operator, Scope::Whole), NOW + 5);
    let Ok(Change::Rule(ruling)) = of.seconded(&second, " I see it too ") else {
        panic!("a ruling")
    };
    assert_eq!(ruling.act.by, "sri of the sample; budi of the sample");
    assert_eq!(ruling.act.reason, "the photo shows it / I see it too");
    assert_eq!(ruling.at_ms, NOW + 5);
    let change = Change::Rule(ruling.clone());
    assert!(decide(&ledger, &change).is_ok());
    assert!(is_logged_as(&change, &Entry::Ruling(ruling.clone())));
    assert!(!is_logged_as(&of.change, &Entry::Ruling(ruling)), "by one is not by two");
    assert_eq!(of.seconded(&second, &"x".repeat(MAX_REASON)), Err(NoSecond::TooLong));
    let Ok(Change::Rule(plain)) = of.seconded(&second, " ") else { panic!("a ruling") };
    assert_eq!(plain.act.reason, "the photo shows it");
}

#[test]
fn two_names_fit_whatever_their_length() {
    assert_eq!(both("Sri; Wahyuni", " Budi "), "Sri, Wahyuni; Budi");
    let long = "Raden Ajeng Kartini Djojohadiningrat Wirjosoebroto Tjokroadisoerjo";
    for (first, second) in
        [(long, long), (long, "Budi"), ("Budi", long), ("é".repeat(40).as_str(), long)]
    {
        let names = both(first, second);
        assert!(names.len() <= MAX_NAME && names.len() > MAX_NAME - 8, "{names}");
        let (one, other) = names.split_once("; ").unwrap();
        for (name, whole) in [(one, first), (other, second)] {
            let kept = name.strip_suffix(CUT).unwrap_or(name);
            assert!(whole.starts_with(kept) && kept.len() >= 4, "{names}");
            assert_eq!(name.ends_with(CUT), kept != whole, "{names}");
        }
    }
}
