//! Bytes on the wire, counted beneath TLS and above TCP.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use anyhow::ensure;
use rustls::ClientConfig;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::line::Dial;

/// A TCP connection that counts.
struct Counted {
    stream: TcpStream,
    bytes: usize,
}

/// Bytes both ways for one visit with one form, and whether its handshake was a resumed one.
pub(crate) async fn visit(
    dial: &Dial,
    tls: &Arc<ClientConfig>,
    form: &[u8],
    resumed: bool,
) -> anyhow::Result<f64> {
    let stream = Counted { stream: dial.connect().await?, bytes: 0 };
    let mut line = dial.open_over(stream, tls).await?;
    ensure!(line.is_resumed() == resumed, "another handshake than asked for");
    line.ask(form).await?;
    Ok(line.close().await?.bytes as f64)
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.bytes += buffer.filled().len() - before;
        polled
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(context, bytes);
        if let Poll::Ready(Ok(written)) = polled {
            self.bytes += written;
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
