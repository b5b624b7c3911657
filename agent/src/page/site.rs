//! Which page answers: from a request to a reply, without sockets.

use std::sync::Arc;

use askama::Template;
use hyper::StatusCode;
use saksi_proto::bundle::CollectorAddress;
use saksi_proto::election::{Contest, FormKind};
use saksi_proto::layout::Layout;
use saksi_proto::text::{Language, Phrase};

use super::asked::Asked;
use super::guard::{Guard, OPEN, TurnedAway};
use super::reply::Reply;
use super::shell::{ICON, SCRIPT, STYLE, Shell, Voice, asset_path};
use super::{contest, entry, home, notices, receipt, rehearsing, review, text};
use crate::desk::{Desk, Trouble};
use crate::labels::Labels;
use crate::store::StoreFault;

/// The cookie that keeps the language: it is no secret, and the same on every port.
const LANGUAGE: &str = "saksi_language";

/// The path that rehearses.
const REHEARSE: &str = "/rehearse";

/// The page behind its guard.
pub(super) struct Site {
    desk: Arc<Desk>,
    guard: Guard,
    /// Collectors in the place of those of the papers.
    collectors: Vec<CollectorAddress>,
}

impl Site {
    pub(super) fn new(desk: Arc<Desk>, guard: Guard, collectors: &[CollectorAddress]) -> Self {
        Self { desk, guard, collectors: collectors.to_vec() }
    }

    /// Answers a request; a rehearsal waits for the network.
    pub(super) async fn answer(&self, asked: &Asked) -> Reply {
        let may_ask = self.guard.check_place(asked).and_then(|()| self.guard.check(asked));
        if may_ask.is_ok() && asked.is_post && asked.path == REHEARSE {
            let ended = rehearsing::rehearsed(&self.desk, &self.collectors).await;
            let visit = Visit::new(&self.desk, asked, self.guard.posting());
            return rehearsing::reply(&visit, &ended);
        }
        self.answer_now(asked)
    }

    /// Answers a request that needs nobody else. What is said to be stored is stored.
    pub(super) fn answer_now(&self, asked: &Asked) -> Reply {
        match self.guard.check_place(asked) {
            Ok(()) => {}
            Err(TurnedAway::OtherHost) => return Reply::misdirected(),
            Err(_) => return Reply::other_site(),
        }
        if let Some(asset) = asset(&asked.path) {
            return asset;
        }
        let visit = Visit::new(&self.desk, asked, self.guard.posting());
        if let Some(word) = asked.path.strip_prefix(OPEN).filter(|_| !asked.is_post) {
            return match self.guard.let_in(word) {
                // Not a way on: a browser would not send the new cookie with a request that
                // another site began. This page begins the next one itself.
                Some(cookie) => visit.render(&Opened { visit: &visit }).with_cookie(&cookie),
                None => visit.not_let_in(),
            };
        }
        match self.guard.check(asked) {
            Ok(()) => visit.answer(),
            Err(TurnedAway::NotLetIn) => visit.not_let_in(),
            Err(TurnedAway::NotOurForm) => {
                let (what, how) = (text::NOT_OUR_FORM, text::NOT_OUR_FORM_HOW);
                visit.refused(StatusCode::FORBIDDEN, what, visit.voice().say(how))
            }
            Err(TurnedAway::OtherHost | TurnedAway::OtherSite) => Reply::other_site(),
        }
    }
}

fn asset(path: &str) -> Option<Reply> {
    let style = || asset_path(STYLE, "css");
    let script = || asset_path(SCRIPT, "js");
    match path {
        _ if path == style() => Some(Reply::asset("text/css; charset=utf-8", STYLE.as_bytes())),
        _ if path == script() => {
            Some(Reply::asset("text/javascript; charset=utf-8", SCRIPT.as_bytes()))
        }
        "/icon.svg" => Some(Reply::asset("image/svg+xml", ICON.as_bytes())),
        _ => None,
    }
}

/// The page that lets a browser in.
#[derive(Template)]
#[template(path = "opened.html")]
struct Opened<'a> {
    visit: &'a Visit<'a>,
}

/// A page that says why not.
#[derive(Template)]
#[template(path = "refused.html")]
struct Refused {
    shell: Shell,
    sentences: Vec<String>,
}

/// One request of somebody who may ask, and what its answer is made of.
pub(super) struct Visit<'a> {
    pub(super) desk: &'a Desk,
    pub(super) asked: &'a Asked,
    pub(super) labels: Labels<'a>,
    /// The device's time at this request.
    pub(super) now_ms: u64,
    posting: &'a str,
}

/// A contest of the station, and its paper.
#[derive(Clone, Copy)]
pub(super) struct Paper<'a> {
    pub(super) contest: &'a Contest,
    pub(super) form: &'a FormKind,
    pub(super) layout: &'a Layout,
}

impl<'a> Visit<'a> {
    pub(super) fn new(desk: &'a Desk, asked: &'a Asked, posting: &'a str) -> Self {
        let chosen = asked.cookie(LANGUAGE).and_then(Language::from_code);
        let language = chosen.unwrap_or_else(|| desk.identity().language());
        let labels = Labels::new(desk.identity(), language);
        Self { desk, asked, labels, now_ms: desk.clock().now_ms(), posting }
    }

