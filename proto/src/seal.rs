//! The sealed form: the exact bytes that are signed, stored, sent, logged, carried
//! by hand and hashed.
//!
//! ```text
//! byte 0        1, the version of this format
//! bytes 1–64    Ed25519 signature (RFC 8032) over "saksi form v1\n" || rest
//! rest          postcard of TallyForm
//! ```
//!
//! The digest of a sealed form is the SHA-256 of all of it: what `sha256sum` says
//! of the file. The signature is checked over the received bytes; nothing is
//! decoded and encoded again to verify.

use ed25519_dalek::{SIGNATURE_LENGTH, Signature, Signer as _, SigningKey, VerifyingKey};

use crate::codec::{DecodeFault, after_version, decode, encode};
use crate::digest::Digest;
use crate::form::{FormFault, TallyForm};

/// Version of the format.
pub const SEAL_VERSION: u8 = 1;

/// Longest sealed form, in bytes: 65 of version and signature, about 130 of head,
/// 1,000 numbers of two bytes, eight photos of 32, two remarks of 480 make 3,411.
/// With its delivery state it stays below the store's records of 4 KiB.
pub const MAX_SEALED_FORM: usize = 3_584;

const DOMAIN: &[u8] = b"saksi form v1\n";
const HEADER: usize = 1 + SIGNATURE_LENGTH;

/// A form with its signature. Holding one says nothing of the signature's worth:
/// ask [`SealedForm::is_signed_by`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedForm {
    bytes: Vec<u8>,
    digest: Digest,
}

/// Why a form cannot be sealed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealFault {
    /// It breaks what must hold of any form.
    #[error(transparent)]
    Form(#[from] FormFault),
    /// It is longer than [`MAX_SEALED_FORM`].
    #[error("the sealed form would have {0} bytes; at most {MAX_SEALED_FORM} are possible")]
    Oversize(usize),
}

