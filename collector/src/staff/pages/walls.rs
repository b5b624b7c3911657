//! Links to wall views, given out and ended by admins, on the page of the accounts.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::http::header::HOST;
use axum::routing::post;
use saksi_proto::text::desk as text;

use super::accounts::{Asked, NotDone, admit, is_mine, scope, sheet, shown};
use super::refused::Refused;
use super::{Answer, Route};
use crate::clock;
use crate::staff::account::{self, Scope};
use crate::staff::desk::Desk;
use crate::staff::session::Token;
use crate::staff::signed_in::Posted;
use crate::staff::store::walls::Wall;

pub(super) fn routes() -> [Route; 2] {
    [("/walls/add", post(add)), ("/walls/{id}/end", post(end))]
}

async fn add(
    State(desk): State<Arc<Desk>>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
    posted: Posted,
) -> Answer {
    let added = added(&desk, &headers, &posted).await;
    shown(&desk, &posted, &asked, "wall", added.map(Some)).await
}

async fn added(
    desk: &Arc<Desk>,
    headers: &HeaderMap,
    posted: &Posted,
) -> Result<(String, String), NotDone> {
    let Posted { by, fields } = posted;
    admit(by)?;
    let name = account::full_name(fields.get("name"));
    let name = name.map_err(|_| NotDone::Unfit(text::BAD_ACCOUNT))?;
    let (scope, made_ms) = (scope(desk, posted)?, clock::now_ms());
    let token = Token::fresh().map_err(|fault| Refused::Fault(fault.to_string()))?;
    let (digest, made_by) = (token.digest(), by.account.name.to_string());
    let wall = Wall { id: 0, name: name.clone(), region: scope.code(), made_by, made_ms };
    let id = desk.ask(move |store| store.add_wall(&digest, &wall)).await?;
    let id = id.ok_or(NotDone::Unfit(text::NO_ROOM))?;
    desk.note(&by.account, "wall-add", "", &format!("{id}: {name}")).await?;
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let link = format!("https://{host}/wall/{}", token.as_str());
    Ok((name, link))
}

async fn end(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<i64>,
    Query(asked): Query<Asked>,
    posted: Posted,
) -> Answer {
    admit(&posted.by)?;
    let walls = desk.ask(|store| store.walls()).await?;
    let scope = |wall: &Wall| wall.region.map_or(Scope::Whole, Scope::Region);
    let wall = walls.iter().find(|wall| wall.id == id);
    let mine = wall.filter(|wall| is_mine(&desk.election.definition, &posted.by, scope(wall)));
    mine.ok_or(Refused::NotThere)?;
    let now_ms = clock::now_ms();
    desk.ask(move |store| store.end_wall(id, now_ms)).await?;
    desk.note(&posted.by.account, "wall-end", "", &id.to_string()).await?;
    sheet(&desk, &posted.by, &asked, None).await
}
