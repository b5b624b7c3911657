//! The wall view: how a region stands, for a projector. Whoever has its link sees it, and
//! nothing else; it is never signed out, and ends when the link is ended.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::routing::get;
use saksi_proto::definition::RegionIndex;
use saksi_proto::text::desk as text;

use super::counters::{Counters, counters};
use super::frame::Frame;
use super::place;
use super::refused::Refused;
use super::{Answer, Route, page};
use crate::clock;
use crate::staff::account::Scope;
use crate::staff::desk::Desk;
use crate::staff::session::Token;
use crate::staff::signed_in::language;
use crate::web::times::TimeShown;

/// Seconds after which a browser without scripts loads the page again.
const AGAIN: u32 = 60;

pub(super) fn routes() -> [Route; 2] {
    [("/wall/{token}", get(show)), ("/wall/{token}/live", get(live))]
}

#[derive(Template)]
#[template(path = "staff/wall.html")]
struct WallPage {
    frame: Frame,
    region: String,
    counters: Counters,
    now: TimeShown,
    stream: String,
    again: u32,
}

/// The region of a link, as long as it is good.
async fn region(desk: &Arc<Desk>, token: &str) -> Result<RegionIndex, Refused> {
    let digest = Token::shown(token).ok_or(Refused::NotThere)?.digest();
    let wall = desk.ask(move |store| store.wall(&digest)).await?.ok_or(Refused::NotThere)?;
    let scope = wall.region.map_or(Scope::Whole, Scope::Region);
    scope.region(&desk.election.definition).ok_or(Refused::NotThere)
}

async fn show(
    State(desk): State<Arc<Desk>>,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Answer {
    let region = region(&desk, &token).await?;
    let path = format!("/wall/{token}");
    let frame = Frame::outside(&desk.election, language(&headers), &path, "");
    let locale = frame.locale.clone();
    let counters = desk.look(move |ledger| counters(ledger, region, &locale)).await?;
    page(&WallPage {
        region: place::link(&desk.election.definition, region).name,
        counters,
        now: frame.time(clock::now_ms()),
        stream: format!("{path}/live"),
        again: AGAIN,
        frame,
    })
}

async fn live(
    State(desk): State<Arc<Desk>>,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Answer {
    let region = region(&desk, &token).await?;
    let languages = &desk.election.definition.head().languages;
    let locale = crate::web::locale::Locale::new(language(&headers), languages);
    Ok(super::live::stream(&desk, region, locale))
}
