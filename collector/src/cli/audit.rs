//! `audit`

use std::path::PathBuf;

use clap::Args;

const AFTER: &str = "Needs nothing but the public files: no collector, no key, no account. Exit \
    codes: 0 everything checked is as it should be; 7 something is not, and the report names the \
    file, the entry or the region and column; 1 it could not be checked, so nothing is known.";

/// `audit`
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub(crate) struct Audit {
    /// Address of the log (https://…), or a directory with a copy of its files.
    #[arg(value_name = "URL-or-DIR")]
    pub(crate) source: String,
    /// The log's key as it was published elsewhere, or a file with it; default: the log's own
    /// word.
    #[arg(long, value_name = "VKEY-or-FILE")]
    pub(crate) key: Option<String>,
    /// A checkpoint of this log from before: it must have grown from that.
    #[arg(long, value_name = "CHECKPOINT-FILE")]
    pub(crate) previous: Option<PathBuf>,
    /// Whose cosignatures its checkpoint must have, a C2SP tlog-policy from whom you trust;
    /// its one log is the key, unless --key names it.
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// There need be no published totals to compare: the log has just begun, or this is a
    /// copy without them.
    #[arg(long)]
    pub(crate) without_totals: bool,
    /// Print the report as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Write the report to this file too, as JSON.
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
}
