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
use super::upload::Turns;
use super::{
    again, carried, contest, enrolled, entry, home, notices, photos, receipt, rehearsing, review,
    text,
};
use crate::desk::{Desk, Trouble};
use crate::draft::Turn;
use crate::labels::Labels;
use crate::store::StoreFault;

/// The cookie that keeps the language: it is no secret, and the same on every port.
pub(super) const LANGUAGE: &str = "saksi_language";

/// The path that rehearses.
const REHEARSE: &str = "/rehearse";

/// The page behind its guard.
pub(super) struct Site {
    desk: Arc<Desk>,
    guard: Guard,
    /// Collectors in the place of those of the papers.
    collectors: Vec<CollectorAddress>,
    /// Whose photo is made small.
    turns: Turns,
}

impl Site {
    pub(super) fn new(desk: Arc<Desk>, guard: Guard, collectors: &[CollectorAddress]) -> Self {
        Self { desk, guard, collectors: collectors.to_vec(), turns: Turns::new() }
    }

    pub(super) fn desk(&self) -> &Desk {
        &self.desk
    }

    /// The desk, for work beside the network's thread.
    pub(super) fn shared_desk(&self) -> Arc<Desk> {
        Arc::clone(&self.desk)
    }

    pub(super) fn turns(&self) -> &Turns {
        &self.turns
    }

    /// Whether this is asked by the officer's own page.
    pub(super) fn may_ask(&self, asked: &Asked) -> bool {
        self.guard.check_place(asked).and_then(|()| self.guard.check(asked)).is_ok()
    }

    /// A request of somebody who may ask.
    pub(super) fn visit<'a>(&'a self, asked: &'a Asked) -> Visit<'a> {
        Visit::new(&self.desk, asked, self.guard.posting())
    }

    /// Answers a request; a rehearsal waits for the network.
    pub(super) async fn answer(&self, asked: &Asked) -> Reply {
        let may_ask = self.guard.check_place(asked).and_then(|()| self.guard.check(asked));
        if may_ask.is_ok() && asked.is_post && asked.path == REHEARSE {
            let ended = rehearsing::rehearsed(&self.desk, &self.collectors).await;
            let visit = Visit::new(&self.desk, asked, self.guard.posting());
            return rehearsing::reply(&visit, &ended);
        }
        if may_ask.is_ok() && !asked.is_post && asked.path == enrolled::PATH {
            let link = enrolled::link(&self.desk, &self.collectors).await;
            return enrolled::page(&self.visit(asked), &link);
        }
        self.answer_now(asked)
    }

    /// Answers a request that needs nobody else. What is said to be stored is stored.
    pub(super) fn answer_now(&self, asked: &Asked) -> Reply {
        let visit = Visit::new(&self.desk, asked, self.guard.posting());
        match at_the_door(&self.guard, asked, visit.voice()) {
            Door::Open => visit.answer(),
            Door::NotOurForm => {
                let (what, how) = (text::NOT_OUR_FORM, text::NOT_OUR_FORM_HOW);
                visit.refused(StatusCode::FORBIDDEN, what, visit.voice().say(how))
            }
            Door::Answered(reply) => *reply,
        }
    }
}

/// What the guard says to a request.
pub(super) enum Door {
    /// It may be answered.
    Open,
    /// What it posts is not of a page of ours.
    NotOurForm,
    /// It is: the script, the way in, or a word why not.
    Answered(Box<Reply>),
}

/// Lets in whoever may ask. Others learn nothing of the station.
pub(super) fn at_the_door(guard: &Guard, asked: &Asked, voice: Voice) -> Door {
    let answered = |reply| Door::Answered(Box::new(reply));
    match guard.check_place(asked) {
        Ok(()) => {}
        Err(TurnedAway::OtherHost) => return answered(Reply::misdirected()),
        Err(_) => return answered(Reply::other_site()),
    }
    if let Some(asset) = asset(&asked.path) {
        return answered(asset);
    }
    if let Some(word) = asked.path.strip_prefix(OPEN).filter(|_| !asked.is_post) {
        return answered(match guard.let_in(word) {
            // Not a way on: a browser would not send the new cookie with a request that
            // another site began. This page begins the next one itself.
            Some(cookie) => rendered(StatusCode::OK, &Opened { voice }).with_cookie(&cookie),
            None => not_let_in(voice),
        });
    }
    match guard.check(asked) {
        Ok(()) => Door::Open,
        Err(TurnedAway::NotLetIn) => answered(not_let_in(voice)),
        Err(TurnedAway::NotOurForm) => Door::NotOurForm,
        Err(TurnedAway::OtherHost | TurnedAway::OtherSite) => answered(Reply::other_site()),
    }
}

