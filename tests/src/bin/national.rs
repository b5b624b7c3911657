//! Loads a whole country: checks and serves the election over the real register
//! (91,946 regions, 822,116 stations), and prints the seconds and the memory it takes.

use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, ensure};
use clap::Parser;
use saksi_tests::collector::Collector;
use saksi_tests::crowd::Place;
use saksi_tests::{binaries, register, results};

/// Checks and serves an election over the whole register.
#[derive(Debug, Parser)]
struct Arguments {
    /// Directory with regions-2024.csv and stations-per-village-2024.csv.
    register: PathBuf,
    /// Leave the election and the collector's directory here.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let place = Place::new(arguments.keep.as_deref())?;
    let program = binaries::path("saksi-collector")?;
    let pack = place.path().join("election");
    register::write_pack(&pack, &arguments.register, |_| true)?;

    let begun = Instant::now();
    let mut check = Command::new(program).args(["election", "check"]).arg(&pack).spawn()?;
    ensure!(check.wait()?.success(), "the definition has mistakes");
    println!("checked in {:.1} s", begun.elapsed().as_secs_f64());

    let mut collector = Collector::make_without_devices(place.path(), &pack)?;
    let begun = Instant::now();
    collector.start(None)?;
    let started = begun.elapsed().as_secs_f64();
    let begun = Instant::now();
    let country = results::region(&collector, "0", "ppwp")?;
    let asked = begun.elapsed().as_secs_f64();
    let expected = country.totals.stations.expected;
    let memory = collector.resident_bytes().context("memory")? / (1024 * 1024);
    println!("serving after {started:.1} s with {memory} MB resident");
    println!("the country's totals over {expected} stations in {:.1} ms", asked * 1000.0);
    collector.stop()?;
    Ok(())
}
