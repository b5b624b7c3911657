//! Cuts under a collector: a real one with its journal on the disk that is cut, and
//! several devices that submit over TLS, each as fast as it is answered.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use rusqlite::{Connection, OpenFlags};
use saksi_proto::bundle::{Bundle, CollectorAddress};
use saksi_proto::checkpoint::LogKey;
use saksi_proto::entry::Entry;
use saksi_proto::merkle::{Tree, leaf_hash};
use saksi_proto::receipt::Receipt;
use saksi_proto::seal::SealedForm;

use super::{Cuts, DISK, Dark, Figures, up_to, wait};
use crate::collector::Collector;
use crate::kenya::{self, CONTEST, Station};
use crate::loop_disk::LoopDisk;
use crate::results;
use crate::wire::{Voice, Wire, receipts};

/// Cuts come within this time.
const WINDOW: Duration = Duration::from_millis(300);

/// Devices that submit at the same time.
const DEVICES: usize = 4;

/// Rounds with one collector; the next one begins a new log.
const ROUNDS: usize = 20;

/// Most forms of a batch, as the protocol has it.
const BATCH: usize = 64;

/// How the collector ends when its journal fails: `saksi-collector --help`.
const JOURNAL_FAILED: i32 = 6;

/// Cuts the power of collectors, and looks after each cut for what they had
/// acknowledged. `None` where nothing can be mounted.
///
/// # Errors
/// What was lost, or else went wrong, and in which round.
pub fn cut_collector(cuts: Cuts) -> anyhow::Result<Option<Figures>> {
    let begun = Instant::now();
    let mut figures = Figures::default();
    let rounds: Vec<u32> = (0..cuts.rounds).collect();
    for rounds in rounds.chunks(ROUNDS) {
        let Some(mut centre) = Centre::new()? else { return Ok(None) };
        for round in rounds {
            let at = || format!("collector, seed {}, round {round}", cuts.seed);
            centre.round(&mut cuts.random(*round), &mut figures).with_context(at)?;
        }
        let logged = centre.devices.iter().map(|device| device.logged.len());
        figures.acknowledged += logged.sum::<usize>();
    }
    Ok(Some(figures.since(begun)))
}

/// A collector on a disk of its own, and its devices.
struct Centre {
    disk: LoopDisk,
    collector: Collector,
    key: LogKey,
    devices: Vec<Device>,
    addresses: Option<(SocketAddr, SocketAddr)>,
}

impl Centre {
    fn new() -> anyhow::Result<Option<Self>> {
        let Some(disk) = LoopDisk::mount(DISK)? else { return Ok(None) };
        let collector = Collector::make(&disk.path(), &kenya::pack())?;
        collector.take_forms_without_end()?;
        let key = std::fs::read_to_string(collector.dir().join("log.vkey"))?;
        let stations = kenya::stations()?.into_iter().take(DEVICES);
        let devices = stations.map(|station| {
            Device::new(collector.bundle(&station.code)?, station).context("a device")
        });
        let devices = devices.collect::<anyhow::Result<_>>()?;
        let key = key.trim_end().parse()?;
        Ok(Some(Self { disk, collector, key, devices, addresses: None }))
    }

    fn round(&mut self, random: &mut fastrand::Rng, figures: &mut Figures) -> anyhow::Result<()> {
        if random.u8(0..4) == 0 {
            self.cut_while_it_starts(random)?;
        } else {
            self.collector.start(self.addresses)?;
            self.cut_while_devices_submit(random)?;
        }
        figures.cuts += 1;
        figures.unanswered +=
            u32::from(self.devices.iter().any(|device| !device.unanswered.is_empty()));
        self.disk.restore()?;
        self.collector.start(self.addresses).context("it does not start after the cut")?;
        self.check(random, figures)?;
        self.addresses = Some(self.collector.stop()?);
        Ok(())
    }

