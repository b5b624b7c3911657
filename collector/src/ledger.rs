//! The ledger: everything that the journal's entries come to. The roster, and the tally
//! with every form that is in the log; a form that is there already is found in it.
//!
//! Rebuilt at start through [`Ledger::replay`], which is [`Ledger::apply`] but for the sums
//! of higher regions. Owned by the sequencer, which alone writes it; sessions and pages
//! read it under a lock held for less than a millisecond.

use std::sync::Arc;

use saksi_proto::definition::StationIndex;
use saksi_proto::digest::Digest;
use saksi_proto::entry::Act;
use saksi_proto::ids::StationCode;
use saksi_proto::ruling::{Decision, Pause, Ruling};

use crate::admission::Ticket;
use crate::election::Election;
use crate::questions::Questions;
use crate::reading::{Enrolled, Filed, FormName, Meaning, Uncounted};
use crate::roster::{Kept, Roster};
use crate::tally::arrivals::Arrivals;
use crate::tally::changes::Changes;
use crate::tally::register::Amending;
use crate::tally::revisions::{Revisions, StationState};
use crate::tally::ruled::Ruled;
use crate::tally::{Reach, Tally};

/// The fold of the journal.
pub struct Ledger {
    /// The election it is about.
    pub election: Arc<Election>,
    /// Entries folded so far, and the time of the last.
    pub position: Position,
    /// Which device speaks for which station.
    pub roster: Roster,
    /// What it all adds up to.
    pub tally: Tally,
    /// When stations were heard.
    pub arrivals: Arrivals,
    /// What stations are asked and have not answered.
    pub questions: Questions,
    /// Whether totals are published.
    pub publication: Publication,
    /// Of which stations entries have come since whoever publishes them has asked.
    pub touched: Changes<Touched>,
}

/// A station of which an entry has come, and the contest that it concerns; none, if only the
/// station's own page has changed.
pub type Touched = (StationIndex, Option<usize>);

/// Whether totals are published. The log goes on in any case, and so do the pages that are
/// made of it; what is not renewed is what others carry on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Publication {
    /// They are.
    #[default]
    Open,
    /// They are not, for a reason.
    Paused {
        /// Entry of the log.
        index: u64,
        /// Since when, milliseconds since 1970, UTC.
        since_ms: u64,
        /// By whom, and the reason that the public reads.
        act: Act,
    },
}

/// How far the log was folded: what every published number names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Position {
    /// Number of entries.
    pub size: u64,
    /// Merkle root over them, once a checkpoint is signed.
    pub root: Option<Digest>,
    /// Arrival of the last form, milliseconds since 1970, UTC.
    pub last_form_ms: Option<u64>,
}

/// Where a form stands in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoggedForm {
    /// Its entry.
    pub index: u64,
    /// When it arrived, milliseconds since 1970, UTC.
    pub arrived_ms: u64,
}

/// An entry that cannot be folded: the journal is of another election, or was
/// written by something else than a collector.
#[derive(Debug, thiserror::Error)]
pub enum FoldFault {
    /// Entry 0 is not a manifest, or another one is.
    #[error("entry {0}: a log begins with its manifest and has one")]
    Manifest(u64),
    /// The log is about another election definition.
    #[error("the log is of the election {logged}, but the definition in place is {found}")]
    OtherElection {
        /// Digest in entry 0.
        logged: Digest,
        /// Digest of the definition.
        found: Digest,
    },
    /// A form stands in the log twice, and would count twice.
    #[error("entry {index}: the form {digest} stands in the log already")]
    Twice {
        /// The second entry.
        index: u64,
        /// The form.
        digest: Digest,
    },
    /// A device is revoked that does not speak for the station.
    #[error("entry {index}: what is revoked is not the device of station {station}")]
    NotItsDevice {
        /// The entry.
        index: u64,
        /// The station.
        station: StationCode,
    },
    /// A ruling names other forms than those that were there, or there was nothing to rule
    /// on.
    #[error("entry {index}: the ruling on station {station} is not over forms that waited for one")]
    OtherForms {
        /// The entry.
        index: u64,
        /// The station.
        station: StationCode,
    },
}

impl Ledger {
    /// The ledger of an empty log.
    #[must_use]
    pub fn new(election: Arc<Election>) -> Self {
        Self {
            tally: Tally::new(&election),
            arrivals: Arrivals::new(&election),
            election,
            position: Position::default(),
            roster: Roster::default(),
            questions: Questions::default(),
            publication: Publication::default(),
            touched: Changes::default(),
        }
    }

    /// Folds the next entry in.
    ///
    /// # Errors
    /// [`FoldFault`]; nothing is changed then.
    pub fn apply(&mut self, meaning: Meaning) -> Result<(), FoldFault> {
        self.fold(meaning, Reach::All)
    }

    /// Folds the next entry of a replay in; [`Ledger::carry_up`] ends the replay. The same
    /// fold but for the totals of higher regions, which are made once instead of four
    /// million times.
    ///
    /// # Errors
    /// [`FoldFault`]; nothing is changed then.
    pub fn replay(&mut self, meaning: Meaning) -> Result<(), FoldFault> {
        self.fold(meaning, Reach::Lowest)
    }

    /// Makes the totals that [`Ledger::replay`] has left out.
    pub fn carry_up(&mut self) {
        self.tally.carry_up(&self.election);
    }

