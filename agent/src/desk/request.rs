//! What can be asked, as the CLI sends it through the door.

use std::path::PathBuf;

use saksi_proto::text::Language;
use serde::{Deserialize, Serialize};

use super::retention::Retention;
use super::submit::Submission;

/// A request and the language its answer is wanted in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Envelope {
    /// Language code of the sentences in the answer.
    language: String,
    /// What is asked.
    pub request: Request,
}

impl Envelope {
    /// A request to be answered in a language.
    #[must_use]
    pub fn new(language: Language, request: Request) -> Self {
        Self { language: language.code().to_owned(), request }
    }

    /// The language of the answer.
    #[must_use]
    pub fn language(&self) -> Language {
        Language::from_code(&self.language).unwrap_or_default()
    }
}

/// What can be asked of the desk. Paths are absolute: the daemon stands elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Request {
    /// Check, seal and store a form.
    Submit(Submission),
    /// How far everything has come.
    Status,
    /// The forms, line by line.
    Show {
        /// A contest's code or a form's digest, whole or its beginning; all contests
        /// if nothing is named.
        what: Option<String>,
    },
    /// Send again what was answered.
    Resend {
        /// Of one contest only.
        contest: Option<String>,
    },
    /// The receipt of a form.
    Receipt {
        /// A contest's code or a form's digest, whole or its beginning; the form that
        /// arrived last if nothing is named.
        form: Option<String>,
    },
    /// Look at everything again, and put right what can be.
    Doctor,
    /// Delete what is proven to be at the centre, or say what would be deleted.
    Retention(Retention),
    /// Where the station's page is.
    Page,
    /// Write all sealed forms into one file.
    Export {
        /// The file.
        out: PathBuf,
    },
    /// Write the receipts of carried forms into one file.
    ExportReceipts {
        /// The file.
        out: PathBuf,
    },
    /// Take in a file of other stations' forms, or of receipts.
    Import {
        /// The file.
        file: PathBuf,
    },
}
