//! Rulings and amendments: what they settle, and what comes after them.

use saksi_proto::definition::StationIndex;
use saksi_proto::digest::Digest;
use saksi_proto::entry::{Act, Entry};
use saksi_proto::form::TallyForm;
use saksi_proto::message::Standing;
use saksi_proto::ruling::{Amended, Amendment, Decision, Ruling};

use super::{add, check_sums, country, ordered};
use crate::changes::centre::to_rule_on;
use crate::changes::{Change, decide};
use crate::ledger::{FoldFault, Ledger};
use crate::log::LogFault;
use crate::reading::Reading;
use crate::sample::{apply, arrival, form, ledger, sealed};
use crate::tally::RegionTotals;
use crate::view::state::State;

fn act() -> Act {
    Act { by: "sri".to_owned(), reason: "the paper".to_owned() }
}

fn ruling(over: Vec<Digest>, decision: Decision) -> Entry {
    let (station, contest) = ("1001".parse().unwrap(), "mayor".parse().unwrap());
    Entry::Ruling(Ruling { station, contest, over, decision, at_ms: 5, act: act() })
}

/// Rules on what station 1001 has sent for the contest that everybody has.
fn rule(ledger: &mut Ledger, decision: Decision) {
    let over = to_rule_on(ledger, 0, 0);
    apply(ledger, &ruling(over, decision)).unwrap();
    check_sums(ledger);
}

fn amendment(station: &str, change: Amended) -> Entry {
    let station = station.parse().unwrap();
    Entry::Amendment(Amendment { station, change, at_ms: 6, act: act() })
}

fn amend(ledger: &mut Ledger, station: &str, change: Amended) {
    apply(ledger, &amendment(station, change)).unwrap();
    check_sums(ledger);
}

fn correction(of: &TallyForm, counts: [u32; 3]) -> TallyForm {
    let mut form = form("1001", counts);
    (form.revision, form.supersedes) = (of.revision + 1, Some(sealed(of).digest()));
    form
}

fn whole(ledger: &Ledger) -> &RegionTotals {
    ledger.tally.region(0, ledger.election.definition.whole())
}

/// How station 1001 stands, and each of its forms.
fn stands(ledger: &Ledger) -> (State, Vec<Standing>) {
    let view = crate::view::station::station(ledger, 0);
    let contest = &view.contests[0];
    (contest.state, contest.forms.iter().filter_map(|form| form.standing).collect())
}

#[test]
fn a_held_form_that_is_accepted_counts_as_written_and_keeps_its_findings() {
    let mut ledger = ledger();
    let held = add(&mut ledger, &form("1001", [1, 0, 2]));
    rule(&mut ledger, Decision::Accept(held));
    assert_eq!(country(&ledger), [1, 0, 0, 2, 1, 0]);
    assert_eq!((whole(&ledger).ruled, &whole(&ledger).held_by_rule[..]), (1, &[0, 0][..]));
    assert_eq!(whole(&ledger).registered_counted, 30);
    let view = crate::view::station::station(&ledger, 0);
    assert_eq!(view.contests[0].forms[0].findings[0].code.as_str(), "A4");
    assert_eq!(stands(&ledger), (State::Counted, vec![Standing::Counted]));
}

#[test]
fn of_disputed_forms_the_accepted_one_counts_even_if_it_breaks_a_rule() {
    for accepted in 0..3 {
        let mut ledger = ledger();
        let forms = [[1, 0, 1], [0, 1, 1], [1, 1, 1]].map(|votes| form("1001", votes));
        let digests = forms.each_ref().map(|form| add(&mut ledger, form));
        rule(&mut ledger, Decision::Accept(digests[accepted]));
        let votes = [[1, 0], [0, 1], [1, 1]][accepted];
        assert_eq!(country(&ledger), [1, 0, 0, 2, votes[0], votes[1]]);
        let mut standings = vec![Standing::Rejected; 3];
        standings[accepted] = Standing::Counted;
        assert_eq!(stands(&ledger), (State::Counted, standings));
    }
}

