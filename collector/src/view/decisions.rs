//! What the centre has decided: rulings, amendments, and whether totals are published; and
//! what it asks.

use saksi_proto::ruling::{Amended, Decision};
use serde::Serialize;

use crate::ledger::{Ledger, Publication};
use crate::questions::Asked;
use crate::tally::register::Amending;
use crate::tally::ruled::Ruled;

/// Whether totals are published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PublicationView {
    /// Whether they are.
    pub state: PublicationState,
    /// Since when they are not, milliseconds since 1970, UTC.
    pub since_ms: Option<u64>,
    /// Why they are not.
    pub reason: Option<String>,
}

/// Whether totals are published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PublicationState {
    /// They are.
    Open,
    /// They are not renewed.
    Paused,
}

/// A ruling on the forms of a station.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RulingView {
    /// Entry of the log.
    pub index: u64,
    /// What was decided.
    pub decision: DecisionName,
    /// SHA-256 of the form that is counted.
    pub accepted: Option<String>,
    /// SHA-256 of the forms that it was made over, in the order of the log.
    pub over: Vec<String>,
    /// By whom.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When, milliseconds since 1970, UTC.
    pub at_ms: u64,
    /// Whether it is the last one, which takes the place of those before.
    pub stands: bool,
}

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DecisionName {
    /// One form is counted as written.
    Accept,
    /// None of the forms is counted.
    Reject,
    /// The ruling before stands no more.
    Withdraw,
}

/// An amendment of what is expected of a station.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AmendmentView {
    /// Entry of the log.
    pub index: u64,
    /// What has changed.
    pub change: ChangeName,
    /// Registered voters before, where they were known; of a change of that number.
    pub old: Option<u32>,
    /// Registered voters since; of a change of that number.
    pub new: Option<u32>,
    /// By whom.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When, milliseconds since 1970, UTC.
    pub at_ms: u64,
}

/// What an amendment has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeName {
    /// The number of registered voters.
    Registered,
    /// The station did not open.
    Unopened,
    /// It did open after all.
    Opened,
}

impl PublicationView {
    /// They are published.
    #[must_use]
    pub fn open() -> Self {
        Self { state: PublicationState::Open, since_ms: None, reason: None }
    }
}

/// A question to a station that it has not answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct QuestionView {
    /// Entry of the log.
    pub index: u64,
    /// Codes of lines or fields; none: all of the form.
    pub lines: Vec<String>,
    /// What is asked.
    pub text: String,
    /// By whom.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When, milliseconds since 1970, UTC.
    pub at_ms: u64,
}

/// Whether totals are published.
#[must_use]
pub fn publication(ledger: &Ledger) -> PublicationView {
    match &ledger.publication {
        Publication::Open => PublicationView::open(),
        Publication::Paused { since_ms, act, .. } => PublicationView {
            state: PublicationState::Paused,
            since_ms: Some(*since_ms),
            reason: Some(act.reason.clone()),
        },
    }
}

/// Rulings, the last of which stands.
#[must_use]
pub fn rulings(rulings: &[Ruled]) -> Vec<RulingView> {
    let last = rulings.last().map(|last| last.index);
    let view = |ruled: &Ruled| {
        let (decision, accepted) = match ruled.decision {
            Decision::Accept(form) => (DecisionName::Accept, Some(form.to_string())),
            Decision::Reject => (DecisionName::Reject, None),
            Decision::Withdraw => (DecisionName::Withdraw, None),
        };
        RulingView {
            index: ruled.index,
            decision,
            accepted,
            over: ruled.over.iter().map(ToString::to_string).collect(),
            by: ruled.act.by.clone(),
            reason: ruled.act.reason.clone(),
            at_ms: ruled.at_ms,
            stands: ruled.stands() && last == Some(ruled.index),
        }
    };
    rulings.iter().map(view).collect()
}

/// Questions that a station has not answered.
#[must_use]
pub fn questions(asked: &[Asked]) -> Vec<QuestionView> {
    let view = |asked: &Asked| QuestionView {
        index: asked.index,
        lines: asked.lines.clone(),
        text: asked.text.clone(),
        by: asked.act.by.clone(),
        reason: asked.act.reason.clone(),
        at_ms: asked.at_ms,
    };
    asked.iter().map(view).collect()
}

/// Amendments of a station.
#[must_use]
pub fn amendments(amendments: &[Amending]) -> Vec<AmendmentView> {
    let view = |by: &Amending| {
        let (change, old, new) = match by.change {
            Amended::Registered(voters) => (ChangeName::Registered, by.old, Some(voters)),
            Amended::Unopened => (ChangeName::Unopened, None, None),
            Amended::Opened => (ChangeName::Opened, None, None),
        };
        AmendmentView {
            index: by.index,
            change,
            old,
            new,
            by: by.act.by.clone(),
            reason: by.act.reason.clone(),
            at_ms: by.at_ms,
        }
    };
    amendments.iter().map(view).collect()
}
