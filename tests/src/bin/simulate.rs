//! Plays simulated election nights: many seeds with a table of what they met, or one
//! seed step by step.
//!
//!     cargo run -p saksi-tests --bin simulate -- --seeds 1000
//!     cargo run -p saksi-tests --bin simulate -- --seed 7

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use saksi_tests::simulation::census::{add, never, table};
use saksi_tests::simulation::op::reproduction;
use saksi_tests::simulation::shrink::shrink;
use saksi_tests::simulation::{Failure, play, play_seed};

#[derive(Parser)]
#[command(about = "Plays simulated election nights")]
struct Arguments {
    /// Plays the nights of this many seeds.
    #[arg(long, default_value_t = 200, conflicts_with = "seed")]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Plays the night of one seed and prints every step.
    #[arg(long)]
    seed: Option<u64>,
}

/// Seeds after which everything must have happened at least once.
const ENOUGH: u64 = 200;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.seed {
        Some(seed) => one(seed),
        None => many(arguments.from, arguments.seeds),
    };
    done.unwrap_or_else(|failure| {
        tell(*failure);
        ExitCode::FAILURE
    })
}

fn one(seed: u64) -> Result<ExitCode, Box<Failure>> {
    let played = play_seed(seed, true)?;
    println!("trace {:016x}; every oracle held after every step", played.trace);
    Ok(ExitCode::SUCCESS)
}

fn many(from: u64, seeds: u64) -> Result<ExitCode, Box<Failure>> {
    let (began, mut census) = (Instant::now(), BTreeMap::new());
    for seed in from..from + seeds {
        add(&mut census, &play_seed(seed, false)?.census);
    }
    let never = never(&census);
    println!("{}", table(&census));
    let seconds = began.elapsed().as_secs_f64();
    println!("{seeds} seeds in {seconds:.1} s; every oracle held after every step");
    if !never.is_empty() {
        println!("never happened: {}", never.join(", "));
    }
    let poor = seeds >= ENOUGH && !never.is_empty();
    Ok(if poor { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Prints a failure, the shortest list that fails so, and its last steps.
fn tell(failure: Failure) {
    println!("{failure}\n\nshrinking {} operations …", failure.ops.len());
    let shortest = shrink(failure);
    println!("{} operations are enough: {}\n", shortest.ops.len(), shortest.violation);
    drop(play(shortest.seed, &shortest.ops, true));
    println!("\n{}", reproduction(shortest.seed, &shortest.ops));
}
