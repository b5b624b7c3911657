//! One device's session: greet, take batches, answer each after its commit.
//!
//! The certificate says which station the device claims; whether its key speaks for
//! that station the roster says, again at every batch: TLS resumption does not look
//! at certificates, and a device may be replaced while it is connected.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, RwLock, RwLockReadGuard};
use std::task::{Poll, ready};
use std::time::Duration;

use saksi_proto::codec::DecodeFault;
use saksi_proto::frame::{Frames, frame};
use saksi_proto::message::{
    Batch, Later, Logged, MAX_BATCH, MAX_DETAIL, Outcome, Outcomes, ToAgent, ToCollector, Welcome,
    decode_message, encode_message,
};
use saksi_proto::refusal::{Farewell, Refusal};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use crate::admission::desk::{Answers, Waiting};
use crate::admission::{Refused, Submission, Voice};
use crate::clock;
use crate::config::Limits;
use crate::election::Election;
use crate::identity::DeviceIdentity;
use crate::ledger::Ledger;
use crate::photos::{Photos, UnderWay};
use crate::sequencer::Answer;

/// When a device that found the queue full is to come again.
const BUSY: Duration = Duration::from_secs(2);
/// Bytes read at a time: one TLS record.
const READ: usize = 16 * 1024;

/// What every session needs; shared by all.
pub struct Collector {
    /// The election, for admission.
    pub election: Arc<Election>,
    /// Read here for the roster; written by the sequencer.
    pub ledger: Arc<RwLock<Ledger>>,
    /// The way into the log.
    pub admission: mpsc::Sender<Waiting>,
    /// Photos of the paper.
    pub photos: Photos,
    /// Bounds.
    pub limits: Limits,
    /// Cancelled when the collector is being stopped.
    pub stopping: CancellationToken,
}

/// Why a session ended, when not by the device's own goodbye.
#[derive(Debug, thiserror::Error)]
pub enum SessionFault {
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Connection(#[from] std::io::Error),
    /// We said farewell.
    #[error("farewell: {}", .0.code())]
    Farewell(Farewell),
    /// Admission or the sequencer is gone; nothing can be acknowledged.
    #[error("admission or the sequencer has stopped")]
    Unanswered,
}

impl From<Farewell> for SessionFault {
    fn from(farewell: Farewell) -> Self {
        Self::Farewell(farewell)
    }
}

/// Speaks with one device until it closes the connection.
///
/// # Errors
/// [`SessionFault`], for the log. The device has been told, where that was possible.
pub async fn speak<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    identity: DeviceIdentity,
    collector: &Collector,
) -> Result<(), SessionFault> {
    let (frames, under_way) = (Frames::default(), UnderWay::default());
    let mut session = Session { stream, frames, identity, suspect: false, under_way, collector };
    let ended = session.run().await;
    if let Err(SessionFault::Farewell(farewell)) = &ended {
        // The device may be gone already; then nobody needs to be told.
        drop(session.send(&ToAgent::Farewell(*farewell)).await);
    }
    drop(session.stream.shutdown().await);
    ended
}

