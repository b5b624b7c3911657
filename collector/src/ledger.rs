//! The ledger: everything that the journal's entries come to. Which forms are in
//! the log (for deduplication), the roster, the tally.
//!
//! Rebuilt at start through [`Ledger::apply`], the same function that live entries
//! go through. Owned by the sequencer, which alone writes it; sessions and pages
//! read it under a lock held for less than a millisecond.

use std::collections::HashMap;
use std::sync::Arc;

use saksi_proto::VerifyingKey;
use saksi_proto::digest::Digest;
use saksi_proto::election::Severity;
use saksi_proto::entry::{Arrival, Enrolment, Entry, Manifest};
use saksi_proto::form::TallyForm;
use saksi_proto::message::Standing;
use saksi_proto::seal::SealedForm;

use crate::election::Election;
use crate::roster::Roster;
use crate::tally::Tally;
use crate::tally::revisions::Revision;

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
    /// Each form in the log by its digest.
    forms: HashMap<Digest, LoggedForm>,
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
    /// An entry speaks of what the election does not have.
    #[error("entry {index}: {what}")]
    Unknown {
        /// The entry.
        index: u64,
        /// What is wrong with it.
        what: String,
    },
}

impl Ledger {
    /// The ledger of an empty log.
    #[must_use]
    pub fn new(election: Arc<Election>) -> Self {
        Self {
            tally: Tally::new(&election),
            election,
            position: Position::default(),
            roster: Roster::default(),
            forms: HashMap::new(),
        }
    }

    /// Folds the next entry in.
    ///
    /// # Errors
    /// [`FoldFault`]; nothing is changed then.
    pub fn apply(&mut self, entry: &Entry) -> Result<(), FoldFault> {
        let index = self.position.size;
        match entry {
            Entry::Manifest(manifest) => self.apply_manifest(index, manifest)?,
            Entry::Enrolment(enrolment) => self.apply_enrolment(index, enrolment)?,
            Entry::Form(arrival) => self.apply_form(index, arrival)?,
        }
        self.position.size = index + 1;
        Ok(())
    }

    fn apply_manifest(&mut self, index: u64, manifest: &Manifest) -> Result<(), FoldFault> {
        if index != 0 {
            return Err(FoldFault::Manifest(index));
        }
        let (logged, found) = (manifest.roots.digest(), self.election.definition.digest());
        if logged == found { Ok(()) } else { Err(FoldFault::OtherElection { logged, found }) }
    }

    fn apply_enrolment(&mut self, index: u64, enrolment: &Enrolment) -> Result<(), FoldFault> {
        let unknown = |what: String| FoldFault::Unknown { index, what };
        self.after_manifest(index)?;
        let station = self.election.definition.station(enrolment.station);
        let station =
            station.ok_or_else(|| unknown(format!("no station {}", enrolment.station)))?;
        let key = VerifyingKey::from_bytes(&enrolment.key);
        let key = key.map_err(|_| unknown("not an Ed25519 key".to_owned()))?;
        self.roster.enrol(station, key);
        Ok(())
    }

    fn apply_form(&mut self, index: u64, arrival: &Arrival) -> Result<(), FoldFault> {
        let unknown = |what: String| FoldFault::Unknown { index, what };
        self.after_manifest(index)?;
        let sealed = SealedForm::from_bytes(arrival.sealed.clone());
        let sealed = sealed.map_err(|fault| unknown(fault.to_string()))?;
        let form = sealed.open().map_err(|fault| unknown(fault.to_string()))?;
        let (contest, station) = self.place(&form).map_err(unknown)?;
        let findings = self.election.findings(contest, station, &form.counts);
        let hard = findings.iter().any(|finding| finding.severity == Severity::Hard);
        let digest = sealed.digest();
        let logged = LoggedForm { index, arrived_ms: arrival.arrived_ms };
        if self.forms.contains_key(&digest) {
            return Err(unknown(format!("the form {digest} stands in the log twice")));
        }
        self.forms.insert(digest, logged);
        let revision = Revision::new(index, digest, arrival.arrived_ms, &form, hard);
        self.tally.add(&self.election, contest, station, revision);
        self.position.last_form_ms = Some(arrival.arrived_ms);
        Ok(())
    }

    fn after_manifest(&self, index: u64) -> Result<(), FoldFault> {
        if self.position.size == 0 { Err(FoldFault::Manifest(index)) } else { Ok(()) }
    }

    /// Contest and station of a form that admission let through.
    fn place(&self, form: &TallyForm) -> Result<(usize, u32), String> {
        let definition = &self.election.definition;
        let contest = definition.contest(form.contest);
        let contest = contest.ok_or_else(|| format!("no contest {}", form.contest))?;
        let station = definition.station(form.station);
        let station = station.ok_or_else(|| format!("no station {}", form.station))?;
        let fields = self.election.layout(contest).fields().len();
        if form.counts.len() == fields && definition.in_scope(contest, station) {
            Ok((contest, station))
        } else {
            Err(format!("a form that does not fit the contest {}", form.contest))
        }
    }

    /// Where a form stands in the log, if it is there.
    #[must_use]
    pub fn logged(&self, digest: &Digest) -> Option<LoggedForm> {
        self.forms.get(digest).copied()
    }

    /// How a logged form stands by now.
    #[must_use]
    pub fn standing(&self, form: &TallyForm, index: u64) -> Option<Standing> {
        let (contest, station) = self.place(form).ok()?;
        self.tally.standing(contest, station, index)
    }
}
