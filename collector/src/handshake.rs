//! From a connection to a peer that is known, or the cause why not: a device that has
//! shown who it is, or one that comes to enrol.
//!
//! A peer costs little until it has greeted: no buffer before its first byte, and no
//! more than [`MAX_HANDSHAKE`] bytes of it are ever read before it is known.

use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use rustix::io::Errno;
use rustix::net::{RecvFlags, recv};
use rustls::HandshakeKind;
use rustls::server::Acceptor;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;

use crate::config::Limits;
use crate::identity::{DeviceIdentity, IdentityFault};
use crate::places::Place;
use crate::tls::Tls;

/// Most bytes that a peer may send before it is known. An agent sends 1.1 KB; four times
/// that are a chain with an intermediate, a post-quantum key share and room.
pub const MAX_HANDSHAKE: usize = 8 * 1024;

/// A greeting is one packet, or two that follow each other.
const IN_ONE_GO: Duration = Duration::from_secs(1);

/// What is spoken, by its names in TLS: with devices, and with those that enrol.
pub const PROTOCOLS: [&str; 2] = ["saksi/1", "saksi-enrol/1"];

/// A device takes this part of its time between greeting and certificate, or it can be
/// sent away for another one: two round trips of 2G at two seconds fit into 5 of 20 s.
const PROMPT: u32 = 4;

/// By what new connections are served; changed as a whole.
#[derive(Debug, Clone)]
pub struct Terms {
    /// Bounds.
    pub limits: Limits,
    /// The collector's certificate, and whose certificates devices must have.
    pub tls: Tls,
}

/// A connection whose other end is known.
pub struct Known {
    /// The connection.
    pub stream: Box<TlsStream<Metered>>,
    /// What the device's certificate says; nothing of one that has none yet, and comes to
    /// enrol.
    pub identity: Option<DeviceIdentity>,
    /// What is spoken, by its name in TLS.
    pub protocol: &'static str,
    /// `full` or `resumed`.
    pub kind: &'static str,
}

/// Why there is no session.
#[derive(Debug, thiserror::Error)]
pub enum HandshakeFault {
    /// Not done in time.
    #[error("not done in time")]
    Late,
    /// The place was wanted for somebody who speaks.
    #[error("it was idle, and its place was wanted")]
    Displaced,
    /// The collector is being stopped.
    #[error("the collector is being stopped")]
    Stopping,
    /// The peer hung up.
    #[error("the peer hung up")]
    HungUp,
    /// More bytes than any device sends.
    #[error("more than {MAX_HANDSHAKE} bytes")]
    Oversize,
    /// No certificate.
    #[error("no client certificate")]
    NoCertificate,
    /// A certificate that is not good.
    #[error("{0}")]
    Certificate(rustls::Error),
    /// A certificate of ours that names no device.
    #[error(transparent)]
    Identity(#[from] IdentityFault),
    /// Older than TLS 1.3, or with nothing in common.
    #[error("{0}")]
    Incompatible(rustls::Error),
    /// Not TLS, or wrong TLS.
    #[error("{0}")]
    Tls(io::Error),
}

impl HandshakeFault {
    /// All codes, for the metrics.
    pub const CODES: [&str; 10] = [
        "late",
        "displaced",
        "stopping",
        "hung-up",
        "oversize",
        "no-certificate",
        "certificate",
        "identity",
        "incompatible",
        "tls",
    ];

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        let position = match self {
            Self::Late => 0,
            Self::Displaced => 1,
            Self::Stopping => 2,
            Self::HungUp => 3,
            Self::Oversize => 4,
            Self::NoCertificate => 5,
            Self::Certificate(_) => 6,
            Self::Identity(_) => 7,
            Self::Incompatible(_) => 8,
            Self::Tls(_) => 9,
        };
        Self::CODES[position]
    }
}

