//! Enrolment in the browser: the station's page before there is a station.
//!
//! Served at the same address and behind the same guard as the page after it, to which it
//! gives over without a new start. Each step is the one that `saksi-agent enrol` takes
//! ([`crate::enrol`]), so that either goes on where the other was interrupted.

mod screens;
mod steps;
pub mod text;

use std::io;
use std::net::TcpStream;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::http::request::Parts;
use saksi_proto::bundle::Papers;
use saksi_proto::enrolment::StationOffer;
use saksi_proto::slip::Slip;
use saksi_proto::text::Language;
use tokio::net::TcpListener;

use super::asked::Asked;
use super::guard::Guard;
use super::reply::Reply;
use super::shell::{STYLE, Voice};
use super::site::{Door, LANGUAGE, at_the_door, not_our_form, speak};
use super::{Answers, Page, PageAt, brought, serve_until, within_patience};
use crate::directory::Directory;
use crate::durable;
use crate::identity::MAX_BUNDLE;
use screens::Frame;

/// Where the page goes on once there are papers: whose device it is, and how it is.
pub(super) const DONE: &str = "/enrolled";

/// Where the centre's answer is posted.
const ANSWER: &str = "/enrol/answer";

/// For whoever looks whether the page is there.
const LOOK: Duration = Duration::from_secs(2);

/// The page of a device that is to be enrolled.
pub struct EnrolPage {
    page: Page,
    site: Arc<Site>,
}

/// What a person has to confirm.
enum Pending {
    /// What the centre says of the slip.
    Offer(Slip, StationOffer),
    /// Papers that were carried here, and were checked.
    Papers(Box<Papers>, StationOffer),
}

struct Site {
    directory: Directory,
    guard: Guard,
    /// Of whoever has chosen none.
    language: Language,
    pending: Mutex<Option<Pending>>,
    is_enrolled: AtomicBool,
    /// One step at a time: two would make two keys for one code.
    turn: tokio::sync::Mutex<()>,
}

impl EnrolPage {
    /// Takes the page to its address; `None` if none is wanted or to be had.
    ///
    /// # Errors
    /// If the directory cannot be made, or the address is not to be had.
    pub fn open(directory: &Path, at: PageAt, language: Language) -> io::Result<Option<Self>> {
        let directory = Directory::new(directory);
        directory.create()?;
        let Some(page) = Page::at(&directory, at)? else { return Ok(None) };
        // The door is the daemon's, and there is none yet.
        durable::write_file(&directory.page_address(), page.address().as_bytes())?;
        let (guard, pending) = (page.guard.clone(), Mutex::new(None));
        let (is_enrolled, turn) = (AtomicBool::new(false), tokio::sync::Mutex::new(()));
        let site = Arc::new(Site { directory, guard, language, pending, is_enrolled, turn });
        Ok(Some(Self { page, site }))
    }

    /// The address that lets a browser in: to be kept as a key is.
    #[must_use]
    pub fn address(&self) -> String {
        self.page.address()
    }

    /// Serves until the device has its papers. The page is to go on then, for a browser
    /// waits for it.
    ///
    /// # Errors
    /// If the address cannot be listened at.
    pub async fn serve(self) -> io::Result<Page> {
        let listener = TcpListener::from_std(self.page.listener.try_clone()?)?;
        let site = Arc::clone(&self.site);
        serve_until(&listener, &self.site, || site.is_enrolled.load(Ordering::SeqCst)).await;
        Ok(self.page)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        // One that stays leads nowhere, and is looked at before anybody is told of it.
        drop(std::fs::remove_file(self.directory.page_address()));
    }
}

/// The address of the page that waits for this device to be enrolled, if it is served.
#[must_use]
pub fn waiting_address(directory: &Path) -> Option<String> {
    let address = std::fs::read_to_string(Directory::new(directory).page_address()).ok()?;
    let host = address.strip_prefix("http://")?.split('/').next()?.parse().ok()?;
    TcpStream::connect_timeout(&host, LOOK).ok().map(|_| address)
}

impl Site {
    fn pending(&self) -> MutexGuard<'_, Option<Pending>> {
        // Replaced as a whole.
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn has_papers(&self) {
        self.is_enrolled.store(true, Ordering::SeqCst);
    }

    fn voice(&self, asked: &Asked) -> Voice {
        let chosen = asked.cookie(LANGUAGE).and_then(Language::from_code);
        Voice { language: chosen.unwrap_or(self.language) }
    }

    fn frame(&self, asked: &Asked, problem: Option<String>) -> Frame {
        let posting = self.guard.posting().to_owned();
        Frame { voice: self.voice(asked), posting, style: &STYLE, problem }
    }

    async fn step(&self, asked: &Asked) -> Reply {
        let _turn = self.turn.lock().await;
        match (asked.is_post, asked.path.as_str()) {
            (false, "/" | DONE) => self.screen(asked, None),
            (true, "/enrol/ask") => self.ask(asked).await,
            (true, "/enrol/yes") => self.confirm(asked).await,
            (true, "/enrol/no") => self.decline(asked),
            (true, "/enrol/go-on") => self.go_on(asked).await,
            (true, "/enrol/give-up") => self.give_up(asked),
            (true, "/enrol/request") => self.request(asked),
            (true, "/language") => speak(asked, self.voice(asked).language),
            _ => Reply::go_to("/"),
        }
    }

    async fn brought(&self, mut asked: Asked, head: &Parts, body: Incoming) -> Reply {
        let may = |asked: &Asked| {
            self.guard.check_place(asked).and_then(|()| self.guard.check(asked)).is_ok()
        };
        let place = self.directory.path();
        let reading = brought::read(&mut asked, (&head.headers, body), (place, MAX_BUNDLE), may);
        let Ok(taken) = tokio::time::timeout(super::PATIENCE, reading).await else {
            return Reply::too_slow();
        };
        match at_the_door(&self.guard, &asked, self.voice(&asked)) {
            Door::Open => {
                let _turn = self.turn.lock().await;
                self.answered(&asked, &taken)
            }
            Door::NotOurForm => not_our_form(self.voice(&asked)),
            Door::Answered(reply) => *reply,
        }
    }
}

impl Answers for Site {
    async fn answer(&self, asked: Asked, head: Parts, body: Incoming) -> Reply {
        if asked.path == ANSWER && brought::has_files(&head.headers) {
            return self.brought(asked, &head, body).await;
        }
        let asked = match within_patience(asked.with_body(&head, body)).await {
            Ok(asked) => asked,
            Err(refused) => return refused,
        };
        match at_the_door(&self.guard, &asked, self.voice(&asked)) {
            Door::Open => self.step(&asked).await,
            Door::NotOurForm => not_our_form(self.voice(&asked)),
            Door::Answered(reply) => *reply,
        }
    }
}
