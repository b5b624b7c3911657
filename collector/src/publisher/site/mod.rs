//! The site for watchers: pages and numbers as files, in `DIR/public/site`.
//!
//! ```text
//! current.json                     the newest publication, and why there is none newer
//! versions/SIZE                    a publication, signed by the log's key; each names the one
//!                                  before, so that they are the log of all publications
//! data/AB/SHA256.json              a region's numbers, under the SHA-256 of its bytes; it names
//!                                  the files of its parts, down to the stations' forms
//! numbers/CODE.json                the newest of them under a name that stays
//! stations.json                    which tables of all stations are the newest
//! stations/SIZE/CONTEST.csv        all stations of a contest, every ten minutes
//! index.html                       where it begins
//! LANGUAGE/region-CONTEST/CODE.html    a region
//! LANGUAGE/station/CODE.html       a station of which something has come
//! LANGUAGE/region-CONTEST/SORT/CODE.html    the same with its parts by name, or by coverage
//! LANGUAGE/list-CONTEST-KIND/CODE.html  its held, disputed, corrected or missing stations
//! LANGUAGE/find/names.html, codes.html   an index of all regions and stations
//! LANGUAGE/publications/N.html     the log of all publications, for people
//! photos/AB/SHA256.jpg, .thumb.jpg its photos, under their SHA-256
//! style.css, icon.svg, site.js
//! ```
//!
//! Everything but the two pointers and `versions/` is kept compressed, with `.gz` behind its
//! name: 108 KB of a station's page are 5 so, and no reader's request takes processor time.
//! `gzip_static always` and `gunzip on` have nginx serve that; the collector does it itself.
//!
//! **Numbers** never change under their name. `current.json` → the signed publication → the
//! file of the whole → the files of its parts is one moment of the count, whatever caches lie
//! between. **Pages** keep their addresses, and each names the size and root of the log that it
//! was made from. A page is written again when an entry has come of a station in its region,
//! and not otherwise.
//!
//! A page for each station *and* contest, or all of a village's stations on one page, were the
//! other ways. Measured, for a nation of five contests with 92,000 regions and 820,000
//! stations (`national --site`): 1.1 million region pages in two languages and three orders at
//! 3.6 KB, compressed, and 1.6 million station pages at 5.2 are 12 GB, 18 in blocks of 4 KB.
//! Uncompressed they would be some 200 GB; a page a village would have ten stations of 110 KB;
//! a page a station and contest would be five times as many files
//! for the same bytes. Numbers for programs are a file a village, of 5 KB: 0.6 GB. A station has
//! no page before anything has come of it.
//!
//! It has a thread of its own beside the publisher's. The order is totals of one moment →
//! wait until the log is published as far → numbers → pages, the lowest first → their names
//! durable → signed publication → `current.json` → what nothing names any more removed →
//! photos that have come, and the pages of their stations once more. What
//! stops it leaves `current.json` of before with all that it names. The next start asks the
//! ledger what has come since, and writes that again.
//!
//! Where the site is not wanted, its photos are published all the same, and nothing else: the
//! pages that the collector makes when asked lead to them.

mod backwards;
mod find;
mod lists;
mod numbers;
mod packed;
mod pages;
mod photos;
mod pointer;
mod publications;
mod stations;
mod table;
mod thread;
mod thumbnail;
mod version;
mod work;

use std::collections::VecDeque;
use std::io::Read as _;
use std::sync::{Arc, RwLock};

use ed25519_dalek::SigningKey;
use flate2::read::GzDecoder;
use rustc_hash::{FxHashMap, FxHashSet};
use saksi_proto::checkpoint::LogKey;
use saksi_proto::definition::RegionIndex;
use saksi_proto::digest::Digest;
use saksi_proto::ids::RegionCode;
use tracing::{error, info, warn};

use super::directory::Directory;
use super::disk::{Disk, Files};
use super::{CHECKPOINT, PublishFault, SPARE};
use crate::election::Election;
use crate::home::Home;
use crate::journal::Journal;
use crate::ledger::{Ledger, Touched};
use crate::photos::NewlyWhole;
use crate::storage::Storage as _;
use crate::view::decisions::{PublicationState, PublicationView};
use crate::view::region::RegionView;
use crate::web::pages::fixed::{ASSETS, TEMPLATES};
use backwards::Backwards;
use packed::Packed;
use photos::Waiting;
pub(crate) use photos::photos_of;
use publications::Publications;
use table::{Seen, Table};
pub use thread::spawn;
pub(crate) use thumbnail::size as size_of_thumbnail;
use version::{Current, State};