fn not_let_in(voice: Voice) -> Reply {
    stranger(StatusCode::UNAUTHORIZED, voice, (text::NOT_LET_IN, text::NOT_LET_IN_HOW))
}

/// What is posted is not of a page of ours, where there is no station yet.
pub(super) fn not_our_form(voice: Voice) -> Reply {
    stranger(StatusCode::FORBIDDEN, voice, (text::NOT_OUR_FORM, text::NOT_OUR_FORM_HOW))
}

fn stranger(status: StatusCode, voice: Voice, (what, how): (Phrase, Phrase)) -> Reply {
    rendered(status, &Stranger { voice, what, how, style: &STYLE })
}

/// A page, made.
pub(super) fn rendered(status: StatusCode, page: &impl Template) -> Reply {
    match page.render() {
        Ok(html) => Reply::page(status, html),
        // Only writing into memory can fail here.
        Err(fault) => {
            tracing::error!(%fault, "a page cannot be made");
            Reply::page(StatusCode::INTERNAL_SERVER_ERROR, String::new())
        }
    }
}

/// Another language from now on, on the same page.
pub(super) fn speak(asked: &Asked, otherwise: Language) -> Reply {
    let language = asked.field("language").and_then(Language::from_code);
    let back = asked.field("back").filter(|path| is_ours(path)).unwrap_or("/");
    let code = language.unwrap_or(otherwise).code();
    let cookie = format!("{LANGUAGE}={code}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Strict");
    Reply::go_to(back).with_cookie(&cookie)
}

fn asset(path: &str) -> Option<Reply> {
    let script = || asset_path(&SCRIPT, "js");
    match path {
        _ if path == script() => Some(Reply::script(SCRIPT.as_bytes())),
        "/icon.svg" => Some(Reply::asset("image/svg+xml", ICON.as_bytes())),
        _ => None,
    }
}

/// The page that lets a browser in.
#[derive(Template)]
#[template(path = "opened.html")]
struct Opened {
    voice: Voice,
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
            ["language"] if self.asked.is_post => Ok(speak(self.asked, self.labels.language)),
            ["try"] if self.asked.is_post => Ok(self.try_now()),
            // What has changed is asked for where the last file was posted, too.
            ["carry"] | ["carry", "in"] if !self.asked.is_post => carried::page(self),
            ["receipts.receipts"] if !self.asked.is_post => carried::receipts(self),
            ["look"] if self.asked.is_post => Ok(notices::look(self)),
            ["forms.saksi"] if !self.asked.is_post => home::carried(self),
            ["photos", name] if !self.asked.is_post => Ok(photos::picture(self, name)),
            ["c", code] => self.of_contest(code, ""),
            ["c", code, "again", what] => match self.paper(code) {
                Some(paper) => again::answer(self, paper, what),
                None => Ok(self.not_found()),
            },
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
            (false, "again") => again::page(self, paper),
            (false, "review") => review::page(self, paper),
            (true, "review") => review::seal(self, paper),
            (false, "receipt") => receipt::page(self, paper),
            (false, "photos") => photos::page(self, paper),
            (true, "photos") => photos::remove(self, paper),
            (false, "receipt.svg") => Ok(receipt::drawing(self, paper)),
            (false, "receipt.tlog-proof") => Ok(receipt::file(self, paper)),
            (is_post, number) => match number.parse::<usize>() {
                Ok(number) if is_post => entry::save(self, paper, Turn::First, number),
                Ok(number) => entry::page(self, paper, Turn::First, number),
                Err(_) => Ok(self.not_found()),
            },
        }
    }

    /// A contest of the station by its code.
    pub(super) fn paper(&self, code: &str) -> Option<Paper<'a>> {
        let election = self.desk.identity().election();
        let contest = election.contests.iter().find(|contest| contest.code.as_str() == code)?;
        let form = election.head.form(contest.form)?;
        Some(Paper { contest, form, layout: self.desk.identity().layout(contest.code)? })
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
        rendered(status, page)
    }

    pub(super) fn not_found(&self) -> Reply {
        self.refused(StatusCode::NOT_FOUND, text::NOT_FOUND, "")
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
    style: &'static str,
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
