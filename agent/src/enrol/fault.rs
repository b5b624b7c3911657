//! Why a device is not enrolled, or not yet.

use std::fmt::Display;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use saksi_proto::enrolment::EnrolRefusal;
use saksi_proto::ids::StationCode;
use saksi_proto::slip::{SlipFault, SymbolFault};
use saksi_proto::text::{self, Language};

use crate::forward::fault::LinkFault;
use crate::identity::IdentityFault;
use crate::reason::Reason;
use crate::store::StoreFault;
use crate::words::fill;

/// Longest time to wait before trying again, whatever the collector asks.
const LONGEST: Duration = Duration::from_secs(3_600);

/// Why a device is not enrolled, or not yet. Whatever it is, the enrolment can be gone on
/// with or begun again.
#[derive(Debug, thiserror::Error)]
pub enum EnrolFault {
    /// The slip is mistyped.
    #[error(transparent)]
    Mistyped(SlipFault),
    /// No answer; or what answers is not the slip's collector, and was told nothing.
    #[error("{detail}")]
    Link {
        /// For the operator.
        reason: Reason,
        /// What exactly.
        detail: String,
    },
    /// The collector refuses.
    #[error("refused: {}", .0.code())]
    Refused(EnrolRefusal),
    /// To be tried again.
    #[error("to be tried again in {} s", after.as_secs())]
    Later {
        /// After this time.
        after: Duration,
        /// Whether the device is enrolled, and its certificate is to be signed.
        is_waiting: bool,
    },
    /// The papers are not those that were asked for.
    #[error("{0}")]
    OtherPapers(&'static str),
    /// The papers do not fit together.
    #[error(transparent)]
    Papers(IdentityFault),
    /// An enrolment with another slip was begun here.
    #[error("an enrolment of station {station} at {collector} was begun")]
    AnotherBegun {
        /// Its station.
        station: StationCode,
        /// Its collector.
        collector: String,
    },
    /// There is nothing to go on with.
    #[error("no enrolment was begun")]
    NothingBegun,
    /// The directory has an identity, or one that cannot be read.
    #[error(transparent)]
    Identity(#[from] IdentityFault),
    /// What was begun cannot be read.
    #[error("{path} is damaged ({fault}); begin anew with `saksi-agent enrol --again`")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: String,
    },
    /// A file cannot be read or written.
    #[error("{path}: {fault}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the file system said.
        fault: io::Error,
    },
    /// Another process is at work in the directory.
    #[error(transparent)]
    Store(#[from] StoreFault),
    /// There is no randomness to make a key of.
    #[error("no key can be made: {0}")]
    Randomness(getrandom::Error),
}

impl EnrolFault {
    pub(super) fn file(path: PathBuf) -> impl FnOnce(io::Error) -> Self {
        move |fault| EnrolFault::File { path, fault }
    }

    pub(super) fn later(after_ms: u32, is_waiting: bool) -> Self {
        let after = Duration::from_millis(after_ms.into()).min(LONGEST);
        EnrolFault::Later { after, is_waiting }
    }

    /// How long to wait at least before it is tried again; none if that cannot help.
    #[must_use]
    pub fn passes_after(&self) -> Option<Duration> {
        match self {
            EnrolFault::Link { .. } => Some(Duration::ZERO),
            EnrolFault::Later { after, .. } => Some(*after),
            _ => None,
        }
    }
}

/// Which part of a slip is mistyped, and how.
#[must_use]
pub fn mistyped(fault: &SlipFault, language: Language) -> String {
    let put = |phrase, values: &[&dyn Display]| fill(phrase, language, values);
    let symbols = |fault: &SymbolFault| match fault {
        SymbolFault::Length { found, wanted } => put(text::MISTYPED_LENGTH, &[found, wanted]),
        SymbolFault::Symbol(symbol) => put(text::MISTYPED_SYMBOL, &[symbol]),
        SymbolFault::Check => put(text::MISTYPED_CHECK, &[]),
    };
    match fault {
        SlipFault::Shape => put(text::MISTYPED_SLIP, &[]),
        SlipFault::Collector(text) => put(text::MISTYPED_COLLECTOR, &[text]),
        SlipFault::Code(fault) => put(text::MISTYPED_CODE, &[&symbols(fault)]),
        SlipFault::Fingerprint(fault) => put(text::MISTYPED_FINGERPRINT, &[&symbols(fault)]),
    }
}

impl From<LinkFault> for EnrolFault {
    fn from(fault: LinkFault) -> Self {
        EnrolFault::Link { reason: fault.reason(), detail: fault.to_string() }
    }
}
