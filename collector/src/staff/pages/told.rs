//! What an act is, and why one was not made, in the reader's language.

use std::sync::Arc;

use askama::Template;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use saksi_proto::ids::{ContestCode, StationCode};
use saksi_proto::ruling::{Decision, Pause};
use saksi_proto::text::{Phrase, cases, desk as text};

use super::frame::Frame;
use super::refused::Refused;
use super::{Answer, page};
use crate::changes::Change;
use crate::changes::centre::Denial;
use crate::election::Election;
use crate::staff::desk::Desk;
use crate::staff::proposal::{Lapse, NoSecond};
use crate::staff::seconding::NotMade;
use crate::staff::signed_in::SignedIn;
use crate::view::by_language;
use crate::web::locale::Locale;

/// Letters of a digest that name a form among a station's.
pub(super) const SHORT: usize = 12;

/// An act in a sentence.
pub(super) fn act(change: &Change, election: &Election, locale: &Locale) -> String {
    let place = |station, contest| names(election, locale, station, contest);
    match change {
        Change::Rule(ruling) => {
            let (station, contest) = place(ruling.station, ruling.contest);
            match ruling.decision {
                Decision::Accept(form) => {
                    let form: String = form.to_string().chars().take(SHORT).collect();
                    locale.fill(cases::READ_ACCEPT, &[&station, &contest, &form])
                }
                Decision::Reject => locale.fill(cases::READ_REJECT, &[&station, &contest]),
                Decision::Withdraw => locale.fill(cases::READ_WITHDRAW, &[&station, &contest]),
            }
        }
        Change::Ask(asked) => {
            let (station, contest) = place(asked.station, asked.contest);
            let lines = match &asked.lines[..] {
                [] => locale.say(cases::WHOLE_FORM).to_owned(),
                lines => lines.join(", "),
            };
            locale.fill(cases::READ_ASK, &[&station, &contest, &lines, &asked.text])
        }
        Change::Pause(Pause { paused: true, .. }) => locale.say(cases::READ_PAUSE).to_owned(),
        _ => locale.say(cases::READ_RESUME).to_owned(),
    }
}

/// A station with its name, and the name of a contest.
pub(super) fn names(
    election: &Election,
    locale: &Locale,
    station: StationCode,
    contest: ContestCode,
) -> (String, String) {
    let definition = &election.definition;
    let name = definition.station(station).map(|at| &definition.stations()[at as usize].name);
    let station = name.map_or_else(|| station.to_string(), |name| format!("{name} · {station}"));
    let at = definition.contest(contest);
    let contest = at.map_or_else(|| contest.to_string(), |at| contest_name(election, locale, at));
    (station, contest)
}

/// How long ago something was: `3 jam`.
pub(super) fn age(frame: &Frame, since_ms: u64, now_ms: u64) -> String {
    let minutes = now_ms.saturating_sub(since_ms) / 60_000;
    let (phrase, many) = match minutes {
        0..120 => (cases::AGO_MINUTES, minutes),
        120..2_880 => (cases::AGO_HOURS, minutes / 60),
        _ => (cases::AGO_DAYS, minutes / 1_440),
    };
    frame.locale.fill(phrase, &[&many])
}

/// The name of a contest.
pub(super) fn contest_name(election: &Election, locale: &Locale, contest: usize) -> String {
    let head = election.definition.head();
    locale.text(&by_language(head, &election.contest(contest).name)).to_owned()
}

/// Why nothing was done.
pub(super) fn why(not: &NotMade, locale: &Locale) -> String {
    match not {
        NotMade::NoSecond(not) => locale.say(no_second(*not)).to_owned(),
        NotMade::Lapsed(lapse) => lapsed(lapse, locale),
        NotMade::NoRemark => locale.say(cases::NO_REMARK).to_owned(),
        NotMade::NoChoice => locale.say(cases::NO_CHOICE).to_owned(),
        NotMade::Unknown | NotMade::Fault(_) => not.to_string(),
    }
}

/// Why a proposal cannot be done any more.
pub(super) fn lapsed(lapse: &Lapse, locale: &Locale) -> String {
    match lapse {
        Lapse::Old => locale.say(cases::LAPSED_OLD).to_owned(),
        Lapse::CutOff => locale.say(cases::LAPSED_CUT).to_owned(),
        Lapse::NoAccount => locale.say(cases::LAPSED_ACCOUNT).to_owned(),
        Lapse::TooLong => locale.say(cases::LONG_WORDS).to_owned(),
        Lapse::Denied(denial) => denied(*denial)
            .map_or_else(|| denial.sentence().to_owned(), |phrase| locale.say(phrase).to_owned()),
        Lapse::Other(why) => why.clone(),
    }
}

fn no_second(not: NoSecond) -> Phrase {
    match not {
        NoSecond::SamePerson => cases::SAME_PERSON,
        NoSecond::SameName => cases::SAME_NAME,
        NoSecond::NoRight => cases::NO_RIGHT,
        NoSecond::OtherRegion => cases::OTHER_REGION,
        NoSecond::Settled => cases::SETTLED,
        NoSecond::Waits => cases::ANOTHER_WAITS,
        NoSecond::TooMany => cases::TOO_MANY,
        NoSecond::TooLong => cases::TOO_LONG,
    }
}

/// The denials that somebody at a page can meet; the others name what no page offers.
fn denied(denial: Denial) -> Option<Phrase> {
    Some(match denial {
        Denial::OtherForms => cases::OTHER_FORMS,
        Denial::AlreadySo => cases::ALREADY_SO,
        Denial::NothingToRuleOn => cases::NOTHING_WAITS,
        Denial::NoReason => cases::NO_REASON,
        Denial::UnknownForm | Denial::SupersededForm => cases::UNKNOWN_FORM,
        Denial::NothingSent => cases::NOTHING_SENT,
        Denial::TooManyQuestions => cases::TOO_MANY_QUESTIONS,
        Denial::TooManyLines => cases::TOO_MANY_LINES,
        Denial::NoQuestion => cases::NO_QUESTION,
        Denial::QuestionTooLong => cases::LONG_QUESTION,
        _ => return None,
    })
}

#[derive(Template)]
#[template(path = "staff/not_made.html")]
struct NotMadePage {
    frame: Frame,
    why: String,
    back: String,
}

/// The page that says why nothing was done, and leads back.
pub(super) fn not_made(desk: &Arc<Desk>, by: &SignedIn, not: NotMade, back: &str) -> Answer {
    let (status, not) = match not {
        NotMade::Fault(fault) => return Err(fault.into()),
        NotMade::Unknown | NotMade::NoSecond(NoSecond::OtherRegion) => {
            return Err(Refused::NotThere);
        }
        NotMade::NoSecond(NoSecond::NoRight) => return Err(Refused::Forbidden),
        not @ (NotMade::NoRemark | NotMade::NoChoice) => (StatusCode::UNPROCESSABLE_ENTITY, not),
        not => (StatusCode::CONFLICT, not),
    };
    let mut frame = Frame::new(&desk.election, by, "", "");
    frame.title = format!("{} · {}", frame.say(cases::NOT_DONE), frame.title);
    let why = why(&not, &frame.locale);
    let page = page(&NotMadePage { frame, why, back: back.to_owned() })?;
    Ok((status, page).into_response())
}
