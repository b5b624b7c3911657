//! The static site as it is served: compressed to whoever takes that, with its lifetimes.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use flate2::Compression;
use flate2::write::GzEncoder;
use tower::ServiceExt as _;

use super::example;

async fn ask(
    router: &Router,
    path: &str,
    header: (&str, &str),
) -> (StatusCode, HeaderMap, Vec<u8>) {
    let request = Request::get(path).header(header.0, header.1).body(Body::empty()).unwrap();
    let (head, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    (head.status, head.headers, to_bytes(body, usize::MAX).await.unwrap().to_vec())
}

fn packed(text: &str) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(text.as_bytes()).unwrap();
    packer.finish().unwrap()
}

fn write(root: &Path, path: &str, bytes: &[u8]) {
    let file = root.join("site").join(path);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, bytes).unwrap();
}

#[tokio::test]
async fn a_page_is_given_compressed_or_not_and_not_twice() {
    let place = tempfile::tempdir().unwrap();
    let router = example::router_over(place.path());
    let forever = "public, max-age=31536000, immutable";
    let html = "<!DOCTYPE html><title>Saksi</title>".repeat(50);
    for (path, asked, media_type, lifetime) in [
        ("index.html", "/site/", "text/html; charset=utf-8", "public, max-age=5"),
        ("id/region-head/1.html", "", "text/html; charset=utf-8", "public, max-age=5"),
        ("style.css", "", "text/css; charset=utf-8", "public, max-age=60"),
        ("numbers/1.json", "", "application/json", "public, max-age=5"),
        ("stations/17/head.csv", "", "text/csv; charset=utf-8", forever),
        ("stations/17/head.json", "", "application/json", forever),
        ("data/ab/ab12.json", "", "application/json", forever),
    ] {
        let address = if asked.is_empty() { format!("/site/{path}") } else { asked.to_owned() };
        let gzip = ("accept-encoding", "br, gzip;q=0.8");
        assert_eq!(ask(&router, &address, gzip).await.0, 404, "{path} is not there yet");
        write(place.path(), &format!("{path}.gz"), &packed(&html));
        let (status, headers, body) = ask(&router, &address, gzip).await;
        assert_eq!((status, body), (StatusCode::OK, packed(&html)), "{path}");
        assert_eq!(headers["content-encoding"], "gzip", "{path}");
        assert_eq!(headers["content-type"], media_type, "{path}");
        assert_eq!(headers["cache-control"], lifetime, "{path}");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        let tag = headers["etag"].to_str().unwrap().to_owned();
        for plain in ["identity", "gzip;q=0", ""] {
            let (status, headers, body) = ask(&router, &address, ("accept-encoding", plain)).await;
            assert_eq!((status, body), (StatusCode::OK, html.clone().into_bytes()), "{path}");
            assert!(!headers.contains_key("content-encoding"), "{path}: {plain}");
        }
        let (status, headers, body) = ask(&router, &address, ("if-none-match", &tag)).await;
        assert_eq!((status, body.len()), (StatusCode::NOT_MODIFIED, 0), "{path}");
        assert_eq!(headers["etag"], tag, "{path}");
    }
}

#[tokio::test]
async fn the_pointer_is_as_it_is_and_nothing_else_is_served() {
    let place = tempfile::tempdir().unwrap();
    let root = place.path().join("public");
    let router = example::router_over(&root);
    let plain = ("accept", "*/*");
    for (path, lifetime) in [
        ("current.json", "public, max-age=1"),
        ("stations.json", "public, max-age=1"),
        ("versions/17", "public, max-age=31536000, immutable"),
        ("photos/ab/ab12.jpg", "public, max-age=31536000, immutable"),
        ("photos/ab/ab12.thumb.jpg", "public, max-age=31536000, immutable"),
        ("photos/ab/ab12.bin", "public, max-age=31536000, immutable"),
    ] {
        write(&root, path, path.as_bytes());
        let (status, headers, body) = ask(&router, &format!("/site/{path}"), plain).await;
        assert_eq!((status, body), (StatusCode::OK, path.as_bytes().to_vec()));
        assert_eq!(headers["cache-control"], lifetime, "{path}");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["content-type"] == "image/jpeg", path.ends_with(".jpg"), "{path}");
        let is_download = headers.get("content-disposition").is_some();
        assert_eq!(is_download, path.ends_with(".bin"), "{path}");
    }
    for path in
        [".photos", ".new", "versions/017", "versions/x", "data/ab/ab12", "other.json", "id/a.txt"]
    {
        for ending in ["", ".gz"] {
            write(&root, &format!("{path}{ending}"), b"secret");
        }
        assert_eq!(ask(&router, &format!("/site/{path}"), plain).await.0, 404, "{path}");
    }
    write(place.path(), "a.html.gz", &packed("secret"));
    for address in [
        "/site/../../site/a.html",
        "/site/%2e%2e/%2e%2e/site/a.html",
        "/site/..%2f..%2fsite/a.html",
        "/site/id//a.html",
        "/site/id/./a.html",
    ] {
        let (status, headers, _) = ask(&router, address, plain).await;
        assert_eq!(status, 404, "{address}");
        assert!(!headers["cache-control"].to_str().unwrap().contains("immutable"));
    }
}

