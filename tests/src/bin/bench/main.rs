//! The benchmark: one table of what the collector takes, each figure beside a floor
//! measured in the same run. The floor is a process that does the same with the same
//! primitives and nothing else (see `floor.rs`); the shape of the load is explained in
//! `country.rs`.

mod answers;
mod bench;
mod country;
mod crew;
mod device;
mod disk;
mod floor;
mod fold;
mod idle;
mod line;
mod lone;
mod pace;
mod published;
mod quantile;
mod server;
mod size;
mod steady;
mod table;
mod traffic;
mod verify;
mod visits;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use bench::Bench;
use size::Size;

/// Measures the collector's ingest path beside its floor.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    part: Option<Part>,
    /// A shorter run with fewer forms, of about 15 s: to see that it works.
    #[arg(long)]
    quick: bool,
    /// Print an array of figures as JSON instead of the table.
    #[arg(long)]
    json: bool,
    /// Connections that send at a time in steady state: as many as batches may wait in
    /// the collector, at most; over that it asks to come later.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=256))]
    connections: u32,
    /// Work on the disk of this directory instead of the one for temporary files.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Part {
    /// Serve as the floor, with a collector's certificates; the benchmark starts it.
    #[command(hide = true)]
    Floor {
        /// The collector's directory.
        home: PathBuf,
    },
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    if let Some(Part::Floor { home }) = arguments.part {
        return floor::serve(&home);
    }
    let dir = arguments.dir.unwrap_or_else(std::env::temp_dir);
    let place = tempfile::tempdir_in(dir)?;
    let size = if arguments.quick { Size::quick() } else { Size::full() };
    let connections = usize::try_from(arguments.connections)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let figures = runtime.block_on(Bench::new(place.path(), size, connections)?.run())?;
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&figures)?);
    } else {
        table::print(&figures);
    }
    Ok(())
}
