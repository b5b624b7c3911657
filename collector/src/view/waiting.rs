//! What waits for a ruling: held and disputed forms of a region, page by page.
//!
//! The order is that of places: a region's own stations by code, then its parts by code. No list
//! is kept for it ([by age](super::by_age) has one): the totals of each region say
//! how many of its stations are held or disputed, and which rules they break, so the way down goes
//! only to where something waits. A page begins behind the last row of the one before
//! ([`Cursor`]), whatever was ruled or has arrived meanwhile.
//!
//! A page takes 50 rows. In a nation 50 villages may have one each: 50 times 10 stations of
//! five contests, and the sums of the parts that are passed by (38 provinces, 514 regencies,
//! 20 villages a district), some 10,000 look-ups. Whoever searches for a name looks at what
//! waits one by one, so a page ends after [`MAX_LOOKS`] in any case, and says where to go on.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use saksi_proto::definition::{Definition, RegionIndex, StationIndex};
use saksi_proto::ids::{ContestCode, PartCode, RegionCode, StationCode};
use serde::Serialize;

use super::place::{RegionName, region_name};
use super::sought::{begins, has};
use crate::ledger::Ledger;
use crate::tally::queue::{in_question, since_ms};
use crate::tally::revisions::StationState;
use crate::tally::ruled::Ruled;
use crate::tally::totals::RegionTotals;

/// Most look-ups of a station or of a region's sums that one page takes, so that whoever writes
/// the ledger never waits long for it: in a nation all of them take 0.03 ms, 99 of 100 times 0.1 ms
/// at most (`national --desk`). A page that is not full then goes on under another lock.
pub const MAX_LOOKS: usize = 2_000;

/// Most characters of what is searched for: longer than any name.
pub const MAX_SEARCH: usize = 80;

/// Why a station waits for a ruling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Its form breaks a hard rule.
    Held,
    /// Its forms contradict each other.
    Disputed,
}

/// Which of them are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// In this region and those below it.
    pub region: RegionIndex,
    /// Of one contest.
    pub contest: Option<usize>,
    /// Of one kind.
    pub kind: Option<Kind>,
    /// Held because of this rule.
    pub rule: Option<PartCode>,
    /// Codes that begin so, and names of stations and of the regions that they lie in which
    /// have it in them. Lower case.
    pub search: Option<String>,
}

/// Where a page goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// In this region.
    pub region: RegionCode,
    /// Behind this row of it; none: it was not begun.
    pub behind: Option<(StationCode, ContestCode)>,
}

/// A page of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WaitingView {
    /// At most as many as were wanted.
    pub rows: Vec<WaitingRow>,
    /// Where to go on; none: there are no more.
    #[serde(skip)]
    pub next: Option<Cursor>,
}

/// A station and contest that waits for a ruling.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WaitingRow {
    /// The station.
    pub station: StationCode,
    /// Its name for people.
    pub name: String,
    /// The region it lies in.
    pub region: RegionName,
    /// The contest.
    pub contest: ContestCode,
    /// Why it waits.
    pub kind: Kind,
    /// Codes of the hard rules that the forms in question break.
    pub rules: Vec<PartCode>,
    /// Forms in question: what a ruling chooses among.
    pub forms: usize,
    /// Since when it waits: arrival of the form that made it so, or the ruling that was
    /// withdrawn. Milliseconds since 1970, UTC.
    pub since_ms: u64,
    /// Registered voters, where they are known.
    pub registered: Option<u32>,
    /// Questions that the station has not answered.
    pub questions: usize,
    /// Whether a ruling stands that these forms have overtaken.
    pub ruled: bool,
}

/// How many wait.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct WaitingCounts {
    /// Held, of all contests that are wanted.
    pub held: u64,
    /// Disputed.
    pub disputed: u64,
}

impl Wanted {
    /// All that waits in a region.
    #[must_use]
    pub fn all(region: RegionIndex) -> Self {
        Self { region, contest: None, kind: None, rule: None, search: None }
    }
}

/// How many wait in a region, of one contest or of all. Takes a look-up for each contest.
#[must_use]
pub fn waiting_counts(
    ledger: &Ledger,
    region: RegionIndex,
    contest: Option<usize>,
) -> WaitingCounts {
    let mut counts = WaitingCounts::default();
    for contest in contests(ledger, contest) {
        let totals = ledger.tally.region(contest, region);
        counts.held += u64::from(totals.held);
        counts.disputed += u64::from(totals.disputed);
    }
    counts
}