#[tokio::test]
async fn pages_lead_to_the_files_that_are_there_and_the_others_are_made() {
    let place = tempfile::tempdir().unwrap();
    let root = place.path().to_owned();
    let with_site = example::router_with_site(&root);
    let plain = ("accept", "text/html");
    let leads = [
        ("/", "index.html", "/site/"),
        ("/?lang=en", "en/region-head/0.html", ""),
        ("/region/1", "id/region-head/1.html", ""),
        ("/region/1?contest=council&lang=en", "en/region-council/1.html", ""),
        ("/region/1?sort=code&order=asc", "id/region-head/1.html", ""),
        ("/region/1?sort=coverage", "id/region-head/coverage/1.html", ""),
        ("/region/1?sort=name&lang=en", "en/region-head/name/1.html", ""),
        ("/station/11001?lang=en", "en/station/11001.html", ""),
    ];
    for (address, file, to) in leads {
        let to = if to.is_empty() { format!("/site/{file}") } else { to.to_owned() };
        // The whole in a language is two steps away.
        let address =
            if address == "/?lang=en" { "/region/0?contest=head&lang=en" } else { address };
        let before = ask(&with_site, address, plain).await;
        let is_made = if address == "/" { 303 } else { 200 };
        let is_there = root.join("site").join(format!("{file}.gz")).exists();
        assert_eq!(before.0, if is_there { 307 } else { is_made }, "{address}");
        write(&root, &format!("{file}.gz"), &packed("page"));
        let (status, headers, _) = ask(&with_site, address, plain).await;
        assert_eq!((status.as_u16(), headers["location"].to_str().unwrap()), (307, &to[..]));
        assert_eq!(ask(&with_site, &to, plain).await.2, b"page");
        let without = ask(&example::router_over(&root), address, plain).await;
        assert_eq!(without.0, is_made, "{address} of a collector without a site");
    }
    for (address, status) in [
        ("/region/1?sort=held", 200),
        ("/region/1?sort=coverage&order=asc", 200),
        ("/region/2", 200),
        ("/station/21002", 200),
        ("/region/99", 404),
        ("/region/..", 404),
        ("/api/v1/regions/1?contest=head", 200),
    ] {
        assert_eq!(ask(&with_site, address, plain).await.0, status, "{address}");
    }
}

#[tokio::test]
async fn only_pages_of_the_site_may_run_a_script_and_only_ours() {
    let place = tempfile::tempdir().unwrap();
    let router = example::router_over(place.path());
    write(place.path(), "id/region-head/1.html.gz", &packed("page"));
    write(place.path(), "site.js.gz", &packed("script"));
    let plain = ("accept", "*/*");
    let (_, page, _) = ask(&router, "/site/id/region-head/1.html", plain).await;
    let policy = page["content-security-policy"].to_str().unwrap();
    assert!(
        policy.starts_with(
            "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self';"
        )
    );
    assert!(!policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"), "{policy}");
    let (status, script, _) = ask(&router, "/site/site.js", plain).await;
    assert_eq!(
        (status, &script["content-type"].to_str().unwrap()[..15]),
        (StatusCode::OK, "text/javascript")
    );
    for address in ["/site/site.js", "/region/1", "/nowhere"] {
        let (_, headers, _) = ask(&router, address, plain).await;
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(!policy.contains("script-src"), "{address}");
    }
}
