//! Receipts of logged forms that lead to a cosigned checkpoint: lookups in the tree, which
//! the sequencer alone has.

use std::sync::Arc;

use saksi_proto::digest::Digest;
use saksi_proto::links::Link;
use tokio::sync::oneshot;

use crate::admission::desk::Behind;
use crate::cosigning::Witnessed;
use crate::ledger::LoggedForm;
use crate::log::Log;
use crate::storage::Storage;

/// A question for receipts. One of 64 forms, the most that a session takes, is some 2,600
/// lookups, less than a millisecond; together they count as forms do for a batch of work.
pub struct Wanted {
    /// Entries of the newest checkpoint that the device knows; 0: none.
    pub known: u64,
    /// The forms, where they are in the log.
    pub forms: Vec<Option<LoggedForm>>,
    /// What the receipts are to lead to.
    pub witnessed: Arc<Witnessed>,
    /// Told what there is; nothing, if the checkpoint is not one of this log.
    pub answer: oneshot::Sender<Result<Option<Proven>, Behind>>,
}

/// What leads to a cosigned checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    /// From the checkpoint that the device knows, or to it.
    pub links: Vec<Link>,
    /// One inclusion proof a form, in their order; none for one that is not under it.
    pub proofs: Vec<Option<Vec<Digest>>>,
}

impl Wanted {
    pub(super) fn answer<S: Storage>(self, log: &Log<S>) {
        let Self { known, forms, witnessed, answer } = self;
        // Whoever asked may be gone.
        drop(answer.send(prove(known, &forms, &witnessed, log)));
    }
}

fn prove<S: Storage>(
    known: u64,
    forms: &[Option<LoggedForm>],
    Witnessed { checkpoint, .. }: &Witnessed,
    log: &Log<S>,
) -> Result<Option<Proven>, Behind> {
    let entries = log.size();
    if known > entries {
        return Err(Behind { entries });
    }
    // A form that is not in the log has no entry: none is after the last one.
    let places = forms.iter().map(|form| form.map_or(u64::MAX, |form| form.index));
    let proofs = log.proofs_to(checkpoint, places);
    Ok(proofs.map(|proofs| Proven { links: log.links(known, [checkpoint.size]), proofs }))
}
