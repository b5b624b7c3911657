//! What waits for a ruling: held and disputed forms of the account's region, page by page,
//! and all of it as CSV.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::routing::get;
use jiff::Timestamp;
use saksi_proto::definition::RegionIndex;
use saksi_proto::election::Severity;
use saksi_proto::text::{Phrase, cases, desk as text};
use serde::Deserialize;

use super::file::{File, Gone, file};
use super::frame::Frame;
use super::place::{self, way};
use super::refused::Refused;
use super::told::{age, contest_name};
use super::walked::{by_age, by_place};
use super::{Answer, Route, page};
use crate::clock;
use crate::staff::desk::Desk;
use crate::staff::signed_in::SignedIn;
use crate::view::by_age::Age;
use crate::view::waiting::{
    Kind, MAX_SEARCH, WaitingCounts, WaitingRow, Wanted, waiting, waiting_counts,
};
use crate::web::times::TimeShown;

/// Rows of a page.
const ROWS: usize = 50;

/// Rows of a piece of the table.
const PIECE: usize = 1_000;

pub(super) fn routes() -> [Route; 2] {
    [("/queue", get(queue)), ("/queue.csv", get(csv))]
}

/// The query of the address.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    kind: String,
    region: String,
    contest: String,
    rule: String,
    q: String,
    /// `oldest` or `newest` first; else in the order of places.
    order: String,
    at: String,
}

impl Asked {
    fn kind(&self) -> Kind {
        if self.kind == "disputed" { Kind::Disputed } else { Kind::Held }
    }

    fn age(&self) -> Option<Age> {
        ORDERS.iter().find(|(name, ..)| *name == self.order).and_then(|(_, _, age)| *age)
    }

    /// The same with something else, from its beginning on.
    fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut other = Self { at: String::new(), ..self.clone() };
        change(&mut other);
        other
    }

    fn address(&self, path: &str) -> String {
        let fields = [
            ("kind", &self.kind),
            ("region", &self.region),
            ("contest", &self.contest),
            ("rule", &self.rule),
            ("q", &self.q),
            ("order", &self.order),
            ("at", &self.at),
        ];
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in fields.into_iter().filter(|(_, value)| !value.is_empty()) {
            query.append_pair(name, value);
        }
        format!("{path}?{}", query.finish())
    }

    /// What of the ledger is asked for. What makes no sense is as if it were not there; but
    /// a region that is not the account's is not there.
    fn wanted(&self, desk: &Desk, by: &SignedIn) -> Result<Wanted, Refused> {
        let definition = &desk.election.definition;
        let region = place::region(definition, by.account.scope, &self.region)?;
        let contest = self.contest.parse().ok().and_then(|code| definition.contest(code));
        let search: String = self.q.trim().to_lowercase().chars().take(MAX_SEARCH).collect();
        Ok(Wanted {
            region,
            contest,
            kind: Some(self.kind()),
            rule: self.rule.parse().ok(),
            search: (!search.is_empty()).then_some(search),
        })
    }
}

/// In which order rows are shown.
const ORDERS: [(&str, Phrase, Option<Age>); 3] = [
    ("", cases::BY_PLACE, None),
    ("oldest", cases::OLDEST, Some(Age::Oldest)),
    ("newest", cases::NEWEST, Some(Age::Newest)),
];

struct Link {
    name: String,
    href: String,
    count: String,
    current: bool,
}

struct Choice {
    code: String,
    name: String,
    current: bool,
}

struct Row {
    href: String,
    station: String,
    name: String,
    region: String,
    contest: String,
    rules: String,
    forms: usize,
    since: TimeShown,
    age: String,
    registered: String,
    marks: Vec<String>,
}

#[derive(Template)]
#[template(path = "staff/queue.html")]
struct QueuePage {
    frame: Frame,
    asked: Asked,
    region: String,
    tabs: Vec<Link>,
    above: Vec<Link>,
    parts: Vec<Link>,
    regions: Vec<Choice>,
    orders: Vec<Choice>,
    contests: Vec<Choice>,
    rules: Vec<Choice>,
    rows: Vec<Row>,
    next: Option<String>,
    first: Option<String>,
    csv: String,
}