#[test]
fn rejected_forms_add_nothing_until_a_new_one_comes() {
    for names_the_rejected in [false, true] {
        let mut ledger = ledger();
        let first = form("1001", [1, 0, 1]);
        add(&mut ledger, &first);
        add(&mut ledger, &form("1001", [0, 1, 1]));
        rule(&mut ledger, Decision::Reject);
        assert_eq!(country(&ledger), [0, 0, 0, 2, 0, 0]);
        assert_eq!((whole(&ledger).rejected, whole(&ledger).reported()), (1, 1));
        assert_eq!(stands(&ledger), (State::Rejected, vec![Standing::Rejected; 2]));
        let next = correction(&first, [0, 0, 0]);
        add(&mut ledger, &if names_the_rejected { next } else { form("1001", [0, 0, 0]) });
        assert_eq!(country(&ledger), [1, 0, 0, 2, 0, 0]);
        assert_eq!((whole(&ledger).rejected, whole(&ledger).ruled), (0, 1));
        add(&mut ledger, &form("1001", [1, 1, 2]));
        assert_eq!(country(&ledger), [0, 0, 1, 2, 0, 0], "two that nobody has ruled on");
    }
}

#[test]
fn a_correction_of_the_accepted_form_is_judged_by_its_own_numbers() {
    let (held, mut ledger) = (form("1001", [1, 0, 2]), ledger());
    let accepted = add(&mut ledger, &held);
    rule(&mut ledger, Decision::Accept(accepted));
    let right = correction(&held, [0, 1, 1]);
    add(&mut ledger, &right);
    assert_eq!(country(&ledger), [1, 0, 0, 2, 0, 1]);
    add(&mut ledger, &correction(&right, [0, 1, 2]));
    assert_eq!(country(&ledger), [0, 1, 0, 2, 0, 0], "what was accepted is not this one");
}

#[test]
fn what_the_ruling_did_not_see_is_a_dispute_again() {
    let first = form("1001", [1, 0, 1]);
    let second = form("1001", [0, 1, 1]);
    for next in [form("1001", [1, 1, 2]), correction(&second, [1, 1, 2])] {
        let mut ledger = ledger();
        let accepted = add(&mut ledger, &first);
        add(&mut ledger, &second);
        rule(&mut ledger, Decision::Accept(accepted));
        add(&mut ledger, &next);
        assert_eq!(country(&ledger), [0, 0, 1, 2, 0, 0]);
        assert_eq!((whole(&ledger).ruled, stands(&ledger).0), (1, State::Disputed));
    }
}

#[test]
fn the_last_ruling_is_the_one_that_stands() {
    let mut ledger = ledger();
    let digests = [[1, 0, 1], [0, 1, 1]].map(|votes| add(&mut ledger, &form("1001", votes)));
    rule(&mut ledger, Decision::Accept(digests[0]));
    rule(&mut ledger, Decision::Accept(digests[1]));
    assert_eq!(country(&ledger), [1, 0, 0, 2, 0, 1]);
    rule(&mut ledger, Decision::Reject);
    assert_eq!(country(&ledger), [0, 0, 0, 2, 0, 0]);
    rule(&mut ledger, Decision::Withdraw);
    assert_eq!((country(&ledger), whole(&ledger).ruled), ([0, 0, 1, 2, 0, 0], 0));
    let view = crate::view::station::station(&ledger, 0);
    let stand: Vec<_> = view.contests[0].rulings.iter().map(|ruling| ruling.stands).collect();
    assert_eq!(stand, [false; 4]);
}

