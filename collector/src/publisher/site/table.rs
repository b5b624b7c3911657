//! The totals of one moment: copied from the ledger without holding it for longer than a
//! piece takes, and with them of which stations entries have come.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use rustc_hash::{FxHashMap, FxHashSet};
use saksi_proto::count::Sum;
use saksi_proto::definition::RegionIndex;

use super::super::PublishFault;
use crate::election::Election;
use crate::ledger::{Ledger, Position, Touched};
use crate::tally::arrivals::Arrivals;
use crate::tally::sums::Sums;
use crate::tally::totals::RegionTotals;
use crate::view::decisions::{PublicationView, publication};
use crate::view::region::{TotalsView, totals_view};

/// Regions copied under one lock, at 0.2 to 1 µs each; and stations, of which each has five
/// regions above it.
const PIECE: usize = 512;
const STATIONS: usize = 100;

/// Times that what came meanwhile is copied before the rest is taken in one piece.
const ROUNDS: usize = 8;

/// The totals of all regions, as they are shown.
///
/// Memory: 130 bytes a region and contest, and 16 a candidate or party and line of the
/// summary: for a nation's 92,000 regions 21 MB with three candidates, 220 MB with five
/// contests, three of which have 18 parties.
#[derive(Default)]
pub(super) struct Table(FxHashMap<(usize, RegionIndex), Row>);

/// Totals without the sums that no page shows.
struct Row {
    totals: RegionTotals,
    sums: Box<[Sum]>,
}

/// What the log came to at one moment.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) election: Arc<Election>,
    pub(super) position: Position,
    pub(super) publication: PublicationView,
    /// When stations were heard.
    pub(super) arrivals: Arrivals,
    /// Stations of which entries have come since the moment before.
    pub(super) touched: Vec<Touched>,
}

impl Seen {
    /// The ledger as it is, and of which stations entries have come.
    pub(super) fn now(ledger: &Ledger, touched: Vec<Touched>) -> Self {
        Self {
            election: Arc::clone(&ledger.election),
            position: ledger.position.clone(),
            publication: publication(ledger),
            arrivals: ledger.arrivals.clone(),
            touched,
        }
    }
}

impl Table {
    /// Copies what has changed in the ledger; everything, the first time.
    pub(super) fn catch_up(&mut self, ledger: &RwLock<Ledger>) -> Result<Seen, PublishFault> {
        if self.0.is_empty() {
            self.copy_all(ledger)?;
        }
        let mut touched = Vec::new();
        let mut waiting = read(ledger)?.touched.take();
        for round in 0.. {
            for piece in waiting.chunks(STATIONS) {
                self.copy_above(&*read(ledger)?, piece);
            }
            touched.append(&mut waiting);
            let ledger = read(ledger)?;
            waiting = ledger.touched.take();
            if waiting.len() <= STATIONS || round == ROUNDS {
                self.copy_above(&ledger, &waiting);
                touched.append(&mut waiting);
                return Ok(Seen::now(&ledger, touched));
            }
        }
        unreachable!("the rounds are bounded")
    }

    fn copy_all(&mut self, ledger: &RwLock<Ledger>) -> Result<(), PublishFault> {
        let all: Vec<_> = {
            let ledger = read(ledger)?;
            ledger.touched.begin();
            ledger.tally.held().collect()
        };
        for piece in all.chunks(PIECE) {
            let ledger = read(ledger)?;
            piece.iter().for_each(|(contest, region)| self.copy(&ledger, *contest, *region));
        }
        Ok(())
    }

    /// Copies the totals of the regions above these stations.
    fn copy_above(&mut self, ledger: &Ledger, stations: &[Touched]) {
        let definition = &ledger.election.definition;
        let mut done = FxHashSet::default();
        for (station, contest) in stations {
            let Some(contest) = *contest else { continue };
            for region in definition.upwards(definition.region_of(*station)) {
                if !done.insert((contest, region)) {
                    break;
                }
                self.copy(ledger, contest, region);
            }
        }
    }

    fn copy(&mut self, ledger: &Ledger, contest: usize, region: RegionIndex) {
        let of = ledger.tally.region(contest, region);
        let sums = shown(&ledger.election, contest).map(|field| of.sums.get(field)).collect();
        let held_by_rule = of.held_by_rule.clone();
        let totals = RegionTotals { held_by_rule, sums: Sums::NONE, ..*of };
        self.0.insert((contest, region), Row { totals, sums });
    }

    /// The totals of a region in a contest, if it is held there.
    pub(super) fn totals(
        &self,
        election: &Election,
        contest: usize,
        region: RegionIndex,
    ) -> Option<TotalsView> {
        let Row { totals, sums } = self.0.get(&(contest, region))?;
        let sum = |field| shown(election, contest).position(|shown| shown == field);
        let sum = |field| sum(field).map(|at| sums[at]).unwrap_or_default();
        Some(totals_view(election, contest, totals, sum))
    }

    /// Contests and the regions where they are held, in no order.
    pub(super) fn held(&self) -> impl Iterator<Item = (usize, RegionIndex)> + '_ {
        self.0.keys().copied()
    }

    /// Whether a contest is held in a region.
    pub(super) fn is_held(&self, contest: usize, region: RegionIndex) -> bool {
        self.0.contains_key(&(contest, region))
    }
}

/// The fields whose sums are shown: the votes, and the lines of the summary.
fn shown(election: &Election, contest: usize) -> impl Iterator<Item = usize> + '_ {
    let layout = election.layout(contest);
    let summary = layout.summary();
    let summary = [summary.registered, summary.voters, summary.valid, summary.invalid];
    layout.votes().iter().copied().chain(summary.into_iter().flatten())
}

/// The ledger, to look at.
pub(super) fn read(ledger: &RwLock<Ledger>) -> Result<RwLockReadGuard<'_, Ledger>, PublishFault> {
    ledger.read().map_err(|PoisonError { .. }| PublishFault::Ledger)
}
