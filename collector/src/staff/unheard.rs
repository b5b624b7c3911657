//! *Belum masuk*: which stations have not reported. A page's work is bounded by the number
//! of villages, not of stations: one of whose forms none is missing is passed over by its
//! totals. Pure, under the ledger's lock.

use std::ops::Range;

use saksi_proto::definition::{RegionIndex, StationIndex};
use saksi_proto::ids::{ContestCode, StationCode};

use super::order::Order;
use crate::ledger::Ledger;
use crate::view::sought::{begins, has};

/// Steps under one hold of the ledger's lock: each is a village or a station. In a nation with
/// five contests all of them take 0.02 ms, 99 of 100 times 0.1 ms at most (`national --desk`).
pub const STEPS: usize = 2_000;

/// Which stations are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The contests of which a form may be missing, by position.
    pub contests: Vec<usize>,
    /// What its code begins with, or its name has; in small letters, empty for all.
    pub search: String,
}

/// A station that has not reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unheard {
    /// The station.
    pub index: StationIndex,
    /// Its code.
    pub code: StationCode,
    /// Contests of which nothing has come.
    pub contests: Vec<ContestCode>,
    /// Key of its device, if it has one.
    pub key: Option<[u8; 32]>,
    /// Whether a rehearsal form of its device has come.
    pub is_tested: bool,
}

/// How many forms have come in a region, of the contests that are asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reported {
    /// Forms that are expected.
    pub expected: u64,
    /// Of these, forms that have not come.
    pub missing: u64,
}

/// How many forms a region has and lacks.
#[must_use]
pub fn reported(ledger: &Ledger, contests: &[usize], region: RegionIndex) -> Reported {
    let mut sum = Reported::default();
    for contest in contests {
        let totals = ledger.tally.region(*contest, region);
        let come = totals.counted + totals.held + totals.disputed + totals.rejected;
        sum.expected += u64::from(totals.expected);
        sum.missing += u64::from(totals.expected.saturating_sub(come));
    }
    sum
}

/// Whether a station is one that somebody looks for.
#[must_use]
pub fn is_sought(code: &str, name: &str, search: &str) -> bool {
    search.is_empty() || begins(code, search) || has(name, search)
}

/// Goes through a part of the order, [`STEPS`] at most, until there are `room` stations.
/// Gives them, and where to go on.
#[must_use]
pub fn unheard(
    ledger: &Ledger,
    order: &Order,
    range: Range<usize>,
    wanted: &Wanted,
    room: usize,
) -> (Vec<Unheard>, usize) {
    let definition = &ledger.election.definition;
    let (mut found, mut at, mut looked_at) = (Vec::new(), range.start, None);
    for _ in 0..STEPS {
        if at >= range.end || found.len() >= room {
            break;
        }
        let station = order.stations(at..at + 1)[0];
        let region = definition.region_of(station);
        if looked_at != Some(region) {
            looked_at = Some(region);
            if reported(ledger, &wanted.contests, region).missing == 0 {
                // Not back to where its stations began, if the page began among them.
                at = order.range(region).end.max(at + 1);
                continue;
            }
        }
        let of = &definition.stations()[station as usize];
        if is_sought(of.code.as_str(), &of.name, &wanted.search) {
            found.extend(lacking(ledger, wanted, station));
        }
        at += 1;
    }
    (found, at.min(range.end))
}

fn lacking(ledger: &Ledger, wanted: &Wanted, station: StationIndex) -> Option<Unheard> {
    let definition = &ledger.election.definition;
    if ledger.tally.register().is_unopened(station) {
        return None;
    }
    let is_missing = |contest: &&usize| {
        ledger.tally.station(**contest, station).is_none()
            && definition.in_scope(**contest, station)
    };
    let contests = wanted.contests.iter().filter(is_missing);
    let contests: Vec<_> = contests.map(|contest| definition.contests()[*contest].code).collect();
    let device = ledger.roster.device(station);
    (!contests.is_empty()).then(|| Unheard {
        index: station,
        code: definition.stations()[station as usize].code,
        contests,
        key: device.map(|device| device.key),
        is_tested: device.is_some_and(|device| !device.rehearsals.is_empty()),
    })
}

