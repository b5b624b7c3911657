//! The election: its name, contests and levels.

use std::collections::BTreeMap;

use saksi_proto::ids::{ContestCode, ElectionId, PartCode, Phase, RegionCode};
use serde::Serialize;

use super::decisions::{PublicationView, publication};
use super::{PositionView, by_language};
use crate::election::Election;
use crate::ledger::Ledger;

/// What the election is, and how far its log was folded.
#[derive(Debug, Clone, Serialize)]
pub struct ElectionView {
    /// Names the election.
    pub id: ElectionId,
    /// Its name, by language.
    pub name: BTreeMap<String, String>,
    /// Codes of its languages, the first is what a screen starts with.
    pub languages: Vec<String>,
    /// Rehearsal or official.
    pub phase: Phase,
    /// IANA name of its time zone.
    pub time_zone: String,
    /// Digest of its definition, 64 hexadecimal digits.
    pub digest: String,
    /// Code of the region that is the whole.
    pub whole: RegionCode,
    /// Stations of its definition.
    pub stations: usize,
    /// Stations with an enrolled device.
    pub enrolled: usize,
    /// Its contests, in the order of the ballot.
    pub contests: Vec<ContestView>,
    /// Whether its totals are published.
    pub publication: PublicationView,
    /// How far the log was folded.
    pub position: PositionView,
}

/// A contest and who stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ContestView {
    /// Names the contest.
    pub code: ContestCode,
    /// Its name, by language.
    pub name: BTreeMap<String, String>,
    /// Candidates, or parties.
    pub contestants: Vec<Contestant>,
}

/// A candidate or a party.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Contestant {
    /// Number on the ballot paper.
    pub code: PartCode,
    /// Name on the ballot paper.
    pub name: String,
}

/// The election of a ledger.
#[must_use]
pub fn election(ledger: &Ledger) -> ElectionView {
    let definition = &ledger.election.definition;
    let head = definition.head();
    let contests = 0..definition.contests().len();
    ElectionView {
        id: head.id,
        name: by_language(head, &head.name),
        languages: head.languages.clone(),
        phase: head.phase,
        time_zone: head.time_zone.clone(),
        digest: definition.digest().to_string(),
        whole: definition.regions()[definition.whole() as usize].code,
        stations: definition.stations().len(),
        enrolled: ledger.roster.enrolled(),
        contests: contests.map(|contest| contest_view(&ledger.election, contest)).collect(),
        publication: publication(ledger),
        position: PositionView::new(&ledger.position),
    }
}

/// A contest by its position.
#[must_use]
pub fn contest_view(election: &Election, contest: usize) -> ContestView {
    let of = election.contest(contest);
    let contestants = of.ballot.contestants();
    ContestView {
        code: of.code,
        name: by_language(election.definition.head(), &of.name),
        contestants: contestants
            .map(|(code, name)| Contestant { code, name: name.to_owned() })
            .collect(),
    }
}
