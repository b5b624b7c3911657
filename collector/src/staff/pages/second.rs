//! One's own second factor: set up with a telephone, whose code is typed once, and again with
//! another. Recovery codes are shown once.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::response::IntoResponse as _;
use axum::routing::{get, post};
use saksi_proto::digest::Digest;
use saksi_proto::text::{Phrase, desk as text};

use super::frame::Frame;
use super::refused::Refused;
use super::{Answer, Route, page};
use crate::clock;
use crate::slips;
use crate::staff::desk::Desk;
use crate::staff::listener::Peer;
use crate::staff::password::LONGEST;
use crate::staff::second::{self, Secret};
use crate::staff::session::Token;
use crate::staff::signed_in::{Before, Posted, SignedIn};

pub(super) fn routes() -> [Route; 3] {
    [("/second", get(show)), ("/second/begin", post(begin)), ("/second/confirm", post(confirm))]
}

#[derive(Template)]
#[template(path = "staff/second.html")]
struct SecondPage {
    frame: Frame,
    wrong: Option<&'static str>,
    /// Whether nothing else can be done before.
    is_first: bool,
    /// Since when there is one, and how many recovery codes are left.
    has: Option<(String, usize)>,
    /// What the telephone reads, drawn, and its letters.
    begun: Option<(String, String)>,
    /// Recovery codes, shown once.
    made: Vec<String>,
}

async fn show(State(desk): State<Arc<Desk>>, by: SignedIn) -> Answer {
    sheet(&desk, &by, None, None).await
}

async fn sheet(
    desk: &Arc<Desk>,
    by: &SignedIn,
    wrong: Option<Phrase>,
    begun: Option<Secret>,
) -> Answer {
    let frame = Frame::new(&desk.election, by, "", "").titled(text::SECOND);
    let name = by.account.name.clone();
    let has = desk.ask(move |store| store.second(&name)).await?;
    let has = has.map(|of| (frame.time(of.since_ms).text, of.recovery));
    let begun = begun.map(|secret| {
        let address = secret.address(by.account.name.as_str(), &frame.election);
        let drawn = slips::qr::draw(&address).map_err(|fault| Refused::Fault(fault.to_string()));
        drawn.map(|drawn| (drawn, secret.letters()))
    });
    page(&SecondPage {
        wrong: wrong.map(|wrong| frame.say(wrong)),
        is_first: by.before == Some(Before::Second),
        has,
        begun: begun.transpose()?,
        made: Vec::new(),
        frame,
    })
}

/// A secret for a telephone, for whoever has the password, and the code of the one before.
async fn begin(
    State(desk): State<Arc<Desk>>,
    Extension(Peer(peer)): Extension<Peer>,
    Posted { by, fields }: Posted,
) -> Answer {
    let name = by.account.name.clone();
    let password = fields.raw("password").to_owned();
    // Whoever sits down at an open page guesses no faster than whoever is outside.
    let is_let = password.len() <= LONGEST && desk.spend(&name, peer.ip()).is_ok();
    let asked = name.clone();
    let found = desk.ask(move |store| store.account(&asked)).await?;
    let is_right = is_let && desk.hashing.is_right(password, found.map(|it| it.1)).await;
    if !is_right || desk.second_of(&name, fields.get("code")).await?.is_none() {
        let page = sheet(&desk, &by, Some(text::SECOND_WRONG), None).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    desk.give_back(&name, peer.ip());
    let secret = Secret::fresh().map_err(|fault| Refused::Fault(fault.to_string()))?;
    let (kept, now_ms) = (secret.clone(), clock::now_ms());
    desk.ask(move |store| store.begin_second(&name, &kept, now_ms)).await?;
    sheet(&desk, &by, None, Some(secret)).await
}

/// The telephone has the secret: its code says so. All sessions end, and a new one begins.
async fn confirm(
    State(desk): State<Arc<Desk>>,
    Extension(Peer(peer)): Extension<Peer>,
    Posted { mut by, fields }: Posted,
) -> Answer {
    let (name, now_ms) = (by.account.name.clone(), clock::now_ms());
    let asked = name.clone();
    let begun = desk.ask(move |store| store.begun_second(&asked, now_ms)).await?;
    let Some(secret) = begun else {
        let page = sheet(&desk, &by, Some(text::SECOND_LATE), None).await?;
        return Ok((StatusCode::CONFLICT, page).into_response());
    };
    let is_let = desk.spend(&name, peer.ip()).is_ok();
    let step = secret.step_of(&second::plain(fields.get("code")), 0, now_ms);
    let Some(step) = step.filter(|_| is_let) else {
        let page = sheet(&desk, &by, Some(text::SECOND_WRONG), Some(secret)).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    };
    desk.give_back(&name, peer.ip());
    let no_random = |fault: crate::staff::session::NoRandom| Refused::Fault(fault.to_string());
    let made = second::recovery_codes().map_err(no_random)?;
    let token = Token::fresh().map_err(no_random)?;
    let digests: Vec<Digest> = made.iter().map(|code| second::recovery_digest(code)).collect();
    let session = token.digest();
    desk.ask(move |store| {
        store.set_second(&name, (&secret, step), &digests, now_ms)?;
        store.begin_session(&session, &name, now_ms)
    })
    .await?;
    desk.note(&by.account, "second-factor-set", "", "").await?;
    (by.csrf, by.session, by.before) = (token.csrf(), session, None);
    let frame = Frame::new(&desk.election, &by, "", "").titled(text::SECOND);
    let (wrong, has, begun) = (None, None, None);
    let page = page(&SecondPage { frame, wrong, is_first: false, has, begun, made })?;
    Ok(([(SET_COOKIE, token.set_cookie())], page).into_response())
}
