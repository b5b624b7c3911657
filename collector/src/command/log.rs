//! `log`.

use saksi_collector::home::Home;

use super::answer;
use crate::cli;

/// `log …`
pub(crate) fn run(command: &cli::Log) -> anyhow::Result<()> {
    match command {
        cli::Log::Key { dir } => {
            let key = Home::existing(dir)?.read_log_key()?;
            Ok(answer(&format!("{key}\n"))?)
        }
    }
}
