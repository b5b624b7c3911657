//! What is done with a case: read back first, then logged or proposed.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use saksi_proto::definition::StationIndex;
use saksi_proto::ids::{ContestCode, StationCode};
use saksi_proto::question::Question;
use saksi_proto::ruling::{Decision, Ruling};
use saksi_proto::text::{cases, desk as text};

use super::case::{self, Done, found};
use super::frame::Frame;
use super::told::{self, not_made};
use super::{Answer, page};
use crate::changes::centre::{Denial, to_rule_on};
use crate::changes::{Change, decide as decided};
use crate::clock;
use crate::ledger::Ledger;
use crate::staff::account::Account;
use crate::staff::desk::Desk;
use crate::staff::proposal::Lapse;
use crate::staff::seconding::{Made, NotMade};
use crate::staff::signed_in::{Fields, Posted, SignedIn};
use crate::view::case::seen;

/// A field that the next page carries on.
pub(super) struct Hidden {
    pub name: &'static str,
    pub value: String,
}

/// An act, read back.
#[derive(Template)]
#[template(path = "staff/read_back.html")]
struct ReadBack {
    frame: Frame,
    address: String,
    sentence: String,
    /// Forms that it names; none, if it is no ruling.
    over: Option<String>,
    reason: String,
    full_name: String,
    two: bool,
    hidden: Vec<Hidden>,
}

/// The sheets of a case.
const RULE: &str = "rule";
const ASK: &str = "ask";

/// Fields that are carried from the sheet to the act.
const CARRIED: [&str; 5] = ["seen", "choice", "reason", "text", "line"];

pub(super) async fn decide(
    State(desk): State<Arc<Desk>>,
    Path((station, contest)): Path<(String, String)>,
    Posted { by, fields }: Posted,
) -> Answer {
    let (at, station_at) = found(&desk, &by, &station, &contest)?;
    let definition = &desk.election.definition;
    let codes = (definition.stations()[station_at as usize].code, definition.contests()[at].code);
    let address = format!("/case/{}/{}", codes.0, codes.1);
    let (account, asked) = (by.account.clone(), fields.clone());
    let change = desk.look(move |ledger| {
        change(ledger, (at, station_at), codes, &asked, &account, clock::now_ms())
    });
    let gone_on = match change.await? {
        Ok(change) => go_on(&desk, &by, &fields, change, address).await,
        Err(not) => Err(not),
    };
    let sheet = if fields.get("choice") == ASK { ASK } else { RULE };
    match gone_on {
        Ok(Next::Answer(answer)) => Ok(answer),
        Ok(Next::Again) => {
            let by = by.having_typed(sheet, &fields, None);
            case::sheet(&desk, &by, (at, station_at), Done::default()).await
        }
        Err(not) => {
            let other = matches!(not, NotMade::Lapsed(Lapse::Denied(Denial::OtherForms)));
            // Among other forms it is chosen anew.
            let fields = if other { fields.without("choice") } else { fields };
            let (status, by) = not_made(&desk, &by, not, sheet, &fields)?;
            let page = case::sheet(&desk, &by, (at, station_at), Done::default()).await?;
            Ok((status, page).into_response())
        }
    }
}

/// What comes of a sheet.
pub(super) enum Next {
    /// A page, or the way to one.
    Answer(Response),
    /// The sheet again, as it was typed.
    Again,
}

/// Reads an act back, or makes it if that was done.
///
/// # Errors
/// [`NotMade`]: the sheet is shown again.
pub(super) async fn go_on(
    desk: &Arc<Desk>,
    by: &SignedIn,
    fields: &Fields,
    change: Change,
    address: String,
) -> Result<Next, NotMade> {
    match fields.get("confirmed") {
        "yes" => {}
        "no" => return Ok(Next::Again),
        _ => {
            let page = read_back(desk, by, fields, &change, address);
            return Ok(Next::Answer(page.unwrap_or_else(IntoResponse::into_response)));
        }
    }
    let led = match desk.act(&by.account, change).await? {
        Made::Logged(entry) => {
            let entry = entry.map(|entry| entry.to_string()).unwrap_or_default();
            format!("{address}?logged={entry}")
        }
        Made::Proposed(id) => format!("{address}?proposed={id}"),
    };
    Ok(Next::Answer((StatusCode::SEE_OTHER, [(LOCATION, led)]).into_response()))
}

fn read_back(
    desk: &Arc<Desk>,
    by: &SignedIn,
    fields: &Fields,
    change: &Change,
    address: String,
) -> Answer {
    let frame = Frame::new(&desk.election, by, "", "").titled(cases::READ_BACK);
    let over = match change {
        Change::Rule(ruling) => Some(frame.locale.fill(cases::READ_OVER, &[&ruling.over.len()])),
        _ => None,
    };
    let hidden = CARRIED.iter().flat_map(|name| {
        let values = fields.all(name);
        values.map(|value| Hidden { name, value: value.to_owned() }).collect::<Vec<_>>()
    });
    page(&ReadBack {
        sentence: told::act(change, &desk.election, &frame.locale),
        over,
        reason: fields.get("reason").to_owned(),
        full_name: by.account.full_name.clone(),
        two: desk.seconding.policy.are_for(change),
        hidden: hidden.collect(),
        address,
        frame,
    })
}

/// What a sheet asks for, as it would be logged now.
fn change(
    ledger: &Ledger,
    (contest, station): (usize, StationIndex),
    codes: (StationCode, ContestCode),
    fields: &Fields,
    account: &Account,
    at_ms: u64,
) -> Result<Change, NotMade> {
    let denied = |denial| NotMade::Lapsed(Lapse::Denied(denial));
    let act = account.act(fields.get("reason"));
    let choice = fields.get("choice");
    let change = if choice == ASK {
        let lines = fields.all("line").filter(|line| !line.is_empty()).map(str::to_owned);
        let (lines, text) = (lines.collect(), fields.get("text").to_owned());
        let (station, contest) = codes;
        Change::Ask(Question { station, contest, lines, text, at_ms, act })
    } else {
        let over = to_rule_on(ledger, contest, station);
        if fields.get("seen") != seen(&over).to_string() {
            return Err(denied(Denial::OtherForms));
        }
        let decision = match (choice, choice.strip_prefix("accept:")) {
            ("reject", _) => Decision::Reject,
            ("withdraw", _) => Decision::Withdraw,
            (_, Some(form)) => {
                Decision::Accept(form.parse().map_err(|_| denied(Denial::UnknownForm))?)
            }
            _ => return Err(NotMade::NoChoice),
        };
        let (station, contest) = codes;
        Change::Rule(Ruling { station, contest, decision, over, at_ms, act })
    };
    match decided(ledger, &change) {
        Ok(_) => Ok(change),
        Err(fault) => Err(NotMade::Lapsed(fault.into())),
    }
}
