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
}

pub(super) fn state(state: Option<&StationState<'_>>) -> State {
    match state {
        None | Some(StationState::Missing) => State::Missing,
        Some(StationState::Counted(_)) => State::Counted,
        Some(StationState::Held(_)) => State::Held,
        Some(StationState::Disputed) => State::Disputed,
    }
}

/// How a station stands, and the rules that its current form breaks. A disputed
/// station has no current form.
pub(super) fn state_and_findings(
    ledger: &Ledger,
    contest: usize,
    station: StationIndex,
) -> (State, Vec<PartCode>) {
    let found = ledger.tally.station(contest, station).map(|revisions| revisions.state());
    let head = match &found {
        Some(StationState::Counted(head) | StationState::Held(head)) => Some(*head),
        _ => None,
    };
    let findings = head.map(|head| {
        let counts: Vec<_> = head.report.counts().collect();
        ledger.election.findings(contest, station, &counts)
    });
    let codes = findings.iter().flatten().map(|finding| finding.code).collect();
    (state(found.as_ref()), codes)
}
