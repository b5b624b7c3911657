//! The totals at one size of the log, as files: a table a contest, and last the pointer
//! `totals.json` with the hash of each.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{PoisonError, RwLock};

use saksi_proto::definition::RegionIndex;
use saksi_proto::digest::Digest;
use saksi_proto::ids::ContestCode;
use serde::{Deserialize, Serialize};

use super::directory::Directory;
use super::disk::Disk;
use super::{PublishFault, TOTALS, TOTALS_FILE, csv};
use crate::election::Election;
use crate::ledger::{Ledger, Position};
use crate::tally::totals::RegionTotals;

/// Regions copied under one lock: at 0.2 to 1 µs each, half a millisecond.
const PIECE: usize = 512;

/// Times that what changed meanwhile is copied in pieces. Each takes a fraction of the one
/// before; this bounds a night in which all changes faster than it is copied.
const ROUNDS: usize = 8;

/// Versions that stay: who has read the pointer has two more periods to read its files.
const VERSIONS: usize = 3;

/// The publisher's own copy of all totals, as rows of their tables.
///
/// Memory: 150 bytes a region and contest, 700 for lists of 18 parties.
#[derive(Default)]
pub(super) struct Totals {
    /// By contest; nothing before the first look at the ledger.
    tables: Vec<Table>,
    /// The size that was published last.
    published: Option<u64>,
}

#[derive(Default)]
struct Table {
    rows: BTreeMap<RegionIndex, Box<[u8]>>,
    /// Where it lies as it is now, and its hash.
    written: Option<(String, Digest)>,
}

/// `totals.json`.
#[derive(Serialize)]
struct Pointer<'a> {
    format: u8,
    origin: &'a str,
    size: u64,
    root: Digest,
    at_ms: u64,
    contests: Vec<File>,
}

/// What is read of the pointer that is there.
#[derive(Deserialize)]
struct Named {
    size: u64,
}

#[derive(Serialize)]
struct File {
    contest: ContestCode,
    file: String,
    sha256: Digest,
}

impl Totals {
    /// Copies what has changed in the ledger, without holding it for more than a piece at
    /// a time, and says how far the log was folded to come to that.
    pub(super) fn catch_up(&mut self, ledger: &RwLock<Ledger>) -> Result<Position, PublishFault> {
        let read = || ledger.read().map_err(|PoisonError { .. }| PublishFault::Ledger);
        let mut waiting = {
            let ledger = read()?;
            if self.tables.is_empty() {
                let contests = ledger.election.definition.contests().len();
                self.tables.resize_with(contests, Table::default);
                ledger.tally.track_changes()
            } else {
                ledger.tally.take_changes()
            }
        };
        for round in 0.. {
            for piece in waiting.chunks(PIECE) {
                let (election, copies) = {
                    let ledger = read()?;
                    (ledger.election.clone(), copies(&ledger, piece))
                };
                self.keep(&election, copies);
            }
            let ledger = read()?;
            waiting = ledger.tally.take_changes();
            if waiting.len() <= PIECE || round == ROUNDS {
                let (election, copies) = (ledger.election.clone(), copies(&ledger, &waiting));
                let position = ledger.position.clone();
                drop(ledger);
                self.keep(&election, copies);
                return Ok(position);
            }
        }
        unreachable!("the rounds are bounded")
    }

    fn keep(&mut self, election: &Election, copies: Vec<(usize, RegionIndex, RegionTotals)>) {
        for (contest, region, totals) in copies {
            let row = csv::row(election, contest, region, &totals);
            let table = &mut self.tables[contest];
            if table.rows.get(&region).is_none_or(|before| **before != *row) {
                table.rows.insert(region, row.into());
                table.written = None;
            }
        }
    }

    /// Its files were removed, or never written.
    pub(super) fn forget_files(&mut self) {
        self.published = None;
        self.tables.iter_mut().for_each(|table| table.written = None);
    }

    /// Whether these totals are those of a log of `size` entries that were published last.
    pub(super) fn is_published(&self, size: u64) -> bool {
        self.published == Some(size)
    }

