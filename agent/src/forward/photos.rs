//! Photos after forms: takes due photos to the collector, one question at a time, so that
//! a form that comes in between waits for one chunk at most.

use std::time::Duration;

use saksi_proto::digest::Digest;
use saksi_proto::message::ToCollector;
use saksi_proto::photo::{PhotoChunk, PhotoRefusal};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

use super::fault::LinkFault;
use super::outbox::Outbox;
use super::session::Session;
use super::upload::{Heard, Say, Upload};
use super::{Broken, Forwarder};
use crate::delivery::Failure;
use crate::ledger::Ledger;
use crate::photos::{Transfer, TransferState};
use crate::reason::Reason;
use crate::store::{StoreFault, photos};

impl Outbox {
    /// The photo to go next and a form in the log that names it, if any is due that is
    /// not held back.
    pub(super) fn next_photo(&self, ledger: &Ledger, since: Duration) -> Option<(Digest, Digest)> {
        ledger.photos().due().find(|(photo, _)| self.plan.is_free(*photo, since))
    }

    /// Holds a photo back; forms and other photos go on.
    fn hold_photo(&mut self, photo: Digest, wanted: Duration, since: Duration) {
        self.plan.hold(photo, wanted, since);
    }

    /// Whether a photo that started over may do so at once: the first time since the
    /// agent was started. Should it happen again, it is held back.
    fn starts_over(&mut self, photo: Digest, since: Duration) {
        if !self.started_over.insert(photo) {
            self.hold_photo(photo, Duration::MAX, since);
        }
    }
}

impl Forwarder<'_> {
    /// Asks the collector one question about photos, if any is due. Says whether it did.
    pub(super) async fn photo_turn<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        session: &mut Session<S>,
        under_way: &mut Option<Upload>,
    ) -> Result<bool, Broken> {
        if under_way.is_none() {
            *under_way = self.next_upload().await?;
        }
        let Some(mut upload) = under_way.take() else { return Ok(false) };
        let Some(question) = self.question(&upload).await? else { return Ok(true) };
        let asked = Instant::now();
        let answer = session.photo(&question).await?;
        let heard = upload.heard(answer, asked.elapsed()).map_err(LinkFault::OutOfTurn)?;
        self.outbox.ended(self.began.elapsed());
        self.photo_heard(upload.photo(), heard)?;
        *under_way = matches!(heard, Heard::GoesOn { .. }).then_some(upload);
        Ok(true)
    }

    /// The next photo, checked against its name. One that is damaged is set aside and
    /// does not stop the others.
    async fn next_upload(&mut self) -> Result<Option<Upload>, StoreFault> {
        loop {
            let since = self.began.elapsed();
            let next = self.outbox.next_photo(self.desk.store().ledger(), since);
            let Some((photo, form)) = next else { return Ok(None) };
            let directory = self.desk.directory().clone();
            let examined = off_the_network(move || photos::examine(&directory, photo)).await;
            match examined {
                Ok(Some(size)) => return Ok(Some(Upload::new(form, photo, size))),
                Ok(None) => {
                    let now_ms = self.desk.clock().now_ms();
                    self.desk.store().set_photo_aside(photo, now_ms)?;
                }
                Err(fault) => self.unreadable(photo, &fault),
            }
        }
    }

    /// What to say; nothing if the photo's bytes cannot be read.
    async fn question(&mut self, upload: &Upload) -> Result<Option<ToCollector>, StoreFault> {
        let (at, length) = match upload.say() {
            Say::Offer(offer) => return Ok(Some(ToCollector::Offer(offer))),
            Say::Chunk { at, length } => (at, length),
        };
        let (directory, photo) = (self.desk.directory().clone(), upload.photo());
        match off_the_network(move || photos::read(&directory, photo, at, length)).await {
            Ok(bytes) => Ok(Some(ToCollector::Chunk(PhotoChunk { at, bytes }))),
            Err(fault) => {
                self.unreadable(photo, &fault);
                Ok(None)
            }
        }
    }

    /// The disk does not give a photo; another time it may, or show what it is.
    fn unreadable(&mut self, photo: Digest, fault: &std::io::Error) {
        tracing::error!(%photo, %fault, "a photo cannot be read; it is held back");
        self.hold(photo, Duration::MAX, Reason::NotKept, &fault.to_string());
    }

    fn photo_heard(&mut self, photo: Digest, heard: Heard) -> Result<(), StoreFault> {
        let at_ms = self.desk.clock().now_ms();
        match heard {
            Heard::GoesOn { durable } => {
                let sent = |old: Transfer| Transfer {
                    sent: old.sent.max(durable),
                    last_failure: None,
                    ..old
                };
                self.desk.store().note_photo(photo, sent);
            }
            Heard::Arrived => {
                tracing::info!(%photo, "a photo has arrived");
                self.delivered.photos += 1;
                self.settle_photo(photo, TransferState::Arrived { at_ms })?;
            }
            Heard::StartsOver => {
                tracing::warn!(%photo, "a photo arrived damaged; it starts over");
                self.desk.store().note_photo(photo, |old| Transfer { sent: 0, ..old });
                self.outbox.starts_over(photo, self.began.elapsed());
            }
            // The collector may not know the form yet, or no longer.
            Heard::Refused(PhotoRefusal::UnnamedPhoto) => {
                self.hold(photo, Duration::MAX, Reason::UnnamedPhoto, "");
            }
            Heard::Refused(refusal) => {
                tracing::warn!(%photo, refusal = refusal.code(), "a photo is refused for good");
                self.settle_photo(photo, TransferState::Refused { at_ms, refusal })?;
            }
            Heard::Later(after, why) => self.hold(photo, after, Reason::Later(why), ""),
        }
        Ok(())
    }

    fn settle_photo(&mut self, photo: Digest, state: TransferState) -> Result<(), StoreFault> {
        self.desk.store().change_photo(photo, Transfer { state, ..Transfer::default() })
    }

    fn hold(&mut self, photo: Digest, wanted: Duration, reason: Reason, detail: &str) {
        self.outbox.hold_photo(photo, wanted, self.began.elapsed());
        self.note_failure(photo, reason, detail);
    }

    fn note_failure(&self, photo: Digest, reason: Reason, detail: &str) {
        let failure = Failure::new(self.desk.clock().now_ms(), reason, detail);
        let failed = |old: Transfer| Transfer { last_failure: Some(failure), ..old };
        self.desk.store().note_photo(photo, failed);
    }

    /// An attempt failed that was made for photos alone: notes why on the one that was to
    /// go.
    pub(super) fn photo_failed(&self, reason: Reason, detail: &str) {
        let next = {
            let store = self.desk.store();
            let is_for_forms = store.ledger().due().next().is_some();
            let next = self.outbox.next_photo(store.ledger(), self.began.elapsed());
            next.filter(|_| !is_for_forms)
        };
        if let Some((photo, _)) = next {
            self.note_failure(photo, reason, detail);
        }
    }
}

/// Does what waits for the disk beside the network's thread.
async fn off_the_network<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> std::io::Result<T> {
    tokio::task::spawn_blocking(work).await?
}
