//! The journal on a simulated disk. A commit is one record: SQLite's WAL takes a
//! transaction whole or, where it is torn, not at all.

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use saksi_collector::journal::JournalFault;
use saksi_collector::storage::{Head, Storage};

use super::disk::{Disk, DiskFault, Machine};

/// The entries of one commit, and the checkpoint over all up to them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Index of its first entry.
    pub first: u64,
    /// The entries.
    pub entries: Vec<Vec<u8>>,
    /// The signed checkpoint.
    pub checkpoint: String,
}

impl Commit {
    /// Entries up to its end.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.first + self.entries.len() as u64
    }
}

/// The machine that the collector runs on.
pub struct Room {
    /// Its power.
    pub machine: Machine,
    /// Its disk.
    pub disk: Disk<Commit>,
}

/// A journal in a room.
#[derive(Clone)]
pub struct Shelf(pub Rc<RefCell<Room>>);

impl Shelf {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self(Rc::new(RefCell::new(Room { machine: Machine::default(), disk: Disk::one_file() })))
    }

    /// Opens it after a crash, as the journal does: what can be read is written once
    /// more and synced before anybody is told of it.
    ///
    /// # Errors
    /// [`JournalFault`] if the disk fails.
    pub fn open(&self) -> Result<Self, JournalFault> {
        let Room { machine, disk } = &mut *self.0.borrow_mut();
        disk.write_again(machine).map_err(|fault| journal_fault(&fault))?;
        Ok(self.clone())
    }

    fn commits(&self) -> Vec<Commit> {
        self.0.borrow().disk.visible().cloned().collect()
    }
}

impl Default for Shelf {
    fn default() -> Self {
        Self::new()
    }
}

impl Storage for Shelf {
    fn append(
        &mut self,
        first: u64,
        entries: &[&[u8]],
        checkpoint: &str,
    ) -> Result<(), JournalFault> {
        let expected = self.commits().last().map_or(0, Commit::size);
        if first != expected {
            return Err(JournalFault::Gap { expected, found: first });
        }
        let entries = entries.iter().map(|entry| entry.to_vec()).collect();
        let commit = Commit { first, entries, checkpoint: checkpoint.to_owned() };
        let Room { machine, disk } = &mut *self.0.borrow_mut();
        let written = disk.write(machine, commit).and_then(|()| disk.sync(machine));
        written.map_err(|fault| journal_fault(&fault))
    }

    fn head(&self) -> Result<Option<Head>, JournalFault> {
        let last = self.commits().pop();
        Ok(last.map(|commit| {
            let size = commit.size();
            Head { size, checkpoint: commit.checkpoint, entries: size }
        }))
    }

    fn for_each_entry_of<E: From<JournalFault>>(
        &self,
        range: Range<u64>,
        mut each: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let entries = self.commits().into_iter().flat_map(|commit| commit.entries);
        let of_range = (0..range.end).zip(entries).filter(|(index, _)| *index >= range.start);
        of_range.into_iter().try_for_each(|(_, entry)| each(&entry))
    }

    fn for_each_checkpoint<E: From<JournalFault>>(
        &self,
        size: u64,
        mut each: impl FnMut(u64, &str) -> Result<(), E>,
    ) -> Result<(), E> {
        let commits = self.commits().into_iter().filter(|commit| commit.size() <= size);
        for commit in commits {
            each(commit.size(), &commit.checkpoint)?;
        }
        Ok(())
    }

    fn checkpoint_over(&self, index: u64) -> Result<Option<(u64, String)>, JournalFault> {
        let over = self.commits().into_iter().find(|commit| commit.size() > index);
        Ok(over.map(|commit| (commit.size(), commit.checkpoint)))
    }
}

fn journal_fault(fault: &DiskFault) -> JournalFault {
    JournalFault::Unreadable { place: "the simulated disk".to_owned(), words: fault.to_string() }
}
