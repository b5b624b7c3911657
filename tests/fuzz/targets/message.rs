//! The payload of a frame, as a message in either direction.

#![no_main]

use std::fmt::Debug;

use libfuzzer_sys::fuzz_target;
use saksi_fuzz::bounded;
use saksi_proto::message::{ToAgent, ToCollector, decode_message, encode_message};

/// Memory beside the payload's own size, for what its lists take more than their bytes: of
/// 65 outcomes (one over the limit of a batch) 3.1 KB, of 65 checkpoints 1.6 KB, and of a
/// proof that breaks off 1.3 KB; whatever length they claim.
const LISTS: usize = 8 * 1_024;

fn message<T>(payload: &[u8])
where
    T: serde::Serialize + serde::de::DeserializeOwned + Debug + PartialEq,
{
    let Ok(message) = bounded(payload.len() + LISTS, || decode_message::<T>(payload)) else {
        return;
    };
    assert_eq!(decode_message(&encode_message(&message)), Ok(message));
}

fuzz_target!(|payload: &[u8]| {
    message::<ToCollector>(payload);
    message::<ToAgent>(payload);
});
