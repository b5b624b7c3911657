//! `saksi-agent enrol`: the conversation with the person at the device.

use std::io::{IsTerminal as _, Read as _, Write as _};
use std::path::Path;

use saksi_agent::directory::Directory;
use saksi_agent::enrol::{self, Begun, EnrolFault, Enrolment, Found};
use saksi_agent::forward::Retry;
use saksi_agent::identity::Identity;
use saksi_proto::bundle::Papers;
use saksi_proto::enrolment::{EnrolRefusal, StationOffer, UNSEEN_AUTHORITY};
use saksi_proto::ids::StationCode;
use saksi_proto::slip::{Slip, SlipFault};
use saksi_proto::text;
use tokio::runtime::Runtime;

use crate::cli::Enrol;
use crate::exit::Exit;
use crate::print::Clerk;

/// Longest line read from a person: a slip is below 400 bytes, with the longest host.
const MAX_LINE: usize = 1_024;

/// How it ended, if nothing went wrong.
pub(crate) enum Ended {
    /// The device has its papers.
    Enrolled(Box<Identity>),
    /// Nothing more is to be done now.
    Stopped(Exit),
}

/// Why a slip was not read.
pub(crate) enum SlipError {
    /// Standard input cannot be read.
    Input(std::io::Error),
    /// It is mistyped.
    Mistyped(SlipFault),
}

/// The slip of the command line, if one is named there.
pub(crate) fn slip_of(asked: &Enrol) -> Result<Option<Slip>, SlipError> {
    let mistyped = SlipError::Mistyped;
    if let Some(slip) = &asked.slip {
        return given(slip)?.parse().map(Some).map_err(mistyped);
    }
    let (Some(collector), Some(authority), Some(code)) =
        (&asked.collector, &asked.authority, &asked.code)
    else {
        return Ok(None);
    };
    let authority = authority.parse().map_err(mistyped)?;
    let code = given(code)?.parse().map_err(mistyped)?;
    Slip::new(collector, authority, code).map(Some).map_err(mistyped)
}

/// What was given, or a line of standard input for `-`.
fn given(text: &str) -> Result<String, SlipError> {
    if text == "-" { line().map_err(SlipError::Input) } else { Ok(text.to_owned()) }
}

/// A line of standard input. Byte by byte, so that the next line is left to be read.
fn line() -> std::io::Result<String> {
    let mut line = Vec::new();
    for byte in std::io::stdin().lock().bytes().take(MAX_LINE) {
        match byte? {
            b'\n' => break,
            byte => line.push(byte),
        }
    }
    Ok(String::from_utf8_lossy(&line).trim().to_owned())
}

/// One conversation.
pub(crate) struct Conversation {
    pub(crate) asked: Enrol,
    pub(crate) clerk: Clerk,
    pub(crate) runtime: Runtime,
}

impl Conversation {
    /// Goes as far as it goes.
    pub(crate) fn hold(
        &self,
        directory: &Directory,
        slip: Option<Slip>,
    ) -> Result<Ended, EnrolFault> {
        let enrolment = match Enrolment::open(directory.path(), self.asked.again)? {
            Found::Enrolled(identity) => return Ok(Ended::Enrolled(identity)),
            Found::Open(enrolment) => *enrolment,
        };
        match (&self.asked.request, &self.asked.answer) {
            (Some(out), _) => self.write_request(enrolment, slip, out),
            (None, Some(answer)) => {
                let papers = enrol::read_answer(answer)?;
                self.finish(enrolment, papers)
            }
            (None, None) => self.online(enrolment, slip),
        }
    }

    fn online(&self, mut enrolment: Enrolment, slip: Option<Slip>) -> Result<Ended, EnrolFault> {
        let begun = match enrolment.begun(slip.as_ref(), self.asked.station)? {
            Some(begun) => {
                self.clerk.say(text::ENROL_GOES_ON);
                begun.offer.iter().for_each(|offer| self.clerk.offer(offer));
                begun
            }
            None => {
                let slip = slip.ok_or(EnrolFault::NothingBegun)?;
                let offer = self.ask(&slip, self.asked.station)?;
                if !self.confirmed(&offer)? {
                    return Ok(Ended::Stopped(Exit::NotConfirmed));
                }
                enrolment.begin(slip, offer.station, Some(offer))?
            }
        };
        let papers = self.apply(begun)?;
        self.finish(enrolment, papers)
    }