#[cfg(test)]
mod tests {
    use saksi_proto::entry::{Act, Entry};
    use saksi_proto::ruling::{Amended, Amendment};

    use super::*;
    use crate::sample::{apply, arrival, form, ledger, sealed};

    fn codes(ledger: &Ledger, range: Range<usize>, wanted: &Wanted, room: usize) -> Vec<String> {
        let order = Order::of(&ledger.election.definition);
        let mut shown = Vec::new();
        let mut at = range.start;
        while at < range.end && shown.len() < room {
            let left = room - shown.len();
            let (found, next) = unheard(ledger, &order, at..range.end, wanted, left);
            assert!(next > at, "it goes on");
            shown.extend(found.into_iter().map(|it| format!("{} {}", it.code, it.contests.len())));
            at = next;
        }
        shown
    }

    fn all() -> Wanted {
        Wanted { contests: vec![0, 1], search: String::new() }
    }

    #[test]
    fn a_station_is_unheard_until_all_its_forms_have_come() {
        let mut ledger = ledger();
        // The second contest is held in region 2 alone.
        assert_eq!(codes(&ledger, 0..3, &all(), 9), ["1001 1", "1002 1", "2001 2"]);
        apply(&mut ledger, &arrival(&sealed(&form("1001", [1, 2, 3])))).unwrap();
        apply(&mut ledger, &arrival(&sealed(&form("2001", [1, 0, 1])))).unwrap();
        assert_eq!(codes(&ledger, 0..3, &all(), 9), ["1002 1", "2001 1"]);
        let mayor = Wanted { contests: vec![0], ..all() };
        assert_eq!(codes(&ledger, 0..3, &mayor, 9), ["1002 1"]);
        let unopened = Amendment {
            station: "1002".parse().unwrap(),
            change: Amended::Unopened,
            at_ms: 5,
            act: Act { by: "sri".to_owned(), reason: "flood".to_owned() },
        };
        apply(&mut ledger, &Entry::Amendment(unopened)).unwrap();
        assert_eq!(codes(&ledger, 0..3, &all(), 9), ["2001 1"], "it is not expected any more");
    }

    #[test]
    fn a_page_ends_where_the_next_begins_and_a_search_finds_codes_and_names() {
        let ledger = ledger();
        assert_eq!(codes(&ledger, 0..3, &all(), 2), ["1001 1", "1002 1"]);
        assert_eq!(codes(&ledger, 1..3, &all(), 2), ["1002 1", "2001 2"]);
        let search = |text: &str| Wanted { search: text.to_owned(), ..all() };
        assert_eq!(codes(&ledger, 0..3, &search("100"), 9), ["1001 1", "1002 1"]);
        assert_eq!(codes(&ledger, 0..3, &search("tps 1"), 9), ["1001 1", "2001 2"]);
        assert_eq!(codes(&ledger, 0..3, &search("001"), 9), Vec::<String>::new());
        assert_eq!(codes(&ledger, 2..3, &all(), 9), ["2001 2"]);
    }

    #[test]
    fn sums_of_forms_that_are_expected_and_missing() {
        let mut ledger = ledger();
        apply(&mut ledger, &arrival(&sealed(&form("2001", [1, 0, 1])))).unwrap();
        let region = |code: &str| ledger.election.definition.region(code.parse().unwrap()).unwrap();
        let sums = |code: &str| reported(&ledger, &[0, 1], region(code));
        assert_eq!(sums("0"), Reported { expected: 4, missing: 3 });
        assert_eq!(sums("1"), Reported { expected: 2, missing: 2 });
        assert_eq!(sums("2"), Reported { expected: 2, missing: 1 });
    }
}
