//! One case: the forms of a station for a contest with their photos, and what can be done.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::routing::get;
use rustc_hash::FxHashSet;
use saksi_proto::definition::StationIndex;
use saksi_proto::digest::Digest;
use saksi_proto::text::{cases, desk as text};
use serde::Deserialize;

use super::case_form::{Column, NumberRow, number_rows};
use super::frame::Frame;
use super::place;
use super::refused::Refused;
use super::told::contest_name;
use super::{Answer, Route, page};
use crate::staff::account::Right;
use crate::staff::desk::Desk;
use crate::staff::original::{Original, originals};
use crate::staff::signed_in::SignedIn;
use crate::view::case::{CaseView, case};
use crate::view::state::State as Standing;
use crate::web::pages::decided::{QuestionLine, RulingLine};
use crate::web::pages::state::StateMark;

pub(super) fn routes() -> [Route; 1] {
    [("/case/{station}/{contest}", get(show).post(super::decide::decide))]
}

/// What the page that led here has done.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Done {
    pub logged: Option<u64>,
    pub proposed: Option<u64>,
    pub declined: Option<u64>,
}

impl Done {
    /// In a sentence, if anything was.
    pub(super) fn told(&self, frame: &Frame) -> Option<String> {
        if let Some(entry) = self.logged {
            return Some(frame.locale.fill(cases::DONE_LOGGED, &[&entry]));
        }
        let said = match (self.proposed, self.declined) {
            (Some(_), _) => cases::DONE_PROPOSED,
            (None, Some(_)) => cases::DONE_DECLINED,
            (None, None) => return None,
        };
        Some(frame.say(said).to_owned())
    }
}

/// A choice of the form that asks the station.
struct LineChoice {
    code: String,
    name: String,
}

#[derive(Template)]
#[template(path = "staff/case.html")]
struct CasePage {
    frame: Frame,
    done: Option<String>,
    address: String,
    above: String,
    station: String,
    name: String,
    registered: String,
    contest: String,
    mark: StateMark,
    proposal: Option<u64>,
    columns: Vec<Column>,
    left_out: Option<String>,
    rows: Vec<NumberRow>,
    differing: String,
    rulings: Vec<RulingLine>,
    questions: Vec<QuestionLine>,
    seen: String,
    /// Forms that a ruling can accept: number, the choice, and what it would do.
    choices: Vec<(usize, String, String)>,
    may_rule: bool,
    may_decide: bool,
    may_withdraw: bool,
    may_ask: bool,
    lines: Vec<LineChoice>,
}

/// A station and contest of an address, if the account sees them.
pub(super) fn found(
    desk: &Desk,
    by: &SignedIn,
    station: &str,
    contest: &str,
) -> Result<(usize, StationIndex), Refused> {
    let definition = &desk.election.definition;
    let station = place::station(definition, by.account.scope, station)?;
    let contest = contest.parse().ok().and_then(|code| definition.contest(code));
    let held = contest.filter(|contest| definition.in_scope(*contest, station));
    Ok((held.ok_or(Refused::NotThere)?, station))
}

async fn show(
    State(desk): State<Arc<Desk>>,
    by: SignedIn,
    Path((station, contest)): Path<(String, String)>,
    Query(done): Query<Done>,
) -> Answer {
    let at = found(&desk, &by, &station, &contest)?;
    sheet(&desk, &by, at, done).await
}

/// The page of a case.
pub(super) async fn sheet(
    desk: &Arc<Desk>,
    by: &SignedIn,
    (contest, station): (usize, StationIndex),
    done: Done,
) -> Answer {
    let looked = desk.look(move |ledger| {
        let formers = FxHashSet::from_iter([station]);
        let formers = ledger.roster.formers_of(&formers).map(|(key, _)| *key);
        let key = ledger.roster.key(station);
        let keys: Vec<_> = key.into_iter().chain(formers).collect();
        (case(ledger, contest, station), key, keys)
    });
    let (view, key, keys) = looked.await?;
    let originals = read(desk, &view, keys).await?;
    let photos: Vec<Digest> = originals.iter().flat_map(|of| of.photos.clone()).collect();
    let kept = desk.photos.look(view.station, photos).await;
    let kept = kept.map_err(|fault| Refused::Fault(fault.to_string()))?;
    let frame = Frame::new(&desk.election, by, "/queue", &view.name);
    let (contest_name, rows) =
        (contest_name(&desk.election, &frame.locale, contest), number_rows(&view, &frame));
    let mut kept = kept.into_iter();
    let columns = (0..view.forms.len())
        .map(|at| Column::new(&view, at, &originals[at], &mut kept, key, &frame));
    let columns = columns.collect();
    page(&page_of(desk, by, frame, done, (contest_name, rows, columns), &view))
}

