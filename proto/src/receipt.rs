//! Receipts: the proof that a form is in the log.
//!
//! A receipt is the form's index, its inclusion proof and a signed checkpoint. In
//! text it is a C2SP `tlog-proof` whose extra data are the digest of the sealed
//! form and the time of arrival (eight bytes, big end first), which together with
//! the form give the leaf back.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde::{Deserialize, Serialize};

use crate::checkpoint::{Checkpoint, CheckpointFault, LogKey};
use crate::digest::Digest;
use crate::entry::Kind;
use crate::merkle::root_of_proof;
use crate::seal::SealedForm;

/// Longest inclusion proof: a log of 2⁴⁰ entries.
pub const MAX_PROOF: usize = 40;

/// Proof that a form is entry `index` of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The form's entry.
    pub index: u64,
    /// When it arrived at the collector, milliseconds since 1970, UTC. Proven with
    /// the rest: it is part of the entry.
    pub arrived_ms: u64,
    /// From the leaf's sibling up to the root's child (RFC 6962, 2.1.1).
    pub proof: Vec<Digest>,
    /// The signed checkpoint it leads to.
    pub checkpoint: String,
}

/// Why a receipt does not prove that the form is in the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptFault {
    /// The checkpoint is not the log's.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointFault),
    /// The proof does not lead from this form to the checkpoint.
    #[error("the proof does not lead from this form to the checkpoint")]
    NotIncluded,
    /// The text is not a `tlog-proof` of ours.
    #[error("not a receipt: {0}")]
    Malformed(&'static str),
    /// The receipt was written for another form.
    #[error("the receipt is for the form {0}, not for this one")]
    OtherForm(Digest),
}

const TITLE: &str = "c2sp.org/tlog-proof@v1";

impl Receipt {
    /// Checks that `sealed` is in the log of `key`, and returns the checkpoint.
    ///
    /// # Errors
    /// [`ReceiptFault`] says which link of the chain is broken.
    pub fn verify(&self, sealed: &SealedForm, key: &LogKey) -> Result<Checkpoint, ReceiptFault> {
        self.verify_as(Kind::Form, sealed, key)
    }

    /// Checks that `sealed` is in the log as such an entry, and returns the checkpoint.
    ///
    /// # Errors
    /// As [`Receipt::verify`].
    pub fn verify_as(
        &self,
        kind: Kind,
        sealed: &SealedForm,
        key: &LogKey,
    ) -> Result<Checkpoint, ReceiptFault> {
        let checkpoint = key.open(&self.checkpoint)?;
        let leaf = kind.leaf(self.arrived_ms, sealed.bytes());
        match root_of_proof(self.index, checkpoint.size, leaf, &self.proof) {
            Some(root) if root == checkpoint.root => Ok(checkpoint),
            _ => Err(ReceiptFault::NotIncluded),
        }
    }

    /// The receipt as a `tlog-proof` file, for the form of this digest.
    #[must_use]
    pub fn to_tlog_proof(&self, form: Digest) -> String {
        let extra = BASE64.encode([&form.0[..], &self.arrived_ms.to_be_bytes()].concat());
        let proof: String = self.proof.iter().map(|hash| BASE64.encode(hash.0) + "\n").collect();
        let Self { index, checkpoint, .. } = self;
        format!("{TITLE}\nextra {extra}\nindex {index}\n{proof}\n{checkpoint}")
    }

