//! A form line by line, with the election's names.

use saksi_proto::count::Count;
use saksi_proto::digest::Digest;
use saksi_proto::fields::Field;
use saksi_proto::form::TallyForm;
use saksi_proto::ids::ContestCode;
use saksi_proto::text::{self, Language};
use serde::{Deserialize, Serialize};

use super::notices::{NoticeShown, notices, readable};
use super::{DeliveryShown, Desk, Trouble, TroubleKind};
use crate::findings::{FindingShown, findings};
use crate::labels::Labels;
use crate::ledger::{Known, Ledger};
use crate::store::{Store, StoreFault};

/// Fewest digits of a digest that name a form.
const FEWEST_DIGITS: usize = 6;

/// A form, as it can be read back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormShown {
    /// Digest of the sealed form.
    pub digest: Digest,
    /// The contest.
    pub contest: ContestCode,
    /// Its name.
    pub contest_name: String,
    /// 1 for the first, one more for each correction.
    pub revision: u32,
    /// The form it corrects.
    pub supersedes: Option<Digest>,
    /// The device's time when it was sealed, milliseconds since 1970, UTC.
    pub device_ms: u64,
    /// The numbers, in the order of the paper.
    pub fields: Vec<FieldShown>,
    /// Broken rules.
    pub findings: Vec<FindingShown>,
    /// What the officers say of them.
    pub explanation: Option<String>,
    /// Why it corrects the one before.
    pub reason: Option<String>,
    /// SHA-256 of each photo.
    pub photos: Vec<Digest>,
    /// How far it has come.
    pub delivery: DeliveryShown,
    /// What the centre has to say, the most urgent first; of the newest form only.
    pub notices: Vec<NoticeShown>,
    /// All revisions of the contest, the first one first.
    pub revisions: Vec<RevisionShown>,
    /// Its receipt, a `tlog-proof`.
    pub receipt: Option<String>,
}

/// One number on the form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldShown {
    /// Code of the field.
    pub code: String,
    /// What it asks for.
    pub name: String,
    /// What stands there.
    pub count: Count,
}

/// One revision of a contest's form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevisionShown {
    /// Its number.
    pub revision: u32,
    /// Digest of the sealed form.
    pub digest: Digest,
    /// How far it has come.
    pub delivery: DeliveryShown,
}

impl Desk {
    /// Forms by contest or digest; the newest of every contest if nothing is named.
    pub(super) fn show(
        &self,
        what: Option<&str>,
        labels: Labels<'_>,
    ) -> Result<Vec<FormShown>, Trouble> {
        let store = self.store();
        let named = self.named(what, store.ledger(), labels.language)?;
        let shown = named.into_iter().map(|known| self.form_shown(&store, known, labels));
        shown.collect::<Result<_, _>>().map_err(|fault| Trouble::of_store(&fault, labels.language))
    }

    pub(super) fn named<'a>(
        &self,
        what: Option<&str>,
        ledger: &'a Ledger,
        language: Language,
    ) -> Result<Vec<&'a Known>, Trouble> {
        let newest = |code| ledger.newest(code).or_else(|| ledger.of_contest(code).last());
        let held = &self.identity().election().contests;
        let Some(what) = what else {
            return Ok(held.iter().filter_map(|contest| newest(contest.code)).collect());
        };
        if let Some(contest) = held.iter().find(|contest| contest.code.as_str() == what) {
            let none = || {
                let kind = TroubleKind::Unknown;
                Trouble::new(kind, text::TROUBLE_NO_FORM, language, &[&contest.code])
            };
            return Ok(vec![newest(contest.code).ok_or_else(none)?]);
        }
        let begins = |known: &&Known| known.digest.to_string().starts_with(&what.to_lowercase());
        let found: Vec<_> = ledger.all().into_iter().filter(begins).collect();
        match found.len() {
            1 if what.len() >= FEWEST_DIGITS => Ok(found),
            _ => Err(Trouble::new(
                TroubleKind::Unknown,
                text::TROUBLE_NO_SUCH_FORM,
                language,
                &[&what],
            )),
        }
    }

    fn form_shown(
        &self,
        store: &Store,
        known: &Known,
        labels: Labels<'_>,
    ) -> Result<FormShown, StoreFault> {
        let digest = known.digest;
        let form = store.sealed(digest)?.open().map_err(|_| StoreFault::Unknown(digest))?;
        let contest = self.identity().election().contest(form.contest);
        let found = contest.map(|contest| findings(self.identity(), contest, &form.counts, labels));
        let revisions = store.ledger().of_contest(form.contest).map(|known| RevisionShown {
            revision: known.revision,
            digest: known.digest,
            delivery: DeliveryShown::new(&known.delivery, labels.language),
        });
        let newest = store.ledger().newest(form.contest);
        let newest = newest.filter(|newest| newest.digest == digest);
        let said = newest.map(|newest| readable(notices((store, self.identity()), newest, labels)));
        Ok(FormShown {
            digest,
            contest: form.contest,
            contest_name: labels.contest(form.contest),
            revision: form.revision,
            supersedes: form.supersedes,
            device_ms: form.device_ms,
            fields: self.fields_shown(&form, labels),
            findings: found.unwrap_or_default(),
            delivery: DeliveryShown {
                cosigned: self.cosigned(store, digest),
                ..DeliveryShown::new(&known.delivery, labels.language)
            },
            notices: said.unwrap_or_default(),
            revisions: revisions.collect(),
            receipt: store.receipt(digest)?.map(|receipt| receipt.to_tlog_proof(digest)),
            explanation: form.explanation,
            reason: form.reason,
            photos: form.photos,
        })
    }

    fn fields_shown(&self, form: &TallyForm, labels: Labels<'_>) -> Vec<FieldShown> {
        let contest = self.identity().election().contest(form.contest);
        let layout = self.identity().layout(form.contest);
        let (Some(contest), Some(layout)) = (contest, layout) else { return Vec::new() };
        let shown = |(field, count): (&Field, &Count)| FieldShown {
            code: field.code.clone(),
            name: labels.field(contest, field),
            count: *count,
        };
        layout.fields().iter().zip(&form.counts).map(shown).collect()
    }
}
