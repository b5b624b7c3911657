//! `witness`

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Subcommand;

/// Cosign the logs of others.
#[derive(Debug, Subcommand)]
pub(crate) enum Witness {
    /// Make a witness: its key, in a new directory. It prints the public key.
    Init {
        /// Directory to make.
        dir: PathBuf,
        /// Name of the witness, for all time: like an address on the web without “https://”,
        /// such as newspaper.example/witness.
        #[arg(long, value_name = "NAME")]
        name: String,
    },
    /// The logs that it cosigns.
    #[command(subcommand)]
    Log(WitnessLog),
    /// Print its public key, for those who run the logs and for those who believe it.
    Key {
        /// The witness's directory.
        dir: PathBuf,
    },
    /// Answer logs until stopped (SIGTERM or Ctrl-C), without TLS: let a web server stand
    /// before it that has the public name and its certificate.
    Serve {
        /// The witness's directory.
        dir: PathBuf,
        /// Address and port where logs ask (POST /add-checkpoint).
        #[arg(long, default_value = "127.0.0.1:7490")]
        listen: SocketAddr,
    },
}

/// `witness log`
#[derive(Debug, Subcommand)]
pub(crate) enum WitnessLog {
    /// Cosign this log too, from the witness's next start on.
    Add {
        /// The witness's directory.
        dir: PathBuf,
        /// Origin and public key of the log, as in its log.vkey: ask for it in person.
        vkey: String,
    },
    /// Show each log and the size of the checkpoint that was cosigned last.
    List {
        /// The witness's directory.
        dir: PathBuf,
    },
}
