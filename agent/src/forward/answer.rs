//! What a collector's answer to a batch means, after all of it was checked: the
//! signatures of its checkpoints, that they are of the log which the device has seen,
//! and each receipt from the device's own copy of the form on. Pure.

use std::time::Duration;

use saksi_proto::checkpoint::LogKey;
use saksi_proto::entry::Kind;
use saksi_proto::links::{self, Link, LinkFault};
use saksi_proto::message::{Later, Logged, Outcome, Outcomes, Standing};
use saksi_proto::receipt::Receipt;
use saksi_proto::refusal::Refusal;
use saksi_proto::seal::SealedForm;

use super::outbox::Keep;
use crate::seen::Seen;

/// Forms that were handed over together, and what the collector was told.
#[derive(Debug, Clone, Copy)]
pub struct Sent<'a> {
    /// The forms.
    pub batch: &'a [SealedForm],
    /// What the device has seen of the log.
    pub seen: Option<&'a Seen>,
}

/// What the answer to one form means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The receipt proves that the form is in the log.
    Received(Receipt, Standing),
    /// It does not. The text says why.
    Unproven(String),
    /// Refused for good.
    Refused(Refusal, String),
    /// To be sent again after this time.
    Later(Duration, Later),
}

/// An answer that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Checked {
    /// One for each form, in their order.
    pub(crate) verdicts: Vec<Verdict>,
    /// The largest checkpoint that is known by now, if the answer has any.
    pub(crate) newest: Option<Seen>,
}

/// Why nothing of an answer is taken, or not all of it. What it concerns stays due.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerFault {
    /// A receipt or a checkpoint does not verify.
    #[error("a receipt that proves nothing: {0}")]
    Unproven(String),
    /// The receipt verifies, and the store could not keep it.
    #[error("a receipt that could not be kept: {0}")]
    NotKept(String),
    /// Two checkpoints are signed by the log's key, and the one is not shown to be the
    /// beginning of the other.
    #[error(
        "the collector's log is not the one that this device has seen: nothing joins its \
         {} entries to {} entries", .0.1.entries(), .0.0.entries()
    )]
    OtherLog(Box<(Seen, Seen)>),
}

impl AnswerFault {
    /// Keeps the checkpoints of a log that is not the one that the device has seen.
    pub(crate) fn keep_evidence(&self, keep: &mut impl Keep) {
        if let Self::OtherLog(notes) = self {
            let kept = keep.keep_evidence(&notes.0, &notes.1);
            // The form stays due in any case, which is what matters.
            kept.unwrap_or_else(|fault| tracing::error!(%fault, "the evidence is not kept"));
        }
    }
}

/// Checks an answer that has one outcome for each form.
///
/// # Errors
/// [`AnswerFault`]: then nothing of it is taken, no refusal either, for it is not known
/// whose word that is.
pub(crate) fn check(
    kind: Kind,
    sent: Sent<'_>,
    outcomes: Outcomes,
    key: &LogKey,
) -> Result<Checked, AnswerFault> {
    let Outcomes { checkpoints, links, outcomes, .. } = outcomes;
    let newest = join(&checkpoints, &links, sent.seen, key)?;
    let judge = |(sealed, outcome)| judge(kind, sealed, outcome, &checkpoints, key);
    let verdicts = sent.batch.iter().zip(outcomes).map(judge).collect();
    Ok(Checked { verdicts, newest })
}

