//! Photos of the paper, after the numbers: each under its SHA-256, with a thumbnail, and then
//! the pages of its station once more.
//!
//! ```text
//! photos/AB/SHA256.jpg          a photo as the device sent it, byte for byte
//! photos/AB/SHA256.thumb.jpg    it made small; where that is, the photo is shown
//! photos/AB/SHA256.bin          one that cannot be shown: to be downloaded, and compared
//! .photos                       stations whose pages are being written; nobody is served it
//! ```
//!
//! A photo is a second name of the file that the collector keeps, so it takes no room: a
//! nation's 4 to 8 million photos of 200 to 400 KB are 1 to 3 TB. Where they lie on a disk of
//! their own they are copied. Thumbnails are 50 GB.
//!
//! Which photos a form names is in the log, which of them have come is what lies in
//! `DIR/photos`: a start looks through that for what is not published. A crash between a photo
//! and the page that shows it leaves the list of stations, whose pages are written then.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use saksi_proto::definition::StationIndex;
use saksi_proto::digest::Digest;
use saksi_proto::entry::Entry;
use saksi_proto::ids::StationCode;
use saksi_proto::seal::SealedForm;
use tracing::{info, warn};

use super::super::PublishFault;
use super::super::disk::Disk;
use super::table::{Seen, read};
use super::thumbnail::{size, thumbnail};
use super::{Outcome, Site, path};
use crate::journal::Journal;
use crate::photos::{station_directory, station_of};
use crate::view::decisions::PublicationState;
use crate::view::moment::Moment;
use crate::view::station::PhotoState;
use crate::web::links::{FILE, PICTURE, THUMBNAIL, photo_file};
use crate::web::pages::fixed::Edition;

/// Stations whose pages are being written.
const LIST: &str = ".photos";

/// Photos that are published at a time, some more if a station has so many; then numbers have
/// their turn. At 18 to 26 ms for a thumbnail (a debug build) it is 4 to 5 s.
const ROUND: usize = 200;

/// Whose photos wait to be published.
#[derive(Default)]
pub(super) struct Waiting {
    stations: BTreeSet<StationCode>,
    /// Whether it was looked what lies there from before.
    has_looked: bool,
}

/// What became of a photo that was to be published.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Found {
    /// It is there already.
    Published,
    /// It was not, and is now.
    New,
    /// It has not come.
    Awaited,
}

impl<D: Disk> Site<D> {
    /// Notes whose photos have become whole. Before the ledger is looked at: then the forms
    /// that name them are in it.
    pub(super) fn note_photos(&mut self) {
        let newly = self.newly_whole.take();
        self.waiting.stations.extend(newly);
    }

    /// Publishes photos that have come for pages that are made when they are asked for; none while
    /// publication is paused.
    pub(super) fn publish_photos_alone(
        &mut self,
        times: (u64, u64),
    ) -> Result<Outcome, PublishFault> {
        let seen = Seen::now(&*read(&self.ledger)?, Vec::new());
        if seen.publication.state == PublicationState::Paused {
            return Ok(Outcome::Paused);
        }
        self.write_photos(&seen, times)?;
        Ok(Outcome::Photos)
    }

    /// Publishes photos that have come, and writes the pages of their stations.
    pub(super) fn write_photos(
        &mut self,
        seen: &Seen,
        times: (u64, u64),
    ) -> Result<(), PublishFault> {
        if !self.waiting.has_looked {
            self.look_for_photos()?;
            self.waiting.has_looked = true;
        }
        if self.waiting.stations.is_empty() {
            return Ok(());
        }
        self.leave_room()?;
        let journal = Journal::open_to_read(&self.home.journal())?;
        let (mut round, mut photos) = (Vec::new(), Vec::new());
        for code in &self.waiting.stations {
            let Some(station) = seen.election.definition.station(*code) else { continue };
            let named = self.named(&journal, seen, station)?;
            photos.extend(named.into_iter().map(|photo| (*code, photo)));
            round.push((*code, station));
            if photos.len() >= ROUND {
                break;
            }
        }
        if !self.has_photos_alone {
            let codes: String = round.iter().map(|(code, _)| format!("{code}\n")).collect();
            self.directory.put(&path(LIST), codes.as_bytes())?;
            self.directory.settle()?;
        }
        let mut new = 0;
        for (station, photo) in photos {
            new += usize::from(self.publish_photo(station, &photo)? == Found::New);
        }
        self.directory.settle()?;
        if !self.has_photos_alone {
            self.show_photos(&journal, seen, &round, times)?;
        }
        let done: BTreeSet<_> = round.iter().map(|(code, _)| *code).collect();
        self.waiting.stations.retain(|code| {
            !done.contains(code) && seen.election.definition.station(*code).is_some()
        });
        info!(photos = new, stations = done.len(), "photos are published");
        Ok(())
    }

    /// Writes the pages of stations whose photos are published now.
    fn show_photos(
        &mut self,
        journal: &Journal,
        seen: &Seen,
        round: &[(StationCode, StationIndex)],
        (at_ms, next_ms): (u64, u64),
    ) -> Result<(), PublishFault> {
        let election = self.election()?;
        let edition = Edition { election: &election, at_ms, next_ms };
        let stations: Vec<_> = round.iter().map(|(_, station)| *station).collect();
        self.write_stations_of(&edition, journal, seen, &stations)?;
        self.directory.settle()?;
        self.directory.remove(&path(LIST))?;
        self.directory.settle()
    }