/// Where the site lies in the public directory.
pub const SITE: &str = "site";
/// The pointer to the newest publication, in the site.
pub const CURRENT: &str = "current.json";
/// The pointer to the newest tables of all stations, in the site.
pub const STATIONS_FILE: &str = "stations.json";
/// Behind the name of a file that is kept compressed.
pub const PACKED: &str = ".gz";

/// Publications whose numbers stay: who has read the pointer has three more periods to read
/// what it leads to.
const KEPT: usize = 3;

/// What came of one look at the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The numbers of so many entries are published, now or before.
    Published(u64),
    /// The log is not published so far; soon.
    Early,
    /// Publication is paused.
    Paused,
    /// The numbers would go back, and no entry says why.
    Refused,
    /// Photos are published, and nothing else is wanted.
    Photos,
}

/// Owns the static site.
pub struct Site<D = Files> {
    home: Home,
    key: LogKey,
    signer: SigningKey,
    directory: Directory<D>,
    ledger: Arc<RwLock<Ledger>>,
    table: Table,
    /// Of which stations entries have come that are not published.
    pending: FxHashSet<Touched>,
    newly_whole: Arc<NewlyWhole>,
    /// Whether neither pages nor numbers are written.
    has_photos_alone: bool,
    /// Whose photos are to be published.
    waiting: Waiting,
    /// Lines of a page of the index of places.
    lines: usize,
    /// Most stations that a list names.
    many: u32,
    /// What the lists behind the counts say, where this process has written them and nothing
    /// has failed since: at most some 10 MB for a nation.
    lists: FxHashMap<lists::Of, Digest>,
    /// When the tables of all stations were written last.
    stations_ms: Option<u64>,
    /// What is published; nothing before the first look at the directory.
    published: Option<Published>,
}

/// What is published.
struct Published {
    /// The pointer; none if nothing is published.
    current: Option<Current>,
    /// Whether all pages have to be made.
    wants_all: bool,
    /// Why it is no beginning of this log.
    other_log: Option<Backwards>,
    /// What this process has said of numbers that would go back.
    alarmed: Option<Backwards>,
    /// The file of each region's numbers; none before they were made once.
    files: FxHashMap<RegionIndex, Digest>,
    /// Files of numbers that are on the disk.
    there: FxHashSet<Digest>,
    /// Those that newer ones have taken the place of, a publication each.
    outdated: VecDeque<Vec<Digest>>,
    publications: Publications,
    /// The pages of the whole, to say on them why nothing newer comes.
    front: Vec<RegionView>,
}

impl Site {
    /// The site of a collector's log, signed by the log's key; `newly_whole` says whose photos
    /// have come.
    #[must_use]
    pub fn new(
        home: &Home,
        key: LogKey,
        signer: SigningKey,
        ledger: Arc<RwLock<Ledger>>,
        newly_whole: Arc<NewlyWhole>,
    ) -> Self {
        Self::on(Files::below(home.public()), home, (key, signer), ledger, newly_whole)
    }
}

impl<D: Disk> Site<D> {
    /// A site on this disk.
    #[must_use]
    pub fn on(
        disk: D,
        home: &Home,
        (key, signer): (LogKey, SigningKey),
        ledger: Arc<RwLock<Ledger>>,
        newly_whole: Arc<NewlyWhole>,
    ) -> Self {
        // From now on.
        drop(newly_whole.take());
        let directory = Directory::below(disk, SITE);
        let (table, pending) = (Table::default(), FxHashSet::default());
        let home = home.clone();
        Self {
            home,
            key,
            signer,
            directory,
            ledger,
            table,
            pending,
            newly_whole,
            has_photos_alone: false,
            waiting: Waiting::default(),
            lines: find::ON_A_PAGE,
            many: lists::MANY,
            lists: FxHashMap::default(),
            stations_ms: None,
            published: None,
        }
    }