/// Checks that the checkpoints of an answer are signed by the log's key and, with the one
/// that the device has seen, of one log that only grew. Gives the largest of them all, if
/// the answer has any.
///
/// # Errors
/// [`AnswerFault`].
pub(crate) fn join(
    checkpoints: &[String],
    links: &[Link],
    seen: Option<&Seen>,
    key: &LogKey,
) -> Result<Option<Seen>, AnswerFault> {
    let shown = checkpoints.iter().map(|note| Seen::of(note, key)).collect::<Result<Vec<_>, _>>();
    let shown = shown.map_err(|fault| AnswerFault::Unproven(fault.to_string()))?;
    let all: Vec<&Seen> = shown.iter().chain(seen).collect();
    let heads: Vec<_> = all.iter().map(|seen| &seen.checkpoint).collect();
    links::verify(&heads, links).map_err(|fault| match fault {
        LinkFault::Parted { smaller, larger } => {
            AnswerFault::OtherLog(Box::new((all[smaller].clone(), all[larger].clone())))
        }
        surplus @ LinkFault::Surplus { .. } => AnswerFault::Unproven(surplus.to_string()),
    })?;
    let has_any = !shown.is_empty();
    // Of two that are equal the later one, which was seen before.
    Ok(all.into_iter().max_by_key(|seen| seen.entries()).filter(|_| has_any).cloned())
}

fn judge(
    kind: Kind,
    sealed: &SealedForm,
    outcome: Outcome,
    checkpoints: &[String],
    key: &LogKey,
) -> Verdict {
    match outcome {
        Outcome::Logged(logged) => match prove(kind, sealed, logged, checkpoints, key) {
            Ok((receipt, standing)) => Verdict::Received(receipt, standing),
            Err(why) => Verdict::Unproven(why),
        },
        Outcome::Refused { refusal, detail } => Verdict::Refused(refusal, detail),
        Outcome::Later { after_ms, why } => {
            Verdict::Later(Duration::from_millis(after_ms.into()), why)
        }
    }
}

/// Puts a receipt together and verifies it, or says why it proves nothing.
fn prove(
    kind: Kind,
    sealed: &SealedForm,
    logged: Logged,
    checkpoints: &[String],
    key: &LogKey,
) -> Result<(Receipt, Standing), String> {
    let Logged { index, arrived_ms, proof, checkpoint, standing } = logged;
    let checkpoint = checkpoints.get(usize::from(checkpoint)).cloned();
    let checkpoint = checkpoint
        .ok_or_else(|| "the answer names a checkpoint that it does not have".to_owned())?;
    let receipt = Receipt { index, arrived_ms, proof, checkpoint };
    let verified = receipt.verify_as(kind, sealed, key);
    verified.map_err(|fault| fault.to_string())?;
    Ok((receipt, standing))
}

#[cfg(test)]
mod tests {
    use saksi_proto::SigningKey;
    use saksi_proto::checkpoint::Checkpoint;
    use saksi_proto::links::steps;
    use saksi_proto::merkle::{Tree, leaf_hash};

    use super::*;
    use crate::testing::sealed_form;

    const ORIGIN: &str = "test/log";

    fn log() -> SigningKey {
        SigningKey::from_bytes(&[7; 32])
    }

    fn log_key() -> LogKey {
        LogKey { origin: ORIGIN.to_owned(), key: log().verifying_key() }
    }

    fn note(tree: &Tree, size: u64) -> String {
        let root = tree.root_at(size);
        Checkpoint { origin: ORIGIN.to_owned(), size, root }.sign(&log())
    }

    fn seen(tree: &Tree, size: u64) -> Seen {
        Seen::of(&note(tree, size), &log_key()).unwrap()
    }

    /// A log with other leaves at `parts` and later, and the form as its last.
    fn tree(size: u8, parts: u8, form: &SealedForm) -> Tree {
        let leaf = |at: u8| leaf_hash(&[at, u8::from(at >= parts)]);
        let mut tree: Tree = (0..size - 1).map(leaf).collect();
        tree.push(Kind::Form.leaf(5, form.bytes()));
        tree
    }

    /// The answer of a log of this tree to a device that knows so much.
    fn answered(tree: &Tree, known: u64, form: u64) -> Outcomes {
        let size = tree.size();
        let steps = steps(known, [size]);
        let link = |pair: &[u64]| Link(tree.consistency_proof(pair[0], pair[1]));
        let logged = Logged {
            index: form,
            arrived_ms: 5,
            proof: tree.inclusion_proof(form, size),
            checkpoint: 0,
            standing: Standing::Counted,
        };
        Outcomes {
            number: 1,
            checkpoints: vec![note(tree, size)],
            links: steps.windows(2).map(link).collect(),
            outcomes: vec![Outcome::Logged(logged)],
        }
    }

