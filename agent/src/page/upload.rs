//! Photos that a browser posts, from their bytes to the draft: one after the other, each
//! kept before the next is read.
//!
//! A page without a script posts a form with files (`parts`); the script posts one file as
//! it is, with what the form would say in headers that no other site can send. Either way
//! the bytes are read only of whoever may change something, and what is too much is read to
//! its end and thrown away: a connection that is cut would tell the officer nothing.

use std::mem;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderMap};
use saksi_proto::digest::Digest;
use saksi_proto::ids::ContestCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::asked::Asked;
use super::guard::CSRF;
use super::parts::{Malformed, Parts, Piece};
use super::photos;
use super::reply::Reply;
use super::site::Site;
use crate::desk::Added;
use crate::draft::Origin;
use crate::intake::{IntakeRefusal, MAX_ORIGINAL, take_in};
use crate::store::StoreFault;

/// For all photos of a request to come and to be made small: eight of them take 6 s of a
/// quick processor, and some times that of a slow one. Less than a connection has.
const PATIENCE: Duration = Duration::from_secs(80);

/// Most fields beside the files, and most bytes of one: a word and a hash.
const MAX_FIELDS: usize = 8;
const MAX_FIELD: usize = 256;

/// What the script says in headers instead of fields.
const WORD: &str = "x-saksi-csrf";
const ORIGIN: &str = "x-saksi-origin";
const INSTEAD: &str = "x-saksi-instead";

/// The name of the field that says which photo another takes the place of.
const INSTEAD_OF: &str = "instead";

/// The name of the box, and the word of the script, for a photo that is no new one.
const GALLERY: &str = "gallery";

/// Photos that are held and decoded at a time. One takes its file, 32 MiB at most, and what
/// [`crate::intake`] needs besides: 129 MB in all at the very most, where a telephone has 1 GB.
const AT_A_TIME: usize = 1;

/// What became of a photo that was posted.
#[derive(Debug)]
pub(super) enum Outcome {
    Kept(Digest),
    Refused(IntakeRefusal),
    TooMany,
    Sealed,
    /// It did not come to its end.
    NotWhole,
    Fault(StoreFault),
}

/// Whose turn it is to have a photo made small.
#[derive(Clone)]
pub(super) struct Turns(Arc<Semaphore>);

impl Turns {
    pub(super) fn new() -> Self {
        Self(Arc::new(Semaphore::new(AT_A_TIME)))
    }
}

/// The contest whose photos are posted, if that is what is asked.
pub(super) fn contest<'a>(asked: &'a Asked, headers: &HeaderMap) -> Option<&'a str> {
    let code = asked.path.strip_prefix("/c/")?.strip_suffix("/photos")?;
    let is_form = kind(headers).starts_with("application/x-www-form-urlencoded");
    (asked.is_post && !is_form).then_some(code)
}

fn kind(headers: &HeaderMap) -> &str {
    header(headers, CONTENT_TYPE.as_str()).unwrap_or_default()
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Takes in what is posted, and answers with the photos as they are then.
pub(super) async fn answer(
    site: &Site,
    asked: Asked,
    headers: &HeaderMap,
    mut body: Incoming,
) -> Reply {
    let answered = async {
        let paper = contest(&asked, headers).and_then(|code| site.visit(&asked).paper(code));
        let code = paper.map(|paper| paper.contest.code);
        // Nothing is read for strangers; whether our own page has posted it is seen with it.
        let looks = Asked { is_post: false, ..asked.clone() };
        let mut taking = Taking::new(site, asked);
        if let Some(code) = code.filter(|_| site.may_ask(&looks)) {
            taking.read(code, headers, &mut body).await;
        } else {
            taking.is_refused = true;
        }
        // To its end, so that the answer is read.
        while let Ok(Some(_)) = piece(&mut body).await {}
        taking.reply()
    };
    tokio::time::timeout(PATIENCE, answered).await.unwrap_or_else(|_| Reply::too_slow())
}

async fn piece(body: &mut Incoming) -> Result<Option<Bytes>, hyper::Error> {
    loop {
        match body.frame().await.transpose()?.map(hyper::body::Frame::into_data) {
            Some(Ok(bytes)) => return Ok(Some(bytes)),
            // Trailers say nothing to us.
            Some(Err(_)) => {}
            None => return Ok(None),
        }
    }
}

/// A file that is coming.
struct Arriving {
    origin: Origin,
    may: Added,
    bytes: Vec<u8>,
    /// Of the whole file, also where its bytes are thrown away.
    size: usize,
    _turn: OwnedSemaphorePermit,
}

/// What a part of the request is.
enum Part {
    Field(String, Vec<u8>),
    File(ContestCode, Arriving),
    /// Nobody's.
    Ignored,
}

/// One request.
struct Taking<'a> {
    site: &'a Site,
    asked: Asked,
    outcomes: Vec<Outcome>,
    part: Part,
    /// It is not of our own page: nothing is taken.
    is_refused: bool,
}

impl<'a> Taking<'a> {
    fn new(site: &'a Site, asked: Asked) -> Self {
        Self { site, asked, outcomes: Vec::new(), part: Part::Ignored, is_refused: false }
    }

