//! Replays real public records: an election over the real register, one device a
//! station, each record through a real agent to a real collector, twice, in shuffled
//! order. Prints what came out, for each region and station.

mod election;
mod report;

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Instant;

use anyhow::{Context as _, ensure};
use clap::Parser;
use saksi_agent::Agent;
use saksi_proto::receipt::Receipt;
use saksi_tests::collector::Collector;
use saksi_tests::crowd::{self, Place};
use saksi_tests::{binaries, device, results};

use election::{CONTEST, Record};

/// Replays public records of stations through agents and a collector.
#[derive(Debug, Parser)]
struct Arguments {
    /// The records, one JSON object a line; `regions/` with the register lies beside it.
    records: PathBuf,
    /// Print one JSON object instead of tables.
    #[arg(long)]
    json: bool,
    /// Leave the election, the agents' stores and the collector's directory here, and the
    /// public log in `public`.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Seed of the order in which records are sent.
    #[arg(long, default_value_t = 2024)]
    seed: u64,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let place = Place::new(arguments.keep.as_deref())?;
    binaries::path("saksi-collector")?;
    let begun = Instant::now();
    let records = election::read_records(&arguments.records)?;
    let register = arguments.records.parent().context("a file in a directory")?.join("regions");
    let pack = place.path().join("election");
    election::write_pack(&pack, &register, &records)?;
    let mut collector = Collector::make(place.path(), &pack)?;
    collector.start(None)?;
    let sending = Instant::now();
    replay(place.path(), &collector, &records, arguments.seed)?;
    let sent = sending.elapsed();
    let regions = results::tree(&collector, "0", CONTEST)?;
    collector.stop()?;
    place.keep_public_log(&collector)?;
    if arguments.json {
        println!("{}", report::as_json(&regions));
    } else {
        print!("{}", report::as_text(&regions));
        let (all, sent) = (begun.elapsed().as_secs_f64(), sent.as_secs_f64());
        println!("\n{} records sent twice in {sent:.1} s, {all:.1} s in all", records.len());
    }
    Ok(())
}

/// Sends each record twice: the first time it is typed and stored, the second time
/// the same bytes go again. Both times the same receipt must come back.
fn replay(dir: &Path, collector: &Collector, records: &[Record], seed: u64) -> anyhow::Result<()> {
    let agents = dir.join("agents");
    std::fs::create_dir_all(&agents)?;
    let mut jobs: Vec<usize> = (0..records.len()).flat_map(|record| [record, record]).collect();
    fastrand::Rng::with_seed(seed).shuffle(&mut jobs);
    // A station's store can be open once; the second sending waits for the first.
    let receipts: Vec<_> = records.iter().map(|_| Mutex::new(None)).collect();
    let address = collector.address()?;
    crowd::each(&jobs, |job| {
        let record = &records[*job];
        let mut first = receipts[*job].lock().expect("a thread that failed has ended the replay");
        let agent =
            device::open(&agents.join(&record.station), &collector.bundle(&record.station)?)?;
        if first.is_none() {
            let typed = record.form().to_string();
            device::submit(&agent, &typed, Some("Disalin seperti tertulis pada formulir."))?;
        } else {
            ensure!(agent.resend(None)? == 1, "one form to send again");
        }
        device::deliver(&agent, &address)?;
        let receipt = receipt(&agent).with_context(|| record.station.clone())?;
        if let Some(first) = first.as_ref() {
            ensure!(*first == receipt, "{}: another receipt the second time", record.station);
        }
        *first = Some(receipt);
        Ok(())
    })
}

fn receipt(agent: &Agent) -> anyhow::Result<Receipt> {
    let forms = agent.forms()?;
    ensure!(forms.len() == 1, "one form, not {}", forms.len());
    forms.into_iter().next().and_then(|form| form.receipt).context("no receipt")
}
