//! A batch says what `verify_strict` says, whatever stands in it.

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use saksi_proto::SigningKey;
use saksi_proto::seal::SealedForm;

use super::*;
use crate::sample::{form, key, sealed};

/// Where the signature stands in a sealed form.
const SIGNATURE: std::ops::Range<usize> = 1..65;

/// Different forms, signed as they should be, two by each of so many keys.
fn honest(forms: u32) -> Vec<(SealedForm, VerifyingKey)> {
    let one = |number: u32| {
        let key = SigningKey::from_bytes(&[u8::try_from(number / 2 % 251).unwrap(); 32]);
        let mut form = form("1001", [1, 0, 1]);
        form.device_ms = number.into();
        (SealedForm::seal(&form, &key).unwrap(), key.verifying_key())
    };
    (0..forms).map(one).collect()
}

fn with_signature(sealed: &SealedForm, signature: &[u8]) -> SealedForm {
    let mut bytes = sealed.bytes().to_vec();
    bytes[SIGNATURE].copy_from_slice(signature);
    SealedForm::from_bytes(bytes).unwrap()
}

/// A signature by the key itself whose R carries a point of small order.
fn with_torsion(sealed: &SealedForm, key: &SigningKey, torsion: EdwardsPoint) -> SealedForm {
    let nonce = Scalar::from(0xdead_beef_u64) + Scalar::from_bytes_mod_order(sealed.digest().0);
    let r = (ED25519_BASEPOINT_POINT * nonce + torsion).compress();
    let (_, parts) = sealed.signed();
    let mut hash = Sha512::new().chain_update(r.as_bytes()).chain_update(key.verifying_key());
    parts.iter().for_each(|part| hash.update(part));
    let k = Scalar::from_bytes_mod_order_wide(&hash.finalize().into());
    let s = nonce + k * key.to_scalar();
    with_signature(sealed, &[r.to_bytes(), s.to_bytes()].concat())
}

fn check(claims: &[(SealedForm, VerifyingKey)], seed: u8) -> Vec<bool> {
    let claims: Vec<Claim> = claims.iter().map(|(sealed, key)| (sealed, key)).collect();
    let found = verify(&claims, &[seed; 32]);
    let strict: Vec<_> = claims.iter().map(|claim| alone(*claim)).collect();
    assert_eq!(found, strict);
    found
}

#[test]
fn honest_signatures_hold_in_batches_of_every_size() {
    for forms in [0, 1, 63, 64, 65, 200] {
        assert_eq!(check(&honest(forms), 1), vec![true; forms as usize]);
    }
}

#[test]
fn a_batch_of_honest_signatures_is_decided_by_one_sum() {
    let claims = honest(100);
    let terms: Vec<_> = claims.iter().map(|(sealed, key)| Term::new(&(sealed, key))).collect();
    assert!(hold_together(terms.iter().flatten(), &mut Random::new(&[2; 32])));
}

#[test]
fn a_bad_one_is_found_wherever_it_stands_and_its_neighbours_hold() {
    for bad in [&[0_usize][..], &[129], &[63, 64, 65], &[1, 50, 100, 128]] {
        let mut claims = honest(130);
        for at in bad {
            let other = claims[(at + 2) % 130].0.bytes()[SIGNATURE].to_vec();
            claims[*at].0 = with_signature(&claims[*at].0, &other);
        }
        let found = check(&claims, 3);
        assert_eq!(found.iter().filter(|holds| !**holds).count(), bad.len());
    }
}

/// The finding that keeps `ed25519_dalek::verify_batch` away from here: it takes one in
/// eight of these.
#[test]
fn a_signature_with_a_part_of_small_order_never_passes_in_a_batch() {
    for seed in 0..3 {
        for torsion in &EIGHT_TORSION[1..] {
            let mut claims = honest(70);
            let device = key("1001");
            let odd = with_torsion(&sealed(&form("1001", [1, 0, 1])), &device, *torsion);
            claims[35] = (odd, device.verifying_key());
            assert!(!check(&claims, seed)[35]);
        }
    }
}

#[test]
fn two_parts_of_small_order_do_not_cancel_out() {
    let device = key("1001");
    for seed in 0..16 {
        let mut claims = honest(70);
        for (at, torsion) in [(10, EIGHT_TORSION[4]), (20, EIGHT_TORSION[4])] {
            let mut form = form("1001", [1, 0, 1]);
            form.device_ms = at as u64;
            let odd = with_torsion(&sealed(&form), &device, torsion);
            claims[at] = (odd, device.verifying_key());
        }
        let found = check(&claims, seed);
        assert_eq!((found[10], found[20]), (false, false));
    }
}

#[test]
fn other_encodings_of_the_same_numbers_are_refused() {
    let order: [u8; 32] = {
        let mut order = (-Scalar::ONE).to_bytes();
        order[0] += 1;
        order
    };
    let mut claims = honest(70);
    // s + the order of the group: the same equation.
    let mut carry = 0;
    let mut signature = claims[3].0.bytes()[SIGNATURE].to_vec();
    for (byte, more) in signature[32..].iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(more) + carry;
        (*byte, carry) = (sum.to_le_bytes()[0], sum >> 8);
    }
    claims[3].0 = with_signature(&claims[3].0, &signature);
    // R = 1 + p and R = 1, the neutral element, with s = 0.
    let mut above = [0xff; 32];
    (above[0], above[31]) = (0xee, 0x7f);
    let mut one = [0; 32];
    one[0] = 1;
    for (at, r) in [(5, above), (7, one)] {
        claims[at].0 = with_signature(&claims[at].0, &[r, [0; 32]].concat());
    }
    let found = check(&claims, 4);
    assert_eq!((found[3], found[5], found[7]), (false, false, false));
}

#[test]
fn a_key_of_small_order_signs_nothing() {
    let mut claims = honest(70);
    claims[9].1 = VerifyingKey::from_bytes(&EIGHT_TORSION[1].compress().to_bytes()).unwrap();
    assert!(!check(&claims, 5)[9]);
}