    /// Reads a `tlog-proof` file; the digest is that of the form it speaks of.
    ///
    /// # Errors
    /// [`ReceiptFault::Malformed`].
    pub fn from_tlog_proof(text: &str) -> Result<(Digest, Self), ReceiptFault> {
        let malformed = ReceiptFault::Malformed;
        let (head, checkpoint) = text.split_once("\n\n").ok_or(malformed("no checkpoint"))?;
        let mut lines = head.split('\n');
        if lines.next() != Some(TITLE) {
            return Err(malformed("not a tlog-proof"));
        }
        let extra = lines.next().and_then(|line| line.strip_prefix("extra "));
        let extra = extra.and_then(|extra| BASE64.decode(extra).ok());
        let extra = extra.filter(|bytes| bytes.len() == 40).ok_or(malformed("the extra data"))?;
        let index = lines.next().and_then(|line| line.strip_prefix("index "));
        let index = index.and_then(|index| index.parse().ok()).ok_or(malformed("the index"))?;
        let hash = |line| BASE64.decode(line).ok()?.try_into().ok().map(Digest);
        let proof = lines.take(MAX_PROOF + 1).map(hash).collect::<Option<Vec<_>>>();
        let proof = proof.filter(|proof| proof.len() <= MAX_PROOF).ok_or(malformed("the proof"))?;
        let (digest, arrived) = extra.split_at(32);
        let digest = Digest(digest.try_into().map_err(|_| malformed("the extra data"))?);
        let arrived = arrived.try_into().map_err(|_| malformed("the extra data"))?;
        let arrived_ms = u64::from_be_bytes(arrived);
        let receipt = Self { index, arrived_ms, proof, checkpoint: checkpoint.to_owned() };
        // A number has one spelling: whoever compares two receipts compares bytes.
        let is_same = receipt.to_tlog_proof(digest) == text;
        if is_same { Ok((digest, receipt)) } else { Err(malformed("spelled otherwise")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merkle::{Tree, leaf_hash};
    use crate::seal::tests::{sample_form, sample_key};

    fn sample() -> (SealedForm, Receipt, LogKey) {
        let sealed = SealedForm::seal(&sample_form(), &sample_key()).unwrap();
        let log = ed25519_dalek::SigningKey::from_bytes(&[7; 32]);
        let key = LogKey { origin: "saksi.example/log".to_owned(), key: log.verifying_key() };
        let mut tree: Tree = (0..5_u8).map(|leaf| leaf_hash(&[leaf])).collect();
        tree.push(Kind::Form.leaf(1_707_915_660_000, sealed.bytes()));
        tree.push(leaf_hash(b"after"));
        let checkpoint =
            Checkpoint { origin: key.origin.clone(), size: 7, root: tree.root() }.sign(&log);
        let proof = tree.inclusion_proof(5, 7);
        let arrived_ms = 1_707_915_660_000;
        (sealed, Receipt { index: 5, arrived_ms, proof, checkpoint }, key)
    }

    #[test]
    fn golden() {
        let (sealed, receipt, key) = sample();
        let text = receipt.to_tlog_proof(sealed.digest());
        assert_eq!(text, include_str!("../golden/receipt.tlog-proof"));
        assert_eq!(Receipt::from_tlog_proof(&text), Ok((sealed.digest(), receipt.clone())));
        assert_eq!(receipt.verify(&sealed, &key).map(|checkpoint| checkpoint.size), Ok(7));
    }

    #[test]
    fn a_receipt_proves_one_form_one_index_one_time_and_one_log() {
        let (sealed, receipt, key) = sample();
        let mut other_form = sample_form();
        other_form.device_ms += 1;
        let other_form = SealedForm::seal(&other_form, &sample_key()).unwrap();
        assert_eq!(receipt.verify(&other_form, &key), Err(ReceiptFault::NotIncluded));
        for changed in [
            Receipt { index: 4, ..receipt.clone() },
            Receipt { arrived_ms: receipt.arrived_ms + 1, ..receipt.clone() },
            Receipt { proof: receipt.proof[1..].to_vec(), ..receipt.clone() },
        ] {
            assert_eq!(changed.verify(&sealed, &key), Err(ReceiptFault::NotIncluded));
        }
        let stranger = LogKey { key: sample_key().verifying_key(), ..key };
        assert!(matches!(receipt.verify(&sealed, &stranger), Err(ReceiptFault::Checkpoint(_))));
    }

    #[test]
    fn texts_that_are_no_receipts_are_refused() {
        let (sealed, receipt, _) = sample();
        let text = receipt.to_tlog_proof(sealed.digest());
        for (from, to) in [
            ("@v1", "@v2"),
            ("extra ", "extra"),
            ("index 5", "index"),
            ("index 5", "index +5"),
            ("index 5", "index 05"),
            ("\n\n", "\n"),
        ] {
            assert!(Receipt::from_tlog_proof(&text.replace(from, to)).is_err(), "{from}");
        }
        let hash = "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=\n";
        let long = text.replacen("index 5\n", &format!("index 5\n{}", hash.repeat(50)), 1);
        assert!(Receipt::from_tlog_proof(&long).is_err());
    }
}
