//! The static site: files that the publisher has written, most of them compressed already,
//! and given so to whoever takes that. What is not the name of such a file is not looked for.

use std::io::Read as _;

use axum::body::{Body, Bytes};
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, ETAG, HeaderValue, VARY,
};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use flate2::read::GzDecoder;
use saksi_proto::checkpoint::parse_size;
use saksi_proto::digest::Digest;

use super::asked::Seen;
use super::links::{FILE as UNSHOWN, PICTURE};
use super::public::{A_MINUTE, A_SECOND, CSV, FOREVER, Held, Reading, TEXT, not_there};
use crate::publisher::site::{CURRENT, PACKED, SITE, STATIONS_FILE};

/// What is renewed as often as totals are: a reader who looks again asks, and is mostly told
/// that nothing has changed.
const RENEWED: &str = "public, max-age=5";

/// What no browser shows: a photo that is none.
const DOWNLOAD: &str = "application/octet-stream";

/// What a page may do: its script is ours, and asks nobody else.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; \
                      connect-src 'self'; base-uri 'none'; form-action 'self'; \
                      frame-ancestors 'none'";

/// A file of the site.
struct File<'a> {
    name: &'a str,
    media_type: &'static str,
    lifetime: &'static str,
    is_packed: bool,
}

impl<'a> File<'a> {
    /// The file of this name; `None` if the site has none such.
    fn named(name: &'a str) -> Option<Self> {
        let file =
            |media_type, lifetime, is_packed| Some(Self { name, media_type, lifetime, is_packed });
        let is_code = |part: &str| {
            let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
            !part.is_empty() && part != "." && part != ".." && part.bytes().all(fits)
        };
        if !name.split('/').all(is_code) {
            return None;
        }
        match name.split_once('/') {
            None if name == CURRENT || name == STATIONS_FILE => {
                file("application/json", A_SECOND, false)
            }
            None if name == "style.css" => file("text/css; charset=utf-8", A_MINUTE, true),
            None if name == "site.js" => file("text/javascript; charset=utf-8", A_MINUTE, true),
            None if name == "icon.svg" => file("image/svg+xml", A_MINUTE, true),
            None if name == "index.html" => file("text/html; charset=utf-8", RENEWED, true),
            Some(("versions", size)) if parse_size(size).is_some() => file(TEXT, FOREVER, false),
            Some(("stations", rest)) if rest.ends_with(".csv") => file(CSV, FOREVER, true),
            Some(("stations", rest)) if rest.ends_with(".json") => {
                file("application/json", FOREVER, true)
            }
            Some(("data", rest)) if rest.ends_with(".json") => {
                file("application/json", FOREVER, true)
            }
            Some(("numbers", rest)) if rest.ends_with(".json") => {
                file("application/json", RENEWED, true)
            }
            Some(("photos", rest)) if rest.ends_with(PICTURE) => file("image/jpeg", FOREVER, false),
            Some(("photos", rest)) if rest.ends_with(UNSHOWN) => file(DOWNLOAD, FOREVER, false),
            Some(_) if name.ends_with(".html") => file("text/html; charset=utf-8", RENEWED, true),
            _ => None,
        }
    }
}

/// Answers with a file of the site.
pub(super) async fn answer(
    reading: &Reading,
    name: &str,
    seen: &Seen,
    headers: &HeaderMap,
) -> Response {
    let name = if name.is_empty() { "index.html" } else { name };
    let Some(file) = File::named(name) else { return not_there() };
    let packed = if file.is_packed { PACKED } else { "" };
    let held = match reading.give(&format!("{SITE}/{}{packed}", file.name)).await {
        Ok(held) => held,
        Err(refused) => return refused,
    };
    let tag = format!("\"{}\"", Digest::of(&held.bytes));
    let is_known = seen.has(&tag);
    let mut response = match (is_known, file.is_packed, takes_packed(headers)) {
        (true, ..) => StatusCode::NOT_MODIFIED.into_response(),
        (false, true, false) => unpacked(&held),
        (false, is_packed, _) => {
            let mut response = Body::from(Bytes::from_owner(held)).into_response();
            if is_packed {
                let gzip = HeaderValue::from_static("gzip");
                response.headers_mut().insert(CONTENT_ENCODING, gzip);
            }
            response
        }
    };
    let headers = response.headers_mut();
    if file.media_type == DOWNLOAD {
        headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    }
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(file.media_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(file.lifetime));
    if file.media_type.starts_with("text/html") {
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    }
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    // Weak, for it names what is said, which may be compressed on its way.
    let tag = HeaderValue::try_from(format!("W/{tag}")).expect("hexadecimal digits");
    headers.insert(ETAG, tag);
    response
}

/// Whether a reader takes what is compressed; every browser does.
fn takes_packed(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let mut codings = accepted.flat_map(|value| value.split(',')).map(str::trim);
    codings.any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let is_refused = ["q=0", "q=0.0", "q=0.00", "q=0.000"].contains(&weight.trim());
        name.trim().eq_ignore_ascii_case("gzip") && !is_refused
    })
}

fn unpacked(held: &Held) -> Response {
    let mut bytes = Vec::new();
    match GzDecoder::new(held.bytes.as_slice()).read_to_end(&mut bytes) {
        Ok(_) => bytes.into_response(),
        Err(fault) => {
            tracing::error!(%fault, "a published file is damaged");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
