//! The end of a publication: signed, pointed to, and what nothing names any more removed.

use rustc_hash::{FxHashMap, FxHashSet};
use saksi_proto::definition::RegionIndex;
use saksi_proto::digest::Digest;

use super::super::PublishFault;
use super::super::disk::Disk;
use super::table::Seen;
use super::version::{Current, State, Version};
use super::{CURRENT, KEPT, Published, Site, made_with, numbers_file, packed_path, path};

impl<D: Disk> Site<D> {
    /// Signs the publication, points to it, and removes what nothing names any more.
    pub(super) fn conclude(
        &mut self,
        published: &mut Published,
        seen: &Seen,
        files: FxHashMap<RegionIndex, Digest>,
        (now_ms, next_ms): (u64, u64),
    ) -> Result<(), PublishFault> {
        let whole = seen.election.definition.whole();
        let numbers = *files.get(&whole).or_else(|| published.files.get(&whole)).expect("made");
        let (size, root) = (seen.position.size, seen.position.root.expect("looked at before"));
        let before = published.current.as_ref();
        let is_same = |before: &&Current| (before.size, before.numbers_sha256) == (size, numbers);
        let version_sha256 = match before.filter(is_same) {
            // Only pages are made anew: a publication never changes under its name.
            Some(same) => same.version_sha256,
            None => self.sign(seen, numbers, before, now_ms)?,
        };
        let current = Current {
            format: 1,
            origin: self.key.origin.clone(),
            size,
            root,
            last_form_ms: seen.position.last_form_ms,
            at_ms: now_ms,
            version: Version::file(size),
            version_sha256,
            numbers: numbers_file(&numbers),
            numbers_sha256: numbers,
            state: State::Open,
            checked_ms: now_ms,
            next_ms,
            made_with: made_with(&seen.election),
        };
        self.point(&current)?;
        (published.current, published.wants_all) = (Some(current), false);
        self.pending.clear();
        self.remove_outdated(published, files)
    }

    /// Writes the signed publication; gives the SHA-256 of its note. What stopped after it and
    /// before the pointer has left one: that is pointed to, for a publication never changes under
    /// its name, and no two are signed of one size.
    fn sign(
        &mut self,
        seen: &Seen,
        numbers: Digest,
        before: Option<&Current>,
        at_ms: u64,
    ) -> Result<Digest, PublishFault> {
        let (size, root) = (seen.position.size, seen.position.root.ok_or(PublishFault::Ledger)?);
        let before = before.filter(|before| before.size < size);
        let previous = before.map(|before| (before.size, before.version_sha256));
        let contests = self.contests(seen);
        let version = Version { size, root, numbers, previous, at_ms, contests };
        if let Some(note) = self.signed_before(&version)? {
            return Ok(Digest::of(&note));
        }
        let note = version.sign(&self.key.origin, &self.signer);
        self.directory.put(&path(&Version::file(size)), note.as_bytes())?;
        self.directory.settle()?;
        Ok(Digest::of(note.as_bytes()))
    }

    /// The note of the same publication, but for the time, that this log has signed before.
    fn signed_before(&mut self, version: &Version) -> Result<Option<Vec<u8>>, PublishFault> {
        let file = path(&Version::file(version.size));
        let note = self.directory.read(&file)?.unwrap_or_default();
        let Some(found) = Version::parse(&String::from_utf8_lossy(&note)) else { return Ok(None) };
        let is_same = Version { at_ms: found.at_ms, ..version.clone() } == found;
        // A signature of Ed25519 follows from what is signed: the same bytes are its own.
        if !is_same || found.sign(&self.key.origin, &self.signer).as_bytes() != note {
            return Ok(None);
        }
        self.directory.keep(&file);
        self.directory.settle()?;
        Ok(Some(note))
    }

    /// Removes the numbers that newer ones have taken the place of some publications ago.
    fn remove_outdated(
        &mut self,
        published: &mut Published,
        files: FxHashMap<RegionIndex, Digest>,
    ) -> Result<(), PublishFault> {
        let is_first = published.files.is_empty();
        let before = files.into_iter().filter_map(|(region, file)| {
            published.files.insert(region, file).filter(|before| *before != file)
        });
        let mut before: Vec<_> = before.collect();
        let used: FxHashSet<_> = published.files.values().copied().collect();
        if is_first {
            before = published.there.difference(&used).copied().collect();
        }
        published.outdated.push_back(before);
        while published.outdated.len() > KEPT {
            for file in published.outdated.pop_front().into_iter().flatten() {
                if !used.contains(&file) && published.there.remove(&file) {
                    self.directory.remove(&packed_path(&numbers_file(&file)))?;
                }
            }
        }
        self.directory.settle()
    }

    /// Says how it stands: in the pointer, and on the pages of the whole when that changes.
    pub(super) fn say(
        &mut self,
        published: &mut Published,
        state: State,
        (checked_ms, next_ms): (u64, u64),
    ) -> Result<(), PublishFault> {
        let Some(current) = published.current.clone() else { return Ok(()) };
        if current.state != state {
            self.write_front(published, &current, (&state, next_ms))?;
        }
        let current = Current { state, checked_ms, next_ms, ..current };
        self.point(&current)?;
        published.current = Some(current);
        Ok(())
    }

    fn point(&mut self, current: &Current) -> Result<(), PublishFault> {
        let mut json = serde_json::to_vec_pretty(current).expect("numbers and names are JSON");
        json.push(b'\n');
        self.directory.put(&path(CURRENT), &json)?;
        self.directory.settle()
    }
}
