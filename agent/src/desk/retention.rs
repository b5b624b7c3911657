//! Retention: what is proven to be at the centre is deleted, when somebody says so and
//! never otherwise.

use saksi_proto::digest::Digest;
use saksi_proto::text::{self, Language};
use serde::{Deserialize, Serialize};

use super::{Desk, Trouble, TroubleKind};
use crate::delivery::State;
use crate::ledger::Known;
use crate::store::{ReceiptFile, StoreFault};

/// Forms deleted in one step, which has to end in time on a slow card.
const AT_ONCE: usize = 64;

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// What may be deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Disposable {
    /// Everything that has its receipt: the election of this id is over.
    Closed(String),
    /// What arrived at the centre so many days ago. The newest form of each contest
    /// stays, so that it can be corrected.
    OlderThanDays(u32),
}

/// A question about retention, or the order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// What.
    pub what: Disposable,
    /// Whether to delete it. Otherwise it is only counted.
    pub confirmed: bool,
}

/// What was deleted, or would be, and what stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retained {
    /// Whether it was deleted.
    pub is_done: bool,
    /// Forms, each with its receipt.
    pub forms: usize,
    /// What their files take on the disk, in bytes.
    pub bytes: u64,
    /// Forms that stay because they or their photos wait, or were refused.
    pub unanswered: usize,
    /// Forms that stay because their receipt is damaged or gone.
    pub unproven: usize,
    /// Forms that stay because they are too new or the newest of their contest.
    pub kept: usize,
}

impl Desk {
    /// Deletes forms and their receipts, carried ones too, or says what would be deleted. A form that
    /// waits, was refused, has photos that wait, or has no receipt that verifies now is
    /// never touched. Nor are photos: no receipt proves that they are at the centre.
    ///
    /// # Errors
    /// [`Trouble`] if another election is named, or the store fails; what was deleted
    /// until then is.
    pub fn retention(&self, asked: &Retention, language: Language) -> Result<Retained, Trouble> {
        let own = self.identity().election().head.id;
        if let Disposable::Closed(named) = &asked.what {
            if *named != own.to_string() {
                let (kind, phrase) = (TroubleKind::Unknown, text::TROUBLE_OTHER_ELECTION);
                return Err(Trouble::new(kind, phrase, language, &[&own, named]));
            }
        }
        let mut retained = Retained::default();
        let digests: Vec<Digest> =
            self.store().ledger().all().iter().map(|known| known.digest).collect();
        let disposable: Vec<Digest> = digests
            .into_iter()
            .filter(|digest| self.is_disposable(*digest, &asked.what, &mut retained))
            .collect();
        retained.forms = disposable.len();
        let carried = self.dispose_of_carried(&asked.what, &mut retained, asked.confirmed);
        carried.map_err(|fault| Trouble::of_store(&fault.into(), language))?;
        if asked.confirmed {
            let deleted = disposable.chunks(AT_ONCE).try_for_each(|some| self.store().delete(some));
            deleted.map_err(|fault: StoreFault| Trouble::of_store(&fault, language))?;
            retained.is_done = true;
        }
        Ok(retained)
    }

    /// Whether a form may go; counts what it comes to.
    fn is_disposable(&self, digest: Digest, what: &Disposable, retained: &mut Retained) -> bool {
        let store = self.store();
        let Some(known) = store.ledger().form(digest) else { return false };
        let State::Received { arrived_ms, .. } = known.delivery.state else {
            retained.unanswered += 1;
            return false;
        };
        if known.delivery.is_due() || store.ledger().has_photos_to_send(digest) {
            retained.unanswered += 1;
            return false;
        }
        let newest = store.ledger().newest(known.contest).map(|newest| newest.digest);
        if !is_old(known, newest, arrived_ms, what, self.clock().now_ms()) {
            retained.kept += 1;
            return false;
        }
        if store.examine_receipt(digest, self.identity()) != ReceiptFile::Proven {
            retained.unproven += 1;
            return false;
        }
        retained.bytes += store.bytes_of(digest);
        true
    }
}

fn is_old(
    known: &Known,
    newest: Option<Digest>,
    arrived_ms: u64,
    what: &Disposable,
    now_ms: u64,
) -> bool {
    match what {
        Disposable::Closed(_) => true,
        Disposable::OlderThanDays(days) => {
            let age = now_ms.saturating_sub(arrived_ms);
            newest != Some(known.digest) && age >= u64::from(*days).saturating_mul(DAY_MS)
        }
    }
}
