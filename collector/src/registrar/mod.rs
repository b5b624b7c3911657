//! The registrar: gives a device that shows a code its papers. One short conversation over
//! TLS without a client certificate (see [`saksi_proto::enrolment`]).
//!
//! A device with a wrong code is a guesser until the contrary is shown: what it may ask is
//! counted ([`rate`]). The roster is changed by the sequencer alone, and papers are made
//! after its commit.

pub mod desk;
pub mod rate;

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use saksi_proto::VerifyingKey;
use saksi_proto::bundle::Papers;
use saksi_proto::codec::DecodeFault;
use saksi_proto::enrolment::{Application, EnrolRefusal, FromRegistrar, ToRegistrar};
use saksi_proto::entry::CodeTag;
use saksi_proto::frame::frame;
use saksi_proto::ids::StationCode;
use saksi_proto::message::{decode_message, encode_message};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::changes::{Change, ChangeFault};
use crate::clock;
use crate::codes::CodeKey;
use crate::device::{IssueFault, Issuer};
use crate::election::Election;
use crate::ledger::Ledger;
use crate::presence::Presence;
use crate::sequencer::Work;
use desk::Way;
use rate::Rates;

/// Threads that make papers: at 100 µs each, 10,000 devices a second.
pub const HANDS: usize = 1;

/// Longest message of a device: an application has less than 400 bytes.
const MAX_MESSAGE: u32 = 4 * 1024;

/// Most messages of a conversation: two of them, and some that were mistyped.
const MAX_MESSAGES: usize = 8;

/// Longest conversation: a person compares the station's name meanwhile.
const PATIENCE: Duration = Duration::from_secs(120);

/// When a device comes again that found too much to do here.
const BUSY: Duration = Duration::from_secs(2);

/// When a device comes again whose certificate is signed elsewhere: files are carried.
pub(crate) const ELSEWHERE: Duration = Duration::from_secs(5 * 60);

/// Gives devices their papers.
pub struct Registrar {
    /// The election.
    pub election: Arc<Election>,
    /// Read here for codes; written by the sequencer.
    pub ledger: Arc<RwLock<Ledger>>,
    /// The way into the log.
    pub sequencer: mpsc::Sender<Work>,
    /// What codes are looked up with.
    pub codes: CodeKey,
    /// Makes papers.
    pub issuer: Arc<Issuer>,
    /// Wrong codes of late.
    pub rates: Mutex<Rates>,
    /// Bounds the threads that make papers to [`HANDS`].
    pub hands: Semaphore,
    /// Told until when certificates last.
    pub presence: Arc<Presence>,
    /// Cancelled when the collector is being stopped.
    pub stopping: CancellationToken,
}

