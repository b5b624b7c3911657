//! The desk's pages: server-rendered, in the two languages of the catalogue, usable without
//! scripts. Each is for an account, and shows what lies in its region.

mod accounts;
mod activity;
mod case;
mod case_form;
mod counters;
mod decide;
mod device;
mod devices;
mod file;
pub mod frame;
mod home;
mod live;
mod logged;
mod missing;
mod own;
mod photo;
mod place;
mod proposals;
mod publication;
mod queue;
pub mod refused;
mod second;
mod sign_in;
mod told;
mod walked;
mod wall;
mod walls;

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::{MethodRouter, get};
use tower_http::compression::CompressionLayer;

use super::desk::Desk;
use super::signed_in::MAX_FORM;
use crate::web::pages::{ICON, STYLE};
use refused::Refused;

/// What the desk has besides the look of the watchers' pages.
const DESK_STYLE: &str = include_str!("../desk.css");

/// Of queues, cases and proposals.
const CASES_STYLE: &str = include_str!("../cases.css");

/// Time for a request; a stream has begun by then.
const PATIENCE: Duration = Duration::from_secs(30);

/// Headers of every answer: one script of our own, nothing of another origin, and nothing
/// kept by anybody. `same-origin`, for without a referrer browsers send no `Origin` either.
const HEADERS: [(HeaderName, &str); 4] = [
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; \
         connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "same-origin"),
    (CACHE_CONTROL, "no-store"),
];

/// A path and what answers it.
pub type Route = (&'static str, MethodRouter<Arc<Desk>>);

/// What a page comes to.
pub type Answer = Result<Response, Refused>;

/// All of the desk's pages.
pub fn router(desk: Arc<Desk>) -> Router {
    let routes = assets().into_iter().chain(sign_in::routes()).chain(home::routes());
    let routes = routes.chain(queue::routes()).chain(case::routes()).chain(photo::routes());
    let routes = routes.chain(proposals::routes()).chain(publication::routes());
    let routes = routes.chain(live::routes()).chain(missing::routes());
    let routes = routes.chain(devices::routes()).chain(device::routes());
    let routes = routes.chain(activity::routes()).chain(logged::routes());
    let routes = routes
        .chain(accounts::routes())
        .chain(wall::routes())
        .chain(walls::routes())
        .chain(own::routes());
    let routes = routes.chain(second::routes());
    routes
        .fold(Router::new(), |router, (path, answer)| router.route(path, answer))
        .fallback(async || Refused::NotThere)
        .layer(middleware::from_fn(in_time))
        .layer(middleware::from_fn_with_state(Arc::clone(&desk), refused::in_words))
        .layer(middleware::map_response(with_headers))
        .with_state(desk)
}

fn assets() -> [Route; 3] {
    let style = async || {
        ([(CONTENT_TYPE, "text/css; charset=utf-8")], [STYLE, DESK_STYLE, CASES_STYLE].concat())
    };
    let icon = async || ([(CONTENT_TYPE, "image/svg+xml")], ICON);
    // Pages are not compressed: they have the session's word beside what somebody else may have
    // typed, and their length would tell of it. The style is the same for all.
    let style = get(style).layer(CompressionLayer::new());
    [("/style.css", style), ("/icon.svg", get(icon)), ("/healthz", get(async || "ok\n"))]
}

/// A page, written.
///
/// # Errors
/// [`Refused::Fault`].
pub fn page(page: &impl Template) -> Answer {
    let html = page.render().map_err(|fault| Refused::Fault(fault.to_string()))?;
    Ok(Html(html).into_response())
}

/// Answers within [`PATIENCE`]. The body is read first, whatever the answer: a connection that
/// is closed over bytes that nobody has read takes the answer with it. All connections
/// together hold 32 MB so at most.
async fn in_time(request: Request, next: Next) -> Response {
    let answering = async {
        let (parts, body) = request.into_parts();
        match to_bytes(body, MAX_FORM).await {
            Ok(body) => next.run(Request::from_parts(parts, Body::from(body))).await,
            Err(_) => Refused::TooLarge.into_response(),
        }
    };
    let answered = tokio::time::timeout(PATIENCE, answering).await;
    answered.unwrap_or_else(|_| Refused::TooSlow.into_response())
}

async fn with_headers(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        // A photo has a stricter policy of its own.
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}
