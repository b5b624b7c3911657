//! Bytes as a photo. What is taken in is small, is taken in again, and holds no metadata.

#![no_main]

use libfuzzer_sys::fuzz_target;
use saksi_agent::intake::{IntakeRefusal, LONG_SIDE, take_in};
use saksi_fuzz::bounded;

/// Largest input whose pixels are decoded here, in bytes: a byte claims 512 pixels at most,
/// and 2 MB of them are decoded in a moment.
const LARGEST: usize = 4_096;

/// Memory of a picture: its coefficients, planes, colours, and the file that is written; of
/// the 512 pixels that a byte may claim, 24 bytes for each.
const MEMORY: usize = 512 * 24;

/// And for what is beyond its edges: blocks of 32 × 32 along two sides of 65,535 pixels are
/// 4.2 million, three bytes a sample.
const EDGES: usize = 3 * 3 * 2 * 32 * 65_535;

fuzz_target!(|bytes: &[u8]| {
    if bytes.len() > LARGEST {
        return;
    }
    let taken = match bounded(bytes.len() * MEMORY + EDGES, || take_in(bytes)) {
        Ok(taken) => taken,
        Err(refusal) => {
            assert_ne!(refusal, IntakeRefusal::TooManyBytes);
            return;
        }
    };
    assert!(taken.width.max(taken.height) <= LONG_SIDE);
    for trace in [&b"Exif\0"[..], b"http://ns.adobe.com"] {
        assert!(!taken.jpeg.windows(trace.len()).any(|at| at == trace));
    }
    let again = take_in(&taken.jpeg).expect("what was taken in is a photo");
    assert_eq!((again.width, again.height), (taken.width, taken.height));
});
