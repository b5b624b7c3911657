//! What the centre has to say of a contest's newest form, in sentences.

use std::fmt::Display;

use saksi_proto::election::Severity;
use saksi_proto::ids::ContestCode;
use saksi_proto::message::Standing;
use saksi_proto::notice::{QuestionNotice, RulingNotice};
use saksi_proto::ruling::Decision;
use serde::{Deserialize, Serialize};

use super::Desk;
use crate::delivery::State;
use crate::findings::{FindingShown, findings};
use crate::identity::Identity;
use crate::labels::Labels;
use crate::ledger::Known;
use crate::store::{Store, StoreFault};
use crate::words::{self, fill};

/// Something that the centre has to say. Its word proves nothing: whoever doubts it reads the
/// entry in the public log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeShown {
    /// What it is about.
    pub kind: NoticeKind,
    /// Entry of the log.
    pub index: u64,
    /// When, milliseconds since 1970, UTC.
    pub at_ms: u64,
    /// In plain words.
    pub sentence: String,
    /// What somebody at the centre wrote: the question, or the reason of a ruling.
    pub text: Option<String>,
    /// Who wrote it.
    pub by: Option<String>,
    /// Where to look on the form.
    pub lines: Vec<LineNamed>,
    /// A correction that is the answer waits to be sent.
    pub is_answered: bool,
}

/// What a notice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeKind {
    /// The centre asks for another look.
    Asked,
    /// The form is held.
    Held,
    /// Somebody has ruled that it is counted as written.
    Accepted,
    /// Somebody has ruled that it is not counted.
    Rejected,
    /// The ruling before was withdrawn.
    Withdrawn,
    /// A correction that this device does not have has taken its place.
    Superseded,
}

/// A line of the form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineNamed {
    /// Its code, as the centre names it.
    pub code: String,
    /// What it asks for; none if the form has no such line.
    pub name: Option<String>,
    /// Code of its first field.
    pub field: Option<String>,
}

impl NoticeKind {
    /// Whether somebody has to do something.
    #[must_use]
    pub fn is_warning(self) -> bool {
        !matches!(self, NoticeKind::Accepted | NoticeKind::Withdrawn)
    }
}

impl Desk {
    /// What the centre has to say of the newest form of a contest, the most urgent first.
    #[must_use]
    pub fn said_of(&self, contest: ContestCode, labels: Labels<'_>) -> Vec<NoticeShown> {
        let store = self.store();
        let newest = store.ledger().newest(contest);
        newest.map_or_else(Vec::new, |newest| {
            readable(notices((&store, self.identity()), newest, labels))
        })
    }
}

/// What is to be said of the newest form of a contest, the most urgent first.
///
/// # Errors
/// [`StoreFault`] if it cannot be read.
pub(super) fn notices(
    (store, identity): (&Store, &Identity),
    newest: &Known,
    labels: Labels<'_>,
) -> Result<Vec<NoticeShown>, StoreFault> {
    let mut shown = Vec::new();
    let kept = store.notice(newest.contest.as_str())?;
    if let Some(kept) = &kept {
        let is_answered = kept.is_being_answered(newest);
        shown.extend(kept.questions(newest).map(|of| question(of, newest, is_answered, labels)));
    }
    let State::Received { index, arrived_ms, standing, .. } = newest.delivery.state else {
        return Ok(shown);
    };
    let kept = kept.filter(|kept| kept.form == newest.digest);
    let ruled = kept.as_ref().and_then(|kept| kept.notice.ruling.as_ref());
    shown.extend(ruled.and_then(|ruled| ruling(ruled, newest, standing, labels)));
    match standing {
        Some(Standing::Held) => {
            let found = held((store, identity), newest, labels)?;
            shown.extend(found.into_iter().map(|(sentence, lines)| NoticeShown {
                lines,
                ..said(NoticeKind::Held, index, arrived_ms, sentence)
            }));
        }
        Some(Standing::Superseded) => {
            let sentence = words::NOTICE_SUPERSEDED.in_language(labels.language).to_owned();
            let (index, at_ms) =
                kept.map_or((index, arrived_ms), |kept| (kept.notice.index, kept.told_ms));
            shown.push(said(NoticeKind::Superseded, index, at_ms, sentence));
        }
        _ => {}
    }
    Ok(shown)
}

