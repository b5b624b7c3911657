//! Bytes as a photo. What is taken in is small, is taken in again, and holds no metadata.

#![no_main]

use libfuzzer_sys::fuzz_target;
use saksi_agent::intake::{IntakeRefusal, LONG_SIDE, take_in};
use saksi_fuzz::bounded;

/// Largest input whose pixels are decoded here, in bytes: a byte claims 512 pixels at most,
/// and 2 MB of them are decoded in a moment.
const LARGEST: usize = 4_096;

/// Memory of a picture: its coefficients, planes, colours, and the file that is written; of
/// the 512 pixels that a byte may claim, 24 bytes for each, and tables.
const MEMORY: usize = 512 * 24;
const TABLES: usize = 1 << 20;

fuzz_target!(|bytes: &[u8]| {
    if bytes.len() > LARGEST {
        return;
    }
    let taken = match bounded(bytes.len() * MEMORY + TABLES, || take_in(bytes)) {
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
