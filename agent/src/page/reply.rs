//! What is answered: a page, a way on, a file, or why not.

use std::sync::LazyLock;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{
    ALLOW, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, REFERRER_POLICY, SET_COOKIE, VARY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use hyper::{Response, StatusCode};

use super::packed;
use super::shell::style_source;

/// What a page may bring in: nothing of another origin, nothing inline but our own style,
/// and it stands in nobody's frame.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let policy = format!(
        "default-src 'none'; style-src {}; script-src 'self'; img-src 'self'; \
         connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        style_source()
    );
    // Of visible characters; if it were not, a page would show nothing rather than all.
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
});

/// Other headers of every answer.
const HEADERS: [(HeaderName, &str); 4] = [
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// For what changes from one moment to the next.
const NOT_KEPT: &str = "no-store";

/// For a picture, which has its hash as its name: the browser of this device keeps it for
/// the night, so that a page that moves does not ask for it again.
const KEPT_HERE: &str = "private, max-age=43200, immutable";

/// For what has its content's hash in its address: a year.
const KEPT: &str = "max-age=31536000, immutable";

/// Kinds of content that compression makes smaller: pages shrink to a fifth.
const PACKED: [&str; 3] = ["text/html", "text/javascript", "image/svg+xml"];

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) body: Bytes,
    headers: Vec<(HeaderName, HeaderValue)>,
    /// The body compressed, if it is so already.
    packed: Option<&'static [u8]>,
}

impl Reply {
    fn new(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Self {
        let headers = vec![(CONTENT_TYPE, HeaderValue::from_static(kind))];
        Self { status, body: body.into(), headers, packed: None }.with(CACHE_CONTROL, NOT_KEPT)
    }

    /// A page.
    pub(super) fn page(status: StatusCode, html: String) -> Self {
        Self::new(status, "text/html; charset=utf-8", html)
    }

    /// A part of every page, under an address that has its hash.
    pub(super) fn asset(kind: &'static str, bytes: &'static [u8]) -> Self {
        Self::new(StatusCode::OK, kind, Bytes::from_static(bytes)).with(CACHE_CONTROL, KEPT)
    }

    /// The script of every page, compressed once.
    pub(super) fn script(bytes: &'static [u8]) -> Self {
        Self { packed: packed::script(), ..Self::asset("text/javascript; charset=utf-8", bytes) }
    }

    /// A photo.
    pub(super) fn picture(jpeg: Vec<u8>) -> Self {
        Self::new(StatusCode::OK, "image/jpeg", jpeg).with(CACHE_CONTROL, KEPT_HERE)
    }

    /// A drawing of the moment.
    pub(super) fn drawing(svg: String) -> Self {
        Self::new(StatusCode::OK, "image/svg+xml", svg)
    }

    /// A file to be saved.
    pub(super) fn file(name: &str, bytes: impl Into<Bytes>) -> Self {
        let named = format!("attachment; filename=\"{name}\"");
        let file = Self::new(StatusCode::OK, "application/octet-stream", bytes);
        file.with(CONTENT_DISPOSITION, &named)
    }

    /// Go there, and ask for it: what was posted is done.
    pub(super) fn go_to(path: &str) -> Self {
        Self::plain(StatusCode::SEE_OTHER, "").with(LOCATION, path)
    }

    /// The same, with something for the browser to keep.
    pub(super) fn with_cookie(self, cookie: &str) -> Self {
        self.with(SET_COOKIE, cookie)
    }

    pub(super) fn no_such_method() -> Self {
        Self::plain(StatusCode::METHOD_NOT_ALLOWED, "GET or POST\n").with(ALLOW, "GET, HEAD, POST")
    }

    pub(super) fn no_such_kind() -> Self {
        Self::plain(StatusCode::UNSUPPORTED_MEDIA_TYPE, "a form is wanted\n")
    }

    pub(super) fn misdirected() -> Self {
        Self::plain(StatusCode::MISDIRECTED_REQUEST, "this is another place\n")
    }

    pub(super) fn other_site() -> Self {
        Self::plain(StatusCode::FORBIDDEN, "another site may not ask this\n")
    }

    pub(super) fn too_large() -> Self {
        Self::plain(StatusCode::PAYLOAD_TOO_LARGE, "this is too much at once\n")
    }

    pub(super) fn too_slow() -> Self {
        Self::plain(StatusCode::REQUEST_TIMEOUT, "the request did not come to its end\n")
    }

    fn plain(status: StatusCode, text: &'static str) -> Self {
        Self::new(status, "text/plain; charset=utf-8", text)
    }

    fn with(mut self, name: HeaderName, value: &str) -> Self {
        // Our own texts and codes: a value that is none is left out.
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.retain(|(known, _)| *known != name);
            self.headers.push((name, value));
        }
        self
    }

