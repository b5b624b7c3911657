//! The first page: how the account's region stands.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::routing::get;
use saksi_proto::text::desk as text;

use super::frame::Frame;
use super::{Answer, Route, page};
use crate::staff::desk::Desk;
use crate::staff::signed_in::SignedIn;

pub(super) fn routes() -> [Route; 1] {
    [("/", get(home))]
}

#[derive(Template)]
#[template(path = "staff/home.html")]
struct HomePage {
    frame: Frame,
}

async fn home(State(desk): State<Arc<Desk>>, by: SignedIn) -> Answer {
    let frame = Frame::new(&desk.election, &by, "/", "");
    page(&HomePage { frame })
}
