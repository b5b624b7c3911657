//! What the forwarder does with the work list: which forms go next, what an answer
//! changes, when to try again. No socket, no clock and no chance of its own: the
//! daemon drives it over TLS and the real store, the simulation over neither.

use std::collections::HashSet;
use std::time::Duration;

use saksi_proto::checkpoint::LogKey;
use saksi_proto::digest::Digest;
use saksi_proto::entry::Kind;
use saksi_proto::message::Outcomes;
use saksi_proto::receipt::Receipt;
use saksi_proto::refusal::Farewell;
use saksi_proto::seal::SealedForm;

use super::accusation::is_of_the_log;
pub use super::answer::{AnswerFault, Sent};
use super::answer::{Checked, Verdict, check};
use super::plan::{Plan, Step};
use super::retry::{Rests, Retry};
use crate::delivery::{Answer, Delivery, Failure};
use crate::ledger::Ledger;
use crate::reason::Reason;
use crate::seen::Seen;
use crate::store::StoreFault;

/// Bytes of forms in one batch: 26 s at 20 kbit/s (2G in the country), within the time
/// that an answer is waited for.
pub(super) const MAX_BATCH_BYTES: usize = 64 * 1024;

/// Where forms and receipts are kept. What returns `Ok` survives a power cut.
pub trait Keep {
    /// What the device has.
    fn ledger(&self) -> &Ledger;

    /// The sealed form of a digest.
    ///
    /// # Errors
    /// [`StoreFault`] if it cannot be read.
    fn sealed(&self, form: Digest) -> Result<SealedForm, StoreFault>;

    /// What the device has seen of the log.
    ///
    /// # Errors
    /// [`StoreFault`] if it cannot be read.
    fn seen(&self) -> Result<Option<Seen>, StoreFault>;

    /// Keeps a newer checkpoint in the place of `before`, before the receipts that came
    /// with it. `false`: more was seen meanwhile, and nothing of the answer may be taken.
    ///
    /// # Errors
    /// [`StoreFault`]; the one before stays.
    fn remember(&mut self, before: Option<&Seen>, newest: &Seen) -> Result<bool, StoreFault>;

    /// Keeps two checkpoints that do not fit together.
    ///
    /// # Errors
    /// [`StoreFault`] if they cannot be kept.
    fn keep_evidence(&mut self, one: &Seen, other: &Seen) -> Result<(), StoreFault>;

    /// The receipt of a form, if one is kept. It was verified when it came.
    ///
    /// # Errors
    /// [`StoreFault`] if it cannot be read.
    fn receipt(&self, form: Digest) -> Result<Option<Receipt>, StoreFault>;

    /// Keeps a verified receipt, before its delivery is changed; one that is there gives way.
    ///
    /// # Errors
    /// [`StoreFault`]; the form is still due then.
    fn put_receipt(&mut self, form: Digest, receipt: &Receipt) -> Result<(), StoreFault>;

    /// Moves forms on, in one commit.
    ///
    /// # Errors
    /// [`StoreFault`]; none of them has moved then.
    fn change(&mut self, changes: Vec<(Digest, Delivery)>) -> Result<(), StoreFault>;
}

/// One moment on both clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Since the forwarder began; all waiting goes by this one.
    pub since: Duration,
    /// The device's time, milliseconds since 1970, UTC; it is only noted.
    pub now_ms: u64,
}

/// What was done with the answers to a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settled {
    /// Forms whose receipt was verified and kept.
    pub received: usize,
    /// Forms refused for good.
    pub refused: usize,
    /// Why an answer was not taken; its form stays due.
    pub fault: Option<AnswerFault>,
}

/// The work list's keeper. Owned by the forwarder.
pub struct Outbox {
    pub(super) log_key: LogKey,
    pub(super) plan: Plan,
    rests: Rests,
    /// What was seen of the log and is on the disk for certain. What a killed process has
    /// left may be only in the kernel's memory, and is written once more.
    confirmed: Option<Seen>,
    /// Photos that arrived damaged since the agent was started.
    pub(super) started_over: HashSet<Digest>,
}

impl Outbox {
    /// Begins; receipts are believed that lead to the log of this key.
    #[must_use]
    pub fn new(retry: Retry, log_key: LogKey) -> Self {
        let (plan, rests) = (Plan::default(), Rests::new(retry));
        Self { log_key, plan, rests, confirmed: None, started_over: HashSet::new() }
    }

    /// What to do now.
    #[must_use]
    pub fn step(&self, keep: &impl Keep, since: Duration) -> Step {
        self.step_with(keep, std::iter::empty(), since)
    }

