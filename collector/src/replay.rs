//! Replay: every entry of the log through the live fold, and the tree over them against
//! what was signed. There is no snapshot of totals that could differ from the log.
//!
//! Three steps run side by side, each entry in its turn: this thread takes entries from
//! the storage, one thread a core reads them ([`Reading::of`]: decode, hash, rules),
//! and one folds them, in order.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, available_parallelism};

use saksi_proto::checkpoint::LogKey;
use saksi_proto::merkle::Tree;

use crate::election::Election;
use crate::journal::JournalFault;
use crate::ledger::Ledger;
use crate::log::{LogFault, check_checkpoint, check_checkpoints};
use crate::reading::{Meaning, ReadFault, Reading};
use crate::storage::{Head, Storage};

/// Entries handed on at a time, so that handing on costs nothing: half a megabyte.
const CHUNK: usize = 1_024;

/// Chunks that may wait between two steps, for each reader: memory stays below 10 MB.
const WAITING: usize = 4;

/// What a replay went through.
pub struct Replayed {
    /// The tree over all entries.
    pub tree: Tree,
    /// How many of the entries are forms.
    pub forms: u64,
}

/// Folds all entries up to the last checkpoint into `ledger`, and checks that they are
/// those that it was signed over.
///
/// # Errors
/// [`LogFault`], as close to the place as the checkpoints say.
pub fn replay<S: Storage>(
    storage: &S,
    key: &LogKey,
    ledger: &mut Ledger,
) -> Result<Replayed, LogFault> {
    let Head { size, checkpoint, entries } = storage.head()?.ok_or(LogFault::Empty)?;
    if entries > size {
        return Err(LogFault::Uncovered { size, entries });
    }
    let replayed = fold(storage, size, ledger)?;
    let tree = &replayed.tree;
    let last = check_checkpoint(key, tree, 0, size, &checkpoint);
    if matches!(last, Err(LogFault::OtherRoot { .. })) {
        // An earlier checkpoint knows better where the change begins.
        check_checkpoints(storage, key, tree)?;
    }
    last?;
    ledger.position.root = Some(tree.root());
    Ok(replayed)
}

/// Entries as they are stored, one after the other.
#[derive(Default)]
struct Raw {
    bytes: Vec<u8>,
    /// Where each of them ends.
    ends: Vec<usize>,
}

impl Raw {
    fn push(&mut self, entry: &[u8]) {
        self.bytes.extend_from_slice(entry);
        self.ends.push(self.bytes.len());
    }

    fn entries(&self) -> impl Iterator<Item = &[u8]> {
        let begins = [0].into_iter().chain(self.ends.iter().copied());
        begins.zip(&self.ends).map(|(begin, end)| &self.bytes[begin..*end])
    }
}

/// Entries read, each on its own: the fold stops at the first that means nothing.
type Readings = Vec<Result<Reading, ReadFault>>;

/// Folds the first `size` entries into an empty ledger, whatever was signed over them.
///
/// # Errors
/// [`LogFault`]: the first entry that cannot be read or folded.
pub fn fold<S: Storage>(storage: &S, size: u64, ledger: &mut Ledger) -> Result<Replayed, LogFault> {
    let election = Arc::clone(&ledger.election);
    thread::scope(|scope| {
        let (mut to_readers, mut from_readers) = (Vec::new(), Vec::new());
        for _ in 0..available_parallelism().map_or(1, usize::from) {
            let (raw, raws) = sync_channel(WAITING);
            let (reading, readings) = sync_channel(WAITING);
            let election = &election;
            scope.spawn(move || read(election, &raws, &reading));
            to_readers.push(raw);
            from_readers.push(readings);
        }
        let folding = scope.spawn(move || fold_in_order(ledger, &from_readers));
        let taken = take(storage, size, to_readers);
        // A fold that found a fault hangs up, and what was taken after that is of no interest.
        let folded = folding.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let replayed = folded?;
        taken?;
        Ok(replayed)
    })
}

/// Takes entries from the storage and deals them out in chunks, reader after reader.
fn take<S: Storage>(
    storage: &S,
    size: u64,
    readers: Vec<SyncSender<Raw>>,
) -> Result<(), JournalFault> {
    let mut next = readers.iter().cycle();
    let mut chunk = Raw::default();
    let mut deal = |chunk: &mut Raw| {
        let full = std::mem::take(chunk);
        // Nobody reads any more: the fold has found a fault, which is reported there.
        next.next().is_some_and(|reader| reader.send(full).is_ok())
    };
    let mut wanted = true;
    storage.for_each_entry(size, |bytes| {
        if wanted {
            chunk.push(bytes);
            if chunk.ends.len() == CHUNK {
                wanted = deal(&mut chunk);
            }
        }
        Ok::<_, JournalFault>(())
    })?;
    deal(&mut chunk);
    Ok(())
}

fn read(election: &Election, raws: &Receiver<Raw>, readings: &SyncSender<Readings>) {
    for raw in raws {
        let read = raw.entries().map(|bytes| Reading::of(election, bytes)).collect();
        if readings.send(read).is_err() {
            return;
        }
    }
}

fn fold_in_order(
    ledger: &mut Ledger,
    readers: &[Receiver<Readings>],
) -> Result<Replayed, LogFault> {
    let (mut tree, mut forms) = (Tree::default(), 0);
    for reader in readers.iter().cycle() {
        let Ok(readings) = reader.recv() else { break };
        for reading in readings {
            let index = tree.size();
            let Reading { leaf, meaning } =
                reading.map_err(|fault| LogFault::Entry { index, fault })?;
            forms += u64::from(matches!(meaning, Meaning::Form(_)));
            ledger.replay(meaning)?;
            tree.push(leaf);
        }
    }
    ledger.carry_up();
    Ok(Replayed { tree, forms })
}
