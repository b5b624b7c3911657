//! Enrolment on the screen, before the device knows its election.

use std::fmt::Display;

use saksi_agent::enrol::{EnrolFault, mistyped};
use saksi_agent::reason::Reason;
use saksi_agent::words::fill;
use saksi_proto::enrolment::StationOffer;
use saksi_proto::ids::Phase;
use saksi_proto::slip::SlipFault;
use saksi_proto::text::{self, Language, Phrase};

use super::large;

/// Writes what concerns enrolment in one language.
#[derive(Clone, Copy)]
pub(crate) struct Clerk {
    pub(crate) language: Language,
}

impl Clerk {
    pub(crate) fn say(self, phrase: Phrase) {
        println!("{}", phrase.in_language(self.language));
    }

    pub(crate) fn fill(self, phrase: Phrase, values: &[&dyn Display]) {
        println!("{}", fill(phrase, self.language, values));
    }

    /// The station large, for whoever has to see whether it is theirs.
    pub(crate) fn offer(self, offer: &StationOffer) {
        let StationOffer { station, name, regions, election, phase, .. } = offer;
        self.say(text::ENROL_STATION);
        large(name, station.as_str());
        let phase = match phase {
            Phase::Rehearsal => text::PHASE_REHEARSAL,
            Phase::Official => text::PHASE_OFFICIAL,
        };
        let phase = phase.in_language(self.language);
        println!("  {}\n  {election}\n  {phase}\n", regions.join(", "));
    }

    /// Which part of a slip is mistyped, and how.
    pub(crate) fn mistyped(self, fault: &SlipFault) {
        eprintln!("{}", mistyped(fault, self.language));
    }

    /// Why it goes no further now, and what to do.
    pub(crate) fn fault(self, fault: &EnrolFault) {
        let put = |phrase, values: &[&dyn Display]| fill(phrase, self.language, values);
        let sentence = match fault {
            EnrolFault::Link { reason, detail } => {
                let why = reason.phrase().in_language(self.language);
                let phrase = match reason {
                    Reason::NotTrusted => text::ENROL_NOT_TRUSTED,
                    _ => text::ENROL_NO_LINK,
                };
                format!("{}\n({detail})", put(phrase, &[&why]))
            }
            EnrolFault::Refused(refusal) => {
                format!("{} [{}]", put(refusal.phrase(), &[]), refusal.code())
            }
            EnrolFault::Later { after, is_waiting } => {
                let phrase = if *is_waiting { text::ENROL_WAITING } else { text::ENROL_LATER };
                put(phrase, &[&after.as_secs().max(1)])
            }
            EnrolFault::OtherPapers(_) | EnrolFault::Papers(_) => {
                put(text::ENROL_BAD_PAPERS, &[fault])
            }
            EnrolFault::AnotherBegun { station, collector } => {
                put(text::ENROL_ANOTHER_BEGUN, &[station, collector])
            }
            EnrolFault::Mistyped(fault) => mistyped(fault, self.language),
            EnrolFault::NothingBegun => put(text::ENROL_NO_SLIP, &[]),
            other => format!("saksi-agent: {other}"),
        };
        eprintln!("{sentence}");
    }
}