    /// What the slip is for. A spare's code makes it ask which station is meant.
    fn ask(&self, slip: &Slip, station: Option<StationCode>) -> Result<StationOffer, EnrolFault> {
        let offer = self.patiently(async || enrol::ask(slip, station).await);
        match offer {
            Err(EnrolFault::Refused(EnrolRefusal::StationMissing)) if is_a_person_here() => {
                self.clerk.say(text::ENROL_WHICH_STATION);
                let named = line().ok().and_then(|line| line.parse().ok());
                let named = named.ok_or(EnrolFault::Refused(EnrolRefusal::StationMissing))?;
                self.ask(slip, Some(named))
            }
            Ok(offer) if station.is_some_and(|station| station != offer.station) => {
                Err(EnrolFault::Refused(EnrolRefusal::OtherStation))
            }
            other => other,
        }
    }

    fn apply(&self, begun: &Begun) -> Result<Papers, EnrolFault> {
        self.patiently(async || enrol::apply(begun).await)
    }

    fn patiently<T>(&self, work: impl AsyncFn() -> Result<T, EnrolFault>) -> Result<T, EnrolFault> {
        self.runtime.block_on(async {
            if !self.asked.wait {
                return work().await;
            }
            let tell = |fault: &EnrolFault, rest: std::time::Duration| {
                self.clerk.fault(fault);
                self.clerk.fill(text::ENROL_TRIES_AGAIN, &[&rest.as_secs().max(1)]);
            };
            enrol::patiently(Retry::default(), tell, work).await
        })
    }

    /// Checks the papers and keeps them; asks a person first who was not asked before.
    fn finish(&self, enrolment: Enrolment, papers: Papers) -> Result<Ended, EnrolFault> {
        let checked = enrolment.check(papers)?;
        let is_confirmed = enrolment.begun(None, None)?.is_some_and(|begun| begun.offer.is_some());
        if !is_confirmed && !self.confirmed(&checked.offer())? {
            return Ok(Ended::Stopped(Exit::NotConfirmed));
        }
        Ok(Ended::Enrolled(Box::new(enrolment.finish(&checked)?)))
    }

    fn write_request(
        &self,
        mut enrolment: Enrolment,
        slip: Option<Slip>,
        out: &Path,
    ) -> Result<Ended, EnrolFault> {
        let begun = match (enrolment.begun(slip.as_ref(), self.asked.station)?, slip) {
            (Some(begun), _) => begun,
            (None, None) => return Err(EnrolFault::NothingBegun),
            (None, Some(slip)) => match self.asked.station {
                Some(station) => enrolment.begin(slip, station, None)?,
                None => {
                    self.clerk.complain(text::ENROL_STATION_WANTED);
                    return Ok(Ended::Stopped(Exit::CommandLine));
                }
            },
        };
        enrol::write_request(out, &begun.application_now(UNSEEN_AUTHORITY))?;
        self.clerk.fill(text::ENROL_REQUEST_WRITTEN, &[&out.display()]);
        Ok(Ended::Stopped(Exit::Done))
    }

    /// Shows the station and asks whether it is the right one.
    fn confirmed(&self, offer: &StationOffer) -> Result<bool, EnrolFault> {
        self.clerk.offer(offer);
        if self.asked.yes {
            return Ok(true);
        }
        if !is_a_person_here() {
            self.clerk.complain(text::ENROL_NOBODY_TO_ASK);
            return Ok(false);
        }
        self.clerk.prompt(text::ENROL_CONFIRM);
        let said = line().unwrap_or_default().to_lowercase();
        let is_right = matches!(said.as_str(), "y" | "ya" | "yes");
        if !is_right {
            self.clerk.complain(text::ENROL_NOT_CONFIRMED);
        }
        Ok(is_right)
    }
}

fn is_a_person_here() -> bool {
    std::io::stdin().is_terminal()
}

impl Clerk {
    /// Asks on the line on which the answer is typed.
    fn prompt(self, phrase: text::Phrase) {
        print!("{} ", phrase.in_language(self.language));
        // Where nothing can be shown, the answer will not be yes.
        std::io::stdout().flush().ok();
    }

    fn complain(self, phrase: text::Phrase) {
        eprintln!("{}", phrase.in_language(self.language));
    }
}
