//! A typed form on its way to *stored*: entry, rules, lineage, photos, seal, store.

use std::io;
use std::path::PathBuf;

use saksi_proto::digest::Digest;
use saksi_proto::form::{FormFault, MAX_PHOTOS, TallyForm};
use saksi_proto::ids::ContestCode;
use saksi_proto::photo::MAX_PHOTO;
use saksi_proto::seal::{SealFault, SealedForm};
use saksi_proto::text::{self, Language};
use serde::{Deserialize, Serialize};

use super::again::TypedTwice;
use super::photos::are_among;
use super::{DeliveryShown, Desk, Trouble, TroubleKind};
use crate::delivery::Delivery;
use crate::entry::{Entry, Mistake};
use crate::findings::{FindingShown, findings};
use crate::labels::Labels;
use crate::ledger::Known;
use crate::store::StoreFault;

/// A form as typed, and what the officers say of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Submission {
    /// The JSON form (see [`crate::entry`]).
    pub form: String,
    /// The JSON of the second entry: wanted where the definition asks for one.
    #[serde(default)]
    pub again: Option<String>,
    /// Photos of the paper, in the order of its pages.
    pub photos: Vec<PathBuf>,
    /// What they say of its findings.
    pub explanation: Option<String>,
    /// Why it corrects the form before; a first form has none.
    pub correction: Option<String>,
}

/// A form that is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submitted {
    /// Digest of the sealed form.
    pub digest: Digest,
    /// The contest it reports.
    pub contest: ContestCode,
    /// The contest's name.
    pub contest_name: String,
    /// 1 for the first, one more for each correction.
    pub revision: u32,
    /// The form it corrects.
    pub supersedes: Option<Digest>,
    /// Whether it was stored now. Otherwise the same numbers were stored before, and
    /// this is that form.
    pub is_new: bool,
    /// Broken rules, recorded with the explanation.
    pub findings: Vec<FindingShown>,
    /// How far it has come.
    pub delivery: DeliveryShown,
}

