//! Which photos a station's forms name, and how far each has come, for a page that is made when
//! it is asked for. The names are read from the journal, for they are not in memory; the photos
//! are those that the publisher has published, with their thumbnails, so that nobody's request
//! decodes anything and none is shown that a pause holds back.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use saksi_proto::digest::Digest;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tracing::error;

use super::Beside;
use super::links::{FILE, THUMBNAIL, photo_file};
use crate::journal::Journal;
use crate::publisher::PublishFault;
use crate::publisher::site::{SITE, photos_of, size_of_thumbnail};
use crate::view::station::{PhotoState, PhotoView, StationView};

/// Threads that look: an entry takes some 20 µs, a file's name less.
const HANDS: usize = 2;

/// Most forms of a page whose photos are looked up, the newest of each contest first: 4 ms. No
/// more than 80 photos of a station are kept ([`crate::photos::MAX_STATION_PHOTOS`]), so only
/// forms that name the same ones again can be left out.
const FORMS: usize = 200;

/// The photos of all stations.
#[derive(Clone)]
pub(super) struct Album(Arc<Shelves>);

struct Shelves {
    /// Nothing, where photos are not public.
    journal: Option<PathBuf>,
    /// Where the static site lies, or its photos alone.
    site: PathBuf,
    hands: Semaphore,
}

impl Album {
    pub(super) fn of(beside: &Beside) -> Self {
        let (journal, site) = (beside.journal.clone(), beside.published.join(SITE));
        Self(Arc::new(Shelves { journal, site, hands: Semaphore::new(HANDS) }))
    }

    /// Fills in which photos the forms of a station name. Where that cannot be read the page says
    /// how many they are, as the ledger has it, and the collector's log says why.
    pub(super) async fn fill(&self, view: &mut StationView) {
        let forms = view.contests.iter_mut().flat_map(|of| of.forms.iter_mut().rev());
        let forms = forms.filter(|form| form.photos > 0).take(FORMS);
        let mut forms: Vec<_> = forms.collect();
        let entries: Vec<_> = forms.iter().map(|form| form.index).collect();
        let Some(journal) = self.0.journal.clone().filter(|_| !entries.is_empty()) else { return };
        let shelves = Arc::clone(&self.0);
        let hand = self.0.hands.acquire().await.expect("never closed");
        let found = spawn_blocking(move || look(&journal, &shelves.site, &entries)).await;
        drop(hand);
        match found {
            Ok(Ok(found)) => {
                for (form, photos) in forms.iter_mut().zip(found) {
                    form.named_photos = photos;
                }
            }
            Ok(Err(fault)) => error!(%fault, "the photos of a station cannot be looked up"),
            // It panicked, and said so; or the collector is being stopped.
            Err(_) => {}
        }
    }
}

/// The photos that the forms at these entries name, in the same order.
fn look(journal: &Path, site: &Path, entries: &[u64]) -> Result<Vec<Vec<PhotoView>>, PublishFault> {
    let journal = Journal::open_to_read(journal)?;
    let photos = |entry: &u64| {
        let named = photos_of(&journal, *entry)?.into_iter();
        Ok(named.map(|digest| PhotoView { digest, state: state(site, &digest) }).collect())
    };
    entries.iter().map(photos).collect()
}

/// The thumbnail is published last: where it is, the photo is.
fn state(site: &Path, photo: &Digest) -> PhotoState {
    let place = |ending| site.join(photo_file(photo, ending));
    let thumbnail = std::fs::read(place(THUMBNAIL)).ok();
    match thumbnail.and_then(|bytes| size_of_thumbnail(&bytes)) {
        Some((width, height)) => PhotoState::Picture(width, height),
        None if place(FILE).is_file() => PhotoState::File,
        None => PhotoState::Awaited,
    }
}