    /// Whether photos wait for another round.
    pub(super) fn has_photos(&self) -> bool {
        !self.waiting.stations.is_empty()
    }

    /// How far a photo has come, for its page.
    pub(super) fn state_of_photo(&self, photo: &Digest) -> Result<PhotoState, PublishFault> {
        let Some(ending) = self.published_as(photo)? else { return Ok(PhotoState::Awaited) };
        if ending == FILE {
            return Ok(PhotoState::File);
        }
        let thumbnail = self.directory.read(&path(&photo_file(photo, THUMBNAIL)))?;
        let size = thumbnail.and_then(|bytes| size(&bytes));
        Ok(size.map_or(PhotoState::Awaited, |(width, height)| PhotoState::Picture(width, height)))
    }

    /// What the name of a published photo's last file ends with.
    fn published_as(&self, photo: &Digest) -> Result<Option<&'static str>, PublishFault> {
        for ending in [THUMBNAIL, FILE] {
            if self.directory.has(&path(&photo_file(photo, ending)))? {
                return Ok(Some(ending));
            }
        }
        Ok(None)
    }

    /// What lies there from before: of a page that was being written, and photos that came
    /// when nobody published.
    fn look_for_photos(&mut self) -> Result<(), PublishFault> {
        let list = self.directory.read(&path(LIST))?.unwrap_or_default();
        let list = String::from_utf8_lossy(&list);
        let stations = list.lines().filter_map(|code| code.parse::<StationCode>().ok());
        self.waiting.stations.extend(stations);
        let photos = self.home.photos();
        for (directory, name) in names(&photos)? {
            let Some(station) = station_of(&name) else { continue };
            for (_, name) in names(&directory)? {
                let Ok(photo) = name.parse::<Digest>() else { continue };
                if self.published_as(&photo)?.is_none() {
                    self.waiting.stations.insert(station);
                }
            }
        }
        Ok(())
    }

    /// The photos that a station's forms name, each once.
    fn named(
        &self,
        journal: &Journal,
        seen: &Seen,
        station: StationIndex,
    ) -> Result<BTreeSet<Digest>, PublishFault> {
        let forms: Vec<_> = {
            let ledger = read(&self.ledger)?;
            let moment = Moment::at(&ledger, seen.position.size);
            let contests = 0..seen.election.definition.contests().len();
            let revisions = contests.filter_map(|contest| moment.revisions(contest, station));
            let forms = revisions.flat_map(|all| {
                let with_photos = all.all().iter().filter(|form| form.report.photos > 0);
                with_photos.map(|form| form.index).collect::<Vec<_>>()
            });
            forms.collect()
        };
        let mut named = BTreeSet::new();
        for form in forms {
            named.extend(photos_of(journal, form)?);
        }
        Ok(named)
    }

    /// Publishes a photo, if it has come.
    fn publish_photo(
        &mut self,
        station: StationCode,
        photo: &Digest,
    ) -> Result<Found, PublishFault> {
        let file = |ending| path(&photo_file(photo, ending));
        if let Some(ending) = self.published_as(photo)? {
            // A process that was killed may have left its name in the kernel's memory only.
            self.directory.keep(&file(ending));
            return Ok(Found::Published);
        }
        let source = station_directory(&self.home.photos(), station).join(photo.to_string());
        let bytes = match fs::read(&source) {
            Ok(bytes) => bytes,
            Err(fault) if fault.kind() == ErrorKind::NotFound => return Ok(Found::Awaited),
            Err(fault) => return Err(PublishFault::Source { path: source, fault }),
        };
        if Digest::of(&bytes) != *photo {
            warn!(%station, %photo, "a photo has changed on the disk; it is not published");
            return Ok(Found::Awaited);
        }
        // The thumbnail last: where it is, the photo is.
        match thumbnail(&bytes) {
            Some(small) => {
                self.directory.adopt(&source, &file(PICTURE))?;
                self.directory.put(&file(THUMBNAIL), &small)?;
            }
            None => self.directory.adopt(&source, &file(FILE))?,
        }
        Ok(Found::New)
    }
}

/// What a directory has, with the names; nothing if it is not there.
fn names(directory: &Path) -> Result<Vec<(PathBuf, String)>, PublishFault> {
    let source = |fault| PublishFault::Source { path: directory.to_owned(), fault };
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(fault) if fault.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(fault) => return Err(source(fault)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(source)?;
        names.extend(entry.file_name().into_string().ok().map(|name| (entry.path(), name)));
    }
    Ok(names)
}

/// The photos that the form in an entry names.
pub(crate) fn photos_of(journal: &Journal, index: u64) -> Result<Vec<Digest>, PublishFault> {
    let entry = journal.entry(index)?.and_then(|bytes| Entry::decode(&bytes).ok());
    let Some(Entry::Form(arrival)) = entry else { return Ok(Vec::new()) };
    let form = SealedForm::from_bytes(arrival.sealed).ok().and_then(|sealed| sealed.open().ok());
    Ok(form.map(|form| form.photos).unwrap_or_default())
}
