//! What is exported, whatever the format: contests and units at one signed size of the log,
//! and their numbers.

use jiff::Timestamp;
use jiff::civil::Date;
use saksi_proto::definition::{Definition, RegionIndex, StationIndex};
use saksi_proto::ids::{ContestCode, Phase, RegionCode};

use super::ExportFault;
use super::at::Folded;
use crate::election::Election;
use crate::tally::revisions::{Revision, StationState};
use crate::tally::totals::RegionTotals;

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The region; the whole if none.
    pub region: Option<RegionCode>,
    /// The contest; all that are held in the region if none.
    pub contest: Option<ContestCode>,
    /// Down to stations, not only to the parts of the region.
    pub stations: bool,
    /// The day of the election, which no definition says.
    pub date: Option<Date>,
    /// Who issues the export; the log's origin if nobody is named.
    pub issuer: Option<String>,
    /// Who is elected, as somebody with the right to say so has said it.
    pub elected: Vec<String>,
    /// The clock, milliseconds since 1970, UTC.
    pub now_ms: u64,
}

/// A unit that has numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// A region.
    Region(RegionIndex),
    /// A station.
    Station(StationIndex),
}

/// What is exported.
pub struct Export<'a> {
    /// The fold, and the checkpoint that it was made at.
    pub folded: &'a Folded,
    /// What was asked for.
    pub wanted: &'a Wanted,
    /// The region.
    pub region: RegionIndex,
    /// The contests, by their positions in the definition.
    pub contests: Vec<usize>,
    /// The region, then all that lies in it, each region before its parts. Without
    /// [`Wanted::stations`] its direct parts only. Units in which none of the contests is
    /// held are left out. 8 bytes each.
    pub units: Vec<Unit>,
}

impl<'a> Export<'a> {
    /// Looks up what is asked for.
    ///
    /// # Errors
    /// [`ExportFault`], if the election has no such region or contest.
    pub fn new(folded: &'a Folded, wanted: &'a Wanted) -> Result<Self, ExportFault> {
        let definition = &folded.ledger.election.definition;
        let region = match wanted.region {
            Some(code) => definition.region(code).ok_or(ExportFault::UnknownRegion(code))?,
            None => definition.whole(),
        };
        let tally = &folded.ledger.tally;
        let held = |contest: &usize| tally.region(*contest, region).is_held();
        let contests: Vec<usize> = match wanted.contest {
            Some(code) => {
                vec![definition.contest(code).ok_or(ExportFault::UnknownContest(code))?]
            }
            None => (0..definition.contests().len()).collect(),
        };
        let contests: Vec<_> = contests.into_iter().filter(held).collect();
        if contests.is_empty() {
            return Err(ExportFault::NotHeld(definition.regions()[region as usize].code));
        }
        let mut export = Self { folded, wanted, region, contests, units: Vec::new() };
        export.units = export.all_units();
        Ok(export)
    }

    fn all_units(&self) -> Vec<Unit> {
        let mut units = Vec::new();
        let mut waiting = vec![Unit::Region(self.region)];
        while let Some(unit) = waiting.pop() {
            units.push(unit);
            if let Unit::Region(region) = unit {
                waiting.extend(self.parts(region).into_iter().rev());
            }
        }
        units
    }

    /// The units of the export that lie directly in a region.
    #[must_use]
    pub fn parts(&self, region: RegionIndex) -> Vec<Unit> {
        let (definition, tally) = (self.definition(), &self.folded.ledger.tally);
        if !self.wanted.stations && region != self.region {
            return Vec::new();
        }
        let takes_part = |station: &&StationIndex| {
            self.wanted.stations && self.contests.iter().any(|c| definition.in_scope(*c, **station))
        };
        let is_held = |part: &&RegionIndex| {
            self.contests.iter().any(|contest| tally.region(*contest, **part).is_held())
        };
        let stations = definition.stations_in(region).iter().filter(takes_part);
        let regions = definition.children(region).iter().filter(is_held);
        let stations = stations.map(|station| Unit::Station(*station));
        stations.chain(regions.map(|part| Unit::Region(*part))).collect()
    }