    /// What to do now, if these are due too.
    pub(super) fn step_with(
        &self,
        keep: &impl Keep,
        carried: impl Iterator<Item = Digest>,
        since: Duration,
    ) -> Step {
        let photos = keep.ledger().photos().due().map(|(photo, _)| photo);
        self.plan.step(due(keep).chain(carried).chain(photos), since)
    }

    /// Nothing before this time.
    pub fn rest_until(&mut self, since: Duration) {
        self.plan.rest(since);
    }

    /// Something new came: the link may be tried at once.
    pub fn wake(&mut self) {
        self.plan.end_rest();
    }

    /// The forms to hand over next. One that cannot be read is held back, said, and
    /// does not stop the others.
    ///
    /// # Errors
    /// [`StoreFault`] if the store cannot note that.
    pub fn next_batch(
        &mut self,
        keep: &mut impl Keep,
        now: Moment,
    ) -> Result<Vec<SealedForm>, StoreFault> {
        let mut batch = Vec::new();
        let mut bytes = 0;
        for digest in self.plan.batch(due(keep), now.since) {
            match keep.sealed(digest) {
                Ok(sealed) => {
                    bytes += sealed.bytes().len();
                    if bytes > MAX_BATCH_BYTES {
                        break;
                    }
                    batch.push(sealed);
                }
                Err(fault) => {
                    tracing::error!(%digest, %fault, "a form cannot be read; it is held back");
                    let why = (Reason::NotKept, fault.to_string());
                    self.hold(keep, digest, Duration::MAX, why, now)?;
                }
            }
        }
        Ok(batch)
    }

    /// A batch was handed to a collector.
    ///
    /// # Errors
    /// [`StoreFault`]; what was sent is still due.
    pub fn sent(
        &self,
        keep: &mut impl Keep,
        batch: &[SealedForm],
        now: Moment,
    ) -> Result<(), StoreFault> {
        let forms: Vec<_> = batch.iter().map(SealedForm::digest).collect();
        change(keep, &forms, |delivery| delivery.sent(now.now_ms))
    }

    /// Checks the answers to a batch, keeps what was seen of the log, and then does what
    /// they say, each for its own form.
    ///
    /// # Errors
    /// [`StoreFault`]; the forms are still due.
    pub fn settle(
        &mut self,
        keep: &mut impl Keep,
        sent: Sent<'_>,
        outcomes: Outcomes,
        now: Moment,
    ) -> Result<Settled, StoreFault> {
        match self.believe(keep, sent, outcomes) {
            Ok(verdicts) => self.take(keep, sent.batch, verdicts, now),
            Err(fault) => Ok(Settled { fault: Some(fault), ..Settled::default() }),
        }
    }

    /// Checks the answers to a batch and keeps what was seen of the log; then they may be
    /// taken. None of them if more was seen meanwhile: the forms are due, and go again with
    /// that.
    pub(super) fn believe(
        &mut self,
        keep: &mut impl Keep,
        sent: Sent<'_>,
        outcomes: Outcomes,
    ) -> Result<Vec<Verdict>, AnswerFault> {
        let checked = check(Kind::Form, sent, outcomes, &self.log_key);
        let Checked { verdicts, newest } =
            checked.inspect_err(|fault| fault.keep_evidence(keep))?;
        let is_newest = self.remember(keep, sent.seen, newest)?;
        Ok(if is_newest { verdicts } else { Vec::new() })
    }

    /// Keeps what was seen of the log. `false`: more was seen meanwhile, and nothing of the
    /// answer may be taken.
    pub(super) fn remember(
        &mut self,
        keep: &mut impl Keep,
        before: Option<&Seen>,
        newest: Option<Seen>,
    ) -> Result<bool, AnswerFault> {
        let newest = newest.filter(|newest| self.confirmed.as_ref() != Some(newest));
        let Some(newest) = newest else { return Ok(true) };
        let kept = keep.remember(before, &newest);
        let kept = kept.map_err(|fault| AnswerFault::NotKept(fault.to_string()))?;
        if kept {
            self.confirmed = Some(newest);
        }
        Ok(kept)
    }

