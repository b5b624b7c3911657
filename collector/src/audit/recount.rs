//! The recount: all entries through the product's own fold, stopped where the published
//! totals were made to compare them, and then on to the end of the log.

use std::sync::Arc;

use saksi_proto::merkle::Tree;

use super::bundles::Bundles;
use super::fault::{AuditFault, Lie, LieKind};
use super::totals::{Compared, TotalsList};
use crate::election::Election;
use crate::journal::JournalFault;
use crate::ledger::{FoldFault, Ledger};
use crate::log::LogFault;
use crate::publisher::{CHECKPOINT, TOTALS_FILE};
use crate::reading::Reading;
use crate::replay::fold;
use crate::seals::{self, SealFault};

/// Folds all entries; compares the published totals on the way, if there are any.
///
/// # Errors
/// [`AuditFault`]: the first entry that cannot be folded, or the first total that differs.
pub fn recount(
    bundles: &Bundles<'_>,
    election: &Arc<Election>,
    totals: Option<&TotalsList>,
) -> Result<(Ledger, Option<Compared>), AuditFault> {
    let size = bundles.size();
    let first = totals.map_or(size, |totals| totals.size);
    bundles.progress.begin("entries counted", size);
    let mut ledger = Ledger::new(Arc::clone(election));
    let mut tree = fold(bundles, first, &mut ledger).map_err(|fault| of_log(&fault, size))?.tree;
    let compared = totals.map(|totals| compare(bundles, totals, &tree, &ledger)).transpose()?;
    bundles
        .for_each_of(first..size, |index, bytes| fold_on(&mut ledger, &mut tree, index, bytes))
        .map_err(|fault| of_log(&fault, size))?;
    let (found, signed) = (tree.root(), bundles.head.checkpoint.root);
    if found != signed {
        let words = format!("the files have changed while they were read: root {found}");
        return Err(Lie::of_file(LieKind::Checkpoint, CHECKPOINT, words).into());
    }
    ledger.position.root = Some(found);
    Ok((ledger, compared))
}

fn compare(
    bundles: &Bundles<'_>,
    totals: &TotalsList,
    tree: &Tree,
    ledger: &Ledger,
) -> Result<Compared, AuditFault> {
    if tree.root() != totals.root {
        let words = format!(
            "it names the root {} over the first {} entries, which have the root {}",
            totals.root,
            totals.size,
            tree.root()
        );
        return Err(Lie::of_file(LieKind::Total, TOTALS_FILE, words).into());
    }
    totals.compare(bundles.files, ledger)
}

fn fold_on(ledger: &mut Ledger, tree: &mut Tree, index: u64, bytes: &[u8]) -> Result<(), LogFault> {
    let read = Reading::of(&ledger.election, bytes);
    let Reading { leaf, meaning } = read.map_err(|fault| LogFault::Entry { index, fault })?;
    tree.push(leaf);
    Ok(ledger.apply(meaning)?)
}

/// Verifies the signature of every form, with the key that spoke for its station at its
/// place in the log; says how many they are.
///
/// # Errors
/// [`AuditFault`]: the first that is not signed so.
pub fn signatures(bundles: &Bundles<'_>) -> Result<u64, AuditFault> {
    let size = bundles.size();
    bundles.progress.begin("signatures of forms", size);
    seals::check(bundles, size).map_err(|fault| {
        let words = fault.to_string();
        match fault {
            SealFault::NoDevice { index, .. } | SealFault::Unsigned { index, .. } => {
                Lie::of_entry(LieKind::Signature, index, size, words).into()
            }
            SealFault::Unreadable(index, _) => {
                Lie::of_entry(LieKind::Rule, index, size, words).into()
            }
            SealFault::Journal(fault) => unreadable(&fault),
            SealFault::Random(fault) => AuditFault::Random(fault),
        }
    })
}

fn of_log(fault: &LogFault, size: u64) -> AuditFault {
    let entry = match fault {
        LogFault::Journal(fault) => return unreadable(fault),
        LogFault::Entry { index, .. }
        | LogFault::Fold(
            FoldFault::Manifest(index)
            | FoldFault::Twice { index, .. }
            | FoldFault::NotItsDevice { index, .. }
            | FoldFault::OtherForms { index, .. },
        ) => *index,
        _ => 0,
    };
    let words = fault.to_string();
    // Which entry it is stands before it already.
    let words = words.strip_prefix(&format!("entry {entry}: ")).unwrap_or(&words);
    Lie::of_entry(LieKind::Rule, entry, size, words).into()
}

/// A file that was there a moment ago.
fn unreadable(fault: &JournalFault) -> AuditFault {
    AuditFault::Given(format!("the files have changed while they were read: {fault}"))
}
