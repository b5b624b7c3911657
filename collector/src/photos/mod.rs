//! Photos: taken from the devices whose forms name them, kept as files.
//!
//! `named` asks the log whether a form of the station names a photo; `shelf` keeps
//! the files. Both wait for a disk, so they have hands of their own: neither the network's
//! threads nor those of the forms ever wait for a photo. `newly` tells the static site whose
//! photos are whole.

mod named;
mod newly;
mod shelf;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use saksi_proto::digest::Digest;
use saksi_proto::ids::StationCode;
use saksi_proto::message::Later;
use saksi_proto::photo::{MAX_CHUNK, PhotoAnswer, PhotoChunk, PhotoOffer, PhotoRefusal};
use saksi_proto::refusal::Farewell;
use tokio::sync::Semaphore;
use tracing::{error, info, warn};

use crate::home::Home;
use crate::journal::JournalFault;
use crate::ledger::LoggedForm;
pub use newly::NewlyWhole;
use shelf::Shelf;
pub use shelf::{Kept, MAX_STATION_PHOTOS, station_directory, station_of};

/// Threads that write photos. Two keep a disk busy: while one waits for it, the other
/// hashes.
pub const HANDS: usize = 2;

/// When a device whose photo had to wait comes again: soon enough for a disk that was
/// given room, seldom enough for 10,000 devices (170 a second).
const LATER_MS: u32 = 60_000;

/// Where photos are kept, shared by all sessions.
pub struct Photos {
    shelf: Arc<Shelf>,
    /// The journal's file, read beside the sequencer.
    journal: PathBuf,
    hands: Semaphore,
    newly_whole: Arc<NewlyWhole>,
}

/// Why a photo could not be looked up or written; for the log.
#[derive(Debug, thiserror::Error)]
enum PhotoFault {
    #[error(transparent)]
    Journal(#[from] JournalFault),
    #[error(transparent)]
    File(#[from] io::Error),
}

/// What a session has under way: the photo that was offered last and is wanted.
#[derive(Debug, Default)]
pub struct UnderWay(Option<PhotoOffer>);

impl Photos {
    /// Opens the photos of a collector; the directory is made if it is not there.
    /// `spare` bytes of its disk are left for the log.
    ///
    /// # Errors
    /// The system's, if the directory cannot be made.
    pub fn open(home: &Home, spare: u64) -> io::Result<Self> {
        let shelf = Arc::new(Shelf::open(&home.photos(), spare)?);
        let (hands, newly_whole) = (Semaphore::new(HANDS), Arc::default());
        Ok(Self { shelf, journal: home.journal(), hands, newly_whole })
    }

    /// Of which stations a photo becomes whole.
    #[must_use]
    pub fn newly_whole(&self) -> Arc<NewlyWhole> {
        Arc::clone(&self.newly_whole)
    }

    /// Answers an offer. `form` is where the log has the form that it names.
    pub async fn offered(
        &self,
        station: StationCode,
        form: Option<LoggedForm>,
        offer: PhotoOffer,
        under_way: &mut UnderWay,
    ) -> PhotoAnswer {
        under_way.0 = None;
        let Some(LoggedForm { index, .. }) = form else {
            return PhotoAnswer::Refused(PhotoRefusal::UnnamedPhoto);
        };
        let (shelf, journal) = (Arc::clone(&self.shelf), self.journal.clone());
        let work = move || {
            if named::is_named(&journal, index, station, offer.photo)? {
                Ok(shelf.offered(station, offer)?)
            } else {
                Ok(PhotoAnswer::Refused(PhotoRefusal::UnnamedPhoto))
            }
        };
        let answer = self.by_hand(station, offer, work).await;
        under_way.continued(offer, answer)
    }

    /// Answers a chunk of the photo that was offered last.
    ///
    /// # Errors
    /// [`Farewell`] to a device that does not keep to the protocol.
    pub async fn sent(
        &self,
        station: StationCode,
        chunk: PhotoChunk,
        under_way: &mut UnderWay,
    ) -> Result<PhotoAnswer, Farewell> {
        let offer = under_way.0.take().ok_or(Farewell::OutOfTurn)?;
        if chunk.bytes.len() > MAX_CHUNK as usize {
            return Err(Farewell::OversizeFrame);
        }
        if u64::from(chunk.at) + chunk.bytes.len() as u64 > u64::from(offer.size) {
            return Err(Farewell::OutOfTurn);
        }
        let shelf = Arc::clone(&self.shelf);
        let work = move || Ok(shelf.take(station, offer, chunk.at, &chunk.bytes)?);
        let answer = self.by_hand(station, offer, work).await;
        Ok(under_way.continued(offer, answer))
    }

    /// How much of each of a station's photos is here.
    ///
    /// # Errors
    /// The system's.
    pub async fn look(&self, station: StationCode, photos: Vec<Digest>) -> io::Result<Vec<Kept>> {
        let shelf = Arc::clone(&self.shelf);
        let work = move || photos.iter().map(|photo| shelf.kept(station, *photo)).collect();
        self.hand_for(work).await
    }

    /// A photo of a station, if all of it is here.
    ///
    /// # Errors
    /// The system's.
    pub async fn whole(&self, station: StationCode, photo: Digest) -> io::Result<Option<Vec<u8>>> {
        let shelf = Arc::clone(&self.shelf);
        self.hand_for(move || shelf.whole(station, photo)).await
    }

    /// A hand for whoever looks at photos.
    async fn hand_for<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let hand = self.hands.acquire().await.expect("never closed");
        let done = tokio::task::spawn_blocking(work).await;
        drop(hand);
        done.map_err(io::Error::other)?
    }

    async fn by_hand(
        &self,
        station: StationCode,
        offer: PhotoOffer,
        work: impl FnOnce() -> Result<PhotoAnswer, PhotoFault> + Send + 'static,
    ) -> PhotoAnswer {
        let hand = self.hands.acquire().await.expect("never closed");
        let done = tokio::task::spawn_blocking(work).await;
        drop(hand);
        let photo = offer.photo;
        match done {
            Ok(Ok(answer)) => {
                if answer == PhotoAnswer::Whole {
                    self.newly_whole.note(station);
                }
                said(station, offer, answer);
                answer
            }
            Ok(Err(fault)) => {
                error!(%station, %photo, %fault, "a photo cannot be kept; it comes later");
                PhotoAnswer::Later { after_ms: LATER_MS, why: Later::Busy }
            }
            // It panicked, and said so; or the collector is being stopped.
            Err(_) => PhotoAnswer::Later { after_ms: LATER_MS, why: Later::Stopping },
        }
    }
}

impl UnderWay {
    /// Only what is wanted goes on.
    fn continued(&mut self, offer: PhotoOffer, answer: PhotoAnswer) -> PhotoAnswer {
        self.0 = matches!(answer, PhotoAnswer::Wanted { .. }).then_some(offer);
        answer
    }
}

fn said(station: StationCode, offer: PhotoOffer, answer: PhotoAnswer) {
    let PhotoOffer { photo, size, .. } = offer;
    match answer {
        PhotoAnswer::Wanted { .. } => {}
        PhotoAnswer::Whole => info!(%station, %photo, size, "a photo is here"),
        PhotoAnswer::StartOver => {
            warn!(%station, %photo, size, "a photo is not what its hash says; it starts over")
        }
        PhotoAnswer::Refused(refusal) => {
            warn!(%station, %photo, size, refusal = refusal.code(), "a photo is refused");
        }
        PhotoAnswer::Later { .. } => {
            warn!(%station, %photo, size, "the disk has no room for photos")
        }
    }
}
