//! The command lines of `ruling`, `amend` and `publication`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use saksi_proto::ids::{ContestCode, RegionCode, StationCode};

use super::By;

/// `ruling`
#[derive(Debug, Subcommand)]
pub(crate) enum Ruling {
    /// Show the stations that wait for a ruling: held and disputed.
    List(Waiting),
    /// Show a station's forms, with their digests, and the rulings on them.
    Show(OfStation),
    /// Count a held form as written, or one of those that are disputed; the others are
    /// rejected.
    Accept(Accept),
    /// Count none of the forms that are there. The next that comes is judged as a first one.
    Reject(Rule),
    /// Take the last ruling back: what was held or disputed is so again.
    Withdraw(Rule),
}

/// `ruling list`
#[derive(Debug, Args)]
pub(crate) struct Waiting {
    /// The collector's directory.
    pub(crate) dir: PathBuf,
    /// Stations of this region only.
    #[arg(long)]
    pub(crate) region: Option<RegionCode>,
}

/// A station, and one of its contests.
#[derive(Debug, Args)]
pub(crate) struct OfStation {
    /// The collector's directory.
    pub(crate) dir: PathBuf,
    /// The station.
    pub(crate) station: StationCode,
    /// The contest; may be left out where the station holds only one.
    #[arg(long)]
    pub(crate) contest: Option<ContestCode>,
}

/// Why, and who.
#[derive(Debug, Args)]
pub(crate) struct Because {
    /// Why; it stands in the log, and everybody can read it.
    #[arg(long)]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) by: By,
}

/// `ruling accept`
#[derive(Debug, Args)]
pub(crate) struct Accept {
    #[command(flatten)]
    pub(crate) of: OfStation,
    /// The form that is counted: its SHA-256, or its first 8 digits or more.
    #[arg(long, value_name = "DIGEST")]
    pub(crate) form: String,
    #[command(flatten)]
    pub(crate) because: Because,
}

/// `ruling reject`, `ruling withdraw`
#[derive(Debug, Args)]
pub(crate) struct Rule {
    #[command(flatten)]
    pub(crate) of: OfStation,
    #[command(flatten)]
    pub(crate) because: Because,
}

/// `amend`
#[derive(Debug, Subcommand)]
pub(crate) enum Amend {
    /// Say how many registered voters a station has. Coverage is measured by it from here
    /// on; the rules of forms go on comparing with the definition.
    Registered {
        #[command(flatten)]
        of: Station,
        /// How many.
        voters: u32,
        #[command(flatten)]
        because: Because,
    },
    /// Say that a station did not open: it is no longer expected.
    Unopened {
        #[command(flatten)]
        of: Station,
        #[command(flatten)]
        because: Because,
    },
    /// Say that it did open after all.
    Opened {
        #[command(flatten)]
        of: Station,
        #[command(flatten)]
        because: Because,
    },
}

/// A station.
#[derive(Debug, Args)]
pub(crate) struct Station {
    /// The collector's directory.
    pub(crate) dir: PathBuf,
    /// The station.
    pub(crate) station: StationCode,
}

/// `publication`
#[derive(Debug, Subcommand)]
pub(crate) enum Publication {
    /// Publish no new totals; every page says since when, and why. The log goes on.
    Pause(Publish),
    /// Publish again.
    Resume(Publish),
}

/// `publication pause`, `publication resume`
#[derive(Debug, Args)]
pub(crate) struct Publish {
    /// The collector's directory.
    pub(crate) dir: PathBuf,
    #[command(flatten)]
    pub(crate) because: Because,
}
