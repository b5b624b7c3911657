//! What an act is, and why one was not made, in the reader's language.

use axum::http::StatusCode;
use saksi_proto::ids::{ContestCode, StationCode};
use saksi_proto::ruling::{Decision, Pause};
use saksi_proto::text::{Phrase, cases, desk as text};

use super::frame::Frame;
use super::refused::Refused;
use crate::changes::centre::Denial;
use crate::changes::{Change, ChangeFault};
use crate::election::Election;
use crate::staff::deed::Forbidden;
use crate::staff::desk::{ChangeRefusal, Desk};
use crate::staff::proposal::{Lapse, NoSecond};
use crate::staff::seconding::NotMade;
use crate::staff::signed_in::{Fields, SignedIn};
use crate::view::by_language;
use crate::web::locale::Locale;

/// Letters of a digest that name a form among a station's.
pub(super) const SHORT: usize = 12;

/// Stations that a sentence names.
const NAMED: usize = 10;

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
        Lapse::Denied(of) => locale.say(denied(*of)).to_owned(),
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

/// Why a change was not made.
pub(super) fn fault(fault: &ChangeFault, locale: &Locale) -> String {
    let named = |stations: &[StationCode]| {
        let shown: Vec<_> = stations.iter().take(NAMED).map(StationCode::as_str).collect();
        let more = if stations.len() > NAMED { " …" } else { "" };
        shown.join(", ") + more
    };
    match fault {
        ChangeFault::HaveDevices(of) => locale.fill(text::HAVE_DEVICES, &[&named(of)]),
        ChangeFault::NoDevice(of) => locale.fill(text::HAVE_NO_DEVICE, &[&named(of)]),
        ChangeFault::UnknownStations(of) => locale.fill(text::UNKNOWN_STATIONS, &[&named(of)]),
        ChangeFault::UnknownRegion(of) => locale.fill(text::UNKNOWN_REGION, &[of]),
        ChangeFault::Twice(of) => locale.fill(text::NAMED_TWICE, &[of]),
        ChangeFault::TooLong(_) => locale.say(cases::LONG_WORDS).to_owned(),
        ChangeFault::NotAStation => locale.say(text::NOT_A_STATION).to_owned(),
        ChangeFault::Unsound(what) => locale.fill(text::MEANS_NOTHING, &[what]),
        ChangeFault::TooMany(many) => locale.fill(text::TOO_MANY_AT_ONCE, &[many]),
        ChangeFault::Refused(refusal) => locale.fill(text::ENROLMENT_REFUSED, &[&refusal.code()]),
        ChangeFault::Denied(of) => locale.say(denied(*of)).to_owned(),
    }
}

fn denied(denial: Denial) -> Phrase {
    match denial {
        Denial::UnknownStation => cases::UNKNOWN_STATION,
        Denial::UnknownContest => cases::UNKNOWN_CONTEST,
        Denial::ContestNotHeld => cases::CONTEST_NOT_HELD,
        Denial::UnknownForm | Denial::SupersededForm => cases::UNKNOWN_FORM,
        Denial::NothingToRuleOn => cases::NOTHING_WAITS,
        Denial::OtherForms => cases::OTHER_FORMS,
        Denial::TooManyForms => cases::TOO_MANY_FORMS,
        Denial::AlreadySo => cases::ALREADY_SO,
        Denial::NoReason => cases::NO_REASON,
        Denial::StationUnopened => cases::STATION_UNOPENED,
        Denial::HasReported => cases::HAS_REPORTED,
        Denial::TooManyVoters => cases::TOO_MANY_VOTERS,
        Denial::UnknownLine => cases::UNKNOWN_LINE,
        Denial::NothingSent => cases::NOTHING_SENT,
        Denial::TooManyQuestions => cases::TOO_MANY_QUESTIONS,
        Denial::TooManyLines => cases::TOO_MANY_LINES,
        Denial::NoQuestion => cases::NO_QUESTION,
        Denial::QuestionTooLong => cases::LONG_QUESTION,
    }
}

/// Why a change was not made, in words; or what is answered instead of a page.
pub(super) fn refused(
    desk: &Desk,
    by: &SignedIn,
    refusal: ChangeRefusal,
) -> Result<String, Refused> {
    match refusal {
        ChangeRefusal::Forbidden(Forbidden::Role) => Err(Refused::Forbidden),
        ChangeRefusal::Forbidden(Forbidden::Elsewhere) => Err(Refused::NotThere),
        ChangeRefusal::Refused(why) => Ok(fault(&why, &locale(desk, by))),
        ChangeRefusal::Fault(fault) => Err(fault.into()),
    }
}

/// The words of whoever is signed in.
pub(super) fn locale(desk: &Desk, by: &SignedIn) -> Locale {
    Locale::new(by.language, &desk.election.definition.head().languages)
}

/// For the page that shows a sheet again: who has typed what for nothing, and why; or what is
/// answered instead of a page.
pub(super) fn not_made(
    desk: &Desk,
    by: &SignedIn,
    not: NotMade,
    sheet: &'static str,
    fields: &Fields,
) -> Result<(StatusCode, SignedIn), Refused> {
    let (status, not) = match not {
        NotMade::Fault(fault) => return Err(fault.into()),
        NotMade::Unknown | NotMade::NoSecond(NoSecond::OtherRegion) => {
            return Err(Refused::NotThere);
        }
        NotMade::NoSecond(NoSecond::NoRight) => return Err(Refused::Forbidden),
        not @ (NotMade::NoRemark | NotMade::NoChoice) => (StatusCode::UNPROCESSABLE_ENTITY, not),
        not => (StatusCode::CONFLICT, not),
    };
    let why = why(&not, &locale(desk, by));
    Ok((status, by.having_typed(sheet, fields, Some(why))))
}
