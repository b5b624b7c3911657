//! Every exit code, in one place.

use std::process::ExitCode;

use saksi_agent::OpenFault;
use saksi_agent::desk::TroubleKind;
use saksi_agent::enrol::EnrolFault;
use saksi_agent::reason::Reason;
use saksi_agent::rehearsal::RehearsalFault;
use saksi_agent::store::StoreFault;

/// How the process ends. 2 is clap's too, for a command line it cannot read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    Done = 0,
    Failed = 1,
    CommandLine = 2,
    Mistakes = 3,
    NeedsExplanation = 4,
    NeedsCorrection = 5,
    NothingToCorrect = 6,
    OverLimit = 7,
    Unknown = 8,
    File = 9,
    DiskFull = 10,
    Store = 11,
    InUse = 12,
    Identity = 13,
    Carried = 14,
    Unwell = 15,
    EnrolmentRefused = 16,
    Later = 17,
    NotConfirmed = 18,
    AnotherBegun = 19,
    NotRehearsed = 20,
    NotProven = 21,
    NeedsSecondEntry = 22,
    SecondDiffers = 23,
}

/// The codes, for `--help`.
pub(crate) const HELP: &str = "\
Exit codes:
   0  done                              8  no such contest, form or receipt
   1  failed for another reason         9  a file cannot be read or written
   2  the command line is wrong        10  the disk is full; nothing was changed
   3  mistakes in the form             11  the store failed
   4  broken rules: use --explain      12  another process holds the store
   5  a form is stored: use --correct  13  not set up, or the identity is unusable
   6  there is no form to correct      14  carried forms are damaged or not good
   7  too long, too large or too many    15  the doctor found something to be done
Of submit, where the definition has numbers typed twice:
  22  no second entry: use --again    23  the second entry has other numbers
Of enrol and rehearse:
   2  the slip or code is mistyped     18  nobody has confirmed the station
  16  refused, or not the slip's       19  another enrolment was begun: use --again
      collector or papers              20  the rehearsal form was refused
  17  no link, or not yet: repeat it
Of receipt verify:
   2  the log's key is not known here  21  the receipt does not prove the form";

impl From<TroubleKind> for Exit {
    fn from(kind: TroubleKind) -> Self {
        match kind {
            TroubleKind::Mistakes => Exit::Mistakes,
            TroubleKind::NeedsExplanation => Exit::NeedsExplanation,
            TroubleKind::NeedsCorrection => Exit::NeedsCorrection,
            TroubleKind::NothingToCorrect => Exit::NothingToCorrect,
            TroubleKind::OverLimit => Exit::OverLimit,
            TroubleKind::Unknown => Exit::Unknown,
            TroubleKind::File => Exit::File,
            TroubleKind::Carried => Exit::Carried,
            TroubleKind::DiskFull => Exit::DiskFull,
            TroubleKind::Store => Exit::Store,
            TroubleKind::NeedsSecondEntry => Exit::NeedsSecondEntry,
            TroubleKind::SecondDiffers => Exit::SecondDiffers,
        }
    }
}

impl From<&OpenFault> for Exit {
    fn from(fault: &OpenFault) -> Self {
        match fault {
            OpenFault::Identity(_) => Exit::Identity,
            OpenFault::Store(fault) => fault.into(),
        }
    }
}

impl From<&StoreFault> for Exit {
    fn from(fault: &StoreFault) -> Self {
        match fault {
            StoreFault::InUse => Exit::InUse,
            StoreFault::Full => Exit::DiskFull,
            _ => Exit::Store,
        }
    }
}

impl From<&EnrolFault> for Exit {
    fn from(fault: &EnrolFault) -> Self {
        match fault {
            EnrolFault::Link { reason: Reason::NotTrusted, .. }
            | EnrolFault::Refused(_)
            | EnrolFault::OtherPapers(_)
            | EnrolFault::Papers(_) => Exit::EnrolmentRefused,
            EnrolFault::Link { .. } | EnrolFault::Later { .. } => Exit::Later,
            EnrolFault::AnotherBegun { .. } => Exit::AnotherBegun,
            EnrolFault::NothingBegun | EnrolFault::Mistyped(_) => Exit::CommandLine,
            EnrolFault::Identity(_) | EnrolFault::Damaged { .. } => Exit::Identity,
            EnrolFault::File { .. } => Exit::File,
            EnrolFault::Store(fault) => fault.into(),
            EnrolFault::Randomness(_) => Exit::Failed,
        }
    }
}

impl From<&RehearsalFault> for Exit {
    fn from(fault: &RehearsalFault) -> Self {
        match fault {
            RehearsalFault::Link { .. } => Exit::Later,
            RehearsalFault::Refused { .. } => Exit::NotRehearsed,
            RehearsalFault::File { .. } => Exit::File,
            RehearsalFault::Tls(_) => Exit::Identity,
            RehearsalFault::NoContest | RehearsalFault::Seal(_) => Exit::Failed,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}
