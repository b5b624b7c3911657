//! Who may ask: the browser of whoever opened the address that the agent told, on a page
//! that the agent made.
//!
//! A page on loopback is reachable by every site that the browser has open. So the name in
//! `Host` must be ours (a site may have its own name lead here: DNS rebinding), the cookie
//! must be there (it is set for whoever has the word in the address, and goes with no
//! request that another site begins), and what changes something must carry the word that
//! stands in our own forms.
//!
//! The words come from one secret in a file, not from a new one at each start: after a power
//! cut the page that is open goes on, without anybody who has to find an address.

use std::io;
use std::net::SocketAddr;

use saksi_proto::digest::Digest;

use super::asked::Asked;
use crate::directory::Directory;
use crate::durable;
use crate::identity::check_private;

/// Bytes of the secret.
const SECRET: usize = 32;

/// The name of the field that carries the word against forged forms.
pub(super) const CSRF: &str = "csrf";

/// The first part of the path that lets a browser in.
pub(super) const OPEN: &str = "/open/";

/// Seconds that a browser stays let in: the night, and the days of corrections after it.
const STAY: u32 = 14 * 24 * 3_600;

/// Why somebody is turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TurnedAway {
    /// It believes to be somewhere else.
    OtherHost,
    /// Another site asks.
    OtherSite,
    /// It has not been let in.
    NotLetIn,
    /// What it posts is not of a page of ours.
    NotOurForm,
}

/// Keeps the door of the page. Not for logs: it knows the words.
#[derive(Clone)]
pub(super) struct Guard {
    /// The names that lead here, exactly.
    hosts: [String; 2],
    /// The word in the address.
    opening: String,
    /// The word in the cookie.
    staying: String,
    /// The word in our forms.
    posting: String,
    /// Cookies know no ports: the name does.
    cookie: String,
}

impl Guard {
    pub(super) fn new(at: SocketAddr, secret: [u8; SECRET]) -> Self {
        let word = |purpose: &str| {
            let word = Digest::of_parts(&[b"saksi page v1\n", purpose.as_bytes(), b"\n", &secret]);
            // 128 bits.
            word.to_string()[..32].to_owned()
        };
        Self {
            hosts: [at.to_string(), format!("localhost:{}", at.port())],
            opening: word("open"),
            staying: word("stay"),
            posting: word("post"),
            cookie: format!("saksi_{}", at.port()),
        }
    }

    /// The address that lets a browser in.
    pub(super) fn address(&self) -> String {
        format!("http://{}{OPEN}{}", self.hosts[0], self.opening)
    }

    /// The word for our own forms.
    pub(super) fn posting(&self) -> &str {
        &self.posting
    }

    /// What the browser is told to keep, if it has the word of the address.
    pub(super) fn let_in(&self, word: &str) -> Option<String> {
        let Self { cookie, staying, .. } = self;
        is_same(word, &self.opening).then(|| {
            format!("{cookie}={staying}; Path=/; Max-Age={STAY}; HttpOnly; SameSite=Strict")
        })
    }

    /// Whether the request comes from where requests may come from at all. Style and script
    /// are for everybody who comes so far.
    pub(super) fn check_place(&self, asked: &Asked) -> Result<(), TurnedAway> {
        if !self.hosts.contains(&asked.host) {
            return Err(TurnedAway::OtherHost);
        }
        let is_opening = !asked.is_post && asked.path.starts_with(OPEN);
        match asked.fetch_site.as_deref() {
            // `none`: an address that was typed or tapped outside the browser.
            None | Some("same-origin" | "none") => Ok(()),
            // The address may stand in a chat or a mail.
            Some(_) if is_opening => Ok(()),
            Some(_) => Err(TurnedAway::OtherSite),
        }
    }

    /// Whether whoever asks may see the page and, if so asked, change something.
    pub(super) fn check(&self, asked: &Asked) -> Result<(), TurnedAway> {
        let cookie = asked.cookie(&self.cookie);
        if !cookie.is_some_and(|word| is_same(word, &self.staying)) {
            return Err(TurnedAway::NotLetIn);
        }
        if !asked.is_post {
            return Ok(());
        }
        let own = format!("http://{}", asked.host);
        if asked.origin.as_ref().is_some_and(|origin| *origin != own) {
            return Err(TurnedAway::OtherSite);
        }
        match asked.field(CSRF) {
            Some(word) if is_same(word, &self.posting) => Ok(()),
            _ => Err(TurnedAway::NotOurForm),
        }
    }
}

/// Compares digests, so that the time it takes says nothing of the word.
fn is_same(given: &str, word: &str) -> bool {
    Digest::of(given.as_bytes()) == Digest::of(word.as_bytes())
}

