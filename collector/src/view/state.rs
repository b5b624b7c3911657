//! How a station stands, and what its form breaks.

use saksi_proto::definition::StationIndex;
use saksi_proto::ids::PartCode;
use serde::Serialize;

use super::moment::Moment;
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
#[must_use]
pub fn state(moment: Moment<'_>, contest: usize, station: StationIndex) -> State {
    state_and_findings(moment, contest, station, false).0
}

/// How a station stands, and, if they are asked for, the rules that its current form breaks.
/// A disputed or rejected station has no current form.
#[must_use]
pub fn state_and_findings(
    moment: Moment<'_>,
    contest: usize,
    station: StationIndex,
    with_findings: bool,
) -> (State, Vec<PartCode>) {
    let revisions = moment.revisions(contest, station);
    let ruling = moment.rulings(contest, station).last();
    let found = revisions.as_ref().map_or(StationState::Missing, |forms| forms.state(ruling));
    let (state, head) = match found {
        StationState::Missing if moment.is_unopened(station) => (State::Unopened, None),
        StationState::Missing => (State::Missing, None),
        StationState::Counted(head) => (State::Counted, Some(head)),
        StationState::Held(head) => (State::Held, Some(head)),
        StationState::Disputed => (State::Disputed, None),
        StationState::Rejected => (State::Rejected, None),
    };
    let findings = head.filter(|_| with_findings).map(|head| {
        let counts: Vec<_> = head.report.counts().collect();
        moment.election().findings(contest, station, &counts)
    });
    (state, findings.into_iter().flatten().map(|finding| finding.code).collect())
}
