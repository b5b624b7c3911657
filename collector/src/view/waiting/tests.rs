use std::sync::Arc;

use saksi_proto::author::{self, Pack};
use saksi_proto::definition::RegionIndex;
use saksi_proto::entry::{Act, Arrival, Enrolment, Entry, Warrant};
use saksi_proto::form::TallyForm;
use saksi_proto::ruling::{Amended, Amendment, Decision, Ruling};

use super::*;
use crate::changes::centre::to_rule_on;
use crate::election::Election;
use crate::sample::{self, apply, arrival, form, ledger, sealed};
use crate::view::by_age::{Age, by_age};

fn add(ledger: &mut Ledger, form: &TallyForm) {
    apply(ledger, &arrival(&sealed(form))).unwrap();
}

/// 1001 is disputed, 1002 counted, 2001 held by A4.
fn evening() -> Ledger {
    let mut ledger = ledger();
    add(&mut ledger, &form("1001", [1, 2, 3]));
    add(&mut ledger, &form("1001", [2, 1, 3]));
    add(&mut ledger, &form("1002", [1, 2, 3]));
    add(&mut ledger, &form("2001", [1, 2, 4]));
    ledger
}

fn region(ledger: &Ledger, code: &str) -> RegionIndex {
    ledger.election.definition.region(code.parse().unwrap()).unwrap()
}

fn all(ledger: &Ledger) -> Wanted {
    Wanted::all(ledger.election.definition.whole())
}

/// Station and contest of each row, of one page after the other.
fn walked(ledger: &Ledger, wanted: &Wanted, rows: usize) -> Vec<String> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = waiting(ledger, wanted, after, rows);
        assert!(page.rows.len() <= rows);
        found.extend(page.rows.iter().map(|row| format!("{} {}", row.station, row.contest)));
        // As it goes through an address.
        let next = page.next.map(|next| next.to_string().parse().unwrap());
        if next.is_none() {
            return found;
        }
        assert_ne!(next, after, "it goes on");
        after = next;
    }
}

#[test]
fn held_and_disputed_wait_and_what_is_counted_does_not() {
    let ledger = evening();
    let page = waiting(&ledger, &all(&ledger), None, 50);
    assert_eq!(page.next, None);
    let shown: Vec<_> = page.rows.iter().map(|row| (row.station.as_str(), row.kind)).collect();
    assert_eq!(shown, [("1001", Kind::Disputed), ("2001", Kind::Held)]);
    let [disputed, held] = &page.rows[..] else { panic!("two") };
    assert_eq!((disputed.forms, disputed.rules.len(), disputed.registered), (2, 0, Some(30)));
    assert_eq!((held.forms, held.rules[0].as_str(), held.since_ms), (1, "A4", 4));
    assert_eq!(held.region.code.as_str(), "2");
    let counts = |region| waiting_counts(&ledger, region, None);
    assert_eq!(counts(0), WaitingCounts { held: 1, disputed: 1 });
    assert_eq!(counts(region(&ledger, "2")), WaitingCounts { held: 1, disputed: 0 });
    assert_eq!(waiting_counts(&ledger, 0, Some(1)), WaitingCounts::default());
}

#[test]
fn a_region_sees_its_own_and_filters_take_away() {
    let ledger = evening();
    let of = |wanted| walked(&ledger, &wanted, 50);
    let one = Wanted::all(region(&ledger, "1"));
    assert_eq!(of(one), ["1001 mayor"]);
    assert_eq!(of(Wanted { kind: Some(Kind::Held), ..all(&ledger) }), ["2001 mayor"]);
    assert_eq!(of(Wanted { kind: Some(Kind::Disputed), ..all(&ledger) }), ["1001 mayor"]);
    assert_eq!(of(Wanted { contest: Some(1), ..all(&ledger) }), [""; 0]);
    let rule = |code: &str| Wanted { rule: Some(code.parse().unwrap()), ..all(&ledger) };
    assert_eq!(of(rule("A4")), ["2001 mayor"]);
    assert_eq!(of(rule("B8")), [""; 0]);
    assert_eq!(of(Wanted { kind: Some(Kind::Disputed), ..rule("A4") }), [""; 0]);
    let search = |text: &str| Wanted { search: Some(text.to_owned()), ..all(&ledger) };
    assert_eq!(of(search("100")), ["1001 mayor"]);
    assert_eq!(of(search("tps 1")), ["1001 mayor", "2001 mayor"]);
    assert_eq!(of(search("dua")), ["2001 mayor"], "the village");
    assert_eq!(of(search("001")), [""; 0], "codes from their beginning on");
}

