//! What was done at the desk, by whom, when and why. Who has no right to see everybody's acts
//! sees his own.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::routing::get;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use saksi_proto::text::desk as text;
use serde::Deserialize;

use super::file::{Gone, file};
use super::frame::Frame;
use super::place;
use super::refused::Refused;
use super::{Answer, Route, page};
use crate::slips;
use crate::staff::account::{Right, Scope};
use crate::staff::desk::Desk;
use crate::staff::signed_in::SignedIn;
use crate::staff::store::acts::{self, Acted};

/// Acts on a page.
const PAGE: usize = 100;

/// Acts in a piece of a file.
const PIECE: usize = 1_000;

pub(super) fn routes() -> [Route; 2] {
    [("/activity", get(show)), ("/activity.csv", get(download))]
}

/// What a request asks for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Asked {
    account: String,
    kind: String,
    region: String,
    /// A day, as 2026-12-06.
    day: String,
    before: String,
}

impl Asked {
    /// What of the activity that is, as far as this account may see it.
    fn sought(&self, desk: &Desk, by: &SignedIn) -> Result<acts::Asked, Refused> {
        let (definition, scope) = (&desk.election.definition, by.account.scope);
        let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let (from_ms, until_ms) = day(&self.day, &definition.head().time_zone);
        let mut sought = acts::Asked {
            account: text(&self.account),
            kind: text(&self.kind),
            region: None,
            or_of: None,
            from_ms,
            until_ms,
            before: self.before.parse().ok(),
        };
        if !by.account.role.has(Right::Activity) {
            sought.account = Some(by.account.name.to_string());
        } else if !self.region.is_empty() || scope != Scope::Whole {
            let region = place::region(definition, scope, &self.region)?;
            sought.region = Some(place::link(definition, region).code.to_string());
            sought.or_of = Some(by.account.name.to_string()).filter(|_| self.region.is_empty());
        }
        Ok(sought)
    }

    fn query(&self, before: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let all = [
            ("account", self.account.as_str()),
            ("kind", &self.kind),
            ("region", &self.region),
            ("day", &self.day),
            ("before", before),
        ];
        for (name, value) in all.into_iter().filter(|(_, value)| !value.is_empty()) {
            query.append_pair(name, value);
        }
        query.finish()
    }
}

/// From when to when a day lasts in the election's time zone; nothing of what is no day.
fn day(text: &str, zone: &str) -> (Option<u64>, Option<u64>) {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let Ok(date) = text.trim().parse::<Date>() else { return (None, None) };
    let begins = |date: Date| {
        let begin = date.to_zoned(zone.clone()).ok()?;
        u64::try_from(begin.timestamp().as_millisecond()).ok()
    };
    (begins(date), date.tomorrow().ok().and_then(begins))
}

#[derive(Template)]
#[template(path = "staff/activity.html")]
struct ActivityPage {
    frame: Frame,
    asked: Asked,
    sees_all: bool,
    rows: Vec<Row>,
    next: Option<String>,
    query: String,
}

struct Row {
    time: String,
    who: String,
    kind: String,
    place: String,
    detail: String,
    outcome: String,
    entry: String,
}

impl Row {
    fn new(acted: Acted, zone: &str) -> Self {
        let [time, who, _, kind, place, detail, outcome, entry] = cells(acted, zone);
        Self { time, who, kind, place, detail, outcome, entry }
    }
}

const COLUMNS: [&str; 8] =
    ["time", "who", "account", "act", "place", "detail", "outcome", "first_entry"];

fn cells(acted: Acted, zone: &str) -> [String; 8] {
    [
        slips::sheet::minute(acted.at_ms, zone),
        acted.full_name,
        acted.account,
        acted.kind,
        acted.place,
        acted.detail,
        acted.outcome,
        acted.entry.map(|entry| entry.to_string()).unwrap_or_default(),
    ]
}

async fn show(State(desk): State<Arc<Desk>>, by: SignedIn, Query(asked): Query<Asked>) -> Answer {
    let sought = asked.sought(&desk, &by)?;
    let mut found = desk.ask(move |store| store.acts(&sought, PAGE + 1)).await?;
    let is_more = found.len() > PAGE;
    found.truncate(PAGE);
    let next = found.last().filter(|_| is_more).map(|last| asked.query(&last.id.to_string()));
    let zone = &desk.election.definition.head().time_zone;
    page(&ActivityPage {
        frame: Frame::new(&desk.election, &by, "/activity", "").titled(text::ACTIVITY),
        sees_all: by.account.role.has(Right::Activity),
        rows: found.into_iter().map(|acted| Row::new(acted, zone)).collect(),
        next,
        query: asked.query(""),
        asked,
    })
}

async fn download(
    State(desk): State<Arc<Desk>>,
    by: SignedIn,
    Query(asked): Query<Asked>,
) -> Answer {
    let mut sought = asked.sought(&desk, &by)?;
    let shared = Arc::clone(&desk);
    file(&desk, "activity.csv", move |mut file| async move {
        let zone = shared.election.definition.head().time_zone.clone();
        file.write([COLUMNS.map(str::to_owned)]).await?;
        loop {
            let piece = sought.clone();
            let found = shared.ask(move |store| store.acts(&piece, PIECE)).await;
            let found = found.map_err(|_| Gone)?;
            let Some(last) = found.last() else { return Ok(()) };
            sought.before = Some(last.id);
            let rows = found.into_iter().map(|acted| cells(acted, &zone));
            file.write(rows.collect::<Vec<_>>()).await?;
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_lasts_from_midnight_to_midnight_where_the_election_is() {
        let (from, until) = day("2024-02-14", "Asia/Jayapura");
        assert_eq!(from, Some(1_707_836_400_000));
        assert_eq!(until.zip(from).map(|(until, from)| until - from), Some(24 * 60 * 60 * 1_000));
        assert_eq!(day("14 Feb", "Asia/Jayapura"), (None, None));
    }
}
