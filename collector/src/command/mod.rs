//! What each command does, a file each.

pub(crate) mod amend;
pub(crate) mod audit;
pub(crate) mod authority;
pub(crate) mod boundaries;
pub(crate) mod check;
pub(crate) mod device;
pub(crate) mod export;
pub(crate) mod init;
pub(crate) mod journal;
pub(crate) mod log;
pub(crate) mod publication;
pub(crate) mod question;
pub(crate) mod results;
pub(crate) mod ruling;
pub(crate) mod serve;
pub(crate) mod staff;
pub(crate) mod witness;

use std::io::{ErrorKind, Write as _, stdout};
use std::path::Path;

use anyhow::bail;
use saksi_collector::changes::Change;
use saksi_collector::config::Config;
use saksi_collector::home::Home;
use saksi_collector::ledger::Ledger;
use saksi_collector::registry::Registry;
use saksi_proto::entry::Act;

use crate::cli;

/// An existing collector's directory, and its configuration.
fn existing(dir: &Path) -> anyhow::Result<(Home, Config)> {
    let home = Home::existing(dir)?;
    let config = Config::read(&home.config())?;
    Ok((home, config))
}

/// The log, folded, also beside a running collector.
fn fold(home: &Home) -> anyhow::Result<Ledger> {
    saksi_collector::serve::open_to_read(home)
        .map_err(|fault| journal::with_way_out(fault, home.path()))
}

/// Who does it, and why. A reason that says nothing is none: it stands in the log for ever.
fn act(by: &cli::By, reason: &str) -> anyhow::Result<Act> {
    if reason.trim().is_empty() {
        bail!("say why with --reason; it stands in the log");
    }
    Ok(Act { by: by.name(), reason: reason.trim().to_owned() })
}

/// Makes a change in one commit, also beside a running collector.
fn change(home: &Home, config: &Config, change: Change) -> anyhow::Result<()> {
    Registry::new(home, config)?.change(change)?;
    Ok(())
}

/// Writes an answer of many lines. Who hangs up early, as `head` does, has seen enough.
pub(crate) fn answer(text: &str) -> std::io::Result<()> {
    let mut out = stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(fault) if fault.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}