    /// A cut while the journal is being opened, or a moment later.
    fn cut_while_it_starts(&mut self, random: &mut fastrand::Rng) -> anyhow::Result<()> {
        let delay = up_to(WINDOW / 3, random);
        let (never, gone) = mpsc::channel();
        let plug = self.disk.plug()?;
        let started = thread::scope(|scope| {
            let cut = scope.spawn(move || {
                wait(delay, &gone);
                plug.pull()
            });
            let started = self.collector.start(self.addresses);
            cut.join().map_err(|_| anyhow::anyhow!("the cut panicked"))??;
            Ok::<_, anyhow::Error>(started)
        })?;
        drop(never);
        if started.is_ok() {
            self.addresses = Some(self.collector.kill()?);
        }
        Ok(())
    }

    /// A cut while devices submit. The collector says that its journal failed: it never
    /// acknowledges what it could not keep.
    fn cut_while_devices_submit(&mut self, random: &mut fastrand::Rng) -> anyhow::Result<()> {
        let (address, key, delay) = (self.collector.address()?, &self.key, up_to(WINDOW, random));
        let (talking, gone) = mpsc::channel();
        let (plug, dark) = (self.disk.plug()?, Dark::default());
        thread::scope(|scope| {
            for device in &mut self.devices {
                let (address, talking, random) = (&address, talking.clone(), random.fork());
                let dark = &dark;
                scope.spawn(move || {
                    // The cut ends it; what went wrong before is found afterwards.
                    device.submit_until(dark, address, key, random).ok();
                    drop(talking);
                });
            }
            drop(talking);
            wait(delay, &gone);
            dark.come(plug)
        })?;
        let (code, addresses) = self.collector.ended()?;
        ensure!(code == Some(JOURNAL_FAILED), "it ended with {code:?} when its disk failed");
        self.addresses = Some(addresses);
        Ok(())
    }

    /// What was acknowledged is in the log; the same forms get the same receipts; the
    /// totals are those of the log.
    fn check(&mut self, random: &mut fastrand::Rng, figures: &mut Figures) -> anyhow::Result<()> {
        let address = self.collector.address()?;
        for device in &mut self.devices {
            figures.receipts += device.ask_again(&address, &self.key, random)?;
        }
        let entries = entries(&self.collector.dir().join("journal.db"))?;
        let tree: Tree = entries.iter().map(|bytes| leaf_hash(bytes)).collect();
        for device in &self.devices {
            device.all_logged(&entries, &tree, &self.key)?;
        }
        let region = results::region(&self.collector, "0", CONTEST)?;
        ensure!(region.position.size == entries.len() as u64, "{:?}", region.position);
        ensure!(region.position.root == tree.root().to_string(), "{:?}", region.position);
        let totals: Vec<u64> = region.totals.votes.values().map(|sum| sum.total).collect();
        let wanted = sums(&entries)?;
        ensure!(totals == wanted, "the totals are {totals:?}, those of the log {wanted:?}");
        let dir = self.collector.dir().to_str().context("a path in UTF-8")?;
        crate::collector::succeed(&["journal", "verify", dir]).map(drop)
    }
}

