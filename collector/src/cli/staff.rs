//! The command line of `staff`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use saksi_collector::staff::account::{AccountName, Role};
use saksi_proto::ids::RegionCode;

/// `staff`
#[derive(Debug, Subcommand)]
pub(crate) enum Staff {
    /// Add an account.
    Add(Add),
    /// Show all accounts.
    List {
        /// The collector's directory.
        dir: PathBuf,
    },
    /// Give an account a new password, and end its sessions.
    Password {
        #[command(flatten)]
        of: OfAccount,
        #[command(flatten)]
        password: PasswordFrom,
    },
    /// Take an account's second factor away, and end its sessions.
    ResetSecond(OfAccount),
    /// End an account and its sessions, for good: its name is never given out again.
    End(OfAccount),
    /// Links to a view for a projector, which never signs out.
    #[command(subcommand)]
    Wall(Wall),
    /// Show the SHA-256 of the desk's certificate, to compare when a browser asks.
    Certificate {
        /// The collector's directory.
        dir: PathBuf,
    },
}

/// Which account.
#[derive(Debug, Args)]
pub(crate) struct OfAccount {
    /// The collector's directory.
    pub(crate) dir: PathBuf,
    /// What its owner signs in with.
    pub(crate) name: AccountName,
}

/// `staff add`
#[derive(Debug, Args)]
pub(crate) struct Add {
    #[command(flatten)]
    pub(crate) of: OfAccount,
    /// Who it is, as the log will have it.
    #[arg(long, value_name = "NAME")]
    pub(crate) full_name: String,
    /// viewer, operator, admin or auditor.
    #[arg(long)]
    pub(crate) role: Role,
    /// For the stations of this region only.
    #[arg(long)]
    pub(crate) region: Option<RegionCode>,
    #[command(flatten)]
    pub(crate) password: PasswordFrom,
}

/// Where a password comes from: the terminal, unless it is said.
#[derive(Debug, Args)]
pub(crate) struct PasswordFrom {
    /// Make a password, and show it once.
    #[arg(long)]
    pub(crate) generate: bool,
    /// Take the first line of a file; `-` is the standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "generate")]
    pub(crate) password_file: Option<PathBuf>,
}

/// `staff wall`
#[derive(Debug, Subcommand)]
pub(crate) enum Wall {
    /// Make a link, and show it once.
    Add {
        /// The collector's directory.
        dir: PathBuf,
        /// What it is called, such as where it hangs.
        name: String,
        /// Of this region only.
        #[arg(long)]
        region: Option<RegionCode>,
    },
    /// Show the views whose links are good.
    List {
        /// The collector's directory.
        dir: PathBuf,
    },
    /// End a link.
    End {
        /// The collector's directory.
        dir: PathBuf,
        /// Its number.
        id: i64,
    },
}
