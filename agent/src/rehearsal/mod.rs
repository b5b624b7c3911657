//! The rehearsal: a form without a number goes all the way into the log and its receipt
//! comes back, before the night. It is counted nowhere.
//!
//! It needs neither the store nor the daemon: the form and its receipt are files of their
//! own, and an unanswered form goes again.

mod call;
mod files;

#[cfg(test)]
mod tests;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use saksi_proto::bundle::CollectorAddress;
use saksi_proto::count::Count;
use saksi_proto::digest::Digest;
use saksi_proto::entry::Kind;
use saksi_proto::form::TallyForm;
use saksi_proto::ids::Phase;
use saksi_proto::message::Outcomes;
use saksi_proto::refusal::Refusal;
use saksi_proto::seal::{SealFault, SealedForm};
use serde::{Deserialize, Serialize};

use crate::clock::Clock;
use crate::directory::Directory;
use crate::evidence;
use crate::forward::TlsFault;
use crate::forward::accusation::is_of_the_log;
use crate::forward::answer::{AnswerFault, Checked, Sent, Verdict, check};
use crate::forward::fault::LinkFault;
use crate::identity::Identity;
use crate::reason::Reason;
use crate::seen::{self, Seen};

/// A rehearsal form that is in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rehearsed {
    /// Digest of the form.
    pub form: Digest,
    /// Entry of the log.
    pub index: u64,
    /// When it arrived by the collector's clock, milliseconds since 1970, UTC.
    pub arrived_ms: u64,
}

