//! A public directory as a publisher writes it, and as one writes it that lies: whatever
//! its entries are, the tree over them is right and signed with the log's key.

use std::fs;
use std::path::{Path, PathBuf};

use saksi_proto::SigningKey;
use saksi_proto::checkpoint::{Checkpoint, LogKey};
use saksi_proto::digest::Digest;
use saksi_proto::entry::{Act, Arrival, Enrolment, Entry, Revocation, Warrant};
use saksi_proto::merkle::{Tree, leaf_hash};
use saksi_proto::tile::{TileName, push_entry};

use super::fault::{AuditFault, Lie};
use super::progress::Progress;
use super::report::Report;
use super::source::PublicFiles;
use super::{Given, audit};
use crate::ledger::Ledger;
use crate::publisher::csv::totals_csv;
use crate::reading::Reading;
use crate::sample;

/// A log with a public directory.
pub(super) struct PublicLog {
    pub(super) entries: Vec<Vec<u8>>,
    /// Entries that the totals are of.
    pub(super) totals_at: Option<usize>,
}

pub(super) fn signer() -> SigningKey {
    SigningKey::from_bytes(&[9; 32])
}

pub(super) fn log_key() -> LogKey {
    LogKey { origin: "test/log".to_owned(), key: signer().verifying_key() }
}

/// Forms, a correction, a held one, a dispute, a revocation with evidence, a rehearsal.
pub(super) fn night() -> Vec<Entry> {
    let form = |station, counts| sample::sealed(&sample::form(station, counts));
    let first = sample::form("1001", [3, 4, 7]);
    let mut correction = sample::form("1001", [4, 4, 8]);
    (correction.revision, correction.supersedes) = (2, Some(sample::sealed(&first).digest()));
    let rehearsal = sample::sealed(&sample::form("1002", [0, 0, 0]));
    let arrival = |sealed: saksi_proto::seal::SealedForm| Arrival {
        arrived_ms: 5,
        sealed: sealed.into_bytes(),
    };
    let key = sample::key("2001").verifying_key().to_bytes();
    let (station, act) = ("2001".parse().unwrap(), Act::default());
    let evidence = saksi_proto::entry::Evidence { key, arrival: arrival(form("2001", [9, 0, 9])) };
    let mut entries = vec![sample::manifest(&sample::election(), &log_key().to_string())];
    entries.extend(sample::enrolments().into_iter().map(Entry::Enrolment));
    entries.extend([
        Entry::Rehearsal(arrival(rehearsal)),
        sample::arrival(&sample::sealed(&first)),
        sample::arrival(&form("1002", [1, 1, 9])),
        sample::arrival(&sample::sealed(&correction)),
        sample::arrival(&form("2001", [5, 0, 5])),
        sample::arrival(&form("2001", [6, 0, 6])),
        Entry::Revocation(Revocation { station, key, at_ms: 6, act }),
        Entry::Evidence(evidence),
    ]);
    entries
}

/// The device of a station is enrolled by the centre.
pub(super) fn enrolment(station: &str, device: &str) -> Entry {
    let key = sample::key(device).verifying_key().to_bytes();
    let warrant = Warrant::Bundle(Act::default());
    Entry::Enrolment(Enrolment { station: station.parse().unwrap(), key, at_ms: 1, warrant })
}

impl PublicLog {
    pub(super) fn of(entries: &[Entry]) -> Self {
        let entries: Vec<_> = entries.iter().map(Entry::encode).collect();
        let totals_at = Some(entries.len());
        Self { entries, totals_at }
    }

    /// A log of so many entries: the night's, and disputes of one station until the end.
    pub(super) fn long(entries: usize) -> Self {
        let mut all = night();
        let more = (0..).map(|votes| {
            sample::arrival(&sample::sealed(&sample::form(
                "1002",
                [votes % 500, 1 + votes / 500, 8],
            )))
        });
        all.extend(more.take(entries - all.len()));
        Self::of(&all)
    }

