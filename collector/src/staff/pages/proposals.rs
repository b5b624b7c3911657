//! What waits for a second person, and what has become of the rest.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::IntoResponse as _;
use axum::routing::{get, post};
use saksi_proto::text::{cases, desk as text};
use serde::Deserialize;

use super::case::Done;
use super::frame::Frame;
use super::refused::Refused;
use super::told::{self, not_made};
use super::{Answer, Route, page};
use crate::staff::desk::Desk;
use crate::staff::proposal::{Proposal, State as Stage};
use crate::staff::seconding::NotMade;
use crate::staff::signed_in::{Fields, Posted, SignedIn};
use crate::web::times::TimeShown;

/// Proposals of a page.
const ROWS: usize = 50;

/// Settled proposals that are looked at for a page: of those the account sees its own
/// region's.
const LOOKED: u32 = 500;

pub(super) fn routes() -> [Route; 4] {
    [
        ("/proposals", get(list)),
        ("/proposals/{id}", get(show)),
        ("/proposals/{id}/confirm", post(confirm)),
        ("/proposals/{id}/decline", post(decline)),
    ]
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// Rows that were on the pages before.
    from: usize,
    /// Settled ones older than this.
    before: Option<u64>,
}

struct Row {
    id: u64,
    sentence: String,
    reason: String,
    first: String,
    time: TimeShown,
    second: Option<String>,
    state: String,
}

impl Row {
    fn new(of: &Proposal, desk: &Desk, frame: &Frame) -> Self {
        Self {
            id: of.id,
            sentence: told::act(&of.change, &desk.election, &frame.locale),
            reason: of.reason().to_owned(),
            first: of.first.full_name.clone(),
            time: frame.time(of.first.at_ms),
            second: second(&of.state),
            state: state(&of.state, frame),
        }
    }
}

fn second(state: &Stage) -> Option<String> {
    match state {
        Stage::Confirmed { second, .. }
        | Stage::Done { second, .. }
        | Stage::Declined { second, .. } => Some(second.full_name.clone()),
        Stage::Open | Stage::Lapsed { .. } => None,
    }
}

fn state(state: &Stage, frame: &Frame) -> String {
    let locale = &frame.locale;
    match state {
        Stage::Open => locale.say(cases::STATE_OPEN).to_owned(),
        Stage::Confirmed { .. } => locale.say(cases::STATE_CONFIRMED).to_owned(),
        Stage::Done { entry, .. } => locale.fill(cases::STATE_DONE, &[entry]),
        Stage::Declined { remark, .. } => locale.fill(cases::STATE_DECLINED, &[remark]),
        Stage::Lapsed { why } => locale.fill(cases::STATE_LAPSED, &[&told::lapsed(why, locale)]),
    }
}

#[derive(Template)]
#[template(path = "staff/proposals.html")]
struct ProposalsPage {
    frame: Frame,
    open: Vec<Row>,
    next: Option<String>,
    past: Vec<Row>,
    older: Option<String>,
}

async fn list(State(desk): State<Arc<Desk>>, by: SignedIn, Query(asked): Query<Asked>) -> Answer {
    let frame = Frame::new(&desk.election, &by, "/proposals", "").titled(cases::PROPOSALS);
    let ids = desk.waiting_seen(&by.account);
    let mut open = Vec::new();
    for id in ids.iter().skip(asked.from).take(ROWS) {
        // One that was settled meanwhile is among those.
        let Ok(of) = desk.proposal(&by.account, *id).await else { continue };
        if desk.lapse(&of).await?.is_none() {
            open.push(Row::new(&of, &desk, &frame));
        }
    }
    let more = asked.from + ROWS;
    let before = asked.before;
    let past = desk.ask(move |store| store.settled_proposals(before, LOOKED)).await?;
    let (last, is_all) = (past.last().map(|of| of.id), past.len() < LOOKED as usize);
    let seen = |of: &&Proposal| of.is_seen_by(&by.account, &desk.election.definition);
    let seen: Vec<_> = past.iter().filter(seen).collect();
    let shown = &seen[..seen.len().min(ROWS)];
    let last = if seen.len() > ROWS { shown.last().map(|of| of.id) } else { last };
    let is_end = is_all && seen.len() <= ROWS;
    page(&ProposalsPage {
        open,
        next: (ids.len() > more).then(|| format!("/proposals?from={more}")),
        past: shown.iter().map(|of| Row::new(of, &desk, &frame)).collect(),
        older: last.filter(|_| !is_end).map(|last| format!("/proposals?before={last}")),
        frame,
    })
}

