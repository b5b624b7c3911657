//! What the centre has decided and what it asks, as it is shown on a station's page.

use saksi_proto::text;

use super::shell::DigestShown;
use crate::view::decisions::{AmendmentView, ChangeName, DecisionName, QuestionView, RulingView};
use crate::view::station::FormView;
use crate::web::locale::Locale;
use crate::web::times::{self, TimeShown};

/// A form, named by its digest.
pub(crate) struct FormLink {
    pub digest: DigestShown,
    /// Its place on the page, if it has arrived.
    pub anchor: Option<String>,
}

/// A ruling.
pub(crate) struct RulingLine {
    pub index: u64,
    pub decision: &'static str,
    pub accepted: Option<FormLink>,
    pub over: Vec<FormLink>,
    pub by: String,
    pub reason: String,
    pub time: TimeShown,
    /// Whether no later one has taken its place.
    pub stands: bool,
}

/// A question that the station has not answered.
pub(crate) struct QuestionLine {
    pub index: u64,
    /// Which lines; none: all of the form.
    pub lines: String,
    pub text: String,
    pub by: String,
    pub reason: String,
    pub time: TimeShown,
}

/// An amendment of what is expected of the station.
pub(crate) struct AmendmentLine {
    pub index: u64,
    pub change: String,
    pub by: String,
    pub reason: String,
    pub time: TimeShown,
}

/// The place of an entry on the page.
pub(crate) fn anchor(index: u64) -> String {
    format!("entry-{index}")
}

impl FormLink {
    pub(crate) fn new(digest: &str, all: &[FormView]) -> Self {
        let form = all.iter().find(|form| form.digest == digest);
        Self { digest: DigestShown::new(digest), anchor: form.map(|form| anchor(form.index)) }
    }
}

impl RulingLine {
    pub(crate) fn new(of: &RulingView, forms: &[FormView], zone: &str, locale: &Locale) -> Self {
        let decision = match of.decision {
            DecisionName::Accept => text::SITE_RULING_ACCEPT,
            DecisionName::Reject => text::SITE_RULING_REJECT,
            DecisionName::Withdraw => text::SITE_RULING_WITHDRAW,
        };
        Self {
            index: of.index,
            decision: locale.say(decision),
            accepted: of.accepted.as_deref().map(|digest| FormLink::new(digest, forms)),
            over: of.over.iter().map(|digest| FormLink::new(digest, forms)).collect(),
            by: of.by.clone(),
            reason: of.reason.clone(),
            time: times::shown(of.at_ms, zone, locale),
            stands: of.stands,
        }
    }
}

impl QuestionLine {
    pub(crate) fn new(of: &QuestionView, zone: &str, locale: &Locale) -> Self {
        Self {
            index: of.index,
            lines: of.lines.join(", "),
            text: of.text.clone(),
            by: of.by.clone(),
            reason: of.reason.clone(),
            time: times::shown(of.at_ms, zone, locale),
        }
    }
}

impl AmendmentLine {
    pub(crate) fn new(of: &AmendmentView, zone: &str, locale: &Locale) -> Self {
        let number = |voters: Option<u32>| {
            let known = voters.map(|voters| locale.number(voters));
            known.unwrap_or_else(|| locale.say(text::SITE_UNKNOWN).to_owned())
        };
        let change = match of.change {
            ChangeName::Registered => {
                locale.fill(text::SITE_AMENDED_REGISTERED, &[&number(of.old), &number(of.new)])
            }
            ChangeName::Unopened => locale.say(text::SITE_AMENDED_UNOPENED).to_owned(),
            ChangeName::Opened => locale.say(text::SITE_AMENDED_OPENED).to_owned(),
        };
        Self {
            index: of.index,
            change,
            by: of.by.clone(),
            reason: of.reason.clone(),
            time: times::shown(of.at_ms, zone, locale),
        }
    }
}
