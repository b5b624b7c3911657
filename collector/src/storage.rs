//! What the log asks of the place that keeps it. The journal on the disk is one; the
//! simulation has another, whose disk loses power on demand.

use std::ops::Range;

use crate::journal::JournalFault;

/// Where a storage ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Entries that the last checkpoint covers.
    pub size: u64,
    /// Its text.
    pub checkpoint: String,
    /// Entries there are; a commit writes both, so more than `size` is damage.
    pub entries: u64,
}

/// Keeps entries and checkpoints for ever, appended in commits. One writer.
pub trait Storage {
    /// Appends entries from index `first` on, with the checkpoint over all entries so
    /// far, in one commit that is durable when this returns.
    ///
    /// # Errors
    /// [`JournalFault`]: nothing of it was appended, or the disk does not say.
    fn append(
        &mut self,
        first: u64,
        entries: &[&[u8]],
        checkpoint: &str,
    ) -> Result<(), JournalFault>;

    /// The last checkpoint, and how far the entries go.
    ///
    /// # Errors
    /// [`JournalFault`].
    fn head(&self) -> Result<Option<Head>, JournalFault>;

    /// Calls `each` with every entry below `size`, in order.
    ///
    /// # Errors
    /// [`JournalFault`], or what `each` returns.
    fn for_each_entry<E: From<JournalFault>>(
        &self,
        size: u64,
        each: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        self.for_each_entry_of(0..size, each)
    }

    /// Calls `each` with every entry of a range, in order.
    ///
    /// # Errors
    /// [`JournalFault`], also if one of them is missing, or what `each` returns.
    fn for_each_entry_of<E: From<JournalFault>>(
        &self,
        range: Range<u64>,
        each: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E>;

    /// Calls `each` with size and text of every checkpoint over at most `size` entries,
    /// in order.
    ///
    /// # Errors
    /// [`JournalFault`], or what `each` returns.
    fn for_each_checkpoint<E: From<JournalFault>>(
        &self,
        size: u64,
        each: impl FnMut(u64, &str) -> Result<(), E>,
    ) -> Result<(), E>;

    /// Size and text of the checkpoint that was signed when entry `index` was
    /// committed: the first that covers it.
    ///
    /// # Errors
    /// [`JournalFault`].
    fn checkpoint_over(&self, index: u64) -> Result<Option<(u64, String)>, JournalFault>;
}
