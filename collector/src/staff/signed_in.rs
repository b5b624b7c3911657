//! Who asks: pages are for those who are signed in, and what a form posts is taken only from
//! a page of ours.
//!
//! Four things keep forged forms out, each enough alone in a browser of today: the cookie is
//! `SameSite=Strict`; `Origin` must be ours; so must `Sec-Fetch-Site`, where it is sent; and
//! each form carries a word that is made of the session's token.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::{HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse as _, Redirect, Response};
use saksi_proto::digest::Digest;
use saksi_proto::text::Language;

use super::account::Account;
use super::desk::Desk;
use super::pages::refused::Refused;
use super::password::KnownTo;
use super::session::{self, Token};
use super::typed::{Typed, sentences};
use crate::clock;

/// Most bytes of a posted form.
pub const MAX_FORM: usize = 64 << 10;

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The account.
    pub account: Account,
    /// The word that this session's forms carry.
    pub csrf: String,
    /// What is kept of the session's token.
    pub session: Digest,
    /// The language that was chosen, if one was.
    pub language: Option<Language>,
    /// The path that was asked for, with its query.
    pub path: String,
    /// Proposals that wait for this account.
    pub waiting: usize,
    /// What is to be done before any other page opens.
    pub before: Option<Before>,
    /// What was typed into a sheet of the page, and came to nothing.
    pub typed: Option<Typed>,
}

/// What somebody has to do before the desk opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before {
    /// Choose a password: that of the account is known to whoever has made it.
    Password,
    /// Set up a second factor, which is demanded of the role.
    Second,
}

impl Before {
    /// Its page.
    fn page(self) -> &'static str {
        match self {
            Self::Password => "/password",
            Self::Second => "/second",
        }
    }

    /// Whether a page is there before it is done.
    fn admits(self, path: &str) -> bool {
        let path = path.split('?').next().unwrap_or_default();
        let is_open = path == "/password" || path == "/sign-out";
        is_open || self == Self::Second && (path == "/second" || path.starts_with("/second/"))
    }
}

impl SignedIn {
    async fn of(
        desk: &Arc<Desk>,
        headers: &HeaderMap,
        path: &str,
    ) -> Result<Option<Self>, Refused> {
        let Some(token) = Token::of(headers) else { return Ok(None) };
        let (session, now_ms) = (token.digest(), clock::now_ms());
        // What refreshes itself does not keep a session alive.
        let in_use = !path.starts_with("/live");
        let demanded = desk.second_factor.clone();
        let found = desk.ask(move |store| {
            let Some(account) = store.session(&session, in_use, now_ms)? else { return Ok(None) };
            let name = &account.name;
            let before = if store.password_known_to(name)? == KnownTo::Giver {
                Some(Before::Password)
            } else if demanded.is_demanded_of(account.role) && store.second(name)?.is_none() {
                Some(Before::Second)
            } else {
                None
            };
            Ok(Some((account, before)))
        });
        let found = found.await?;
        let (csrf, language, path) = (token.csrf(), language(headers), path.to_owned());
        Ok(found.map(|(account, before)| {
            let waiting = desk.waiting_for(&account);
            Self { account, csrf, session, language, path, waiting, before, typed: None }
        }))
    }

    /// The same, who has typed this into a sheet of a page, for nothing.
    #[must_use]
    pub fn having_typed(
        &self,
        sheet: &'static str,
        fields: &Fields,
        wrong: Option<String>,
    ) -> Self {
        let typed = Some(Typed { sheet, fields: fields.clone(), wrong });
        Self { typed, ..self.clone() }
    }
}

impl FromRequestParts<Arc<Desk>> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, desk: &Arc<Desk>) -> Result<Self, Response> {
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        match Self::of(desk, &parts.headers, path).await {
            Ok(Some(by)) => match by.before.filter(|before| !before.admits(path)) {
                None => Ok(by),
                Some(before) if parts.method == Method::GET => {
                    Err(Redirect::to(before.page()).into_response())
                }
                Some(_) => Err(Refused::Forbidden.into_response()),
            },
            Ok(None) if parts.method == Method::GET => {
                Err(Redirect::to("/sign-in").into_response())
            }
            Ok(None) => Err(Refused::SignedOut(Vec::new()).into_response()),
            Err(refused) => Err(refused.into_response()),
        }
    }
}

