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
/// checks against the election's digest. An element takes 64 times its bytes at most. Before
/// it is read a list has room for one a byte, of up to 200 bytes each, and 1 MiB at most (so
/// serde bounds it); five stand within each other.
fn slice(size: usize) -> usize {
    64 * size + (1_000 * size).min(5 << 20) + 16 * 1_024
}

/// Memory for a slip's text, which a person types or a camera reads: a part takes 16 bytes
/// and may be one; the list of them doubles.
fn text_of(size: usize) -> usize {
    64 * size + 1_024
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
    if let Ok(slip) = bounded(text_of(text.len()), || text.parse::<Slip>()) {
        assert_eq!(slip.to_string().parse(), Ok(slip), "a slip reads as it is printed");
    }
});
