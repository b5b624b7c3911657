//! *Draft → stored → sent → receipt*: how far a contest's form has come, in words.

use saksi_proto::message::Standing;

use super::shell::{Moment, Voice};
use super::text;
use crate::desk::{DeliveryShown, StateName};

/// One of the four states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) name: &'static str,
    /// Whether the form is past it, at it, or before it.
    pub(super) mark: Mark,
    pub(super) mark_name: &'static str,
    /// When, if that is known.
    pub(super) at: Option<String>,
}

/// Where the form stands to a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Done,
    Now,
    ToDo,
}

impl Mark {
    /// A sign for it: colour is never the only one.
    pub(super) fn sign(self) -> &'static str {
        match self {
            Mark::Done => "✓",
            Mark::Now => "●",
            Mark::ToDo => "○",
        }
    }

    /// The name of its style.
    pub(super) fn class(self) -> &'static str {
        match self {
            Mark::Done => "done",
            Mark::Now => "now",
            Mark::ToDo => "todo",
        }
    }
}

/// How far a form has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Progress {
    pub(super) steps: Vec<Step>,
    /// What it means, in sentences.
    pub(super) sentences: Vec<String>,
    /// Something for a person to see to.
    pub(super) warnings: Vec<String>,
}

/// The progress of a sealed form; without one, of a draft that was saved at `draft_ms`.
pub(super) fn progress(
    delivery: Option<&DeliveryShown>,
    draft_ms: Option<u64>,
    (voice, moment): (Voice, &Moment),
) -> Progress {
    let at = |ms: u64| Some(moment.show(ms));
    let reached = match delivery.map(|delivery| delivery.state) {
        None if draft_ms.is_none() => None,
        None => Some(0),
        Some(StateName::Stored) => Some(1),
        Some(StateName::Sent | StateName::Refused) => Some(2),
        Some(StateName::Received) => Some(3),
    };
    let is_received = delivery.is_some_and(|delivery| delivery.state == StateName::Received);
    let is_sent = delivery.is_some_and(|delivery| delivery.state == StateName::Sent);
    let times = [
        draft_ms.filter(|_| delivery.is_none()).and_then(at),
        delivery.and_then(|delivery| at(delivery.stored_ms)),
        delivery.filter(|_| is_sent).and_then(|delivery| at(delivery.at_ms)),
        delivery.filter(|_| is_received).and_then(|delivery| at(delivery.at_ms)),
    ];
    let names = [text::STEP_DRAFT, text::STEP_STORED, text::STEP_SENT, text::STEP_RECEIVED];
    let steps = names.into_iter().zip(times).enumerate().map(|(step, (name, at))| {
        let mark = match reached {
            // Nothing comes after a receipt: it is done, and nothing before it is green.
            Some(reached) if step < reached || (step == reached && is_received) => Mark::Done,
            Some(reached) if step == reached => Mark::Now,
            _ => Mark::ToDo,
        };
        let mark_name = voice.say(match mark {
            Mark::Done => text::STEP_DONE,
            Mark::Now => text::STEP_NOW,
            Mark::ToDo => text::STEP_TO_DO,
        });
        Step { name: voice.say(name), mark, mark_name, at }
    });
    let (sentences, warnings) = match delivery {
        Some(delivery) => said(delivery, voice, moment),
        None => (Vec::new(), Vec::new()),
    };
    Progress { steps: steps.collect(), sentences, warnings }
}

fn said(delivery: &DeliveryShown, voice: Voice, moment: &Moment) -> (Vec<String>, Vec<String>) {
    let (mut sentences, mut warnings) = (Vec::new(), Vec::new());
    match delivery.state {
        StateName::Stored => sentences.push(voice.say(text::IS_STORED).to_owned()),
        StateName::Sent => sentences.push(voice.say(text::IS_SENT).to_owned()),
        StateName::Received => {
            let index = delivery.index.and_then(|index| i64::try_from(index).ok());
            let index = index.map_or_else(String::new, |index| voice.number(index));
            let arrived = moment.show(delivery.arrived_ms.unwrap_or(delivery.at_ms));
            sentences.push(voice.fill(text::IS_RECEIVED, &[&index, &arrived]));
            let cosigned = delivery.cosigned.as_ref();
            sentences.extend(cosigned.map(|cosigned| cosigned.sentence(voice.language)));
        }
        StateName::Refused => {
            let refusal = delivery.refusal.as_ref();
            let why = refusal.map_or("", |refusal| refusal.sentence.as_str());
            warnings.push(voice.with(text::IS_REFUSED, why));
        }
    }
    match delivery.standing {
        Some(Standing::Counted) => sentences.push(voice.say(text::STANDING_COUNTED).to_owned()),
        Some(Standing::Held) => warnings.push(voice.say(text::STANDING_HELD).to_owned()),
        Some(Standing::Disputed) => warnings.push(voice.say(text::STANDING_DISPUTED).to_owned()),
        Some(_) | None => {}
    }
    if delivery.due {
        if let Some(failure) = &delivery.last_failure {
            let at = moment.show(failure.at_ms);
            warnings.push(voice.fill(text::LAST_REASON, &[&at, &failure.sentence]));
        }
        if let Some(next_ms) = delivery.next_try_ms {
            sentences.push(voice.with(text::NEXT_TRY, moment.show(next_ms)));
        }
    }
    (sentences, warnings)
}
