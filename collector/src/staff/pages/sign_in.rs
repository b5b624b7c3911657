//! Sign in, sign out, and the language of the pages.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::http::header::{LOCATION, RETRY_AFTER, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use saksi_proto::text::{Language, desk as text};
use serde::Deserialize;

use super::frame::Frame;
use super::{Answer, Route, page};
use crate::clock;
use crate::staff::account::AccountName;
use crate::staff::desk::{Desk, Passed};
use crate::staff::listener::Peer;
use crate::staff::password::LONGEST;
use crate::staff::session::{LANGUAGE_COOKIE, Token, unset_cookie};
use crate::staff::signed_in::{Posted, Unsigned, language};

use super::refused::Refused;

/// Seconds that a chosen language is kept: a year.
const LANGUAGE_SECONDS: u32 = 365 * 24 * 60 * 60;

pub(super) fn routes() -> [Route; 3] {
    [
        ("/sign-in", get(show).post(sign_in)),
        ("/sign-out", post(sign_out)),
        ("/language/{code}", get(choose_language)),
    ]
}

#[derive(Template)]
#[template(path = "staff/sign_in.html")]
struct SignInPage {
    frame: Frame,
    name: String,
    /// Why it was not taken.
    wrong: Option<String>,
}

fn sheet(desk: &Desk, headers: &HeaderMap, name: &str, wrong: Option<String>) -> Answer {
    let frame = Frame::outside(&desk.election, language(headers), "/sign-in", "");
    let frame = frame.titled(text::SIGN_IN);
    page(&SignInPage { frame, name: name.to_owned(), wrong })
}

async fn show(State(desk): State<Arc<Desk>>, headers: HeaderMap) -> Answer {
    sheet(&desk, &headers, "", None)
}

async fn sign_in(
    State(desk): State<Arc<Desk>>,
    Extension(Peer(peer)): Extension<Peer>,
    headers: HeaderMap,
    Unsigned(fields): Unsigned,
) -> Answer {
    let (typed, password) = (fields.get("name").to_lowercase(), fields.raw("password"));
    let locale = Frame::outside(&desk.election, language(&headers), "", "").locale;
    let wrong = || -> Answer {
        let sheet = sheet(&desk, &headers, &typed, Some(locale.say(text::WRONG).to_owned()))?;
        Ok((StatusCode::FORBIDDEN, sheet).into_response())
    };
    let Ok(name) = typed.parse::<AccountName>() else { return wrong() };
    if let Err(wait) = desk.spend(&name, peer.ip()) {
        let minutes = wait.as_secs().div_ceil(60);
        let late = locale.fill(text::TOO_OFTEN, &[&minutes]);
        let sheet = sheet(&desk, &headers, &typed, Some(late))?;
        let headers = [(RETRY_AFTER, wait.as_secs().max(1).to_string())];
        return Ok((StatusCode::TOO_MANY_REQUESTS, headers, sheet).into_response());
    }
    let asked = name.clone();
    let found = desk.ask(move |store| store.account(&asked)).await?;
    let found = found.filter(|(account, _)| account.ended_ms.is_none());
    let (account, hashed) =
        found.map_or((None, None), |(account, hashed)| (Some(account), Some(hashed)));
    let fits = password.len() <= LONGEST;
    let tried = if fits { password.to_owned() } else { String::new() };
    let is_right = desk.hashing.is_right(tried, hashed).await && fits;
    let Some(account) = account.filter(|_| is_right) else { return wrong() };
    let Some(passed) = desk.second_of(&name, fields.get("code")).await? else { return wrong() };
    desk.give_back(&name, peer.ip());
    let token = Token::fresh().map_err(|fault| Refused::Fault(fault.to_string()))?;
    let (digest, now_ms) = (token.digest(), clock::now_ms());
    desk.ask(move |store| store.begin_session(&digest, &name, now_ms)).await?;
    desk.note(&account, "sign-in", "", &peer.ip().to_string()).await?;
    let Passed::Recovery(left) = passed else { return Ok(lead("/", &token.set_cookie())) };
    desk.note(&account, "recovery-code", "", &format!("{left} left")).await?;
    Ok(lead("/second", &token.set_cookie()))
}

async fn sign_out(State(desk): State<Arc<Desk>>, posted: Posted) -> Answer {
    let session = posted.by.session;
    desk.ask(move |store| store.end_session(&session)).await?;
    desk.note(&posted.by.account, "sign-out", "", "").await?;
    Ok(lead("/sign-in", &unset_cookie()))
}

#[derive(Deserialize)]
struct Back {
    #[serde(default)]
    back: String,
}

async fn choose_language(Path(code): Path<String>, Query(Back { back }): Query<Back>) -> Answer {
    let language = Language::from_code(&code).ok_or(Refused::NotThere)?;
    // To a page of ours only: “//evil.example” is another host.
    let is_ours = back.starts_with('/')
        && !back.starts_with("//")
        && back.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let back = if is_ours { back.as_str() } else { "/" };
    let cookie = format!(
        "{LANGUAGE_COOKIE}={}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={LANGUAGE_SECONDS}",
        language.code()
    );
    Ok(lead(back, &cookie))
}

fn lead(to: &str, cookie: &str) -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, to), (SET_COOKIE, cookie)]).into_response()
}
