//! Tables as CSV, of any length: piece by piece, so that neither the ledger nor memory is
//! held for long. Who reads slowly is waited for.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use hyper::body::Frame;
use tokio::sync::{OwnedSemaphorePermit, mpsc};

/// Pieces that wait for the reader.
const PIECES: usize = 2;

/// Gives the pieces of a table; an error cuts the table off, and the reader notices.
pub(super) type Pieces = mpsc::Sender<Result<Bytes, io::Error>>;

struct Table(mpsc::Receiver<Result<Bytes, io::Error>>);

impl hyper::body::Body for Table {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}

/// A table under a file's name; and where its pieces go.
pub(super) fn table(name: &str) -> (Pieces, Response) {
    let (pieces, table) = mpsc::channel(PIECES);
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    (pieces, (headers, Body::new(Table(table))).into_response())
}

/// Bytes that are sent once, and the room that they take until then.
struct Held {
    bytes: Option<Bytes>,
    _room: OwnedSemaphorePermit,
}

impl hyper::body::Body for Held {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.bytes.take().map(|bytes| Ok(Frame::data(bytes))))
    }
}

/// A body that keeps its room until it is gone.
pub(super) fn held(bytes: Vec<u8>, room: OwnedSemaphorePermit) -> Body {
    Body::new(Held { bytes: Some(bytes.into()), _room: room })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_table_comes_in_pieces_and_a_fault_cuts_it_off() {
        let (pieces, response) = table("queue.csv");
        let sending = tokio::spawn(async move {
            for piece in ["a,b\n", "1,2\n", "3,4\n"] {
                pieces.send(Ok(Bytes::from(piece))).await.unwrap();
            }
        });
        let all = axum::body::to_bytes(response.into_body(), 1_000).await.unwrap();
        assert_eq!(all, "a,b\n1,2\n3,4\n");
        sending.await.unwrap();
        let (pieces, response) = table("queue.csv");
        pieces.send(Ok(Bytes::from("a,b\n"))).await.unwrap();
        pieces.send(Err(io::Error::other("the ledger"))).await.unwrap();
        drop(pieces);
        assert!(axum::body::to_bytes(response.into_body(), 1_000).await.is_err());
    }
}