    /// The same with its photos alone: pages are made when they are asked for.
    #[must_use]
    pub fn with_photos_alone(self) -> Self {
        Self { has_photos_alone: true, ..self }
    }

    /// Publishes what the ledger has come to; `next_ms` is when that is done again.
    ///
    /// # Errors
    /// [`PublishFault`]; what was published before stays, and the next call goes on.
    pub fn publish(&mut self, now_ms: u64, next_ms: u64) -> Result<Outcome, PublishFault> {
        self.note_photos();
        if self.has_photos_alone {
            return self.publish_photos_alone((now_ms, next_ms));
        }
        let seen = self.table.catch_up(&self.ledger)?;
        self.pending.extend(seen.touched.iter().copied());
        if seen.position.root.is_none() {
            return Err(PublishFault::Ledger);
        }
        if !self.is_log_published(seen.position.size)? {
            return Ok(Outcome::Early);
        }
        // It is put back by whoever succeeds: after a fault the disk has the last word.
        let mut published = match self.published.take() {
            Some(published) => published,
            None => self.begin(&seen)?,
        };
        let outcome = self.go_on(&mut published, &seen, (now_ms, next_ms));
        match &outcome {
            Ok(_) => self.published = Some(published),
            Err(_) => self.lists.clear(),
        }
        outcome
    }

    fn go_on(
        &mut self,
        published: &mut Published,
        seen: &Seen,
        times: (u64, u64),
    ) -> Result<Outcome, PublishFault> {
        if let PublicationView { state: PublicationState::Paused, since_ms, reason } =
            seen.publication.clone()
        {
            let (since_ms, reason) = (since_ms.unwrap_or(0), reason.unwrap_or_default());
            self.say(published, State::Paused { since_ms, reason }, times)?;
            return Ok(Outcome::Paused);
        }
        if let Some(other_log) = published.other_log.clone() {
            return self.refuse(published, &other_log, times);
        }
        let size = seen.position.size;
        let is_same = |current: &Current| current.size == size && current.state == State::Open;
        if !published.wants_all && published.current.as_ref().is_some_and(is_same) {
            self.say(published, State::Open, times)?;
            self.write_publications(published, times)?;
            self.write_photos(seen, times)?;
            return Ok(Outcome::Published(size));
        }
        self.leave_room()?;
        let work = self.work(published, seen)?;
        let files = self.write_numbers(published, seen, &work)?;
        if let Some(backwards) = self.backwards(published, seen, &files)? {
            return self.refuse(published, &backwards, times);
        }
        self.name_newest(published, seen, &work, &files)?;
        self.write_pages(published, seen, &work, times)?;
        self.conclude(published, seen, files, times)?;
        self.write_publications(published, times)?;
        self.write_stations(seen, times.0)?;
        self.write_photos(seen, times)?;
        let (regions, stations) = (work.pages.len(), work.stations.len());
        info!(size, regions, stations, "the site is published");
        Ok(Outcome::Published(size))
    }

    fn refuse(
        &mut self,
        published: &mut Published,
        why: &Backwards,
        times: (u64, u64),
    ) -> Result<Outcome, PublishFault> {
        let reason = why.to_string();
        let since_ms = match published.current.as_ref().map(|current| &current.state) {
            Some(State::Refused { since_ms, reason: said }) if *said == reason => *since_ms,
            _ => times.0,
        };
        // Once a process: whoever starts it again reads the words of the new one.
        if published.alarmed.as_ref() != Some(why) {
            error!(%why, "THE SITE IS NOT RENEWED: its numbers would go back. If that is \
                          right, remove public/site, and it is published anew");
            published.alarmed = Some(why.clone());
        }
        self.say(published, State::Refused { since_ms, reason }, times)?;
        Ok(Outcome::Refused)
    }

