//! The fold, over a small election: stations vote for one candidate each, so that
//! any 2 in a total proves double counting.

mod rulings;

use std::sync::Arc;

use saksi_proto::SigningKey;
use saksi_proto::count::{Count, Sum};
use saksi_proto::definition::RegionIndex;
use saksi_proto::digest::Digest;
use saksi_proto::form::TallyForm;
use saksi_proto::message::Standing;

use crate::ledger::Ledger;
use crate::reading::{FormName, Reading};
use crate::sample::{apply, arrival, election, form, ledger, sealed};

/// What the country's totals say: counted, held, disputed, missing, votes of 01 and 02.
fn country(ledger: &Ledger) -> [u64; 6] {
    let region = ledger.election.definition.whole();
    let totals = ledger.tally.region(0, region);
    let votes = |at: usize| totals.sums.get(at).total;
    let [counted, held, disputed] = [totals.counted, totals.held, totals.disputed].map(u64::from);
    [counted, held, disputed, u64::from(totals.missing()), votes(0), votes(1)]
}

fn add(ledger: &mut Ledger, form: &TallyForm) -> Digest {
    let sealed = sealed(form);
    apply(ledger, &arrival(&sealed)).unwrap();
    check_sums(ledger);
    sealed.digest()
}

/// Parent = sum of children, always.
fn check_sums(ledger: &Ledger) {
    let definition = &ledger.election.definition;
    for contest in 0..definition.contests().len() {
        for region in (0..).take(definition.regions().len()) {
            check_parts(ledger, contest, region);
        }
    }
}

/// The numbers that add up.
fn addends(totals: &super::RegionTotals) -> Vec<u64> {
    let super::RegionTotals { expected, unopened, registered_unknown, counted, held, .. } = *totals;
    let super::RegionTotals { disputed, rejected, corrected, ruled, .. } = *totals;
    let stations = [expected, unopened, registered_unknown, counted, held];
    let stations = stations.into_iter().chain([disputed, rejected, corrected, ruled]);
    let votes = (0..3).map(|field| totals.sums.get(field).total);
    let voters = [totals.registered, totals.registered_counted];
    stations.map(u64::from).chain(voters).chain(votes).collect()
}

fn check_parts(ledger: &Ledger, contest: usize, region: RegionIndex) {
    let definition = &ledger.election.definition;
    let of = |region| addends(ledger.tally.region(contest, region));
    let parts = definition.children(region).iter().map(|part| of(*part));
    let sums = parts.reduce(|a, b| a.iter().zip(b).map(|(a, b)| a + b).collect());
    if let Some(sums) = sums {
        assert_eq!(of(region), sums);
    }
    let all = definition.stations_of(contest).into_iter();
    let below = all.filter(|station| {
        definition.upwards(definition.region_of(*station)).any(|above| above == region)
    });
    let totals = ledger.tally.region(contest, region);
    assert_eq!((totals.expected + totals.unopened) as usize, below.count(), "nobody is forgotten");
    assert!(totals.reported() <= totals.expected, "never above the register");
}

#[test]
fn an_empty_log_misses_everyone() {
    assert_eq!(country(&ledger()), [0, 0, 0, 3, 0, 0]);
}

#[test]
fn a_contest_is_expected_only_where_it_is_held() {
    let mut ledger = ledger();
    let mut hamlet = form("2001", [1, 1, 0]);
    (hamlet.contest, hamlet.counts) = ("hamlet".parse().unwrap(), vec![Count::Written(1); 2]);
    apply(&mut ledger, &arrival(&sealed(&hamlet))).unwrap();
    let definition = &ledger.election.definition;
    for (region, expected) in [("0", 1), ("1", 0), ("2", 1)] {
        let region = definition.region(region.parse().unwrap()).unwrap();
        let totals = ledger.tally.region(1, region);
        assert_eq!((totals.expected, totals.counted), (expected, expected));
    }
}

#[test]
fn a_form_counts_once_and_everywhere_above_its_station() {
    let mut ledger = ledger();
    add(&mut ledger, &form("1001", [1, 0, 1]));
    add(&mut ledger, &form("2001", [0, 1, 1]));
    assert_eq!(country(&ledger), [2, 0, 0, 1, 1, 1]);
}

#[test]
fn a_broken_hard_rule_is_held_and_adds_nothing() {
    let mut ledger = ledger();
    add(&mut ledger, &form("1001", [1, 0, 2]));
    assert_eq!(country(&ledger), [0, 1, 0, 2, 0, 0]);
    let totals = ledger.tally.region(0, ledger.election.definition.whole());
    assert_eq!(totals.held_by_rule, [1, 0]);
}

#[test]
fn a_warning_counts() {
    let mut ledger = ledger();
    add(&mut ledger, &form("1001", [0, 0, 0]));
    assert_eq!(country(&ledger), [1, 0, 0, 2, 0, 0]);
}

#[test]
fn what_is_not_written_counts_as_itself() {
    let mut ledger = ledger();
    let mut blank = form("1001", [1, 0, 1]);
    blank.counts[1] = Count::NotWritten;
    add(&mut ledger, &blank);
    let totals = ledger.tally.region(0, ledger.election.definition.whole());
    assert_eq!(totals.sums.get(1), Sum { total: 0, not_written: 1, illegible: 0 });
}

