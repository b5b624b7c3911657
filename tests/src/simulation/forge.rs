//! What a forger sends: batches of an honest form of the forger's own station, which
//! must not suffer, and something behind it that must never be logged.

use curve25519_dalek::constants::{ED25519_BASEPOINT_TABLE, EIGHT_TORSION};
use curve25519_dalek::scalar::Scalar;
use ed25519_dalek::SigningKey;
use saksi_collector::election::Election;
use saksi_proto::digest::Digest;
use saksi_proto::form::TallyForm;
use saksi_proto::message::MAX_BATCH;
use saksi_proto::seal::SealedForm;
use sha2::{Digest as _, Sha512};

use super::country::{self, CONTESTS, HOSTILE, Paper};
use super::op::Forgery;

/// The station whose numbers a forger is after.
const VICTIM: usize = 0;

/// What is signed before the form; see `proto/src/seal.rs`.
const DOMAIN: &[u8] = b"saksi form v1\n";
const HEADER: usize = 65;

/// A batch, and the station in whose name it is sent.
pub struct Forged {
    /// The station in the certificate.
    pub station: usize,
    /// The forms; all but the last are honest.
    pub forms: Vec<Vec<u8>>,
}

/// Makes a forgery. `stolen` is a form of the victim, if one was seen.
#[must_use]
pub fn forge(
    election: &Election,
    forgery: Forgery,
    number: u64,
    stolen: Option<Vec<u8>>,
) -> Forged {
    let key = country::key(HOSTILE);
    let paper = Paper { sound: true, spoilt: 0 };
    let own = |contest: &str, at_ms| country::form(election, HOSTILE, contest, paper, at_ms);
    let honest = match forgery {
        // A form and its correction, whichever is sent first.
        Forgery::Stolen => sealed(&own(CONTESTS[1], 1), &key),
        Forgery::Garbage => correction(own(CONTESTS[1], 1), &key),
        _ => sealed(&own(CONTESTS[0], 1), &key),
    };
    // Different each time, so that none is known already.
    let at_ms = 1_000 + number;
    let forged = match forgery {
        Forgery::OtherStation | Forgery::Impostor => {
            sealed(&country::form(election, VICTIM, CONTESTS[0], paper, at_ms), &key)
        }
        Forgery::Stolen => stolen.unwrap_or_default(),
        Forgery::BadSignature => {
            let mut bytes = sealed(&own(CONTESTS[1], at_ms), &key);
            if let Some(last) = bytes.last_mut() {
                *last ^= 1;
            }
            bytes
        }
        Forgery::Torsion => with_torsion(&own(CONTESTS[1], at_ms), &key, number),
        Forgery::Garbage => at_ms.to_be_bytes().repeat(20),
    };
    let station = if forgery == Forgery::Impostor { VICTIM } else { HOSTILE };
    let honest = match forgery {
        // So many that signatures are verified together.
        Forgery::BadSignature | Forgery::Torsion => vec![honest; MAX_BATCH - 1],
        _ => vec![honest],
    };
    Forged { station, forms: [honest, vec![forged]].concat() }
}

fn correction(mut form: TallyForm, key: &SigningKey) -> Vec<u8> {
    form.supersedes = Some(Digest::of(&sealed(&form, key)));
    form.revision = 2;
    sealed(&form, key)
}

fn sealed(form: &TallyForm, key: &SigningKey) -> Vec<u8> {
    let sealed = SealedForm::seal(form, key).expect("a form of the simulation can be sealed");
    sealed.bytes().to_vec()
}

/// A signature whose R has a component of small order: it satisfies the equation that
/// is multiplied by eight, and not the strict one.
fn with_torsion(form: &TallyForm, key: &SigningKey, nonce: u64) -> Vec<u8> {
    let mut bytes = sealed(form, key);
    let message = [DOMAIN, &bytes[HEADER..]].concat();
    let r = Scalar::from(nonce + 2);
    let torsion = EIGHT_TORSION[1 + usize::try_from(nonce % 7).unwrap_or(0)];
    let point = (&r * ED25519_BASEPOINT_TABLE + torsion).compress();
    let public = key.verifying_key();
    let hashed = Sha512::new().chain_update(point.as_bytes()).chain_update(public.as_bytes());
    let hash: [u8; 64] = hashed.chain_update(&message).finalize().into();
    let s = r + Scalar::from_bytes_mod_order_wide(&hash) * key.to_scalar();
    bytes[1..33].copy_from_slice(point.as_bytes());
    bytes[33..HEADER].copy_from_slice(s.as_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With a component that is none, it is a good signature: so the forgery is one by
    /// its torsion alone.
    #[test]
    fn the_torsion_signature_is_refused_and_all_but_right() {
        let election = country::election();
        let key = country::key(HOSTILE);
        for number in 0..8 {
            let forged = forge(&election, Forgery::Torsion, number, None).forms.pop().unwrap();
            let sealed = SealedForm::from_bytes(forged.clone()).unwrap();
            assert!(!sealed.is_signed_by(&key.verifying_key()));
            let signature = ed25519_dalek::Signature::from_slice(&forged[1..HEADER]).unwrap();
            let message = [DOMAIN, &forged[HEADER..]].concat();
            let point = curve25519_dalek::edwards::CompressedEdwardsY(*signature.r_bytes());
            let point = point.decompress().unwrap();
            let hash: [u8; 64] = Sha512::new()
                .chain_update(signature.r_bytes())
                .chain_update(key.verifying_key().as_bytes())
                .chain_update(&message)
                .finalize()
                .into();
            let s = Scalar::from_canonical_bytes(*signature.s_bytes()).unwrap();
            let k = Scalar::from_bytes_mod_order_wide(&hash);
            let off = &s * ED25519_BASEPOINT_TABLE - key.verifying_key().to_edwards() * k - point;
            assert!(off.is_small_order() && off != curve25519_dalek::EdwardsPoint::default());
        }
    }
}
