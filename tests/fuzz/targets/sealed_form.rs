//! Bytes as a sealed form, as a collector, a receipt and a carried file take them.

#![no_main]

use libfuzzer_sys::fuzz_target;
use saksi_fuzz::{bounded, pack};
use saksi_proto::codec::{decode, encode};
use saksi_proto::seal::SealedForm;

/// Memory for a form of so many bytes: a photo's digest takes 32, and a byte may claim one.
fn memory(form: usize) -> usize {
    33 * form + 1_024
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(sealed) = SealedForm::from_bytes(bytes.to_vec()) else { return };
    assert_eq!(sealed.bytes(), bytes);
    let key = pack::key(pack::STATIONS[0]);
    let Ok(form) = bounded(memory(bytes.len()), || sealed.open()) else { return };
    assert_eq!(decode(&encode(&form)).as_ref(), Ok(&form));
    // A number may be written longer than it need be; sealed anew, a form only shrinks.
    let again = SealedForm::seal(&form, &key).expect("what can be opened can be sealed");
    assert_eq!(again.open(), Ok(form));
    assert!(again.is_signed_by(&key.verifying_key()));
});
