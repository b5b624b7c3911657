//! A witness over HTTP: `POST /add-checkpoint`, and a sign of life at `/healthz`.
//!
//! Without TLS: a web server with the public name stands before it, and bounds how long a
//! connection may stand idle.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use saksi_proto::witnessing::{MAX_REQUEST, SIZE_TYPE};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::{Answer, Witness};
use crate::clock;

/// Requests at work at a time, of 5 KB each; more are told to come later. An fsync takes
/// 0.05 to 10 ms: 64 wait 0.6 s at most, where a log waits for its witnesses for 2.
pub const REQUESTS: usize = 64;

/// Time that a request has to come in whole: 5 KB, within the log's own patience.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long requests have to end when the witness is being stopped.
const GRACE: Duration = Duration::from_secs(10);

struct Desk {
    witness: Witness,
    places: Arc<Semaphore>,
}

/// Serves until `stopping` is cancelled.
///
/// # Errors
/// The system's, if it takes no more connections.
pub async fn serve(
    listener: TcpListener,
    witness: Witness,
    stopping: CancellationToken,
) -> std::io::Result<()> {
    let stopped = stopping.clone().cancelled_owned();
    let serving = axum::serve(listener, router(witness)).with_graceful_shutdown(stopped);
    tokio::select! {
        ended = serving.into_future() => ended,
        // Who does not hang up is not waited for; nothing is half done.
        () = async { stopping.cancelled().await; tokio::time::sleep(GRACE).await } => Ok(()),
    }
}

pub(super) fn router(witness: Witness) -> Router {
    let desk = Arc::new(Desk { witness, places: Arc::new(Semaphore::new(REQUESTS)) });
    Router::new()
        .route("/add-checkpoint", post(add_checkpoint))
        .route("/healthz", get(async || "ok\n"))
        .with_state(desk)
}

async fn add_checkpoint(State(desk): State<Arc<Desk>>, body: Body) -> Response {
    let Ok(place) = Arc::clone(&desk.places).try_acquire_owned() else {
        let later = [(RETRY_AFTER, "1")];
        return (StatusCode::SERVICE_UNAVAILABLE, later, "too many at a time\n").into_response();
    };
    let Ok(read) = tokio::time::timeout(PATIENCE, to_bytes(body, MAX_REQUEST)).await else {
        return (StatusCode::REQUEST_TIMEOUT, "the request came too slowly\n").into_response();
    };
    let Ok(body) = read else {
        let what = format!("a request has at most {MAX_REQUEST} bytes\n");
        return (StatusCode::PAYLOAD_TOO_LARGE, what).into_response();
    };
    let at_work = Arc::clone(&desk);
    let judged = tokio::task::spawn_blocking(move || {
        // Who hangs up does not make room before the work is done.
        let _place = place;
        at_work.witness.add_checkpoint(&body, clock::now_ms() / 1_000)
    });
    judged.await.unwrap_or(Answer::NotKept).into_response()
}

impl axum::response::IntoResponse for Answer {
    fn into_response(self) -> Response {
        let (status, text) = match self {
            Self::Cosigned(line) => (StatusCode::OK, line),
            Self::Malformed(what) => (StatusCode::BAD_REQUEST, what + "\n"),
            Self::Unsigned => (StatusCode::FORBIDDEN, "not signed by the log\n".to_owned()),
            Self::UnknownLog => (StatusCode::NOT_FOUND, "a log that is not known\n".to_owned()),
            Self::Conflict(size) => {
                let size = ([(CONTENT_TYPE, SIZE_TYPE)], format!("{size}\n"));
                return (StatusCode::CONFLICT, size).into_response();
            }
            Self::OtherRoot => {
                (StatusCode::CONFLICT, "another log of this size was cosigned\n".to_owned())
            }
            Self::Inconsistent => {
                let what = "it does not go on from what was cosigned\n".to_owned();
                (StatusCode::UNPROCESSABLE_ENTITY, what)
            }
            Self::NotKept => {
                let what = "it cannot be kept, and was not cosigned\n".to_owned();
                (StatusCode::INTERNAL_SERVER_ERROR, what)
            }
        };
        (status, text).into_response()
    }
}