    /// Writes all tables of this position, and the pointer to them last.
    pub(super) fn publish<D: Disk>(
        &mut self,
        directory: &mut Directory<D>,
        election: &Election,
        origin: &str,
        position: &Position,
        at_ms: u64,
    ) -> Result<(), PublishFault> {
        let written = self.write(directory, election, (origin, position), at_ms);
        if written.is_err() {
            // What of them has its name is not known.
            self.forget_files();
        }
        written
    }

    fn write<D: Disk>(
        &mut self,
        directory: &mut Directory<D>,
        election: &Election,
        (origin, position): (&str, &Position),
        at_ms: u64,
    ) -> Result<(), PublishFault> {
        let size = position.size;
        forget_cut_off(directory)?;
        let mut contests = Vec::new();
        for (contest, table) in self.tables.iter_mut().enumerate() {
            let code = election.contest(contest).code;
            let file = format!("{TOTALS}/{size}/{code}.csv");
            let sha256 = table.write(directory, election, contest, &file)?;
            contests.push(File { contest: code, file, sha256 });
        }
        let root = position.root.ok_or(PublishFault::Ledger)?;
        let pointer = Pointer { format: 1, origin, size, root, at_ms, contests };
        let mut json = serde_json::to_vec(&pointer).expect("numbers and names are JSON");
        json.push(b'\n');
        directory.settle()?;
        directory.put(TOTALS_FILE, &json)?;
        directory.settle()?;
        self.published = Some(size);
        forget_old(directory)
    }
}

impl Table {
    /// A table that has not changed gets a second name: its bytes are durable already.
    fn write<D: Disk>(
        &mut self,
        directory: &mut Directory<D>,
        election: &Election,
        contest: usize,
        file: &str,
    ) -> Result<Digest, PublishFault> {
        if let Some((before, sha256)) = self.written.clone()
            && (before == file || directory.link(&before, file).is_ok())
        {
            self.written = Some((file.to_owned(), sha256));
            return Ok(sha256);
        }
        let mut bytes = csv::header(election, contest);
        self.rows.values().for_each(|row| bytes.extend_from_slice(row));
        directory.put(file, &bytes)?;
        let sha256 = Digest::of(&bytes);
        self.written = Some((file.to_owned(), sha256));
        Ok(sha256)
    }
}

fn copies(
    ledger: &Ledger,
    regions: &[(usize, RegionIndex)],
) -> Vec<(usize, RegionIndex, RegionTotals)> {
    let copy = |(contest, region): &(usize, RegionIndex)| {
        (*contest, *region, ledger.tally.region(*contest, *region).clone())
    };
    regions.iter().map(copy).collect()
}

/// Removes versions that are newer than the one that the pointer names: they were cut off before
/// it named them, and would take the place of one that somebody reads.
fn forget_cut_off<D: Disk>(directory: &mut Directory<D>) -> Result<(), PublishFault> {
    let named = directory.read(TOTALS_FILE)?;
    let named = named.and_then(|json| serde_json::from_slice::<Named>(&json).ok());
    let all = versions(directory)?;
    let newer = all.into_iter().filter(|size| named.as_ref().is_none_or(|it| *size > it.size));
    newer.map(|size| format!("{TOTALS}/{size}")).try_for_each(|path| directory.remove(&path))
}

/// Removes all versions but the newest.
fn forget_old<D: Disk>(directory: &mut Directory<D>) -> Result<(), PublishFault> {
    let old = versions(directory)?.into_iter().rev().skip(VERSIONS);
    old.map(|size| format!("{TOTALS}/{size}")).try_for_each(|path| directory.remove(&path))
}

/// The sizes of which there are tables.
fn versions<D: Disk>(directory: &Directory<D>) -> Result<BTreeSet<u64>, PublishFault> {
    let files = directory.disk.files(TOTALS).map_err(PublishFault::file(TOTALS))?;
    let size = |path: &String| path.split('/').nth(1)?.parse::<u64>().ok();
    Ok(files.iter().filter_map(size).collect())
}
