//! The command line of `device`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use saksi_proto::ids::{RegionCode, StationCode};

use super::By;

/// `device`
#[derive(Debug, Subcommand)]
pub(crate) enum Device {
    /// Give out codes with which stations enrol their own devices, as slips to print.
    Codes(Codes),
    /// Enrol devices whose applications were carried here as files.
    Enrol(Enrol),
    /// Write a bundle (certificate, key, election) for each station's device.
    Issue(Issue),
    /// Show every station's device: enrolled, tested, seen, revoked.
    List(List),
    /// Take devices away: what they send from now on is kept as evidence and never counted.
    Revoke(Revoke),
    /// Take a station's device away and give out a code for another, in one step.
    Replace(Replace),
}

/// `device codes`
#[derive(Debug, Args)]
pub(crate) struct Codes {
    /// The collector's directory.
    pub(crate) dir: PathBuf,
    /// Stations; each must have no device.
    #[arg(required_unless_present_any = ["region", "csv"])]
    pub(crate) stations: Vec<StationCode>,
    /// All stations of a region that have no device.
    #[arg(long)]
    pub(crate) region: Vec<RegionCode>,
    /// The stations of a list with a column `code`; one bad row, and nothing is done.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["stations", "region"])]
    pub(crate) csv: Option<PathBuf>,
    /// Instead: so many codes for spare devices of each region, for any of its stations
    /// without a device.
    #[arg(long, value_name = "N", requires = "region", conflicts_with_all = ["stations", "csv"],
          value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub(crate) spares: Option<u16>,
    /// Goes on after a run that was interrupted: leaves out whoever is on a sheet in its
    /// directory.
    #[arg(long, value_name = "DIR", conflicts_with = "spares")]
    pub(crate) after: Option<PathBuf>,
    /// Only stations without a valid code.
    #[arg(long, conflicts_with = "spares")]
    pub(crate) only_missing: bool,
    /// New or empty directory for codes.csv and the sheets to print. Whoever has a slip can
    /// be the station.
    #[arg(long, value_name = "DIR", required_unless_present = "dry_run")]
    pub(crate) out: Option<PathBuf>,
    /// How long the codes are valid.
    #[arg(long, default_value_t = 14, value_parser = clap::value_parser!(u16).range(1..=366))]
    pub(crate) days: u16,
    /// Only look: every bad row, and how many codes there would be.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Why; it stands in the log.
    #[arg(long, default_value = "")]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) by: By,
}

/// `device enrol`
#[derive(Debug, Args)]
pub(crate) struct Enrol {
    /// The collector's directory.
    pub(crate) dir: PathBuf,
    /// Applications that devices have written.
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Directory for the answers, one STATION.papers.json each. Nothing in them is secret.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
}

/// `device issue`
#[derive(Debug, Args)]
pub(crate) struct Issue {
    /// The collector's directory.
    pub(crate) dir: PathBuf,
    /// Stations.
    #[arg(required_unless_present = "region")]
    pub(crate) stations: Vec<StationCode>,
    /// All stations of a region, besides.
    #[arg(long)]
    pub(crate) region: Option<RegionCode>,
    /// Directory for the bundles, one STATION.json each. They hold private keys.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Also for stations that have a device: the old one can no longer send.
    #[arg(long)]
    pub(crate) replace: bool,
    /// Why; it stands in the log.
    #[arg(long, default_value = "")]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) by: By,
}

/// `device revoke`
#[derive(Debug, Args)]
pub(crate) struct Revoke {
    /// The collector's directory.
    pub(crate) dir: PathBuf,
    /// Stations whose devices are taken away; all of them or none.
    #[arg(required = true)]
    pub(crate) stations: Vec<StationCode>,
    /// Why; it stands in the log.
    #[arg(long)]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) by: By,
}

/// `device replace`
#[derive(Debug, Args)]
pub(crate) struct Replace {
    /// The collector's directory.
    pub(crate) dir: PathBuf,
    /// The station.
    #[arg(long)]
    pub(crate) station: StationCode,
    /// Why; it stands in the log.
    #[arg(long)]
    pub(crate) reason: String,
    /// New or empty directory for the slip; without one the code is only shown.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// How long the code is valid.
    #[arg(long, default_value_t = 14, value_parser = clap::value_parser!(u16).range(1..=366))]
    pub(crate) days: u16,
    #[command(flatten)]
    pub(crate) by: By,
}

/// `device list`
#[derive(Debug, Args)]
pub(crate) struct List {
    /// The collector's directory.
    pub(crate) dir: PathBuf,
    /// Stations of this region only.
    #[arg(long)]
    pub(crate) region: Option<RegionCode>,
    /// In this state only.
    #[arg(long)]
    pub(crate) state: Option<State>,
    /// Enrolled, and never seen.
    #[arg(long)]
    pub(crate) never_seen: bool,
    /// Enrolled, and not tested by a rehearsal form.
    #[arg(long)]
    pub(crate) not_tested: bool,
    /// Enrolled, and not seen for so many hours, or never.
    #[arg(long, value_name = "HOURS")]
    pub(crate) silent: Option<u32>,
    /// Enrolled, with a certificate that ends within so many days.
    #[arg(long, value_name = "DAYS")]
    pub(crate) ending: Option<u32>,
    /// Enrolled, with a clock that was off by more than so many seconds.
    #[arg(long, value_name = "SECONDS")]
    pub(crate) clock_off: Option<u32>,
    /// Enrolled, with an agent of this version.
    #[arg(long = "agent", value_name = "VERSION")]
    pub(crate) version: Option<String>,
    /// Enrolled, with a device that has seen a log that this one is not: one with more
    /// entries, or with others.
    #[arg(long)]
    pub(crate) saw_other_log: bool,
    /// As JSON, one object a station.
    #[arg(long, conflicts_with = "csv")]
    pub(crate) json: bool,
    /// As CSV.
    #[arg(long)]
    pub(crate) csv: bool,
}

/// How a station stands with its device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum State {
    NoCode,
    CodeOpen,
    CodeExpired,
    Enrolled,
    Tested,
    Revoked,
}
