//! Exports: the results of a region at one signed size of the log, in the formats of others.
//!
//! | step | module |
//! |---|---|
//! | the log, folded to a signed size and no further | [`at`] |
//! | what is exported, whatever the format | [`content`], [`coverage`] |
//! | as CSV, as NIST SP 1500-100 v2, as EML 510 and 520 in the profile EML_NL | [`csv`], [`nist`], [`eml`] |
//! | XML as both of these write it | [`xml`] |
//!
//! Everything is written while it is read from the ledger: a nation's export takes some
//! dozen bytes of memory a station besides the ledger. `deploy/EXPORTS.md` says what becomes
//! of what, and what does not fit.

pub mod at;
pub mod content;
pub mod coverage;
pub mod csv;
pub mod eml;
pub mod nist;
pub mod xml;

use std::io::{self, Write};

use saksi_proto::ids::{ContestCode, RegionCode};

use content::Export;

/// What an export is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// One contest as a table, of regions or of stations.
    Csv,
    /// NIST SP 1500-100 version 2, as JSON.
    NistJson,
    /// The same as XML.
    NistXml,
    /// EML 510, the count, in the profile EML_NL.
    #[value(name = "eml-510")]
    Eml510,
    /// EML 520, who is elected in one contest that is counted to its end.
    #[value(name = "eml-520")]
    Eml520,
}

/// Why there is no export.
#[derive(Debug, thiserror::Error)]
pub enum ExportFault {
    /// The election has no such region.
    #[error("there is no region {0}")]
    UnknownRegion(RegionCode),
    /// The election has no such contest.
    #[error("there is no contest {0}")]
    UnknownContest(ContestCode),
    /// Nothing is held there.
    #[error("region {0} has no station in this contest")]
    NotHeld(RegionCode),
    /// The format holds one contest.
    #[error("this format holds one contest; choose one with --contest: {0}")]
    OneContest(String),
    /// The format names the day of the election, and no definition does.
    #[error("this format names the day of the election; say it with --date YYYY-MM-DD")]
    NoDate,
    /// A result of a part would be none.
    #[error("EML 520 is the result of a whole contest; leave --region and --stations out")]
    Whole,
    /// Nobody may be declared elected yet.
    #[error(
        "EML 520 says who is elected, and {open} of {expected} stations are not settled (missing, \
         held or disputed); use eml-510 until then"
    )]
    Incomplete {
        /// Stations that are missing, held or disputed.
        open: u32,
        /// Stations that are expected.
        expected: u32,
    },
    /// The log does not say who is elected.
    #[error(
        "EML 520 says who is elected, which no count does by itself; name each with --elected CODE \
         (of a party's list: PARTY.CANDIDATE)"
    )]
    NobodyElected,
    /// Nobody of that code stands.
    #[error("nobody stands as {0} in this contest")]
    UnknownElected(String),
    /// It cannot be written.
    #[error("the export cannot be written: {0}")]
    Write(#[from] io::Error),
}

/// Writes an export.
///
/// # Errors
/// [`ExportFault`]; what was written so far is of no use then.
pub fn write(export: &Export<'_>, format: Format, out: impl Write) -> Result<(), ExportFault> {
    if format != Format::Csv {
        // Asked for before anything is written.
        export.date()?;
    }
    match format {
        Format::Csv => csv::write(export, out),
        Format::NistJson => nist::write(export, nist::json::Json::new(out)),
        Format::NistXml => nist::write(export, nist::xml::Elements::new(out)?),
        Format::Eml510 => eml::count::write(export, out),
        Format::Eml520 => eml::result::write(export, out),
    }
}

#[cfg(test)]
mod tests;