    pub(super) fn tree(&self) -> Tree {
        self.entries.iter().map(|entry| leaf_hash(entry)).collect()
    }

    pub(super) fn checkpoint(&self) -> String {
        let tree = self.tree();
        Checkpoint { origin: log_key().origin, size: tree.size(), root: tree.root() }
            .sign(&signer())
    }

    /// Writes all of it.
    pub(super) fn write(&self) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        let at = dir.path();
        put(at, "log.vkey", format!("{}\n", log_key()).as_bytes());
        put(at, "checkpoint", self.checkpoint().as_bytes());
        for (name, text) in sample::PACK_FILES {
            put(at, &format!("election/{name}"), text.as_bytes());
        }
        let size = self.entries.len() as u64;
        TileName::all(0, size).for_each(|name| put(at, &name.to_string(), &self.tile(name)));
        if let Some(many) = self.totals_at {
            self.write_totals(at, many);
        }
        dir
    }

    fn tile(&self, name: TileName) -> Vec<u8> {
        let begin = usize::try_from(name.index).unwrap() * 256;
        let range = begin..begin + usize::from(name.width);
        let mut bytes = Vec::new();
        match name.level {
            None => self.entries[range].iter().for_each(|entry| push_entry(&mut bytes, entry)),
            Some(level) => {
                let width = 1 << (8 * usize::from(level));
                for subtree in range {
                    let leaves = &self.entries[subtree * width..(subtree + 1) * width];
                    let tree: Tree = leaves.iter().map(|entry| leaf_hash(entry)).collect();
                    bytes.extend(tree.root().0);
                }
            }
        }
        bytes
    }

    fn write_totals(&self, at: &Path, many: usize) {
        let mut ledger = Ledger::new(std::sync::Arc::new(sample::election()));
        for entry in &self.entries[..many] {
            // What a lying log has that cannot be folded is left out of its totals.
            if let Ok(reading) = Reading::of(&ledger.election, entry) {
                drop(ledger.apply(reading.meaning));
            }
        }
        let contests = ["mayor", "hamlet"].into_iter().enumerate().map(|(contest, code)| {
            let (csv, file) = (totals_csv(&ledger, contest), format!("totals/{many}/{code}.csv"));
            put(at, &file, &csv);
            serde_json::json!({ "contest": code, "file": file, "sha256": Digest::of(&csv) })
        });
        let contests: Vec<_> = contests.collect();
        let root = self.tree().root_at(many as u64);
        let list = serde_json::json!({
            "format": 1, "origin": "test/log", "size": many, "root": root, "at_ms": 7,
            "contests": contests,
        });
        put(at, "totals.json", format!("{list:#}\n").as_bytes());
    }
}

pub(super) fn put(dir: &Path, name: &str, bytes: &[u8]) {
    let path = dir.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// All files of a directory, as paths below it.
pub(super) fn files(dir: &Path) -> Vec<String> {
    let (mut found, mut left) = (Vec::new(), vec![PathBuf::new()]);
    while let Some(below) = left.pop() {
        for entry in fs::read_dir(dir.join(&below)).unwrap() {
            let path = below.join(entry.unwrap().file_name());
            if dir.join(&path).is_dir() {
                left.push(path);
            } else {
                found.push(path.to_str().unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

/// An audit of a directory.
pub(super) fn audited(dir: &Path, given: &Given) -> (Report, Result<(), AuditFault>) {
    let mut report = Report::of("here");
    let files = PublicFiles::of_directory(dir);
    let done = audit(&files, given, &Progress::silent(), &mut report);
    (report, done)
}

/// What an audit finds that must find something.
pub(super) fn lie(dir: &Path, given: &Given) -> Lie {
    match audited(dir, given).1 {
        Err(AuditFault::Lie(lie)) => *lie,
        other => panic!("no lie was found: {other:?}"),
    }
}
