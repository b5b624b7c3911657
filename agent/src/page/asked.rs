//! One request, read whole and within bounds.

use http_body_util::{BodyExt as _, Limited};
use hyper::Method;
use hyper::body::Incoming;
use hyper::header::{self, HeaderName};
use hyper::http::request::Parts;

use super::reply::Reply;

/// Most bytes of what is posted: a sheet of 300 boxes of 40 bytes with their names, or two
/// remarks of 1 KB, each byte escaped to three.
pub(super) const MAX_BODY: usize = 64 * 1024;

/// A request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Asked {
    /// Whether it is to change something.
    pub(super) is_post: bool,
    /// The path, as it was sent.
    pub(super) path: String,
    /// Where the browser believes to be.
    pub(super) host: String,
    /// The site of the page that asks, if the browser says so.
    pub(super) origin: Option<String>,
    /// How that site stands to this one, if the browser says so.
    pub(super) fetch_site: Option<String>,
    /// Its cookies.
    pub(super) cookies: String,
    /// What is posted, in its order.
    pub(super) posted: Vec<(String, String)>,
}

impl Asked {
    /// What a request's head says.
    ///
    /// # Errors
    /// The answer to one that is none of ours.
    pub(super) fn of(head: &Parts) -> Result<Self, Reply> {
        let of = |name: HeaderName| {
            let value = head.headers.get(name)?.to_str().ok()?;
            Some(value.to_owned())
        };
        let is_post = match head.method {
            Method::GET | Method::HEAD => false,
            Method::POST => true,
            _ => return Err(Reply::no_such_method()),
        };
        // A second Host would let a proxy and us believe different things.
        if head.headers.get_all(header::HOST).iter().count() != 1 {
            return Err(Reply::misdirected());
        }
        Ok(Self {
            is_post,
            path: head.uri.path().to_owned(),
            host: of(header::HOST).unwrap_or_default(),
            origin: of(header::ORIGIN),
            fetch_site: of(HeaderName::from_static("sec-fetch-site")),
            cookies: of(header::COOKIE).unwrap_or_default(),
            posted: Vec::new(),
        })
    }

    /// Reads what is posted to its end.
    ///
    /// # Errors
    /// The answer to what is too large, or no form.
    pub(super) async fn with_body(self, head: &Parts, body: Incoming) -> Result<Self, Reply> {
        if !self.is_post {
            return Ok(self);
        }
        let kind = head.headers.get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !kind.starts_with("application/x-www-form-urlencoded") {
            return Err(Reply::no_such_kind());
        }
        let body = Limited::new(body, MAX_BODY).collect().await;
        let body = body.map_err(|_| Reply::too_large())?.to_bytes();
        let posted = form_urlencoded::parse(&body).into_owned().collect();
        Ok(Self { posted, ..self })
    }

    /// What was posted under a name: the last of it.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        let found = self.posted.iter().rfind(|(posted, _)| posted == name);
        found.map(|(_, value)| value.as_str())
    }

    /// A cookie by its name.
    pub(super) fn cookie(&self, name: &str) -> Option<&str> {
        let mut cookies = self.cookies.split(';').filter_map(|pair| pair.trim().split_once('='));
        cookies.find(|(found, _)| *found == name).map(|(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_found_by_their_whole_name() {
        let asked = Asked { cookies: "a=1; saksi=2;saksi_7=3".to_owned(), ..Asked::default() };
        assert_eq!((asked.cookie("saksi"), asked.cookie("saksi_7")), (Some("2"), Some("3")));
        assert_eq!(asked.cookie("aksi"), None);
    }
}
