//! What a person does on the way to the papers, each step once at a time.

use std::future::Future;
use std::sync::atomic::Ordering;
use std::time::Duration;

use saksi_proto::enrolment::{EnrolRefusal, UNSEEN_AUTHORITY};
use saksi_proto::ids::StationCode;
use saksi_proto::slip::{Slip, SlipFault};

use super::super::asked::Asked;
use super::super::brought::Taken;
use super::super::reply::Reply;
use super::screens::{self, Typed, sentence};
use super::{Pending, Site, text};
use crate::enrol::{self, EnrolFault, Enrolment, Found};
use crate::reason::Reason;

/// For a handshake and an answer, on a slow network. Less than a browser waits.
const PATIENCE: Duration = Duration::from_secs(60);

/// What was begun here, for this moment: another program may go on with it in between.
enum Standing {
    Enrolled,
    Open(Box<Enrolment>),
}

impl Site {
    fn standing(&self, again: bool) -> Result<Standing, EnrolFault> {
        if crate::identity::Identity::open(&self.directory).is_ok() {
            self.has_papers();
            return Ok(Standing::Enrolled);
        }
        match Enrolment::open(self.directory.path(), again)? {
            Found::Enrolled(_) => {
                self.has_papers();
                Ok(Standing::Enrolled)
            }
            Found::Open(enrolment) => Ok(Standing::Open(enrolment)),
        }
    }

    /// Where it stands, with what went wrong.
    pub(super) fn screen(&self, asked: &Asked, problem: Option<String>) -> Reply {
        let voice = self.voice(asked);
        let enrolment = match self.standing(false) {
            Ok(Standing::Enrolled) => return Reply::go_to(super::DONE),
            Ok(Standing::Open(enrolment)) => enrolment,
            Err(fault) => {
                let problem = problem.unwrap_or_else(|| sentence(&fault, voice));
                return screens::ask(self.frame(asked, Some(problem)), Typed::of(asked));
            }
        };
        let pending = self.pending();
        let begun = enrolment.begun(None, None).ok().flatten();
        match (&*pending, begun) {
            (Some(Pending::Offer(_, offer) | Pending::Papers(_, offer)), _) => {
                screens::confirm(self.frame(asked, problem), offer)
            }
            (None, Some(begun)) => {
                let (station, offer) = (begun.station.to_string(), begun.offer.as_ref());
                screens::begun(self.frame(asked, problem), station, offer)
            }
            (None, None) => screens::ask(self.frame(asked, problem), Typed::of(asked)),
        }
    }

    fn after(&self, asked: &Asked, done: Result<(), EnrolFault>) -> Reply {
        match done {
            // The next answer may be that of the page which goes on.
            Ok(()) if self.is_enrolled.load(Ordering::SeqCst) => Reply::go_to(super::DONE),
            Ok(()) => Reply::go_to("/"),
            Err(fault) => {
                tracing::warn!(%fault, "the device is not enrolled yet");
                let problem = sentence(&fault, self.voice(asked));
                self.screen(asked, Some(problem))
            }
        }
    }

    /// Asks the centre what the slip is for.
    pub(super) async fn ask(&self, asked: &Asked) -> Reply {
        let asking = async {
            let (slip, station) = (slip(asked)?, self.station(asked)?);
            let offer = in_time(enrol::ask(&slip, station)).await?;
            if station.is_some_and(|station| station != offer.station) {
                return Err(EnrolFault::Refused(EnrolRefusal::OtherStation));
            }
            *self.pending() = Some(Pending::Offer(slip, offer));
            Ok(())
        };
        let done = asking.await;
        self.after(asked, done)
    }

    /// A person has confirmed the station: the key is made, the papers are fetched.
    pub(super) async fn confirm(&self, asked: &Asked) -> Reply {
        let pending = self.pending().take();
        let done = match pending {
            Some(Pending::Offer(slip, offer)) => {
                let begun = self.standing(false).and_then(|standing| match standing {
                    Standing::Enrolled => Ok(()),
                    Standing::Open(mut enrolment) => {
                        // What was begun with this slip has its key already.
                        if enrolment.begun(Some(&slip), Some(offer.station))?.is_none() {
                            enrolment.begin(slip, offer.station, Some(offer))?;
                        }
                        Ok(())
                    }
                });
                match begun {
                    Ok(()) => self.applied().await,
                    Err(fault) => Err(fault),
                }
            }
            Some(Pending::Papers(papers, _)) => self.finished(*papers),
            None => Ok(()),
        };
        self.after(asked, done)
    }

    /// Goes on with what was begun.
    pub(super) async fn go_on(&self, asked: &Asked) -> Reply {
        let done = self.applied().await;
        self.after(asked, done)
    }

