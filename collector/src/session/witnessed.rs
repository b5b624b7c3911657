//! Receipts that lead to a cosigned checkpoint, for a device that has its first.
//!
//! One that asks soon after its form waits for the checkpoint, so that it need not connect
//! again; few of them at a time, and not for long. All others are told when to ask again.

use std::sync::Arc;
use std::time::Duration;

use saksi_proto::ids::StationCode;
use saksi_proto::message::MAX_BATCH;
use saksi_proto::refusal::Farewell;
use saksi_proto::witnessed::{Cosigned, CosignedReceipts, Place, ReceiptsWanted};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::time::timeout;
use tracing::error;

use super::{Guest, SessionFault};
use crate::cosigning::{Newest, Witnessed};
use crate::ledger::LoggedForm;
use crate::registrar::millis;
use crate::sequencer::{Proven, Wanted, Work};

/// Longest wait for a checkpoint that covers the forms: it is published a second after their
/// commit at most, and cosigned in two more ([`crate::publisher::Paces`], `witness_seconds`).
const WAIT: Duration = Duration::from_secs(5);

/// Sessions that wait so at a time. In a surge of 1,400 devices a second 7,000 of the 10,000
/// connections would be taken by those who wait, and forms would queue behind them.
const WAITING: usize = 1_000;

/// When to ask again for what is not cosigned yet, or where there is too much to do.
const SOON: Duration = Duration::from_secs(10);

/// When to ask again where there are no witnesses: there may be some after a restart.
const NO_WITNESSES: Duration = Duration::from_secs(3_600);

/// Which checkpoint is cosigned, and who waits for one. Shared by all sessions.
pub struct Witnessing {
    /// The newest published checkpoint that enough witnesses have cosigned.
    newest: Newest,
    /// Whether any cosignature is needed.
    has_witnesses: bool,
    /// Bounds the sessions that wait to [`WAITING`].
    waiting: Semaphore,
}

impl Witnessing {
    /// Of a log whose checkpoints need cosignatures, or need none.
    #[must_use]
    pub fn new(newest: Newest, has_witnesses: bool) -> Self {
        Self { newest, has_witnesses, waiting: Semaphore::new(WAITING) }
    }

    /// The newest cosigned checkpoint once it covers the entries of these forms, or after
    /// the wait; none, if there is none at all.
    async fn covering(&self, forms: &[Option<LoggedForm>]) -> Option<Arc<Witnessed>> {
        let wanted = forms.iter().flatten().map(|form| form.index + 1).max().unwrap_or(0);
        let covers = |newest: &Option<Arc<Witnessed>>| {
            newest.as_ref().is_some_and(|newest| newest.checkpoint.size >= wanted)
        };
        let mut newest = self.newest.clone();
        let is_there = covers(&newest.borrow());
        if !is_there && let Ok(place) = self.waiting.try_acquire() {
            // Late, or the publisher has ended: what there is has to do.
            drop(timeout(WAIT, newest.wait_for(covers)).await);
            drop(place);
        }
        newest.borrow().clone()
    }
}

fn not_yet(after: Duration) -> Cosigned {
    Cosigned::NotYet { after_ms: millis(after) }
}

