//! One form, as much of it as totals and pages need.

use saksi_proto::count::{Count, EncodedCounts};
use saksi_proto::digest::Digest;
use saksi_proto::form::TallyForm;
use saksi_proto::rule::Finding;

use super::totals::hard_rules;

/// What a form says. A nation has 4.1 million of these in memory: numbers stay encoded,
/// 35 of them take 45 bytes so instead of 280, and what most forms lack takes one word.
#[derive(Debug, Clone)]
pub struct Report {
    /// SHA-256 of the sealed form.
    pub digest: Digest,
    /// The collector's clock at arrival, milliseconds since 1970, UTC.
    pub arrived_ms: u64,
    /// The device's clock at sealing, milliseconds since 1970, UTC.
    pub device_ms: u64,
    /// Revision number, from 1.
    pub revision: u32,
    /// Photos named by the form.
    pub photos: u8,
    counts: EncodedCounts,
    /// What few forms have.
    rare: Option<Box<Rare>>,
}

/// What only corrections, forms with findings and forms with remarks have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Rare {
    supersedes: Option<Digest>,
    /// Positions of the hard rules that it breaks.
    broken: Vec<usize>,
    explanation: Option<String>,
    reason: Option<String>,
}

impl Report {
    /// What a form says, with the findings on it.
    #[must_use]
    pub fn new(digest: Digest, arrived_ms: u64, form: TallyForm, findings: &[Finding]) -> Self {
        let TallyForm { supersedes, explanation, reason, .. } = form;
        let rare = Rare { supersedes, broken: hard_rules(findings), explanation, reason };
        Self {
            digest,
            arrived_ms,
            device_ms: form.device_ms,
            revision: form.revision,
            photos: u8::try_from(form.photos.len()).unwrap_or(u8::MAX),
            counts: EncodedCounts::new(&form.counts),
            rare: (rare != Rare::default()).then(|| Box::new(rare)),
        }
    }

    /// The form it takes the place of.
    #[must_use]
    pub fn supersedes(&self) -> Option<Digest> {
        self.rare.as_ref()?.supersedes
    }

    /// Positions of the hard rules that it breaks.
    #[must_use]
    pub fn broken(&self) -> &[usize] {
        self.rare.as_ref().map_or(&[], |rare| &rare.broken)
    }

    /// What the officers say of its findings.
    #[must_use]
    pub fn explanation(&self) -> Option<&str> {
        self.rare.as_ref()?.explanation.as_deref()
    }

    /// Why it corrects.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.rare.as_ref()?.reason.as_deref()
    }

    /// The numbers, in the order of the form.
    pub fn counts(&self) -> impl Iterator<Item = Count> + '_ {
        self.counts.iter()
    }

    /// The same, as it is kept.
    #[must_use]
    pub fn encoded_counts(&self) -> &EncodedCounts {
        &self.counts
    }
}
