//! A page of the static site in the place of one that would be made.
//!
//! Where the site is written, whoever asks for a page is led to the file that says the same: the
//! addresses that people have stay, a million readers cost nothing, and a pause holds for all
//! pages. What has no file is made as before: before the first publication, of a station that
//! has just been heard or never was, in an order that the site does not have. The API stays.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse as _, Redirect, Response};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::public::{A_MINUTE, HANDS};
use crate::publisher::site::{PACKED, SITE};

/// Where the static site lies, if it is written.
#[derive(Clone)]
pub(super) struct Instead(Option<Arc<Lookout>>);

struct Lookout {
    root: PathBuf,
    /// Who finds none free gets a page that is made: a slow disk holds nobody up.
    hands: Semaphore,
}

impl Instead {
    /// Leads nobody anywhere.
    pub(super) fn nowhere() -> Self {
        Self(None)
    }

    /// Leads to the site below the public directory.
    pub(super) fn below(published: &Path) -> Self {
        let (root, hands) = (published.join(SITE), Semaphore::new(HANDS));
        Self(Some(Arc::new(Lookout { root, hands })))
    }

    /// Leads to a page of the site, if it is there. `file` is made of codes that the election
    /// has.
    pub(super) async fn of(&self, file: &str) -> Option<Response> {
        let lookout = self.0.as_ref()?;
        let hand = lookout.hands.try_acquire().ok()?;
        let path = lookout.root.join(format!("{file}{PACKED}"));
        let is_there = spawn_blocking(move || path.is_file()).await.unwrap_or(false);
        drop(hand);
        is_there.then(|| lead(file))
    }

    /// Leads to where the site begins.
    pub(super) async fn to_index(&self) -> Option<Response> {
        let is_there = self.of("index.html").await.is_some();
        is_there.then(|| lead(""))
    }
}

fn lead(file: &str) -> Response {
    let to = Redirect::temporary(&format!("/{SITE}/{file}"));
    ([(CACHE_CONTROL, A_MINUTE)], to).into_response()
}
