//! Pages come compressed to who can read it, and what programs ask for as it is.

use std::io::Read as _;
use std::path::Path;

use axum::body::{Body, to_bytes};
use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, ETAG, VARY};
use axum::http::{HeaderMap, Request};
use tower::ServiceExt;

use super::{example, get};

/// An answer to a reader who takes gzip: its encoding and its bytes.
async fn zipped(published: &Path, address: &str) -> (String, HeaderMap, Vec<u8>) {
    let request = Request::get(address).header(ACCEPT_ENCODING, "gzip");
    let request = request.body(Body::empty()).unwrap();
    let answer = example::router_over(published).oneshot(request).await.unwrap();
    let (head, body) = answer.into_parts();
    assert_eq!(head.status, 200, "{address}");
    let encoding = head.headers.get(CONTENT_ENCODING);
    let encoding = encoding.map_or("", |name| name.to_str().unwrap()).to_owned();
    (encoding, head.headers, to_bytes(body, usize::MAX).await.unwrap().to_vec())
}

/// C2SP `tlog-tiles`: bundles of entries SHOULD be compressed for who can read it.
#[tokio::test]
async fn bundles_are_compressed_and_tiles_are_not() {
    let place = tempfile::tempdir().unwrap();
    let bytes: Vec<u8> = (0..200_u8).flat_map(|at| [at; 100]).collect();
    for path in ["tile/entries/000.p/9", "tile/entries/000", "tile/0/000.p/9", "tile/0/000"] {
        let file = place.path().join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, &bytes).unwrap();
    }
    for (address, is_bundle) in [
        ("/tile/entries/000.p/9", true),
        ("/tile/entries/000", true),
        ("/tile/0/000.p/9", false),
        ("/tile/0/000", false),
    ] {
        let (encoding, headers, body) = zipped(place.path(), address).await;
        assert_eq!(encoding, if is_bundle { "gzip" } else { "" }, "{address}");
        assert_eq!(headers["content-type"], "application/octet-stream");
        assert_eq!(headers["cache-control"], "public, max-age=31536000, immutable");
        assert_eq!(headers.get(VARY).is_some(), is_bundle, "a cache keeps both apart");
        assert_eq!(headers.get(ETAG), None);
        if is_bundle {
            let mut plain = Vec::new();
            flate2::read::GzDecoder::new(&body[..]).read_to_end(&mut plain).unwrap();
            assert!(plain == bytes && body.len() < bytes.len() / 10, "{address}");
        } else {
            assert!(body == bytes, "{address}");
        }
    }
}

/// First bytes of what `gzip` writes (RFC 1952).
const GZIP: [u8; 3] = [0x1f, 0x8b, 8];

#[tokio::test]
async fn pages_are_compressed_for_who_can_read_it() {
    for (address, compressed) in
        [("/region/0", true), ("/style.css", true), ("/nowhere", true), ("/api/v1/election", false)]
    {
        let request = Request::get(address).header(ACCEPT_ENCODING, "br, gzip");
        let request = request.body(Body::empty()).unwrap();
        let (head, body) = example::router().oneshot(request).await.unwrap().into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        let encoding = head.headers.get(CONTENT_ENCODING).map(|name| name.to_str().unwrap());
        assert_eq!(encoding, compressed.then_some("gzip"), "{address}");
        let plain = get(address).await;
        assert_eq!(plain.header("content-encoding"), "", "{address}");
        if compressed {
            assert!(body.starts_with(&GZIP) && body.len() < plain.body.len(), "{address}");
            assert_eq!(head.headers[VARY], "accept-encoding");
        }
        assert_eq!(head.headers[ETAG], plain.header("etag"), "{address}");
    }
}
