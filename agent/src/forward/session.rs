//! The protocol's turns over a connection that stands.

use std::time::Duration;

use saksi_proto::frame::{Frames, frame};
use saksi_proto::message::{
    Accusation, Batch, Hello, Outcomes, Renewal, ToAgent, ToCollector, Welcome, decode_message,
    encode_message,
};
use saksi_proto::notice::{Look, Notices};
use saksi_proto::photo::PhotoAnswer;
use saksi_proto::witnessed::{Cosigned, ReceiptsWanted};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::{Instant, timeout_at};

use super::fault::LinkFault;
use super::link::within;

/// Silence after which the collector is asked whether it is there. A commit takes
/// milliseconds; a busy collector some seconds.
const ASK_AFTER: Duration = Duration::from_secs(10);

/// Silence after which it is not, asked or not; also the longest time for sending. A
/// batch of 64 KiB takes 26 s at 20 kbit/s (2G in the country), and what was asked waits
/// behind it. The kernel notices a vanished network sooner, in 30 to 40 s; this notices
/// what the kernel cannot: a process that hangs, a proxy whose other side is gone.
const GONE_AFTER: Duration = Duration::from_secs(45);

/// Longest wait for one answer of a collector that says that it is there.
const ANSWER: Duration = Duration::from_secs(120);

/// For a farewell that nobody needs.
const CLOSE: Duration = Duration::from_secs(2);

/// One read: an answer to a station's five forms is about 4 KiB.
const READ: usize = 4 * 1024;

/// A session with a collector.
pub(crate) struct Session<S> {
    stream: S,
    frames: Frames,
    /// Number of the last batch.
    number: u32,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// Says hello and waits for the welcome.
    pub(crate) async fn begin(stream: S, hello: Hello) -> Result<(Self, Welcome), LinkFault> {
        let mut session = Self { stream, frames: Frames::default(), number: 0 };
        session.send(&ToCollector::Hello(hello)).await?;
        match session.receive().await? {
            ToAgent::Welcome(welcome) => Ok((session, welcome)),
            ToAgent::Farewell(farewell) => Err(LinkFault::Farewell(farewell)),
            _ => Err(LinkFault::OutOfTurn("something else than a welcome")),
        }
    }

    /// Hands forms to the collector.
    pub(crate) async fn submit(
        &mut self,
        known: u64,
        forms: Vec<Vec<u8>>,
    ) -> Result<(), LinkFault> {
        self.number = self.number.wrapping_add(1);
        self.send(&ToCollector::Submit(Batch { number: self.number, known, forms })).await
    }

    /// Hands rehearsal forms to the collector.
    pub(crate) async fn rehearse(
        &mut self,
        known: u64,
        forms: Vec<Vec<u8>>,
    ) -> Result<(), LinkFault> {
        self.number = self.number.wrapping_add(1);
        self.send(&ToCollector::Rehearse(Batch { number: self.number, known, forms })).await
    }

    /// Hands over forms that are carried for other stations.
    pub(crate) async fn carry(&mut self, known: u64, forms: Vec<Vec<u8>>) -> Result<(), LinkFault> {
        self.number = self.number.wrapping_add(1);
        self.send(&ToCollector::Carry(Batch { number: self.number, known, forms })).await
    }

    /// Holds a signed checkpoint against the collector's log.
    ///
    /// # Errors
    /// A farewell, if the log contradicts it.
    pub(crate) async fn accuse(&mut self, note: &str) -> Result<(), LinkFault> {
        let accusation = Accusation { checkpoint: note.to_owned() };
        self.send(&ToCollector::Accuse(accusation)).await?;
        match self.receive().await? {
            ToAgent::Agreed => Ok(()),
            ToAgent::Farewell(farewell) => Err(LinkFault::Farewell(farewell)),
            _ => Err(LinkFault::OutOfTurn("something else than a word on the checkpoint")),
        }
    }

    /// Asks what the centre has to say of some forms.
    pub(crate) async fn look(&mut self, look: Look) -> Result<Notices, LinkFault> {
        self.send(&ToCollector::Look(look)).await?;
        match self.receive().await? {
            ToAgent::Notices(notices) => Ok(notices),
            ToAgent::Farewell(farewell) => Err(LinkFault::Farewell(farewell)),
            _ => Err(LinkFault::OutOfTurn("something else than notices")),
        }
    }

    /// Asks for new papers.
    pub(crate) async fn renew(&mut self) -> Result<Renewal, LinkFault> {
        self.send(&ToCollector::Renew).await?;
        match self.receive().await? {
            ToAgent::Renewal(renewal) => Ok(renewal),
            ToAgent::Farewell(farewell) => Err(LinkFault::Farewell(farewell)),
            _ => Err(LinkFault::OutOfTurn("something else than papers")),
        }
    }

