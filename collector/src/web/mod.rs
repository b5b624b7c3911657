//! The web: the JSON API, the plain pages for watchers, and the files of the public log.
//! It reads the ledger and changes nothing.
//!
//! Every answer is made in the same steps: `asked` reads the request, a function
//! of [`crate::view`] makes a value under the ledger's lock, and after the lock is
//! released `api` writes it as JSON or `pages` as HTML; `content` gives it its
//! entity tag.

mod album;
mod api;
mod asked;
mod content;
mod instead;
pub(crate) mod links;
pub(crate) mod locale;
mod missing;
pub(crate) mod pages;
pub(crate) mod percent;
pub mod public;
mod reader;
mod site;
pub(crate) mod times;

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::{Arc, RwLock};

use axum::Router;
use axum::extract::State;
use axum::http::header::{
    CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::middleware::map_response;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, get};
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};

use crate::config::Shown;
use crate::home::Home;
use crate::ledger::Ledger;
use album::Album;
use asked::Asked;
use content::Content;
use instead::Instead;
use missing::Missing;
use reader::Reader;

/// Headers of every answer. Pages have no script, but for those of the static site, and nothing
/// of another origin.
const HEADERS: [(HeaderName, &str); 3] = [
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'",
    ),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
];

/// A path and what answers it.
type Route = (&'static str, MethodRouter<Reader>);

/// What lies on the disk beside the ledger.
#[derive(Debug, Clone)]
pub struct Beside {
    /// The public directory.
    pub published: PathBuf,
    /// The journal, in which forms name their photos; nothing, where photos are not public.
    pub journal: Option<PathBuf>,
    /// Whether pages lead to those of the static site, where it has them.
    pub has_site: bool,
}

impl Beside {
    /// What a collector has.
    #[must_use]
    pub fn of(home: &Home, shown: Shown) -> Self {
        let journal = (shown != Shown::Nothing).then(|| home.journal());
        Self { published: home.public(), journal, has_site: shown == Shown::Everything }
    }
}

/// API, pages, the published files, and a sign of life at `/healthz`.
pub fn router(ledger: Arc<RwLock<Ledger>>, beside: &Beside) -> Router {
    let published = &beside.published;
    let instead = if beside.has_site { Instead::below(published) } else { Instead::nowhere() };
    let routes = api::routes().into_iter().chain(pages::routes()).chain([health()]);
    let routes = routes.chain(public::routes(published));
    routes
        .fold(Router::new(), |router, (path, answer)| router.route(path, answer))
        .fallback(nothing_here)
        .layer(map_response(with_headers))
        .layer(compressed())
        .with_state(Reader::new(ledger, instead, Album::of(beside)))
}

/// Answers an address that does not exist, in the form that its neighbours have.
async fn nothing_here(State(reader): State<Reader>, asked: Asked) -> Response {
    if asked.path.starts_with("/api/") {
        api::missing(Missing::Address).into_response()
    } else {
        pages::missing(&reader, &asked, Missing::Address).into_response()
    }
}

fn health() -> Route {
    ("/healthz", get(async || Content::text("ok\n")))
}

/// Compresses pages and their style, for who reads them on 2G: a station of the sample with
/// forms of three contests takes 12 KB on the wire instead of 51; and bundles of entries, as
/// C2SP `tlog-tiles` wants, for whoever takes the whole log. The API's answers stay as they
/// are: programs read them on good lines, and compressing costs more than making them; so do
/// tiles, which are hashes and get no smaller.
fn compressed() -> CompressionLayer<impl Predicate> {
    let pages = DefaultPredicate::new()
        .and(NotForContentType::const_new("application/json"))
        .and(public::is_no_tile);
    CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(pages)
}

async fn with_headers(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        // The pages of the static site have said what their script may.
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}
