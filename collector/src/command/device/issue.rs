//! `device issue`.

use saksi_collector::changes::Change;
use saksi_collector::config::Config;
use saksi_collector::device::{Issuer, write_bundle};
use saksi_collector::home::Home;
use saksi_collector::registry::Registry;
use saksi_collector::{chosen, clock, pack};
use saksi_proto::bundle::Bundle;
use saksi_proto::definition::{Definition, StationIndex};
use saksi_proto::entry::{Act, Enrolment};

use crate::cli;

/// Bundles made before they are written: 30 KB each in the sample, 30 MB.
const ISSUED_AT_ONCE: usize = 1_000;

pub(super) fn run(arguments: &cli::Issue) -> anyhow::Result<()> {
    let home = Home::existing(&arguments.dir)?;
    let config = Config::read(&home.config())?;
    let definition = pack::read(&home.election())?;
    let issuer = Issuer::new(&home, &config)?;
    let stations = chosen(arguments, &definition)?;
    let mut registry = Registry::new(&home, &config)?;
    let now_ms = clock::now_ms();
    let act = Act { by: arguments.by.name(), reason: arguments.reason.clone() };
    for chunk in stations.chunks(ISSUED_AT_ONCE) {
        let issue = |station| issuer.issue(&home, &definition, station, &act, now_ms);
        let issued = chunk.iter().map(|station| issue(*station));
        let issued: Vec<(Bundle, Enrolment)> = issued.collect::<Result<_, _>>()?;
        let (bundles, enrolments): (Vec<_>, Vec<_>) = issued.into_iter().unzip();
        registry.change(Change::Enrol { enrolments, replace: arguments.replace })?;
        for bundle in &bundles {
            write_bundle(&arguments.out, bundle)?;
        }
    }
    println!("{} bundles are in {}", stations.len(), arguments.out.display());
    println!("Each holds a private key: give it to its station only, then delete it here.");
    Ok(())
}

/// The stations named and those of the region, each once.
fn chosen(arguments: &cli::Issue, definition: &Definition) -> anyhow::Result<Vec<StationIndex>> {
    let mut stations = chosen::stations(definition, &arguments.stations)?;
    if let Some(code) = arguments.region {
        let region = chosen::region(definition, code)?;
        stations.extend(chosen::stations_below(definition, region));
    }
    stations.sort_unstable();
    stations.dedup();
    Ok(stations)
}
