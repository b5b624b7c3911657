//! What waits for a ruling, by how long it has: a page of the queue that the tally keeps.

use std::fmt;
use std::str::FromStr;

use saksi_proto::definition::Definition;
use saksi_proto::ids::{ContestCode, StationCode};

use super::waiting::{MAX_LOOKS, NoCursor, WaitingRow, Walk, Wanted};
use crate::ledger::Ledger;
use crate::tally::queue::Waiting;

/// Which end comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Age {
    /// What has waited longest.
    Oldest,
    /// What has come last.
    Newest,
}

/// Where a page goes on: behind this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Behind {
    /// Since when it waits, milliseconds since 1970, UTC.
    pub since_ms: u64,
    /// The contest.
    pub contest: ContestCode,
    /// The station.
    pub station: StationCode,
}

/// A page of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgedView {
    /// At most as many as were wanted.
    pub rows: Vec<WaitingRow>,
    /// Where to go on; none: there are no more.
    pub next: Option<Behind>,
}

/// The next `rows` of what is wanted in an order of age, behind `after`. At most [`MAX_LOOKS`] are looked at; a
/// page that is not full then goes on under another lock.
#[must_use]
pub fn by_age(
    ledger: &Ledger,
    wanted: &Wanted,
    (age, after): (Age, Option<Behind>),
    rows: usize,
) -> AgedView {
    let definition = &ledger.election.definition;
    let walk = Walk::new(ledger, wanted, rows);
    let after = after.and_then(|after| after.found(definition));
    let (mut found, mut last, mut looks) = (Vec::new(), None, 0);
    let queue = ledger.tally.queue();
    let waiting: &mut dyn Iterator<Item = Waiting> = match age {
        Age::Oldest => &mut queue.behind(after),
        Age::Newest => &mut queue.before(after),
    };
    for waiting in waiting {
        if found.len() >= rows || looks >= MAX_LOOKS {
            return AgedView { rows: found, next: last.map(|it| Behind::at(definition, it)) };
        }
        (last, looks) = (Some(waiting), looks + 1);
        let region = definition.region_of(waiting.station);
        let is_wanted = wanted.contest.is_none_or(|contest| contest == waiting.contest)
            && definition.upwards(region).any(|above| above == wanted.region);
        if is_wanted {
            let in_name = walk.is_named_so(region);
            found.extend(walk.row(waiting.contest, waiting.station, in_name));
        }
    }
    AgedView { rows: found, next: None }
}

impl Behind {
    fn at(definition: &Definition, waiting: Waiting) -> Self {
        Self {
            since_ms: waiting.since_ms,
            contest: definition.contests()[waiting.contest].code,
            station: definition.stations()[waiting.station as usize].code,
        }
    }

    fn found(self, definition: &Definition) -> Option<Waiting> {
        Some(Waiting {
            since_ms: self.since_ms,
            contest: definition.contest(self.contest)?,
            station: definition.station(self.station)?,
        })
    }
}

/// What stands between the parts of it; no code has it.
const BETWEEN: char = '~';

impl fmt::Display for Behind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { since_ms, contest, station } = self;
        write!(f, "{since_ms}{BETWEEN}{contest}{BETWEEN}{station}")
    }
}

impl FromStr for Behind {
    type Err = NoCursor;

    fn from_str(text: &str) -> Result<Self, NoCursor> {
        let parts: Vec<_> = text.splitn(3, BETWEEN).collect();
        let [since_ms, contest, station] = parts[..] else { return Err(NoCursor) };
        Ok(Self {
            since_ms: since_ms.parse().map_err(|_| NoCursor)?,
            contest: contest.parse().map_err(|_| NoCursor)?,
            station: station.parse().map_err(|_| NoCursor)?,
        })
    }
}