/// Every entry of a journal, read by hand.
fn entries(path: &Path) -> anyhow::Result<Vec<Vec<u8>>> {
    let journal = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let mut statement = journal.prepare("SELECT bytes FROM entry ORDER BY position")?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Votes of the four candidates: each station's newest form, which all before it lead to.
fn sums(entries: &[Vec<u8>]) -> anyhow::Result<Vec<u64>> {
    let mut newest = BTreeMap::new();
    for bytes in entries {
        if let Entry::Form(arrival) = Entry::decode(bytes)? {
            let form = SealedForm::from_bytes(arrival.sealed)?.open()?;
            newest.insert(form.station, form);
        }
    }
    let votes = |candidate: usize| {
        let numbers = newest.values().filter_map(|form| form.counts[candidate].number());
        numbers.map(u64::from).sum()
    };
    Ok((0..4).map(votes).collect())
}

/// A station's device, which corrects its form again and again.
struct Device {
    bundle: Bundle,
    voice: Voice,
    station: Station,
    /// Forms with the receipts that came for them.
    logged: Vec<(SealedForm, Receipt)>,
    /// Forms that were sent and not answered.
    unanswered: Vec<SealedForm>,
    revision: u32,
}

impl Device {
    fn new(bundle: Bundle, station: Station) -> anyhow::Result<Self> {
        let voice = Voice::new(&bundle)?;
        let (logged, unanswered) = (Vec::new(), Vec::new());
        Ok(Self { bundle, voice, station, logged, unanswered, revision: 0 })
    }

    fn submit_until(
        &mut self,
        dark: &Dark,
        collector: &CollectorAddress,
        key: &LogKey,
        mut random: fastrand::Rng,
    ) -> anyhow::Result<()> {
        let mut wire = Wire::begin(collector, &self.bundle)?;
        loop {
            if self.unanswered.is_empty() {
                for _ in 0..random.usize(1..=4) {
                    let form = self.next_form(&mut random)?;
                    self.unanswered.push(form);
                }
            }
            let receipts = receipts(&mut wire, &self.unanswered, key)?;
            if dark.has_come() {
                // The next one makes the collector notice.
                let form = self.next_form(&mut random)?;
                self.unanswered.push(form);
                continue;
            }
            self.logged.extend(self.unanswered.drain(..).zip(receipts));
        }
    }

    /// The correction of the last form that was made, or the first one.
    fn next_form(&mut self, random: &mut fastrand::Rng) -> anyhow::Result<SealedForm> {
        let votes = [(); 4].map(|()| random.u32(3..20));
        let before = self.unanswered.last();
        let before = before.or(self.logged.last().map(|(sealed, _)| sealed));
        let mut form = self.voice.form(kenya::counts(&self.station.paper(votes)));
        self.revision += 1;
        form.revision = self.revision;
        form.supersedes = before.map(SealedForm::digest);
        form.reason = before.map(|_| "miscopied".to_owned());
        self.voice.seal(&form)
    }

    /// Submits once more what was answered, or some of it, and what was not. Gives how
    /// many receipts were compared.
    fn ask_again(
        &mut self,
        collector: &CollectorAddress,
        key: &LogKey,
        random: &mut fastrand::Rng,
    ) -> anyhow::Result<usize> {
        let mut wire = Wire::begin(collector, &self.bundle)?;
        let last = self.logged.len().saturating_sub(BATCH)..self.logged.len();
        let earlier = random.usize(0..=last.start.saturating_sub(BATCH));
        let earlier = earlier..(earlier + BATCH).min(last.start);
        let mut compared = 0;
        for again in [earlier, last].map(|range| &self.logged[range]) {
            let forms: Vec<_> = again.iter().map(|(sealed, _)| sealed.clone()).collect();
            for ((sealed, before), now) in again.iter().zip(receipts(&mut wire, &forms, key)?) {
                let digest = sealed.digest();
                ensure!(*before == now, "{digest}: first {before:?}, now {now:?}");
                compared += 1;
            }
        }
        let receipts = receipts(&mut wire, &self.unanswered, key)?;
        self.logged.extend(self.unanswered.drain(..).zip(receipts));
        Ok(compared)
    }

    fn all_logged(&self, entries: &[Vec<u8>], tree: &Tree, key: &LogKey) -> anyhow::Result<()> {
        for (sealed, receipt) in &self.logged {
            let digest = sealed.digest();
            let bytes = usize::try_from(receipt.index).ok().and_then(|index| entries.get(index));
            let bytes = bytes.with_context(|| format!("LOST: {digest}"))?;
            match Entry::decode(bytes)? {
                Entry::Form(arrival) if arrival.sealed == sealed.bytes() => {}
                other => bail!("LOST: {digest}; at {} stands {other:?}", receipt.index),
            }
            let checkpoint = receipt.verify(sealed, key)?;
            ensure!(checkpoint.size <= tree.size(), "the log is shorter than a checkpoint");
            let root = tree.root_at(checkpoint.size);
            ensure!(root == checkpoint.root, "another log than at {}", checkpoint.size);
        }
        Ok(())
    }
}