    fn checked(seen: Option<&Seen>, outcomes: Outcomes) -> Result<Checked, AnswerFault> {
        let batch = [sealed_form(1)];
        check(Kind::Form, Sent { batch: &batch, seen }, outcomes, &log_key())
    }

    #[test]
    fn a_log_that_only_grew_is_believed_and_its_newest_checkpoint_is_the_one_seen() {
        let form = sealed_form(1);
        let log = tree(9, 9, &form);
        let first = checked(None, answered(&log, 0, 8)).unwrap();
        assert!(matches!(first.verdicts[..], [Verdict::Received(..)]));
        assert_eq!(first.newest, Some(seen(&log, 9)));
        for known in 1..=9 {
            let before = seen(&log, known);
            let checked = checked(Some(&before), answered(&log, known, 8)).unwrap();
            assert!(matches!(checked.verdicts[..], [Verdict::Received(..)]), "{known}");
            assert_eq!(checked.newest, Some(seen(&log, 9)), "{known}");
        }
    }

    #[test]
    fn a_log_that_parts_from_the_one_seen_is_not_believed_in_anything() {
        let form = sealed_form(1);
        let other = sealed_form(2);
        for parts in 0..8 {
            let (ours, theirs) = (tree(8, 20, &other), tree(9, parts, &form));
            for known in 1..=8 {
                let before = seen(&ours, known);
                let found = checked(Some(&before), answered(&theirs, known, 8));
                if u64::from(parts) >= known {
                    assert!(found.is_ok(), "what is common is common: {parts} {known}");
                    continue;
                }
                let Err(AnswerFault::OtherLog(notes)) = found else { panic!("{found:?}") };
                assert_eq!(*notes, (before, seen(&theirs, 9)), "{parts} {known}");
            }
        }
        // Of the same size.
        let (ours, theirs) = (tree(9, 9, &other), tree(9, 9, &form));
        let found = checked(Some(&seen(&ours, 9)), answered(&theirs, 9, 8));
        assert!(matches!(found, Err(AnswerFault::OtherLog(_))), "{found:?}");
        let said = found.unwrap_err().to_string();
        assert!(said.contains("not the one that this device has seen"), "{said}");
    }

    #[test]
    fn without_its_links_an_answer_is_not_believed() {
        let form = sealed_form(1);
        let log = tree(9, 9, &form);
        let before = seen(&log, 5);
        let none = Outcomes { links: Vec::new(), ..answered(&log, 5, 8) };
        assert!(matches!(checked(Some(&before), none), Err(AnswerFault::OtherLog(_))));
        let mut surplus = answered(&log, 5, 8);
        surplus.links.push(Link::default());
        assert!(matches!(checked(Some(&before), surplus), Err(AnswerFault::Unproven(_))));
        let mut unsigned = answered(&log, 5, 8);
        unsigned.checkpoints[0] = unsigned.checkpoints[0].replace("test/log\n9", "test/log\n8");
        assert!(matches!(checked(Some(&before), unsigned), Err(AnswerFault::Unproven(_))));
    }

    #[test]
    fn one_receipt_that_proves_nothing_does_not_spoil_its_neighbours() {
        let form = sealed_form(1);
        let log = tree(9, 9, &form);
        let mut outcomes = answered(&log, 0, 8);
        outcomes.outcomes.extend(outcomes.outcomes.clone());
        let batch = [form, sealed_form(2)];
        let sent = Sent { batch: &batch, seen: None };
        let checked = check(Kind::Form, sent, outcomes, &log_key()).unwrap();
        assert!(matches!(checked.verdicts[..], [Verdict::Received(..), Verdict::Unproven(_)]));
    }
}
