//! Bytes as an entry of the log.

#![no_main]

use libfuzzer_sys::fuzz_target;
use saksi_fuzz::bounded;
use saksi_proto::entry::Entry;

/// Memory beside the entry's own size, for what is said of a fault.
const WORDS: usize = 1_024;

fuzz_target!(|bytes: &[u8]| {
    let Ok(entry) = bounded(bytes.len() + WORDS, || Entry::decode(bytes)) else { return };
    let again = entry.encode();
    assert!(again.len() <= bytes.len(), "ours is the shortest way to write it");
    assert_eq!(Entry::decode(&again), Ok(entry));
});
