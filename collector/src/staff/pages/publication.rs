//! Whether totals are published: paused with a reason that the public reads, and resumed.

use std::path::Path;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::IntoResponse as _;
use axum::routing::get;
use saksi_proto::ruling::Pause;
use saksi_proto::text::{cases, desk as text};
use serde::Deserialize;

use super::case::Done;
use super::decide::{Next, go_on};
use super::frame::Frame;
use super::told::{age, not_made};
use super::{Answer, Route, page};
use crate::changes::{Change, decide};
use crate::clock;
use crate::ledger::Publication;
use crate::publisher::site::{CURRENT, SITE};
use crate::staff::account::{Right, Scope};
use crate::staff::desk::Desk;
use crate::staff::seconding::NotMade;
use crate::staff::signed_in::{Fields, Posted, SignedIn};
use crate::web::times::TimeShown;

/// Where it is.
const ADDRESS: &str = "/publication";

/// Its one sheet.
const SHEET: &str = "publication";

pub(super) fn routes() -> [Route; 1] {
    [(ADDRESS, get(show).post(change))]
}

/// What was published last, as its pointer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
struct Last {
    size: u64,
    at_ms: u64,
}

/// Reads the pointer of the totals; nothing, if none were published.
fn last(public: &Path) -> Option<Last> {
    let pointer = std::fs::read(public.join("totals.json")).ok()?;
    serde_json::from_slice(&pointer).ok()
}

/// How the static site stands, as its pointer says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct SiteState {
    state: String,
    since_ms: Option<u64>,
    reason: Option<String>,
}

/// Since when the site is not renewed for its numbers would go back, and how; nothing, if it is.
fn refused(public: &Path) -> Option<(u64, String)> {
    let pointer = std::fs::read(public.join(SITE).join(CURRENT)).ok()?;
    let site: SiteState = serde_json::from_slice(&pointer).ok()?;
    (site.state == "refused").then_some((site.since_ms?, site.reason?))
}

struct Paused {
    sentence: String,
    reason: String,
    by: String,
}

#[derive(Template)]
#[template(path = "staff/publication.html")]
struct PublicationPage {
    frame: Frame,
    done: Option<String>,
    paused: Option<Paused>,
    /// That the site is not renewed, and why.
    refused: Option<(String, String)>,
    proposal: Option<u64>,
    last: Option<(TimeShown, String, String)>,
    may: bool,
}

async fn show(State(desk): State<Arc<Desk>>, by: SignedIn, Query(done): Query<Done>) -> Answer {
    sheet(&desk, &by, &done).await
}

async fn sheet(desk: &Arc<Desk>, by: &SignedIn, done: &Done) -> Answer {
    let looked = desk.look(|ledger| (ledger.publication.clone(), ledger.position.size));
    let (publication, size) = looked.await?;
    let public = desk.home.public();
    let (last, refused) = desk.by_hand(move || (last(&public), refused(&public))).await?;
    let frame = Frame::new(&desk.election, by, ADDRESS, "").titled(cases::PUBLICATION);
    let paused = match publication {
        Publication::Open => None,
        Publication::Paused { since_ms, act, .. } => {
            let since = frame.time(since_ms).text;
            let sentence = frame.locale.fill(cases::PUBLICATION_PAUSED, &[&since]);
            Some(Paused { sentence, reason: act.reason, by: act.by })
        }
    };
    let refused = refused.map(|(since_ms, why)| {
        let since = frame.time(since_ms).text;
        (frame.locale.fill(cases::PUBLICATION_REFUSED, &[&since]), why)
    });
    let now_ms = clock::now_ms();
    let last = last.map(|last| {
        let (published, all) = (frame.locale.number(last.size), frame.locale.number(size));
        let entries = frame.locale.fill(cases::PUBLICATION_ENTRIES, &[&published, &all]);
        (frame.time(last.at_ms), age(&frame, last.at_ms, now_ms), entries)
    });
    page(&PublicationPage {
        done: done.told(&frame),
        paused,
        refused,
        proposal: desk.waiting_on("publication"),
        last,
        may: by.account.role.has(Right::Pause) && by.account.scope == Scope::Whole,
        frame,
    })
}

async fn change(State(desk): State<Arc<Desk>>, Posted { by, fields }: Posted) -> Answer {
    match decided(&desk, &by, &fields).await {
        Ok(Next::Answer(answer)) => Ok(answer),
        Ok(Next::Again) => {
            sheet(&desk, &by.having_typed(SHEET, &fields, None), &Done::default()).await
        }
        Err(not) => {
            let (status, by) = not_made(&desk, &by, not, SHEET, &fields)?;
            Ok((status, sheet(&desk, &by, &Done::default()).await?).into_response())
        }
    }
}

async fn decided(desk: &Arc<Desk>, by: &SignedIn, fields: &Fields) -> Result<Next, NotMade> {
    let paused = match fields.get("choice") {
        "pause" => true,
        "resume" => false,
        _ => return Err(NotMade::NoChoice),
    };
    let act = by.account.act(fields.get("reason"));
    let change = Change::Pause(Pause { paused, at_ms: clock::now_ms(), act });
    let asked = change.clone();
    match desk.look(move |ledger| decide(ledger, &asked)).await? {
        Ok(_) => go_on(desk, by, fields, change, ADDRESS.to_owned()).await,
        Err(fault) => Err(NotMade::Lapsed(fault.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pointer_says_when_totals_were_published() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(last(dir.path()), None);
        let pointer = r#"{"format":1,"origin":"o","size":7,"root":"x","at_ms":9,"contests":[]}"#;
        std::fs::write(dir.path().join("totals.json"), pointer).unwrap();
        assert_eq!(last(dir.path()), Some(Last { size: 7, at_ms: 9 }));
    }

    #[test]
    fn the_sites_pointer_says_since_when_it_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(refused(dir.path()), None);
        std::fs::create_dir(dir.path().join(SITE)).unwrap();
        for (state, found) in [
            (r#""state":"open""#, None),
            (r#""state":"paused","since_ms":5,"reason":"kertas""#, None),
            (r#""state":"refused","since_ms":5,"reason":"why""#, Some((5, "why".to_owned()))),
        ] {
            let pointer = format!("{{\"format\":1,{state}}}");
            std::fs::write(dir.path().join(SITE).join(CURRENT), pointer).unwrap();
            assert_eq!(refused(dir.path()), found);
        }
    }
}
