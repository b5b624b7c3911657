//! Texts: a receipt's file, a checkpoint, the key of a log.

#![no_main]

use libfuzzer_sys::fuzz_target;
use saksi_fuzz::bounded;
use saksi_proto::checkpoint::LogKey;
use saksi_proto::receipt::Receipt;

/// Memory for a text of so many bytes: the checkpoint is copied, and the proof is shorter
/// in bytes than in base64. At most 100 signature lines of 64 bytes are taken apart, in a list
/// that doubles: its old place for 64 of them and its new one for 128 are 12 KiB.
fn memory(text: usize) -> usize {
    4 * text + 4_096 + (64 + 128) * 64
}

fuzz_target!(init: { key(); }, |bytes: &[u8]| {
    let Ok(text) = str::from_utf8(bytes) else { return };
    if let Ok((form, receipt)) = bounded(memory(text.len()), || Receipt::from_tlog_proof(text)) {
        let again = receipt.to_tlog_proof(form);
        assert_eq!(Receipt::from_tlog_proof(&again), Ok((form, receipt)));
    }
    if let Ok(log) = bounded(memory(text.len()), || text.parse::<LogKey>()) {
        assert_eq!(log.to_string(), text);
    }
    if let Ok(checkpoint) = bounded(memory(text.len()), || key().open(text)) {
        assert!(text.starts_with(&checkpoint.body()), "what was signed is what was read");
    }
});

/// The key of the golden checkpoint.
fn key() -> LogKey {
    include_str!("../../../proto/golden/log.vkey").trim_end().parse().expect("the golden key")
}