impl Guest<'_> {
    /// Answers a question for receipts that lead to a cosigned checkpoint.
    pub(super) async fn witnessed(&self, wanted: ReceiptsWanted) -> Result<Cosigned, SessionFault> {
        let ReceiptsWanted { known, forms } = wanted;
        if forms.len() > MAX_BATCH {
            return Err(Farewell::OversizeBatch.into());
        }
        let station = self.speaker()?;
        let witnessing = &self.collector.witnessing;
        if !witnessing.has_witnesses {
            return Ok(not_yet(NO_WITNESSES));
        }
        let forms: Vec<_> = {
            let ledger = self.ledger();
            forms.into_iter().map(|form| ledger.logged_at(station, form)).collect()
        };
        let Some(witnessed) = witnessing.covering(&forms).await else {
            return Ok(not_yet(SOON));
        };
        let is_covered = |form: &LoggedForm| form.index < witnessed.checkpoint.size;
        if !forms.iter().flatten().any(is_covered) {
            return Ok(not_yet(SOON));
        }
        self.prove(station, known, forms, witnessed).await
    }

    /// Has the sequencer look the proofs up: one batch of a station at a time.
    async fn prove(
        &self,
        station: StationCode,
        known: u64,
        forms: Vec<Option<LoggedForm>>,
        witnessed: Arc<Witnessed>,
    ) -> Result<Cosigned, SessionFault> {
        let turn = self.collector.turns.take(station, forms.len()).await;
        // After the waits: a device may be replaced meanwhile.
        self.speaker()?;
        let (answer, answered) = oneshot::channel();
        let (asked, of) = (forms.clone(), Arc::clone(&witnessed));
        let work = Work::Witnessed(Wanted { known, forms: asked, witnessed: of, answer });
        match self.collector.registrar.sequencer.try_send(work) {
            Ok(()) => {}
            Err(mpsc::error::TrySendError::Full(_)) => return Ok(not_yet(SOON)),
            Err(mpsc::error::TrySendError::Closed(_)) => return Err(SessionFault::Unanswered),
        }
        let proven = answered.await.map_err(|_| SessionFault::Unanswered)?;
        drop(turn);
        match proven {
            Ok(Some(proven)) => Ok(compose(&forms, &witnessed, proven)),
            Ok(None) => {
                let size = witnessed.checkpoint.size;
                error!(
                    size,
                    "the published checkpoint over {size} entries is not one of this log; nobody \
                     gets a receipt that leads to it"
                );
                Ok(not_yet(NO_WITNESSES))
            }
            Err(behind) => {
                self.doubts(known, behind.entries, false);
                Err(Farewell::RolledBack.into())
            }
        }
    }
}

fn compose(forms: &[Option<LoggedForm>], witnessed: &Witnessed, proven: Proven) -> Cosigned {
    let Proven { links, proofs } = proven;
    let place = |(form, proof): (&Option<LoggedForm>, Option<Vec<_>>)| {
        let (LoggedForm { index, arrived_ms }, proof) = ((*form)?, proof?);
        Some(Place { index, arrived_ms, proof })
    };
    let receipts = forms.iter().zip(proofs).map(place).collect();
    let checkpoint = witnessed.note.clone();
    Cosigned::Receipts(Box::new(CosignedReceipts { checkpoint, links, receipts }))
}

#[cfg(test)]
mod tests {
    use saksi_proto::checkpoint::Checkpoint;
    use saksi_proto::digest::Digest;
    use tokio::sync::watch;
    use tokio::time::Instant;

    use super::*;

    fn cosigned(size: u64) -> Option<Arc<Witnessed>> {
        let root = Digest([1; 32]);
        let checkpoint = Checkpoint { origin: "log".to_owned(), size, root };
        Some(Arc::new(Witnessed { checkpoint, note: String::new() }))
    }

    async fn size(witnessing: &Witnessing, index: u64) -> Option<u64> {
        let forms = [Some(LoggedForm { index, arrived_ms: 1 }), None];
        let found = witnessing.covering(&forms).await;
        found.map(|found| found.checkpoint.size)
    }

    #[tokio::test(start_paused = true)]
    async fn who_comes_soon_waits_for_the_checkpoint_and_not_for_ever() {
        let (newest, watched) = watch::channel(None);
        let witnessing = Witnessing::new(watched, true);
        let began = Instant::now();
        let publishing = async {
            tokio::time::sleep(Duration::from_secs(2)).await;
            newest.send_replace(cosigned(5));
            tokio::time::sleep(Duration::from_secs(1)).await;
            newest.send_replace(cosigned(8));
        };
        let (found, ()) = tokio::join!(size(&witnessing, 7), publishing);
        assert_eq!((found, began.elapsed().as_secs()), (Some(8), 3));
        assert_eq!(size(&witnessing, 7).await, Some(8));
        assert_eq!(began.elapsed().as_secs(), 3, "at once");
        assert_eq!(size(&witnessing, 8).await, Some(8), "what there is");
        assert_eq!(began.elapsed().as_secs(), 3 + WAIT.as_secs());
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_wait_than_may() {
        let (_newest, watched) = watch::channel(None);
        let witnessing = Witnessing::new(watched, true);
        let taken = witnessing.waiting.try_acquire_many(u32::try_from(WAITING).unwrap()).unwrap();
        let began = Instant::now();
        assert_eq!((size(&witnessing, 7).await, began.elapsed()), (None, Duration::ZERO));
        drop(taken);
        assert_eq!(size(&witnessing, 7).await, None);
        assert!(began.elapsed() >= WAIT);
    }
}
