//! The command line.

mod audit;
mod boundaries;
mod decide;
mod device;
mod export;
mod question;
mod staff;
mod witness;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use saksi_proto::ids::{ContestCode, RegionCode};

pub(crate) use audit::Audit;
pub(crate) use boundaries::{Boundaries, Import, Remove};
pub(crate) use decide::{Amend, Because, OfStation, Publication, Ruling, Waiting};
pub(crate) use device::{Codes, Device, Enrol, Issue, List, Replace, Revoke, State};
pub(crate) use export::Export;
pub(crate) use question::{Ask, Question};
pub(crate) use staff::{Add, OfAccount, PasswordFrom, Staff, Wall};
pub(crate) use witness::{Witness, WitnessLog};

/// Receives, verifies, logs and adds up tally forms.
#[derive(Debug, Parser)]
#[command(name = "saksi-collector", version, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 done; 1 failed; 2 wrong usage; 3 mistakes in a definition \
    or configuration; 4 the directory is in use, is no collector's, or a key in it is damaged, or what a witness knew; 5 the log cannot be served, or is damaged; \
    6 the journal failed while serving; 7 an audited log is not what it says, or a checkpoint given \
    to an export is none of its log.";

/// What can be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a collector: authority, keys, log and configuration.
    Init(Init),
    /// Receive forms and serve pages until stopped (SIGTERM or Ctrl-C). SIGHUP has bounds,
    /// keys and certificates read again.
    Serve(Serve),
    /// Give stations their devices, take them away, and see how they are.
    #[command(subcommand)]
    Device(Device),
    /// Rule on held and disputed forms.
    #[command(subcommand)]
    Ruling(Ruling),
    /// Ask a station to look at its paper again, and see who has not answered.
    #[command(subcommand)]
    Question(Question),
    /// Amend the register of stations: voters, and whether a station opened.
    #[command(subcommand)]
    Amend(Amend),
    /// Pause publication with a public reason, and go on.
    #[command(subcommand)]
    Publication(Publication),
    /// Accounts of the desk for staff, and links to its wall views.
    #[command(subcommand)]
    Staff(Staff),
    /// Have pages show maps, of boundaries that you import.
    #[command(subcommand)]
    Boundaries(Boundaries),
    /// Sign certificates where the authority's key is not on this host.
    #[command(subcommand)]
    Authority(Authority),
    /// Show a region's totals, also beside a running collector.
    Results(Results),
    /// Write results in the formats of others: CSV, NIST SP 1500-100, EML; also beside a
    /// running collector.
    Export(Export),
    /// Verify, back up or restore the journal.
    #[command(subcommand)]
    Journal(Journal),
    /// Check a log and its totals from the public files alone, on any machine.
    Audit(Audit),
    /// Look at the public log.
    #[command(subcommand)]
    Log(Log),
    /// Cosign the logs of others, so that nobody can be shown another log than everybody else.
    #[command(subcommand)]
    Witness(Witness),
    /// Look at an election definition.
    #[command(subcommand)]
    Election(Election),
    /// Look at a configuration.
    #[command(subcommand)]
    Config(Config),
}

/// `init`
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// Directory to make.
    pub(crate) dir: PathBuf,
    /// Directory of the election definition (election.toml, regions.csv, stations.csv).
    #[arg(long, value_name = "PACK")]
    pub(crate) election: PathBuf,
    /// Address and port where devices will connect.
    #[arg(long, default_value = "0.0.0.0:7443")]
    pub(crate) agents: SocketAddr,
    /// Address and port where pages will be served.
    #[arg(long, default_value = "127.0.0.1:7480")]
    pub(crate) web: SocketAddr,
    /// What devices are told to connect to, HOST:PORT; several are tried in order.
    #[arg(long, value_name = "HOST:PORT", required = true)]
    pub(crate) public: Vec<String>,
    /// Name of the log, for all time; default: first public host / id of the election.
    #[arg(long)]
    pub(crate) origin: Option<String>,
    /// Certificate of an authority whose key is elsewhere (see `authority make`).
    #[arg(long, value_name = "CA.PEM")]
    pub(crate) ca_external: Option<PathBuf>,
}

/// `serve`
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The collector's directory.
    pub(crate) dir: PathBuf,
    /// Listen for devices here instead of where the configuration says.
    #[arg(long)]
    pub(crate) agents: Option<SocketAddr>,
    /// Serve pages here instead of where the configuration says.
    #[arg(long)]
    pub(crate) web: Option<SocketAddr>,
}

