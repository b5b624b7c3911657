//! What enrolment shows, and says of what went wrong.

use askama::Template;
use hyper::StatusCode;
use saksi_proto::enrolment::{EnrolRefusal, StationOffer};
use saksi_proto::ids::Phase;
use saksi_proto::text::{self as words, Phrase};

use super::super::asked::Asked;
use super::super::reply::Reply;
use super::super::shell::Voice;
use super::super::site::rendered;
use super::super::text as page_text;
use super::text;
use crate::enrol::{EnrolFault, mistyped};
use crate::reason::Reason;

/// What all of these pages have.
pub(super) struct Frame {
    pub(super) voice: Voice,
    /// The word for our own forms.
    pub(super) posting: String,
    pub(super) style: &'static str,
    /// What went wrong, and what to do.
    pub(super) problem: Option<String>,
}

impl Frame {
    fn say(&self, phrase: Phrase) -> &'static str {
        self.voice.say(phrase)
    }
}

/// What a person typed; it is shown again beside what is wrong with it.
#[derive(Default)]
pub(super) struct Typed {
    pub(super) slip: String,
    pub(super) collector: String,
    pub(super) authority: String,
    pub(super) code: String,
    pub(super) station: String,
}

impl Typed {
    pub(super) fn of(asked: &Asked) -> Self {
        let field = |name| asked.field(name).unwrap_or_default().trim().to_owned();
        Self {
            slip: field("slip"),
            collector: field("collector"),
            authority: field("authority"),
            code: field("code"),
            station: field("station"),
        }
    }
}

#[derive(Template)]
#[template(path = "enrol_ask.html")]
struct Ask {
    frame: Frame,
    typed: Typed,
}

#[derive(Template)]
#[template(path = "enrol_confirm.html")]
struct Confirm {
    frame: Frame,
    offer: Shown,
}

#[derive(Template)]
#[template(path = "enrol_begun.html")]
struct Begun {
    frame: Frame,
    station: String,
    offer: Option<Shown>,
}

/// A station, for whoever has to see whether it is theirs.
struct Shown {
    name: String,
    code: String,
    regions: String,
    election: String,
    phase: &'static str,
}

impl Shown {
    fn of(offer: &StationOffer, voice: Voice) -> Self {
        let phase = match offer.phase {
            Phase::Rehearsal => words::PHASE_REHEARSAL,
            Phase::Official => words::PHASE_OFFICIAL,
        };
        Self {
            name: offer.name.clone(),
            code: offer.station.to_string(),
            regions: offer.regions.join(", "),
            election: offer.election.clone(),
            phase: voice.say(phase),
        }
    }
}

fn status(frame: &Frame) -> StatusCode {
    if frame.problem.is_some() { StatusCode::CONFLICT } else { StatusCode::OK }
}

/// The slip is asked for.
pub(super) fn ask(frame: Frame, typed: Typed) -> Reply {
    rendered(status(&frame), &Ask { frame, typed })
}

/// The station, large, to be confirmed.
pub(super) fn confirm(frame: Frame, offer: &StationOffer) -> Reply {
    let offer = Shown::of(offer, frame.voice);
    rendered(status(&frame), &Confirm { frame, offer })
}

/// An enrolment that was begun.
pub(super) fn begun(frame: Frame, station: String, offer: Option<&StationOffer>) -> Reply {
    let offer = offer.map(|offer| Shown::of(offer, frame.voice));
    rendered(status(&frame), &Begun { frame, station, offer })
}

/// Why it goes no further now, and what to do.
pub(super) fn sentence(fault: &EnrolFault, voice: Voice) -> String {
    match fault {
        EnrolFault::Link { reason: Reason::NotTrusted, .. } => {
            voice.with(words::ENROL_NOT_TRUSTED, voice.say(Reason::NotTrusted.phrase()))
        }
        EnrolFault::Link { reason, .. } => voice.with(text::NO_LINK, voice.say(reason.phrase())),
        EnrolFault::Refused(EnrolRefusal::StationMissing) => {
            voice.say(text::STATION_MISSING).to_owned()
        }
        EnrolFault::Refused(refusal) => {
            format!("{} [{}]", voice.say(refusal.phrase()), refusal.code())
        }
        EnrolFault::Later { after, is_waiting } => {
            let phrase = if *is_waiting { text::WAITING } else { text::LATER };
            voice.with(phrase, after.as_secs().max(1))
        }
        EnrolFault::OtherPapers(_) | EnrolFault::Papers(_) => {
            voice.with(words::ENROL_BAD_PAPERS, fault)
        }
        EnrolFault::Mistyped(fault) => mistyped(fault, voice.language),
        other => other.to_string(),
    }
}