    /// Looks at what is published.
    fn begin(&mut self, seen: &Seen) -> Result<Published, PublishFault> {
        let current = self.directory.read(&path(CURRENT))?;
        let current: Option<Current> = current.and_then(|json| serde_json::from_slice(&json).ok());
        let there = self.directory.disk.files(&path("data")).map_err(PublishFault::file("data"))?;
        there.iter().for_each(|path| self.directory.keep(path));
        let name = |path: &String| {
            path.rsplit('/').next()?.strip_suffix(".json.gz")?.parse::<Digest>().ok()
        };
        let (mut other_log, made_with) = (None, made_with(&seen.election));
        if let Some(current) = &current {
            let size = current.size;
            if !self.grew_from(current, seen.position.size)? {
                other_log = Some(Backwards::OtherLog { published: size });
            } else if current.made_with == made_with {
                self.pending.extend(self.changed_since(seen, size)?);
            }
        }
        let publications = self.publications(current.as_ref())?;
        Ok(Published {
            publications,
            wants_all: current.as_ref().is_none_or(|current| current.made_with != made_with),
            current,
            other_log,
            alarmed: None,
            files: FxHashMap::default(),
            there: there.iter().filter_map(name).collect(),
            outdated: VecDeque::new(),
            front: Vec::new(),
        })
    }

    /// Whether the log, of so many entries, goes on from what is published.
    fn grew_from(&self, current: &Current, size: u64) -> Result<bool, PublishFault> {
        if current.size > size {
            return Ok(false);
        }
        let journal = Journal::open_to_read(&self.home.journal())?;
        let note = journal.checkpoint_over(current.size.saturating_sub(1))?;
        let checkpoint = note.and_then(|(_, note)| self.key.open(&note).ok());
        Ok(checkpoint.is_some_and(|own| (own.size, own.root) == (current.size, current.root)))
    }

    /// Whether a published checkpoint covers so many entries.
    fn is_log_published(&self, size: u64) -> Result<bool, PublishFault> {
        let note = self.directory.read(CHECKPOINT)?.unwrap_or_default();
        let checkpoint = self.key.open(&String::from_utf8_lossy(&note));
        Ok(checkpoint.is_ok_and(|checkpoint| checkpoint.size >= size))
    }

    fn leave_room(&self) -> Result<(), PublishFault> {
        let free = self.directory.disk.free().map_err(PublishFault::file(SITE))?;
        if free < SPARE { Err(PublishFault::Room(free)) } else { Ok(()) }
    }

    /// Writes a file compressed.
    fn put_packed(&mut self, file: &str, bytes: &[u8]) -> Result<(), PublishFault> {
        self.directory.put(&packed_path(file), &packed::pack(bytes))
    }

    fn put_all(&mut self, files: Vec<Packed>) -> Result<(), PublishFault> {
        files.iter().try_for_each(|(file, bytes)| self.directory.put(&packed_path(file), bytes))
    }

    /// Reads a file of numbers, if it is there and what its name says.
    fn read_numbers(&self, file: &Digest) -> Result<Option<numbers::Published>, PublishFault> {
        let path = packed_path(&numbers_file(file));
        let Some(packed) = self.directory.read(&path)? else { return Ok(None) };
        let mut json = Vec::new();
        let read = GzDecoder::new(packed.as_slice()).read_to_end(&mut json);
        let is_sound = read.is_ok() && Digest::of(&json) == *file;
        let numbers = serde_json::from_slice(&json).ok().filter(|_| is_sound);
        if numbers.is_none() {
            warn!(path, "a published file is damaged; what has changed in it is not compared");
        }
        Ok(numbers)
    }
}

/// What pages are made with: those of another program, or with other maps, are made anew.
fn made_with(election: &Election) -> Digest {
    let assets = ASSETS.iter().map(|(_, text)| *text);
    let parts = [env!("CARGO_PKG_VERSION")].into_iter().chain(TEMPLATES).chain(assets);
    let maps = election.boundaries.digest().map(|digest| digest.to_string());
    let parts = parts.chain(maps.as_deref());
    Digest::of(parts.collect::<Vec<_>>().join("\0").as_bytes())
}

/// The file of numbers with this SHA-256, below the root of the site.
fn numbers_file(sha256: &Digest) -> String {
    let name = sha256.to_string();
    format!("data/{}/{name}.json", &name[..2])
}

/// The newest numbers of a region, below the root of the site.
fn newest_numbers_file(code: RegionCode) -> String {
    format!("numbers/{code}.json")
}

/// A file of the site, below the public directory.
fn path(file: &str) -> String {
    format!("{SITE}/{file}")
}

/// A compressed file of the site, below the public directory.
fn packed_path(file: &str) -> String {
    format!("{SITE}/{file}{PACKED}")
}