    /// A header's value.
    #[cfg(test)]
    pub(super) fn header(&self, name: &HeaderName) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.and_then(|(_, value)| value.to_str().ok())
    }

    /// Compressed, if the browser takes that: what is read over a slow line is there sooner.
    ///
    /// Lengths of compressed pages tell something of what stands in them to whoever sees the
    /// lengths and has the page repeat texts of theirs. On loopback nobody does who could not
    /// read the page itself.
    pub(super) fn packed(mut self, accepted: Option<&HeaderValue>) -> Self {
        let is_kind = |kind: &HeaderValue| {
            PACKED.iter().any(|packed| kind.as_bytes().starts_with(packed.as_bytes()))
        };
        if !self.headers.iter().any(|(name, kind)| *name == CONTENT_TYPE && is_kind(kind)) {
            return self;
        }
        let accepted = accepted.and_then(|accepted| accepted.to_str().ok()).unwrap_or_default();
        if accepted.split(',').any(|coding| coding.trim().eq_ignore_ascii_case("gzip")) {
            let once = self.packed.map(Bytes::from_static);
            if let Some(packed) = once.or_else(|| packed::packed(&self.body).map(Bytes::from)) {
                self.body = packed;
                self = self.with(CONTENT_ENCODING, "gzip");
            }
        }
        self.with(VARY, "accept-encoding")
    }

    pub(super) fn into_response(self) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::new(self.body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_SECURITY_POLICY, POLICY.clone());
        for (name, value) in HEADERS {
            headers.insert(name, HeaderValue::from_static(value));
        }
        headers.extend(self.headers);
        response
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
    use flate2::read::GzDecoder;
    use saksi_proto::digest::Digest;

    use super::super::shell::STYLE;
    use super::*;

    #[test]
    fn the_policy_lets_in_the_one_style_by_its_hash_and_nothing_else_inline() {
        let response = Reply::page(StatusCode::OK, String::new()).into_response();
        let policy = response.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap();
        let sources: Vec<_> = policy.split("; ").collect();
        let hash = BASE64.encode(Digest::of(STYLE.as_bytes()).0);
        assert_eq!(sources[..2], ["default-src 'none'", &format!("style-src 'sha256-{hash}'")]);
        assert!(sources.contains(&"script-src 'self'") && !policy.contains("unsafe"), "{policy}");
        for (name, value) in HEADERS {
            assert_eq!(response.headers()[name], value);
        }
    }

    #[test]
    fn a_page_is_compressed_for_whoever_takes_that_and_a_photo_for_nobody() {
        let html = "<p>delapan ratus delapan puluh delapan".repeat(100);
        let page = || Reply::page(StatusCode::OK, html.clone());
        let takes = |codings| Some(HeaderValue::from_static(codings));
        for codings in ["gzip, deflate, br", "br,GZIP"] {
            let packed = page().packed(takes(codings).as_ref());
            assert_eq!(packed.header(&CONTENT_ENCODING), Some("gzip"));
            assert_eq!(packed.header(&VARY), Some("accept-encoding"));
            assert!(packed.body.len() * 10 < html.len());
            let mut read = String::new();
            GzDecoder::new(&packed.body[..]).read_to_string(&mut read).unwrap();
            assert_eq!(read, html);
        }
        for codings in [None, takes("br"), takes("gzip;q=0"), takes("xgzip")] {
            let whole = page().packed(codings.as_ref());
            assert_eq!((whole.header(&CONTENT_ENCODING), whole.body.len()), (None, html.len()));
            assert_eq!(whole.header(&VARY), Some("accept-encoding"));
        }
        let photo = Reply::picture(vec![7; 2_000]);
        assert_eq!(photo.clone().packed(takes("gzip").as_ref()), photo);
    }
}
