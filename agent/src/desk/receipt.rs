//! The receipt of a form, shown only if it proves something now.

use saksi_proto::text::{self, Language};

use super::{CosignedShown, Desk, ShownReceipt, Trouble, TroubleKind};
use crate::delivery::State;
use crate::ledger::{Known, Ledger};
use crate::store::ReceiptFile;

impl Desk {
    /// The receipt of a form, by contest or digest; of the one that arrived last if nothing
    /// is named.
    pub(super) fn receipt(
        &self,
        form: Option<&str>,
        language: Language,
    ) -> Result<ShownReceipt, Trouble> {
        let store = self.store();
        let known = match form {
            Some(_) => self.named(form, store.ledger(), language)?.pop(),
            None => newest_received(store.ledger()),
        };
        let named = known.map_or_else(|| "–".to_owned(), |known| known.contest.to_string());
        let trouble = |phrase| Trouble::new(TroubleKind::Unknown, phrase, language, &[&named]);
        let known = known.ok_or_else(|| trouble(text::TROUBLE_NO_RECEIPT))?;
        // What is shown proves something: a file may have been damaged since it came.
        match store.examine_receipt(known.digest, self.identity()) {
            ReceiptFile::NotYet => Err(trouble(text::TROUBLE_NO_RECEIPT)),
            ReceiptFile::Unproven => Err(trouble(text::TROUBLE_RECEIPT_DAMAGED)),
            ReceiptFile::Proven => {
                let receipt = store.receipt(known.digest);
                let receipt = receipt.map_err(|fault| Trouble::of_store(&fault, language))?;
                let damaged = || trouble(text::TROUBLE_RECEIPT_DAMAGED);
                let receipt = receipt.ok_or_else(damaged)?;
                let checkpoint = self.identity().log_key().open(&receipt.checkpoint);
                let checkpoint = checkpoint.map_err(|_| damaged())?;
                Ok(ShownReceipt {
                    form: known.digest,
                    contest: known.contest,
                    log: checkpoint.origin,
                    index: receipt.index,
                    arrived_ms: receipt.arrived_ms,
                    entries: checkpoint.size,
                    cosigned: CosignedShown::of(&receipt, &self.identity().witnesses()),
                    text: receipt.to_tlog_proof(known.digest),
                })
            }
        }
    }
}

fn newest_received(ledger: &Ledger) -> Option<&Known> {
    let arrived = |known: &&Known| match known.delivery.state {
        State::Received { arrived_ms, index, .. } => Some((arrived_ms, index)),
        _ => None,
    };
    ledger.all().into_iter().filter(|known| arrived(known).is_some()).max_by_key(arrived)
}
