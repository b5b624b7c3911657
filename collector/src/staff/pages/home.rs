//! The first page: how the account's region stands, now and while it is looked at.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::routing::get;
use saksi_proto::text::desk as text;

use super::counters::{Counters, counters};
use super::frame::Frame;
use super::refused::Refused;
use super::{Answer, Route, page};
use crate::clock;
use crate::staff::desk::Desk;
use crate::staff::signed_in::SignedIn;
use crate::web::times::TimeShown;

pub(super) fn routes() -> [Route; 1] {
    [("/", get(home))]
}

#[derive(Template)]
#[template(path = "staff/home.html")]
struct HomePage {
    frame: Frame,
    counters: Counters,
    now: TimeShown,
}

async fn home(State(desk): State<Arc<Desk>>, by: SignedIn) -> Answer {
    let frame = Frame::new(&desk.election, &by, "/", "").titled(text::HOME);
    let region = by.account.scope.region(&desk.election.definition).ok_or(Refused::NotThere)?;
    let locale = frame.locale.clone();
    let counters = desk.look(move |ledger| counters(ledger, region, &locale)).await?;
    let now = frame.time(clock::now_ms());
    page(&HomePage { frame, counters, now })
}