/// Why bytes are not a sealed form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenFault {
    /// They do not decode.
    #[error(transparent)]
    Decode(#[from] DecodeFault),
    /// They decode to something that no device seals.
    #[error(transparent)]
    Form(#[from] FormFault),
}

impl SealedForm {
    /// Signs a form with the device's key.
    ///
    /// # Errors
    /// [`SealFault`]; nothing is signed then.
    pub fn seal(form: &TallyForm, key: &SigningKey) -> Result<Self, SealFault> {
        form.check()?;
        let statement = encode(form);
        let size = HEADER + statement.len();
        if size > MAX_SEALED_FORM {
            return Err(SealFault::Oversize(size));
        }
        let signature = key.sign(&[DOMAIN, &statement].concat());
        let bytes = [&[SEAL_VERSION], &signature.to_bytes()[..], &statement].concat();
        Ok(Self { digest: Digest::of(&bytes), bytes })
    }

    /// Takes received bytes as they are.
    ///
    /// # Errors
    /// [`DecodeFault`] by size and version only; what is inside shows [`SealedForm::open`].
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, DecodeFault> {
        if bytes.len() > MAX_SEALED_FORM {
            return Err(DecodeFault::Oversize { size: bytes.len(), limit: MAX_SEALED_FORM });
        }
        after_version(&bytes, SEAL_VERSION)?;
        if bytes.len() <= HEADER {
            return Err(DecodeFault::Malformed("shorter than a signature".to_owned()));
        }
        Ok(Self { digest: Digest::of(&bytes), bytes })
    }

    /// The bytes, as sealed.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes, as sealed, without a copy.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// SHA-256 of the bytes: the form's name in the log, in receipts and corrections.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The signature, and the two parts of what it is over: for whoever verifies many
    /// at once.
    #[must_use]
    pub fn signed(&self) -> (Signature, [&[u8]; 2]) {
        let (head, statement) = self.bytes.split_at(HEADER);
        let mut signature = [0; SIGNATURE_LENGTH];
        signature.copy_from_slice(&head[1..]);
        (Signature::from_bytes(&signature), [DOMAIN, statement])
    }

    /// Whether the key signed exactly these bytes (strict verification).
    #[must_use]
    pub fn is_signed_by(&self, key: &VerifyingKey) -> bool {
        let (signature, parts) = self.signed();
        key.verify_strict(&parts.concat(), &signature).is_ok()
    }

    /// What the form says.
    ///
    /// # Errors
    /// [`OpenFault`] if no device can have sealed that.
    pub fn open(&self) -> Result<TallyForm, OpenFault> {
        let form: TallyForm = decode(&self.bytes[HEADER..])?;
        form.check()?;
        Ok(form)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::count::Count;
    use crate::ids::Phase;

    pub(crate) fn sample_form() -> TallyForm {
        TallyForm {
            election: Digest([3; 32]),
            phase: Phase::Rehearsal,
            station: "3204061001013".parse().unwrap(),
            contest: "ppwp".parse().unwrap(),
            revision: 2,
            supersedes: Some(Digest([4; 32])),
            device_ms: 1_707_915_600_000,
            counts: vec![Count::Written(228), Count::NotWritten, Count::Illegible],
            explanation: Some("dua suara rusak".to_owned()),
            reason: Some("salah salin".to_owned()),
            photos: vec![Digest([5; 32])],
        }
    }

    pub(crate) fn sample_key() -> SigningKey {
        SigningKey::from_bytes(&[42; 32])
    }

    pub(crate) fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn golden() {
        let sealed = SealedForm::seal(&sample_form(), &sample_key()).unwrap();
        assert_eq!(hex(sealed.bytes()), include_str!("../golden/sealed-form.hex").trim_end());
        assert_eq!(sealed.open().unwrap(), sample_form());
    }

    #[test]
    fn every_changed_bit_breaks_the_signature() {
        let sealed = SealedForm::seal(&sample_form(), &sample_key()).unwrap();
        let key = sample_key().verifying_key();
        assert!(sealed.is_signed_by(&key));
        for bit in 8..sealed.bytes().len() * 8 {
            let mut changed = sealed.bytes().to_vec();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(!SealedForm::from_bytes(changed).unwrap().is_signed_by(&key), "bit {bit}");
        }
    }

    /// A signature whose R has a component of small order, made with the device's own
    /// key. Batch verification of `ed25519-dalek` takes one in eight of these, this one
    /// among them; an auditor who verifies one by one would refuse the logged form.
    #[test]
    fn a_signature_that_only_a_batch_would_take_is_refused() {
        let sealed = SealedForm::seal(&sample_form(), &sample_key()).unwrap();
        let signature = include_str!("../golden/torsion-signature.hex").trim_end();
        let mut bytes = sealed.bytes().to_vec();
        for (at, byte) in bytes[1..HEADER].iter_mut().enumerate() {
            *byte = u8::from_str_radix(&signature[2 * at..2 * at + 2], 16).unwrap();
        }
        let key = sample_key().verifying_key();
        assert!(!SealedForm::from_bytes(bytes).unwrap().is_signed_by(&key));
    }

    #[test]
    fn what_is_not_a_sealed_form_is_named() {
        let good = SealedForm::seal(&sample_form(), &sample_key()).unwrap();
        let changed = |change: fn(&mut Vec<u8>)| {
            let mut bytes = good.bytes().to_vec();
            change(&mut bytes);
            SealedForm::from_bytes(bytes).map_err(OpenFault::from).and_then(|form| form.open())
        };
        let leftover = changed(|bytes| bytes.push(0));
        assert_eq!(leftover, Err(DecodeFault::Leftover(1).into()));
        let version = changed(|bytes| bytes[0] = 9);
        assert_eq!(version, Err(DecodeFault::UnknownVersion { found: 9, known: 1 }.into()));
        let oversize = changed(|bytes| bytes.resize(MAX_SEALED_FORM + 1, 0));
        assert!(matches!(oversize, Err(OpenFault::Decode(DecodeFault::Oversize { .. }))));
        let short = changed(|bytes| bytes.truncate(65));
        assert!(matches!(short, Err(OpenFault::Decode(DecodeFault::Malformed(_)))));
        assert!(changed(Vec::clear).is_err());
    }

    #[test]
    fn a_first_form_supersedes_nothing_and_a_correction_something() {
        let mut form = sample_form();
        form.supersedes = None;
        assert!(SealedForm::seal(&form, &sample_key()).is_err());
        form.revision = 1;
        assert!(SealedForm::seal(&form, &sample_key()).is_ok());
        form.photos = vec![Digest([0; 32]); MAX_PHOTOS + 1];
        assert!(SealedForm::seal(&form, &sample_key()).is_err());
    }

    #[test]
    fn the_largest_form_is_within_its_limit() {
        let mut form = sample_form();
        form.counts = vec![Count::Written(999); crate::election::MAX_FIELDS];
        form.explanation = Some("é".repeat(crate::form::MAX_REMARK / 2));
        form.reason = form.explanation.clone();
        form.photos = vec![Digest([0; 32]); MAX_PHOTOS];
        assert!(SealedForm::seal(&form, &sample_key()).is_ok());
        form.counts = vec![Count::Written(Count::MAX); crate::election::MAX_FIELDS];
        assert!(matches!(SealedForm::seal(&form, &sample_key()), Err(SealFault::Oversize(_))));
    }

    use crate::form::MAX_PHOTOS;
}