/// The next `rows` of what is wanted, behind `after`. A place that the election does not
/// have, or not in the region that is wanted, begins at the first.
#[must_use]
pub fn waiting(
    ledger: &Ledger,
    wanted: &Wanted,
    after: Option<Cursor>,
    rows: usize,
) -> WaitingView {
    let definition = &ledger.election.definition;
    // One more, to know whether there is a next page.
    let mut walk = Walk::new(ledger, wanted, rows + 1);
    let place = after.and_then(|after| Place::of(definition, wanted.region, after));
    let mut open = match &place {
        Some(place) => place.open(definition, wanted.region),
        None => vec![wanted.region],
    };
    let mut behind = place.and_then(|place| place.behind);
    let mut next = None;
    while let Some(region) = open.pop() {
        let code = definition.regions()[region as usize].code;
        if walk.looks >= MAX_LOOKS {
            next = Some(Cursor { region: code, behind: None });
            break;
        }
        if !walk.has_any(region) {
            continue;
        }
        if let Some(last) = walk.stations(region, behind.take()) {
            next = Some(Cursor { region: code, behind: Some(last) });
            break;
        }
        open.extend(definition.children(region).iter().rev());
    }
    if walk.rows.len() > rows {
        walk.rows.truncate(rows);
        let last = walk.rows.last();
        let behind = |row: &WaitingRow| (row.region.code, (row.station, row.contest));
        next = last.map(behind).map(|(region, row)| Cursor { region, behind: Some(row) });
    }
    WaitingView { rows: walk.rows, next }
}

fn contests(ledger: &Ledger, contest: Option<usize>) -> Vec<usize> {
    let all = 0..ledger.election.definition.contests().len();
    contest.map_or_else(|| all.collect(), |contest| vec![contest])
}

/// A [`Cursor`], found in the election.
struct Place {
    region: RegionIndex,
    behind: Option<(StationIndex, usize)>,
}

impl Place {
    fn of(definition: &Definition, within: RegionIndex, cursor: Cursor) -> Option<Self> {
        let region = definition.region(cursor.region)?;
        definition.upwards(region).find(|above| *above == within)?;
        let behind = match cursor.behind {
            None => None,
            Some((station, contest)) => {
                let station = definition.station(station)?;
                let contest = definition.contest(contest)?;
                (definition.region_of(station) == region).then_some(())?;
                Some((station, contest))
            }
        };
        Some(Self { region, behind })
    }

    /// The regions that are still to be walked, the next one last: this one, and of each
    /// above it the parts behind the one that leads here.
    fn open(&self, definition: &Definition, within: RegionIndex) -> Vec<RegionIndex> {
        let mut way: Vec<_> =
            definition.upwards(self.region).take_while(|above| *above != within).collect();
        way.reverse();
        let (mut open, mut parent) = (Vec::new(), within);
        for part in way {
            let later = definition.children(parent).iter().rev();
            open.extend(later.take_while(|other| **other != part));
            parent = part;
        }
        open.push(self.region);
        open
    }
}

/// One page under way.
pub(super) struct Walk<'a> {
    ledger: &'a Ledger,
    wanted: &'a Wanted,
    contests: Vec<usize>,
    many: usize,
    rows: Vec<WaitingRow>,
    looks: usize,
}

impl<'a> Walk<'a> {
    /// One of so many rows.
    pub(super) fn new(ledger: &'a Ledger, wanted: &'a Wanted, many: usize) -> Self {
        let contests = contests(ledger, wanted.contest);
        Self { ledger, wanted, contests, many, rows: Vec::new(), looks: 0 }
    }

    /// Whether anything that is wanted may be in a region or below it, as its sums say.
    fn has_any(&mut self, region: RegionIndex) -> bool {
        self.looks += self.contests.len();
        self.contests.iter().any(|contest| {
            let totals = self.ledger.tally.region(*contest, region);
            let held = match self.wanted.rule {
                None => totals.held > 0,
                Some(rule) => self.held_by(*contest, totals, rule),
            };
            match self.wanted.kind {
                Some(Kind::Held) => held,
                // Nothing is disputed because of a rule.
                Some(Kind::Disputed) => totals.disputed > 0 && self.wanted.rule.is_none(),
                None => held || (totals.disputed > 0 && self.wanted.rule.is_none()),
            }
        })
    }

