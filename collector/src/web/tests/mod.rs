//! Questions put to the router as a browser puts them, without a network.

mod album;
mod api;
mod compression;
mod decided;
mod example;
mod maps;
mod openapi;
mod pages;
mod public;
mod site;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use tower::ServiceExt;

/// An answer, its body as text.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

async fn get(address: &str) -> Answer {
    get_unless(address, "").await
}

/// Asks with a tag that was seen before.
async fn get_unless(address: &str, seen: &str) -> Answer {
    get_of(example::router(), address, seen).await
}

async fn get_of(router: Router, address: &str, seen: &str) -> Answer {
    let request = Request::get(address).header("if-none-match", seen).body(Body::empty());
    let answer = router.oneshot(request.unwrap()).await.unwrap();
    let (head, body) = answer.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let body = String::from_utf8_lossy(&body).into_owned();
    Answer { status: head.status, headers: head.headers, body }
}
