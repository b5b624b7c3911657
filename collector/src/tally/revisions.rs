//! The forms one station has sent for one contest, and how they stand.
//!
//! A form that another names as superseded is out. What is left are the heads:
//! one head is the station's word, two are a dispute. The order of arrival does not
//! matter: a correction may come before what it corrects.

use saksi_proto::codec::{decode, encode};
use saksi_proto::count::Count;
use saksi_proto::digest::Digest;
use saksi_proto::form::TallyForm;
use saksi_proto::message::Standing;

/// One form, as much of it as totals and pages need. Numbers stay encoded: a nation
/// has 4.1 million forms, and 35 numbers take 45 bytes so instead of 280.
#[derive(Debug, Clone)]
pub struct Revision {
    /// Entry of the log.
    pub index: u64,
    /// Digest of the sealed form.
    pub digest: Digest,
    /// The collector's clock at arrival, milliseconds since 1970, UTC.
    pub arrived_ms: u64,
    /// The device's clock at sealing, milliseconds since 1970, UTC.
    pub device_ms: u64,
    /// Revision number, from 1.
    pub revision: u32,
    /// The form it takes the place of.
    pub supersedes: Option<Digest>,
    /// Whether it breaks a hard rule.
    pub hard: bool,
    /// What the officers say of its findings.
    pub explanation: Option<Box<str>>,
    /// Why it corrects.
    pub reason: Option<Box<str>>,
    /// Photos named by the form.
    pub photos: u8,
    counts: Box<[u8]>,
}

impl Revision {
    /// A form that arrived as entry `index`.
    #[must_use]
    pub fn new(index: u64, digest: Digest, arrived_ms: u64, form: &TallyForm, hard: bool) -> Self {
        Self {
            index,
            digest,
            arrived_ms,
            device_ms: form.device_ms,
            revision: form.revision,
            supersedes: form.supersedes,
            hard,
            explanation: form.explanation.as_deref().map(Into::into),
            reason: form.reason.as_deref().map(Into::into),
            photos: u8::try_from(form.photos.len()).unwrap_or(u8::MAX),
            counts: encode(&form.counts).into(),
        }
    }

    /// The numbers, in the order of the form.
    ///
    /// # Panics
    /// Never: they were encoded here.
    #[must_use]
    pub fn counts(&self) -> Vec<Count> {
        decode(&self.counts).expect("encoded by Revision::new")
    }
}

/// How a station stands in a contest.
#[derive(Debug)]
pub enum StationState<'a> {
    /// Nothing has arrived.
    Missing,
    /// One form, and it is in the totals.
    Counted(&'a Revision),
    /// One form that breaks a hard rule.
    Held(&'a Revision),
    /// Several forms, none of which names the others.
    Disputed,
}

/// All forms of one station for one contest, in the order of the log.
#[derive(Debug, Default)]
pub struct Revisions(Vec<Revision>);

impl Revisions {
    /// Adds a form that was logged after all others.
    pub fn add(&mut self, revision: Revision) {
        self.0.push(revision);
    }

    /// All forms, in the order of the log.
    #[must_use]
    pub fn all(&self) -> &[Revision] {
        &self.0
    }

    fn is_superseded(&self, revision: &Revision) -> bool {
        self.0.iter().any(|other| other.supersedes == Some(revision.digest))
    }

    /// How the station stands.
    #[must_use]
    pub fn state(&self) -> StationState<'_> {
        let mut heads = self.0.iter().filter(|revision| !self.is_superseded(revision));
        match (heads.next(), heads.next()) {
            (None, _) => StationState::Missing,
            (Some(_), Some(_)) => StationState::Disputed,
            (Some(head), None) if head.hard => StationState::Held(head),
            (Some(head), None) => StationState::Counted(head),
        }
    }

    /// Whether a form has been superseded by another.
    #[must_use]
    pub fn is_corrected(&self) -> bool {
        self.0.iter().any(|revision| self.is_superseded(revision))
    }

    /// How the form logged at `index` stands.
    #[must_use]
    pub fn standing(&self, index: u64) -> Option<Standing> {
        let revision = self.0.iter().find(|revision| revision.index == index)?;
        if self.is_superseded(revision) {
            return Some(Standing::Superseded);
        }
        Some(match self.state() {
            StationState::Missing | StationState::Disputed => Standing::Disputed,
            StationState::Held(_) => Standing::Held,
            StationState::Counted(_) => Standing::Counted,
        })
    }
}
