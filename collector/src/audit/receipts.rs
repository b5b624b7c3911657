//! The receipt of one form, made by whoever wants it, from the public files alone: the form's
//! bundle, at most two tiles a level of the tree, and the checkpoint.
//!
//! The static site has no receipts of its own. A file for each of a nation's 4.1 million forms
//! is 1.2 KB and takes 4 KB of a disk: 17 GB and 4.1 million inodes, as many again as all of
//! its pages, for bytes that follow from the 3 GB of the log, which are public already. All
//! receipts of a station in one file would be 7 GB, and no program reads such a file. Making one
//! here reads the checkpoint, one bundle and two tiles of 8 KB a level, once, on the machine of
//! who asks. A bundle has 45 KB with the president's forms and 54 with those of ten candidates
//! (`national --forms 1000000 --desk`), and 0.9 MB if all are as long as they can be. And it is
//! checked in the making, while a file that lies there would still have to be.

use std::collections::BTreeSet;

use saksi_proto::checkpoint::{LogKey, MAX_CHECKPOINT};
use saksi_proto::entry::Entry;
use saksi_proto::merkle::{leaf_hash, root_of_proof};
use saksi_proto::receipt::Receipt;
use saksi_proto::seal::SealedForm;
use saksi_proto::tile::{self, TILE_LEVELS, TileName};

use super::fault::{AuditFault, Lie, LieKind, bundle_of, tile_of};
use super::heads::Head;
use super::progress::Progress;
use super::source::{MAX_KEY, PublicFiles, Wanted};
use crate::publisher::disk::Files;
use crate::publisher::{CHECKPOINT, LOG_KEY, Tiles};

/// A form that is in the log, and its proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    /// As its device has sealed it.
    pub sealed: SealedForm,
    /// It verifies against the log's key.
    pub receipt: Receipt,
    /// Whether the key is the log's own word.
    pub own_key: bool,
}

/// The form in entry `index` of a log, with the receipt to its newest checkpoint.
///
/// # Errors
/// [`AuditFault`]: the entry is none of this log, or no form; or what is published is not what
/// was signed.
pub fn receipt(
    files: &PublicFiles,
    key: Option<&LogKey>,
    index: u64,
) -> Result<Proven, AuditFault> {
    let progress = Progress::silent();
    let own = match key {
        Some(_) => Wanted::optional(LOG_KEY, MAX_KEY),
        None => Wanted::required(LOG_KEY, MAX_KEY),
    };
    let checkpoint = Wanted::required(CHECKPOINT, MAX_CHECKPOINT as u64);
    files.bring([own, checkpoint].into_iter(), &progress)?;
    let head = Head::read(files, key)?;
    let size = head.checkpoint.size;
    if index >= size {
        let words = format!("there is no entry {index}: the log has {size}, from 0 on");
        return Err(AuditFault::Given(words));
    }
    let bundle = bundle_of(index, size);
    let wanted = tiles_for(index, size).into_iter().map(tile_name).chain([bundle]);
    files.bring(wanted.map(Wanted::tile).collect::<Vec<_>>().into_iter(), &progress)?;
    let entry = entry(files, bundle, index)?;
    let proof = Tiles::on(Files::below(files.dir().to_owned())).inclusion(index, size);
    let wrong = |words: String| Lie::of_entry(LieKind::Entry, index, size, words);
    let proof = proof.map_err(|fault| wrong(format!("cannot be proven: {fault}")))?;
    if root_of_proof(index, size, leaf_hash(&entry), &proof) != Some(head.checkpoint.root) {
        let words = "neither it nor the tiles over it come to the signed root";
        return Err(wrong(words.to_owned()).into());
    }
    let Ok(Entry::Form(arrival)) = Entry::decode(&entry) else {
        return Err(AuditFault::Given(format!("entry {index} is no form")));
    };
    let sealed = SealedForm::from_bytes(arrival.sealed);
    let sealed = sealed.map_err(|fault| wrong(format!("no sealed form: {fault}")))?;
    let (arrived_ms, checkpoint) = (arrival.arrived_ms, head.note);
    let receipt = Receipt { index, arrived_ms, proof, checkpoint };
    let verified = receipt.verify(&sealed, &head.key);
    verified.map_err(|fault| wrong(fault.to_string()))?;
    Ok(Proven { sealed, receipt, own_key: head.own_key })
}

