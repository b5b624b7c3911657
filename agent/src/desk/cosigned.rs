//! Who besides the log has signed the checkpoint that a receipt leads to.

use saksi_proto::cosignature::{WitnessPolicy, cosignatures};
use saksi_proto::digest::Digest;
use saksi_proto::receipt::Receipt;
use saksi_proto::text::{self, Language};
use serde::{Deserialize, Serialize};

use super::Desk;
use crate::store::{ReceiptFile, Store};
use crate::words::fill;

/// Witnesses of the papers' policy under a receipt that verifies. Without it the receipt
/// proves as much: the log alone is believed then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CosignedShown {
    /// Whether enough of them have cosigned.
    pub witnessed: bool,
    /// Names of those that have.
    pub witnesses: Vec<String>,
    /// How many are needed.
    pub needed: usize,
}

impl CosignedShown {
    /// Those under this receipt; none, if the papers want none.
    pub(super) fn of(receipt: &Receipt, policy: &WitnessPolicy) -> Option<Self> {
        let needed = policy.needed();
        // One false line makes all of them suspect.
        let found = cosignatures(&receipt.checkpoint, policy.witnesses()).unwrap_or_default();
        let name = |of: usize| policy.witnesses()[of].name().to_owned();
        let witnesses: Vec<_> = found.into_iter().map(|found| name(found.witness)).collect();
        (needed > 0).then_some(Self { witnessed: witnesses.len() >= needed, witnesses, needed })
    }

    /// In one sentence.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        let Self { witnessed, witnesses, needed } = self;
        let many = witnesses.len();
        if *witnessed {
            fill(text::RECEIPT_COSIGNED, language, &[&many, &witnesses.join(", ")])
        } else {
            fill(text::RECEIPT_COSIGNED_NOT_YET, language, &[&many, needed])
        }
    }
}

impl Desk {
    /// Who has cosigned under the receipt of a form, verified at this moment; none for a
    /// form without one, and where the papers want nobody.
    pub(super) fn cosigned(&self, store: &Store, form: Digest) -> Option<CosignedShown> {
        let policy = self.identity().witnesses();
        if policy.needed() == 0
            || store.examine_receipt(form, self.identity()) != ReceiptFile::Proven
        {
            return None;
        }
        CosignedShown::of(&store.receipt(form).ok()??, &policy)
    }
}
