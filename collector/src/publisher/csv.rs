//! The totals of a contest as CSV: the same bytes from the same log, whoever folds it.
//!
//! One row for each region where the contest is held, in the order of the codes of the
//! regions; lines end with LF. The columns:
//!
//! | column | meaning |
//! |---|---|
//! | `code`, `level` | the region and its level |
//! | `expected` | stations that are expected to report: `reported` + `missing` |
//! | `reported` | stations that have sent anything: `counted` + `held` + `disputed` + `rejected` |
//! | `counted` | stations in the sums |
//! | `held` | stations whose form breaks a hard rule |
//! | `disputed` | stations whose forms contradict each other |
//! | `rejected` | stations whose forms a ruling has rejected |
//! | `missing` | stations that have sent nothing |
//! | `unopened` | stations that are not expected: they did not open |
//! | `corrected` | stations that corrected a form, however they stand |
//! | `ruled` | stations on whose forms a ruling stands, however they stand |
//! | `registered` | registered voters of the expected stations, where they are known |
//! | `registered_counted` | the same of the counted stations |
//! | `blank` | boxes of counted forms without a number, which added nothing to any sum |
//! | one for each box of the form, by its code | its sum over the counted stations |

use saksi_proto::definition::RegionIndex;

use crate::election::Election;
use crate::ledger::Ledger;
use crate::tally::totals::RegionTotals;

/// Columns before those of the form's boxes.
const COLUMNS: [&str; 15] = [
    "code",
    "level",
    "expected",
    "reported",
    "counted",
    "held",
    "disputed",
    "rejected",
    "missing",
    "unopened",
    "corrected",
    "ruled",
    "registered",
    "registered_counted",
    "blank",
];

/// All totals of a contest, as the ledger has them.
#[must_use]
pub fn totals_csv(ledger: &Ledger, contest: usize) -> Vec<u8> {
    let election = &ledger.election;
    let mut csv = header(election, contest);
    for region in ledger.tally.regions(contest) {
        csv.extend(row(election, contest, region, ledger.tally.region(contest, region)));
    }
    csv
}

/// The first line.
#[must_use]
pub fn header(election: &Election, contest: usize) -> Vec<u8> {
    let fields = election.layout(contest).fields().iter().map(|field| field.code.as_str());
    line(COLUMNS.into_iter().chain(fields))
}

/// The line of a region; empty where the contest is not held.
#[must_use]
pub fn row(
    election: &Election,
    contest: usize,
    region: RegionIndex,
    totals: &RegionTotals,
) -> Vec<u8> {
    if !totals.is_held() {
        return Vec::new();
    }
    let of = &election.definition.regions()[region as usize];
    let stations = [
        totals.expected,
        totals.reported(),
        totals.counted,
        totals.held,
        totals.disputed,
        totals.rejected,
        totals.missing(),
        totals.unopened,
        totals.corrected,
        totals.ruled,
    ];
    let sums = (0..election.layout(contest).fields().len()).map(|field| totals.sums.get(field));
    let blank: u64 =
        sums.clone().map(|sum| u64::from(sum.not_written) + u64::from(sum.illegible)).sum();
    let numbers = stations.into_iter().map(u64::from);
    let numbers = numbers.chain([totals.registered, totals.registered_counted, blank]);
    let numbers = numbers.chain(sums.map(|sum| sum.total)).map(|number| number.to_string());
    line([of.code.to_string(), of.level.to_string()].into_iter().chain(numbers))
}

fn line(fields: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Vec<u8> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(fields).expect("memory takes everything");
    csv.into_inner().expect("memory takes everything")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn the_columns_are_as_documented_and_a_parent_is_the_sum_of_its_parts() {
        let mut ledger = sample::ledger();
        for (station, counts) in [("1001", [3, 4, 7]), ("1002", [1, 1, 9]), ("2001", [5, 0, 5])] {
            let form = sample::sealed(&sample::form(station, counts));
            sample::apply(&mut ledger, &sample::arrival(&form)).unwrap();
        }
        let csv = String::from_utf8(totals_csv(&ledger, 0)).unwrap();
        let wanted = "code,level,expected,reported,counted,held,disputed,rejected,missing,unopened,\
                      corrected,ruled,registered,registered_counted,blank,V.01,V.02,S\n\
                      0,country,3,3,2,1,0,0,0,0,0,0,32,32,0,8,4,12\n\
                      1,village,2,2,1,1,0,0,0,0,0,0,30,30,0,3,4,7\n\
                      2,village,1,1,1,0,0,0,0,0,0,0,2,2,0,5,0,5\n";
        assert_eq!(csv, wanted);
        let hamlet = String::from_utf8(totals_csv(&ledger, 1)).unwrap();
        assert_eq!(hamlet.lines().count(), 3, "only where it is held: {hamlet}");
    }
}
