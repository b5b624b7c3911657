//! A device's connection as messages. While the collector works on one, a ping is
//! answered at once: the device can tell a long commit from a connection that is gone.
//!
//! The collector itself asks nobody. It waits for no answer, and a device that is gone
//! costs a slot until the limit of silence ends its session.

use std::future::poll_fn;
use std::mem::MaybeUninit;
use std::pin::{Pin, pin};
use std::task::{Poll, ready};
use std::time::Duration;

use saksi_proto::codec::DecodeFault;
use saksi_proto::frame::{Frames, frame};
use saksi_proto::message::{ToAgent, ToCollector, decode_message, encode_message};
use saksi_proto::refusal::Farewell;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::session::SessionFault;

/// Bytes read at a time: one TLS record.
const READ: usize = 16 * 1024;

/// A message; nothing when the device has closed the connection.
type Received = Result<Option<ToCollector>, SessionFault>;

/// A connection with a device.
pub(crate) struct Line<S> {
    stream: S,
    frames: Frames,
    /// Came while the collector was at work; to be taken next.
    held: Option<Received>,
    /// Time without a message, or for sending one.
    silence: Duration,
    stopping: CancellationToken,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Line<S> {
    pub(crate) fn new(stream: S, silence: Duration, stopping: CancellationToken) -> Self {
        Self { stream, frames: Frames::default(), held: None, silence, stopping }
    }

    /// Does some work, and answers pings meanwhile. Another message waits for its turn.
    pub(crate) async fn meanwhile<T>(
        &mut self,
        work: impl Future<Output = T>,
    ) -> Result<T, SessionFault> {
        let mut work = pin!(work);
        while self.held.is_none() {
            // Without a limit, and whether or not the collector is being stopped: the work
            // is the one to end.
            let received = tokio::select! {
                biased;
                done = &mut work => return Ok(done),
                received = self.next() => received,
            };
            match received {
                Ok(Some(ToCollector::Ping)) => self.send(&ToAgent::Pong).await?,
                other => self.held = Some(other),
            }
        }
        Ok(work.await)
    }

    /// The next message, or `None` when the device has closed the connection.
    pub(crate) async fn receive(&mut self, patience: Duration) -> Received {
        if let Some(held) = self.held.take() {
            return held;
        }
        loop {
            if let Some(message) = self.message()? {
                return Ok(Some(message));
            }
            let read = timeout(patience, read_some(&mut self.stream, &mut self.frames));
            let received = tokio::select! {
                received = read => received,
                () = self.stopping.cancelled() => return Err(Farewell::Stopping.into()),
            };
            match received {
                Err(_) => return Err(Farewell::Silent.into()),
                Ok(Ok(0)) => return Ok(None),
                Ok(Ok(_)) => {}
                Ok(Err(fault)) => return Err(fault.into()),
            }
        }
    }

    async fn next(&mut self) -> Received {
        loop {
            if let Some(message) = self.message()? {
                return Ok(Some(message));
            }
            if read_some(&mut self.stream, &mut self.frames).await? == 0 {
                return Ok(None);
            }
        }
    }

    /// The next message of what was read.
    fn message(&mut self) -> Result<Option<ToCollector>, Farewell> {
        let payload = self.frames.next_frame().map_err(|_| Farewell::OversizeFrame)?;
        let message = payload.map(|payload| decode_message(&payload)).transpose();
        message.map_err(|fault| match fault {
            DecodeFault::UnknownVersion { .. } => Farewell::UnknownVersion,
            _ => Farewell::MalformedMessage,
        })
    }

    pub(crate) async fn send(&mut self, message: &ToAgent) -> Result<(), SessionFault> {
        let payload = encode_message(message);
        let bytes = frame(&payload).expect("MAX_FRAME holds the outcomes of MAX_BATCH forms");
        let write = async {
            self.stream.write_all(&bytes).await?;
            self.stream.flush().await
        };
        match timeout(self.silence, write).await {
            Ok(written) => Ok(written?),
            Err(_) => Err(Farewell::Silent.into()),
        }
    }

    /// Ends the connection. The device may be gone already; then nobody needs to be told.
    pub(crate) async fn end(&mut self, farewell: Option<Farewell>) {
        if let Some(farewell) = farewell {
            drop(self.send(&ToAgent::Farewell(farewell)).await);
        }
        drop(self.stream.shutdown().await);
    }
}

/// Reads what is there, and says how much. The buffer lives only while something is
/// read: a session that waits, and 10,000 may, holds none.
async fn read_some<S: AsyncRead + Unpin>(
    stream: &mut S,
    frames: &mut Frames,
) -> std::io::Result<usize> {
    poll_fn(|context| {
        // Not zeroed: most looks find nothing.
        let mut bytes = [const { MaybeUninit::uninit() }; READ];
        let mut read = ReadBuf::uninit(&mut bytes);
        ready!(Pin::new(&mut *stream).poll_read(context, &mut read))?;
        frames.receive(read.filled());
        Poll::Ready(Ok(read.filled().len()))
    })
    .await
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, DuplexStream, duplex};
    use tokio::sync::oneshot;

    use super::*;

    const SILENCE: Duration = Duration::from_secs(120);

    fn line() -> (Line<DuplexStream>, DuplexStream) {
        let (ours, theirs) = duplex(64 * 1024);
        (Line::new(ours, SILENCE, CancellationToken::new()), theirs)
    }

    /// Both, or a failure: a pong that does not come is not waited for.
    async fn both<A, B>(work: impl Future<Output = A>, talk: impl Future<Output = B>) -> (A, B) {
        let both = async { tokio::join!(work, talk) };
        timeout(Duration::from_secs(20), both).await.expect("an answer in time")
    }

    async fn say(device: &mut DuplexStream, message: &ToCollector) {
        device.write_all(&frame(&encode_message(message)).unwrap()).await.unwrap();
    }

    async fn answer(device: &mut DuplexStream) -> ToAgent {
        let length = device.read_u32().await.unwrap();
        let mut payload = vec![0; length as usize];
        device.read_exact(&mut payload).await.unwrap();
        decode_message(&payload).unwrap()
    }

    #[tokio::test]
    async fn t15_a_ping_is_answered_while_something_else_is_under_way() {
        let (mut line, mut device) = line();
        let (finish, finished) = oneshot::channel();
        let working = line.meanwhile(async { finished.await.unwrap() });
        let asking = async {
            for _ in 0..3 {
                say(&mut device, &ToCollector::Ping).await;
                assert_eq!(answer(&mut device).await, ToAgent::Pong);
            }
            finish.send(7).unwrap();
        };
        let (done, ()) = both(working, asking).await;
        assert_eq!(done.unwrap(), 7);
    }

    #[tokio::test]
    async fn what_comes_while_something_is_under_way_is_not_lost() {
        let (mut line, mut device) = line();
        let (finish, finished) = oneshot::channel();
        let working = line.meanwhile(async { finished.await.unwrap() });
        let talking = async {
            say(&mut device, &ToCollector::Ping).await;
            let batch = saksi_proto::message::Batch { number: 5, known: 0, forms: Vec::new() };
            say(&mut device, &ToCollector::Submit(batch)).await;
            assert_eq!(answer(&mut device).await, ToAgent::Pong);
            drop(device);
            finish.send(()).unwrap();
        };
        both(working, talking).await.0.unwrap();
        let next = line.receive(SILENCE).await.unwrap();
        assert!(matches!(next, Some(ToCollector::Submit(batch)) if batch.number == 5));
        assert!(line.receive(SILENCE).await.unwrap().is_none(), "then it was closed");
    }
}