    async fn applied(&self) -> Result<(), EnrolFault> {
        let Standing::Open(enrolment) = self.standing(false)? else { return Ok(()) };
        let begun = enrolment.begun(None, None)?.ok_or(EnrolFault::NothingBegun)?;
        let papers = in_time(enrol::apply(begun)).await?;
        let checked = enrolment.check(papers.clone())?;
        if begun.offer.is_none() {
            // It was begun for a file, and nobody has seen the station's name.
            *self.pending() = Some(Pending::Papers(Box::new(papers), checked.offer()));
            return Ok(());
        }
        enrolment.finish(&checked)?;
        self.has_papers();
        Ok(())
    }

    fn finished(&self, papers: saksi_proto::bundle::Papers) -> Result<(), EnrolFault> {
        let Standing::Open(enrolment) = self.standing(false)? else { return Ok(()) };
        let checked = enrolment.check(papers)?;
        enrolment.finish(&checked)?;
        self.has_papers();
        Ok(())
    }

    /// It is another's station: the code is not used up.
    pub(super) fn decline(&self, asked: &Asked) -> Reply {
        self.pending().take();
        let said = self.voice(asked).say(text::NO_DONE).to_owned();
        self.screen(asked, Some(said))
    }

    /// What was begun is given up, and its key.
    pub(super) fn give_up(&self, asked: &Asked) -> Reply {
        self.pending().take();
        let done = self.standing(true).map(|_| ());
        self.after(asked, done)
    }

    /// The request as a file, to be carried to the centre.
    pub(super) fn request(&self, asked: &Asked) -> Reply {
        match self.requested(asked) {
            Ok(Some((name, bytes))) => Reply::file(&name, bytes),
            Ok(None) => Reply::go_to("/"),
            Err(fault) => self.after(asked, Err(fault)),
        }
    }

    fn requested(&self, asked: &Asked) -> Result<Option<(String, Vec<u8>)>, EnrolFault> {
        let Standing::Open(mut enrolment) = self.standing(false)? else { return Ok(None) };
        let has_begun = enrolment.begun(None, None)?.is_some();
        let begun = if has_begun {
            enrolment.begun(None, None)?.ok_or(EnrolFault::NothingBegun)?
        } else {
            let station = self.station(asked)?;
            let station = station.ok_or(EnrolFault::Refused(EnrolRefusal::StationMissing))?;
            enrolment.begin(slip(asked)?, station, None)?
        };
        let application = begun.application_now(UNSEEN_AUTHORITY);
        let text = serde_json::to_vec_pretty(&application);
        let text = text.map_err(crate::identity::IdentityFault::from)?;
        Ok(Some((format!("{}.enrol", begun.station), text)))
    }

    /// The centre's answer, from a file.
    pub(super) fn answered(&self, asked: &Asked, taken: &Taken) -> Reply {
        let voice = self.voice(asked);
        let say = |phrase| self.screen(asked, Some(voice.say(phrase).to_owned()));
        match taken {
            Taken::Nothing => return say(text::ANSWER_MISSING),
            Taken::TooLarge | Taken::NotWhole => return say(text::ANSWER_BAD),
            Taken::Fault(fault) => return self.screen(asked, Some(fault.to_string())),
            Taken::Whole(_) => {}
        }
        let Taken::Whole(file) = taken else { return say(text::ANSWER_MISSING) };
        let Ok(papers) = enrol::read_answer(file.path()) else { return say(text::ANSWER_BAD) };
        let taken = self.standing(false).and_then(|standing| match standing {
            Standing::Enrolled => Ok(()),
            Standing::Open(enrolment) => {
                let offer = enrolment.check(papers.clone())?.offer();
                *self.pending() = Some(Pending::Papers(Box::new(papers), offer));
                Ok(())
            }
        });
        self.after(asked, taken)
    }

    fn station(&self, asked: &Asked) -> Result<Option<StationCode>, EnrolFault> {
        let typed = Typed::of(asked).station;
        if typed.is_empty() {
            return Ok(None);
        }
        typed.parse().map(Some).map_err(|_| EnrolFault::Refused(EnrolRefusal::OtherStation))
    }
}

/// The slip as it was pasted, or typed in its three parts.
fn slip(asked: &Asked) -> Result<Slip, EnrolFault> {
    let Typed { slip, collector, authority, code, .. } = Typed::of(asked);
    let read = || -> Result<Slip, SlipFault> {
        let is_typed = [&collector, &authority, &code].iter().any(|part| !part.is_empty());
        if !slip.is_empty() || !is_typed {
            return slip.parse();
        }
        Slip::new(&collector, authority.parse()?, code.parse()?)
    };
    read().map_err(EnrolFault::Mistyped)
}

async fn in_time<T>(work: impl Future<Output = Result<T, EnrolFault>>) -> Result<T, EnrolFault> {
    let done = tokio::time::timeout(PATIENCE, work).await;
    done.unwrap_or_else(|_| {
        let detail = format!("no answer in {} s", PATIENCE.as_secs());
        Err(EnrolFault::Link { reason: Reason::TimedOut, detail })
    })
}
