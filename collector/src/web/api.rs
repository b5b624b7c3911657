//! The JSON API: the views as they are. `openapi.json` beside this file says what
//! they mean; a test holds the two together.

use axum::extract::State;
use axum::routing::get;
use serde_json::json;

use super::Route;
use super::asked::Asked;
use super::content::Content;
use super::missing::{self, Missing};
use super::reader::{Fault, Reader};
use crate::view;

/// The document that describes the API.
pub(super) const OPENAPI: &str = include_str!("openapi.json");
/// Where it is.
pub(super) const OPENAPI_PATH: &str = "/api/v1/openapi.json";

pub(super) fn routes() -> [Route; 4] {
    [
        ("/api/v1/election", get(election)),
        ("/api/v1/regions/{code}", get(region)),
        ("/api/v1/stations/{code}", get(station)),
        (OPENAPI_PATH, get(async |asked: Asked| Content::json_text(OPENAPI).unless(asked.seen))),
    ]
}

async fn election(State(reader): State<Reader>, asked: Asked) -> Result<Content, Fault> {
    let view = reader.read(view::election::election)?;
    Ok(Content::json(&view)?.unless(asked.seen))
}

async fn region(State(reader): State<Reader>, asked: Asked) -> Result<Content, Fault> {
    let view = reader.read(|ledger| {
        let contest = missing::contest(&ledger.election, asked.contest.as_deref())?;
        let region = missing::region(&ledger.election, &asked.code)?;
        Ok(view::region::region(ledger, contest, region))
    })?;
    match view {
        Ok(view) => Ok(Content::json(&view)?.unless(asked.seen)),
        Err(what) => missing(what),
    }
}

async fn station(State(reader): State<Reader>, asked: Asked) -> Result<Content, Fault> {
    let view = reader.read(|ledger| {
        let station = missing::station(&ledger.election, &asked.code)?;
        Ok(view::station::station(ledger, station))
    })?;
    match view {
        Ok(view) => Ok(Content::json(&view)?.unless(asked.seen)),
        Err(what) => missing(what),
    }
}

/// The answer to a request for what is not there.
pub(super) fn missing(what: Missing) -> Result<Content, Fault> {
    let error = json!({ "error": { "code": what.code(), "message": what.sentence().en } });
    Ok(Content::json(&error)?.with_status(what.status()))
}
