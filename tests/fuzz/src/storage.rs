//! A journal in memory: a session is fuzzed thousands of times a second.

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use saksi_collector::journal::JournalFault;
use saksi_collector::storage::{Head, Storage};

/// The entries of a log, and after each commit the checkpoint with its size. Its copies
/// are the same log.
#[derive(Clone, Default)]
pub struct Shelf(Rc<RefCell<Kept>>);

#[derive(Default)]
struct Kept {
    entries: Vec<Vec<u8>>,
    checkpoints: Vec<(u64, String)>,
}

impl Storage for Shelf {
    fn append(
        &mut self,
        first: u64,
        entries: &[&[u8]],
        checkpoint: &str,
    ) -> Result<(), JournalFault> {
        let mut kept = self.0.borrow_mut();
        assert_eq!(first, kept.entries.len() as u64, "a gap in the log");
        kept.entries.extend(entries.iter().map(|entry| entry.to_vec()));
        let size = kept.entries.len() as u64;
        kept.checkpoints.push((size, checkpoint.to_owned()));
        Ok(())
    }

    fn head(&self) -> Result<Option<Head>, JournalFault> {
        let kept = self.0.borrow();
        let last = kept.checkpoints.last().cloned();
        Ok(last.map(|(size, checkpoint)| Head { size, checkpoint, entries: size }))
    }

    fn for_each_entry_of<E: From<JournalFault>>(
        &self,
        range: Range<u64>,
        mut each: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let kept = self.0.borrow();
        let of_range = (0..range.end).zip(&kept.entries).filter(|(index, _)| *index >= range.start);
        of_range.into_iter().try_for_each(|(_, entry)| each(entry))
    }

    fn for_each_checkpoint<E: From<JournalFault>>(
        &self,
        size: u64,
        mut each: impl FnMut(u64, &str) -> Result<(), E>,
    ) -> Result<(), E> {
        let kept = self.0.borrow();
        let within = kept.checkpoints.iter().filter(|(over, _)| *over <= size);
        within.into_iter().try_for_each(|(over, note)| each(*over, note))
    }

    fn checkpoint_over(&self, index: u64) -> Result<Option<(u64, String)>, JournalFault> {
        let kept = self.0.borrow();
        Ok(kept.checkpoints.iter().find(|(size, _)| *size > index).cloned())
    }
}
