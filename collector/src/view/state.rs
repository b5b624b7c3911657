//! How a station stands, and what its form breaks.

use saksi_proto::definition::StationIndex;
use saksi_proto::ids::PartCode;
use serde::Serialize;

use crate::ledger::Ledger;
use crate::tally::revisions::StationState;

/// How a station stands in a contest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Nothing has arrived.
    Missing,
    /// Its form is in the totals.
    Counted,
    /// Its form breaks a hard rule.
    Held,
    /// Its forms contradict each other.
    Disputed,
    /// A ruling has rejected its forms.
    Rejected,
    /// It did not open, and is not expected to send anything.
    Unopened,
}

/// How a station stands in a contest.
pub(super) fn state(ledger: &Ledger, contest: usize, station: StationIndex) -> State {
    named(ledger, station, &ledger.tally.state(contest, station))
}

fn named(ledger: &Ledger, station: StationIndex, state: &StationState<'_>) -> State {
    match state {
        StationState::Missing if ledger.tally.register().is_unopened(station) => State::Unopened,
        StationState::Missing => State::Missing,
        StationState::Counted(_) => State::Counted,
        StationState::Held(_) => State::Held,
        StationState::Disputed => State::Disputed,
        StationState::Rejected => State::Rejected,
    }
}

/// How a station stands, and the rules that its current form breaks. A disputed
/// or rejected station has no current form.
pub(super) fn state_and_findings(
    ledger: &Ledger,
    contest: usize,
    station: StationIndex,
) -> (State, Vec<PartCode>) {
    let found = ledger.tally.state(contest, station);
    let head = match &found {
        StationState::Counted(head) | StationState::Held(head) => Some(*head),
        _ => None,
    };
    let findings = head.map(|head| {
        let counts: Vec<_> = head.report.counts().collect();
        ledger.election.findings(contest, station, &counts)
    });
    let codes = findings.iter().flatten().map(|finding| finding.code).collect();
    (named(ledger, station, &found), codes)
}