fn said(kind: NoticeKind, index: u64, at_ms: u64, sentence: String) -> NoticeShown {
    NoticeShown {
        kind,
        index,
        at_ms,
        sentence,
        text: None,
        by: None,
        lines: Vec::new(),
        is_answered: false,
    }
}

fn question(
    of: &QuestionNotice,
    newest: &Known,
    is_answered: bool,
    labels: Labels<'_>,
) -> NoticeShown {
    let language = labels.language;
    let what = match &of.lines[..] {
        [] => words::NOTICE_WHOLE.in_language(language).to_owned(),
        lines => fill(words::NOTICE_LINES, language, &[&lines.join(", ")]),
    };
    let sentence = fill(words::NOTICE_ASKED, language, &[&what]);
    let lines = of.lines.iter().map(|code| named(code, newest, labels)).collect();
    let (text, by) = (Some(of.text.clone()), Some(of.by.clone()));
    NoticeShown {
        text,
        by,
        lines,
        is_answered,
        ..said(NoticeKind::Asked, of.index, of.at_ms, sentence)
    }
}

fn named(code: &str, newest: &Known, labels: Labels<'_>) -> LineNamed {
    let (name, field) = labels.line(newest.contest, code).unzip();
    LineNamed { code: code.to_owned(), name, field }
}

/// The ruling on the form, if it says anything about how the form stands.
fn ruling(
    of: &RulingNotice,
    newest: &Known,
    standing: Option<Standing>,
    labels: Labels<'_>,
) -> Option<NoticeShown> {
    let (kind, phrase, other) = match of.decision {
        Decision::Accept(form) if form == newest.digest => {
            (NoticeKind::Accepted, words::NOTICE_ACCEPTED, String::new())
        }
        Decision::Accept(form) => {
            (NoticeKind::Rejected, words::NOTICE_OTHER_ACCEPTED, form.short())
        }
        Decision::Reject => (NoticeKind::Rejected, words::NOTICE_REJECTED, String::new()),
        Decision::Withdraw => (NoticeKind::Withdrawn, words::NOTICE_WITHDRAWN, String::new()),
    };
    let fits = (kind == NoticeKind::Rejected) == (standing == Some(Standing::Rejected));
    let values: [&dyn Display; 1] = [&other];
    let sentence = fill(phrase, labels.language, &values);
    let text = Some(of.reason.clone()).filter(|reason| !reason.is_empty());
    fits.then(|| NoticeShown { text, ..said(kind, of.index, of.at_ms, sentence) })
}

/// Why a form is held, from our own copy of it and of the rules: that much needs no word of
/// the collector's.
fn held(
    (store, identity): (&Store, &Identity),
    newest: &Known,
    labels: Labels<'_>,
) -> Result<Vec<(String, Vec<LineNamed>)>, StoreFault> {
    let form = store.sealed(newest.digest)?.open();
    let form = form.map_err(|_| StoreFault::Unknown(newest.digest))?;
    let Some(contest) = identity.election().contest(newest.contest) else {
        return Ok(Vec::new());
    };
    let found = findings(identity, contest, &form.counts, labels).into_iter();
    let hard = found.filter(|finding| finding.severity == Severity::Hard);
    let line = |finding: FindingShown| {
        let values: [&dyn Display; 2] = [&finding.code, &finding.sentence];
        let sentence = fill(words::NOTICE_HELD, labels.language, &values);
        // The total is what is typed last: there a finger looks first.
        let last = finding.broken.iter().filter_map(|broken| broken.fields.last());
        let mut codes: Vec<_> = last.collect();
        codes.dedup();
        (sentence, codes.into_iter().map(|code| named(code, newest, labels)).collect())
    };
    Ok(hard.map(line).collect())
}

/// The notices, or none if they cannot be read: everything else is to be shown all the same.
pub(super) fn readable(found: Result<Vec<NoticeShown>, StoreFault>) -> Vec<NoticeShown> {
    found.unwrap_or_else(|fault| {
        tracing::error!(%fault, "what the centre has said cannot be read");
        Vec::new()
    })
}
