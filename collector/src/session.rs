//! One device's session: greet, take batches, answer each after its commit.
//!
//! The certificate says which station the device claims; whether its key speaks for
//! that station the roster says, again at every batch: TLS resumption does not look
//! at certificates, and a device may be replaced while it is connected.

mod witnessed;

use std::sync::{Arc, RwLock, RwLockReadGuard};
use std::time::Duration;

use saksi_proto::ids::StationCode;
use saksi_proto::message::{
    Accusation, Batch, Hello, Later, Logged, MAX_BATCH, MAX_DETAIL, Outcome, Outcomes, Renewal,
    ToAgent, ToCollector, Welcome,
};
use saksi_proto::notice::{Look, MAX_NOTICES, Notices};
use saksi_proto::photo::PhotoAnswer;
use saksi_proto::refusal::{Farewell, Refusal};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, info, warn};

use crate::admission::carried;
use crate::admission::desk::{Answered, Answers, Behind, Waiting};
use crate::admission::turns::{Turn, Turns};
use crate::admission::{Purpose, Refused, Submission, Voice};
use crate::clock;
use crate::election::Election;
use crate::identity::DeviceIdentity;
use crate::ledger::Ledger;
use crate::line::Line;
use crate::metrics::Metrics;
use crate::notices::notices;
use crate::photos::{Photos, UnderWay};
use crate::presence::{Doubt, Presence};
use crate::registrar::{ELSEWHERE, Registrar, millis};
use crate::roster::Standing;
use crate::sequencer::{Answer, Examined, Work};
pub use witnessed::Witnessing;

/// When a device that found the queue full is to come again.
const BUSY: Duration = Duration::from_secs(2);

/// How often a device may ask in one session what the centre has to say: it does once, and
/// each answer takes the ledger's lock for some microseconds.
const MAX_LOOKS: u32 = 16;

/// What every session needs; shared by all.
pub struct Collector {
    /// The election, for admission.
    pub election: Arc<Election>,
    /// Read here for the roster; written by the sequencer.
    pub ledger: Arc<RwLock<Ledger>>,
    /// The way into the log.
    pub admission: mpsc::Sender<Waiting>,
    /// One batch of a station at a time.
    pub turns: Turns,
    /// Photos of the paper.
    pub photos: Photos,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Makes papers.
    pub registrar: Registrar,
    /// Who was there.
    pub presence: Arc<Presence>,
    /// Changes whenever a device has ceased to speak for its station.
    pub revocations: watch::Receiver<u64>,
    /// For receipts that lead to a cosigned checkpoint.
    pub witnessing: Witnessing,
    /// Cancelled when the collector is being stopped.
    pub stopping: CancellationToken,
}

/// How long a session waits for its device.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For the first message.
    pub greeting: Duration,
    /// For each other message, and for sending one.
    pub silence: Duration,
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

/// Speaks with one device until it closes the connection, or `end` is cancelled: then
/// the session ends at its next message, with [`Farewell::Crowded`] if the collector is
/// not being stopped.
///
/// # Errors
/// [`SessionFault`], for the log. The device has been told, where that was possible.
pub async fn speak<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    identity: DeviceIdentity,
    patience: Patience,
    end: CancellationToken,
    collector: &Collector,
) -> Result<(), SessionFault> {
    let line = Line::new(stream, patience.silence, end);
    let guest = Guest {
        identity,
        standing: None,
        suspect: false,
        known: None,
        has_accused: false,
        looks: 0,
        collector,
    };
    let mut session = Session { line, guest, under_way: UnderWay::default() };
    let mut ended = session.run(patience).await;
    if let Err(SessionFault::Farewell(farewell @ Farewell::Stopping)) = &mut ended
        && !collector.stopping.is_cancelled()
    {
        *farewell = Farewell::Crowded;
    }
    let farewell = match &ended {
        Err(SessionFault::Farewell(farewell)) => Some(*farewell),
        _ => None,
    };
    session.line.end(farewell).await;
    ended
}

struct Session<'a, S> {
    line: Line<S>,
    guest: Guest<'a>,
    under_way: UnderWay,
}