async fn queue(State(desk): State<Arc<Desk>>, by: SignedIn, Query(asked): Query<Asked>) -> Answer {
    let wanted = asked.wanted(&desk, &by)?;
    let walked = match asked.age() {
        None => by_place(&desk, &wanted, &asked.at, ROWS).await?,
        Some(age) => by_age(&desk, &wanted, (age, &asked.at), ROWS).await?,
    };
    let (region, contest) = (wanted.region, wanted.contest);
    let parts = desk.election.definition.children(region).to_vec();
    let counts = desk.look(move |ledger| {
        let count = |region: &RegionIndex| waiting_counts(ledger, *region, contest);
        (count(&region), parts.iter().map(count).collect::<Vec<_>>())
    });
    let (all, parts) = counts.await?;
    let frame = Frame::new(&desk.election, &by, "/queue", "").titled(cases::QUEUE);
    let now_ms = clock::now_ms();
    let rows = walked.rows.iter().map(|row| shown(row, &desk, &frame, now_ms)).collect();
    let definition = &desk.election.definition;
    let region_name = definition.regions()[region as usize].name.to_string();
    page(&QueuePage {
        region: region_name,
        tabs: tabs(&asked, all, &frame),
        above: above(&asked, &desk, &by, region),
        parts: part_links(&asked, &desk, region, &parts, &frame),
        regions: regions(&asked, &desk, &by, region, &parts),
        orders: orders(&asked, &frame),
        contests: contests(&asked, &desk, &frame),
        rules: rules(&asked, &desk),
        rows,
        next: walked.next.map(|next| asked.with(|it| it.at = next).address("/queue")),
        first: (!asked.at.is_empty()).then(|| asked.with(|_| {}).address("/queue")),
        csv: asked.with(|_| {}).address("/queue.csv"),
        asked,
        frame,
    })
}

fn tabs(asked: &Asked, all: WaitingCounts, frame: &Frame) -> Vec<Link> {
    let kinds = [
        ("held", cases::HELD_TAB, Kind::Held, all.held),
        ("disputed", cases::DISPUTED_TAB, Kind::Disputed, all.disputed),
    ];
    let link = |(kind, name, of, count): (&str, _, _, u64)| Link {
        name: frame.say(name).to_owned(),
        href: asked.with(|it| kind.clone_into(&mut it.kind)).address("/queue"),
        count: frame.locale.number(count),
        current: asked.kind() == of,
    };
    kinds.map(link).into()
}

/// The regions above, as far as the account's own.
fn above(asked: &Asked, desk: &Desk, by: &SignedIn, region: RegionIndex) -> Vec<Link> {
    let mut way = way(&desk.election.definition, by.account.scope, region);
    way.pop();
    let link = |of: place::RegionLink| Link {
        href: asked.with(|it| it.region = of.code.to_string()).address("/queue"),
        name: of.name,
        count: String::new(),
        current: false,
    };
    way.into_iter().map(link).collect()
}

fn part_links(
    asked: &Asked,
    desk: &Desk,
    region: RegionIndex,
    counts: &[WaitingCounts],
    frame: &Frame,
) -> Vec<Link> {
    let definition = &desk.election.definition;
    let parts = definition.children(region).iter().zip(counts);
    let counted = parts.filter_map(|(part, counts)| {
        let many = if asked.kind() == Kind::Held { counts.held } else { counts.disputed };
        let of = &definition.regions()[*part as usize];
        (many > 0).then(|| Link {
            name: of.name.to_string(),
            href: asked.with(|it| it.region = of.code.to_string()).address("/queue"),
            count: frame.locale.number(many),
            current: false,
        })
    });
    counted.collect()
}

/// The regions that can be chosen: those above, as far as the account's own, this one, and its
/// parts in which something waits.
fn regions(
    asked: &Asked,
    desk: &Desk,
    by: &SignedIn,
    region: RegionIndex,
    counts: &[WaitingCounts],
) -> Vec<Choice> {
    let definition = &desk.election.definition;
    let way = way(definition, by.account.scope, region).into_iter();
    let parts = definition.children(region).iter().zip(counts);
    let some = parts.filter(|(_, counts)| {
        0 < if asked.kind() == Kind::Held { counts.held } else { counts.disputed }
    });
    let links = way.chain(some.map(|(part, _)| place::link(definition, *part)));
    let own = definition.regions()[region as usize].code;
    links
        .map(|of| Choice {
            current: of.code == own,
            code: of.code.to_string(),
            name: format!("{} ({})", of.name, of.code),
        })
        .collect()
}

fn orders(asked: &Asked, frame: &Frame) -> Vec<Choice> {
    let current = asked.age();
    let choice = |(code, name, age): (&str, Phrase, Option<Age>)| Choice {
        code: code.to_owned(),
        name: frame.say(name).to_owned(),
        current: age == current,
    };
    ORDERS.map(choice).into()
}

