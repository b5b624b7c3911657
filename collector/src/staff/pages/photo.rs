//! Photos of the paper, for those who see the station. A photo is a stranger's file: its type
//! is ours to say, nothing in it runs, and no other page can take it in.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::http::header::{
    CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName,
};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use saksi_proto::digest::Digest;

use super::refused::Refused;
use super::{Answer, Route, table};
use crate::staff::account::Right;
use crate::staff::desk::Desk;
use crate::staff::signed_in::SignedIn;

/// How long a photo waits for the room of another.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a JPEG begins with.
const JPEG: [u8; 3] = [0xff, 0xd8, 0xff];

pub(super) fn routes() -> [Route; 1] {
    [("/photo/{station}/{digest}", get(photo))]
}

async fn photo(
    State(desk): State<Arc<Desk>>,
    by: SignedIn,
    Path((station, digest)): Path<(String, String)>,
) -> Answer {
    let code = station.parse().map_err(|_| Refused::NotThere)?;
    let digest: Digest = digest.parse().map_err(|_| Refused::NotThere)?;
    let definition = &desk.election.definition;
    let station = definition.station(code).ok_or(Refused::NotThere)?;
    if !by.account.may(Right::See, definition, station) {
        return Err(Refused::NotThere);
    }
    let room = Arc::clone(&desk.photo_room).acquire_owned();
    let room = tokio::time::timeout(PATIENCE, room).await;
    let room = room.map_err(|_| Refused::Unfit("too many photos at once; try again".to_owned()))?;
    let room = room.map_err(|fault| Refused::Fault(fault.to_string()))?;
    let bytes = desk.photos.whole(code, digest).await;
    let bytes = bytes.map_err(|fault| Refused::Fault(fault.to_string()))?;
    let bytes = bytes.ok_or(Refused::NotThere)?;
    let (length, is_jpeg) = (bytes.len(), bytes.starts_with(&JPEG));
    let mut response = table::held(bytes, room).into_response();
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