#[test]
fn a_log_with_a_ruling_over_other_forms_is_no_collectors() {
    let mut ledger = ledger();
    let one = add(&mut ledger, &form("1001", [1, 0, 1]));
    let two = add(&mut ledger, &form("1001", [0, 1, 1]));
    let other = Digest([7; 32]);
    for (over, decision) in [
        (vec![], Decision::Reject),
        (vec![one], Decision::Reject),
        (vec![two, one], Decision::Reject),
        (vec![one, two], Decision::Accept(other)),
        (vec![one, other], Decision::Accept(one)),
        (vec![one, two], Decision::Withdraw),
    ] {
        let folded = apply(&mut ledger, &ruling(over, decision));
        assert!(matches!(folded, Err(LogFault::Fold(FoldFault::OtherForms { .. }))), "{folded:?}");
    }
    assert_eq!(country(&ledger), [0, 0, 1, 2, 0, 0]);
    let mut counted = crate::sample::ledger();
    let form = add(&mut counted, &form("1001", [1, 0, 1]));
    for decision in [Decision::Accept(form), Decision::Reject] {
        let folded = apply(&mut counted, &ruling(vec![form], decision));
        assert!(matches!(folded, Err(LogFault::Fold(FoldFault::OtherForms { .. }))), "{folded:?}");
    }
}

/// Expected, unopened, registered, unknown, registered of the counted.
fn measured(ledger: &Ledger) -> [u64; 5] {
    let of = whole(ledger);
    let [expected, unopened, unknown] =
        [of.expected, of.unopened, of.registered_unknown].map(u64::from);
    [expected, unopened, of.registered, unknown, of.registered_counted]
}

#[test]
fn an_amended_number_is_what_coverage_is_measured_by() {
    let mut ledger = ledger();
    assert_eq!(measured(&ledger), [3, 0, 32, 1, 0]);
    add(&mut ledger, &form("1001", [1, 0, 1]));
    amend(&mut ledger, "1001", Amended::Registered(40));
    amend(&mut ledger, "1002", Amended::Registered(5));
    assert_eq!(measured(&ledger), [3, 0, 47, 0, 40]);
    amend(&mut ledger, "1001", Amended::Registered(0));
    assert_eq!(measured(&ledger), [3, 0, 7, 0, 0]);
    let view = crate::view::station::station(&ledger, 0);
    let changes: Vec<_> = view.amendments.iter().map(|by| (by.old, by.new)).collect();
    assert_eq!(changes, [(Some(30), Some(40)), (Some(40), Some(0))]);
    assert_eq!(view.registered, Some(0));
}

#[test]
fn a_station_that_did_not_open_is_expected_again_when_it_sends_a_form() {
    let mut ledger = ledger();
    amend(&mut ledger, "2001", Amended::Unopened);
    assert_eq!(measured(&ledger), [2, 1, 30, 1, 0]);
    let village = ledger.election.definition.region("2".parse().unwrap()).unwrap();
    assert_eq!(ledger.tally.region(1, village).expected, 0, "in every contest");
    let row =
        |ledger: &Ledger| crate::view::region::region(ledger, 0, village).stations.remove(0).state;
    assert_eq!(row(&ledger), State::Unopened);
    add(&mut ledger, &form("2001", [0, 1, 1]));
    assert_eq!(measured(&ledger), [3, 0, 32, 1, 2]);
    assert_eq!((row(&ledger), ledger.tally.region(1, village).unopened), (State::Counted, 1));
    amend(&mut ledger, "2001", Amended::Opened);
    assert_eq!(ledger.tally.region(1, village).unopened, 0);
}

