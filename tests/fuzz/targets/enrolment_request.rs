//! What a device without papers says, before anybody knows it; what it is answered; and the
//! text of its slip.

#![no_main]

use std::fmt::Debug;

use libfuzzer_sys::fuzz_target;
use saksi_fuzz::bounded;
use saksi_proto::enrolment::{FromRegistrar, ToRegistrar};
use saksi_proto::message::{decode_message, encode_message};
use saksi_proto::slip::Slip;

/// Memory beside the payload's own size: names of regions and addresses of collectors, so
/// many as there may be, and what is said of a fault.
const LISTS: usize = 8 * 1_024;

/// Memory for the papers' part of the definition, which the collector makes and the device
/// checks against the election's digest: a hash takes 32 bytes, and a byte may claim one.
fn slice(size: usize) -> usize {
    64 * size + 16 * 1_024
}

fn message<T>(payload: &[u8]) -> Option<T>
where
    T: serde::Serialize + serde::de::DeserializeOwned + Debug + PartialEq,
{
    let message = bounded(payload.len() + LISTS, || decode_message::<T>(payload)).ok()?;
    assert_eq!(decode_message(&encode_message(&message)).as_ref(), Ok(&message));
    Some(message)
}

fuzz_target!(|payload: &[u8]| {
    if let Some(ToRegistrar::Apply(application)) = message(payload) {
        assert!(!application.is_signed() || application.signature.len() == 64);
    }
    if let Some(FromRegistrar::Papers(papers)) = message(payload) {
        drop(bounded(slice(papers.slice.len()), || papers.decode_slice()));
    }
    let Ok(text) = str::from_utf8(payload) else { return };
    if let Ok(slip) = bounded(8 * text.len() + LISTS, || text.parse::<Slip>()) {
        assert_eq!(slip.to_string().parse(), Ok(slip), "a slip reads as it is printed");
    }
});
