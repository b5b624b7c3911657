//! Cuts the power of agents and collectors at random moments and looks for what they
//! had acknowledged, also between two agents of which one carries the other's forms. Needs root, for its disks.

use anyhow::bail;
use clap::{Parser, ValueEnum};
use saksi_tests::power::{Cuts, cut_agent, cut_carried, cut_collector};

/// Cuts the power of agents and collectors, and prints what was acknowledged and lost.
#[derive(Debug, Parser)]
struct Arguments {
    /// Cuts a side.
    #[arg(long, default_value_t = 200)]
    rounds: u32,
    /// Seed of the moments and of what is sent; a failure names it.
    #[arg(long, default_value_t = 2026)]
    seed: u64,
    /// Only one of them.
    #[arg(long, value_enum)]
    side: Option<Side>,
}

/// What is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Side {
    Agent,
    Carried,
    Collector,
}

fn main() -> anyhow::Result<()> {
    let Arguments { rounds, seed, side } = Arguments::parse();
    for of in [Side::Agent, Side::Carried, Side::Collector] {
        if side.is_some_and(|wanted| wanted != of) {
            continue;
        }
        let cuts = Cuts { rounds, seed };
        let (name, figures) = match of {
            Side::Agent => ("agent", cut_agent(cuts)?),
            Side::Carried => ("carried", cut_carried(cuts)?),
            Side::Collector => ("collector", cut_collector(cuts)?),
        };
        match figures {
            Some(figures) => println!("{name:<10} {figures}"),
            None => bail!("nothing can be mounted here: run it as root"),
        }
    }
    Ok(())
}