    fn answer(&self) -> Reply {
        let answered = match self.asked.path.split('/').skip(1).collect::<Vec<_>>()[..] {
            [""] if !self.asked.is_post => home::page(self),
            ["language"] if self.asked.is_post => Ok(self.speak()),
            ["try"] if self.asked.is_post => Ok(self.try_now()),
            ["look"] if self.asked.is_post => Ok(notices::look(self)),
            ["forms.saksi"] if !self.asked.is_post => home::carried(self),
            ["c", code] => self.of_contest(code, ""),
            ["c", code, what] => self.of_contest(code, what),
            _ => Ok(self.not_found()),
        };
        answered
            .unwrap_or_else(|fault| self.trouble(&Trouble::of_store(&fault, self.labels.language)))
    }

    fn of_contest(&self, code: &str, what: &str) -> Result<Reply, StoreFault> {
        let Some(paper) = self.paper(code) else { return Ok(self.not_found()) };
        match (self.asked.is_post, what) {
            (false, "") => contest::page(self, paper),
            (true, "correct") => notices::correct(self, paper),
            (true, "discard") => contest::discard(self, paper),
            (false, "review") => review::page(self, paper),
            (true, "review") => review::seal(self, paper),
            (false, "receipt") => receipt::page(self, paper),
            (false, "receipt.tlog-proof") => Ok(receipt::file(self, paper)),
            (is_post, number) => match number.parse::<usize>() {
                Ok(number) if is_post => entry::save(self, paper, number),
                Ok(number) => entry::page(self, paper, number),
                Err(_) => Ok(self.not_found()),
            },
        }
    }

    fn paper(&self, code: &str) -> Option<Paper<'a>> {
        let election = self.desk.identity().election();
        let contest = election.contests.iter().find(|contest| contest.code.as_str() == code)?;
        let form = election.head.form(contest.form)?;
        Some(Paper { contest, form, layout: self.desk.identity().layout(contest.code)? })
    }

    /// Another language from now on, on the same page.
    fn speak(&self) -> Reply {
        let language = self.asked.field("language").and_then(Language::from_code);
        let back = self.asked.field("back").filter(|path| is_ours(path)).unwrap_or("/");
        let code = language.unwrap_or(self.labels.language).code();
        let cookie =
            format!("{LANGUAGE}={code}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Strict");
        Reply::go_to(back).with_cookie(&cookie)
    }

    /// The link is tried at once, whatever rest was planned.
    fn try_now(&self) -> Reply {
        self.desk.bell().notify_one();
        Reply::go_to("/")
    }

    pub(super) fn voice(&self) -> Voice {
        Voice { language: self.labels.language }
    }

    /// The frame of a page.
    pub(super) fn shell(&self, title: &str) -> Shell {
        let mut shell = Shell::of(self.labels, self.desk.identity());
        title.clone_into(&mut shell.title);
        shell.moment.now_ms = self.now_ms;
        self.asked.path.clone_into(&mut shell.path);
        self.posting.clone_into(&mut shell.posting);
        shell
    }

    /// A page, made.
    pub(super) fn render(&self, page: &impl Template) -> Reply {
        self.render_as(StatusCode::OK, page)
    }

    /// A page that says what is wrong with what was posted.
    pub(super) fn render_as(&self, status: StatusCode, page: &impl Template) -> Reply {
        match page.render() {
            Ok(html) => Reply::page(status, html),
            // Only writing into memory can fail here.
            Err(fault) => {
                tracing::error!(%fault, path = %self.asked.path, "a page cannot be made");
                Reply::page(StatusCode::INTERNAL_SERVER_ERROR, String::new())
            }
        }
    }

    pub(super) fn not_found(&self) -> Reply {
        self.refused(StatusCode::NOT_FOUND, text::NOT_FOUND, "")
    }

    fn not_let_in(&self) -> Reply {
        let (what, how) = (text::NOT_LET_IN, text::NOT_LET_IN_HOW);
        // Whoever is not let in learns nothing of the station.
        let page = Stranger { voice: self.voice(), what, how, style: asset_path(STYLE, "css") };
        self.render_as(StatusCode::UNAUTHORIZED, &page)
    }

    /// Something was not done.
    pub(super) fn trouble(&self, trouble: &Trouble) -> Reply {
        let lines = trouble.findings.iter().flat_map(crate::findings::FindingShown::lines);
        let sentences = [trouble.sentence.clone()].into_iter().chain(trouble.details.clone());
        let sentences = sentences.chain(lines).collect();
        let shell = self.shell(self.voice().say(text::TROUBLE));
        self.render_as(StatusCode::CONFLICT, &Refused { shell, sentences })
    }

    /// Something cannot be done, for a reason in one sentence.
    pub(super) fn refuse(&self, why: &str) -> Reply {
        self.refused(StatusCode::CONFLICT, text::TROUBLE, why)
    }

    fn refused(&self, status: StatusCode, what: Phrase, how: &str) -> Reply {
        let shell = self.shell(self.voice().say(what));
        let sentences = Some(how.to_owned()).filter(|how| !how.is_empty());
        self.render_as(status, &Refused { shell, sentences: sentences.into_iter().collect() })
    }
}

/// A page for whoever is not let in.
#[derive(Template)]
#[template(path = "stranger.html")]
struct Stranger {
    voice: Voice,
    what: Phrase,
    how: Phrase,
    style: String,
}

/// Whether a path leads to this site and can stand in a header.
fn is_ours(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_stays_here() {
        for path in ["/", "/c/ppwp/1", "/c/a.b-c_d/review"] {
            assert!(is_ours(path), "{path}");
        }
        for path in ["", "c", "//evil.example", "/\\evil.example", "http://evil", "/a\r\nb", "/é"]
        {
            assert!(!is_ours(path), "{path}");
        }
    }
}
