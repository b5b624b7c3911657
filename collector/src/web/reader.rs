//! Reading the ledger, and what can go wrong with any answer.

use std::sync::{Arc, RwLock};

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::album::Album;
use super::instead::Instead;
use crate::ledger::Ledger;

/// The ledger, for those who only look.
#[derive(Clone)]
pub(super) struct Reader {
    /// Written by the sequencer alone.
    ledger: Arc<RwLock<Ledger>>,
    /// The static pages that stand for those that would be made.
    pub(super) instead: Instead,
    /// The photos of forms.
    pub(super) album: Album,
}

/// An answer that cannot be given, by our own fault.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// The sequencer panicked while it wrote; numbers may be half folded.
    #[error("the ledger is not whole; the collector must be started again")]
    Ledger,
    /// A view that is not JSON.
    #[error("the answer cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// A page that cannot be rendered.
    #[error("the page cannot be rendered: {0}")]
    Page(#[from] askama::Error),
}

impl Reader {
    pub(super) fn new(ledger: Arc<RwLock<Ledger>>, instead: Instead, album: Album) -> Self {
        Self { ledger, instead, album }
    }

    /// Makes a view under the lock and releases it.
    pub(super) fn read<T>(&self, view: impl FnOnce(&Ledger) -> T) -> Result<T, Fault> {
        let ledger = self.ledger.read().map_err(|_| Fault::Ledger)?;
        Ok(view(&ledger))
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        tracing::error!(fault = %self, "a request could not be answered");
        let status = match self {
            Fault::Ledger => StatusCode::SERVICE_UNAVAILABLE,
            Fault::Json(_) | Fault::Page(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        (status, format!("{self}\n")).into_response()
    }
}
