//! What the desk answers.

use std::fmt::Display;
use std::path::PathBuf;

use saksi_proto::digest::Digest;
use saksi_proto::ids::ContestCode;
use saksi_proto::text::{self, Language, Phrase};
use serde::{Deserialize, Serialize};

use super::{Checkup, CosignedShown, FormShown, Retained, Status, Submitted};
use crate::carrying::Imported;
use crate::findings::FindingShown;
use crate::store::StoreFault;
use crate::words::fill;

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// The form is stored.
    Submitted(Submitted),
    /// How far everything has come.
    Status(Status),
    /// Forms, line by line.
    Forms(Vec<FormShown>),
    /// How many forms are due again.
    Resent(Resent),
    /// A receipt.
    Receipt(ShownReceipt),
    /// What the doctor found.
    Checkup(Box<Checkup>),
    /// What was deleted or would be.
    Retained(Retained),
    /// Where the station's page is.
    Page(PageAddress),
    /// A file was written.
    Exported(Exported),
    /// A file of receipts was written.
    ReceiptsExported(Exported),
    /// A file was taken in.
    Imported(Imported),
    /// It was not done.
    Trouble(Trouble),
}

/// Forms are due again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resent {
    /// How many.
    pub forms: usize,
}

/// A receipt as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownReceipt {
    /// Digest of the form it proves.
    pub form: Digest,
    /// Its contest.
    pub contest: ContestCode,
    /// The log's name.
    pub log: String,
    /// Entry of the log.
    pub index: u64,
    /// When it arrived, by the collector's clock, milliseconds since 1970, UTC.
    pub arrived_ms: u64,
    /// Entries that the log had.
    pub entries: u64,
    /// Who besides the log has signed; none, if the papers want nobody.
    pub cosigned: Option<CosignedShown>,
    /// The `tlog-proof`.
    pub text: String,
}

/// Where the station's page is, for whoever may see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageAddress {
    /// The address with the word that lets a browser in: to be kept as a key is.
    pub address: String,
}

/// A file of sealed forms was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exported {
    /// Where.
    pub file: PathBuf,
    /// How many forms, or receipts.
    pub forms: usize,
    /// Its size.
    pub bytes: usize,
}

/// Why something was not done. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// For scripts.
    pub kind: TroubleKind,
    /// What happened and what to do.
    pub sentence: String,
    /// Each single thing that is wrong.
    pub details: Vec<String>,
    /// Broken rules that want an explanation.
    pub findings: Vec<FindingShown>,
}

/// Kinds of trouble; each has an exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TroubleKind {
    /// The typed form has mistakes.
    Mistakes,
    /// The form breaks rules and nothing was said of it.
    NeedsExplanation,
    /// There is a form of the contest already.
    NeedsCorrection,
    /// There is no form to correct.
    NothingToCorrect,
    /// Something is too long, too large or too many.
    OverLimit,
    /// What was named is not there.
    Unknown,
    /// A file cannot be read or written.
    File,
    /// A carried file is damaged, or none.
    Carried,
    /// The disk is full.
    DiskFull,
    /// The store failed.
    Store,
    /// The definition asks for a second entry, and there is none.
    NeedsSecondEntry,
    /// The second entry has other numbers than the first.
    SecondDiffers,
}

impl Trouble {
    pub(crate) fn new(
        kind: TroubleKind,
        phrase: Phrase,
        language: Language,
        values: &[&dyn Display],
    ) -> Self {
        let sentence = fill(phrase, language, values);
        Self { kind, sentence, details: Vec::new(), findings: Vec::new() }
    }

    pub(crate) fn of_store(fault: &StoreFault, language: Language) -> Self {
        match fault {
            StoreFault::Full => {
                Self::new(TroubleKind::DiskFull, text::TROUBLE_DISK_FULL, language, &[])
            }
            other => Self::new(TroubleKind::Store, text::TROUBLE_STORE, language, &[other]),
        }
    }
}