/// The device's secret, made when it is first wanted.
///
/// # Errors
/// If there is no randomness.
pub(super) fn secret(directory: &Directory) -> io::Result<[u8; SECRET]> {
    let path = directory.page_key();
    let is_private = check_private(&path).is_ok();
    if let Some(known) = std::fs::read(&path).ok().and_then(|known| known.try_into().ok()) {
        if is_private {
            return Ok(known);
        }
        // Others have read it: nobody stays let in.
        tracing::warn!(path = %path.display(), "others could read the key of the page; it is made anew");
    }
    let mut secret = [0; SECRET];
    getrandom::fill(&mut secret).map_err(|fault| io::Error::other(fault.to_string()))?;
    if let Err(fault) = durable::write_file(&path, &secret) {
        // A full disk: what is stored is still sent, and seen.
        tracing::warn!(%fault, path = %path.display(), "the key of the page is not kept; the next start has another address");
    }
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn guard() -> Guard {
        Guard::new("127.0.0.1:7470".parse().unwrap(), [7; SECRET])
    }

    /// A request that is let in, and may change something.
    fn welcome() -> Asked {
        let guard = guard();
        Asked {
            is_post: true,
            path: "/".to_owned(),
            host: "127.0.0.1:7470".to_owned(),
            origin: Some("http://127.0.0.1:7470".to_owned()),
            fetch_site: Some("same-origin".to_owned()),
            cookies: format!("saksi_7470={}", guard.staying),
            posted: vec![(CSRF.to_owned(), guard.posting)],
        }
    }

    fn judged(asked: &Asked) -> Result<(), TurnedAway> {
        guard().check_place(asked).and_then(|()| guard().check(asked))
    }

    #[test]
    fn our_own_page_is_welcome() {
        assert_eq!(judged(&welcome()), Ok(()));
        let local = "localhost:7470";
        let origin = Some(format!("http://{local}"));
        assert_eq!(judged(&Asked { host: local.to_owned(), origin, ..welcome() }), Ok(()));
        let old = Asked { origin: None, fetch_site: None, ..welcome() };
        assert_eq!(judged(&old), Ok(()), "a browser that says neither");
    }

    #[test]
    fn a_name_that_was_led_here_is_turned_away() {
        for host in [
            "evil.example:7470",
            "127.0.0.1",
            "127.0.0.1:80",
            "127.0.0.1:7470.evil.example",
            "LOCALHOST:7470",
            "[::1]:7470",
            "127.0.0.2:7470",
            "",
        ] {
            let asked = Asked { host: host.to_owned(), ..welcome() };
            assert_eq!(judged(&asked), Err(TurnedAway::OtherHost), "{host}");
        }
    }

    #[test]
    fn other_sites_are_turned_away_even_with_the_cookie() {
        for site in ["cross-site", "same-site"] {
            for is_post in [true, false] {
                let asked = Asked { fetch_site: Some(site.to_owned()), is_post, ..welcome() };
                assert_eq!(judged(&asked), Err(TurnedAway::OtherSite), "{site}");
            }
        }
        for origin in ["http://evil.example", "http://127.0.0.1:3000", "null", ""] {
            let origin = Some(origin.to_owned());
            let asked = Asked { origin, fetch_site: None, ..welcome() };
            assert_eq!(judged(&asked), Err(TurnedAway::OtherSite));
        }
    }

    #[test]
    fn what_changes_something_needs_the_word_of_our_forms() {
        for posted in [vec![], vec![(CSRF.to_owned(), "x".to_owned())]] {
            let asked = Asked { posted, ..welcome() };
            assert_eq!(judged(&asked), Err(TurnedAway::NotOurForm));
        }
        let word = |word: &str| vec![(CSRF.to_owned(), word.to_owned())];
        let asked = Asked { posted: word(&guard().staying), ..welcome() };
        assert_eq!(judged(&asked), Err(TurnedAway::NotOurForm), "not that of the cookie");
    }

    #[test]
    fn without_the_cookie_nobody_sees_anything() {
        for cookies in ["", "saksi_7470=x", "saksi_7471=x", "saksi_7470="] {
            let asked = Asked { cookies: cookies.to_owned(), is_post: false, ..welcome() };
            assert_eq!(judged(&asked), Err(TurnedAway::NotLetIn), "{cookies}");
        }
    }

    #[test]
    fn the_word_of_the_address_lets_in_and_no_other_does() {
        let guard = guard();
        let word = guard.address().rsplit('/').next().unwrap().to_owned();
        let cookie = guard.let_in(&word).unwrap();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
        for other in ["", &word[..31], &guard.staying, &guard.posting] {
            assert_eq!(guard.let_in(other), None);
        }
        let from_a_chat = Asked {
            path: format!("{OPEN}{word}"),
            is_post: false,
            fetch_site: Some("cross-site".to_owned()),
            ..welcome()
        };
        assert_eq!(guard.check_place(&from_a_chat), Ok(()));
        let posted = Asked { is_post: true, ..from_a_chat };
        assert_eq!(guard.check_place(&posted), Err(TurnedAway::OtherSite));
    }

    #[test]
    fn the_secret_stays_and_is_made_anew_if_others_could_read_it() {
        let home = tempfile::tempdir().unwrap();
        let directory = Directory::new(home.path());
        let first = secret(&directory).unwrap();
        assert_eq!(secret(&directory).unwrap(), first);
        let path = directory.page_key();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        let second = secret(&directory).unwrap();
        assert_ne!(second, first);
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let nowhere = Directory::new(&home.path().join("gone"));
        assert_ne!(
            secret(&nowhere).unwrap(),
            secret(&nowhere).unwrap(),
            "kept by the process alone"
        );
    }
}
