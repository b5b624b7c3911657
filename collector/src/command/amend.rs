//! `amend …`: what is expected of a station changes.

use saksi_collector::changes::Change;
use saksi_collector::clock;
use saksi_proto::ruling::{Amended, Amendment};

use super::{act, change, existing};
use crate::cli;

pub(crate) fn run(command: &cli::Amend) -> anyhow::Result<()> {
    let (of, amended, because) = match command {
        cli::Amend::Registered { of, voters, because } => {
            (of, Amended::Registered(*voters), because)
        }
        cli::Amend::Unopened { of, because } => (of, Amended::Unopened, because),
        cli::Amend::Opened { of, because } => (of, Amended::Opened, because),
    };
    let act = act(&because.by, &because.reason)?;
    let (home, config) = existing(&of.dir)?;
    let (station, at_ms) = (of.station, clock::now_ms());
    change(&home, &config, Change::Amend(Amendment { station, change: amended, at_ms, act }))?;
    match amended {
        Amended::Registered(voters) => println!("{station} has {voters} registered voters now."),
        Amended::Unopened => println!("{station} did not open, and is no longer expected."),
        Amended::Opened => println!("{station} did open, and is expected again."),
    }
    Ok(())
}
