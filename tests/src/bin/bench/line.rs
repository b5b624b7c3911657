//! A device's connection, greeted and ready to ask.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::ready;

use anyhow::Context as _;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, HandshakeKind};
use saksi_proto::digest::Digest;
use saksi_proto::frame::{Frames, frame};
use saksi_proto::message::encode_message;
use saksi_tests::wire::hello;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Bytes read at a time: one TLS record.
const READ: usize = 16 * 1024;

/// How a device reaches a server, and what it says first.
#[derive(Clone)]
pub(crate) struct Dial {
    /// The server.
    pub(crate) address: SocketAddr,
    /// The election of the greeting.
    pub(crate) election: Digest,
}

impl Dial {
    /// Connects, shakes hands and greets.
    pub(crate) async fn open(&self, tls: &Arc<ClientConfig>) -> anyhow::Result<Line<TcpStream>> {
        self.open_over(self.connect().await?, tls).await
    }

    /// A TCP connection.
    pub(crate) async fn connect(&self) -> anyhow::Result<TcpStream> {
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    /// Shakes hands and greets.
    pub(crate) async fn open_over<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: S,
        tls: &Arc<ClientConfig>,
    ) -> anyhow::Result<Line<S>> {
        let name = ServerName::IpAddress(self.address.ip().into());
        let stream = TlsConnector::from(Arc::clone(tls)).connect(name, stream).await?;
        let mut line = Line { stream, frames: Frames::default() };
        line.ask(&frame(&encode_message(&hello(self.election)))?).await?;
        Ok(line)
    }
}

/// A connection over which one question at a time is asked.
pub(crate) struct Line<S> {
    stream: TlsStream<S>,
    frames: Frames,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Line<S> {
    /// Sends a frame and waits for the payload of the answer.
    pub(crate) async fn ask(&mut self, asked: &[u8]) -> anyhow::Result<Vec<u8>> {
        self.stream.write_all(asked).await?;
        self.stream.flush().await?;
        receive(&mut self.stream, &mut self.frames).await?.context("the server hung up")
    }

    /// Whether the handshake resumed an earlier session.
    pub(crate) fn is_resumed(&self) -> bool {
        self.stream.get_ref().1.handshake_kind() == Some(HandshakeKind::Resumed)
    }

    /// Says goodbye, and gives back what was underneath.
    pub(crate) async fn close(mut self) -> anyhow::Result<S> {
        self.stream.shutdown().await?;
        Ok(self.stream.into_inner().0)
    }
}

/// The next frame, or `None` when the other side has closed. The buffer lives within a
/// poll, so a connection that waits holds none.
pub(crate) async fn receive<S: AsyncRead + Unpin>(
    stream: &mut S,
    frames: &mut Frames,
) -> anyhow::Result<Option<Vec<u8>>> {
    loop {
        if let Some(payload) = frames.next_frame()? {
            return Ok(Some(payload));
        }
        let received: io::Result<usize> = poll_fn(|context| {
            let mut bytes = [0; READ];
            let mut read = ReadBuf::new(&mut bytes);
            ready!(Pin::new(&mut *stream).poll_read(context, &mut read))?;
            frames.receive(read.filled());
            Ok(read.filled().len()).into()
        })
        .await;
        match received {
            Ok(0) => return Ok(None),
            // Gone without a goodbye, as lines are when their measurement is over.
            Err(fault) if fault.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            received => received?,
        };
    }
}
