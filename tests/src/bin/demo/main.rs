//! The demo: a collector, agents, a night of counting, and the totals beside a sum
//! made without the product. `deploy/demo` builds and starts it.

mod cast;
mod election;
mod night;
mod sums;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;
use saksi_tests::collector::Collector;
use saksi_tests::crowd::Place;

use cast::Cast;
use sums::Sums;

/// Shows tally forms travelling from agents to totals by region.
#[derive(Debug, Parser)]
#[command(name = "deploy/demo")]
struct Arguments {
    /// Stations of the sample to take part, from 24 to 230.
    #[arg(long, default_value_t = election::ALL, value_parser = clap::value_parser!(u64).range(24..=election::ALL))]
    stations: u64,
    /// End by itself; the exit code is 0 only if the sums agree.
    #[arg(long)]
    once: bool,
    /// Leave the election, the agents' stores and the collector's directory here, and the
    /// public log in `public`.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    let place = Place::new(arguments.keep.as_deref())?;
    let pack = place.path().join("election");
    let definition = election::write_pack(&pack, arguments.stations)?;
    println!("==> an election of {} stations", definition.stations().len());
    let mut collector = Collector::make(place.path(), &pack)?;
    collector.start(None)?;
    println!("    the collector is at {}/", collector.web()?);

    let cast = Cast::new(&definition);
    night::play(place.path(), &collector, &cast)?;

    println!("==> totals, beside a sum made without the product");
    let agree = Sums::of(&cast).compare(&collector, &definition)?;
    println!("\n    {}", if agree { "all sums agree" } else { "THE SUMS DO NOT AGREE" });
    if !arguments.once {
        println!("\n    pages: {}/   (Ctrl-C ends)", collector.web()?);
        wait_for_interrupt()?;
    }
    collector.stop()?;
    place.keep_public_log(&collector)?;
    if let Some(keep) = &arguments.keep {
        println!("    everything is in {}", keep.display());
    }
    Ok(if agree { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn wait_for_interrupt() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(tokio::signal::ctrl_c()).context("waiting for Ctrl-C")
}
