//! The publisher over a real journal, on disks that stop and lose power.

mod crash;
mod disk;
mod proofs;
mod site;
mod totals;

use std::path::Path;
use std::sync::{Arc, RwLock};

use saksi_proto::SigningKey;
use saksi_proto::checkpoint::{Checkpoint, LogKey};
use saksi_proto::merkle::{Tree, leaf_hash};
use saksi_proto::tile::{self, TileName};
use tempfile::TempDir;

use super::disk::Disk;
use super::edge::tile_hashes;
use super::{CHECKPOINT, Publisher};
use crate::cosigning::Cosigners;
use crate::cosigning::settings::Settings;
use crate::home::Home;
use crate::journal::Journal;
use crate::metrics::Metrics;
use crate::sample;
use crate::storage::Storage as _;
use disk::MemoryDisk;

const ORIGIN: &str = "saksi.example/publisher";

fn signer(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn log_key() -> LogKey {
    LogKey { origin: ORIGIN.to_owned(), key: signer(1).verifying_key() }
}

/// A collector's directory with a journal of entries that mean nothing.
struct Centre {
    place: TempDir,
    journal: Journal,
    tree: Tree,
    entries: Vec<Vec<u8>>,
}

/// No witnesses.
fn alone() -> Cosigners {
    Cosigners::new(Settings::default(), Arc::new(Metrics::new()))
}

impl Centre {
    fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        let home = Home::at(place.path());
        std::fs::write(home.log_key(), format!("{}\n", log_key())).unwrap();
        std::fs::create_dir(home.election()).unwrap();
        for name in super::ELECTION_FILES {
            std::fs::write(home.election().join(name), name).unwrap();
        }
        let journal = Journal::create(&home.journal()).unwrap();
        Self { place, journal, tree: Tree::default(), entries: Vec::new() }
    }

    /// With a first entry that tells this journal from another.
    fn with_entries(first: &str, entries: u64) -> Self {
        let mut centre = Self::new();
        centre.append_first(first);
        centre.append(entries - 1);
        centre
    }

    fn append_first(&mut self, entry: &str) {
        self.commit(vec![entry.as_bytes().to_vec()]);
    }

    /// Commits so many more entries.
    fn append(&mut self, more: u64) {
        let size = self.tree.size();
        let entry = |index: u64| format!("{index} {}", "x".repeat((index % 7) as usize));
        self.commit((size..size + more).map(|index| entry(index).into_bytes()).collect());
    }

    fn commit(&mut self, entries: Vec<Vec<u8>>) {
        if entries.is_empty() {
            return;
        }
        let first = self.tree.size();
        entries.iter().for_each(|entry| self.tree.push(leaf_hash(entry)));
        let (size, root) = (self.tree.size(), self.tree.root());
        let note = Checkpoint { origin: ORIGIN.to_owned(), size, root }.sign(&signer(1));
        let borrowed: Vec<_> = entries.iter().map(Vec::as_slice).collect();
        self.journal.append(first, &borrowed, &note).unwrap();
        self.entries.extend(entries);
    }

    fn home(&self) -> Home {
        Home::at(self.path())
    }

    fn path(&self) -> &Path {
        self.place.path()
    }

    fn publisher(&self, disk: &MemoryDisk) -> Publisher<MemoryDisk> {
        let ledger = Arc::new(RwLock::new(sample::ledger()));
        Publisher::on(disk.clone(), &self.home(), log_key(), ledger, alone())
    }

    /// Checks what is published, as an auditor does, against the journal: checkpoint, tiles
    /// and entries agree. Gives the size.
    fn check(&self, disk: &impl Disk) -> Option<u64> {
        let note = String::from_utf8(disk.read(CHECKPOINT).unwrap()?).unwrap();
        let checkpoint = log_key().open(&note).unwrap();
        assert_eq!(checkpoint.root, self.tree.root_at(checkpoint.size), "another log");
        let mut leaves = Vec::new();
        for name in TileName::all(0, checkpoint.size) {
            let path = name.to_string();
            let bytes = disk.read(&path).unwrap().unwrap_or_else(|| panic!("{path} is missing"));
            let Some(level) = name.level else {
                let entries = tile::entries(&bytes, usize::from(name.width)).unwrap();
                let first = usize::try_from(name.index * 256).unwrap();
                assert_eq!(entries, self.entries[first..first + entries.len()], "{path}");
                leaves.extend(entries.iter().map(|entry| leaf_hash(entry)));
                continue;
            };
            let hashes = tile_hashes(&bytes, name.width).unwrap_or_else(|| panic!("{path}"));
            let shift = 8 * u32::from(level);
            for (index, hash) in (name.index * 256..).zip(hashes) {
                let of = usize::try_from(index << shift).unwrap()
                    ..usize::try_from((index + 1) << shift).unwrap();
                let tree: Tree = leaves[of].iter().copied().collect();
                assert_eq!(hash, tree.root(), "{path}");
            }
        }
        Some(checkpoint.size)
    }

    /// Checks besides that there is nothing that the specification does not ask for, but
    /// partial tiles of checkpoints that were published: nothing full is partial too.
    fn check_tidy(&self, disk: &impl Disk) {
        let size = self.check(disk).unwrap();
        for path in disk.files(super::TILES).unwrap() {
            let name = TileName::from_path(&path).unwrap_or_else(|| panic!("{path}"));
            let now =
                TileName::of_level(name.level, 0, size).nth(usize::try_from(name.index).unwrap());
            let now = now.unwrap_or_else(|| panic!("{path} is beyond the log"));
            assert!(name.is_full() == now.is_full() && name.width <= now.width, "{path}");
        }
    }
}
