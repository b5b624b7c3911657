//! A count goes forward. Where fewer stations are counted than were published, or one who
//! stands has fewer votes, an entry of the log must say why: a correction, another form, a
//! ruling. Without one the numbers are refused.

use rustc_hash::FxHashSet;
use saksi_proto::definition::RegionIndex;
use saksi_proto::ids::{ContestCode, RegionCode};

use super::numbers::PublishedTotals;
use crate::election::Election;
use crate::ledger::{Ledger, Touched};
use crate::view::moment::Moment;
use crate::view::region::TotalsView;

/// Totals that have shrunk and no entry says why. In words, for whoever reads the
/// collector's log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Backwards {
    /// The log itself is shorter, or another one.
    #[error(
        "{published} entries were published, and the log is not one that goes on from them: it \
         was restored, or is another"
    )]
    OtherLog { published: u64 },
    /// Fewer stations are counted.
    #[error(
        "{region} {contest}: {before} stations were counted, now {after}, and no entry says why"
    )]
    Stations { region: RegionCode, contest: ContestCode, before: u32, after: u32 },
    /// Somebody has fewer votes.
    #[error("{region} {contest}: {of} had {before} votes, now {after}, and no entry says why")]
    Votes { region: RegionCode, contest: ContestCode, of: String, before: u64, after: u64 },
}

/// Where totals may shrink: the regions above stations whose forms were corrected, disputed
/// or ruled on by entries from `since` on.
pub(super) fn explained(
    ledger: &Ledger,
    touched: &[Touched],
    since: u64,
    size: u64,
) -> FxHashSet<(usize, RegionIndex)> {
    let (moment, definition) = (Moment::at(ledger, size), &ledger.election.definition);
    let mut explained = FxHashSet::default();
    for (station, contest) in touched {
        let Some(contest) = *contest else { continue };
        let again = moment.revisions(contest, *station).is_some_and(|revisions| {
            let all = revisions.all();
            all.len() > 1 && all.last().is_some_and(|last| last.index >= since)
        });
        let ruled = moment.rulings(contest, *station).last();
        if again || ruled.is_some_and(|ruled| ruled.index >= since) {
            let above = definition.upwards(definition.region_of(*station));
            explained.extend(above.map(|region| (contest, region)));
        }
    }
    explained
}

/// Whether the totals of a region are less than those that were published.
pub(super) fn shrunk(
    election: &Election,
    region: RegionIndex,
    before: &PublishedTotals,
    after: Option<&TotalsView>,
) -> Option<Backwards> {
    let region = election.definition.regions()[region as usize].code;
    let (contest, before) = (before.contest, &before.totals);
    let counted = after.map_or(0, |after| after.stations.counted);
    if counted < before.stations.counted {
        let before = before.stations.counted;
        return Some(Backwards::Stations { region, contest, before, after: counted });
    }
    before.votes.iter().find_map(|(code, before)| {
        let after = after.and_then(|after| after.votes.get(code)).map_or(0, |sum| sum.total);
        let less = || Backwards::Votes {
            region,
            contest,
            of: code.to_string(),
            before: before.total,
            after,
        };
        (after < before.total).then(less)
    })
}