#[derive(Template)]
#[template(path = "staff/proposal.html")]
struct ProposalPage {
    frame: Frame,
    title: String,
    done: Option<String>,
    of: Row,
    case: Option<String>,
    is_open: bool,
    /// Why this account cannot confirm it, if so.
    cannot: Option<String>,
    is_own: bool,
    may_decline: bool,
    /// Letters that are left for a remark.
    room: usize,
}

async fn show(
    State(desk): State<Arc<Desk>>,
    by: SignedIn,
    Path(id): Path<u64>,
    Query(done): Query<Done>,
) -> Answer {
    sheet(&desk, &by, id, &done).await
}

async fn sheet(desk: &Arc<Desk>, by: &SignedIn, id: u64, done: &Done) -> Answer {
    let of = found(desk, by, id).await?;
    let of = match desk.lapse(&of).await? {
        Some(why) => Proposal { state: Stage::Lapsed { why }, ..of },
        None => of,
    };
    let mut frame = Frame::new(&desk.election, by, "/proposals", "");
    let title = frame.locale.fill(cases::PROPOSAL, &[&id]);
    frame.title = format!("{title} · {}", frame.title);
    let check = of.check_second(&by.account, &desk.election.definition);
    let is_open = of.state == Stage::Open;
    page(&ProposalPage {
        done: done.told(&frame),
        case: of.place().map(|(station, contest)| format!("/case/{station}/{contest}")),
        cannot: check.err().map(|not| told::why(&not.into(), &frame.locale)),
        is_own: of.first.account == by.account.name,
        may_decline: is_open
            && crate::staff::proposal::check_first(
                &of.change,
                &by.account,
                &desk.election.definition,
            )
            .is_ok(),
        room: saksi_proto::entry::MAX_REASON.saturating_sub(of.reason().len() + 3),
        is_open,
        title,
        of: Row::new(&of, desk, &frame),
        frame,
    })
}

async fn found(desk: &Arc<Desk>, by: &SignedIn, id: u64) -> Result<Proposal, Refused> {
    desk.proposal(&by.account, id).await.map_err(|not| match not {
        NotMade::Fault(fault) => fault.into(),
        _ => Refused::NotThere,
    })
}

async fn confirm(State(desk): State<Arc<Desk>>, Path(id): Path<u64>, posted: Posted) -> Answer {
    let Posted { by, fields } = posted;
    let back = format!("/proposals/{id}");
    match desk.confirm(&by.account, id, fields.get("remark")).await {
        Ok(entry) => Ok(led(format!("{back}?logged={entry}"))),
        Err(not) => again(&desk, &by, id, (not, "confirm"), &fields).await,
    }
}

async fn decline(State(desk): State<Arc<Desk>>, Path(id): Path<u64>, posted: Posted) -> Answer {
    let Posted { by, fields } = posted;
    let back = format!("/proposals/{id}");
    match desk.decline(&by.account, id, fields.get("remark")).await {
        Ok(()) => Ok(led(format!("{back}?declined={id}"))),
        Err(not) => again(&desk, &by, id, (not, "decline"), &fields).await,
    }
}

/// The page again, with what was typed into one of its sheets.
async fn again(
    desk: &Arc<Desk>,
    by: &SignedIn,
    id: u64,
    (not, sheet_name): (NotMade, &'static str),
    fields: &Fields,
) -> Answer {
    let (status, by) = not_made(desk, by, not, sheet_name, fields)?;
    Ok((status, sheet(desk, &by, id, &Done::default()).await?).into_response())
}

fn led(to: String) -> axum::response::Response {
    (StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response()
}
