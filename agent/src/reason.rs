//! Why a form was not delivered this time, in words that an operator can act on.

use saksi_proto::message::Later;
use saksi_proto::refusal::Farewell;
use saksi_proto::text::{self, Phrase};
use serde::{Deserialize, Serialize};

/// Why an attempt did not end with a receipt. Stored beside the form; variants are
/// only ever added at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The collector's name does not resolve.
    NoAddress,
    /// No connection: no network, no route, nobody listening.
    Unreachable,
    /// No answer in time.
    TimedOut,
    /// The connection ended in the middle.
    CutOff,
    /// What answers is not a collector of this election.
    NotTrusted,
    /// The collector's certificate has ended, or the device's clock is wrong.
    CollectorExpired,
    /// The collector says that the device's certificate has ended.
    DeviceExpired,
    /// The collector does not accept the device's certificate.
    DeviceRefused,
    /// What came is not what the protocol says.
    Misunderstood,
    /// The receipt does not prove that the form is in the log.
    UnprovenReceipt,
    /// The collector ended the session.
    Farewell(Farewell),
    /// The collector asked to come later.
    Later(Later),
    /// The centre refuses now what it had given a receipt for before.
    RefusedAfterReceipt,
    /// A second receipt names another entry of the log.
    OtherEntry,
    /// The device could not read or keep something: its disk is full or failing.
    NotKept,
    /// The collector has no form that names the photo.
    UnnamedPhoto,
    /// The collector's log is not the one that the device has seen.
    OtherLog,
}

impl Reason {
    /// What the operator reads.
    #[must_use]
    pub fn phrase(self) -> Phrase {
        match self {
            Reason::NoAddress => text::REASON_NO_ADDRESS,
            Reason::Unreachable => text::REASON_UNREACHABLE,
            Reason::TimedOut => text::REASON_TIMED_OUT,
            Reason::CutOff => text::REASON_CUT_OFF,
            Reason::NotTrusted => text::REASON_NOT_TRUSTED,
            Reason::CollectorExpired => text::REASON_COLLECTOR_EXPIRED,
            Reason::DeviceExpired => text::REASON_DEVICE_EXPIRED,
            Reason::DeviceRefused => text::REASON_DEVICE_REFUSED,
            Reason::Misunderstood => text::REASON_MISUNDERSTOOD,
            Reason::UnprovenReceipt => text::REASON_UNPROVEN_RECEIPT,
            Reason::Farewell(farewell) => farewell_phrase(farewell),
            Reason::Later(Later::Busy) => text::REASON_BUSY,
            Reason::Later(Later::Stopping) => text::REASON_STOPPING,
            Reason::Later(Later::NoRoom) => text::REASON_NO_ROOM,
            Reason::RefusedAfterReceipt => text::REASON_REFUSED_AFTER_RECEIPT,
            Reason::OtherEntry => text::REASON_OTHER_ENTRY,
            Reason::NotKept => text::REASON_NOT_KEPT,
            Reason::UnnamedPhoto => text::REFUSED_UNNAMED_PHOTO,
            Reason::OtherLog => text::REASON_OTHER_LOG,
        }
    }
}

fn farewell_phrase(farewell: Farewell) -> Phrase {
    match farewell {
        Farewell::Stopping => text::REASON_STOPPING,
        Farewell::NotEnrolled => text::REASON_NOT_ENROLLED,
        Farewell::Revoked => text::REASON_REVOKED,
        Farewell::Crowded => text::REASON_CROWDED,
        Farewell::RolledBack => text::REASON_ROLLED_BACK,
        Farewell::Contradicted => text::REASON_OTHER_LOG,
        Farewell::OtherElection => text::REASON_OTHER_ELECTION,
        Farewell::Silent => text::REASON_TIMED_OUT,
        Farewell::UnknownVersion => text::REASON_OTHER_VERSION,
        Farewell::MalformedMessage
        | Farewell::OversizeFrame
        | Farewell::OversizeBatch
        | Farewell::OutOfTurn => text::REASON_MISUNDERSTOOD,
    }
}
