//! One station's device: revoke it, or replace it with a code that is shown once. The same
//! changes as those of the command line.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect};
use axum::routing::{get, post};
use saksi_proto::entry::{CodeGrant, CodeScope, MAX_REASON};
use saksi_proto::ids::StationCode;
use saksi_proto::slip::Slip;
use saksi_proto::text::desk as text;
use serde::Deserialize;

use super::devices::{of_station, state_word};
use super::frame::Frame;
use super::place;
use super::refused::Refused;
use super::told;
use super::{Answer, Route, page};
use crate::changes::Change;
use crate::staff::account::Right;
use crate::staff::desk::Desk;
use crate::staff::signed_in::{Posted, SignedIn};
use crate::{clock, codes};

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// Days that a new code is valid, as on the command line.
const CODE_DAYS: u64 = 14;

pub(super) fn routes() -> [Route; 3] {
    [
        ("/devices/{station}", get(show)),
        ("/devices/{station}/revoke", post(revoke)),
        ("/devices/{station}/replace", post(replace)),
    ]
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Done {
    done: String,
}

#[derive(Template)]
#[template(path = "staff/device.html")]
struct DevicePage {
    frame: Frame,
    code: String,
    name: String,
    place: String,
    state: &'static str,
    /// What is known of the device: words and values.
    facts: Vec<(&'static str, String)>,
    has_device: bool,
    may_change: bool,
    max_reason: usize,
    is_revoked_now: bool,
    /// The new code and the text of its slip, shown once.
    made: Option<(String, String)>,
}

async fn show(
    State(desk): State<Arc<Desk>>,
    by: SignedIn,
    Path(code): Path<String>,
    Query(Done { done }): Query<Done>,
) -> Answer {
    sheet(&desk, &by, &code, None, done == "revoked").await
}

async fn sheet(
    desk: &Arc<Desk>,
    by: &SignedIn,
    code: &str,
    made: Option<(String, String)>,
    is_revoked_now: bool,
) -> Answer {
    let definition = &desk.election.definition;
    let station = place::station(definition, by.account.scope, code)?;
    let view = of_station(desk, station).await?;
    let frame = Frame::new(&desk.election, by, "/devices", code);
    let time = |ms: Option<u64>| ms.map_or("–".to_owned(), |ms| frame.time(ms).text);
    let off = view.clock_off_ms.map(|off| format!("{:+} s", off / 1_000));
    let facts = [
        (text::ENROLLED_AT, time(view.enrolled_ms)),
        (text::TESTED_AT, time(view.rehearsed_ms)),
        (text::LAST_SEEN, time(view.seen_ms)),
        (text::CLOCK_OFF, off.unwrap_or_else(|| "–".to_owned())),
        (text::VERSION, view.version.clone().unwrap_or_else(|| "–".to_owned())),
        (text::VALID_UNTIL, time(view.certified_until_ms)),
        (text::CODE_UNTIL, time(view.code_until_ms)),
    ];
    page(&DevicePage {
        code: view.station.to_string(),
        name: view.name.clone(),
        place: place::whereabouts(definition, station),
        state: frame.say(state_word(view.state)),
        facts: facts.map(|(word, value)| (frame.say(word), value)).into(),
        has_device: view.enrolled_ms.is_some(),
        may_change: by.account.may(Right::Devices, definition, station),
        max_reason: MAX_REASON,
        is_revoked_now,
        made,
        frame,
    })
}

/// A station of the account's.
fn found(desk: &Desk, by: &SignedIn, code: &str) -> Result<StationCode, Refused> {
    let definition = &desk.election.definition;
    let station = place::station(definition, by.account.scope, code)?;
    Ok(definition.stations()[station as usize].code)
}

/// Has a change made; or says in words why it was not. It has a reason that says something,
/// for that stands in the log for ever.
async fn change(desk: &Arc<Desk>, by: &SignedIn, of: Change) -> Result<Option<String>, Refused> {
    let (Change::Revoke { act, .. } | Change::Replace { grant: CodeGrant { act, .. } }) = &of
    else {
        return Err(Refused::NotThere);
    };
    if act.reason.is_empty() {
        return Ok(Some(told::locale(desk, by).say(text::SAY_WHY).to_owned()));
    }
    match desk.change(&by.account, of).await {
        Ok(_) => Ok(None),
        Err(refusal) => told::refused(desk, by, refusal).map(Some),
    }
}

/// The page again, with what was typed into one of its sheets, and why it was not done.
async fn again(
    desk: &Arc<Desk>,
    (station, sheet_name): (StationCode, &'static str),
    posted: &Posted,
    why: String,
) -> Answer {
    let by = posted.by.having_typed(sheet_name, &posted.fields, Some(why));
    let page = sheet(desk, &by, station.as_str(), None, false).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

async fn revoke(State(desk): State<Arc<Desk>>, Path(code): Path<String>, posted: Posted) -> Answer {
    let station = found(&desk, &posted.by, &code)?;
    let act = posted.by.account.act(posted.fields.get("reason"));
    let revoked = Change::Revoke { stations: vec![station], act, at_ms: clock::now_ms() };
    if let Some(why) = change(&desk, &posted.by, revoked).await? {
        return again(&desk, (station, "revoke"), &posted, why).await;
    }
    Ok(Redirect::to(&format!("/devices/{station}?done=revoked")).into_response())
}

async fn replace(
    State(desk): State<Arc<Desk>>,
    Path(code): Path<String>,
    posted: Posted,
) -> Answer {
    let station = found(&desk, &posted.by, &code)?;
    let fault = |fault: &dyn std::fmt::Display| Refused::Fault(fault.to_string());
    let fresh = codes::fresh().map_err(|it| fault(&it))?;
    let slip =
        Slip::new(&desk.collector, desk.issuer.fingerprint(), fresh).map_err(|it| fault(&it))?;
    let (tag, at_ms) = (desk.codes.tag(&fresh), clock::now_ms());
    let (scope, until_ms) = (CodeScope::Station(station), at_ms + CODE_DAYS * DAY_MS);
    let act = posted.by.account.act(posted.fields.get("reason"));
    let grant = CodeGrant { tag, scope, until_ms, at_ms, act };
    if let Some(why) = change(&desk, &posted.by, Change::Replace { grant }).await? {
        return again(&desk, (station, "replace"), &posted, why).await;
    }
    // Shown here and never again: the log has its tag alone.
    let made = (slip.code.to_string(), slip.to_string());
    sheet(&desk, &posted.by, station.as_str(), Some(made), false).await
}
