//! One's own password: what an admin has made is known to two.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::response::IntoResponse as _;
use axum::routing::get;
use saksi_proto::text::{Phrase, desk as text};

use super::frame::Frame;
use super::refused::Refused;
use super::{Answer, Route, page};
use crate::staff::desk::Desk;
use crate::staff::listener::Peer;
use crate::staff::password::{self, KnownTo, LONGEST, SHORTEST};
use crate::staff::session::unset_cookie;
use crate::staff::signed_in::{Before, Posted, SignedIn};

pub(super) fn routes() -> [Route; 1] {
    [("/password", get(show).post(change))]
}

#[derive(Template)]
#[template(path = "staff/password.html")]
struct PasswordPage {
    frame: Frame,
    name: String,
    shortest: usize,
    /// Whether no other page opens before.
    is_first: bool,
    wrong: Option<&'static str>,
}

async fn show(State(desk): State<Arc<Desk>>, by: SignedIn) -> Answer {
    sheet(&desk, &by, None)
}

fn sheet(desk: &Desk, by: &SignedIn, wrong: Option<Phrase>) -> Answer {
    let frame = Frame::new(&desk.election, by, "", "").titled(text::NEW_PASSWORD);
    let wrong = wrong.map(|wrong| frame.say(wrong));
    let name = by.account.name.to_string();
    let is_first = by.before == Some(Before::Password);
    page(&PasswordPage { frame, name, shortest: SHORTEST, is_first, wrong })
}

async fn change(
    State(desk): State<Arc<Desk>>,
    Extension(Peer(peer)): Extension<Peer>,
    posted: Posted,
) -> Answer {
    let Posted { by, fields } = &posted;
    let account = by.account.clone();
    let refuse = |wrong: Phrase| -> Answer {
        Ok((StatusCode::UNPROCESSABLE_ENTITY, sheet(&desk, by, Some(wrong))?).into_response())
    };
    let (old, new) = (fields.raw("old").to_owned(), fields.raw("new").to_owned());
    if new != fields.raw("again") {
        return refuse(text::NOT_THE_SAME);
    }
    if password::check(&new, account.name.as_str(), &account.full_name).is_err() {
        return refuse(text::BAD_PASSWORD);
    }
    if new == old {
        return refuse(text::NOT_NEW);
    }
    // Whoever sits down at an open page guesses no faster than whoever is outside.
    if old.len() > LONGEST || desk.spend(&account.name, peer.ip()).is_err() {
        return refuse(text::WRONG_PASSWORD);
    }
    let name = account.name.clone();
    let found = desk.ask(move |store| store.account(&name)).await?;
    if !desk.hashing.is_right(old, found.map(|(_, hashed)| hashed)).await {
        return refuse(text::WRONG_PASSWORD);
    }
    desk.give_back(&account.name, peer.ip());
    let hashed = desk.hashing.hash(new).await;
    let hashed = hashed.map_err(|fault| Refused::Fault(fault.to_string()))?;
    let name = account.name.clone();
    desk.ask(move |store| store.set_password(&name, &hashed, KnownTo::Owner)).await?;
    desk.note(&account, "own-password", "", "").await?;
    // All sessions are ended, this one too.
    let headers = [(LOCATION, "/sign-in".to_owned()), (SET_COOKIE, unset_cookie())];
    Ok((StatusCode::SEE_OTHER, headers).into_response())
}
