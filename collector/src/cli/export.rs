//! `export`

use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;
use saksi_collector::export::Format;
use saksi_proto::ids::{ContestCode, RegionCode};

const AFTER: &str = "Every export names the log, its size and its root; what becomes of what stands \
    in deploy/EXPORTS.md. Works beside a running collector. Exit codes: 0 written; 1 not, for the \
    reason said; 5 the log is damaged; 7 the checkpoint given with --at is none of this log's, or \
    of another version of it.";

/// `export`
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub(crate) struct Export {
    /// The collector's directory.
    pub(crate) dir: PathBuf,
    /// What it is written as.
    #[arg(long, value_enum)]
    pub(crate) format: Format,
    /// The region, with its parts; default: the whole.
    #[arg(long, value_name = "CODE")]
    pub(crate) region: Option<RegionCode>,
    /// The contest; default: all. CSV and EML 520 hold one.
    #[arg(long, value_name = "CODE")]
    pub(crate) contest: Option<ContestCode>,
    /// Down to stations, not only to the parts of the region.
    #[arg(long)]
    pub(crate) stations: bool,
    /// The log as it was then: a file with a checkpoint, or the size of one; default: the
    /// newest.
    #[arg(long, value_name = "CHECKPOINT")]
    pub(crate) at: Option<String>,
    /// Write to this file, which appears when it is whole; default: standard output.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// The day of the election, YYYY-MM-DD, which no definition says and NIST and EML want.
    #[arg(long, value_parser = day)]
    pub(crate) date: Option<Date>,
    /// Who issues it; default: the log's origin.
    #[arg(long, value_name = "NAME")]
    pub(crate) issuer: Option<String>,
    /// Who is elected, for EML 520: the code of a candidate or party, or PARTY.CANDIDATE.
    #[arg(long, value_name = "CODE")]
    pub(crate) elected: Vec<String>,
}

/// A day that every format can write.
fn day(text: &str) -> Result<Date, String> {
    let date: Date = text.parse().map_err(|_| "a day is written YYYY-MM-DD".to_owned())?;
    match date.year() {
        2000..=2999 => Ok(date),
        _ => Err("a year from 2000 to 2999".to_owned()),
    }
}
