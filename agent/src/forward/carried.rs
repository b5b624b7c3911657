//! Forms of other stations, after this one's own: handed over untouched, and their receipts
//! kept for the way back.

use std::time::Duration;

use saksi_proto::digest::Digest;
use saksi_proto::message::{MAX_BATCH, Outcomes};
use saksi_proto::seal::SealedForm;
use tokio::io::{AsyncRead, AsyncWrite};

use super::answer::{AnswerFault, Verdict};
use super::fault::LinkFault;
use super::outbox::{Keep as _, MAX_BATCH_BYTES, Sent};
use super::plan::Step;
use super::session::Session;
use super::{Broken, Forwarder};
use crate::delivery::Failure;
use crate::reason::Reason;
use crate::seen::Seen;

/// How long carried forms rest that a collector does not want to hear of, so that the
/// station's own photos go on meanwhile.
const UNWANTED: Duration = Duration::from_secs(600);

impl Forwarder<'_> {
    /// What to do now, with what is carried.
    pub(super) fn next_step(&self) -> Step {
        let carried: Vec<_> = self.desk.satchel().due().collect();
        let since = self.began.elapsed();
        self.outbox.step_with(&*self.desk.store(), carried.into_iter(), since)
    }

    /// Hands the next carried forms over; `false`: there is none now.
    pub(super) async fn carry_turn<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        session: &mut Session<S>,
    ) -> Result<bool, Broken> {
        let batch = self.carried_batch();
        if batch.is_empty() {
            return Ok(false);
        }
        let seen = self.desk.store().seen()?;
        let known = seen.as_ref().map_or(0, Seen::entries);
        let outcomes = match handed_over(session, known, &batch).await {
            Ok(outcomes) => outcomes,
            Err(fault) => {
                if let LinkFault::Farewell(_) = &fault {
                    batch.iter().for_each(|form| self.hold_carried(form.digest(), UNWANTED));
                }
                return Err(fault.into());
            }
        };
        let sent = Sent { batch: &batch, seen: seen.as_ref() };
        let verdicts = self.outbox.believe(&mut *self.desk.store(), sent, outcomes);
        self.take_carried(&batch, verdicts.map_err(LinkFault::from)?)?;
        self.outbox.ended(self.began.elapsed());
        Ok(true)
    }

    /// The first forms that wait and are not held back.
    fn carried_batch(&mut self) -> Vec<SealedForm> {
        let (now, mut batch, mut bytes) = (self.began.elapsed(), Vec::new(), 0);
        let mut satchel = self.desk.satchel();
        let due: Vec<_> = satchel
            .due()
            .filter(|form| self.outbox.plan.is_free(*form, now))
            .take(MAX_BATCH)
            .collect();
        for form in due {
            match satchel.read(form) {
                Ok(Some(sealed)) => {
                    bytes += sealed.bytes().len();
                    if bytes > MAX_BATCH_BYTES {
                        break;
                    }
                    batch.push(sealed);
                }
                Ok(None) => {
                    // What cannot be set aside either is looked at again in an hour.
                    if let Err(fault) = satchel.set_aside(form) {
                        tracing::error!(%form, %fault, "a damaged form cannot be set aside");
                        self.outbox.plan.hold(form, Duration::MAX, now);
                    }
                }
                Err(fault) => {
                    tracing::error!(%form, %fault, "a carried form cannot be read; it is held back");
                    self.outbox.plan.hold(form, Duration::MAX, now);
                }
            }
        }
        batch
    }

    /// Does what the answers say, each for its own form.
    fn take_carried(
        &mut self,
        batch: &[SealedForm],
        verdicts: Vec<Verdict>,
    ) -> Result<(), LinkFault> {
        let mut fault = None;
        for (sealed, verdict) in batch.iter().zip(verdicts) {
            let form = sealed.digest();
            let kept = match verdict {
                Verdict::Received(receipt, _) => {
                    self.delivered.carried += 1;
                    self.desk.satchel().put_receipt(form, &receipt)
                }
                Verdict::Refused(refusal, detail) => {
                    tracing::warn!(%form, refusal = refusal.code(), detail, "a carried form was refused for good");
                    self.desk.satchel().refuse(form, refusal, &detail)
                }
                Verdict::Later(after, _) => {
                    self.hold_carried(form, after);
                    Ok(())
                }
                Verdict::Unproven(why) => {
                    self.hold_carried(form, UNWANTED);
                    fault = Some(AnswerFault::Unproven(format!("{}: {why}", form.short())));
                    Ok(())
                }
            };
            if let Err(why) = kept {
                fault = Some(AnswerFault::NotKept(why.to_string()));
            }
        }
        fault.map_or(Ok(()), |fault| Err(fault.into()))
    }

    fn hold_carried(&mut self, form: Digest, wanted: Duration) {
        self.outbox.plan.hold(form, wanted, self.began.elapsed());
    }

    /// An attempt failed: notes why, for as long as forms of others wait.
    pub(super) fn carrying_failed(&self, reason: Reason, detail: &str) {
        let failure = Failure::new(self.desk.clock().now_ms(), reason, detail);
        self.desk.satchel().failed(failure);
    }
}

async fn handed_over<S: AsyncRead + AsyncWrite + Unpin>(
    session: &mut Session<S>,
    known: u64,
    batch: &[SealedForm],
) -> Result<Outcomes, LinkFault> {
    session.carry(known, batch.iter().map(|form| form.bytes().to_vec()).collect()).await?;
    session.outcomes(batch.len()).await
}