/// Why a form is not stored. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum SubmitFault {
    /// The typed form has mistakes.
    #[error("{} mistakes in the form", .0.len())]
    Mistakes(Vec<Mistake>),
    /// The definition has these lines typed twice, and there is no second entry.
    #[error("{} lines are to be typed twice", .0.len())]
    NeedsSecondEntry(Vec<String>),
    /// The second entry has mistakes.
    #[error("{} mistakes in the second entry", .0.len())]
    SecondMistakes(Vec<Mistake>),
    /// The second entry has other numbers.
    #[error("{} numbers of the second entry differ", .0.len())]
    SecondDiffers(Vec<TypedTwice>),
    /// It breaks rules and nothing was said of it.
    #[error("{} rules are broken and nothing explains it", .0.len())]
    NeedsExplanation(Vec<FindingShown>),
    /// There is a form of the contest already, with other numbers.
    #[error("contest {contest} has revision {revision} already")]
    NeedsCorrection {
        /// The contest.
        contest: ContestCode,
        /// Newest revision.
        revision: u32,
    },
    /// There is no form to correct.
    #[error("contest {0} has no form to correct")]
    NothingToCorrect(ContestCode),
    /// A correction without a reason.
    #[error("a correction needs a reason")]
    NeedsReason,
    /// A photo that cannot be read.
    #[error("{path}: {fault}")]
    Photo {
        /// The file.
        path: PathBuf,
        /// What the file system said.
        fault: io::Error,
    },
    /// A photo over [`MAX_PHOTO`].
    #[error("{0} is larger than {MAX_PHOTO} bytes")]
    PhotoTooLarge(PathBuf),
    /// It cannot be sealed.
    #[error(transparent)]
    Seal(#[from] SealFault),
    /// It cannot be stored.
    #[error(transparent)]
    Store(#[from] StoreFault),
}

/// Where a form stands among those of its contest.
struct Lineage {
    revision: u32,
    supersedes: Option<Digest>,
}

impl Desk {
    /// Checks, seals and stores a form. When this returns, it survives a power cut.
    ///
    /// # Errors
    /// [`SubmitFault`]; nothing is stored then.
    pub fn submit(
        &self,
        submission: Submission,
        now_ms: u64,
        language: Language,
    ) -> Result<Submitted, SubmitFault> {
        let Submission { form: typed, again, photos, explanation, correction } = submission;
        let (explanation, reason) = (said(explanation), correction.map(|why| said(Some(why))));
        let entry = Entry::read(&typed, self.identity()).map_err(SubmitFault::Mistakes)?;
        let labels = Labels::new(self.identity(), language);
        let contest = self.identity().election().contest(entry.contest);
        let contest = contest.expect("an entry names a contest of the station");
        let mut findings = findings(self.identity(), contest, &entry.counts, labels);
        findings.extend(self.across(entry.contest, &entry.counts, labels)?);
        if reason.is_none() {
            if let Some(known) = self.stored_already(&entry, &photos)? {
                return Ok(self.submitted(&known, None, false, findings, labels));
            }
        }
        let lineage = self.lineage(entry.contest, reason.as_ref())?;
        self.check_second(&entry, again.as_deref())?;
        if !findings.is_empty() && explanation.is_none() {
            return Err(SubmitFault::NeedsExplanation(findings));
        }
        let form = TallyForm {
            election: self.identity().election().digest,
            phase: self.identity().election().head.phase,
            station: self.identity().election().station.code,
            contest: entry.contest,
            revision: lineage.revision,
            supersedes: lineage.supersedes,
            device_ms: now_ms,
            counts: entry.counts,
            explanation,
            reason: reason.flatten(),
            photos: self.keep_photos(&photos)?,
        };
        let known = self.seal(&form, now_ms)?;
        Ok(self.submitted(&known, form.supersedes, true, findings, labels))
    }

    /// Seals and stores a form whose photos are kept already.
    fn seal(&self, form: &TallyForm, now_ms: u64) -> Result<Known, SubmitFault> {
        let stored = SealedForm::seal(form, self.identity().key())
            .map_err(SubmitFault::from)
            .and_then(|sealed| Ok((sealed.digest(), self.store().put(&sealed, form, now_ms)?)));
        let (digest, ()) = stored.inspect_err(|_| self.store().forget_photos(&form.photos))?;
        self.bell().notify_one();
        let TallyForm { contest, revision, .. } = *form;
        let (photos, delivery) = (form.photos.clone(), Delivery::stored(now_ms));
        Ok(Known { digest, contest, revision, photos, delivery })
    }

    /// The newest form of the contest, if it has exactly these numbers and, among its
    /// photos, these.
    fn stored_already(
        &self,
        entry: &Entry,
        photos: &[PathBuf],
    ) -> Result<Option<Known>, SubmitFault> {
        let newest = self.store().ledger().newest(entry.contest).cloned();
        let Some(newest) = newest else { return Ok(None) };
        let stored = self.store().sealed(newest.digest)?.open();
        let is_same = stored.is_ok_and(|form| form.counts == entry.counts)
            && are_among(photos, &newest.photos)?;
        Ok(is_same.then_some(newest))
    }

    fn lineage(
        &self,
        contest: ContestCode,
        reason: Option<&Option<String>>,
    ) -> Result<Lineage, SubmitFault> {
        let store = self.store();
        match (store.ledger().newest(contest), reason) {
            (None, None) => Ok(Lineage { revision: 1, supersedes: None }),
            (None, Some(_)) => Err(SubmitFault::NothingToCorrect(contest)),
            (Some(newest), None) => {
                Err(SubmitFault::NeedsCorrection { contest, revision: newest.revision })
            }
            (Some(_), Some(None)) => Err(SubmitFault::NeedsReason),
            (Some(newest), Some(Some(_))) => {
                Ok(Lineage { revision: newest.revision + 1, supersedes: Some(newest.digest) })
            }
        }
    }

    fn submitted(
        &self,
        known: &Known,
        supersedes: Option<Digest>,
        is_new: bool,
        findings: Vec<FindingShown>,
        labels: Labels<'_>,
    ) -> Submitted {
        Submitted {
            digest: known.digest,
            contest: known.contest,
            contest_name: labels.contest(known.contest),
            revision: known.revision,
            supersedes,
            is_new,
            findings,
            delivery: DeliveryShown::new(&known.delivery, labels.language),
        }
    }
}

/// What was said, unless it is nothing but space.
fn said(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

impl SubmitFault {
    /// What the operator reads.
    pub(super) fn trouble(self, labels: Labels<'_>) -> Trouble {
        use TroubleKind as Kind;
        let language = labels.language;
        let new = |kind, phrase, values: &[&dyn std::fmt::Display]| {
            Trouble::new(kind, phrase, language, values)
        };
        match self {
            SubmitFault::Mistakes(mistakes) => Trouble {
                details: mistakes.iter().map(|mistake| mistake.sentence(language)).collect(),
                ..new(Kind::Mistakes, text::TROUBLE_MISTAKES, &[&mistakes.len()])
            },
            SubmitFault::NeedsSecondEntry(lines) => {
                let (kind, lines) = (Kind::NeedsSecondEntry, lines.join(", "));
                new(kind, text::TROUBLE_NEEDS_SECOND_ENTRY, &[&lines])
            }
            SubmitFault::SecondMistakes(mistakes) => Trouble {
                details: mistakes.iter().map(|mistake| mistake.sentence(language)).collect(),
                ..new(Kind::Mistakes, text::TROUBLE_SECOND_MISTAKES, &[&mistakes.len()])
            },
            SubmitFault::SecondDiffers(differing) => Trouble {
                details: differing.iter().map(|differing| differing.sentence(language)).collect(),
                ..new(Kind::SecondDiffers, text::TROUBLE_SECOND_DIFFERS, &[&differing.len()])
            },
            SubmitFault::NeedsExplanation(findings) => Trouble {
                findings,
                ..new(Kind::NeedsExplanation, text::TROUBLE_NEEDS_EXPLANATION, &[])
            },
            SubmitFault::NeedsCorrection { contest, revision } => {
                let values: [&dyn std::fmt::Display; 2] = [&labels.contest(contest), &revision];
                new(Kind::NeedsCorrection, text::TROUBLE_NEEDS_CORRECTION, &values)
            }
            SubmitFault::NothingToCorrect(contest) => {
                let name = labels.contest(contest);
                new(Kind::NothingToCorrect, text::TROUBLE_NOTHING_TO_CORRECT, &[&name])
            }
            SubmitFault::NeedsReason => new(Kind::NeedsCorrection, text::TROUBLE_NEEDS_REASON, &[]),
            SubmitFault::Photo { path, fault } => {
                new(Kind::File, text::TROUBLE_FILE, &[&path.display(), &fault])
            }
            SubmitFault::PhotoTooLarge(path) => {
                let values: [&dyn std::fmt::Display; 2] = [&path.display(), &(MAX_PHOTO >> 20)];
                new(Kind::OverLimit, text::TROUBLE_PHOTO_TOO_LARGE, &values)
            }
            SubmitFault::Seal(fault) => seal_trouble(&fault, language),
            SubmitFault::Store(fault) => Trouble::of_store(&fault, language),
        }
    }
}

fn seal_trouble(fault: &SealFault, language: Language) -> Trouble {
    use saksi_proto::form::MAX_REMARK;
    let kind = TroubleKind::OverLimit;
    match fault {
        SealFault::Form(FormFault::Photos(photos)) => {
            Trouble::new(kind, text::TROUBLE_TOO_MANY_PHOTOS, language, &[photos, &MAX_PHOTOS])
        }
        SealFault::Form(FormFault::Remark(length)) => {
            Trouble::new(kind, text::TROUBLE_REMARK_TOO_LONG, language, &[length, &MAX_REMARK])
        }
        SealFault::Form(FormFault::Revision { .. }) | SealFault::Oversize(_) => {
            Trouble::new(kind, text::REFUSED_OVERSIZE, language, &[])
        }
    }
}
