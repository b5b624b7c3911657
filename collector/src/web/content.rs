//! Content with its entity tag: the same bytes have the same tag on every replica,
//! and a reader who has them already is told so.

use askama::Template;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG};
use axum::response::{IntoResponse, Response};
use saksi_proto::digest::Digest;
use serde::Serialize;

use super::asked::Seen;
use super::reader::Fault;

/// Bytes of a media type.
#[derive(Debug)]
pub(super) struct Content {
    status: StatusCode,
    media_type: &'static str,
    bytes: Vec<u8>,
    seen: Seen,
}

impl Content {
    fn new(media_type: &'static str, bytes: impl Into<Vec<u8>>) -> Self {
        let (status, seen) = (StatusCode::OK, Seen::default());
        Self { status, media_type, bytes: bytes.into(), seen }
    }

    pub(super) fn text(text: &str) -> Self {
        Self::new("text/plain; charset=utf-8", text)
    }

    pub(super) fn style(text: &str) -> Self {
        Self::new("text/css; charset=utf-8", text)
    }

    pub(super) fn drawing(text: &str) -> Self {
        Self::new("image/svg+xml", text)
    }

    /// JSON that is written already.
    pub(super) fn json_text(text: &str) -> Self {
        Self::new("application/json", text)
    }

    pub(super) fn json(value: &impl Serialize) -> Result<Self, Fault> {
        let mut bytes = serde_json::to_vec(value)?;
        bytes.push(b'\n');
        Ok(Self::new("application/json", bytes))
    }

    pub(super) fn page(page: &impl Template) -> Result<Self, Fault> {
        Ok(Self::new("text/html; charset=utf-8", page.render()?))
    }

    pub(super) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// Answers “not modified” to a reader who has seen these bytes.
    pub(super) fn unless(self, seen: Seen) -> Self {
        Self { seen, ..self }
    }
}

impl IntoResponse for Content {
    fn into_response(self) -> Response {
        let tag = format!("\"{}\"", Digest::of(&self.bytes));
        let unchanged = self.status == StatusCode::OK && self.seen.has(&tag);
        // Weak, for it names what is said, which may be compressed on its way.
        let tag = format!("W/{tag}");
        let headers = [(CACHE_CONTROL, "no-cache".to_owned()), (ETAG, tag)];
        if unchanged {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        (self.status, headers, [(CONTENT_TYPE, self.media_type)], self.bytes).into_response()
    }
}
