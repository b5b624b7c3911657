//! Cosignatures: golden vectors, and what must not be believed.

use super::*;
use crate::checkpoint::{Checkpoint, LogKey, MAX_CHECKPOINT};
use crate::digest::Digest;

/// Made by another implementation (aics-tlog 0.2.1) from `checkpoint.txt` and the witness's
/// secret of 32 bytes 8, at the time of the specification's example.
const GOLDEN: &str = include_str!("../../golden/cosigned.txt");
const TIME: u64 = 1_679_315_147;

fn golden_key() -> WitnessKey {
    include_str!("../../golden/witness.vkey").trim_end().parse().expect("the golden key")
}

fn secret(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn witness(name: &str, seed: u8) -> WitnessKey {
    WitnessKey::new(name, secret(seed).verifying_key()).expect("a name")
}

fn uncosigned() -> &'static str {
    include_str!("../../golden/checkpoint.txt")
}

fn body() -> &'static str {
    Note::parse(uncosigned()).expect("a note").body
}

#[test]
fn golden() {
    let line = cosign("witness.example/w1", &secret(8), body(), TIME);
    assert_eq!(format!("{}{line}", uncosigned()), GOLDEN);
    assert_eq!(golden_key(), witness("witness.example/w1", 8));
    assert_eq!(golden_key().to_string(), include_str!("../../golden/witness.vkey").trim_end());
    let found = cosignatures(GOLDEN, &[golden_key()]).expect("a cosigned note");
    assert_eq!(found, [Cosignature { witness: 0, time: TIME, line: line.trim_end().to_owned() }]);
    assert_eq!(with_cosignatures(uncosigned(), &found), GOLDEN);
    let log: LogKey = include_str!("../../golden/log.vkey").trim_end().parse().expect("a key");
    assert_eq!(log.open(GOLDEN), log.open(uncosigned()));
    assert!(log.open(GOLDEN).is_ok());
}

#[test]
fn every_changed_byte_of_body_and_cosignature_is_found() {
    let policy = WitnessPolicy::new(vec![golden_key()], 1).expect("a policy");
    assert!(policy.is_witnessed(GOLDEN));
    let log_line = body().len() + 1..uncosigned().len();
    for at in (0..GOLDEN.len()).filter(|at| !log_line.contains(at)) {
        for bit in 0..8 {
            let mut changed = GOLDEN.as_bytes().to_vec();
            changed[at] ^= 1 << bit;
            if let Ok(text) = String::from_utf8(changed) {
                assert!(!policy.is_witnessed(&text), "byte {at}, bit {bit}: {text}");
            }
        }
    }
}

#[test]
fn a_witness_counts_once_and_others_not_at_all() {
    let (one, two) = (witness("one.example", 1), witness("two.example", 2));
    let policy = WitnessPolicy::new(vec![one.clone(), two.clone()], 2).expect("a policy");
    let of = |name, seed| cosign(name, &secret(seed), body(), TIME);
    let witnessed =
        |lines: &[String]| policy.is_witnessed(&format!("{}{}", uncosigned(), lines.concat()));
    assert!(witnessed(&[of("one.example", 1), of("two.example", 2)]));
    assert!(witnessed(&[of("x.example", 3), of("two.example", 2), of("one.example", 1)]));
    assert!(!witnessed(&[of("one.example", 1)]));
    assert!(!witnessed(&[of("one.example", 1), of("one.example", 1)]));
    assert!(!witnessed(&[of("one.example", 1), of("two.example", 3)]));
    assert!(!witnessed(&[of("one.example", 1), of("three.example", 2)]));
    // Enough good ones, and a false one of a known witness.
    let false_one = of("one.example", 1).replace("one.example", "two.example");
    let policy = WitnessPolicy::new(vec![one, two], 1).expect("a policy");
    let text = format!("{}{}", uncosigned(), of("one.example", 1));
    assert!(policy.is_witnessed(&text));
    assert!(policy.is_witnessed(&format!("{text}{false_one}")), "another key id: nobody's line");
    let statement = statement(body(), TIME + 1);
    let other = secret(2).sign(statement.as_bytes()).to_bytes();
    let id = note::key_id("two.example", COSIGNATURE, &secret(2).verifying_key());
    let bytes = [&TIME.to_be_bytes()[..], &other].concat();
    let false_one = note::format_signature("two.example", id, &bytes);
    assert!(!policy.is_witnessed(&format!("{text}{false_one}")));
}