/// Who is at the other end, and what serves it.
struct Guest<'a> {
    identity: DeviceIdentity,
    /// What the roster said of it when it came.
    standing: Option<Standing>,
    /// It has sent a form with a bad signature.
    suspect: bool,
    /// The checkpoint that it named first; noted once a session.
    known: Option<u64>,
    /// It has held a checkpoint against the log: once a session.
    has_accused: bool,
    /// Times that it has asked what the centre has to say.
    looks: u32,
    collector: &'a Collector,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<'_, S> {
    async fn run(&mut self, patience: Patience) -> Result<(), SessionFault> {
        let election = &self.guest.collector.election;
        let revocations = self.guest.collector.revocations.clone();
        self.guest.standing = Some(self.guest.voice()?.standing);
        match self.line.receive(patience.greeting).await? {
            None => return Ok(()),
            Some(ToCollector::Hello(hello)) => {
                if hello.election != election.definition.digest() {
                    return Err(Farewell::OtherElection.into());
                }
                self.guest.greet(&hello);
            }
            Some(_) => return Err(Farewell::OutOfTurn.into()),
        }
        self.line.send(&ToAgent::Welcome(Welcome { now_ms: clock::now_ms() })).await?;
        self.converse(revocations, patience.silence).await
    }

    /// Answers message after message, until the device has gone or lost its standing.
    async fn converse(
        &mut self,
        mut revocations: watch::Receiver<u64>,
        silence: Duration,
    ) -> Result<(), SessionFault> {
        loop {
            let received = tokio::select! {
                received = self.line.receive(silence) => received?,
                changed = revocations.changed() => {
                    // Without a sequencer there is nobody to be revoked by.
                    changed.map_err(|_| SessionFault::Unanswered)?;
                    self.guest.voice()?;
                    continue;
                }
            };
            let Some(message) = received else { return Ok(()) };
            // Boxed: a session that waits, and 10,000 may, holds no place for the work.
            let answer = Box::pin(self.answer(message)).await?;
            self.line.send(&answer).await?;
        }
    }

    async fn answer(&mut self, message: ToCollector) -> Result<ToAgent, SessionFault> {
        let Self { line, guest, under_way } = self;
        match message {
            ToCollector::Hello(_) => Err(Farewell::OutOfTurn.into()),
            ToCollector::Renew => Ok(ToAgent::Renewal(line.meanwhile(guest.renew()).await??)),
            ToCollector::Ping => Ok(ToAgent::Pong),
            ToCollector::Submit(batch) => {
                let work = guest.outcomes(batch, Purpose::Count, clock::now_ms());
                Ok(ToAgent::Outcomes(line.meanwhile(work).await??))
            }
            ToCollector::Rehearse(batch) => {
                let work = guest.outcomes(batch, Purpose::Rehearse, clock::now_ms());
                Ok(ToAgent::Outcomes(line.meanwhile(work).await??))
            }
            ToCollector::Carry(batch) => {
                let work = guest.outcomes(batch, Purpose::Carry, clock::now_ms());
                Ok(ToAgent::Outcomes(line.meanwhile(work).await??))
            }
            ToCollector::Accuse(accusation) => {
                line.meanwhile(guest.accused(accusation)).await??;
                Ok(ToAgent::Agreed)
            }
            ToCollector::Witnessed(wanted) => {
                let work = guest.witnessed(wanted);
                Ok(ToAgent::Witnessed(line.meanwhile(work).await??))
            }
            ToCollector::Look(look) => Ok(ToAgent::Notices(guest.look(&look)?)),
            ToCollector::Offer(offer) => {
                let station = guest.speaker()?;
                let form = guest.ledger().logged_at(station, offer.form);
                let work = guest.collector.photos.offered(station, form, offer, under_way);
                Ok(ToAgent::Photo(line.meanwhile(work).await?))
            }
            ToCollector::Chunk(chunk) => {
                let station = guest.speaker()?;
                let bytes = chunk.bytes.len();
                let work = guest.collector.photos.sent(station, chunk, under_way);
                let answer = line.meanwhile(work).await??;
                if matches!(answer, PhotoAnswer::Wanted { .. } | PhotoAnswer::Whole) {
                    guest.collector.metrics.photo_grew(bytes);
                }
                Ok(ToAgent::Photo(answer))
            }
        }
    }
}