fn contests(asked: &Asked, desk: &Desk, frame: &Frame) -> Vec<Choice> {
    let all = desk.election.definition.contests().iter().enumerate();
    let choice = all.map(|(at, of)| Choice {
        code: of.code.to_string(),
        name: contest_name(&desk.election, &frame.locale, at),
        current: asked.contest == of.code.as_str(),
    });
    choice.collect()
}

/// The hard rules of all forms, each once.
fn rules(asked: &Asked, desk: &Desk) -> Vec<Choice> {
    let mut codes: Vec<String> = Vec::new();
    for form in &desk.election.definition.head().forms {
        for rule in form.rules.iter().filter(|rule| rule.severity == Severity::Hard) {
            let code = rule.code.to_string();
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
    }
    let choice = |code: String| Choice { current: asked.rule == code, name: code.clone(), code };
    codes.into_iter().map(choice).collect()
}

fn shown(row: &WaitingRow, desk: &Desk, frame: &Frame, now_ms: u64) -> Row {
    let mut marks = Vec::new();
    let about = format!("ruling {} {}", row.station, row.contest);
    if desk.waiting_on(&about).is_some() {
        marks.push(frame.say(cases::PROPOSAL_WAITS).to_owned());
    }
    if row.questions > 0 {
        marks.push(frame.locale.fill(cases::ASKED_TIMES, &[&row.questions]));
    }
    if row.ruled {
        marks.push(frame.say(cases::OVERTAKEN).to_owned());
    }
    let contest = desk.election.definition.contest(row.contest);
    let rules: Vec<_> = row.rules.iter().map(ToString::to_string).collect();
    let registered = row.registered.map(|registered| frame.locale.number(registered));
    Row {
        href: format!("/case/{}/{}", row.station, row.contest),
        station: row.station.to_string(),
        name: row.name.clone(),
        region: row.region.name.clone(),
        contest: contest
            .map(|at| contest_name(&desk.election, &frame.locale, at))
            .unwrap_or_default(),
        rules: rules.join(" "),
        forms: row.forms,
        since: frame.time(row.since_ms),
        age: age(frame, row.since_ms, now_ms),
        registered: registered.unwrap_or_else(|| "–".to_owned()),
        marks,
    }
}

async fn csv(State(desk): State<Arc<Desk>>, by: SignedIn, Query(asked): Query<Asked>) -> Answer {
    let mut wanted = asked.wanted(&desk, &by)?;
    if asked.kind.is_empty() {
        wanted.kind = None;
    }
    let of = Arc::clone(&desk);
    file(&desk, "to-rule-on.csv", |file| write(of, wanted, file))
}

/// Writes what is wanted, a piece after the other: each as it is at its moment, and in the
/// order of places, so that none comes twice.
async fn write(desk: Arc<Desk>, wanted: Wanted, mut file: File) -> Result<(), Gone> {
    let mut after = None;
    file.write([COLUMNS.map(str::to_owned)]).await?;
    loop {
        let of = wanted.clone();
        let found = desk.look(move |ledger| waiting(ledger, &of, after, PIECE)).await;
        let found = found.map_err(|_| Gone)?;
        file.write(found.rows.iter().map(cells)).await?;
        after = found.next;
        if after.is_none() {
            return Ok(());
        }
    }
}

const COLUMNS: [&str; 12] = [
    "station",
    "name",
    "region",
    "region_name",
    "contest",
    "kind",
    "rules",
    "forms",
    "since",
    "registered",
    "questions",
    "ruled",
];

fn cells(row: &WaitingRow) -> [String; 12] {
    let rules: Vec<_> = row.rules.iter().map(ToString::to_string).collect();
    [
        row.station.to_string(),
        row.name.clone(),
        row.region.code.to_string(),
        row.region.name.clone(),
        row.contest.to_string(),
        if row.kind == Kind::Held { "held" } else { "disputed" }.to_owned(),
        rules.join(" "),
        row.forms.to_string(),
        since(row.since_ms),
        row.registered.map(|voters| voters.to_string()).unwrap_or_default(),
        row.questions.to_string(),
        row.ruled.to_string(),
    ]
}

/// RFC 3339, UTC.
fn since(ms: u64) -> String {
    let time = i64::try_from(ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    time.map(|time| time.to_string()).unwrap_or_default()
}