    /// Asks for receipts that lead to a cosigned checkpoint.
    pub(crate) async fn witnessed(
        &mut self,
        wanted: ReceiptsWanted,
    ) -> Result<Cosigned, LinkFault> {
        self.send(&ToCollector::Witnessed(wanted)).await?;
        match self.receive().await? {
            ToAgent::Witnessed(cosigned) => Ok(cosigned),
            ToAgent::Farewell(farewell) => Err(LinkFault::Farewell(farewell)),
            _ => Err(LinkFault::OutOfTurn("something else than cosigned receipts")),
        }
    }

    /// Waits for the answers to the `forms` forms of the last batch.
    pub(crate) async fn outcomes(&mut self, forms: usize) -> Result<Outcomes, LinkFault> {
        match self.receive().await? {
            ToAgent::Outcomes(outcomes) if outcomes.number != self.number => {
                Err(LinkFault::OutOfTurn("outcomes of another batch"))
            }
            ToAgent::Outcomes(outcomes) if outcomes.outcomes.len() != forms => {
                Err(LinkFault::OutOfTurn("more or fewer outcomes than forms"))
            }
            ToAgent::Outcomes(outcomes) => Ok(outcomes),
            ToAgent::Farewell(farewell) => Err(LinkFault::Farewell(farewell)),
            _ => Err(LinkFault::OutOfTurn("something else than outcomes")),
        }
    }

    /// Offers a photo or sends a chunk of it, and waits for the answer.
    pub(crate) async fn photo(&mut self, message: &ToCollector) -> Result<PhotoAnswer, LinkFault> {
        self.send(message).await?;
        match self.receive().await? {
            ToAgent::Photo(answer) => Ok(answer),
            ToAgent::Farewell(farewell) => Err(LinkFault::Farewell(farewell)),
            _ => Err(LinkFault::OutOfTurn("something else than a photo's answer")),
        }
    }

    /// Ends the session with a close_notify. Everything was answered, so a link that
    /// fails now takes nothing away.
    pub(crate) async fn end(mut self) {
        match within(CLOSE, "the goodbye", self.stream.shutdown()).await {
            Ok(Ok(())) => {}
            Ok(Err(fault)) => tracing::debug!(%fault, "the session was not closed cleanly"),
            Err(fault) => tracing::debug!(%fault, "the session was not closed cleanly"),
        }
    }

    async fn send(&mut self, message: &ToCollector) -> Result<(), LinkFault> {
        match within(GONE_AFTER, "sending", self.write(message)).await? {
            Err(LinkFault::Stream(fault)) => match self.receive().await {
                // The collector may have said why before it closed.
                Ok(ToAgent::Farewell(farewell)) => Err(LinkFault::Farewell(farewell)),
                Err(LinkFault::Stream(said)) if is_tls(&said) => Err(LinkFault::Stream(said)),
                Ok(_) | Err(_) => Err(LinkFault::Stream(fault)),
            },
            sent => sent,
        }
    }

    async fn write(&mut self, message: &ToCollector) -> Result<(), LinkFault> {
        let frame = frame(&encode_message(message))?;
        self.stream.write_all(&frame).await?;
        Ok(self.stream.flush().await?)
    }

    /// The next message that is not a pong. While there is silence, asks whether the
    /// collector is there.
    async fn receive(&mut self) -> Result<ToAgent, LinkFault> {
        let mut waiting = Waiting::from(Instant::now());
        loop {
            while let Some(payload) = self.frames.next_frame()? {
                match decode_message(&payload)? {
                    ToAgent::Pong => {}
                    message => return Ok(message),
                }
            }
            let mut bytes = [0; READ];
            match timeout_at(waiting.until(), self.stream.read(&mut bytes)).await {
                Ok(read) => match read? {
                    0 => return Err(LinkFault::Ended),
                    received => self.frames.receive(&bytes[..received]),
                },
                Err(_) if waiting.may_ask() => {
                    waiting.asked = true;
                    let ask = timeout_at(waiting.until(), self.write(&ToCollector::Ping));
                    ask.await.map_err(|_| waiting.fault())??;
                    continue;
                }
                Err(_) => return Err(waiting.fault()),
            }
            waiting = Waiting { began: waiting.began, ..Waiting::from(Instant::now()) };
        }
    }
}

/// Waiting for one answer. Pure: it is told the time.
struct Waiting {
    began: Instant,
    /// When something came last.
    heard: Instant,
    /// Whether the collector was asked since then.
    asked: bool,
}

