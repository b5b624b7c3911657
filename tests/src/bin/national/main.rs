//! Loads a whole country: checks and serves the election over the real register
//! (91,946 regions, 822,116 stations), empty or with the forms of its night in the log,
//! and prints the seconds and the memory it takes.

mod desk;
mod exports;
mod live;
mod looks;
mod night;
mod paint;
mod recount;
mod site;

use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, ensure};
use clap::Parser;
use night::{Course, Order};
use saksi_tests::collector::Collector;
use saksi_tests::crowd::Place;
use saksi_tests::{binaries, register, results};

/// Checks and serves an election over the whole register.
#[derive(Debug, Parser)]
struct Arguments {
    /// Directory with regions-2024.csv and stations-per-village-2024.csv.
    register: PathBuf,
    /// Put all devices and this many forms into the log first; the nation has 4,110,580,
    /// five a station. Makes up to 5 GB and takes minutes.
    #[arg(long, value_name = "N", default_value_t = 0)]
    forms: usize,
    /// Wait until all of it is published, and audit that.
    #[arg(long, requires = "forms")]
    audit: bool,
    /// Write the static site of it, and again after 1,000 forms more; then look at its
    /// longest pages as somebody with a cheap phone does. The forms are those of whole
    /// stations, with all their contests.
    #[arg(long, requires = "forms", conflicts_with = "audit")]
    site: bool,
    /// Ask for the pages and files of the desk for staff, in a night with some forms held,
    /// disputed, corrected and missing.
    #[arg(long, requires = "forms", conflicts_with_all = ["audit", "site"])]
    desk: bool,
    /// Export such a night in all formats.
    #[arg(long, requires = "forms", conflicts_with_all = ["audit", "site"])]
    exports: bool,
    /// Make an election of one contest, the president's, instead of five.
    #[arg(long)]
    one_contest: bool,
    /// Only this province, such as 12.
    #[arg(long = "province", value_name = "CODE", default_value = "")]
    below: String,
    /// Leave the election and the collector's directory here.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let place = Place::new(arguments.keep.as_deref())?;
    let program = binaries::path("saksi-collector")?;
    let pack = place.path().join("election");
    let election = match arguments.forms {
        0 => register::RECORDS.into(),
        _ => night::election(arguments.one_contest)?,
    };
    let below = |code: &str| code.starts_with(&arguments.below);
    register::write_pack(&pack, &election, &arguments.register, below)?;

    let begun = Instant::now();
    let mut check = Command::new(program).args(["election", "check"]).arg(&pack).spawn()?;
    ensure!(check.wait()?.success(), "the definition has mistakes");
    println!("checked in {:.1} s", begun.elapsed().as_secs_f64());

    let mut collector = Collector::make_without_devices(place.path(), &pack)?;
    let mut entries = 1;
    if arguments.forms > 0 {
        let begun = Instant::now();
        let order = if arguments.site { Order::ByStation } else { Order::ByContest };
        let is_troubled = arguments.desk || arguments.exports;
        let course = if is_troubled { Course::Troubled } else { Course::Smooth };
        entries = night::fill(collector.dir(), arguments.forms, order, course)?;
        let seconds = begun.elapsed().as_secs_f64();
        println!("a log of {entries} entries made in {seconds:.0} s");
    }
    if arguments.site {
        let longest = site::measure(collector.dir(), arguments.forms)?;
        return paint::measure(&mut collector, &longest);
    }
    if arguments.desk {
        desk::measure(&mut collector, entries, arguments.forms)?;
    }
    if arguments.exports {
        exports::measure(collector.dir(), entries)?;
    }
    if arguments.desk || arguments.exports {
        return Ok(());
    }
    let begun = Instant::now();
    collector.start(None)?;
    let started = begun.elapsed().as_secs_f64();
    let begun = Instant::now();
    let country = results::region(&collector, "0", "ppwp")?;
    let asked = begun.elapsed().as_secs_f64();
    let expected = country.totals.stations.expected;
    let memory = collector.resident_bytes().context("memory")? / (1024 * 1024);
    println!("serving after {started:.1} s with {memory} MB resident");
    let counted = country.totals.stations.counted;
    println!(
        "the country's totals, {counted} of {expected} stations counted, in {:.1} ms",
        asked * 1000.0
    );
    let public = collector.dir().join("public");
    if arguments.audit {
        println!("published in {:.0} s more", recount::published(&public, entries)?);
    }
    collector.stop()?;
    if arguments.audit { recount::audit(&public, entries) } else { Ok(()) }
}