/// The language of a request's cookie.
#[must_use]
pub fn language(headers: &HeaderMap) -> Option<Language> {
    session::cookie(headers, session::LANGUAGE_COOKIE).and_then(Language::from_code)
}

/// The fields of a posted form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// The text of a field, the first of its name, without the spaces around it; empty if
    /// there is none.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value.trim())
    }

    /// The text of a field as it was typed: a password may begin with a space.
    #[must_use]
    pub fn raw(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value)
    }

    /// The texts of all fields of a name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.trim())
    }

    /// Without those of a name.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.0.retain(|(key, _)| key != name);
        self
    }

    fn read(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).into_owned().collect())
    }
}

/// A form of ours, posted by somebody who is signed in.
#[derive(Debug, Clone)]
pub struct Posted {
    /// Who.
    pub by: SignedIn,
    /// What.
    pub fields: Fields,
}

impl FromRequest<Arc<Desk>> for Posted {
    type Rejection = Response;

    async fn from_request(request: Request, desk: &Arc<Desk>) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let by = SignedIn::from_request_parts(&mut parts, desk).await;
        let request = Request::from_parts(parts, body);
        let Unsigned(fields) = Unsigned::from_request(request, desk).await?;
        // Whose session is over has typed it all the same.
        let by = by.map_err(|refusal| {
            let is_out = refusal.extensions().get() == Some(&Refused::SignedOut(Vec::new()));
            if is_out { Refused::SignedOut(sentences(&fields)).into_response() } else { refusal }
        })?;
        if !session::is_same(fields.get("csrf"), &by.csrf) {
            return Err(Refused::Forged(sentences(&fields)).into_response());
        }
        Ok(Self { by, fields })
    }
}

/// A form that comes from a page of ours, from nobody yet: that of the sign-in.
#[derive(Debug, Clone)]
pub struct Unsigned(pub Fields);

impl FromRequest<Arc<Desk>> for Unsigned {
    type Rejection = Response;

    async fn from_request(request: Request, _: &Arc<Desk>) -> Result<Self, Response> {
        if !is_ours(request.headers()) {
            return Err(Refused::Forged(Vec::new()).into_response());
        }
        let body = Bytes::from_request(request, &()).await;
        let body = body.map_err(axum::response::IntoResponse::into_response)?;
        Ok(Self(Fields::read(&body)))
    }
}

/// Whether a page of this very address has posted it. Every browser that can speak TLS 1.3
/// sends `Origin` with a form.
fn is_ours(headers: &HeaderMap) -> bool {
    let text =
        |name| headers.get(name).and_then(|value: &axum::http::HeaderValue| value.to_str().ok());
    let (Some(host), Some(origin)) = (text(HOST), text(ORIGIN)) else { return false };
    let site = headers.get("sec-fetch-site").map(|site| site.as_bytes() == b"same-origin");
    origin.strip_prefix("https://") == Some(host) && site.unwrap_or(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_comes_from_our_own_pages() {
        let headers = |pairs: &[(&'static str, &str)]| {
            let pairs = pairs.iter().map(|(name, value)| {
                let name = axum::http::HeaderName::from_static(name);
                (name, value.parse().unwrap())
            });
            HeaderMap::from_iter(pairs)
        };
        let host = ("host", "desk:7482");
        let good = ("origin", "https://desk:7482");
        assert!(is_ours(&headers(&[host, good])));
        assert!(is_ours(&headers(&[host, good, ("sec-fetch-site", "same-origin")])));
        for forged in [
            &[host][..],
            &[good],
            &[host, ("origin", "null")],
            &[host, ("origin", "http://desk:7482")],
            &[host, ("origin", "https://desk")],
            &[host, ("origin", "https://evil.example")],
            &[host, good, ("sec-fetch-site", "same-site")],
            &[host, good, ("sec-fetch-site", "cross-site")],
        ] {
            assert!(!is_ours(&headers(forged)), "{forged:?}");
        }
    }

    #[test]
    fn fields_are_read_as_browsers_write_them() {
        let fields = Fields::read(b"a=+x+y+&b=1&b=2&c=%26");
        assert_eq!((fields.get("a"), fields.raw("a")), ("x y", " x y "));
        assert_eq!(fields.all("b").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!((fields.get("c"), fields.get("d")), ("&", ""));
    }
}