#[test]
fn two_forms_that_do_not_know_each_other_are_a_dispute() {
    let mut ledger = ledger();
    add(&mut ledger, &form("1001", [1, 0, 1]));
    add(&mut ledger, &form("1001", [0, 1, 1]));
    assert_eq!(country(&ledger), [0, 0, 1, 2, 0, 0]);
}

#[test]
fn a_correction_replaces_in_either_order_of_arrival() {
    let first = form("1001", [1, 0, 1]);
    let mut second = form("1001", [0, 1, 1]);
    second.revision = 2;
    second.supersedes = Some(sealed(&first).digest());
    for order in [[&first, &second], [&second, &first]] {
        let mut ledger = ledger();
        for form in order {
            add(&mut ledger, form);
        }
        assert_eq!(country(&ledger), [1, 0, 0, 2, 0, 1]);
        let name = FormName { contest: 0, station: 0, digest: sealed(&first).digest() };
        let logged = ledger.logged(&name).unwrap();
        assert_eq!(ledger.tally.standing(0, 0, logged.index), Some(Standing::Superseded));
        let totals = ledger.tally.region(0, ledger.election.definition.whole());
        assert_eq!(totals.corrected, 1);
    }
}

#[test]
fn a_correction_frees_a_held_station_and_can_hold_a_counted_one() {
    let held = form("1001", [1, 0, 2]);
    let mut right = form("1001", [1, 0, 1]);
    (right.revision, right.supersedes) = (2, Some(sealed(&held).digest()));
    let mut wrong = form("1001", [1, 1, 1]);
    (wrong.revision, wrong.supersedes) = (3, Some(sealed(&right).digest()));
    let mut ledger = ledger();
    add(&mut ledger, &held);
    add(&mut ledger, &right);
    assert_eq!(country(&ledger), [1, 0, 0, 2, 1, 0]);
    add(&mut ledger, &wrong);
    assert_eq!(country(&ledger), [0, 1, 0, 2, 0, 0]);
}

#[test]
fn two_corrections_of_one_form_are_a_dispute() {
    let first = form("1001", [1, 0, 1]);
    let mut ledger = ledger();
    add(&mut ledger, &first);
    for votes in [[0, 1, 1], [0, 0, 0]] {
        let mut correction = form("1001", votes);
        (correction.revision, correction.supersedes) = (2, Some(sealed(&first).digest()));
        add(&mut ledger, &correction);
    }
    assert_eq!(country(&ledger), [0, 0, 1, 2, 0, 0]);
}

#[test]
fn a_log_begins_with_its_manifest_and_holds_a_form_once() {
    let mut empty = Ledger::new(Arc::new(election()));
    let entry = arrival(&sealed(&form("1001", [1, 0, 1])));
    assert!(apply(&mut empty, &entry).is_err());
    let mut ledger = ledger();
    apply(&mut ledger, &entry).unwrap();
    assert!(apply(&mut ledger, &entry).is_err(), "a second fold of one form would count it twice");
    assert_eq!(country(&ledger), [1, 0, 0, 2, 1, 0]);
    let stranger = saksi_proto::entry::Enrolment {
        station: "9999".parse().unwrap(),
        key: SigningKey::from_bytes(&[1; 32]).verifying_key().to_bytes(),
        at_ms: 0,
        warrant: saksi_proto::entry::Warrant::Bundle(saksi_proto::entry::Act::default()),
    };
    assert!(apply(&mut ledger, &saksi_proto::entry::Entry::Enrolment(stranger)).is_err());
}

/// Corrections before and after what they correct, held, disputed, in two contests.
#[test]
fn a_replay_comes_to_the_same_totals_as_the_fold_of_each_entry() {
    let first = form("1001", [1, 0, 1]);
    let mut correction = form("1001", [0, 1, 1]);
    (correction.revision, correction.supersedes) = (2, Some(sealed(&first).digest()));
    let mut hamlet = form("2001", [1, 1, 0]);
    (hamlet.contest, hamlet.counts) = ("hamlet".parse().unwrap(), vec![Count::Written(1); 2]);
    let forms = [
        correction,
        form("1002", [1, 0, 2]),
        first,
        form("2001", [0, 1, 1]),
        form("2001", [1, 0, 1]),
        hamlet,
    ];
    for many in 0..=forms.len() {
        let (mut live, mut replayed) = (ledger(), ledger());
        for form in &forms[..many] {
            let entry = arrival(&sealed(form)).encode();
            let read = || Reading::of(&live.election, &entry).unwrap().meaning;
            replayed.replay(read()).unwrap();
            let meaning = read();
            live.apply(meaning).unwrap();
        }
        replayed.carry_up();
        assert_eq!(format!("{:?}", ordered(&replayed)), format!("{:?}", ordered(&live)));
    }
}

/// All totals, in the order of contests and regions.
fn ordered(ledger: &Ledger) -> Vec<&super::RegionTotals> {
    let regions = || (0..).take(ledger.election.definition.regions().len());
    (0..2).flat_map(|contest| regions().map(move |at| ledger.tally.region(contest, at))).collect()
}