/// Forms, corrections before and after what they correct, rulings and amendments, in many
/// orders: the live fold and the replay come to the same, every part to its whole, and the
/// forms' own order is of no matter.
#[test]
fn any_order_of_forms_rulings_and_amendments_comes_to_the_same() {
    let mut random = fastrand::Rng::with_seed(11);
    for _ in 0..200 {
        let (mut live, mut replayed) = (ledger(), ledger());
        let mut forms = some_forms(&mut random);
        random.shuffle(&mut forms);
        let settled = random.usize(..=forms.len());
        for (at, form) in forms.iter().enumerate() {
            if at == settled {
                settle(&mut random, &mut live, &mut replayed);
            }
            let entry = arrival(&sealed(form));
            both(&mut live, &mut replayed, &entry);
        }
        settle(&mut random, &mut live, &mut replayed);
        check_sums(&live);
        replayed.carry_up();
        assert_eq!(format!("{:?}", ordered(&replayed)), format!("{:?}", ordered(&live)));
        let states = |ledger: &Ledger| {
            let state = |station: StationIndex| format!("{:?}", ledger.tally.state(0, station));
            (0..3).map(state).collect::<Vec<_>>()
        };
        assert_eq!(states(&replayed), states(&live));
    }
}

/// The forms that stand before a ruling, in every order of arrival: a ruling on them, and
/// what comes after it, mean the same.
#[test]
fn the_order_in_which_forms_came_before_a_ruling_does_not_matter() {
    let first = form("1001", [1, 0, 2]);
    let second = correction(&first, [0, 1, 2]);
    let other = form("1001", [1, 1, 2]);
    let accepted = sealed(&second).digest();
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    for order in orders {
        let (mut ledger, forms) = (ledger(), [&first, &second, &other]);
        for at in order {
            add(&mut ledger, forms[at]);
        }
        rule(&mut ledger, Decision::Accept(accepted));
        assert_eq!(country(&ledger), [1, 0, 0, 2, 0, 1], "{order:?}");
        add(&mut ledger, &correction(&second, [1, 0, 1]));
        assert_eq!(country(&ledger), [1, 0, 0, 2, 1, 0], "{order:?}");
    }
    // What was superseded by a form that was there before it came is no word of its own.
    let mut late = ledger();
    add(&mut late, &second);
    rule(&mut late, Decision::Accept(accepted));
    add(&mut late, &first);
    assert_eq!(country(&late), [1, 0, 0, 2, 0, 1]);
}

fn some_forms(random: &mut fastrand::Rng) -> Vec<TallyForm> {
    let mut forms = Vec::new();
    for _ in 0..random.usize(1..6) {
        let counts = [random.u32(..2), random.u32(..2), random.u32(..3)];
        let mut next = form(if random.bool() { "1001" } else { "1002" }, counts);
        next.device_ms = random.u64(..);
        if let Some(corrected) = random.bool().then(|| random.choice(&forms)).flatten() {
            let corrected: &TallyForm = corrected;
            next.station = corrected.station;
            (next.revision, next.supersedes) = (2, Some(sealed(corrected).digest()));
        }
        forms.push(next);
    }
    forms
}

/// A ruling, an amendment, or both, as chance has it.
fn settle(random: &mut fastrand::Rng, live: &mut Ledger, replayed: &mut Ledger) {
    let over = to_rule_on(live, 0, 0);
    if let Some(form) = random.choice(&over).copied() {
        let decisions = [Decision::Accept(form), Decision::Reject, Decision::Withdraw];
        let entry = ruling(over, decisions[random.usize(..3)]);
        if let Entry::Ruling(ruling) = &entry
            && decide(live, &Change::Rule(ruling.clone())).is_ok()
        {
            both(live, replayed, &entry);
        }
    }
    let changes = [Amended::Registered(random.u32(..50)), Amended::Unopened, Amended::Opened];
    let station = ["1001", "1002", "2001"][random.usize(..3)];
    both(live, replayed, &amendment(station, changes[random.usize(..3)]));
}

fn both(live: &mut Ledger, replayed: &mut Ledger, entry: &Entry) {
    let read = |ledger: &Ledger| Reading::of(&ledger.election, &entry.encode()).unwrap().meaning;
    let meaning = read(live);
    live.apply(meaning).unwrap();
    let meaning = read(replayed);
    replayed.replay(meaning).unwrap();
}
