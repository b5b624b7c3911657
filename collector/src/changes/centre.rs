//! What the centre decides: rulings, amendments, pauses, questions to stations. What is not done is said with a
//! stable word.

use saksi_proto::definition::StationIndex;
use saksi_proto::digest::Digest;
use saksi_proto::entry::{Act, Entry};
use saksi_proto::ids::{ContestCode, StationCode};
use saksi_proto::question::{Flaw, MAX_OPEN, Question};
use saksi_proto::ruling::{Amended, Amendment, Decision, MAX_REGISTERED, MAX_RULED, Pause, Ruling};
use serde::{Deserialize, Serialize};

use super::{ChangeFault, check_act};
use crate::ledger::{Ledger, Publication};
use crate::tally::revisions::{Revisions, StationState};
use crate::tally::ruled::Ruled;

/// Why the centre's decision is not taken. Its words are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Denial {
    /// Not a station of the election.
    UnknownStation,
    /// Not a contest of the election.
    UnknownContest,
    /// The contest is not held at the station.
    ContestNotHeld,
    /// No such form of the station is in the log.
    UnknownForm,
    /// The form was superseded by another.
    SupersededForm,
    /// The station is neither held nor disputed, and no ruling stands.
    NothingToRuleOn,
    /// It was decided over other forms than are there by now.
    OtherForms,
    /// There are more forms than one ruling can name.
    TooManyForms,
    /// It is so already.
    AlreadySo,
    /// It has no reason.
    NoReason,
    /// The station did not open: an amendment must say first that it did.
    StationUnopened,
    /// The station has sent forms, so that it was open.
    HasReported,
    /// More registered voters than a station can have.
    TooManyVoters,
    /// The form of the contest has no such line or field.
    UnknownLine,
    /// The station has sent nothing that it could look at again.
    NothingSent,
    /// The station has not answered those before.
    TooManyQuestions,
    /// More lines than one question names.
    TooManyLines,
    /// It asks nothing.
    NoQuestion,
    /// Its text is too long for a phone.
    QuestionTooLong,
}

impl Denial {
    /// Every one of them.
    pub const ALL: [Self; 19] = [
        Denial::UnknownStation,
        Denial::UnknownContest,
        Denial::ContestNotHeld,
        Denial::UnknownForm,
        Denial::SupersededForm,
        Denial::NothingToRuleOn,
        Denial::OtherForms,
        Denial::TooManyForms,
        Denial::AlreadySo,
        Denial::NoReason,
        Denial::StationUnopened,
        Denial::HasReported,
        Denial::TooManyVoters,
        Denial::UnknownLine,
        Denial::NothingSent,
        Denial::TooManyQuestions,
        Denial::TooManyLines,
        Denial::NoQuestion,
        Denial::QuestionTooLong,
    ];

    /// Its stable name.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Denial::UnknownStation => "unknown-station",
            Denial::UnknownContest => "unknown-contest",
            Denial::ContestNotHeld => "contest-not-held",
            Denial::UnknownForm => "unknown-form",
            Denial::SupersededForm => "superseded-form",
            Denial::NothingToRuleOn => "nothing-to-rule-on",
            Denial::OtherForms => "other-forms",
            Denial::TooManyForms => "too-many-forms",
            Denial::AlreadySo => "already-so",
            Denial::NoReason => "no-reason",
            Denial::StationUnopened => "station-unopened",
            Denial::HasReported => "has-reported",
            Denial::TooManyVoters => "too-many-voters",
            Denial::UnknownLine => "unknown-line",
            Denial::NothingSent => "nothing-sent",
            Denial::TooManyQuestions => "too-many-questions",
            Denial::TooManyLines => "too-many-lines",
            Denial::NoQuestion => "no-question",
            Denial::QuestionTooLong => "question-too-long",
        }
    }

    /// What it means, and what to do.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Denial::UnknownStation => "there is no such station in this election",
            Denial::UnknownContest => "there is no such contest in this election",
            Denial::ContestNotHeld => "the contest is not held at this station",
            Denial::UnknownForm => "the station has sent no such form for this contest",
            Denial::SupersededForm => "a correction has taken the form's place; rule on that",
            Denial::NothingToRuleOn => "the station is neither held nor disputed",
            Denial::OtherForms => "other forms have arrived since you looked; look again",
            Denial::TooManyForms => "one ruling names 2,000 forms at most; revoke the device",
            Denial::AlreadySo => "it is so already",
            Denial::NoReason => "say why; it stands in the log",
            Denial::StationUnopened => "the station did not open; say first that it did",
            Denial::HasReported => "the station has sent forms, so it was open",
            Denial::TooManyVoters => "no station has more than 1,000,000 registered voters",
            Denial::UnknownLine => "the form of this contest has no such line or field",
            Denial::NothingSent => "the station has sent nothing for this contest yet",
            Denial::TooManyQuestions => "four questions wait for an answer already; wait for it",
            Denial::TooManyLines => {
                "one question names eight lines at most; name none to ask for the whole form"
            }
            Denial::NoQuestion => "say what the station is asked",
            Denial::QuestionTooLong => "a question has at most 200 bytes",
        }
    }
}

impl From<Denial> for ChangeFault {
    fn from(denial: Denial) -> Self {
        ChangeFault::Denied(denial)
    }
}