/// Why a conversation ended, when not by the device's own goodbye.
#[derive(Debug, thiserror::Error)]
pub enum RegistrarFault {
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Connection(#[from] std::io::Error),
    /// What came is no message.
    #[error("not a message of a device that enrols: {0}")]
    Malformed(#[from] DecodeFault),
    /// It took too long.
    #[error("it took longer than {} s", PATIENCE.as_secs())]
    Late,
    /// The sequencer is gone; nothing can be acknowledged.
    #[error("the sequencer has stopped")]
    Unanswered,
    /// Papers cannot be made.
    #[error(transparent)]
    Issue(#[from] IssueFault),
}

/// Speaks with one device that enrols.
///
/// # Errors
/// [`RegistrarFault`], for the log.
pub async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    from: IpAddr,
    registrar: &Registrar,
) -> Result<(), RegistrarFault> {
    let conversation = async {
        for _ in 0..MAX_MESSAGES {
            let Some(message) = receive(&mut stream).await? else { break };
            let answer = registrar.answer(message, from).await?;
            let bytes = frame(&encode_message(&answer))?;
            stream.write_all(&bytes).await?;
            stream.flush().await?;
        }
        Ok(stream.shutdown().await?)
    };
    tokio::select! {
        ended = tokio::time::timeout(PATIENCE, conversation) => {
            ended.unwrap_or(Err(RegistrarFault::Late))
        }
        () = registrar.stopping.cancelled() => Ok(()),
    }
}

/// The next message, or `None` when the device has closed the connection.
async fn receive<S: AsyncRead + Unpin>(
    stream: &mut S,
) -> Result<Option<ToRegistrar>, RegistrarFault> {
    let length = match stream.read_u32().await {
        Ok(length) => length,
        Err(fault) if fault.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(fault) => return Err(fault.into()),
    };
    let size = length as usize;
    if length > MAX_MESSAGE {
        return Err(DecodeFault::Oversize { size, limit: MAX_MESSAGE as usize }.into());
    }
    let mut payload = vec![0; size];
    stream.read_exact(&mut payload).await?;
    Ok(Some(decode_message(&payload)?))
}

pub(crate) fn millis(time: Duration) -> u32 {
    u32::try_from(time.as_millis()).unwrap_or(u32::MAX)
}

fn later(time: Duration) -> FromRegistrar {
    FromRegistrar::Later { after_ms: millis(time) }
}

impl Registrar {
    async fn answer(
        &self,
        message: ToRegistrar,
        from: IpAddr,
    ) -> Result<FromRegistrar, RegistrarFault> {
        let now_ms = clock::now_ms();
        let application = match message {
            ToRegistrar::Ask { code, station } => {
                let tag = self.codes.tag(&code);
                let offered =
                    self.look(from, now_ms, |ledger| desk::offer(ledger, tag, station, now_ms));
                return Ok(offered.map_or_else(|answer| answer, FromRegistrar::Station));
            }
            ToRegistrar::Apply(application) => application,
        };
        let station = application.station;
        let tag = self.codes.tag(&application.code);
        // Before the signature: a guess shall cost us no more than a look.
        let known = self.look(from, now_ms, |ledger| {
            ledger.roster.code(&tag).map(|_| ()).ok_or(EnrolRefusal::UnknownCode)
        });
        let answer = match known {
            Ok(()) => self.apply(&application, tag, now_ms).await?,
            Err(answer) => answer,
        };
        match &answer {
            FromRegistrar::Papers(_) => info!(%from, %station, "a device is enrolled"),
            FromRegistrar::Refused(refusal) => {
                warn!(%from, %station, refusal = refusal.code(), "a device is not enrolled");
            }
            _ => {}
        }
        Ok(answer)
    }

    /// Looks at a code, unless too many from there or in all were wrong. Nobody else looks
    /// meanwhile, so that many connections find no more than one.
    fn look<T>(
        &self,
        from: IpAddr,
        now_ms: u64,
        at: impl FnOnce(&Ledger) -> Result<T, EnrolRefusal>,
    ) -> Result<T, FromRegistrar> {
        // What a panic left behind is counted numbers, and as good as any.
        let mut rates = self.rates.lock().unwrap_or_else(PoisonError::into_inner);
        rates.admit(from, now_ms).map_err(later)?;
        let ledger = self.ledger.read().expect("only a stopped sequencer poisons it");
        at(&ledger).map_err(|refusal| {
            if refusal == EnrolRefusal::UnknownCode {
                rates.count_wrong(from, now_ms);
                warn!(%from, "a code that was not given out, or was withdrawn");
            }
            FromRegistrar::Refused(refusal)
        })
    }

    async fn apply(
        &self,
        application: &Application,
        tag: CodeTag,
        now_ms: u64,
    ) -> Result<FromRegistrar, RegistrarFault> {
        if let Err(refusal) = desk::examine(application, self.issuer.authority(), Way::Line) {
            return Ok(FromRegistrar::Refused(refusal));
        }
        let (station, key) = (application.station, application.key.0);
        let change = Change::Apply { tag, station, key, at_ms: now_ms };
        let (answer, answered) = oneshot::channel();
        match self.sequencer.try_send(Work::Change { change, answer }) {
            Ok(()) => {}
            Err(mpsc::error::TrySendError::Full(_)) => return Ok(later(BUSY)),
            Err(mpsc::error::TrySendError::Closed(_)) => return Err(RegistrarFault::Unanswered),
        }
        match answered.await.map_err(|_| RegistrarFault::Unanswered)? {
            Ok(_) => {}
            Err(ChangeFault::Refused(refusal)) => return Ok(FromRegistrar::Refused(refusal)),
            // A key that no key generation makes.
            Err(_) => return Ok(FromRegistrar::Refused(EnrolRefusal::BadApplication)),
        }
        let Ok(key) = VerifyingKey::from_bytes(&key) else {
            return Ok(FromRegistrar::Refused(EnrolRefusal::BadApplication));
        };
        let papers = self.papers(station, key, now_ms).await?;
        Ok(papers.map_or(FromRegistrar::Waiting { after_ms: millis(ELSEWHERE) }, |papers| {
            FromRegistrar::Papers(Box::new(papers))
        }))
    }

    /// Papers for the key of a station's device; `None` while its certificate is to be
    /// signed elsewhere.
    ///
    /// # Errors
    /// [`RegistrarFault::Issue`].
    pub async fn papers(
        &self,
        station: StationCode,
        key: VerifyingKey,
        now_ms: u64,
    ) -> Result<Option<Papers>, RegistrarFault> {
        let hand = self.hands.acquire().await.map_err(|_| RegistrarFault::Unanswered)?;
        let (issuer, election) = (Arc::clone(&self.issuer), Arc::clone(&self.election));
        let made = tokio::task::spawn_blocking(move || {
            let definition = &election.definition;
            let position = definition.station(station);
            let made = position.map(|at| issuer.papers(definition, at, &key, now_ms));
            Ok::<_, IssueFault>(made.transpose()?.flatten())
        });
        let papers = made.await.map_err(|_| RegistrarFault::Unanswered)??;
        drop(hand);
        if let Some(papers) = &papers {
            self.presence.certified(key.to_bytes(), papers.certified_until_ms);
        }
        Ok(papers)
    }
}
