//! The fold of the log that the run has made, and the questions to it.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, ensure};
use saksi_collector::election::Election;
use saksi_collector::home::Home;
use saksi_collector::journal::{Journal, JournalFault};
use saksi_collector::ledger::Ledger;
use saksi_collector::reading::Reading;
use saksi_collector::storage::Storage as _;
use saksi_collector::{pack, serve};
use saksi_tests::results::Region;

use crate::quantile::Times;
use crate::server::Server;

/// Entries folded a second by one core, already read: deduplicated, and added up in every
/// region above the station.
pub(crate) fn apply(home: &Home) -> anyhow::Result<f64> {
    let election = Arc::new(Election::new(pack::read(&home.election())?));
    let readings = readings(home, &election)?;
    let entries = readings.len() as f64;
    let mut ledger = Ledger::new(election);
    let begun = Instant::now();
    for reading in readings {
        ledger.apply(reading.meaning)?;
    }
    Ok(entries / begun.elapsed().as_secs_f64())
}

/// Entries a second from the journal to a checked ledger, with the election read: what a
/// collector does at start.
pub(crate) fn replay(home: &Home) -> anyhow::Result<f64> {
    let begun = Instant::now();
    let ledger = serve::open_to_read(home)?;
    Ok(ledger.position.size as f64 / begun.elapsed().as_secs_f64())
}

fn readings(home: &Home, election: &Election) -> anyhow::Result<Vec<Reading>> {
    let journal = Journal::open_to_read(&home.journal())?;
    let size = journal.head()?.context("an empty journal")?.size;
    let mut encoded: Vec<Vec<u8>> = Vec::new();
    journal.for_each_entry(size, |bytes| {
        encoded.push(bytes.to_vec());
        Ok::<_, JournalFault>(())
    })?;
    Ok(encoded.iter().map(|bytes| Reading::of(election, bytes)).collect::<Result<_, _>>()?)
}

/// Asks the API so often for the whole country's totals, over one connection.
pub(crate) fn totals(server: &Server, asks: usize) -> anyhow::Result<Times> {
    let web = server.web.as_deref().context("a collector")?;
    let url = format!("{web}/api/v1/regions/0?contest=c000");
    let agent = ureq::Agent::new_with_defaults();
    let ask = || -> anyhow::Result<_> {
        let begun = Instant::now();
        agent.get(&url).call()?.body_mut().read_to_vec()?;
        Ok(begun.elapsed())
    };
    let country: Region = agent.get(&url).call()?.body_mut().read_json()?;
    ensure!(country.totals.stations.counted > 0, "nothing is counted");
    Ok(Times::new((0..asks).map(|_| ask()).collect::<anyhow::Result<_>>()?))
}
