//! The public log: files that the publisher has written, as they are. What is not the
//! name of a published file is not looked for.

use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{Extensions, HeaderMap, StatusCode, Version};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use saksi_proto::ids::ContestCode;
use saksi_proto::text::Language;
use saksi_proto::tile::TileName;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;

use super::asked::Asked;
use super::missing::Missing;
use super::reader::Reader;
use super::{Route, pages, site};
use crate::publisher::{CHECKPOINT, ELECTION_FILES, LOG_KEY, TOTALS_FILE, WITNESSES};

/// Where published files are answered. What stands behind is looked at by [`kind`]; the site
/// is answered [beside it](super::site).
pub(super) const PATHS: [&str; 9] = [
    "/checkpoint",
    "/log.vkey",
    "/witnesses",
    "/totals.json",
    "/totals/{size}/{file}",
    "/election/{file}",
    "/tile/{*path}",
    "/site/",
    "/site/{*path}",
];

/// Threads that read files: two keep a disk busy.
pub const HANDS: usize = 2;

/// Memory for what is under way to readers, in KiB: 128 MiB are a nation's list of
/// stations three times, or 16,000 tiles. Whoever would take more waits for the others.
const ROOM: u32 = 128 << 10;

/// How long somebody waits for that; then he is told to come again.
const PATIENCE: Duration = Duration::from_secs(10);

/// What never changes under its name. A restored journal is the exception, and it is loud.
pub(super) const FOREVER: &str = "public, max-age=31536000, immutable";
/// What changes once a second.
pub(super) const A_SECOND: &str = "public, max-age=1";
/// What changes with a new collector.
pub(super) const A_MINUTE: &str = "public, max-age=60";

pub(super) const TEXT: &str = "text/plain; charset=utf-8";
pub(super) const CSV: &str = "text/csv; charset=utf-8";

/// Marks an answer that is a tile: hashes, which no compression makes smaller.
#[derive(Debug, Clone, Copy)]
struct Hashes;

/// Whether compressing an answer may make it smaller, as far as it is a published file.
pub(super) fn is_no_tile(_: StatusCode, _: Version, _: &HeaderMap, of: &Extensions) -> bool {
    of.get::<Hashes>().is_none()
}

/// Reads published files, for all.
pub(super) struct Reading {
    root: PathBuf,
    hands: Semaphore,
    room: Arc<Semaphore>,
}

/// Bytes on their way to a reader, and their room.
pub(super) struct Held {
    pub(super) bytes: Vec<u8>,
    _room: OwnedSemaphorePermit,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

pub(super) fn routes(root: &Path) -> Vec<Route> {
    let (hands, room) = (Semaphore::new(HANDS), Arc::new(Semaphore::new(ROOM as usize)));
    let reading = Arc::new(Reading { root: root.to_owned(), hands, room });
    let route = |path| {
        let reading = Arc::clone(&reading);
        let answer = async move |State(reader): State<Reader>, asked: Asked, headers: HeaderMap| {
            let site = asked.path.strip_prefix("/site/").map(str::to_owned);
            let Some(file) = site else { return reading.answer(&asked.path).await };
            let answer = site::answer(&reading, &file, &asked.seen, &headers).await;
            let is_page = file.ends_with(".html");
            if is_page && answer.status() == StatusCode::NOT_FOUND {
                return no_page(&reader, asked, &file);
            }
            answer
        };
        (path, get(answer))
    };
    PATHS.map(route).into()
}

/// What somebody is told who follows an address of the site that has no page, in the language of
/// the address.
fn no_page(reader: &Reader, asked: Asked, file: &str) -> Response {
    let language = file.split('/').next().and_then(Language::from_code);
    let asked = Asked { language: asked.language.or(language), ..asked };
    pages::missing(reader, &asked, Missing::Address).into_response()
}

/// Type and lifetime of a published file, by its address; `None` for all else.
fn kind(address: &str) -> Option<(&'static str, &'static str)> {
    let path = address.strip_prefix('/')?;
    match path {
        CHECKPOINT => return Some((TEXT, A_SECOND)),
        TOTALS_FILE => return Some(("application/json", A_SECOND)),
        LOG_KEY | WITNESSES => return Some((TEXT, A_MINUTE)),
        _ => {}
    }
    if TileName::from_path(path).is_some() {
        return Some(("application/octet-stream", FOREVER));
    }
    if let Some(name) = path.strip_prefix("election/") {
        let media_type = if name.ends_with(".csv") { CSV } else { TEXT };
        return ELECTION_FILES.contains(&name).then_some((media_type, A_MINUTE));
    }
    let (size, file) = path.strip_prefix("totals/")?.split_once('/')?;
    let plain = size.parse::<u64>().is_ok_and(|parsed| parsed.to_string() == size);
    let contest = file.strip_suffix(".csv")?.parse::<ContestCode>().is_ok();
    (plain && contest).then_some((CSV, FOREVER))
}

impl Reading {
    async fn answer(&self, address: &str) -> Response {
        let Some((media_type, lifetime)) = kind(address) else { return not_there() };
        let headers = [(CONTENT_TYPE, media_type), (CACHE_CONTROL, lifetime)];
        let file = address.trim_start_matches('/');
        let body = |held| Body::from(Bytes::from_owner(held));
        let mut answer = match self.give(file).await {
            Ok(held) => (headers, body(held)).into_response(),
            Err(refused) => return refused,
        };
        if TileName::from_path(file).is_some_and(|tile| tile.level.is_some()) {
            answer.extensions_mut().insert(Hashes);
        }
        answer
    }

    /// A file below the public directory, or why there is none.
    pub(super) async fn give(&self, file: &str) -> Result<Held, Response> {
        Err(match self.read(self.root.join(file)).await {
            Ok(Some(held)) => return Ok(held),
            Ok(None) => {
                let headers = [(RETRY_AFTER, "10"), (CACHE_CONTROL, "no-store")];
                (StatusCode::SERVICE_UNAVAILABLE, headers, "too many readers; come again\n")
                    .into_response()
            }
            Err(fault) if is_absence(&fault) => not_there(),
            Err(fault) => {
                tracing::error!(%fault, file, "a published file cannot be read");
                (StatusCode::INTERNAL_SERVER_ERROR, [(CACHE_CONTROL, "no-store")], "")
                    .into_response()
            }
        })
    }

    /// Reads a file whole; `None` if there is no room for it now.
    async fn read(&self, path: PathBuf) -> io::Result<Option<Held>> {
        let open = move || {
            let file = File::open(path)?;
            let length = file.metadata()?.len();
            Ok((file, length))
        };
        let (file, length) = self.by_hand(open).await?;
        let room = u32::try_from(length.div_ceil(1 << 10)).unwrap_or(ROOM).min(ROOM);
        let wanted = Arc::clone(&self.room).acquire_many_owned(room);
        let Ok(Ok(room)) = tokio::time::timeout(PATIENCE, wanted).await else { return Ok(None) };
        let read = move || {
            let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
            file.take(length).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        Ok(Some(Held { bytes: self.by_hand(read).await?, _room: room }))
    }

    async fn by_hand<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let hand = self.hands.acquire().await.expect("never closed");
        let done = spawn_blocking(work).await;
        drop(hand);
        done.map_err(io::Error::other)?
    }
}

fn is_absence(fault: &io::Error) -> bool {
    matches!(fault.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

pub(super) fn not_there() -> Response {
    let headers = [(CONTENT_TYPE, TEXT), (CACHE_CONTROL, "no-cache")];
    (StatusCode::NOT_FOUND, headers, "nothing is published at this address\n").into_response()
}
