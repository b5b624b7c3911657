//! Answers that give no page: what is not there, or not for this account, looks the same, so
//! that nobody learns what lies outside his region.

use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use saksi_proto::text::{Language, Phrase, desk as text};
use tracing::error;

use crate::staff::deed::Forbidden;
use crate::staff::desk::{ChangeRefusal, DeskFault};

/// Why there is no page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// There is no such page, station or region, or it is outside the account's region.
    NotThere,
    /// The role has not the right to it.
    Forbidden,
    /// The session is over.
    SignedOut,
    /// The form is none of ours, or of an earlier session.
    Forged,
    /// Something typed, or the state of things, does not allow it.
    Unfit(String),
    /// Our own fault.
    Fault(String),
}

impl From<DeskFault> for Refused {
    fn from(fault: DeskFault) -> Self {
        Self::Fault(fault.to_string())
    }
}

impl From<ChangeRefusal> for Refused {
    fn from(refusal: ChangeRefusal) -> Self {
        match refusal {
            ChangeRefusal::Forbidden(Forbidden::Role) => Self::Forbidden,
            ChangeRefusal::Forbidden(Forbidden::Elsewhere) => Self::NotThere,
            ChangeRefusal::Refused(fault) => Self::Unfit(fault.to_string()),
            ChangeRefusal::Fault(fault) => fault.into(),
        }
    }
}

impl Refused {
    /// Its stable name, status, and sentence.
    #[must_use]
    pub fn told(&self) -> (&'static str, StatusCode, Phrase) {
        match self {
            Self::NotThere => ("not-there", StatusCode::NOT_FOUND, text::NOT_THERE),
            Self::Forbidden => ("forbidden", StatusCode::FORBIDDEN, text::FORBIDDEN),
            Self::SignedOut => ("signed-out", StatusCode::FORBIDDEN, text::SIGNED_OUT),
            Self::Forged => ("forged", StatusCode::FORBIDDEN, text::FORGED),
            Self::Unfit(_) => ("unfit", StatusCode::UNPROCESSABLE_ENTITY, text::UNFIT),
            Self::Fault(_) => ("fault", StatusCode::INTERNAL_SERVER_ERROR, text::FAULT),
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (code, status, sentence) = self.told();
        let detail = match &self {
            Self::Fault(fault) => {
                error!(%fault, "a request at the desk could not be answered");
                ""
            }
            Self::Unfit(why) => why,
            _ => "",
        };
        // In both languages: whoever asks may be nobody that we know.
        let said = |language: Language| {
            let sentence = sentence.in_language(language);
            format!("<p lang=\"{}\">{sentence}</p>", language.code())
        };
        let html = format!(
            "<!DOCTYPE html><html lang=\"id\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <title>Saksi: {status}</title><link rel=\"stylesheet\" href=\"/style.css\"></head>\
             <body><main><h1>Saksi</h1>{}{}<p lang=\"en\">{}</p><p><code>{code}</code></p>\
             <p><a href=\"/\">Saksi</a></p></main></body></html>\n",
            said(Language::Indonesian),
            said(Language::English),
            askama::filters::escape(detail, askama::filters::Html)
                .map(|text| text.to_string())
                .unwrap_or_default(),
        );
        (status, Html(html)).into_response()
    }
}