    /// The election.
    #[must_use]
    pub fn election(&self) -> &'a Election {
        &self.folded.ledger.election
    }

    /// Its definition.
    #[must_use]
    pub fn definition(&self) -> &'a Definition {
        &self.folded.ledger.election.definition
    }

    /// Whether it is an exercise.
    #[must_use]
    pub fn is_rehearsal(&self) -> bool {
        self.definition().head().phase == Phase::Rehearsal
    }

    /// Totals of a contest in a region.
    #[must_use]
    pub fn totals(&self, contest: usize, region: RegionIndex) -> &'a RegionTotals {
        self.folded.ledger.tally.region(contest, region)
    }

    /// The form of a station that is in the totals, if one is.
    #[must_use]
    pub fn counted(&self, contest: usize, station: StationIndex) -> Option<&'a Revision> {
        match self.folded.ledger.tally.state(contest, station) {
            StationState::Counted(form) => Some(form),
            _ => None,
        }
    }

    /// Registered voters of a station, by the register as it is amended.
    #[must_use]
    pub fn registered(&self, station: StationIndex) -> Option<u32> {
        self.folded.ledger.tally.register().registered(self.election(), station)
    }

    /// The only contest.
    ///
    /// # Errors
    /// [`ExportFault::OneContest`] if there are several.
    pub fn only_contest(&self) -> Result<usize, ExportFault> {
        let code = |contest: &usize| self.election().contest(*contest).code.to_string();
        match self.contests[..] {
            [contest] => Ok(contest),
            _ => {
                let codes: Vec<_> = self.contests.iter().map(code).collect();
                Err(ExportFault::OneContest(codes.join(", ")))
            }
        }
    }

    /// The day of the election.
    ///
    /// # Errors
    /// [`ExportFault::NoDate`] if nobody has said it.
    pub fn date(&self) -> Result<Date, ExportFault> {
        self.wanted.date.ok_or(ExportFault::NoDate)
    }

    /// Who issues it.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.wanted.issuer.as_deref().unwrap_or(&self.folded.checkpoint.origin)
    }

    /// When it is made, as RFC 3339 to the second, UTC.
    #[must_use]
    pub fn made_at(&self) -> String {
        let seconds = i64::try_from(self.wanted.now_ms / 1000).ok();
        let time = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
        time.unwrap_or(Timestamp::UNIX_EPOCH).to_string()
    }

    /// Which log, how far, and with which root: one sentence for people.
    #[must_use]
    pub fn position(&self) -> String {
        let checkpoint = &self.folded.checkpoint;
        let (origin, size, root) = (&checkpoint.origin, checkpoint.size, checkpoint.root);
        format!("Folded from the first {size} entries of the log {origin}, root {root}.")
    }
}

/// The numbers of one contest in the units of an export.
pub struct Numbers<'a> {
    export: &'a Export<'a>,
    contest: usize,
    /// For each unit the form that is in the totals, if it is a station that has one: looked
    /// up once, not for each candidate.
    forms: Vec<Option<&'a Revision>>,
}

impl<'a> Numbers<'a> {
    /// Of a contest.
    #[must_use]
    pub fn of(export: &'a Export<'a>, contest: usize) -> Self {
        let form = |unit: &Unit| match unit {
            Unit::Region(_) => None,
            Unit::Station(station) => export.counted(contest, *station),
        };
        Self { export, contest, forms: export.units.iter().map(form).collect() }
    }

    /// The number of a box over the counted stations of a unit. `None` if no counted form has
    /// a number there: that is not zero.
    #[must_use]
    pub fn number(&self, unit: usize, field: usize) -> Option<u64> {
        match self.export.units[unit] {
            Unit::Region(region) => {
                let totals = self.export.totals(self.contest, region);
                let sum = totals.sums.get(field);
                (sum.not_written + sum.illegible < totals.counted).then_some(sum.total)
            }
            Unit::Station(_) => {
                let count = self.forms[unit]?.report.counts().nth(field)?;
                count.number().map(u64::from)
            }
        }
    }

    /// The numbers of all boxes, in the order of the paper.
    #[must_use]
    pub fn all(&self, unit: usize) -> Vec<Option<u64>> {
        let fields = self.export.election().layout(self.contest).fields().len();
        match self.export.units[unit] {
            Unit::Region(_) => (0..fields).map(|field| self.number(unit, field)).collect(),
            Unit::Station(_) => match self.forms[unit] {
                Some(form) => {
                    form.report.counts().map(|count| count.number().map(u64::from)).collect()
                }
                None => vec![None; fields],
            },
        }
    }

    /// Whether a unit has any counted form.
    #[must_use]
    pub fn is_counted(&self, unit: usize) -> bool {
        match self.export.units[unit] {
            Unit::Region(region) => self.export.totals(self.contest, region).counted > 0,
            Unit::Station(_) => self.forms[unit].is_some(),
        }
    }
}