    fn take(
        &mut self,
        keep: &mut impl Keep,
        batch: &[SealedForm],
        verdicts: Vec<Verdict>,
        now: Moment,
    ) -> Result<Settled, StoreFault> {
        let (mut settled, mut changes) = (Settled::default(), Vec::new());
        for (sealed, verdict) in batch.iter().zip(verdicts) {
            let form = sealed.digest();
            let answer = match verdict {
                Verdict::Received(receipt, standing) => {
                    let best = self.better(keep, sealed, &receipt);
                    if let Err(fault) = keep.put_receipt(form, best.as_ref().unwrap_or(&receipt)) {
                        settled.fault = Some(AnswerFault::NotKept(fault.to_string()));
                        continue;
                    }
                    settled.received += 1;
                    let (index, arrived_ms) = (receipt.index, receipt.arrived_ms);
                    Answer::Receipt { index, arrived_ms, standing: Some(standing) }
                }
                Verdict::Refused(refusal, detail) => {
                    tracing::warn!(%form, refusal = refusal.code(), detail, "a form was refused for good");
                    settled.refused += 1;
                    Answer::Refusal { refusal, detail }
                }
                Verdict::Later(after, why) => {
                    let why = (Reason::Later(why), String::new());
                    self.hold(keep, form, after, why, now)?;
                    continue;
                }
                Verdict::Unproven(why) => {
                    let why = format!("{}: {why}", form.short());
                    settled.fault = Some(AnswerFault::Unproven(why));
                    continue;
                }
            };
            if let Some(known) = keep.ledger().form(form) {
                changes.push((form, known.delivery.clone().answered(answer, now.now_ms)));
            }
        }
        if !changes.is_empty() {
            keep.change(changes)?;
            self.rests.begin_again(now.since);
        }
        Ok(settled)
    }

    /// The receipt that is kept, if it proves as much under a checkpoint that is as large or
    /// larger: one that is cosigned does not give way to the first when its form is sent once
    /// more. It is to be written again all the same: that it can be read does not say that it
    /// is on the disk.
    fn better(&self, keep: &impl Keep, sealed: &SealedForm, receipt: &Receipt) -> Option<Receipt> {
        let kept = keep.receipt(sealed.digest()).ok()??;
        let is_same = (kept.index, kept.arrived_ms) == (receipt.index, receipt.arrived_ms);
        let size = |receipt: &Receipt| {
            let checkpoint = receipt.verify(sealed, &self.log_key);
            checkpoint.map_or(0, |checkpoint| checkpoint.size)
        };
        let is_better = is_same && size(&kept) >= size(receipt);
        is_better.then_some(kept)
    }

    /// A session came to its end with everything answered, or a photo came further.
    pub fn ended(&mut self, since: Duration) {
        self.rests.begin_again(since);
    }

    /// An attempt brought no answer: notes why on the forms it was made for and, after
    /// the last collector of the list, rests. `chance` draws the rest, from 0 to 1.
    ///
    /// # Errors
    /// [`StoreFault`]; the rest is taken all the same.
    pub fn failed(
        &mut self,
        keep: &mut impl Keep,
        (reason, detail): (Reason, &str),
        (is_last, chance): (bool, f64),
        now: Moment,
    ) -> Result<(), StoreFault> {
        // A revocation may have been a mistake and be undone, and a log be put right, but
        // hardly within minutes.
        let is_revoked = reason == Reason::Farewell(Farewell::Revoked);
        let is_slow = is_revoked || is_of_the_log(reason);
        let next = |rests: &mut Rests| match rests.next(now.since, chance) {
            _ if is_slow => rests.slowest(chance),
            rest => rest,
        };
        let rest = is_last.then(|| next(&mut self.rests));
        if let Some(rest) = rest {
            self.plan.rest(now.since + rest);
        }
        let failure = Failure::new(now.now_ms, reason, detail);
        let next_try_ms = rest.map(|rest| now.now_ms.saturating_add(millis(rest)));
        let forms = self.plan.batch(due(keep), now.since);
        change(keep, &forms, |delivery| delivery.failed(failure.clone(), next_try_ms))
    }

    fn hold(
        &mut self,
        keep: &mut impl Keep,
        form: Digest,
        wanted: Duration,
        (reason, detail): (Reason, String),
        now: Moment,
    ) -> Result<(), StoreFault> {
        let held = self.plan.hold(form, wanted, now.since);
        let failure = Failure::new(now.now_ms, reason, &detail);
        let next_try_ms = Some(now.now_ms.saturating_add(millis(held)));
        change(keep, &[form], |delivery| delivery.failed(failure.clone(), next_try_ms))
    }
}

fn due(keep: &impl Keep) -> impl Iterator<Item = Digest> {
    keep.ledger().due().map(|known| known.digest)
}

fn change(
    keep: &mut impl Keep,
    forms: &[Digest],
    step: impl Fn(Delivery) -> Delivery,
) -> Result<(), StoreFault> {
    let known = forms.iter().filter_map(|form| keep.ledger().form(*form));
    let changes: Vec<_> = known.map(|known| (known.digest, step(known.delivery.clone()))).collect();
    if changes.is_empty() { Ok(()) } else { keep.change(changes) }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
