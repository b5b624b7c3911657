//! Pages come compressed to who can read it, and what programs ask for as it is.

use axum::body::{Body, to_bytes};
use axum::http::Request;
use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, ETAG, VARY};
use tower::ServiceExt;

use super::{example, get};

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
