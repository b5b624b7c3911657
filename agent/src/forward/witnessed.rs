//! Receipts that lead to a cosigned checkpoint: asked for when forms and photos are done,
//! verified from the device's own copy of the form on, and kept in the place of the first.

use std::time::Duration;

use saksi_proto::checkpoint::LogKey;
use saksi_proto::cosignature::{WitnessPolicy, cosignatures};
use saksi_proto::digest::Digest;
use saksi_proto::message::MAX_BATCH;
use saksi_proto::receipt::Receipt;
use saksi_proto::seal::SealedForm;
use saksi_proto::witnessed::{Cosigned, CosignedReceipts, Place, ReceiptsWanted};
use tokio::io::{AsyncRead, AsyncWrite};

use super::answer::{AnswerFault, join};
use super::fault::LinkFault;
use super::outbox::{Keep, Outbox};
use super::session::Session;
use super::witnessing::Witnessing;
use super::{Broken, Forwarder, accusation::is_of_the_log, chance};
use crate::delivery::State;
use crate::ledger::{Known, Ledger};
use crate::seen::Seen;
use crate::store::Store;

/// How long nothing is asked of a collector that has answered wrongly or not at all: it may
/// be of a version that does not know the question.
const WRONG: Duration = Duration::from_secs(3_600);

/// A form that has a receipt, and where that says it is.
#[derive(Debug, Clone)]
pub(crate) struct Logged {
    sealed: SealedForm,
    index: u64,
    arrived_ms: u64,
}

/// An answer that was checked.
pub(crate) struct Checked {
    /// The receipts that came, with their forms.
    receipts: Vec<(Digest, Receipt)>,
    /// The largest checkpoint that is known by now.
    newest: Option<Seen>,
}

/// Puts receipts together and verifies all there is to verify, or says what is wrong.
pub(crate) fn check(
    asked: &[Logged],
    seen: Option<&Seen>,
    answer: CosignedReceipts,
    (key, policy): (&LogKey, &WitnessPolicy),
) -> Result<Checked, AnswerFault> {
    let CosignedReceipts { checkpoint, links, receipts } = answer;
    let unproven = AnswerFault::Unproven;
    let newest = join(std::slice::from_ref(&checkpoint), &links, seen, key)?;
    let cosigned = cosignatures(&checkpoint, policy.witnesses());
    let cosigned = cosigned.map_err(|fault| unproven(fault.to_string()))?.len();
    if cosigned < policy.needed() {
        let needed = policy.needed();
        return Err(unproven(format!("{cosigned} witnesses have cosigned, {needed} are needed")));
    }
    if receipts.len() != asked.len() {
        return Err(unproven("more or fewer receipts than forms".to_owned()));
    }
    let prove = |(of, place): (&Logged, Option<Place>)| {
        let Place { index, arrived_ms, proof } = place?;
        let (digest, checkpoint) = (of.sealed.digest(), checkpoint.clone());
        let receipt = Receipt { index, arrived_ms, proof, checkpoint };
        let fault = |what: String| unproven(format!("{}: {what}", digest.short()));
        if (index, arrived_ms) != (of.index, of.arrived_ms) {
            return Some(Err(fault("another entry than that of its first receipt".to_owned())));
        }
        let verified = receipt.verify(&of.sealed, key);
        Some(verified.map(|_| (digest, receipt)).map_err(|wrong| fault(wrong.to_string())))
    };
    let receipts = asked.iter().zip(receipts).filter_map(prove).collect::<Result<_, _>>()?;
    Ok(Checked { receipts, newest })
}

impl Outbox {
    /// Checks an answer and keeps what it brings: first what was seen of the log, then each
    /// receipt in the place of the one before. Gives the forms whose receipts were kept.
    fn take_cosigned(
        &mut self,
        keep: &mut impl Keep,
        (asked, seen): (&[Logged], Option<&Seen>),
        answer: CosignedReceipts,
        policy: &WitnessPolicy,
    ) -> Result<Vec<Digest>, AnswerFault> {
        let checked = check(asked, seen, answer, (&self.log_key, policy));
        let checked = checked.inspect_err(|fault| fault.keep_evidence(keep))?;
        let Checked { receipts, newest } = checked;
        if !self.remember(keep, seen, newest)? {
            // They are asked for again, with what was seen.
            return Ok(Vec::new());
        }
        let mut kept = Vec::new();
        for (form, receipt) in receipts {
            let put = keep.put_receipt(form, &receipt);
            put.map_err(|fault| AnswerFault::NotKept(fault.to_string()))?;
            kept.push(form);
        }
        Ok(kept)
    }
}

