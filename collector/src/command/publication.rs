//! `publication …`: publication is paused with a reason, and goes on.

use saksi_collector::changes::Change;
use saksi_collector::clock;
use saksi_proto::ruling::Pause;

use super::{act, change, existing};
use crate::cli;

pub(crate) fn run(command: &cli::Publication) -> anyhow::Result<()> {
    let (arguments, paused) = match command {
        cli::Publication::Pause(arguments) => (arguments, true),
        cli::Publication::Resume(arguments) => (arguments, false),
    };
    let act = act(&arguments.because.by, &arguments.because.reason)?;
    let (home, config) = existing(&arguments.dir)?;
    change(&home, &config, Change::Pause(Pause { paused, at_ms: clock::now_ms(), act }))?;
    if paused {
        println!("Paused: no new totals are published, and every page says why.");
        println!("Forms are taken in, logged and answered as before.");
    } else {
        println!("Totals are published again.");
    }
    Ok(())
}
