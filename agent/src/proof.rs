//! What a receipt proves of a form, with nothing but the log's key: no store, no identity,
//! no network. Pure.

use saksi_proto::checkpoint::LogKey;
use saksi_proto::cosignature::{CosignatureFault, WitnessPolicy, cosignatures};
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
    /// Names of the witnesses that have cosigned that, where one asked for witnesses.
    pub witnesses: Option<Vec<String>>,
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
    /// A cosignature is false.
    #[error("the receipt: {0}")]
    Cosignature(#[from] CosignatureFault),
    /// Too few witnesses have cosigned.
    #[error("the receipt: {found} of the witnesses have cosigned{names}, {needed} are needed")]
    NotWitnessed {
        /// How many have.
        found: usize,
        /// Their names, as a list.
        names: String,
        /// How many must have.
        needed: usize,
    },
}

/// Verifies a receipt (`tlog-proof`) for a sealed form, or for one of a file of carried
/// forms; with a policy also that enough witnesses have cosigned what it leads to.
///
/// # Errors
/// [`ProofFault`], by its first cause.
pub fn prove(
    receipt: &str,
    form: &[u8],
    key: &LogKey,
    policy: Option<&WitnessPolicy>,
) -> Result<Proof, ProofFault> {
    let (digest, receipt) = Receipt::from_tlog_proof(receipt)?;
    let sealed = one_of(form, digest)?;
    let form = sealed.open().map_err(|fault| ProofFault::Form(fault.to_string()))?;
    let verify = |kind| Ok((kind, receipt.verify_as(kind, &sealed, key)?));
    let (kind, checkpoint) = match verify(Kind::Form) {
        Err(ReceiptFault::NotIncluded) => verify(Kind::Rehearsal)?,
        verified => verified?,
    };
    let witnesses = policy.map(|policy| witnesses(&receipt.checkpoint, policy)).transpose()?;
    let Receipt { index, arrived_ms, .. } = receipt;
    let (origin, entries) = (checkpoint.origin, checkpoint.size);
    Ok(Proof { digest, form, kind, origin, index, arrived_ms, entries, witnesses })
}

/// Names of the witnesses that have cosigned, if they are enough.
fn witnesses(checkpoint: &str, policy: &WitnessPolicy) -> Result<Vec<String>, ProofFault> {
    let found = cosignatures(checkpoint, policy.witnesses())?.into_iter();
    let name = |of: usize| policy.witnesses()[of].name().to_owned();
    let names: Vec<_> = found.map(|found| name(found.witness)).collect();
    let (found, needed) = (names.len(), policy.needed());
    if found >= needed {
        return Ok(names);
    }
    let names = if found == 0 { String::new() } else { format!(" ({})", names.join(", ")) };
    Err(ProofFault::NotWitnessed { found, names, needed })
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
    use saksi_proto::cosignature::{WitnessKey, cosign};
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
                let proof = prove(&receipt, file, &key, None).unwrap();
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
                let found = prove(&changed, sealed.bytes(), &key, None);
                assert!(found.is_err(), "byte {at}, bit {bit} of the receipt");
            }
        }
        for at in 0..sealed.bytes().len() {
            let mut changed = sealed.bytes().to_vec();
            changed[at] ^= 1 << (at % 8);
            assert!(prove(&receipt, &changed, &key, None).is_err(), "byte {at} of the form");
        }
        let cut = &receipt[..receipt.len() - 1];
        assert!(prove(cut, sealed.bytes(), &key, None).is_err(), "nothing is left out");
    }

    #[test]
    fn a_policy_wants_enough_right_cosignatures() {
        let (receipt, sealed, key) = sample(Kind::Form);
        let note = receipt.split_once("\n\n").unwrap().1;
        let body = saksi_proto::note::Note::parse(note).unwrap().body.to_owned();
        let line_over = |name: &str, seed, body: &str| {
            cosign(name, &SigningKey::from_bytes(&[seed; 32]), body, 1_707_915_661)
        };
        let line = |name: &str, seed| line_over(name, seed, &body);
        let witness = |name: &str, seed| {
            let key = SigningKey::from_bytes(&[seed; 32]).verifying_key();
            WitnessKey::new(name, key).unwrap()
        };
        let all = vec![witness("a.example", 1), witness("b.example", 2), witness("c.example", 3)];
        let prove_by = |lines: &str, needed| {
            let policy = WitnessPolicy::new(all.clone(), needed).unwrap();
            prove(&(receipt.clone() + lines), sealed.bytes(), &key, Some(&policy))
        };
        let two = line("c.example", 3) + &line("a.example", 1) + &line("x.example", 9);
        let proof = prove_by(&two, 2).unwrap();
        assert_eq!(proof.witnesses.unwrap(), ["a.example", "c.example"]);
        assert_eq!(prove_by("", 0).unwrap().witnesses.unwrap(), [""; 0]);
        let fault = |lines: &str, needed| prove_by(lines, needed).unwrap_err().to_string();
        let few =
            "the receipt: 2 of the witnesses have cosigned (a.example, c.example), 3 are needed";
        assert_eq!(fault(&two, 3), few);
        assert_eq!(fault("", 1), "the receipt: 0 of the witnesses have cosigned, 1 are needed");
        let forged = two + &line_over("b.example", 2, "test/log\n12\n");
        assert_eq!(fault(&forged, 2), "the receipt: the cosignature of b.example is not valid");
        // Who asks for no witnesses looks at none.
        let proof = prove(&(receipt.clone() + &forged), sealed.bytes(), &key, None).unwrap();
        assert_eq!(proof.witnesses, None);
    }

    #[test]
    fn what_is_wrong_is_said() {
        let (receipt, sealed, key) = sample(Kind::Form);
        let other = sealed_form(2);
        let found = prove(&receipt, other.bytes(), &key, None).unwrap_err().to_string();
        assert!(found.contains("is for the form"), "{found}");
        let stranger = SigningKey::from_bytes(&[8; 32]).verifying_key();
        let stranger = LogKey { key: stranger, ..key };
        let found = prove(&receipt, sealed.bytes(), &stranger, None).unwrap_err().to_string();
        assert!(found.contains("not signed by the log's key"), "{found}");
        assert!(prove("nothing", sealed.bytes(), &stranger, None).is_err());
    }
}
