//! What a receipt proves of a form, with nothing but the log's key: no store, no identity,
//! no network. Pure.

use saksi_proto::checkpoint::LogKey;
use saksi_proto::digest::Digest;
use saksi_proto::entry::Kind;
use saksi_proto::form::TallyForm;
use saksi_proto::receipt::{Receipt, ReceiptFault};
use saksi_proto::seal::SealedForm;

use crate::export;

/// A form is in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Digest of the sealed form.
    pub digest: Digest,
    /// What it says of itself. Who signed it is not proven here.
    pub form: TallyForm,
    /// Whether it was sent to be counted, or as a rehearsal.
    pub kind: Kind,
    /// The log.
    pub origin: String,
    /// Its entry.
    pub index: u64,
    /// When it arrived, by the collector's clock, milliseconds since 1970, UTC.
    pub arrived_ms: u64,
    /// Entries that the log had.
    pub entries: u64,
}

/// Why nothing is proven.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofFault {
    /// The form is none.
    #[error("the form: {0}")]
    Form(String),
    /// The receipt does not prove it.
    #[error("the receipt: {0}")]
    Receipt(#[from] ReceiptFault),
}

/// Verifies a receipt (`tlog-proof`) for a sealed form, or for one of a file of carried
/// forms.
///
/// # Errors
/// [`ProofFault`], by its first cause.
pub fn prove(receipt: &str, form: &[u8], key: &LogKey) -> Result<Proof, ProofFault> {
    let (digest, receipt) = Receipt::from_tlog_proof(receipt)?;
    let sealed = one_of(form, digest)?;
    let form = sealed.open().map_err(|fault| ProofFault::Form(fault.to_string()))?;
    let verify = |kind| Ok((kind, receipt.verify_as(kind, &sealed, key)?));
    let (kind, checkpoint) = match verify(Kind::Form) {
        Err(ReceiptFault::NotIncluded) => verify(Kind::Rehearsal)?,
        verified => verified?,
    };
    let Receipt { index, arrived_ms, .. } = receipt;
    let (origin, entries) = (checkpoint.origin, checkpoint.size);
    Ok(Proof { digest, form, kind, origin, index, arrived_ms, entries })
}

fn one_of(file: &[u8], digest: Digest) -> Result<SealedForm, ProofFault> {
    let forms = export::read(file).unwrap_or_else(|_| vec![file.to_vec()]);
    let found = forms.into_iter().find(|form| Digest::of(form) == digest);
    let found = found.ok_or(ReceiptFault::OtherForm(digest))?;
    SealedForm::from_bytes(found).map_err(|fault| ProofFault::Form(fault.to_string()))
}

#[cfg(test)]
mod tests {
    use saksi_proto::SigningKey;
    use saksi_proto::checkpoint::Checkpoint;
    use saksi_proto::merkle::{Tree, leaf_hash};

    use super::*;
    use crate::testing::sealed_form;

    fn sample(kind: Kind) -> (String, SealedForm, LogKey) {
        let (sealed, log) = (sealed_form(1), SigningKey::from_bytes(&[7; 32]));
        let key = LogKey { origin: "test/log".to_owned(), key: log.verifying_key() };
        let mut tree: Tree = (0..9_u8).map(|leaf| leaf_hash(&[leaf])).collect();
        tree.push(kind.leaf(1_707_915_660_000, sealed.bytes()));
        tree.push(leaf_hash(b"after"));
        let (size, root) = (tree.size(), tree.root());
        let checkpoint = Checkpoint { origin: key.origin.clone(), size, root }.sign(&log);
        let (proof, arrived_ms) = (tree.inclusion_proof(9, size), 1_707_915_660_000);
        let receipt = Receipt { index: 9, arrived_ms, proof, checkpoint };
        (receipt.to_tlog_proof(sealed.digest()), sealed, key)
    }

    #[test]
    fn a_form_alone_and_among_carried_ones_is_proven() {
        for kind in [Kind::Form, Kind::Rehearsal] {
            let (receipt, sealed, key) = sample(kind);
            let carried = export::write(&[sealed_form(2), sealed.clone()]).unwrap();
            for file in [sealed.bytes(), &carried] {
                let proof = prove(&receipt, file, &key).unwrap();
                assert_eq!((proof.kind, proof.index, proof.entries), (kind, 9, 11));
                assert_eq!((proof.digest, &*proof.origin), (sealed.digest(), "test/log"));
                assert_eq!(proof.arrived_ms, 1_707_915_660_000);
            }
        }
    }

    #[test]
    fn every_flipped_bit_of_receipt_and_form_is_found() {
        let (receipt, sealed, key) = sample(Kind::Form);
        for at in 0..receipt.len() {
            for bit in 0..8 {
                let mut changed = receipt.clone().into_bytes();
                changed[at] ^= 1 << bit;
                let Ok(changed) = String::from_utf8(changed) else { continue };
                let found = prove(&changed, sealed.bytes(), &key);
                assert!(found.is_err(), "byte {at}, bit {bit} of the receipt");
            }
        }
        for at in 0..sealed.bytes().len() {
            let mut changed = sealed.bytes().to_vec();
            changed[at] ^= 1 << (at % 8);
            assert!(prove(&receipt, &changed, &key).is_err(), "byte {at} of the form");
        }
        let cut = &receipt[..receipt.len() - 1];
        assert!(prove(cut, sealed.bytes(), &key).is_err(), "nothing is left out");
    }

    #[test]
    fn what_is_wrong_is_said() {
        let (receipt, sealed, key) = sample(Kind::Form);
        let other = sealed_form(2);
        let found = prove(&receipt, other.bytes(), &key).unwrap_err().to_string();
        assert!(found.contains("is for the form"), "{found}");
        let stranger = SigningKey::from_bytes(&[8; 32]).verifying_key();
        let stranger = LogKey { key: stranger, ..key };
        let found = prove(&receipt, sealed.bytes(), &stranger).unwrap_err().to_string();
        assert!(found.contains("not signed by the log's key"), "{found}");
        assert!(prove("nothing", sealed.bytes(), &stranger).is_err());
    }
}