/// What a ruling must be over: the forms of a station that none has superseded, in the order
/// of the log.
#[must_use]
pub fn to_rule_on(ledger: &Ledger, contest: usize, station: StationIndex) -> Vec<Digest> {
    let forms = ledger.tally.station(contest, station);
    forms.into_iter().flat_map(Revisions::heads).map(|head| head.report.digest).collect()
}

/// Position of a contest and of a station that holds it.
///
/// # Errors
/// [`Denial`].
pub fn held_at(
    ledger: &Ledger,
    contest: ContestCode,
    station: StationCode,
) -> Result<(usize, StationIndex), Denial> {
    let definition = &ledger.election.definition;
    let contest = definition.contest(contest).ok_or(Denial::UnknownContest)?;
    let station = definition.station(station).ok_or(Denial::UnknownStation)?;
    if definition.in_scope(contest, station) {
        Ok((contest, station))
    } else {
        Err(Denial::ContestNotHeld)
    }
}

pub(super) fn rule(ledger: &Ledger, ruling: &Ruling) -> Result<Vec<Entry>, ChangeFault> {
    check_reason(&ruling.act)?;
    let (contest, station) = held_at(ledger, ruling.contest, ruling.station)?;
    let heads = to_rule_on(ledger, contest, station);
    if let Decision::Accept(form) = &ruling.decision {
        let forms = ledger.tally.station(contest, station);
        let is_there = forms.is_some_and(|forms| forms.find(form).is_some());
        match (is_there, heads.contains(form)) {
            (false, _) => return Err(Denial::UnknownForm.into()),
            (true, false) => return Err(Denial::SupersededForm.into()),
            (true, true) => {}
        }
    }
    let last = ledger.tally.rulings(contest, station).last();
    let stands = last.is_some_and(Ruled::stands);
    let unruled = ledger.tally.station(contest, station).map(|forms| forms.state(None));
    let is_open = matches!(unruled, Some(StationState::Held(_) | StationState::Disputed));
    if heads.len() > MAX_RULED {
        return Err(Denial::TooManyForms.into());
    }
    match ruling.decision {
        Decision::Withdraw if stands => {}
        Decision::Withdraw => return Err(Denial::AlreadySo.into()),
        Decision::Accept(_) | Decision::Reject if is_open => {}
        Decision::Accept(_) | Decision::Reject => return Err(Denial::NothingToRuleOn.into()),
    }
    if heads != ruling.over {
        return Err(Denial::OtherForms.into());
    }
    let is_so = |last: &Ruled| last.decision == ruling.decision && last.over == ruling.over;
    if last.is_some_and(is_so) {
        return Err(Denial::AlreadySo.into());
    }
    Ok(vec![Entry::Ruling(ruling.clone())])
}

pub(super) fn amend(ledger: &Ledger, amendment: &Amendment) -> Result<Vec<Entry>, ChangeFault> {
    check_reason(&amendment.act)?;
    let definition = &ledger.election.definition;
    let station = definition.station(amendment.station).ok_or(Denial::UnknownStation)?;
    let register = ledger.tally.register();
    let has_sent = |contest| ledger.tally.station(contest, station).is_some();
    let denial = match (amendment.change, register.is_unopened(station)) {
        (Amended::Registered(voters), _) if voters > MAX_REGISTERED => Some(Denial::TooManyVoters),
        (Amended::Registered(_), true) => Some(Denial::StationUnopened),
        (Amended::Registered(voters), false) => {
            let old = register.registered(&ledger.election, station);
            (old == Some(voters)).then_some(Denial::AlreadySo)
        }
        (Amended::Unopened, true) | (Amended::Opened, false) => Some(Denial::AlreadySo),
        (Amended::Unopened, false) => {
            (0..definition.contests().len()).any(has_sent).then_some(Denial::HasReported)
        }
        (Amended::Opened, true) => None,
    };
    match denial {
        Some(denial) => Err(denial.into()),
        None => Ok(vec![Entry::Amendment(amendment.clone())]),
    }
}

pub(super) fn pause(ledger: &Ledger, pause: &Pause) -> Result<Vec<Entry>, ChangeFault> {
    check_reason(&pause.act)?;
    if matches!(ledger.publication, Publication::Paused { .. }) == pause.paused {
        return Err(Denial::AlreadySo.into());
    }
    Ok(vec![Entry::Pause(pause.clone())])
}

pub(super) fn ask(ledger: &Ledger, question: &Question) -> Result<Vec<Entry>, ChangeFault> {
    check_reason(&question.act)?;
    let (contest, station) = held_at(ledger, question.contest, question.station)?;
    let is_unknown = |line: &String| !ledger.election.has_line(contest, line);
    let denial = match question.flaw() {
        Some(Flaw::NoText) => Some(Denial::NoQuestion),
        Some(Flaw::LongText) => Some(Denial::QuestionTooLong),
        Some(Flaw::ManyLines) => Some(Denial::TooManyLines),
        None if question.lines.iter().any(is_unknown) => Some(Denial::UnknownLine),
        None if ledger.tally.station(contest, station).is_none() => Some(Denial::NothingSent),
        None => {
            let open = ledger.questions.open(contest, station).len();
            (open >= MAX_OPEN).then_some(Denial::TooManyQuestions)
        }
    };
    match denial {
        Some(denial) => Err(denial.into()),
        None => Ok(vec![Entry::Question(question.clone())]),
    }
}

/// What people decide about others' numbers is never without a reason.
fn check_reason(act: &Act) -> Result<(), ChangeFault> {
    check_act(act)?;
    if act.reason.trim().is_empty() { Err(Denial::NoReason.into()) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