#[test]
fn a_cosignature_is_for_its_body_and_time_only() {
    let key = golden_key();
    let line = cosign(key.name(), &secret(8), body(), TIME);
    let other =
        Checkpoint { origin: "saksi.example/log".to_owned(), size: 13, root: Digest([9; 32]) };
    let note = other.sign(&secret(7)) + &line;
    assert_eq!(
        cosignatures(&note, std::slice::from_ref(&key)),
        Err(CosignatureFault::Invalid(key.name().to_owned()))
    );
    let beyond = cosign(key.name(), &secret(8), body(), 1 << 63);
    let note = format!("{}{beyond}", uncosigned());
    assert!(cosignatures(&note, std::slice::from_ref(&key)).is_err());
    let last = cosign(key.name(), &secret(8), body(), (1 << 63) - 1);
    assert!(cosignatures(&format!("{}{last}", uncosigned()), &[key]).is_ok());
}

#[test]
fn a_checkpoint_has_room_for_its_cosignatures() {
    let origin = "o".repeat(100);
    let log = LogKey { origin: origin.clone(), key: secret(7).verifying_key() };
    let checkpoint = Checkpoint { origin, size: u64::MAX, root: Digest([9; 32]) };
    let mut note = checkpoint.sign(&secret(7));
    let body = checkpoint.body();
    for seed in (0..).take(MAX_WITNESSES) {
        let name = format!("{seed:0>MAX_WITNESS_NAME$}");
        note += &cosign(&name, &secret(seed), &body, TIME);
    }
    assert_eq!(log.open(&note), Ok(checkpoint));
    assert!(note.len() <= MAX_CHECKPOINT);
}

#[test]
fn keys_that_are_none() {
    let text = golden_key().to_string();
    let other_id = text.replace("+fea3b187+", "+fea3b188+");
    let log_key = include_str!("../../golden/log.vkey").trim_end();
    // The neutral element: with it, signatures verify that nobody has made.
    let weak = VerifyingKey::from_bytes(&std::array::from_fn(|at| u8::from(at == 0)));
    let weak = note::format_key("weak.example", COSIGNATURE, &weak.expect("a point"));
    for text in [&other_id, log_key, &weak, "", "a+b", &format!("{text} "), &text.to_uppercase()] {
        let fault = text.parse::<WitnessKey>();
        assert_eq!(fault, Err(WitnessKeyFault::Malformed(text.to_owned())), "{text}");
    }
    let key = secret(1).verifying_key();
    for name in ["", "a b", "a+b", "a\u{2003}b", "a\n", &"n".repeat(MAX_WITNESS_NAME + 1)] {
        assert_eq!(WitnessKey::new(name, key), Err(WitnessKeyFault::Name(name.to_owned())));
    }
    let long = note::format_key(&"n".repeat(MAX_WITNESS_NAME + 1), COSIGNATURE, &key);
    assert!(matches!(long.parse::<WitnessKey>(), Err(WitnessKeyFault::Name(_))));
}

#[test]
fn a_policy_is_bounded_and_counts_no_key_twice() {
    let some = |many| (0..).take(many).map(|at| witness(&format!("w{at}"), at)).collect();
    assert!(WitnessPolicy::new(some(MAX_WITNESSES), MAX_WITNESSES).is_ok());
    let over = WitnessPolicy::new(some(MAX_WITNESSES + 1), 1);
    assert_eq!(over, Err(PolicyFault::TooMany(MAX_WITNESSES + 1)));
    let needs = WitnessPolicy::new(some(2), 3);
    assert_eq!(needs, Err(PolicyFault::NeedsMore { needed: 3, witnesses: 2 }));
    let twice = vec![witness("one", 1), witness("other", 1)];
    assert!(matches!(WitnessPolicy::new(twice, 1), Err(PolicyFault::SameKey(..))));
    let twice = vec![witness("one", 1), witness("one", 2)];
    assert!(matches!(WitnessPolicy::new(twice, 1), Err(PolicyFault::SameName(_))));
    assert!(WitnessPolicy::default().is_witnessed(uncosigned()));
    assert!(!WitnessPolicy::default().is_witnessed("no note"));
}