/// Shakes hands, without a limit of time. Who comes to enrol has shown nothing that not
/// everybody could show, and keeps the place of a handshake, for others to take.
///
/// # Errors
/// [`HandshakeFault`].
pub async fn shake_hands(
    stream: TcpStream,
    terms: &Terms,
    place: &Place,
) -> Result<Known, HandshakeFault> {
    stream.set_nodelay(true).map_err(|_| HandshakeFault::HungUp)?;
    // No buffer for who says nothing.
    if is_silent(&stream) {
        place.is_silent();
        stream.readable().await?;
    }
    let stream = Metered { stream, left: MAX_HANDSHAKE };
    let mut greeting = pin!(LazyConfigAcceptor::new(Acceptor::default(), stream));
    let greeting = match timeout(IN_ONE_GO, &mut greeting).await {
        Ok(greeting) => greeting?,
        Err(_) => {
            place.is_silent();
            greeting.await?
        }
    };
    place.has_greeted();
    let (config, enrols) = terms.tls.for_guest(&greeting.client_hello());
    let mut rest = pin!(greeting.into_stream(config));
    let stream = match timeout(prompt(terms), &mut rest).await {
        Ok(stream) => stream,
        Err(_) => {
            place.dawdles();
            rest.await
        }
    };
    // Boxed: unboxed, every future that it passes through would hold a place for it.
    let mut stream = Box::new(stream?);
    stream.get_mut().0.left = usize::MAX;
    if enrols {
        place.dawdles();
        return Ok(Known { stream, identity: None, protocol: PROTOCOLS[1], kind: "full" });
    }
    place.is_settled();
    known(stream)
}

/// Whether nothing has come yet. Asked of the system: that something has come, the runtime
/// may learn only later.
fn is_silent(stream: &TcpStream) -> bool {
    let look = RecvFlags::PEEK | RecvFlags::DONTWAIT;
    matches!(recv(stream, &mut [0][..], look), Err(Errno::AGAIN))
}

fn prompt(terms: &Terms) -> Duration {
    terms.limits.handshake / PROMPT
}

fn known(stream: Box<TlsStream<Metered>>) -> Result<Known, HandshakeFault> {
    let (_, tls) = stream.get_ref();
    let certificate = tls.peer_certificates().and_then(|chain| chain.first());
    let certificate = certificate.ok_or(HandshakeFault::NoCertificate)?;
    let identity = DeviceIdentity::from_certificate(certificate)?;
    let kind = match tls.handshake_kind() {
        Some(HandshakeKind::Resumed) => "resumed",
        _ => "full",
    };
    Ok(Known { stream, identity: Some(identity), protocol: PROTOCOLS[0], kind })
}

impl From<io::Error> for HandshakeFault {
    fn from(fault: io::Error) -> Self {
        use io::ErrorKind::{BrokenPipe, ConnectionReset, FileTooLarge, UnexpectedEof};
        match fault.kind() {
            FileTooLarge => return Self::Oversize,
            UnexpectedEof | ConnectionReset | BrokenPipe => return Self::HungUp,
            _ => {}
        }
        let of_tls = fault.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
        match of_tls {
            Some(rustls::Error::NoCertificatesPresented) => Self::NoCertificate,
            Some(fault @ rustls::Error::InvalidCertificate(_)) => Self::Certificate(fault.clone()),
            Some(
                fault @ (rustls::Error::PeerIncompatible(_) | rustls::Error::NoApplicationProtocol),
            ) => Self::Incompatible(fault.clone()),
            _ => Self::Tls(fault),
        }
    }
}

/// A connection from which only so many bytes more are read.
#[derive(Debug)]
pub struct Metered {
    stream: TcpStream,
    left: usize,
}

impl AsyncRead for Metered {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.left == 0 {
            return Poll::Ready(Err(io::ErrorKind::FileTooLarge.into()));
        }
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.left = self.left.saturating_sub(buffer.filled().len() - before);
        read
    }
}

impl AsyncWrite for Metered {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
