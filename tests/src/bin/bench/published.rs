//! The log that the run has made, published anew: journal, bundles, tiles, fsyncs and all.

use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

use saksi_collector::home::Home;
use saksi_collector::publisher::Publisher;
use saksi_collector::publisher::disk::Files;
use saksi_collector::serve;

/// What publishing took.
pub(crate) struct Published {
    /// Entries a second from the journal to durable files.
    pub(crate) entries: f64,
    /// Time to copy all totals and write their tables.
    pub(crate) totals: Duration,
}

/// Publishes all of a collector's log to a directory beside it.
pub(crate) fn anew(home: &Home) -> anyhow::Result<Published> {
    let ledger = Arc::new(RwLock::new(serve::open_to_read(home)?));
    let files = Files::below(home.path().join("published-anew"));
    let mut publisher = Publisher::on(files, home, home.read_log_key()?, ledger);
    let begun = Instant::now();
    let entries = publisher.publish_log()? as f64 / begun.elapsed().as_secs_f64();
    let begun = Instant::now();
    let position = publisher.copy_totals()?;
    publisher.publish_totals(&position, 0)?;
    Ok(Published { entries, totals: begun.elapsed() })
}