/// Level and position of hashes in all tiles that a proof needs: those that have the entry
/// below them, and the last of each level.
fn tiles_for(index: u64, size: u64) -> BTreeSet<(u8, u64, u64)> {
    let levels = (0..TILE_LEVELS).map(|level| (level, 8 * u32::from(level)));
    let levels = levels.filter(|(_, shift)| size >> shift > 0);
    levels
        .flat_map(|(level, shift)| {
            let last = (size >> shift) - 1;
            [(index >> shift).min(last), last].map(|at| (level, at / tile::TILE_WIDTH, size))
        })
        .collect()
}

fn tile_name((level, tile, size): (u8, u64, u64)) -> TileName {
    tile_of(Some(level), tile * tile::TILE_WIDTH, size)
}

fn entry(files: &PublicFiles, bundle: TileName, index: u64) -> Result<Vec<u8>, AuditFault> {
    let (there, bytes) = files.tile(bundle)?;
    let entries = tile::entries(&bytes, usize::from(there.width));
    let entries = entries
        .map_err(|fault| Lie::of_file(LieKind::Entry, there.to_string(), fault.to_string()))?;
    let at = usize::try_from(index % tile::TILE_WIDTH).unwrap_or(usize::MAX);
    let missing = || Lie::of_file(LieKind::Entry, there.to_string(), "too short").into();
    entries.get(at).map(|entry| entry.to_vec()).ok_or_else(missing)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::sample::{PublicLog, log_key, night};
    use super::*;

    fn of(dir: &tempfile::TempDir, index: u64) -> Result<Proven, AuditFault> {
        receipt(&PublicFiles::of_directory(dir.path()), Some(&log_key()), index)
    }

    #[test]
    fn every_form_of_a_log_of_any_size_has_a_receipt_that_verifies() {
        for size in [12, 255, 256, 257, 700] {
            let log = if size == 12 { PublicLog::of(&night()) } else { PublicLog::long(size) };
            let (dir, tree) = (log.write(), log.tree());
            for index in (0..size as u64).filter(|index| size < 20 || index % 37 < 2) {
                let entry = Entry::decode(&log.entries[usize::try_from(index).unwrap()]).unwrap();
                match (entry, of(&dir, index)) {
                    (Entry::Form(arrival), Ok(proven)) => {
                        assert_eq!(proven.sealed.bytes(), arrival.sealed);
                        assert_eq!(proven.receipt.proof, tree.inclusion_proof(index, size as u64));
                        let Receipt { index: of, checkpoint, .. } = proven.receipt;
                        assert_eq!((of, checkpoint), (index, log.checkpoint()));
                    }
                    (_, Err(AuditFault::Given(words))) => {
                        assert_eq!(words, format!("entry {index} is no form"));
                    }
                    (entry, found) => panic!("{index} of {size}: {entry:?} {found:?}"),
                }
            }
            let beyond = of(&dir, size as u64).unwrap_err().to_string();
            assert!(beyond.starts_with("there is no entry"), "{beyond}");
        }
    }

    #[test]
    fn no_file_more_is_read_than_the_proof_needs_and_what_is_changed_is_found() {
        let log = PublicLog::long(700);
        let size = 700;
        for index in [300, 699] {
            let dir = log.write();
            let bundle = bundle_of(index, size);
            let needed = tiles_for(index, size).into_iter().map(tile_name).chain([bundle]);
            let needed: BTreeSet<_> = needed.map(|name| name.to_string()).collect();
            for name in TileName::all(0, size).map(|name| name.to_string()) {
                if !needed.contains(&name) {
                    fs::remove_file(dir.path().join(name)).unwrap();
                }
            }
            of(&dir, index).unwrap();
            for name in needed {
                let path = dir.path().join(&name);
                let bytes = fs::read(&path).unwrap();
                for changed in [None, Some(bytes.len() / 2), Some(0)] {
                    let mut other = bytes.clone();
                    match changed {
                        Some(0) => other.clear(),
                        Some(cut) => other.truncate(cut),
                        None => fs::remove_file(&path).unwrap(),
                    }
                    if changed.is_some() {
                        fs::write(&path, other).unwrap();
                    }
                    let found = of(&dir, index);
                    assert!(matches!(found, Err(AuditFault::Lie(_))), "{name}: {found:?}");
                }
                fs::write(&path, bytes).unwrap();
            }
            let path = dir.path().join(bundle.to_string());
            let mut bytes = fs::read(&path).unwrap();
            let last = bytes.len() - 1;
            bytes[last] ^= 1;
            fs::write(&path, bytes).unwrap();
            assert_eq!(of(&dir, index).is_err(), index == 699, "the last of its bundle");
        }
    }
}