    fn held_by(&self, contest: usize, totals: &RegionTotals, rule: PartCode) -> bool {
        let rules = &self.ledger.election.form(contest).rules;
        let mut held = rules.iter().zip(&totals.held_by_rule);
        held.any(|(of, held)| of.code == rule && *held > 0)
    }

    /// Takes what is wanted of the stations that lie directly in a region, behind one of
    /// them; gives the last, if there is no room for more.
    fn stations(
        &mut self,
        region: RegionIndex,
        behind: Option<(StationIndex, usize)>,
    ) -> Option<(StationCode, ContestCode)> {
        let definition = &self.ledger.election.definition;
        let all = definition.stations_in(region);
        let first = behind.map_or(0, |(station, _)| all.partition_point(|other| *other < station));
        let in_name = self.is_named_so(region);
        for station in &all[first..] {
            for contest in self.contests.clone() {
                if behind.is_some_and(|behind| (*station, contest) <= behind) {
                    continue;
                }
                self.looks += 1;
                if let Some(row) = self.row(contest, *station, in_name) {
                    self.rows.push(row);
                }
                if self.rows.len() >= self.many || self.looks >= MAX_LOOKS {
                    let code = definition.stations()[*station as usize].code;
                    return Some((code, definition.contests()[contest].code));
                }
            }
        }
        None
    }

    /// Whether what is searched for is in the name of the region, or its code begins so.
    pub(super) fn is_named_so(&self, region: RegionIndex) -> bool {
        let region = &self.ledger.election.definition.regions()[region as usize];
        self.wanted
            .search
            .as_deref()
            .is_none_or(|search| begins(region.code.as_str(), search) || has(&region.name, search))
    }

    /// A station, if it is one that is wanted.
    pub(super) fn row(
        &self,
        contest: usize,
        station: StationIndex,
        in_name: bool,
    ) -> Option<WaitingRow> {
        let tally = &self.ledger.tally;
        let kind = match tally.state(contest, station) {
            StationState::Held(_) => Kind::Held,
            StationState::Disputed => Kind::Disputed,
            _ => return None,
        };
        if self.wanted.kind.is_some_and(|wanted| wanted != kind) {
            return None;
        }
        let election = &self.ledger.election;
        let of = &election.definition.stations()[station as usize];
        let search = self.wanted.search.as_deref().unwrap_or_default();
        if !in_name && !begins(of.code.as_str(), search) && !has(&of.name, search) {
            return None;
        }
        let (sent, ruling) =
            (tally.station(contest, station)?, tally.rulings(contest, station).last());
        let forms: Vec<_> = in_question(sent, ruling).collect();
        let rules = &election.form(contest).rules;
        let broken: BTreeSet<_> = forms.iter().flat_map(|form| form.report.broken()).collect();
        let rules: Vec<_> = broken.into_iter().map(|rule| rules[*rule].code).collect();
        if self.wanted.rule.is_some_and(|rule| kind != Kind::Held || !rules.contains(&rule)) {
            return None;
        }
        Some(WaitingRow {
            station: of.code,
            name: of.name.to_string(),
            region: region_name(election, election.definition.region_of(station)),
            contest: election.contest(contest).code,
            kind,
            rules,
            since_ms: since_ms(sent, ruling),
            forms: forms.len(),
            registered: tally.register().registered(election, station),
            questions: self.ledger.questions.open(contest, station).len(),
            ruled: ruling.is_some_and(Ruled::stands),
        })
    }
}

/// What stands between the parts of a [`Cursor`]; no code has it.
const BETWEEN: char = '~';

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.region)?;
        match self.behind {
            Some((station, contest)) => write!(f, "{BETWEEN}{station}{BETWEEN}{contest}"),
            None => Ok(()),
        }
    }
}

/// Not a place in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a place in the queue")]
pub struct NoCursor;

impl FromStr for Cursor {
    type Err = NoCursor;

    fn from_str(text: &str) -> Result<Self, NoCursor> {
        let mut parts = text.splitn(3, BETWEEN);
        let region = parts.next().and_then(|code| code.parse().ok()).ok_or(NoCursor)?;
        let behind = match (parts.next(), parts.next()) {
            (None, _) => None,
            (Some(station), Some(contest)) => Some((
                station.parse().map_err(|_| NoCursor)?,
                contest.parse().map_err(|_| NoCursor)?,
            )),
            (Some(_), None) => return Err(NoCursor),
        };
        Ok(Self { region, behind })
    }
}

#[cfg(test)]
mod tests;
