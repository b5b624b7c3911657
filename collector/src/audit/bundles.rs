//! The entries of a public log as the storage that the product's own fold and its check of
//! signatures read from. Nothing can be appended.

use std::ops::Range;

use saksi_proto::tile;

use super::fault::{AuditFault, bundle_of};
use super::heads::Head;
use super::progress::Progress;
use super::source::PublicFiles;
use crate::journal::JournalFault;
use crate::storage::{self, Storage};

/// The bundles of a log, as far as its checkpoint goes.
#[derive(Clone, Copy)]
pub struct Bundles<'a> {
    /// Where they are.
    pub files: &'a PublicFiles,
    /// What was signed over them.
    pub head: &'a Head,
    /// Told of every bundle that was read.
    pub progress: &'a Progress,
}

impl Bundles<'_> {
    /// Number of entries.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.head.checkpoint.size
    }

    /// Calls `each` with the entries of a span, and their indices.
    ///
    /// # Errors
    /// What `each` returns, or [`JournalFault`] where a bundle cannot be read any more.
    pub fn for_each_of<E: From<JournalFault>>(
        &self,
        span: Range<u64>,
        mut each: impl FnMut(u64, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut next = span.start;
        while next < span.end {
            let name = bundle_of(next, self.size());
            let unreadable =
                |words: String| JournalFault::Unreadable { place: name.to_string(), words };
            let read =
                self.files.tile(name).map_err(|fault: AuditFault| unreadable(fault.to_string()));
            let (there, bytes) = read?;
            let entries = tile::entries(&bytes, usize::from(there.width));
            let entries = entries.map_err(|fault| unreadable(fault.to_string()))?;
            let begin = name.index * tile::TILE_WIDTH;
            let end = span.end.min(begin + u64::from(name.width));
            for (index, entry) in (begin..end).zip(entries) {
                if index >= next {
                    each(index, entry)?;
                }
            }
            self.progress.advance(end - next);
            next = end;
        }
        Ok(())
    }
}

impl Storage for Bundles<'_> {
    fn append(&mut self, _: u64, _: &[&[u8]], _: &str) -> Result<(), JournalFault> {
        let (place, words) = ("the public log".to_owned(), "is only read".to_owned());
        Err(JournalFault::Unreadable { place, words })
    }

    fn head(&self) -> Result<Option<storage::Head>, JournalFault> {
        let (size, checkpoint) = (self.size(), self.head.note.clone());
        Ok(Some(storage::Head { size, checkpoint, entries: size }))
    }

    fn for_each_entry_of<E: From<JournalFault>>(
        &self,
        range: Range<u64>,
        mut each: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        self.for_each_of(range.start..range.end.min(self.size()), |_, entry| each(entry))
    }

    fn for_each_checkpoint<E: From<JournalFault>>(
        &self,
        size: u64,
        mut each: impl FnMut(u64, &str) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.size() <= size { each(self.size(), &self.head.note) } else { Ok(()) }
    }

    fn checkpoint_over(&self, index: u64) -> Result<Option<(u64, String)>, JournalFault> {
        Ok((index < self.size()).then(|| (self.size(), self.head.note.clone())))
    }
}