#[test]
fn what_is_ruled_waits_no_more_until_the_ruling_is_withdrawn_or_overtaken() {
    let mut ledger = evening();
    let rule = |ledger: &mut Ledger, decision, at_ms| {
        let over = to_rule_on(ledger, 0, 0);
        let act = Act { by: "sri".to_owned(), reason: "the photo".to_owned() };
        let (station, contest) = ("1001".parse().unwrap(), "mayor".parse().unwrap());
        apply(ledger, &Entry::Ruling(Ruling { station, contest, over, decision, at_ms, act }))
            .unwrap();
    };
    let first = to_rule_on(&ledger, 0, 0)[0];
    rule(&mut ledger, Decision::Accept(first), 9);
    assert_eq!(walked(&ledger, &all(&ledger), 50), ["2001 mayor"]);
    add(&mut ledger, &form("1001", [0, 3, 3]));
    let page = waiting(&ledger, &all(&ledger), None, 1);
    assert!(page.rows[0].ruled && page.rows[0].forms == 2, "{page:?}");
    rule(&mut ledger, Decision::Withdraw, 12);
    let page = waiting(&ledger, &all(&ledger), None, 1);
    let row = &page.rows[0];
    assert_eq!((row.ruled, row.forms, row.since_ms), (false, 3, 12));
}

/// A town of four wards with three stations each in two contests, all disputed.
fn town() -> Ledger {
    let election = ELECTION.replace("[\"2\"]", "\"everywhere\"");
    let pack = Pack { election: &election, regions: REGIONS, stations: STATIONS };
    let election = Arc::new(Election::new(author::read(pack).unwrap()));
    let mut ledger = Ledger::new(Arc::clone(&election));
    apply(&mut ledger, &sample::manifest(&election, "")).unwrap();
    let codes: Vec<_> = election.definition.stations().iter().map(|of| of.code).collect();
    for station in codes {
        let key = sample::key(station.as_str()).verifying_key().to_bytes();
        let warrant = Warrant::Bundle(Act::default());
        let enrolment = Enrolment { station, key, at_ms: 2, warrant };
        apply(&mut ledger, &Entry::Enrolment(enrolment)).unwrap();
        for (contest, counts) in [("mayor", [1, 2, 3]), ("mayor", [2, 1, 3])] {
            let mut form = form(station.as_str(), counts);
            form.election = election.definition.digest();
            form.contest = contest.parse().unwrap();
            add(&mut ledger, &form);
        }
    }
    ledger
}

const ELECTION: &str = sample::PACK_FILES[0].1;
const REGIONS: &str = "code,parent,level,name\n0,,country,Negara\n1,0,village,Satu\n\
                       2,0,village,Dua\n3,0,village,Tiga\n4,0,village,Empat\n";
const STATIONS: &str = "code,region,name,registered_men,registered_women,registered_all\n\
                        9,1,a,1,1,2\n1,1,b,1,1,2\n5,1,c,1,1,2\n2,2,d,1,1,2\n3,2,e,1,1,2\n\
                        4,4,f,1,1,2\n6,4,g,1,1,2\n7,0,h,1,1,2\n8,0,i,1,1,2\n";

#[test]
fn pages_of_any_length_come_to_the_same_in_the_order_of_places() {
    let ledger = town();
    let whole = walked(&ledger, &all(&ledger), 100);
    let order: Vec<_> = whole.iter().map(|row| &row[..1]).collect();
    assert_eq!(order, ["7", "8", "1", "5", "9", "2", "3", "4", "6"]);
    for rows in 1..=10 {
        assert_eq!(walked(&ledger, &all(&ledger), rows), whole, "pages of {rows}");
    }
    let inside = Wanted::all(region(&ledger, "2"));
    assert_eq!(walked(&ledger, &inside, 1), ["2 mayor", "3 mayor"]);
}

#[test]
fn a_page_that_is_ruled_away_meanwhile_loses_nothing_behind_it() {
    let mut ledger = town();
    let first = waiting(&ledger, &all(&ledger), None, 4);
    let next = first.next.unwrap();
    assert_eq!(next.to_string(), "1~5~mayor");
    for code in ["7", "5", "9"] {
        let (station, contest) = (code.parse().unwrap(), "mayor".parse().unwrap());
        let at = ledger.election.definition.station(station).unwrap();
        let over = to_rule_on(&ledger, 0, at);
        let act = Act { by: "sri".to_owned(), reason: "the photo".to_owned() };
        let decision = Decision::Reject;
        let ruling = Ruling { station, contest, over, decision, at_ms: 7, act };
        apply(&mut ledger, &Entry::Ruling(ruling)).unwrap();
    }
    let codes: Vec<_> = waiting(&ledger, &all(&ledger), Some(next), 50).rows;
    let codes: Vec<_> = codes.iter().map(|row| row.station.as_str()).collect();
    assert_eq!(codes, ["2", "3", "4", "6"]);
}

