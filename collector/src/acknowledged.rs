//! How far the journal has been acknowledged, in a small file beside it.
//!
//! A WAL that was cut, or left behind when the journal was copied, takes commits with
//! it, and SQLite does not say so: the journal just ends earlier. So the checkpoint of
//! each commit is noted here, after the commit point and before any answer. The note
//! is not synced: after a power cut it may be an earlier one, never a later one than
//! the journal's own. One that is damaged is no note.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use saksi_proto::digest::Digest;

/// Size of the file: one page, written in place. A checkpoint has at most 2,048 bytes.
const PAGE: usize = 4_096;

/// Ends the name of the journal's file.
pub(crate) const ENDING: &str = "-head";

/// Writes the notes of one journal.
pub(crate) struct Acknowledged {
    file: File,
}

/// What was noted last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Note {
    /// Entries that the checkpoint covers.
    pub(crate) size: u64,
    /// Its text.
    pub(crate) checkpoint: String,
}

/// A journal that is not what was acknowledged.
#[derive(Debug, thiserror::Error)]
pub enum EndFault {
    /// It lacks entries: its WAL was cut or is not there.
    #[error(
        "entries are gone: the journal has {entries}, but {acknowledged} were acknowledged, as \
         {note} says. If the journal's -wal file lies elsewhere, put it back"
    )]
    Short {
        /// The file that says so.
        note: PathBuf,
        /// Entries that were acknowledged.
        acknowledged: u64,
        /// Entries there are.
        entries: u64,
    },
    /// It goes as far, and is another one.
    #[error(
        "the last checkpoint that was acknowledged, over {size} entries, is another one than the \
         journal's, as {note} says"
    )]
    Other {
        /// The file that says so.
        note: PathBuf,
        /// Entries that both cover.
        size: u64,
    },
    /// The file that says how far it was acknowledged cannot be opened.
    #[error("{0}: {1}")]
    Note(PathBuf, io::Error),
}

impl Note {
    /// Checks that the journal at `journal` has what was noted: `kept` is its checkpoint
    /// over as many entries, if it has one.
    pub(crate) fn check(
        &self,
        journal: &Path,
        kept: Option<String>,
        entries: u64,
    ) -> Result<(), EndFault> {
        let (note, size) = (path(journal), self.size);
        match kept {
            Some(kept) if kept == self.checkpoint => Ok(()),
            Some(_) => Err(EndFault::Other { note, size }),
            None => Err(EndFault::Short { note, acknowledged: size, entries }),
        }
    }
}

impl Acknowledged {
    /// Opens or makes the file beside a journal.
    pub(crate) fn beside(journal: &Path) -> Result<Self, EndFault> {
        let mut options = File::options();
        let file = options.write(true).create(true).truncate(false).open(path(journal));
        Ok(Self { file: file.map_err(|fault| EndFault::Note(path(journal), fault))? })
    }

    /// Notes what has just been committed, in the place of what was noted before.
    pub(crate) fn note(&self, note: &Note) -> io::Result<()> {
        let page = format!("{}\n{}", note.size, note.checkpoint);
        let mut page = format!("{}\n{page}", Digest::of(page.as_bytes())).into_bytes();
        page.resize(PAGE.max(page.len()), 0);
        self.file.write_all_at(&page, 0)
    }
}

/// What was noted last of a journal; nothing if that is damaged or not there.
pub(crate) fn read(journal: &Path) -> Option<Note> {
    let page = String::from_utf8(std::fs::read(path(journal)).ok()?).ok()?;
    let (digest, rest) = page.trim_end_matches('\0').split_once('\n')?;
    if digest.parse() != Ok(Digest::of(rest.as_bytes())) {
        return None;
    }
    let (size, checkpoint) = rest.split_once('\n')?;
    Some(Note { size: size.parse().ok()?, checkpoint: checkpoint.to_owned() })
}

/// The file beside a journal.
pub(crate) fn path(journal: &Path) -> PathBuf {
    let mut name = journal.as_os_str().to_owned();
    name.push(ENDING);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_note_is_read_and_a_damaged_one_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let journal = dir.path().join("journal.db");
        assert_eq!(read(&journal), None);
        let note = |size, text: &str| Note { size, checkpoint: text.to_owned() };
        let notes = Acknowledged::beside(&journal).unwrap();
        notes.note(&note(12, "a long checkpoint\n")).unwrap();
        notes.note(&note(13, "short\n")).unwrap();
        assert_eq!(read(&journal), Some(note(13, "short\n")));
        let whole = std::fs::read(path(&journal)).unwrap();
        assert_eq!(whole.len(), PAGE);
        for at in 0..80 {
            let mut flipped = whole.clone();
            flipped[at] ^= 1;
            std::fs::write(path(&journal), &flipped).unwrap();
            assert_eq!(read(&journal), None, "byte {at}");
            std::fs::write(path(&journal), &whole[..at]).unwrap();
            let cut = read(&journal);
            assert!(cut.is_none() || cut == Some(note(13, "short\n")), "cut after {at}");
        }
    }
}