/// Who does it.
#[derive(Debug, Args)]
pub(crate) struct By {
    /// Your name, which stands in the log; default: that of your login.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

impl By {
    /// The name given, or that of the login.
    pub(crate) fn name(&self) -> String {
        self.by.clone().unwrap_or_else(Self::login)
    }

    /// The name of the login.
    pub(crate) fn login() -> String {
        let names = ["SUDO_USER", "USER", "LOGNAME"];
        let login = names.iter().find_map(|name| std::env::var(name).ok());
        login.unwrap_or_else(|| "unknown".to_owned())
    }
}

/// `results`
#[derive(Debug, Args)]
pub(crate) struct Results {
    /// The collector's directory.
    pub(crate) dir: PathBuf,
    /// The region; default: the whole.
    pub(crate) region: Option<RegionCode>,
    /// The contest; default: the first.
    #[arg(long)]
    pub(crate) contest: Option<ContestCode>,
    /// As JSON, the same as the API's.
    #[arg(long, conflicts_with = "csv")]
    pub(crate) json: bool,
    /// As CSV.
    #[arg(long)]
    pub(crate) csv: bool,
}

/// `journal`
#[derive(Debug, Subcommand)]
pub(crate) enum Journal {
    /// Check every page, entry and checkpoint, also beside a running collector.
    Verify {
        /// The collector's directory.
        dir: PathBuf,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Write a verified copy to a new file, also beside a running collector.
    Backup {
        /// The collector's directory.
        dir: PathBuf,
        /// The file to make.
        file: PathBuf,
        /// All that the centre needs to stand up again, as a directory: with its keys.
        #[arg(long)]
        centre: bool,
    },
    /// Put a backup in the journal's place, which is set aside. No collector may run.
    Restore {
        /// The collector's directory.
        dir: PathBuf,
        /// The backup.
        file: PathBuf,
        /// Also if the journal in place has entries that the backup has not.
        #[arg(long)]
        lose_entries: bool,
    },
}

/// `log`
#[derive(Debug, Subcommand)]
pub(crate) enum Log {
    /// Print origin and public key, as whoever checks the log must know them.
    Key {
        /// The collector's directory.
        dir: PathBuf,
    },
    /// Prove that a form is in a log, from its public files alone, on any machine.
    Receipt(ReceiptOf),
}

/// `log receipt`
#[derive(Debug, Args)]
pub(crate) struct ReceiptOf {
    /// Address of the log (https://…), or a directory with a copy of its files.
    #[arg(value_name = "URL-or-DIR")]
    pub(crate) source: String,
    /// The form's entry, as its station's page names it.
    #[arg(value_name = "ENTRY")]
    pub(crate) index: u64,
    /// The log's key as it was published elsewhere, or a file with it; default: the log's own
    /// word.
    #[arg(long, value_name = "VKEY-or-FILE")]
    pub(crate) key: Option<String>,
    /// Write the form as it was sealed (ENTRY.form) and its receipt (ENTRY.tlog-proof) into this
    /// directory, for `saksi-agent receipt verify`.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

/// `authority`
#[derive(Debug, Subcommand)]
pub(crate) enum Authority {
    /// Make an authority, on a machine without a network: ca.key stays there, ca.pem goes to
    /// `init --ca-external`.
    Make {
        /// Directory to make.
        dir: PathBuf,
        /// Directory of the election definition.
        #[arg(long, value_name = "PACK")]
        election: PathBuf,
    },
    /// Write down what waits to be signed, also beside a running collector.
    Requests {
        /// The collector's directory.
        dir: PathBuf,
        /// The file to make.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Sign what is asked for, where the authority's key is.
    Sign {
        /// The authority's directory.
        authority: PathBuf,
        /// The requests.
        file: PathBuf,
        /// The file to make.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Take what was signed, also beside a running collector.
    Import {
        /// The collector's directory.
        dir: PathBuf,
        /// What was signed.
        file: PathBuf,
    },
}

/// `election`
#[derive(Debug, Subcommand)]
pub(crate) enum Election {
    /// Check a definition and show all its mistakes, or what it comes to.
    Check {
        /// Directory of the definition.
        pack: PathBuf,
    },
}

/// `config`
#[derive(Debug, Subcommand)]
pub(crate) enum Config {
    /// Check a collector's configuration and show all its mistakes.
    Check {
        /// The collector's directory.
        dir: PathBuf,
    },
}
