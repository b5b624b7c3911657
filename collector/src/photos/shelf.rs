//! The files of photos: whole ones under their hash, and what has come of the others.
//!
//! ```text
//! photos/station-<code>/<SHA-256>        a photo, all of it, its hash verified
//! photos/station-<code>/<SHA-256>.part   what has come of one; its length says how far
//! ```
//!
//! A part is of one station alone, so that no station can spoil another's. It is durable
//! up to each multiple of [`SYNC_EVERY`]: append-only files do not grow on the disk before
//! their bytes are there. Should one be wrong all the same, the hash at the end says so.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Seek as _};
use std::os::unix::fs::{DirBuilderExt as _, FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::fs::statvfs;
use saksi_proto::digest::{Digest, Digesting};
use saksi_proto::ids::StationCode;
use saksi_proto::message::Later;
use saksi_proto::photo::{MAX_PHOTO, PhotoAnswer, PhotoOffer, PhotoRefusal};

use super::LATER_MS;

/// Photos of one station, whole and in part: five contests of eight, and as many again
/// for corrections. 80 of 8 MiB are 640 MiB at most; plausible are 15 of 3 MB, 45 MB.
pub const MAX_STATION_PHOTOS: usize = 80;

/// Bytes between two syncs: 8 s of 2G, so much a crash of the collector repeats; 16 chunks
/// share one sync.
const SYNC_EVERY: u64 = 64 * 1024;

/// Bytes read at a time for the hash.
const READ: usize = 64 * 1024;

/// Photos are worked on one at a time, if their hashes begin alike: one station may have
/// two sessions, when its network has changed.
const TURNS: usize = 64;

/// Before a station's code, which may be `..`.
const STATION: &str = "station-";

const PRIVATE_FILE: u32 = 0o600;
const PRIVATE_DIRECTORY: u32 = 0o700;

/// A directory of photos. What waits for the disk here blocks its thread.
pub(super) struct Shelf {
    path: PathBuf,
    /// Bytes of the disk that are left alone.
    spare: u64,
    turns: [Mutex<()>; TURNS],
}

/// How much of a photo is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Nothing.
    None,
    /// So many bytes have come; of how many, its device knows.
    Part(u64),
    /// All of it, so many bytes.
    Whole(u64),
}

/// Where one photo lies.
struct Place {
    station: PathBuf,
    whole: PathBuf,
    part: PathBuf,
}

impl Shelf {
    /// Opens the directory, or makes it.
    pub(super) fn open(path: &Path, spare: u64) -> io::Result<Self> {
        make_directory(path)?;
        Ok(Self { path: path.to_owned(), spare, turns: [const { Mutex::new(()) }; TURNS] })
    }

    /// What to say to an offer; where it is wanted, its part is there and durable.
    pub(super) fn offered(
        &self,
        station: StationCode,
        offer: PhotoOffer,
    ) -> io::Result<PhotoAnswer> {
        if offer.size > MAX_PHOTO {
            return Ok(PhotoAnswer::Refused(PhotoRefusal::PhotoTooLarge));
        }
        let place = self.place(station, offer.photo);
        let _turn = self.turn(offer.photo);
        if place.whole.exists() {
            // It may have got its name a moment before a crash.
            sync_directory(&place.station)?;
            return Ok(PhotoAnswer::Whole);
        }
        let is_new = !place.part.exists();
        if is_new && held(&place.station)? >= MAX_STATION_PHOTOS {
            return Ok(PhotoAnswer::Refused(PhotoRefusal::TooManyPhotos));
        }
        if !self.has_room(offer.size.into())? {
            return Ok(no_room());
        }
        self.begin(&place, offer, is_new)
    }

    fn begin(&self, place: &Place, offer: PhotoOffer, is_new: bool) -> io::Result<PhotoAnswer> {
        make_directory(&place.station)?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(PRIVATE_FILE);
        let file = options.open(&place.part)?;
        let size = u64::from(offer.size);
        let mut next = file.metadata()?.len();
        if next > size {
            file.set_len(0)?;
            next = 0;
        }
        if is_new {
            sync_directory(&place.station)?;
        }
        sync_or_drop(&file, place)?;
        if next == size { finish(file, place, offer.photo) } else { Ok(wanted(next, next)) }
    }