impl Forwarder<'_> {
    /// Asks the collector once for receipts that lead to a cosigned checkpoint, if any are
    /// lacking and it is time. Says whether to ask for more. Everything else was answered
    /// before: what goes wrong here takes nothing away, and ends the session.
    ///
    /// # Errors
    /// [`Broken`], if the log is not the one that the device has seen.
    pub(super) async fn witness_turn<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        session: &mut Session<S>,
    ) -> Result<Turn, Broken> {
        let lacking = self.lacking();
        if lacking.is_empty() || !self.witnessing.may_ask(self.began.elapsed()) {
            return Ok(Turn::Over);
        }
        match self.ask(session, &lacking).await {
            Ok(kept) if kept > 0 => Ok(Turn::More),
            Ok(_) => Ok(Turn::Over),
            Err(Broken::Link(fault)) if !is_of_the_log(fault.reason()) => {
                if let LinkFault::Answer(_) = fault {
                    tracing::error!(%fault, "a receipt that is to be cosigned was not believed or not kept; the one before stays");
                } else {
                    tracing::warn!(%fault, "cosigned receipts were asked for, and did not come");
                }
                self.witnessing.nothing_came(self.began.elapsed(), WRONG, chance());
                Ok(Turn::Broken)
            }
            Err(broken) => Err(broken),
        }
    }

    async fn ask<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        session: &mut Session<S>,
        lacking: &[Logged],
    ) -> Result<usize, Broken> {
        let seen = self.desk.store().seen()?;
        let known = seen.as_ref().map_or(0, Seen::entries);
        let forms = lacking.iter().map(|form| form.sealed.digest()).collect();
        let answer = match session.witnessed(ReceiptsWanted { known, forms }).await? {
            Cosigned::Receipts(receipts) => *receipts,
            Cosigned::NotYet { after_ms } => {
                let after = Duration::from_millis(after_ms.into());
                self.witnessing.nothing_came(self.began.elapsed(), after, chance());
                return Ok(0);
            }
        };
        let policy = self.witnessing.policy();
        let sent = (lacking, seen.as_ref());
        let taken = self.outbox.take_cosigned(&mut *self.desk.store(), sent, answer, policy);
        let kept = taken.map_err(LinkFault::from)?;
        if kept.is_empty() {
            self.witnessing.nothing_came(self.began.elapsed(), Duration::ZERO, chance());
        } else {
            tracing::info!(receipts = kept.len(), "receipts lead to a cosigned checkpoint");
            self.witnessing.brought();
        }
        self.delivered.cosigned += kept.len();
        kept.iter().for_each(|form| self.witnessing.is_found(*form));
        Ok(kept.len())
    }

    /// When to connect for such a question alone; never, while nothing is lacking.
    pub(super) fn witness_at(&mut self) -> Option<Duration> {
        (!self.lacking().is_empty()).then(|| self.witnessing.call_at())
    }

    /// Forms whose receipt leads to no cosigned checkpoint, of one question at most.
    fn lacking(&mut self) -> Vec<Logged> {
        self.witnessing.are(&self.desk.identity().witnesses());
        if !self.witnessing.has_witnesses() {
            return Vec::new();
        }
        self.witnessing.lacking(&self.desk.store())
    }
}

/// How a session goes on after a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// Something came; more may be there.
    More,
    /// There is nothing more to ask.
    Over,
    /// It cannot go on.
    Broken,
}

impl Witnessing {
    /// Looks at the receipts of forms that are not known to be done, until so many are
    /// lacking as one question has room for. A receipt that is gone or damaged comes anew.
    fn lacking(&mut self, store: &Store) -> Vec<Logged> {
        let mut lacking = Vec::new();
        for (digest, index, arrived_ms) in received(store.ledger()) {
            if lacking.len() == MAX_BATCH {
                break;
            }
            if self.is_done(digest) {
                continue;
            }
            let receipt = store.receipt(digest).ok().flatten();
            if receipt.is_some_and(|receipt| self.policy().is_witnessed(&receipt.checkpoint)) {
                self.is_found(digest);
            } else if let Ok(sealed) = store.sealed(digest) {
                lacking.push(Logged { sealed, index, arrived_ms });
            }
        }
        lacking
    }
}

fn received(ledger: &Ledger) -> Vec<(Digest, u64, u64)> {
    let place = |known: &Known| match known.delivery.state {
        State::Received { index, arrived_ms, .. } => Some((known.digest, index, arrived_ms)),
        _ => None,
    };
    ledger.all().into_iter().filter_map(place).collect()
}
