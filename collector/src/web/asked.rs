//! What a request asks for, besides its path.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Path, Query};
use axum::http::header::IF_NONE_MATCH;
use axum::http::request::Parts;
use saksi_proto::text::Language;

/// The part of a request that routes have in common. A parameter that is not known,
/// or means nothing, is as if it were not there; of one that stands twice the first
/// counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Asked {
    /// The path.
    pub path: String,
    /// The code in the path; empty if there is none, or none that can be read.
    pub code: String,
    /// Code of a contest.
    pub contest: Option<String>,
    /// A language chosen by the reader.
    pub language: Option<Language>,
    /// Column by which a table is sorted.
    pub sort: Option<String>,
    /// `asc` or `desc`.
    pub order: Option<String>,
    /// Entity tags of what the reader has already.
    pub seen: Seen,
}

/// The header `If-None-Match`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Seen(Option<String>);

impl Seen {
    /// Whether a tag is among them. Tags are compared weakly (RFC 9110, 13.1.2): a
    /// proxy that compresses marks ours as weak.
    pub(super) fn has(&self, tag: &str) -> bool {
        let mut tags = self.0.iter().flat_map(|tags| tags.split(',')).map(str::trim);
        tags.any(|seen| seen == "*" || seen.trim_start_matches("W/") == tag)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let code = Path::<String>::from_request_parts(parts, state).await;
        let query = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
        let query = query.map(|Query(pairs)| pairs).unwrap_or_default();
        let value = |name: &str| {
            let pair = query.iter().find(|(key, _)| key == name);
            pair.map(|(_, value)| value.clone())
        };
        let seen = parts.headers.get(IF_NONE_MATCH).and_then(|seen| seen.to_str().ok());
        Ok(Self {
            path: parts.uri.path().to_owned(),
            code: code.map(|Path(code)| code).unwrap_or_default(),
            contest: value("contest"),
            language: value("lang").as_deref().and_then(Language::from_code),
            sort: value("sort"),
            order: value("order"),
            seen: Seen(seen.map(str::to_owned)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_among_several_and_behind_a_proxy() {
        let seen = |header: &str| Seen(Some(header.to_owned()));
        assert!(seen("\"a\", W/\"b\"").has("\"b\""));
        assert!(seen("*").has("\"b\""));
        assert!(!seen("\"a\"").has("\"b\""));
        assert!(!Seen(None).has("\"b\""));
    }
}