struct Session<'a, S> {
    stream: S,
    frames: Frames,
    identity: DeviceIdentity,
    /// It has sent a form with a bad signature.
    suspect: bool,
    under_way: UnderWay,
    collector: &'a Collector,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<'_, S> {
    async fn run(&mut self) -> Result<(), SessionFault> {
        self.voice()?;
        match self.receive(self.collector.limits.handshake).await? {
            None => return Ok(()),
            Some(ToCollector::Hello(hello)) => {
                if hello.election != self.collector.election.definition.digest() {
                    return Err(Farewell::OtherElection.into());
                }
                let station = self.identity.station;
                info!(%station, agent = %hello.agent, device_ms = hello.device_ms, "a device has connected");
            }
            Some(_) => return Err(Farewell::OutOfTurn.into()),
        }
        self.send(&ToAgent::Welcome(Welcome { now_ms: clock::now_ms() })).await?;
        loop {
            match self.receive(self.collector.limits.silence).await? {
                None => return Ok(()),
                Some(ToCollector::Hello(_)) => return Err(Farewell::OutOfTurn.into()),
                Some(ToCollector::Submit(batch)) => {
                    let outcomes = self.outcomes(batch, clock::now_ms()).await?;
                    self.send(&ToAgent::Outcomes(outcomes)).await?;
                }
                Some(ToCollector::Ping) => self.send(&ToAgent::Pong).await?,
                Some(ToCollector::Offer(offer)) => {
                    let station = self.voice()?.station;
                    let form = self.ledger().logged_at(station, offer.form);
                    let photos = &self.collector.photos;
                    let answer = photos.offered(station, form, offer, &mut self.under_way).await;
                    self.send(&ToAgent::Photo(answer)).await?;
                }
                Some(ToCollector::Chunk(chunk)) => {
                    let station = self.voice()?.station;
                    let photos = &self.collector.photos;
                    let answer = photos.sent(station, chunk, &mut self.under_way).await?;
                    self.send(&ToAgent::Photo(answer)).await?;
                }
            }
        }
    }

    /// The roster's word on this device.
    fn voice(&self) -> Result<Voice, Farewell> {
        let definition = &self.collector.election.definition;
        let DeviceIdentity { election, station, key } = self.identity;
        if election != definition.head().id {
            return Err(Farewell::OtherElection);
        }
        let position = definition.station(station).ok_or(Farewell::NotEnrolled)?;
        if self.ledger().roster.key(position) == Some(key.to_bytes()) {
            Ok(Voice { station, key })
        } else {
            Err(Farewell::NotEnrolled)
        }
    }

    fn ledger(&self) -> RwLockReadGuard<'_, Ledger> {
        self.collector.ledger.read().expect("only a stopped sequencer poisons it")
    }

    async fn outcomes(&mut self, batch: Batch, arrived_ms: u64) -> Result<Outcomes, SessionFault> {
        let Batch { number, forms } = batch;
        if forms.len() > MAX_BATCH {
            return Err(Farewell::OversizeBatch.into());
        }
        let many = forms.len();
        let (voice, suspect) = (self.voice()?, self.suspect);
        let submission = Submission { voice, suspect, arrived_ms, forms };
        Ok(match self.submit(submission).await? {
            Ok(answers) => self.compose(number, answers),
            Err(why) => later(number, many, why),
        })
    }

    /// Hands the forms to admission and waits for the commit.
    async fn submit(&self, submission: Submission) -> Result<Result<Answers, Later>, SessionFault> {
        let (answer, answered) = oneshot::channel();
        match self.collector.admission.try_send((submission, answer)) {
            Ok(()) => answered.await.map(Ok).map_err(|_| SessionFault::Unanswered),
            Err(mpsc::error::TrySendError::Full(_)) => Ok(Err(Later::Busy)),
            Err(mpsc::error::TrySendError::Closed(_)) => Ok(Err(Later::Stopping)),
        }
    }

    /// One outcome a form.
    fn compose(&mut self, number: u32, answers: Answers) -> Outcomes {
        let station = self.identity.station;
        let mut checkpoints = Vec::new();
        let outcomes = answers.into_iter().map(|answer| match answer {
            Err(Refused { refusal, mut detail }) => {
                warn!(%station, refusal = refusal.code(), detail, "a form is refused");
                self.suspect |= refusal == Refusal::BadSignature;
                truncate(&mut detail, MAX_DETAIL);
                Outcome::Refused { refusal, detail }
            }
            Ok(Answer { receipt, standing, resubmitted }) => {
                debug!(%station, index = receipt.index, ?standing, resubmitted, "a form is in the log");
                let checkpoint = position_of(&mut checkpoints, receipt.checkpoint);
                let (index, arrived_ms, proof) = (receipt.index, receipt.arrived_ms, receipt.proof);
                Outcome::Logged(Logged { index, arrived_ms, proof, checkpoint, standing })
            }
        });
        let outcomes = outcomes.collect();
        Outcomes { number, checkpoints, outcomes }
    }

    /// The next message, or `None` when the device has closed the connection.
    async fn receive(&mut self, patience: Duration) -> Result<Option<ToCollector>, SessionFault> {
        loop {
            let next = self.frames.next_frame().map_err(|_| Farewell::OversizeFrame)?;
            if let Some(payload) = next {
                return decode_message(&payload).map(Some).map_err(|fault| match fault {
                    DecodeFault::UnknownVersion { .. } => Farewell::UnknownVersion.into(),
                    _ => Farewell::MalformedMessage.into(),
                });
            }
            let read = timeout(patience, read_some(&mut self.stream, &mut self.frames));
            let received = tokio::select! {
                received = read => received,
                () = self.collector.stopping.cancelled() => return Err(Farewell::Stopping.into()),
            };
            match received {
                Err(_) => return Err(Farewell::Silent.into()),
                Ok(Ok(0)) => return Ok(None),
                Ok(Ok(_)) => {}
                Ok(Err(fault)) => return Err(fault.into()),
            }
        }
    }

    async fn send(&mut self, message: &ToAgent) -> Result<(), SessionFault> {
        let payload = encode_message(message);
        let bytes = frame(&payload).expect("MAX_FRAME holds the outcomes of MAX_BATCH forms");
        let write = async {
            self.stream.write_all(&bytes).await?;
            self.stream.flush().await
        };
        match timeout(self.collector.limits.silence, write).await {
            Ok(written) => Ok(written?),
            Err(_) => Err(Farewell::Silent.into()),
        }
    }
}

/// Reads what is there, and says how much. The buffer lives only while something is
/// read: a session that waits, and 10,000 may, holds none.
async fn read_some<S: AsyncRead + Unpin>(
    stream: &mut S,
    frames: &mut Frames,
) -> std::io::Result<usize> {
    poll_fn(|context| {
        let mut bytes = [0; READ];
        let mut read = ReadBuf::new(&mut bytes);
        ready!(Pin::new(&mut *stream).poll_read(context, &mut read))?;
        frames.receive(read.filled());
        Poll::Ready(Ok(read.filled().len()))
    })
    .await
}

/// All of a batch is to come again.
fn later(number: u32, forms: usize, why: Later) -> Outcomes {
    let after_ms = u32::try_from(BUSY.as_millis()).unwrap_or(u32::MAX);
    let outcomes = vec![Outcome::Later { after_ms, why }; forms];
    Outcomes { number, checkpoints: Vec::new(), outcomes }
}

/// Position of a checkpoint in the list, which it joins if it is new. Forms of one
/// commit share theirs, and a batch has at most [`MAX_BATCH`] commits.
fn position_of(checkpoints: &mut Vec<String>, checkpoint: String) -> u16 {
    let found = checkpoints.iter().position(|known| *known == checkpoint);
    let position = found.unwrap_or_else(|| {
        checkpoints.push(checkpoint);
        checkpoints.len() - 1
    });
    u16::try_from(position).expect("at most MAX_BATCH checkpoints")
}

fn truncate(text: &mut String, limit: usize) {
    let mut end = limit.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
}
