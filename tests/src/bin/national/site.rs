//! What the static site of a whole country takes: all of it, and what 1,000 forms change.

use std::fs;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};
use std::time::Instant;

use anyhow::{Context as _, ensure};
use saksi_collector::cosigning::Cosigners;
use saksi_collector::cosigning::settings::Settings;
use saksi_collector::home::Home;
use saksi_collector::ledger::Ledger;
use saksi_collector::log::Log;
use saksi_collector::metrics::Metrics;
use saksi_collector::publisher::Publisher;
use saksi_collector::publisher::site::{Outcome, SITE, Site};
use saksi_collector::secret;
use saksi_tests::usage::Usage;

use crate::night::{self, Course, Night, Order};

/// Forms between two publications: a hundred a second.
const FORMS: usize = 1_000;

/// A log that grows, its publisher and its site, all in this process.
struct Centre {
    home: Home,
    log: Log,
    ledger: Arc<RwLock<Ledger>>,
    publisher: Publisher,
}

/// Publishes the site of a log with so many forms, and prints what that takes. Gives the longest
/// page of each kind.
pub(crate) fn measure(home: &Path, forms: usize) -> anyhow::Result<Vec<(&'static str, PathBuf)>> {
    let home = Home::existing(home)?;
    let (log, ledger) = night::open(&home)?;
    let election = Arc::clone(&ledger.election);
    let ledger = Arc::new(RwLock::new(ledger));
    let cosigners = Cosigners::new(Settings::default(), Arc::new(Metrics::new()));
    let key = home.read_log_key()?;
    let publisher = Publisher::new(&home, key, Arc::clone(&ledger), cosigners);
    let mut centre = Centre { home, log, ledger, publisher };
    centre.publisher.publish_log()?;
    let public = centre.home.public().join(SITE);

    let mut site = centre.site()?;
    centre.publish(&mut site, "all of it")?;
    Found::below(&public)?.print();
    let night = Night::new(&election, Order::ByStation, Course::Smooth);
    for round in 0..3 {
        centre.grow(&night, forms + round * FORMS)?;
        centre.publish(&mut site, "after 1,000 forms more")?;
    }
    let mut site = centre.site()?;
    centre.grow(&night, forms + 3 * FORMS)?;
    centre.publish(&mut site, "after 1,000 forms more and a new start")?;
    let found = Found::below(&public)?;
    found.print();
    Ok(found.longest_pages())
}

impl Centre {
    fn site(&self) -> anyhow::Result<Site> {
        let signer = secret::read_key(&self.home.key("log.key"))?;
        let ledger = Arc::clone(&self.ledger);
        Ok(Site::new(&self.home, self.home.read_log_key()?, signer, ledger, Arc::default()))
    }

    fn grow(&mut self, night: &Night<'_>, first: usize) -> anyhow::Result<()> {
        let staged = (first..first + FORMS).map(|at| night.form(at));
        let staged = staged.collect::<anyhow::Result<Vec<_>>>()?;
        self.log.append(&staged)?;
        let mut ledger = self.ledger.write().ok().context("the ledger")?;
        for staged in staged {
            ledger.apply(staged.reading.meaning)?;
        }
        ledger.position.root = Some(self.log.root());
        drop(ledger);
        self.publisher.publish_log()?;
        Ok(())
    }

    fn publish(&self, site: &mut Site, what: &str) -> anyhow::Result<()> {
        let usage = Usage::of(std::process::id());
        let (begun, cpu) = (Instant::now(), usage.cpu_seconds()?);
        let published = site.publish(0, 0)?;
        ensure!(matches!(published, Outcome::Published(_)), "{published:?}");
        println!(
            "the site, {what}: {:.1} s, {:.1} s of processor, {} MB resident with the ledger",
            begun.elapsed().as_secs_f64(),
            usage.cpu_seconds()? - cpu,
            usage.resident_bytes()? >> 20
        );
        Ok(())
    }
}

/// What lies on the disk, by the kind of file.
#[derive(Default)]
struct Found {
    kinds: [Kind; KINDS.len()],
}

/// Files of a kind: how many, their bytes, what they take of the disk, the longest, and the
/// longest before it was compressed.
#[derive(Default)]
struct Kind {
    files: u64,
    bytes: u64,
    taken: u64,
    longest: (u64, PathBuf),
    unpacked: u64,
}

const KINDS: [&str; 8] = [
    "pages of regions",
    "pages of stations",
    "numbers",
    "lists behind counts",
    "index of places",
    "tables of stations",
    "publications",
    "all else",
];

impl Found {
    fn below(dir: &Path) -> anyhow::Result<Self> {
        let mut found = Self::default();
        let mut waiting = vec![dir.to_owned()];
        while let Some(dir) = waiting.pop() {
            for entry in fs::read_dir(dir)? {
                let entry = entry?;
                let (path, metadata) = (entry.path(), entry.metadata()?);
                if metadata.is_dir() {
                    waiting.push(path);
                    continue;
                }
                let has = |part: &str| path.to_string_lossy().contains(part);
                let kind = match () {
                    () if has("/region-") => 0,
                    () if has("/station/") => 1,
                    () if has("/data/") => 2,
                    () if has("/list-") => 3,
                    () if has("/find/") => 4,
                    () if has("/stations/") => 5,
                    // The second names of numbers.
                    () if has("/numbers/") => continue,
                    () if has("/publications/") => 6,
                    () => 7,
                };
                let Kind { files, bytes, taken, longest, unpacked } = &mut found.kinds[kind];
                *unpacked = unpacked_bytes(&path)?.max(*unpacked);
                *files += 1;
                *bytes += metadata.len();
                *taken += metadata.blocks() * 512;
                if metadata.len() > longest.0 {
                    *longest = (metadata.len(), path);
                }
            }
        }
        Ok(found)
    }

    fn longest_pages(self) -> Vec<(&'static str, PathBuf)> {
        let kinds = KINDS.into_iter().zip(self.kinds).map(|(kind, of)| (kind, of.longest.1));
        let is_page = |path: &PathBuf| path.to_string_lossy().ends_with(".html.gz");
        kinds.filter(|(_, path)| is_page(path)).collect()
    }

    fn print(&self) {
        for (name, Kind { files, bytes, taken, longest, unpacked }) in KINDS.iter().zip(&self.kinds)
        {
            println!(
                "  {name}: {files} files, {} MB, {} MB of the disk, {} bytes each, {} at \
                 most, {unpacked} unpacked",
                bytes >> 20,
                taken >> 20,
                bytes / (*files).max(1),
                longest.0
            );
        }
    }
}

/// What a file has before it was compressed; nothing of one that is not.
fn unpacked_bytes(path: &Path) -> anyhow::Result<u64> {
    if path.extension().is_none_or(|ending| ending != "gz") {
        return Ok(0);
    }
    // RFC 1952: its length stands in its last four bytes.
    let mut file = fs::File::open(path)?;
    file.seek(SeekFrom::End(-4))?;
    let mut length = [0; 4];
    file.read_exact(&mut length)?;
    Ok(u32::from_le_bytes(length).into())
}