    /// Takes the next bytes of a photo that was offered.
    pub(super) fn take(
        &self,
        station: StationCode,
        offer: PhotoOffer,
        at: u32,
        bytes: &[u8],
    ) -> io::Result<PhotoAnswer> {
        let place = self.place(station, offer.photo);
        let _turn = self.turn(offer.photo);
        if place.whole.exists() {
            return Ok(PhotoAnswer::Whole);
        }
        let file = match OpenOptions::new().read(true).write(true).open(&place.part) {
            Ok(file) => file,
            // It started over in another session of the station.
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(wanted(0, 0)),
            Err(fault) => return Err(fault),
        };
        let (at, next) = (u64::from(at), file.metadata()?.len());
        if at != next {
            return Ok(wanted(next, durable(next)));
        }
        if !self.has_room(bytes.len() as u64)? {
            return Ok(no_room());
        }
        if let Err(fault) = file.write_all_at(bytes, at) {
            // What was written of it is not counted; the first fault is the one to tell.
            file.set_len(at).ok();
            return if is_full(&fault) { Ok(no_room()) } else { Err(fault) };
        }
        let (next, size) = (at + bytes.len() as u64, u64::from(offer.size));
        if next < size && durable(next) == durable(at) {
            return Ok(wanted(next, durable(next)));
        }
        sync_or_drop(&file, &place)?;
        if next == size { finish(file, &place, offer.photo) } else { Ok(wanted(next, next)) }
    }

    /// How much of a photo is here.
    pub(super) fn kept(&self, station: StationCode, photo: Digest) -> io::Result<Kept> {
        let place = self.place(station, photo);
        if let Some(length) = length(&place.whole)? {
            return Ok(Kept::Whole(length));
        }
        Ok(length(&place.part)?.map_or(Kept::None, Kept::Part))
    }

    /// A photo that is whole: at most [`MAX_PHOTO`] bytes.
    pub(super) fn whole(&self, station: StationCode, photo: Digest) -> io::Result<Option<Vec<u8>>> {
        match std::fs::read(self.place(station, photo).whole) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    fn place(&self, station: StationCode, photo: Digest) -> Place {
        let station = station_directory(&self.path, station);
        let whole = station.join(photo.to_string());
        Place { part: whole.with_extension("part"), whole, station }
    }

    fn turn(&self, photo: Digest) -> MutexGuard<'_, ()> {
        let turn = &self.turns[usize::from(photo.0[0]) % TURNS];
        turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn has_room(&self, needed: u64) -> io::Result<bool> {
        let disk = statvfs(&self.path)?;
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        Ok(free >= self.spare.saturating_add(needed))
    }
}

fn length(path: &Path) -> io::Result<Option<u64>> {
    match std::fs::metadata(path) {
        Ok(of) => Ok(Some(of.len())),
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// Where the photos of a station lie.
#[must_use]
pub fn station_directory(photos: &Path, station: StationCode) -> PathBuf {
    photos.join(format!("{STATION}{station}"))
}

/// The station whose photos lie in a directory of this name.
#[must_use]
pub fn station_of(directory: &str) -> Option<StationCode> {
    directory.strip_prefix(STATION)?.parse().ok()
}

/// Gives a photo its name, if all of it is what the name says; else drops it. Its bytes
/// are durable.
fn finish(mut file: File, place: &Place, photo: Digest) -> io::Result<PhotoAnswer> {
    if hash(&mut file)? == photo {
        std::fs::rename(&place.part, &place.whole)?;
        sync_directory(&place.station)?;
        Ok(PhotoAnswer::Whole)
    } else {
        std::fs::remove_file(&place.part)?;
        sync_directory(&place.station)?;
        Ok(PhotoAnswer::StartOver)
    }
}

fn hash(file: &mut File) -> io::Result<Digest> {
    file.rewind()?;
    let (mut digesting, mut bytes) = (Digesting::default(), vec![0; READ]);
    loop {
        match file.read(&mut bytes)? {
            0 => return Ok(digesting.digest()),
            read => digesting.take(&bytes[..read]),
        }
    }
}

/// Makes a part durable. After a sync that failed nobody knows what of it is on the disk,
/// and a second one would not say: it starts over.
fn sync_or_drop(file: &File, place: &Place) -> io::Result<()> {
    file.sync_data().inspect_err(|_| {
        // The first fault is the one to tell.
        std::fs::remove_file(&place.part).ok();
    })
}

/// How much of a part is durable for certain, whoever wrote it.
fn durable(length: u64) -> u64 {
    length - length % SYNC_EVERY
}

fn wanted(next: u64, durable: u64) -> PhotoAnswer {
    // Both are at most MAX_PHOTO.
    let number = |offset| u32::try_from(offset).unwrap_or(MAX_PHOTO);
    PhotoAnswer::Wanted { next: number(next), durable: number(durable) }
}

fn no_room() -> PhotoAnswer {
    PhotoAnswer::Later { after_ms: LATER_MS, why: Later::NoRoom }
}

fn is_full(fault: &io::Error) -> bool {
    matches!(fault.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// Photos of a station, whole and in part.
fn held(station: &Path) -> io::Result<usize> {
    match std::fs::read_dir(station) {
        Ok(entries) => Ok(entries.count()),
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(fault) => Err(fault),
    }
}

fn make_directory(path: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(PRIVATE_DIRECTORY).create(path) {
        Ok(()) => sync_directory(path.parent().unwrap_or(Path::new("/"))),
        Err(fault) if fault.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(fault) => Err(fault),
    }
}

fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

#[cfg(test)]
mod tests;
