//! How far everything has come.

use saksi_proto::digest::Digest;
use saksi_proto::ids::{ContestCode, Phase, StationCode};
use saksi_proto::message::Standing;
use saksi_proto::text::Language;
use serde::{Deserialize, Serialize};

use super::notices::{NoticeShown, notices, readable};
use super::{CertificateFound, CosignedShown, Desk, PhotoShown};
use crate::carrying::CarriedShown;
use crate::delivery::{Delivery, Failure, State};
use crate::evidence;
use crate::forward::outbox::Keep as _;
use crate::labels::Labels;
use crate::ledger::Known;
use crate::reason::Reason;
use crate::rehearsal::{self, Rehearsed};

/// The device at one moment. Times are milliseconds since 1970, UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The device's time.
    pub now_ms: u64,
    /// The station.
    pub station: StationCode,
    /// Its name.
    pub station_name: String,
    /// The regions it lies in, the nearest first.
    pub regions: String,
    /// The election's name.
    pub election: String,
    /// Rehearsal or official.
    pub phase: Phase,
    /// Each contest of the station, in the order of the ballot.
    pub contests: Vec<ContestStatus>,
    /// Forms on the work list.
    pub waiting: usize,
    /// Photos that forms name, in the order in which they go.
    pub photos: Vec<PhotoShown>,
    /// Photos among them that are still to be sent.
    pub photos_waiting: usize,
    /// What is carried for other stations.
    pub carried: CarriedShown,
    /// Until when the device is certified.
    pub certificate: CertificateFound,
    /// The newest rehearsal whose receipt verifies.
    pub rehearsed: Option<Rehearsed>,
    /// Stores that could not be read and were set aside.
    pub stores_set_aside: usize,
    /// Form files that were damaged and set aside.
    pub forms_set_aside: usize,
    /// Entries of the log that the device has seen.
    pub seen: Option<u64>,
    /// Times that a collector's log was not the one that the device had seen: files of
    /// evidence.
    pub contradictions: usize,
}

/// A contest and its newest form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContestStatus {
    /// The contest.
    pub contest: ContestCode,
    /// Its name.
    pub name: String,
    /// Newest revision; none while nothing is stored.
    pub revision: Option<u32>,
    /// Digest of the newest form.
    pub digest: Option<Digest>,
    /// How far it has come.
    pub delivery: Option<DeliveryShown>,
    /// Why a later form than that was refused, if one was.
    pub refused: Option<RefusalShown>,
    /// What the centre has to say, the most urgent first.
    pub notices: Vec<NoticeShown>,
}

/// The states that an operator knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StateName {
    /// Safe on the device.
    Stored,
    /// Handed to a collector, no receipt yet.
    Sent,
    /// A receipt proves that it is in the log.
    Received,
    /// Refused for good.
    Refused,
}

/// How far a form has come, with its times and reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryShown {
    /// Where it stands.
    pub state: StateName,
    /// Since when.
    pub at_ms: u64,
    /// When it was stored.
    pub stored_ms: u64,
    /// Whether it is on the work list.
    pub due: bool,
    /// Attempts so far.
    pub attempts: u32,
    /// Entry of the log.
    pub index: Option<u64>,
    /// Arrival by the collector's clock.
    pub arrived_ms: Option<u64>,
    /// What it does to the totals, by the collector's last word.
    pub standing: Option<Standing>,
    /// Who besides the log has signed for the receipt, of a form that is shown by itself.
    pub cosigned: Option<CosignedShown>,
    /// Why it was refused.
    pub refusal: Option<RefusalShown>,
    /// Why the last attempt brought nothing.
    pub last_failure: Option<FailureShown>,
    /// When the next attempt is planned.
    pub next_try_ms: Option<u64>,
}

/// A final refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusalShown {
    /// Stable code.
    pub code: String,
    /// What happened and what to do.
    pub sentence: String,
    /// What exactly.
    pub detail: String,
}

/// An attempt that brought nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureShown {
    /// When.
    pub at_ms: u64,
    /// Stable code.
    pub reason: Reason,
    /// In plain words.
    pub sentence: String,
    /// What exactly.
    pub detail: String,
}