#[test]
fn a_place_of_another_region_begins_at_the_first() {
    let ledger = town();
    let inside = Wanted::all(region(&ledger, "2"));
    for elsewhere in ["4", "4~4~mayor", "2~4~mayor", "2~99~mayor", "77"] {
        let page = waiting(&ledger, &inside, Some(elsewhere.parse().unwrap()), 50);
        assert_eq!(page.rows.len(), 2, "{elsewhere}");
    }
    for no_place in ["", "1~2", "1~~", "a b"] {
        assert_eq!(no_place.parse::<Cursor>(), Err(NoCursor), "{no_place}");
    }
}

/// Station and time of each row by age, one page after the other; the other way it is the same
/// backwards.
fn aged(ledger: &Ledger, wanted: &Wanted, rows: usize) -> Vec<String> {
    let oldest = aged_from(Age::Oldest, ledger, wanted, rows);
    let newest = aged_from(Age::Newest, ledger, wanted, rows);
    assert!(oldest.iter().eq(newest.iter().rev()), "{oldest:?} {newest:?}");
    oldest
}

fn aged_from(age: Age, ledger: &Ledger, wanted: &Wanted, rows: usize) -> Vec<String> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = by_age(ledger, wanted, (age, after), rows);
        assert!(page.rows.len() <= rows);
        found.extend(page.rows.iter().map(|row| format!("{} {}", row.station, row.since_ms)));
        // As it goes through an address.
        let next = page.next.map(|next| next.to_string().parse().unwrap());
        if next.is_none() {
            return found;
        }
        assert_ne!(next, after, "it goes on");
        after = next;
    }
}

#[test]
fn who_waits_longest_comes_first_whatever_is_ruled_meanwhile() {
    let mut ledger = ledger();
    for (station, counts, arrived_ms) in [
        ("1001", [1, 2, 3], 2),
        ("2001", [1, 2, 4], 4),
        ("1001", [2, 1, 3], 6),
        ("1001", [0, 3, 3], 8),
    ] {
        let sealed = sealed(&form(station, counts)).into_bytes();
        apply(&mut ledger, &Entry::Form(Arrival { arrived_ms, sealed })).unwrap();
    }
    let order = |ledger: &Ledger| aged(ledger, &all(ledger), 50);
    // The second form made the dispute; whoever sends a third does not wait anew.
    assert_eq!(order(&ledger), ["2001 4", "1001 6"]);
    assert_eq!(aged(&ledger, &Wanted::all(region(&ledger, "2")), 50), ["2001 4"]);
    let held = Wanted { kind: Some(Kind::Held), ..all(&ledger) };
    assert_eq!(aged(&ledger, &held, 50), ["2001 4"]);
    assert_eq!(aged(&ledger, &Wanted { contest: Some(1), ..all(&ledger) }, 50), [""; 0]);
    let search = Wanted { search: Some("dua".to_owned()), ..all(&ledger) };
    assert_eq!(aged(&ledger, &search, 50), ["2001 4"]);
    let rule = |ledger: &mut Ledger, decision, at_ms| {
        let over = to_rule_on(ledger, 0, 0);
        let act = Act { by: "sri".to_owned(), reason: "the photo".to_owned() };
        let (station, contest) = ("1001".parse().unwrap(), "mayor".parse().unwrap());
        apply(ledger, &Entry::Ruling(Ruling { station, contest, over, decision, at_ms, act }))
            .unwrap();
    };
    let first = to_rule_on(&ledger, 0, 0)[0];
    rule(&mut ledger, Decision::Accept(first), 9);
    assert_eq!(order(&ledger), ["2001 4"], "it is ruled on");
    rule(&mut ledger, Decision::Withdraw, 12);
    assert_eq!(order(&ledger), ["2001 4", "1001 12"], "it waits anew");
    let amended = Amendment {
        station: "1001".parse().unwrap(),
        change: Amended::Registered(77),
        at_ms: 13,
        act: Act { by: "sri".to_owned(), reason: "flood".to_owned() },
    };
    apply(&mut ledger, &Entry::Amendment(amended)).unwrap();
    assert_eq!(order(&ledger), ["2001 4", "1001 12"], "voters are no reason");
}

#[test]
fn pages_of_any_length_come_to_the_same_in_the_order_of_age() {
    let ledger = town();
    let whole = aged(&ledger, &all(&ledger), 100);
    let mut rows = waiting(&ledger, &all(&ledger), None, 100).rows;
    rows.sort_by_key(|row| (row.since_ms, ledger.election.definition.station(row.station)));
    let wanted: Vec<_> =
        rows.iter().map(|row| format!("{} {}", row.station, row.since_ms)).collect();
    assert_eq!((whole.len(), &whole), (9, &wanted));
    for rows in 1..=10 {
        assert_eq!(aged(&ledger, &all(&ledger), rows), whole, "pages of {rows}");
    }
}
