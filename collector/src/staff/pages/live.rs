//! Counters that change while somebody looks at them: server-sent events, only when something
//! has changed. A stream ends when the collector is being stopped, and after some minutes in
//! any case: the browser comes again, and is asked anew who it is.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http_body_util::channel::{Channel, Sender};
use saksi_proto::definition::RegionIndex;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::counters::counters;
use super::refused::Refused;
use super::{Answer, Route};
use crate::staff::desk::Desk;
use crate::staff::signed_in::SignedIn;
use crate::web::locale::Locale;

/// The one script of the desk; pages are whole without it.
const SCRIPT: &str = include_str!("../live.js");

/// Between two looks at the log.
const PACE: Duration = Duration::from_secs(1);

/// Looks without news after which something is said all the same: who has gone is noticed.
const QUIET: u32 = 15;

/// How long a stream lasts.
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// Milliseconds after which a browser comes again, told at the beginning.
const AGAIN_MS: u32 = 3_000;

pub(super) fn routes() -> [Route; 2] {
    let script = async || ([(CONTENT_TYPE, "text/javascript; charset=utf-8")], SCRIPT);
    [("/live", get(live)), ("/live.js", get(script))]
}

async fn live(State(desk): State<Arc<Desk>>, by: SignedIn) -> Answer {
    let definition = &desk.election.definition;
    let region = by.account.scope.region(definition).ok_or(Refused::NotThere)?;
    let locale = Locale::new(by.language, &definition.head().languages);
    Ok(stream(&desk, region, locale))
}

/// A stream of a region's counters; or the word to come later, if there are as many as there
/// can be.
pub(super) fn stream(desk: &Arc<Desk>, region: RegionIndex, locale: Locale) -> Response {
    let Ok(place) = Arc::clone(&desk.streams).try_acquire_owned() else {
        return Refused::Busy(60).into_response();
    };
    let (sender, channel) = Channel::new(2);
    tokio::spawn(tell(Arc::clone(desk), region, locale, sender, place));
    ([(CONTENT_TYPE, "text/event-stream")], Body::new(channel)).into_response()
}

/// Dropping the sender ends the stream.
async fn tell(
    desk: Arc<Desk>,
    region: RegionIndex,
    locale: Locale,
    mut sender: Sender<Bytes>,
    place: OwnedSemaphorePermit,
) {
    let stopping = desk.stopping.clone();
    let telling = async {
        let begun = Instant::now();
        let mut pace = interval_at(begun, PACE);
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut told, mut quiet) = (None, 0);
        while begun.elapsed() < LONGEST {
            pace.tick().await;
            let locale = locale.clone();
            let known = told;
            let news = desk.look(move |ledger| {
                let size = ledger.position.size;
                (known != Some(size)).then(|| (size, counters(ledger, region, &locale)))
            });
            let Ok(news) = news.await else { return };
            let event = match news {
                Some((size, counters)) => {
                    let Ok(json) = serde_json::to_string(&counters.by_key()) else { return };
                    let first = told.replace(size).is_none();
                    let retry = if first { format!("retry: {AGAIN_MS}\n") } else { String::new() };
                    format!("{retry}data: {json}\n\n")
                }
                None if quiet >= QUIET => ":\n\n".to_owned(),
                None => {
                    quiet += 1;
                    continue;
                }
            };
            quiet = 0;
            if sender.send_data(event.into()).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = telling => {}
        () = stopping.cancelled() => {}
    }
    drop(place);
}
