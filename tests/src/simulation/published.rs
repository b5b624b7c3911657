//! What the collector publishes and tells devices, beside the recount.

use saksi_collector::ledger::Ledger;
use saksi_collector::view::region::{StationCounts, StationRow, TotalsView, region};
use saksi_collector::view::state::State;
use saksi_proto::count::Sum;
use saksi_proto::message::Standing;
use saksi_proto::seal::SealedForm;

use super::country::{self, ALL_REGIONS, CONTESTS, STATIONS};
use super::oracle::{Violation, violated};
use super::recount::{Recount, Stands, Totals};

/// Every region's totals and every station's state are those of the recount, and no
/// candidate has more votes than were cast.
///
/// # Errors
/// [`Violation`].
///
/// # Panics
/// Never: the codes are codes.
pub fn is_the_recount(ledger: &Ledger, recount: &Recount) -> Result<(), Violation> {
    for (at, contest) in CONTESTS.into_iter().enumerate() {
        for code in ALL_REGIONS {
            let index = ledger.election.definition.region(code.parse().expect("a code"));
            let view = region(ledger, at, index.expect("a region of the election"));
            compare(&published(&view.totals), &recount.totals(contest, code), code)?;
            view.stations.iter().try_for_each(|row| compare_station(row, contest, recount))?;
        }
    }
    Ok(())
}

/// A device was told how its form stands.
///
/// # Errors
/// [`Violation`] if the recount says something else.
pub fn stands_as_told(form: &[u8], told: Standing, recount: &Recount) -> Result<(), Violation> {
    let Ok(sealed) = SealedForm::from_bytes(form.to_vec()) else { return Ok(()) };
    let digest = sealed.digest();
    let mut places = recount.forms.iter();
    let found = places.find(|(_, forms)| forms.iter().any(|(of, _)| *of == digest));
    let stands = found.map(|(place, forms)| {
        if forms.iter().any(|(_, other)| other.supersedes == Some(digest)) {
            return Standing::Superseded;
        }
        match recount.stands(place) {
            _ if recount.is_rejected(place, digest) => Standing::Rejected,
            Stands::Counted => Standing::Counted,
            Stands::Held => Standing::Held,
            Stands::Disputed => Standing::Disputed,
            Stands::Rejected => Standing::Rejected,
        }
    });
    if stands == Some(told) {
        return Ok(());
    }
    let words = format!("{}: told {told:?}, it is {stands:?}", sealed.digest().short());
    violated("a device is told how its form stands", words)
}

fn compare_station(row: &StationRow, contest: &str, recount: &Recount) -> Result<(), Violation> {
    let number = (0..STATIONS).find(|at| country::station(*at) == row.code.as_str());
    let place = number.map(|number| (contest.to_owned(), number));
    let sent = place.as_ref().filter(|place| recount.forms.contains_key(place));
    let wanted = match sent.map(|place| recount.stands(place)) {
        None if number.is_some_and(|number| recount.is_unopened(number)) => State::Unopened,
        None => State::Missing,
        Some(Stands::Counted) => State::Counted,
        Some(Stands::Held) => State::Held,
        Some(Stands::Disputed) => State::Disputed,
        Some(Stands::Rejected) => State::Rejected,
    };
    if row.state == wanted {
        return Ok(());
    }
    let words = format!("station {}: {:?}, recounted {wanted:?}", row.code, row.state);
    violated("totals are the recount of the journal", words)
}

fn published(totals: &TotalsView) -> Totals {
    let sum = |sum: Option<Sum>| sum.map_or(0, |sum| sum.total);
    let mut votes = [0; STATIONS];
    votes.iter_mut().zip(totals.votes.values()).for_each(|(all, sum)| *all = sum.total);
    let StationCounts { expected, unopened, .. } = totals.stations;
    Totals {
        expected: [expected, unopened],
        registered: [totals.registered.expected, totals.registered.counted],
        rejected: totals.stations.rejected,
        ruled: totals.stations.ruled,
        counted: totals.stations.counted,
        held: totals.stations.held,
        disputed: totals.stations.disputed,
        corrected: totals.stations.corrected,
        votes,
        ballots: [sum(totals.valid), sum(totals.invalid)],
    }
}

fn compare(published: &Totals, recount: &Totals, region: &str) -> Result<(), Violation> {
    if let Some(votes) = published.votes.iter().find(|votes| **votes > 1) {
        let words = format!("a candidate has {votes} votes in region {region}; one was cast");
        return violated("nothing is counted twice", words);
    }
    if published != recount {
        let words = format!("region {region}: {published:?}, recounted {recount:?}");
        return violated("totals are the recount of the journal", words);
    }
    Ok(())
}