impl Guest<'_> {
    /// The roster's word on this device.
    fn voice(&self) -> Result<Voice, Farewell> {
        let definition = &self.collector.election.definition;
        let DeviceIdentity { election, station, key, .. } = self.identity;
        if election != definition.head().id {
            return Err(Farewell::OtherElection);
        }
        let voice = Voice::of(&self.ledger(), station, key).ok_or(Farewell::NotEnrolled)?;
        match self.standing {
            Some(Standing::Current) if voice.standing == Standing::Former => Err(Farewell::Revoked),
            _ => Ok(voice),
        }
    }

    /// The station that the device speaks for. Of one that did once no photos are taken.
    fn speaker(&self) -> Result<StationCode, Farewell> {
        let voice = self.voice()?;
        match voice.standing {
            Standing::Current => Ok(voice.station),
            Standing::Former => Err(Farewell::Revoked),
        }
    }

    fn greet(&self, hello: &Hello) {
        let station = self.identity.station;
        let Hello { agent, device_ms, .. } = hello;
        if self.standing == Some(Standing::Former) {
            warn!(%station, agent, device_ms, "a device that was revoked or replaced has connected");
        } else {
            // Devices call every half hour: who was there is in `device list`.
            debug!(%station, agent, device_ms, "a device has connected");
            let key = self.identity.key.to_bytes();
            self.collector.presence.seen(key, agent, *device_ms, clock::now_ms());
        }
    }

    /// New papers for the key that the device has.
    async fn renew(&self) -> Result<Renewal, SessionFault> {
        let station = self.speaker()?;
        let (registrar, now_ms) = (&self.collector.registrar, clock::now_ms());
        match registrar.papers(station, self.identity.key, now_ms).await {
            // What was signed elsewhere may be the certificate that it has.
            Ok(Some(papers))
                if papers.certified_until_ms > self.identity.until_ms
                    || registrar.issuer.signs_here() =>
            {
                info!(%station, "a device has new papers");
                Ok(Renewal::Papers(Box::new(papers)))
            }
            Ok(_) => Ok(Renewal::Later { after_ms: millis(ELSEWHERE) }),
            Err(fault) => {
                warn!(%station, %fault, "a device gets no new papers");
                Ok(Renewal::Later { after_ms: millis(ELSEWHERE) })
            }
        }
    }

    fn ledger(&self) -> RwLockReadGuard<'_, Ledger> {
        self.collector.ledger.read().expect("only a stopped sequencer poisons it")
    }

    async fn outcomes(
        &mut self,
        batch: Batch,
        purpose: Purpose,
        arrived_ms: u64,
    ) -> Result<Outcomes, SessionFault> {
        let Batch { number, known, forms } = batch;
        if forms.len() > MAX_BATCH {
            return Err(Farewell::OversizeBatch.into());
        }
        let many = forms.len();
        let turn = self.collector.turns.take(self.identity.station, many).await;
        // After the wait: a device may be replaced meanwhile.
        let (voice, suspect) = (self.voice()?, self.suspect);
        let signers = if purpose == Purpose::Carry { self.signers(&forms)? } else { Vec::new() };
        let submission = Submission { voice, purpose, signers, suspect, arrived_ms, known, forms };
        Ok(match self.submit(submission, turn).await? {
            Ok(Ok(answered)) => {
                self.note_known(known);
                self.compose(number, answered)
            }
            Ok(Err(Behind { entries })) => {
                self.doubts(known, entries, false);
                return Err(Farewell::RolledBack.into());
            }
            Err(why) => {
                self.collector.metrics.batch_is_deferred(why);
                later(number, many, why)
            }
        })
    }

    /// Who may have signed the forms that the device carries for others.
    fn signers(&self, forms: &[Vec<u8>]) -> Result<Vec<Vec<Voice>>, Farewell> {
        let station = self.speaker()?;
        let stations = carried::stations(forms);
        info!(%station, forms = forms.len(), "a device carries forms of other stations");
        self.collector.metrics.forms_are_carried(forms.len());
        Ok(carried::signers(&self.ledger(), &stations))
    }

    fn note_known(&mut self, known: u64) {
        if self.known.is_none() {
            self.collector.presence.knows(self.identity.key.to_bytes(), known);
            self.known = Some(known);
        }
    }

    /// The device has seen a log of `seen` entries that this one, of `entries`, is not.
    fn doubts(&self, seen: u64, entries: u64, is_proven: bool) {
        let station = self.identity.station;
        if is_proven {
            error!(%station, seen, entries, "station {station} holds a checkpoint of this log that this log contradicts: it was put back to an earlier state, or there are two of it. Get the lost entries back, or begin a new log");
        } else {
            error!(%station, seen, entries, "station {station} has seen more of this log than there is: it was put back to an earlier state. The device takes no receipt of it. Get the lost entries back, or begin a new log");
        }
        self.collector.metrics.log_is_doubted(is_proven);
        let doubt = Doubt { at_ms: clock::now_ms(), entries: seen, is_proven };
        self.collector.presence.doubts(self.identity.key.to_bytes(), doubt);
    }

    /// What the centre has to say of the device's forms. Of a device that spoke for its
    /// station once, nothing.
    fn look(&mut self, look: &Look) -> Result<Notices, Farewell> {
        let code = self.speaker()?;
        self.looks += 1;
        if self.looks > MAX_LOOKS {
            return Err(Farewell::OutOfTurn);
        }
        if look.forms.len() > MAX_NOTICES {
            return Err(Farewell::MalformedMessage);
        }
        let station = self.collector.election.definition.station(code);
        let station = station.ok_or(Farewell::NotEnrolled)?;
        Ok(notices(&self.ledger(), station, look))
    }

    /// The device holds a checkpoint against the log. It is believed if the log's own key
    /// has signed it.
    async fn accused(&mut self, accusation: Accusation) -> Result<(), SessionFault> {
        self.voice()?;
        // The sequencer looks it up: not as often as a device may like.
        if std::mem::replace(&mut self.has_accused, true) {
            return Err(Farewell::OutOfTurn.into());
        }
        let registrar = &self.collector.registrar;
        let opened = registrar.issuer.log_key().open(&accusation.checkpoint);
        let checkpoint = opened.map_err(|fault| {
            let station = self.identity.station;
            warn!(%station, %fault, "a device holds against the log what is no checkpoint of it");
            Farewell::MalformedMessage
        })?;
        let seen = checkpoint.size;
        let (answer, answered) = oneshot::channel();
        let sent = registrar.sequencer.send(Work::Accusation { checkpoint, answer }).await;
        sent.map_err(|_| SessionFault::Unanswered)?;
        let Examined { entries, agrees } = answered.await.map_err(|_| SessionFault::Unanswered)?;
        if agrees {
            return Ok(());
        }
        self.doubts(seen, entries, true);
        let is_behind = entries < seen;
        Err(if is_behind { Farewell::RolledBack } else { Farewell::Contradicted }.into())
    }

    /// Hands the forms to admission and waits for the commit.
    async fn submit(
        &self,
        submission: Submission,
        turn: Turn,
    ) -> Result<Result<Answers, Later>, SessionFault> {
        let (answer, answered) = oneshot::channel();
        match self.collector.admission.try_send(Waiting { submission, answer, turn }) {
            Ok(()) => answered.await.map(Ok).map_err(|_| SessionFault::Unanswered),
            Err(mpsc::error::TrySendError::Full(_)) => Ok(Err(Later::Busy)),
            Err(mpsc::error::TrySendError::Closed(_)) => Ok(Err(Later::Stopping)),
        }
    }

    /// One outcome a form.
    fn compose(&mut self, number: u32, answered: Answered) -> Outcomes {
        let station = self.identity.station;
        let metrics = &self.collector.metrics;
        let mut checkpoints = Vec::new();
        let Answered { forms, links } = answered;
        let outcomes = forms.into_iter().map(|answer| match answer {
            Err(Refused { refusal, mut detail }) => {
                warn!(%station, refusal = refusal.code(), detail, "a form is refused");
                metrics.form_is_refused(refusal);
                self.suspect |= refusal == Refusal::BadSignature;
                truncate(&mut detail, MAX_DETAIL);
                Outcome::Refused { refusal, detail }
            }
            Ok(Answer { receipt, standing, resubmitted, .. }) => {
                debug!(%station, index = receipt.index, ?standing, resubmitted, "a form is in the log");
                metrics.form_is_logged(resubmitted);
                let checkpoint = position_of(&mut checkpoints, receipt.checkpoint);
                let (index, arrived_ms, proof) = (receipt.index, receipt.arrived_ms, receipt.proof);
                Outcome::Logged(Logged { index, arrived_ms, proof, checkpoint, standing })
            }
        });
        let outcomes = outcomes.collect();
        Outcomes { number, checkpoints, links, outcomes }
    }
}

/// All of a batch is to come again.
fn later(number: u32, forms: usize, why: Later) -> Outcomes {
    let after_ms = u32::try_from(BUSY.as_millis()).unwrap_or(u32::MAX);
    let outcomes = vec![Outcome::Later { after_ms, why }; forms];
    Outcomes { number, checkpoints: Vec::new(), links: Vec::new(), outcomes }
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