async fn read(
    desk: &Arc<Desk>,
    view: &CaseView,
    keys: Vec<[u8; 32]>,
) -> Result<Vec<Original>, Refused> {
    let entries: Vec<_> = view.forms.iter().map(|form| form.index).collect();
    let journal = desk.home.journal();
    let read = desk.by_hand(move || originals(&journal, &entries, &keys)).await?;
    read.map_err(|fault| Refused::Fault(fault.to_string()))
}

fn page_of(
    desk: &Desk,
    by: &SignedIn,
    frame: Frame,
    done: Done,
    (contest, rows, columns): (String, Vec<NumberRow>, Vec<Column>),
    view: &CaseView,
) -> CasePage {
    let (definition, of) = (&desk.election.definition, &view.contest);
    let zone = &frame.time_zone;
    let station = definition.station(view.station);
    let may = |right| station.is_some_and(|at| by.account.may(right, definition, at));
    let waits = matches!(of.state, Standing::Held | Standing::Disputed | Standing::Rejected);
    let stands = of.rulings.last().is_some_and(|ruling| ruling.stands);
    let differ = view.rows.iter().filter(|row| row.differs).count();
    let choices = view.forms.iter().enumerate().filter(|(_, form)| form.acceptable);
    let above: Vec<_> = view.above.iter().map(|region| region.name.clone()).collect();
    let about = format!("ruling {} {}", view.station, of.contest.code);
    let registered = view.registered.map(|voters| frame.locale.number(voters));
    CasePage {
        done: done.told(&frame),
        address: format!("/case/{}/{}", view.station, of.contest.code),
        above: above.join(" › "),
        station: view.station.to_string(),
        name: view.name.clone(),
        registered: registered.unwrap_or_else(|| "–".to_owned()),
        mark: StateMark::of_station(of.state, &frame.locale),
        proposal: desk.waiting_on(&about),
        left_out: (view.left_out > 0)
            .then(|| frame.locale.fill(cases::LEFT_OUT, &[&view.left_out])),
        differing: frame.locale.fill(cases::DIFFER_COUNT, &[&differ, &rows.len()]),
        rulings: of
            .rulings
            .iter()
            .rev()
            .map(|ruling| RulingLine::new(ruling, &of.forms, zone, &frame.locale))
            .collect(),
        questions: of
            .questions
            .iter()
            .rev()
            .map(|asked| QuestionLine::new(asked, zone, &frame.locale))
            .collect(),
        seen: view.seen().to_string(),
        choices: choices
            .map(|(at, form)| {
                let label = frame.locale.fill(cases::ACCEPT, &[&(at + 1)]);
                (at + 1, format!("accept:{}", form.digest), label)
            })
            .collect(),
        may_rule: may(Right::Rule),
        may_decide: waits || (stands && of.state == Standing::Counted),
        may_withdraw: stands,
        may_ask: may(Right::Ask) && !view.forms.is_empty(),
        lines: lines(view, &frame),
        contest,
        columns,
        rows,
        frame,
    }
}

/// The lines of the paper, each once.
fn lines(view: &CaseView, frame: &Frame) -> Vec<LineChoice> {
    let mut lines: Vec<LineChoice> = Vec::new();
    for row in &view.rows {
        if lines.last().is_none_or(|last| last.code != row.line.line) {
            let name = frame.locale.text(&row.line.name).to_owned();
            lines.push(LineChoice { code: row.line.line.clone(), name });
        }
    }
    lines
}