/// Why nothing was rehearsed.
#[derive(Debug, thiserror::Error)]
pub enum RehearsalFault {
    /// No answer, or one that proves nothing.
    #[error("{detail}")]
    Link {
        /// For the operator.
        reason: Reason,
        /// What exactly.
        detail: String,
    },
    /// The collector refuses the form.
    #[error("refused: {}: {detail}", refusal.code())]
    Refused {
        /// Why.
        refusal: Refusal,
        /// What exactly.
        detail: String,
    },
    /// The station has no contest.
    #[error("the station has no contest")]
    NoContest,
    /// The form cannot be sealed.
    #[error(transparent)]
    Seal(#[from] SealFault),
    /// The device cannot speak TLS.
    #[error(transparent)]
    Tls(#[from] TlsFault),
    /// A file cannot be read or written.
    #[error("{path}: {fault}")]
    File {
        /// The file or directory.
        path: PathBuf,
        /// What the file system said.
        fault: io::Error,
    },
}

impl From<LinkFault> for RehearsalFault {
    fn from(fault: LinkFault) -> Self {
        RehearsalFault::Link { reason: fault.reason(), detail: fault.to_string() }
    }
}

/// What time it was on both sides of a link, milliseconds since 1970, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Greeting {
    /// By the device's own clock, right or wrong.
    pub device_ms: u64,
    /// By the collector's.
    pub collector_ms: u64,
}

impl Greeting {
    /// How far the device's clock is off the collector's, in whole seconds.
    #[must_use]
    pub fn seconds_off(self) -> u64 {
        self.device_ms.abs_diff(self.collector_ms) / 1_000
    }
}

/// Connects to the first collector that answers, and ends it again.
///
/// # Errors
/// [`RehearsalFault`], the last collector's.
pub async fn greet(
    identity: &Identity,
    clock: &Arc<Clock>,
    own: &[CollectorAddress],
) -> Result<Greeting, RehearsalFault> {
    let (session, welcome) = call::any(identity, clock, own).await?;
    let greeting = Greeting { device_ms: Clock::system_ms(), collector_ms: welcome.now_ms };
    session.end().await;
    Ok(greeting)
}

/// Sends a rehearsal form to the first collector that answers, and keeps its receipt once
/// that is verified. One that was sent before and not answered goes again. `own` are
/// collectors in the place of those of the papers.
///
/// # Errors
/// [`RehearsalFault`]; it can be done again.
pub async fn rehearse(
    directory: &Directory,
    identity: &Identity,
    clock: &Arc<Clock>,
    own: &[CollectorAddress],
) -> Result<Rehearsed, RehearsalFault> {
    let sealed = match files::unanswered(directory, identity)? {
        Some(sealed) => sealed,
        None => {
            let sealed = empty_form(identity, clock.now_ms())?;
            files::keep_form(directory, &sealed)?;
            sealed
        }
    };
    let rehearsed = send(directory, identity, clock, own, &sealed).await;
    if let Err(RehearsalFault::Link { reason, .. }) = &rehearsed {
        if is_of_the_log(*reason) {
            accuse(directory, identity, clock, own).await;
        }
    }
    rehearsed
}

async fn send(
    directory: &Directory,
    identity: &Identity,
    clock: &Arc<Clock>,
    own: &[CollectorAddress],
    sealed: &SealedForm,
) -> Result<Rehearsed, RehearsalFault> {
    let (mut session, _) = call::any(identity, clock, own).await?;
    loop {
        let seen = recall(directory, identity)?;
        let known = seen.as_ref().map_or(0, Seen::entries);
        session.rehearse(known, vec![sealed.bytes().to_vec()]).await?;
        let outcomes = session.outcomes(1).await?;
        if let Some(rehearsed) = settle(directory, identity, (sealed, seen), outcomes)? {
            session.end().await;
            return Ok(rehearsed);
        }
        // The daemon has seen more meanwhile, and the same receipt has to fit to that.
    }
}

/// Tells the collector what the device holds against its log.
async fn accuse(
    directory: &Directory,
    identity: &Identity,
    clock: &Arc<Clock>,
    own: &[CollectorAddress],
) {
    let Ok(Some(seen)) = recall(directory, identity) else { return };
    let Ok((mut session, _)) = call::any(identity, clock, own).await else { return };
    match session.accuse(&seen.note).await {
        Ok(()) => session.end().await,
        // Its farewell is the answer; the rehearsal has said why already.
        Err(fault) => tracing::warn!(%fault, "the collector was told what was seen of its log"),
    }
}

fn recall(directory: &Directory, identity: &Identity) -> Result<Option<Seen>, RehearsalFault> {
    let path = directory.checkpoint();
    seen::recall(directory, identity.log_key())
        .map_err(|fault| RehearsalFault::File { path, fault })
}

/// The newest rehearsal whose receipt verifies now.
#[must_use]
pub fn latest(directory: &Directory, identity: &Identity) -> Option<Rehearsed> {
    files::proven(directory, identity).into_iter().max_by_key(|known| known.arrived_ms)
}

/// A form of the station's first contest on which nothing is written.
fn empty_form(identity: &Identity, device_ms: u64) -> Result<SealedForm, RehearsalFault> {
    let election = identity.election();
    let contest = election.contests.first().map(|contest| contest.code);
    let layout = contest.and_then(|contest| identity.layout(contest));
    let (Some(contest), Some(layout)) = (contest, layout) else {
        return Err(RehearsalFault::NoContest);
    };
    let form = TallyForm {
        election: election.digest,
        phase: Phase::Rehearsal,
        station: election.station.code,
        contest,
        revision: 1,
        supersedes: None,
        device_ms,
        counts: vec![Count::NotWritten; layout.fields().len()],
        explanation: None,
        reason: None,
        photos: Vec::new(),
    };
    Ok(SealedForm::seal(&form, identity.key())?)
}

/// Does what the answer says, once what was seen of the log is kept; `None` if another
/// process of this device has seen more meanwhile.
fn settle(
    directory: &Directory,
    identity: &Identity,
    (sealed, seen): (&SealedForm, Option<Seen>),
    outcomes: Outcomes,
) -> Result<Option<Rehearsed>, RehearsalFault> {
    let sent = Sent { batch: std::slice::from_ref(sealed), seen: seen.as_ref() };
    let checked = check(Kind::Rehearsal, sent, outcomes, identity.log_key());
    let Checked { verdicts, newest } = checked.map_err(|fault| {
        if let AnswerFault::OtherLog(notes) = &fault {
            let kept = evidence::keep(directory, &notes.0, &notes.1);
            kept.unwrap_or_else(|fault| tracing::error!(%fault, "the evidence is not kept"));
        }
        LinkFault::from(fault)
    })?;
    if let Some(newest) = newest {
        let path = directory.checkpoint();
        let kept = seen::remember(directory, identity.log_key(), seen.as_ref(), &newest);
        if !kept.map_err(|fault| RehearsalFault::File { path, fault })? {
            return Ok(None);
        }
    }
    match verdicts.into_iter().next() {
        Some(Verdict::Received(receipt, _)) => {
            files::keep_receipt(directory, sealed.digest(), &receipt)?;
            let (index, arrived_ms) = (receipt.index, receipt.arrived_ms);
            Ok(Some(Rehearsed { form: sealed.digest(), index, arrived_ms }))
        }
        Some(Verdict::Unproven(detail)) => {
            Err(RehearsalFault::Link { reason: Reason::UnprovenReceipt, detail })
        }
        Some(Verdict::Refused(refusal, detail)) => {
            // Sent again it would be refused again; the next rehearsal has another form.
            files::forget(directory, sealed.digest())?;
            Err(RehearsalFault::Refused { refusal, detail })
        }
        Some(Verdict::Later(_, why)) => {
            let (reason, detail) = (Reason::Later(why), "the collector asks to come later");
            Err(RehearsalFault::Link { reason, detail: detail.to_owned() })
        }
        None => Err(LinkFault::OutOfTurn("no outcome").into()),
    }
}
