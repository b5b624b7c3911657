//! The token of a session: its cookie, what is kept of it, and the word against forged
//! forms that is made of it.

use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use saksi_proto::digest::Digest;

use super::password::hex;

/// The cookie of a session. Its prefix has browsers take it over TLS only, for this host and
/// no other.
pub const COOKIE_NAME: &str = "__Host-saksi";

/// The cookie of the language that was chosen.
pub const LANGUAGE_COOKIE: &str = "__Host-saksi-language";

/// 32 random bytes, as 64 hexadecimal digits.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

/// The system gives no random bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system gives no random bytes")]
pub struct NoRandom;

impl Token {
    /// A new one.
    ///
    /// # Errors
    /// [`NoRandom`].
    pub fn fresh() -> Result<Self, NoRandom> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|_| NoRandom)?;
        Ok(Self(hex(&bytes)))
    }

    /// One that somebody shows.
    #[must_use]
    pub fn shown(text: &str) -> Option<Self> {
        let fits = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        fits.then(|| Self(text.to_owned()))
    }

    /// That of the request's cookie.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        Self::shown(cookie(headers, COOKIE_NAME)?)
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }

    /// The word that each form of the session carries: nobody has it who has not read one of
    /// its pages, and the token cannot be made of it.
    #[must_use]
    pub fn csrf(&self) -> String {
        hex(&Digest::of(format!("saksi form {}", self.0).as_bytes()).0[..16])
    }

    /// The header that sets the cookie, until the browser is closed.
    #[must_use]
    pub fn set_cookie(&self) -> String {
        format!("{COOKIE_NAME}={}; Path=/; Secure; HttpOnly; SameSite=Strict", self.0)
    }
}

/// The header that takes the cookie away.
#[must_use]
pub fn unset_cookie() -> String {
    format!("{COOKIE_NAME}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0")
}

/// The value of a cookie, the first of its name.
#[must_use]
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|value| value.split(';')).filter_map(|pair| pair.split_once('='));
    pairs.find_map(|(key, value)| (key.trim() == name).then(|| value.trim()))
}

/// Whether two words are the same, in a time that says nothing of where they differ.
#[must_use]
pub fn is_same(one: &str, other: &str) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(one.as_bytes(), other.as_bytes()).is_ok()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_token_is_found_in_its_cookie_alone() {
        let token = Token::fresh().unwrap();
        let headers =
            |text: &str| HeaderMap::from_iter([(COOKIE, HeaderValue::from_str(text).unwrap())]);
        let shown = format!("a=b; {COOKIE_NAME}={}; c=d", token.as_str());
        assert!(Token::of(&headers(&shown)) == Some(token.clone()));
        assert!(Token::of(&headers(&format!("x{shown}"))).is_some());
        assert!(Token::of(&headers(&format!("x{COOKIE_NAME}={}", token.as_str()))).is_none());
        assert!(Token::of(&headers(&format!("{COOKIE_NAME}=short"))).is_none());
        assert!(Token::fresh().unwrap() != token);
    }

    #[test]
    fn the_cookie_stays_on_this_host_and_out_of_scripts() {
        let token = Token::fresh().unwrap();
        let set = token.set_cookie();
        for wanted in ["__Host-", "; Path=/;", "; Secure", "; HttpOnly", "; SameSite=Strict"] {
            assert!(set.contains(wanted) && unset_cookie().contains(wanted), "{wanted}: {set}");
        }
        assert!(!set.contains("Domain"));
        assert!(is_same(&token.csrf(), &token.csrf()) && !is_same(&token.csrf(), token.as_str()));
    }
}