impl DeliveryShown {
    pub(super) fn new(delivery: &Delivery, language: Language) -> Self {
        let mut shown = Self {
            state: StateName::Stored,
            at_ms: delivery.stored_ms,
            stored_ms: delivery.stored_ms,
            due: delivery.is_due(),
            attempts: delivery.attempts,
            index: None,
            arrived_ms: None,
            standing: None,
            cosigned: None,
            refusal: None,
            last_failure: delivery
                .last_failure
                .as_ref()
                .map(|last| FailureShown::new(last, language)),
            next_try_ms: delivery.next_try_ms,
        };
        shown.put_state(&delivery.state, language);
        shown
    }

    fn put_state(&mut self, state: &State, language: Language) {
        match state {
            State::Stored => {}
            State::Sent { at_ms } => (self.state, self.at_ms) = (StateName::Sent, *at_ms),
            State::Received { at_ms, index, arrived_ms, standing } => {
                (self.state, self.at_ms) = (StateName::Received, *at_ms);
                (self.index, self.arrived_ms) = (Some(*index), Some(*arrived_ms));
                self.standing = *standing;
            }
            State::Refused { at_ms, refusal, detail } => {
                (self.state, self.at_ms) = (StateName::Refused, *at_ms);
                self.refusal = Some(RefusalShown {
                    code: refusal.code().to_owned(),
                    sentence: refusal.phrase().in_language(language).to_owned(),
                    detail: detail.clone(),
                });
            }
        }
    }
}

impl FailureShown {
    pub(crate) fn new(failure: &Failure, language: Language) -> Self {
        Self {
            at_ms: failure.at_ms,
            reason: failure.reason,
            sentence: failure.reason.phrase().in_language(language).to_owned(),
            detail: failure.detail.clone(),
        }
    }
}

impl Desk {
    /// How far everything has come.
    #[must_use]
    pub fn status(&self, language: Language) -> Status {
        let labels = Labels::new(self.identity(), language);
        let election = self.identity().election();
        let carried = self.carried(language);
        let store = self.store();
        let contests = election.contests.iter().map(|contest| {
            let last = store.ledger().of_contest(contest.code).last();
            let newest = store.ledger().newest(contest.code).or(last);
            let mut shown = contest_status(contest.code, newest, last, labels);
            if let (Some(delivery), Some(known)) = (&mut shown.delivery, newest) {
                delivery.cosigned = self.cosigned(&store, known.digest);
            }
            let said =
                newest.map(|newest| readable(notices((&store, self.identity()), newest, labels)));
            ContestStatus { notices: said.unwrap_or_default(), ..shown }
        });
        let repairs = store.repairs();
        let now_ms = self.clock().now_ms();
        let photos = store.ledger().photos().all().into_iter();
        Status {
            now_ms,
            station: election.station.code,
            station_name: election.station.name.to_string(),
            regions: labels.regions(),
            election: labels.election().to_owned(),
            phase: election.head.phase,
            contests: contests.collect(),
            waiting: store.ledger().waiting(),
            photos: photos.map(|photo| PhotoShown::new(photo, &store, language)).collect(),
            photos_waiting: store.ledger().photos().waiting(),
            carried,
            certificate: CertificateFound::at(self.identity().certified_until_ms(), now_ms),
            rehearsed: rehearsal::latest(self.directory(), self.identity()),
            stores_set_aside: repairs.stores_set_aside,
            forms_set_aside: repairs.forms_set_aside,
            seen: store.seen().ok().flatten().map(|seen| seen.entries()),
            contradictions: evidence::kept(self.directory()).map_or(0, |kept| kept.len()),
        }
    }
}

fn contest_status(
    contest: ContestCode,
    newest: Option<&Known>,
    last: Option<&Known>,
    labels: Labels<'_>,
) -> ContestStatus {
    let later = last.filter(|last| newest.is_some_and(|newest| newest.digest != last.digest));
    let later = later.map(|last| DeliveryShown::new(&last.delivery, labels.language));
    ContestStatus {
        contest,
        name: labels.contest(contest),
        revision: newest.map(|known| known.revision),
        digest: newest.map(|known| known.digest),
        delivery: newest.map(|known| DeliveryShown::new(&known.delivery, labels.language)),
        refused: later.and_then(|later| later.refusal),
        notices: Vec::new(),
    }
}
