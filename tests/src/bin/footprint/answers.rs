//! Bytes of the collector's answers in a large log, where proofs are long: a frame each,
//! above TLS, which adds 22 bytes to it.

use saksi_proto::frame::frame;
use saksi_proto::message::encode_message;
use saksi_tests::large_log::LargeLog;
use serde::Serialize;

use crate::Figure;

/// Entries of the log: inclusion proofs of 20 hashes.
const ENTRIES: u64 = 1_000_000;

/// What the device has seen of it.
const KNOWN: u64 = 700_001;

/// Forms of a station, and witnesses that have cosigned.
const FORMS: u8 = 5;
const WITNESSES: u8 = 3;

/// An answer to a form without and with the proof that the log only grew, and the question
/// for cosigned receipts of all forms with its answer.
pub(crate) fn in_a_large_log() -> anyhow::Result<Vec<Figure>> {
    let log = LargeLog::new(ENTRIES, FORMS, WITNESSES)?;
    let (question, answer) = log.question(KNOWN)?;
    let lines = [
        ("answer to a form, log of 10⁶ entries, nothing seen before", bytes(&log.outcomes(0)?)?),
        ("… with the proof that it grew from what was seen", bytes(&log.outcomes(KNOWN)?)?),
        ("cosigned receipts of 5 forms, by 3 witnesses: the question", bytes(&question)?),
        ("… the answer", bytes(&answer)?),
    ];
    let figure = |(name, bytes): (&str, f64)| Figure::without_goal(name, bytes, "bytes");
    Ok(lines.into_iter().map(figure).collect())
}

fn bytes(message: &impl Serialize) -> anyhow::Result<f64> {
    Ok(frame(&encode_message(message))?.len() as f64)
}
