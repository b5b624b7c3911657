//! Published files, their headers, and all that is none.

use std::fs;
use std::path::Path;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use tower::ServiceExt as _;

use super::example;

async fn ask(router: &Router, address: &str) -> (StatusCode, HeaderMap, Vec<u8>) {
    let request = Request::get(address).body(Body::empty()).unwrap();
    let (head, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    (head.status, head.headers, to_bytes(body, usize::MAX).await.unwrap().to_vec())
}

fn write(root: &Path, path: &str) {
    let file = root.join(path);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, format!("the bytes of {path}")).unwrap();
}

#[tokio::test]
async fn what_is_published_is_served_with_its_type_and_lifetime() {
    let place = tempfile::tempdir().unwrap();
    let router = example::router_over(place.path());
    let forever = "public, max-age=31536000, immutable";
    for (path, media_type, lifetime) in [
        ("checkpoint", "text/plain; charset=utf-8", "public, max-age=1"),
        ("log.vkey", "text/plain; charset=utf-8", "public, max-age=60"),
        ("totals.json", "application/json", "public, max-age=1"),
        ("totals/17/head.csv", "text/csv; charset=utf-8", forever),
        ("election/election.toml", "text/plain; charset=utf-8", "public, max-age=60"),
        ("election/stations.csv", "text/csv; charset=utf-8", "public, max-age=60"),
        ("tile/entries/x001/067.p/8", "application/octet-stream", forever),
        ("tile/0/000", "application/octet-stream", forever),
    ] {
        let address = format!("/{path}");
        assert_eq!(ask(&router, &address).await.0, 404, "{path} is not there yet");
        write(place.path(), path);
        let (status, headers, body) = ask(&router, &address).await;
        assert_eq!(status, 200, "{path}");
        assert_eq!(headers["content-type"], media_type, "{path}");
        assert_eq!(headers["cache-control"], lifetime, "{path}");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(body, format!("the bytes of {path}").into_bytes());
    }
}

#[tokio::test]
async fn nothing_else_is_served_though_it_is_there() {
    let place = tempfile::tempdir().unwrap();
    let root = place.path().join("public");
    let router = example::router_over(&root);
    for path in
        [".new", "tile/0/67", "tile/0/000.p/0", "tile/9/000", "totals/x/head.csv", "election/a.csv"]
    {
        write(&root, path);
        assert_eq!(ask(&router, &format!("/{path}")).await.0, 404, "{path}");
    }
    write(place.path(), "keys/log.key");
    write(place.path(), "keys/head.csv");
    for address in [
        "/tile/../../keys/log.key",
        "/tile/%2e%2e/%2e%2e/keys/log.key",
        "/election/..%2f..%2fkeys%2flog.key",
        "/totals/../../keys/head.csv",
        "/totals/..%2f..%2fkeys/head.csv",
        "/totals/017/head.csv",
        "/totals//head.csv",
        "/tile/",
        "/election/",
    ] {
        let (status, headers, _) = ask(&router, address).await;
        assert_eq!(status, 404, "{address}");
        assert!(!headers["cache-control"].to_str().unwrap().contains("immutable"));
    }
}
