//! What waits, by how long it has: the page of rows that come next is picked while all of them
//! are walked, and no more than that page is held.
//!
//! Nothing is kept for it between two pages: of a nation whose every hundredth form waits, some
//! 41,000, the walk takes 400,000 look-ups, 0.2 s of one thread (arithmetic of
//! [`super::MAX_LOOKS`]), in pieces between which others have the ledger.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use saksi_proto::ids::{ContestCode, StationCode};

use super::{BETWEEN, NoCursor, WaitingRow};

/// Which end comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Age {
    /// What has waited longest.
    Oldest,
    /// What has come last.
    Newest,
}

/// A row's place in the order of age. Of the same millisecond the order of codes holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// Since when it waits, milliseconds since 1970, UTC.
    pub since_ms: u64,
    /// The station.
    pub station: StationCode,
    /// The contest.
    pub contest: ContestCode,
}

/// The next page by age, while rows are walked.
#[derive(Debug)]
pub struct ByAge {
    age: Age,
    behind: Option<Moment>,
    room: usize,
    /// One more than a page has: whether there is another.
    held: BTreeMap<Moment, WaitingRow>,
}

impl Moment {
    fn of(row: &WaitingRow) -> Self {
        Self { since_ms: row.since_ms, station: row.station, contest: row.contest }
    }
}

impl ByAge {
    /// A page of `room` rows, behind the last one of the page before.
    #[must_use]
    pub fn new(age: Age, behind: Option<Moment>, room: usize) -> Self {
        Self { age, behind, room, held: BTreeMap::new() }
    }

    /// Looks at some rows that were walked, in whatever order.
    pub fn look(&mut self, rows: Vec<WaitingRow>) {
        for row in rows {
            let moment = Moment::of(&row);
            let is_behind = match (self.behind, self.age) {
                (None, _) => true,
                (Some(last), Age::Oldest) => moment > last,
                (Some(last), Age::Newest) => moment < last,
            };
            if is_behind {
                self.held.insert(moment, row);
            }
            if self.held.len() > self.room + 1 {
                match self.age {
                    Age::Oldest => drop(self.held.pop_last()),
                    Age::Newest => drop(self.held.pop_first()),
                }
            }
        }
    }

    /// The page, and behind which row the next one begins, if there is one.
    #[must_use]
    pub fn page(self) -> (Vec<WaitingRow>, Option<Moment>) {
        let is_more = self.held.len() > self.room;
        let mut rows: Vec<_> = self.held.into_values().collect();
        if self.age == Age::Newest {
            rows.reverse();
        }
        rows.truncate(self.room);
        let last = rows.last().filter(|_| is_more).map(Moment::of);
        (rows, last)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{BETWEEN}{}{BETWEEN}{}", self.since_ms, self.station, self.contest)
    }
}

impl FromStr for Moment {
    type Err = NoCursor;

    fn from_str(text: &str) -> Result<Self, NoCursor> {
        let mut parts = text.splitn(3, BETWEEN);
        let mut next = || parts.next().ok_or(NoCursor);
        Ok(Self {
            since_ms: next()?.parse().map_err(|_| NoCursor)?,
            station: next()?.parse().map_err(|_| NoCursor)?,
            contest: next()?.parse().map_err(|_| NoCursor)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::place::RegionName;
    use crate::view::waiting::Kind;

    fn row(since_ms: u64, station: usize) -> WaitingRow {
        WaitingRow {
            station: format!("{station:04}").parse().unwrap(),
            name: String::new(),
            region: RegionName {
                code: "0".parse().unwrap(),
                name: String::new(),
                level: "country".parse().unwrap(),
                level_name: BTreeMap::new(),
            },
            contest: "president".parse().unwrap(),
            kind: Kind::Held,
            rules: Vec::new(),
            since_ms,
            forms: 1,
            registered: None,
            questions: 0,
            ruled: false,
        }
    }

    /// Walks all rows for each page, as the desk does.
    fn walked(rows: &[WaitingRow], age: Age, room: usize) -> Vec<(u64, String)> {
        let (mut all, mut behind) = (Vec::new(), None);
        loop {
            let mut by_age = ByAge::new(age, behind, room);
            rows.chunks(7).for_each(|piece| by_age.look(piece.to_vec()));
            let (page, next) = by_age.page();
            assert!(page.len() <= room);
            all.extend(page.iter().map(|row| (row.since_ms, row.station.to_string())));
            behind = next.map(|next| next.to_string().parse().unwrap());
            if behind.is_none() {
                return all;
            }
        }
    }

    #[test]
    fn pages_by_age_have_every_row_once_and_in_order() {
        // Many of the same moment, walked in the order of their codes.
        let rows: Vec<_> = (0..100).map(|at| row((at as u64 * 37) % 11, at)).collect();
        let mut wanted: Vec<_> =
            rows.iter().map(|row| (row.since_ms, row.station.to_string())).collect();
        wanted.sort();
        for room in [1, 9, 50, 100, 101] {
            assert_eq!(walked(&rows, Age::Oldest, room), wanted, "{room}");
        }
        wanted.reverse();
        for room in [1, 9, 50, 100, 101] {
            assert_eq!(walked(&rows, Age::Newest, room), wanted, "{room}");
        }
        assert!(walked(&[], Age::Oldest, 5).is_empty());
        assert!(
            "1~0001".parse::<Moment>().is_err() && "x~0001~president".parse::<Moment>().is_err()
        );
    }
}