    fn fold(&mut self, meaning: Meaning, reach: Reach) -> Result<(), FoldFault> {
        let index = self.position.size;
        if matches!(meaning, Meaning::Manifest(_)) != (index == 0) {
            return Err(FoldFault::Manifest(index));
        }
        match meaning {
            Meaning::Manifest(election) => self.apply_manifest(election)?,
            Meaning::Enrolment(Enrolled { station, key, at_ms, code }) => {
                self.roster.enrol(station, key, at_ms, code);
            }
            Meaning::Form(filed) => self.apply_form(index, filed, reach)?,
            Meaning::Code(tag, grant) => self.roster.grant(tag, grant),
            Meaning::Revocation(station, key) => self.revoke(index, station, &key)?,
            Meaning::Evidence(key, form) => {
                self.roster.keep_evidence(key, kept(index, &form));
                self.touched.note((form.station, None));
            }
            Meaning::Rehearsal(form) => {
                self.roster.keep_rehearsal(form.station, kept(index, &form));
            }
            Meaning::Ruling(place, ruling) => self.rule(index, place, *ruling, reach)?,
            Meaning::Amendment(station, amended) => {
                let amending = Amending::new(index, *amended);
                self.tally.amend(&self.election, reach, station, amending);
                for contest in 0..self.election.definition.contests().len() {
                    if self.election.definition.in_scope(contest, station) {
                        self.touched.note((station, Some(contest)));
                    }
                }
            }
            Meaning::Pause(pause) => self.publication = Publication::after(index, pause),
            Meaning::Question((contest, station), question) => {
                self.questions.ask((contest, station), index, *question);
                self.touched.note((station, Some(contest)));
            }
        }
        self.position.size = index + 1;
        Ok(())
    }

    fn apply_manifest(&self, logged: Digest) -> Result<(), FoldFault> {
        let found = self.election.definition.digest();
        if logged == found { Ok(()) } else { Err(FoldFault::OtherElection { logged, found }) }
    }

    fn revoke(
        &mut self,
        index: u64,
        station: StationIndex,
        key: &[u8; 32],
    ) -> Result<(), FoldFault> {
        if self.roster.key(station) != Some(*key) {
            let station = self.election.definition.stations()[station as usize].code;
            return Err(FoldFault::NotItsDevice { index, station });
        }
        self.roster.revoke(station);
        Ok(())
    }

    fn apply_form(&mut self, index: u64, filed: Filed, reach: Reach) -> Result<(), FoldFault> {
        let FormName { contest, station, digest } = filed.name;
        let before = self.tally.station(contest, station);
        if before.is_some_and(|forms| forms.find(&digest).is_some()) {
            return Err(FoldFault::Twice { index, digest });
        }
        if before.is_none() {
            let region = self.election.definition.region_of(station);
            self.arrivals.add(contest, region, filed.report.arrived_ms, filed.report.device_ms);
        }
        self.position.last_form_ms = Some(filed.report.arrived_ms);
        self.touched.note((station, Some(contest)));
        self.questions.answered(contest, station, index);
        self.tally.add(&self.election, reach, index, filed);
        Ok(())
    }

    fn rule(
        &mut self,
        index: u64,
        (contest, station): (usize, StationIndex),
        ruling: Ruling,
        reach: Reach,
    ) -> Result<(), FoldFault> {
        let forms = self.tally.station(contest, station);
        let heads = forms.into_iter().flat_map(Revisions::heads).map(|head| &head.report.digest);
        let waits = || {
            let unruled = forms.map(|forms| forms.state(None));
            matches!(unruled, Some(StationState::Held(_) | StationState::Disputed))
        };
        let is_sound = match &ruling.decision {
            Decision::Accept(form) => waits() && ruling.over.contains(form),
            Decision::Reject => waits(),
            Decision::Withdraw => {
                self.tally.rulings(contest, station).last().is_some_and(Ruled::stands)
            }
        };
        if !is_sound || !heads.eq(&ruling.over) {
            return Err(FoldFault::OtherForms { index, station: ruling.station });
        }
        self.tally.rule(&self.election, reach, (contest, station), Ruled::new(index, ruling));
        self.touched.note((station, Some(contest)));
        Ok(())
    }

    /// Where a form stands in the log, if it is there.
    #[must_use]
    pub fn logged(&self, name: &FormName) -> Option<LoggedForm> {
        let revision = self.tally.station(name.contest, name.station)?.find(&name.digest)?;
        Some(LoggedForm { index: revision.index, arrived_ms: revision.report.arrived_ms })
    }

    /// Where an admitted form stands in the log, if it is there.
    #[must_use]
    pub fn find(&self, ticket: &Ticket) -> Option<LoggedForm> {
        let among = |kept: &[Kept], digest: &Digest| {
            kept.iter().find(|kept| kept.form == *digest).map(|kept| kept.logged)
        };
        match ticket {
            Ticket::Form(name) => self.logged(name),
            Ticket::Rehearsal(station, form) => {
                among(&self.roster.device(*station)?.rehearsals, form)
            }
            Ticket::Evidence(key, name) => self
                .logged(name)
                .or_else(|| among(&self.roster.former(key)?.evidence, &name.digest)),
        }
    }

    /// Where a form of a station stands in the log, whatever its contest.
    #[must_use]
    pub fn logged_at(&self, station: StationCode, form: Digest) -> Option<LoggedForm> {
        let definition = &self.election.definition;
        let station = definition.station(station)?;
        let held = |contest: &usize| definition.in_scope(*contest, station);
        let mut contests = (0..definition.contests().len()).filter(held);
        contests.find_map(|contest| self.logged(&FormName { contest, station, digest: form }))
    }
}

impl Publication {
    fn after(index: u64, Pause { paused, at_ms, act }: Pause) -> Self {
        if paused { Self::Paused { index, since_ms: at_ms, act } } else { Self::Open }
    }
}

fn kept(index: u64, form: &Uncounted) -> Kept {
    let logged = LoggedForm { index, arrived_ms: form.arrived_ms };
    Kept { form: form.form, logged }
}