impl Waiting {
    fn from(now: Instant) -> Self {
        Self { began: now, heard: now, asked: false }
    }

    /// When it is time to do something, if nothing comes.
    fn until(&self) -> Instant {
        let silence = if self.asked { GONE_AFTER } else { ASK_AFTER };
        (self.heard + silence).min(self.began + ANSWER)
    }

    /// Whether it is time to ask, and not to give up.
    fn may_ask(&self) -> bool {
        !self.asked && self.until() < self.began + ANSWER
    }

    fn fault(&self) -> LinkFault {
        let limit = if self.asked { GONE_AFTER } else { ANSWER };
        LinkFault::TimedOut { step: "the answer", limit }
    }
}

fn is_tls(fault: &std::io::Error) -> bool {
    fault.get_ref().is_some_and(|inner| inner.is::<rustls::Error>())
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use saksi_proto::digest::Digest;
    use tokio::io::{DuplexStream, duplex};

    use super::*;

    /// A collector that welcomes, answers pings or does not, and answers a batch after
    /// so long. Gives the number of pings.
    async fn collector(mut stream: DuplexStream, pongs: bool, answer: Duration) -> usize {
        let (mut frames, mut pings, mut answer_at) = (Frames::default(), 0, None);
        loop {
            let mut bytes = [0; READ];
            let late = Instant::now() + Duration::from_secs(86_400);
            let read = timeout_at(answer_at.unwrap_or(late), stream.read(&mut bytes)).await;
            match read {
                Ok(Ok(0)) | Ok(Err(_)) => return pings,
                Ok(Ok(read)) => frames.receive(&bytes[..read]),
                Err(_) => {
                    let (checkpoints, links, outcomes) = (Vec::new(), Vec::new(), Vec::new());
                    answer_at = None;
                    say(
                        &mut stream,
                        &ToAgent::Outcomes(Outcomes { number: 1, checkpoints, links, outcomes }),
                    )
                    .await;
                }
            }
            while let Some(payload) = frames.next_frame().unwrap() {
                match decode_message(&payload).unwrap() {
                    ToCollector::Hello(_) => {
                        say(&mut stream, &ToAgent::Welcome(Welcome { now_ms: 1 })).await;
                    }
                    ToCollector::Ping => {
                        pings += 1;
                        if pongs {
                            say(&mut stream, &ToAgent::Pong).await;
                        }
                    }
                    _ => answer_at = Some(Instant::now() + answer),
                }
            }
        }
    }

    async fn say(stream: &mut DuplexStream, message: &ToAgent) {
        stream.write_all(&frame(&encode_message(message)).unwrap()).await.unwrap();
    }

    /// What becomes of a batch, after how many seconds, and the pings until then.
    async fn submit(pongs: bool, answer_s: u64) -> (Result<Outcomes, LinkFault>, u64, usize) {
        let (ours, theirs) = duplex(64 * 1024);
        let collector = tokio::spawn(collector(theirs, pongs, Duration::from_secs(answer_s)));
        let hello = Hello { election: Digest([3; 32]), agent: String::new(), device_ms: 0 };
        let (mut session, _) = Session::begin(ours, hello).await.unwrap();
        let began = Instant::now();
        session.submit(0, Vec::new()).await.unwrap();
        let outcomes = session.outcomes(0).await;
        drop(session);
        (outcomes, began.elapsed().as_secs(), collector.await.unwrap())
    }

    fn timed_out(outcomes: &Result<Outcomes, LinkFault>) -> bool {
        matches!(outcomes, Err(LinkFault::TimedOut { .. }))
    }

    #[tokio::test(start_paused = true)]
    async fn t15_a_collector_that_is_silent_is_noticed_in_well_under_a_minute() {
        const NOTICED: Range<u64> = 40..50;
        let (outcomes, after, pings) = submit(false, 1_000).await;
        assert!(timed_out(&outcomes), "{outcomes:?}");
        assert!(NOTICED.contains(&after), "after {after} s");
        assert_eq!(pings, 1, "it was asked");
    }

    #[tokio::test(start_paused = true)]
    async fn t15_a_collector_that_is_slow_and_says_that_it_is_there_is_waited_for() {
        let (outcomes, after, pings) = submit(true, 95).await;
        assert!(outcomes.is_ok(), "{outcomes:?}");
        assert_eq!((after, pings), (95, 9));
        let (outcomes, after, pings) = submit(true, 9).await;
        assert!(outcomes.is_ok() && after == 9 && pings == 0, "nobody is asked without need");
        let (outcomes, after, _) = submit(true, 1_000).await;
        assert!(timed_out(&outcomes) && after == ANSWER.as_secs(), "not for ever: {after} s");
    }
}