    async fn read(&mut self, code: ContestCode, headers: &HeaderMap, body: &mut Incoming) {
        let read = match Parts::of(kind(headers)) {
            Some(mut parts) => self.read_parts(code, &mut parts, body).await,
            None => self.read_file(code, headers, body).await,
        };
        if read.is_err() {
            self.part = Part::Ignored;
            self.outcomes.push(Outcome::NotWhole);
        }
    }

    async fn read_parts(
        &mut self,
        code: ContestCode,
        parts: &mut Parts,
        body: &mut Incoming,
    ) -> Result<(), Malformed> {
        while let Some(bytes) = piece(body).await.map_err(|_| Malformed)? {
            parts.put(&bytes);
            while let Some(piece) = parts.next()? {
                match piece {
                    Piece::Begins { name, is_file: true } => {
                        let is_old = name == GALLERY;
                        self.begin(code, is_old).await;
                    }
                    Piece::Begins { name, .. } => self.part = Part::Field(name, Vec::new()),
                    Piece::Bytes(bytes) => self.more(&bytes),
                    Piece::Ends => self.end().await,
                }
            }
        }
        if parts.is_whole() { Ok(()) } else { Err(Malformed) }
    }

    /// The script's: the body is the file.
    async fn read_file(
        &mut self,
        code: ContestCode,
        headers: &HeaderMap,
        body: &mut Incoming,
    ) -> Result<(), Malformed> {
        for (name, from) in [(CSRF, WORD), (INSTEAD_OF, INSTEAD)] {
            let said = header(headers, from).map(|said| (name.to_owned(), said.to_owned()));
            self.asked.posted.extend(said);
        }
        self.begin(code, header(headers, ORIGIN) == Some(GALLERY)).await;
        while let Some(bytes) = piece(body).await.map_err(|_| Malformed)? {
            self.more(&bytes);
        }
        self.end().await;
        Ok(())
    }

    /// A file begins: whether it may is known from the fields before it.
    async fn begin(&mut self, code: ContestCode, is_old: bool) {
        self.part = Part::Ignored;
        if !self.site.may_ask(&self.asked) {
            self.is_refused = true;
            return;
        }
        let origin = if is_old { Origin::Gallery } else { Origin::Camera };
        let may = match self.site.desk().can_add_photo(code, self.instead_of()) {
            Ok(may) => may,
            Err(fault) => return self.outcomes.push(Outcome::Fault(fault)),
        };
        let turn = Arc::clone(&self.site.turns().0).acquire_owned().await;
        let turn = turn.expect("the turns are never closed");
        let bytes = Vec::new();
        self.part = Part::File(code, Arriving { origin, may, bytes, size: 0, _turn: turn });
    }

    fn more(&mut self, bytes: &[u8]) {
        match &mut self.part {
            Part::Field(_, text) if text.len() + bytes.len() <= MAX_FIELD => text.extend(bytes),
            Part::File(_, file) => {
                file.size += bytes.len();
                if file.size > MAX_ORIGINAL || file.may != Added::Kept {
                    file.bytes = Vec::new();
                } else {
                    file.bytes.extend_from_slice(bytes);
                }
            }
            Part::Field(..) | Part::Ignored => {}
        }
    }

    async fn end(&mut self) {
        match mem::replace(&mut self.part, Part::Ignored) {
            Part::Field(name, text) if self.asked.posted.len() < MAX_FIELDS => {
                self.asked.posted.push((name, String::from_utf8_lossy(&text).into_owned()));
            }
            // A box in which no file was chosen.
            Part::File(_, Arriving { size: 0, .. }) => {}
            Part::File(code, file) => {
                let outcome = self.keep(code, file).await;
                self.outcomes.push(outcome);
            }
            Part::Field(..) | Part::Ignored => {}
        }
    }

    async fn keep(&self, code: ContestCode, file: Arriving) -> Outcome {
        match file.may {
            Added::Kept if file.size > MAX_ORIGINAL => {
                return Outcome::Refused(IntakeRefusal::TooManyBytes);
            }
            Added::Kept => {}
            Added::TooMany => return Outcome::TooMany,
            Added::Sealed => return Outcome::Sealed,
        }
        let origin = file.origin;
        // The turn goes with the bytes: also where nobody waits for them any more.
        let made = tokio::task::spawn_blocking(move || take_in(&{ file }.bytes)).await;
        let taken = match made {
            Ok(Ok(taken)) => taken,
            Ok(Err(refusal)) => return Outcome::Refused(refusal),
            Err(fault) => {
                tracing::error!(%fault, "a photo could not be made small");
                return Outcome::Refused(IntakeRefusal::Damaged);
            }
        };
        let digest = taken.digest;
        let desk = self.site.desk();
        let now_ms = desk.clock().now_ms();
        match desk.add_photo(code, (taken, origin), self.instead_of(), now_ms) {
            Ok(Added::Kept) => Outcome::Kept(digest),
            Ok(Added::TooMany) => Outcome::TooMany,
            Ok(Added::Sealed) => Outcome::Sealed,
            Err(fault) => Outcome::Fault(fault),
        }
    }

    fn instead_of(&self) -> Option<Digest> {
        self.asked.field(INSTEAD_OF)?.parse().ok()
    }

    fn reply(self) -> Reply {
        if self.is_refused || !self.site.may_ask(&self.asked) {
            return self.site.answer_now(&self.asked);
        }
        photos::answer(&self.site.visit(&self.asked), self.outcomes)
    }
}
