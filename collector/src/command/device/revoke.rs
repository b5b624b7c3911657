//! `device revoke` and `device replace`.

use std::collections::BTreeSet;

use saksi_collector::changes::Change;
use saksi_collector::clock;
use saksi_collector::registry::Registry;
use saksi_collector::slips::{Holder, Slips};
use saksi_collector::{chosen, pack};

use super::codes::Mint;
use super::existing;
use crate::cli;
use crate::command::act;

pub(super) fn revoke(arguments: &cli::Revoke) -> anyhow::Result<()> {
    let act = act(&arguments.by, &arguments.reason)?;
    let (home, config) = existing(&arguments.dir)?;
    let stations: BTreeSet<_> = arguments.stations.iter().copied().collect();
    let mut registry = Registry::new(&home, &config)?;
    let stations: Vec<_> = stations.into_iter().collect();
    let many = stations.len();
    registry.change(Change::Revoke { stations, act, at_ms: clock::now_ms() })?;
    println!("Revoked: {many}. What is still sent from there is kept as evidence, not counted.");
    println!("Forms that arrived before stand. For new devices: saksi-collector device codes");
    Ok(())
}

pub(super) fn replace(arguments: &cli::Replace) -> anyhow::Result<()> {
    let act = act(&arguments.by, &arguments.reason)?;
    let (home, config) = existing(&arguments.dir)?;
    let definition = pack::read(&home.election())?;
    let station = chosen::stations(&definition, &[arguments.station])?[0];
    let mint = Mint::new(&home, &config, act, arguments.days)?;
    let (grant, handout) = mint.make(&definition, Holder::Station(station))?;
    let slips = arguments.out.as_ref().map(|out| Slips::begin(&definition, out)).transpose()?;
    let mut registry = Registry::new(&home, &config)?;
    let changed = registry.change(Change::Replace { grant })?;
    // The device is revoked: the slip first, whatever becomes of our words.
    let slips = slips.map(|mut slips| {
        slips.add([handout.clone()])?;
        slips.finish()
    });
    slips.transpose()?;
    let code = arguments.station;
    if changed.entries > 1 {
        println!("The device of {code} is revoked; what it still sends is kept as evidence.");
    } else {
        println!("{code} had no device.");
    }
    println!("Its new code, valid for {} days:  {}", arguments.days, handout.slip.code);
    println!("The text of the slip:  {}", handout.slip);
    if let Some(out) = &arguments.out {
        println!("The slip to print is in {}", out.display());
    }
    Ok(())
}
