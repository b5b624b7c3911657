//! Answers that give no page of the desk: what is not there, or not for this account, looks the
//! same, so that nobody learns what lies outside his region. They are in the language of whoever
//! asks.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use saksi_proto::text::{Phrase, desk as text};
use tracing::error;

use super::frame::Frame;
use crate::staff::desk::{Desk, DeskFault};
use crate::staff::signed_in::language;

/// Why there is no page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// There is no such page, station or region, or it is outside the account's region.
    NotThere,
    /// The role has not the right to it.
    Forbidden,
    /// The session is over; with the sentences that were typed.
    SignedOut(Vec<String>),
    /// The form is none of ours, or of an earlier session; with the sentences in it.
    Forged(Vec<String>),
    /// Others have all there is of it; after so many seconds it may be asked for again.
    Busy(u16),
    /// The address or the request makes no sense.
    Unreadable,
    /// The body is too large.
    TooLarge,
    /// It took too long.
    TooSlow,
    /// Our own fault.
    Fault(String),
}

impl From<DeskFault> for Refused {
    fn from(fault: DeskFault) -> Self {
        Self::Fault(fault.to_string())
    }
}

impl Refused {
    /// Its stable name, status, and sentence.
    #[must_use]
    pub fn told(&self) -> (&'static str, StatusCode, Phrase) {
        match self {
            Self::NotThere => ("not-there", StatusCode::NOT_FOUND, text::NOT_THERE),
            Self::Forbidden => ("forbidden", StatusCode::FORBIDDEN, text::FORBIDDEN),
            Self::SignedOut(_) => ("signed-out", StatusCode::FORBIDDEN, text::SIGNED_OUT),
            Self::Forged(_) => ("forged", StatusCode::FORBIDDEN, text::FORGED),
            Self::Busy(_) => ("busy", StatusCode::SERVICE_UNAVAILABLE, text::BUSY),
            Self::Unreadable => ("unreadable", StatusCode::BAD_REQUEST, text::UNREADABLE),
            Self::TooLarge => ("too-large", StatusCode::PAYLOAD_TOO_LARGE, text::TOO_LARGE),
            Self::TooSlow => ("too-slow", StatusCode::REQUEST_TIMEOUT, text::TOO_SLOW),
            Self::Fault(_) => ("fault", StatusCode::INTERNAL_SERVER_ERROR, text::FAULT),
        }
    }

    /// What an answer is that has no page; none, if it has one, or is no refusal.
    fn of(response: &Response) -> Option<Self> {
        if let Some(refused) = response.extensions().get::<Self>() {
            return Some(refused.clone());
        }
        match response.status() {
            StatusCode::NOT_FOUND => Some(Self::NotThere),
            StatusCode::METHOD_NOT_ALLOWED | StatusCode::BAD_REQUEST => Some(Self::Unreadable),
            StatusCode::PAYLOAD_TOO_LARGE => Some(Self::TooLarge),
            StatusCode::REQUEST_TIMEOUT => Some(Self::TooSlow),
            _ => None,
        }
    }
}

impl IntoResponse for Refused {
    /// Its status; the words are those of whoever asks (`in_words`).
    fn into_response(self) -> Response {
        let (code, status, _) = self.told();
        let mut response = (status, code).into_response();
        if let Self::Busy(seconds) = &self {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(*seconds));
        }
        if let Self::Fault(fault) = &self {
            error!(%fault, "a request at the desk could not be answered");
        }
        response.extensions_mut().insert(self);
        response
    }
}

#[derive(Template)]
#[template(path = "staff/refused.html")]
struct RefusedPage {
    frame: Frame,
    sentence: &'static str,
    code: &'static str,
    is_signed_out: bool,
    kept: Vec<String>,
}

/// Gives refusals their page.
pub(super) async fn in_words(
    State(desk): State<Arc<Desk>>,
    request: Request,
    next: Next,
) -> Response {
    let language = language(request.headers());
    let response = next.run(request).await;
    let Some(refused) = Refused::of(&response) else { return response };
    let (code, _, sentence) = refused.told();
    // Nothing of the address that was asked for: what is not there looks the same everywhere.
    let frame = Frame::outside(&desk.election, language, "/", "");
    let is_signed_out = matches!(refused, Refused::SignedOut(_));
    let kept = match refused {
        Refused::SignedOut(kept) | Refused::Forged(kept) => kept,
        _ => Vec::new(),
    };
    let sentence = frame.say(sentence);
    let page = RefusedPage { frame, sentence, code, is_signed_out, kept };
    let Ok(html) = page.render() else { return response };
    let (mut head, _) = response.into_parts();
    head.headers.remove(CONTENT_LENGTH);
    head.headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    Response::from_parts(head, html.into())
}
