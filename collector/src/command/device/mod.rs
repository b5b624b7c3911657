//! `device …`

mod codes;
mod enrol;
mod issue;
mod list;
mod revoke;

use std::path::Path;

use saksi_collector::config::Config;
use saksi_collector::home::Home;
use saksi_collector::ledger::Ledger;
use saksi_collector::serve;

use super::journal;
use crate::cli;

pub(crate) fn run(command: &cli::Device) -> anyhow::Result<()> {
    match command {
        cli::Device::Codes(arguments) => codes::run(arguments),
        cli::Device::Enrol(arguments) => enrol::run(arguments),
        cli::Device::Issue(arguments) => issue::run(arguments),
        cli::Device::List(arguments) => list::run(arguments),
        cli::Device::Revoke(arguments) => revoke::revoke(arguments),
        cli::Device::Replace(arguments) => revoke::replace(arguments),
    }
}

fn existing(dir: &Path) -> anyhow::Result<(Home, Config)> {
    let home = Home::existing(dir)?;
    let config = Config::read(&home.config())?;
    Ok((home, config))
}

/// The log, folded, also beside a running collector.
pub(super) fn fold(home: &Home) -> anyhow::Result<Ledger> {
    serve::open_to_read(home).map_err(|fault| journal::with_way_out(fault, home.path()))
}
