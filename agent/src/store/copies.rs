//! The second copy of each draft, as a file beside sled: read only where sled has lost it.
//!
//! **sled is the source of truth**: a box is *saved* with sled's commit, and where sled has
//! anything of a draft its copy is not looked at but written again. What a store that was set
//! aside knew of forms lies in the forms' own files; of drafts it lay nowhere else.
//!
//! - *Why not read it out of the store that was set aside?* One flipped bit stops sled 0.34
//!   from opening in 32 of 40 tries, and its pages are its own: a reader of ours would
//!   guess at another crate's format in the one moment when nobody can check it.
//! - *What it costs.* A box writes its draft anew: one block of 4 KiB, up to 36 KiB on a form
//!   of 1,000 numbers typed twice, and the file system's journal for two syncs. On ext4 a box
//!   takes 21 to 24 KiB with sled and all (`tests/tests/page/flash.rs`): the 213 boxes of three
//!   contests of the sample take 5 MB. The cheapest 8 GB of flash bear 500 writes of each block,
//!   4,000,000 MB.
//!
//! The order: a draft is saved in sled, then copied; forgotten as a copy, then in sled. So
//! a power cut in between leaves sled with what the copy lacks, never a copy of what was
//! forgotten: a form that is sealed does not turn up again as a draft.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use saksi_proto::codec::{decode, encode};
use saksi_proto::digest::Digest;

use super::drafts::{DraftKey, brought_back, draft_of};
use super::papers::DAMAGED;
use super::records::{Records, RecordsFault, Row};
use crate::directory::{DRAFT, Directory};
use crate::durable;

/// Longest copy in bytes: 1,000 fields typed twice, each at most 24 bytes of code, 44 of
/// what was typed and 60 of key, are 250 KiB. Usual are some KiB.
const MAX_COPY: usize = 320 * 1024;

/// Bytes of the SHA-256 that a copy begins with: of all that follows.
const HEAD: usize = 32;

/// What was found beside sled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// Drafts that only their copies had.
    pub(super) brought_back: usize,
    /// Copies that are not what they were written as, and were set aside, now or earlier.
    pub(super) damaged: usize,
}

/// Writes the copy of a draft that was saved. What cannot be written is said and is no fault:
/// the draft is saved.
pub(super) fn write(directory: &Directory, records: &Records, draft: &DraftKey) {
    let written = records.draft_rows(&draft.bytes()).map_err(io::Error::other).and_then(|rows| {
        let copy = bytes(&rows);
        if copy.len() > MAX_COPY {
            return Err(io::Error::other(format!("{} bytes", copy.len())));
        }
        durable::write_file(&path(directory, draft), &copy)
    });
    if let Err(fault) = written {
        tracing::warn!(%fault, "a draft is saved, but its second copy could not be written");
    }
}

/// Removes the copy of a draft that is about to be forgotten.
///
/// # Errors
/// Any fault of the file system; the draft must not be forgotten then.
pub(super) fn remove(directory: &Directory, draft: &DraftKey) -> io::Result<()> {
    match durable::remove_file(&path(directory, draft)) {
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Takes into the records what only copies have, and writes the copies that are not what the
/// records say. Not durable before [`Records::commit`].
///
/// # Errors
/// [`RecordsFault`]; the copies are as they were then, or newer.
pub(super) fn reconcile(directory: &Directory, records: &Records) -> Result<Found, RecordsFault> {
    let mut drafts = by_draft(records.draft_rows(&[])?);
    let mut found = Found::default();
    for path in files(directory)? {
        let is_set_aside = path.extension().is_some_and(|ending| ending == DAMAGED);
        if is_set_aside || drafts.keys().any(|draft| self::path(directory, draft) == path) {
            found.damaged += usize::from(is_set_aside);
            continue;
        }
        let Some((draft, rows)) = read(directory, &path) else {
            tracing::warn!(path = %path.display(), "a draft's second copy is damaged; it is set aside");
            durable::rename(&path, &path.with_extension(DAMAGED))?;
            found.damaged += 1;
            continue;
        };
        tracing::warn!(path = %path.display(), "a draft was lost with the store; it is brought back from its second copy");
        let rows = brought_back(draft, rows);
        for (key, value) in rows.clone() {
            records.put_draft_row((key, Some(value)))?;
        }
        found.brought_back += 1;
        drafts.insert(draft, rows);
    }
    for (draft, rows) in &drafts {
        if !is_copied(directory, draft, rows) {
            write(directory, records, draft);
        }
    }
    Ok(found)
}

/// The rows of each draft, by the beginning of their keys.
fn by_draft(rows: Vec<Row>) -> BTreeMap<DraftKey, Vec<Row>> {
    let mut drafts: BTreeMap<_, Vec<Row>> = BTreeMap::new();
    for row in rows {
        if let Some(draft) = draft_of(&row.0) {
            drafts.entry(draft).or_default().push(row);
        }
    }
    drafts
}

/// Copies and what was set aside of them, in the order of their names.
fn files(directory: &Directory) -> io::Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(directory.drafts())?.map(|entry| Ok(entry?.path()));
    let mut files = entries.collect::<io::Result<Vec<_>>>()?;
    let is_ours = |path: &PathBuf| {
        path.extension().is_some_and(|ending| ending == DRAFT || ending == DAMAGED)
    };
    files.retain(is_ours);
    files.sort_unstable();
    Ok(files)
}

/// A copy and whose it is; `None` if it is not what was written under its name.
fn read(directory: &Directory, path: &Path) -> Option<(DraftKey, Vec<Row>)> {
    let mut copy = Vec::new();
    // One byte over the longest shows what is too long; what cannot be read is damaged.
    File::open(path).ok()?.take(MAX_COPY as u64 + 1).read_to_end(&mut copy).ok()?;
    let (head, body) = copy.split_at_checked(HEAD).filter(|_| copy.len() <= MAX_COPY)?;
    let rows: Vec<Row> = decode(body).ok().filter(|_| Digest::of(body).0 == head)?;
    let draft = draft_of(&rows.first()?.0)?;
    let is_whole = rows.iter().all(|(key, _)| draft_of(key) == Some(draft));
    (is_whole && self::path(directory, &draft) == path).then_some((draft, rows))
}

fn is_copied(directory: &Directory, draft: &DraftKey, rows: &[Row]) -> bool {
    read(directory, &path(directory, draft)).is_some_and(|(_, copied)| copied == rows)
}

fn bytes(rows: &[Row]) -> Vec<u8> {
    let body = encode(&rows);
    [&Digest::of(&body).0[..], &body].concat()
}

fn path(directory: &Directory, draft: &DraftKey) -> PathBuf {
    directory.draft(draft.election, draft.contest)
}

#[cfg(test)]
mod tests;
