//! Photos of the paper, for those who see the station. A photo is a stranger's file: its type
//! is ours to say, nothing in it runs, and no other page can take it in.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::http::header::{
    CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName,
};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use hyper::body::Frame;
use saksi_proto::digest::Digest;
use tokio::sync::OwnedSemaphorePermit;

use super::place;
use super::refused::Refused;
use super::{Answer, Route};
use crate::staff::desk::Desk;
use crate::staff::signed_in::SignedIn;

/// How long a photo waits for the room of another.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a JPEG begins with.
const JPEG: [u8; 3] = [0xff, 0xd8, 0xff];

pub(super) fn routes() -> [Route; 1] {
    [("/photo/{station}/{digest}", get(photo))]
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

async fn photo(
    State(desk): State<Arc<Desk>>,
    by: SignedIn,
    Path((station, digest)): Path<(String, String)>,
) -> Answer {
    let digest: Digest = digest.parse().map_err(|_| Refused::NotThere)?;
    let definition = &desk.election.definition;
    let station = place::station(definition, by.account.scope, &station)?;
    let code = definition.stations()[station as usize].code;
    let room = Arc::clone(&desk.photo_room).acquire_owned();
    let room = tokio::time::timeout(PATIENCE, room).await;
    let room = room.map_err(|_| Refused::Busy(10))?;
    let room = room.map_err(|fault| Refused::Fault(fault.to_string()))?;
    let bytes = desk.photos.whole(code, digest).await;
    let bytes = bytes.map_err(|fault| Refused::Fault(fault.to_string()))?;
    let bytes = bytes.ok_or(Refused::NotThere)?;
    let (length, is_jpeg) = (bytes.len(), bytes.starts_with(&JPEG));
    let held = Held { bytes: Some(bytes.into()), _room: room };
    let mut response = Body::new(held).into_response();
    for (name, value) in headers(is_jpeg) {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response.headers_mut().insert(CONTENT_LENGTH, length.into());
    Ok::<Response, _>(response)
}

/// Whoever takes a device's key can send any bytes as a photo.
fn headers(is_jpeg: bool) -> [(HeaderName, &'static str); 4] {
    let (kind, shown) = match is_jpeg {
        true => ("image/jpeg", "inline; filename=\"photo.jpg\""),
        false => ("application/octet-stream", "attachment; filename=\"photo.bin\""),
    };
    [
        (CONTENT_TYPE, kind),
        (CONTENT_DISPOSITION, shown),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ]
}
