//! The protocol's turns over a connection that stands.

use std::time::Duration;

use saksi_proto::frame::{Frames, frame};
use saksi_proto::message::{
    Batch, Hello, Outcomes, ToAgent, ToCollector, Welcome, decode_message, encode_message,
};
use saksi_proto::photo::PhotoAnswer;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use super::fault::LinkFault;
use super::link::within;

/// For what is sent and its answer. A batch of 64 KiB takes 26 s at 20 kbit/s (2G in
/// the country), which leaves half a minute for the commit and the way back.
const ANSWER: Duration = Duration::from_secs(60);

/// For a farewell that nobody needs.
const CLOSE: Duration = Duration::from_secs(2);

/// One read: an answer to a station's five forms is about 4 KiB.
const READ: usize = 4 * 1024;

/// A session with a collector.
pub(super) struct Session<S> {
    stream: S,
    frames: Frames,
    /// Number of the last batch.
    number: u32,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// Says hello and waits for the welcome.
    pub(super) async fn begin(stream: S, hello: Hello) -> Result<(Self, Welcome), LinkFault> {
        let mut session = Self { stream, frames: Frames::default(), number: 0 };
        session.send(&ToCollector::Hello(hello)).await?;
        match session.receive().await? {
            ToAgent::Welcome(welcome) => Ok((session, welcome)),
            ToAgent::Farewell(farewell) => Err(LinkFault::Farewell(farewell)),
            _ => Err(LinkFault::OutOfTurn("something else than a welcome")),
        }
    }

    /// Hands forms to the collector.
    pub(super) async fn submit(&mut self, forms: Vec<Vec<u8>>) -> Result<(), LinkFault> {
        self.number = self.number.wrapping_add(1);
        self.send(&ToCollector::Submit(Batch { number: self.number, forms })).await
    }

    /// Waits for the answers to the `forms` forms of the last batch.
    pub(super) async fn outcomes(&mut self, forms: usize) -> Result<Outcomes, LinkFault> {
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
    pub(super) async fn photo(&mut self, message: &ToCollector) -> Result<PhotoAnswer, LinkFault> {
        self.send(message).await?;
        match self.receive().await? {
            ToAgent::Photo(answer) => Ok(answer),
            ToAgent::Farewell(farewell) => Err(LinkFault::Farewell(farewell)),
            _ => Err(LinkFault::OutOfTurn("something else than a photo's answer")),
        }
    }

    /// Ends the session with a close_notify. Everything was answered, so a link that
    /// fails now takes nothing away.
    pub(super) async fn end(mut self) {
        match within(CLOSE, "the goodbye", self.stream.shutdown()).await {
            Ok(Ok(())) => {}
            Ok(Err(fault)) => tracing::debug!(%fault, "the session was not closed cleanly"),
            Err(fault) => tracing::debug!(%fault, "the session was not closed cleanly"),
        }
    }

    async fn send(&mut self, message: &ToCollector) -> Result<(), LinkFault> {
        let frame = frame(&encode_message(message))?;
        let write = async {
            self.stream.write_all(&frame).await?;
            self.stream.flush().await
        };
        match within(ANSWER, "sending", write).await? {
            Ok(()) => Ok(()),
            // The collector may have said why before it closed.
            Err(fault) => match self.receive().await {
                Ok(ToAgent::Farewell(farewell)) => Err(LinkFault::Farewell(farewell)),
                Err(LinkFault::Stream(said)) if is_tls(&said) => Err(LinkFault::Stream(said)),
                Ok(_) | Err(_) => Err(LinkFault::Stream(fault)),
            },
        }
    }

    async fn receive(&mut self) -> Result<ToAgent, LinkFault> {
        let payload = within(ANSWER, "the answer", self.next_frame()).await??;
        Ok(decode_message(&payload)?)
    }

    async fn next_frame(&mut self) -> Result<Vec<u8>, LinkFault> {
        loop {
            if let Some(payload) = self.frames.next_frame()? {
                return Ok(payload);
            }
            let mut bytes = [0; READ];
            match self.stream.read(&mut bytes).await? {
                0 => return Err(LinkFault::Ended),
                received => self.frames.receive(&bytes[..received]),
            }
        }
    }
}

fn is_tls(fault: &std::io::Error) -> bool {
    fault.get_ref().is_some_and(|inner| inner.is::<rustls::Error>())
}
