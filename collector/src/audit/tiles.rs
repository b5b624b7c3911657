//! Every tile and every entry against the checkpoint: hashes only, nothing is decoded
//! before it is known to be what was signed.

use std::ops::Range;
use std::thread::{self, available_parallelism};

use saksi_proto::checkpoint::Checkpoint;
use saksi_proto::digest::Digest;
use saksi_proto::merkle::{leaf_hash, node_hash};
use saksi_proto::tile::{self, TILE_WIDTH, TileName, tile_root};

use super::fault::{AuditFault, Lie, LieKind, bundle_of, tile_of};
use super::progress::Progress;
use super::source::PublicFiles;

/// The hashes of a log's tiles: at level L those of its complete subtrees of 256ᴸ entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Levels(Vec<Vec<Digest>>);

impl Levels {
    /// Those over the hashes of entries.
    #[must_use]
    pub fn over(leaves: Vec<Digest>) -> Self {
        let mut levels = vec![leaves];
        loop {
            let chunks = levels[levels.len() - 1].chunks_exact(256);
            let above: Vec<_> = chunks.map(tile_root).collect();
            if above.is_empty() {
                return Self(levels);
            }
            levels.push(above);
        }
    }

    /// Those that the tiles say.
    fn shown(files: &PublicFiles, size: u64) -> Result<Self, AuditFault> {
        let mut levels = Vec::new();
        for level in (0..tile::TILE_LEVELS).take_while(|level| size >> (8 * u32::from(*level)) > 0)
        {
            let mut hashes = Vec::new();
            for name in TileName::of_level(Some(level), 0, size) {
                hashes.extend(hashes_of(files, name)?);
            }
            levels.push(hashes);
        }
        Ok(Self(levels))
    }

    /// The root (RFC 6962, 2.1): what is complete, the largest first, joined from the right.
    #[must_use]
    pub fn root(&self) -> Digest {
        let mut nodes = Vec::new();
        for hashes in self.0.iter().rev() {
            let mut rest = &hashes[hashes.len() - hashes.len() % 256..];
            while !rest.is_empty() {
                let (subtree, after) = rest.split_at(1 << rest.len().ilog2());
                nodes.push(tile_root(subtree));
                rest = after;
            }
        }
        let joined = nodes.into_iter().rev().reduce(|right, left| node_hash(&left, &right));
        joined.unwrap_or_else(|| Digest::of(&[]))
    }

    /// The root over the first entries only.
    #[must_use]
    pub fn root_at(&self, size: u64) -> Digest {
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        Self::over(self.0[0].iter().take(size).copied().collect()).root()
    }

    /// The first difference: level and position.
    fn differs(&self, other: &Self) -> Option<(u8, u64)> {
        for ((level, ours), theirs) in (0..).zip(&self.0).zip(&other.0) {
            let found = ours.iter().zip(theirs).position(|(our, their)| our != their);
            if let Some(position) = found {
                return Some((level, position as u64));
            }
        }
        None
    }

    /// The first tile from above that is not what the hash over it says.
    fn broken(&self) -> Option<(u8, u64)> {
        let pairs = (0_u8..).zip(self.0.windows(2)).collect::<Vec<_>>();
        pairs.into_iter().rev().find_map(|(level, pair)| {
            let mut tiles = pair[0].chunks_exact(256).zip(&pair[1]);
            let position = tiles.position(|(tile, hash)| tile_root(tile) != *hash)?;
            Some((level, position as u64 * TILE_WIDTH))
        })
    }
}

/// How many tiles and bundles a log has.
#[must_use]
pub fn count(size: u64) -> u64 {
    let tiles = (0..tile::TILE_LEVELS).map(|level| (size >> (8 * u32::from(level))).div_ceil(256));
    size.div_ceil(TILE_WIDTH) + tiles.sum::<u64>()
}

/// Checks that all tiles and entries there must be are there, and are those that the
/// checkpoint was signed over; returns the hashes.
///
/// # Errors
/// [`AuditFault`]: what is wrong is told apart from what is right by the checkpoint's root.
pub fn verify(
    files: &PublicFiles,
    checkpoint: &Checkpoint,
    progress: &Progress,
) -> Result<Levels, AuditFault> {
    let size = checkpoint.size;
    let shown = Levels::shown(files, size)?;
    progress.begin("entries against the signed root", size);
    let found = Levels::over(leaves(files, size, &shown.0[0], progress)?);
    if found.root() == checkpoint.root {
        return match found.differs(&shown) {
            None => Ok(found),
            Some((level, at)) => Err(wrong_tile(level, at, size, "that of what is below it")),
        };
    }
    if shown.root() == checkpoint.root {
        if let Some((level, at)) = shown.broken() {
            let tile = tile_of(Some(level), at, size);
            let words = "its hashes do not come to the one that stands for it a level higher";
            return Err(Lie::of_file(LieKind::Tile, tile, words).into());
        }
        if let Some(entry) = found.differs(&shown).map(|(_, entry)| entry) {
            return Err(wrong_entry(entry, size).into());
        }
    }
    let root = found.root();
    Err(match found.differs(&shown) {
        Some((0, entry)) => wrong_entry(entry, size).into(),
        Some((level, at)) => wrong_tile(level, at, size, "that of what is below it"),
        None => {
            let words = format!(
                "signed over {size} entries with the root {}, but the {size} entries that are \
                 shown have the root {root}",
                checkpoint.root
            );
            Lie::of_file(LieKind::Checkpoint, super::heads::CHECKPOINT_FILE, words).into()
        }
    })
}

fn wrong_tile(level: u8, at: u64, size: u64, what: &str) -> AuditFault {
    let words = format!("hash {} in it is not {what}", at % TILE_WIDTH);
    Lie::of_file(LieKind::Tile, tile_of(Some(level), at, size), words).into()
}

fn wrong_entry(entry: u64, size: u64) -> Lie {
    let tile = tile_of(Some(0), entry, size);
    let words = format!("its bytes are not those whose hash stands in {tile}");
    Lie::of_entry(LieKind::Entry, entry, size, words)
}

fn hashes_of(files: &PublicFiles, name: TileName) -> Result<Vec<Digest>, AuditFault> {
    let (there, bytes) = files.tile(name)?;
    let (hashes, rest) = bytes.as_chunks::<32>();
    if !rest.is_empty() || hashes.len() != usize::from(there.width) {
        let words = format!("{} bytes where {} hashes are 32 each", bytes.len(), there.width);
        return Err(Lie::of_file(LieKind::Tile, there, words).into());
    }
    Ok(hashes.iter().take(usize::from(name.width)).map(|hash| Digest(*hash)).collect())
}

/// The hashes of all entries, on all cores.
fn leaves(
    files: &PublicFiles,
    size: u64,
    shown: &[Digest],
    progress: &Progress,
) -> Result<Vec<Digest>, AuditFault> {
    let spans = spans(size);
    let parts = thread::scope(|scope| {
        let reading: Vec<_> = spans
            .into_iter()
            .map(|span| scope.spawn(move || leaves_of(files, span, size, shown, progress)))
            .collect();
        let joined = reading
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        joined.collect::<Result<Vec<_>, _>>()
    })?;
    Ok(parts.concat())
}

/// Entries of a log in as many spans of whole bundles as there are cores.
pub(super) fn spans(size: u64) -> Vec<Range<u64>> {
    let cores = available_parallelism().map_or(1, usize::from) as u64;
    let width = size.div_ceil(cores).next_multiple_of(TILE_WIDTH);
    (0..cores)
        .map(|core| core * width..size.min((core + 1) * width))
        .filter(|span| !span.is_empty())
        .collect()
}

fn leaves_of(
    files: &PublicFiles,
    span: Range<u64>,
    size: u64,
    shown: &[Digest],
    progress: &Progress,
) -> Result<Vec<Digest>, AuditFault> {
    let mut leaves = Vec::new();
    let mut first = span.start;
    while first < span.end {
        let name = bundle_of(first, size);
        let (there, bytes) = files.tile(name)?;
        let from = usize::try_from(first).unwrap_or(usize::MAX);
        let entries = tile::entries(&bytes, usize::from(there.width)).map_err(|fault| {
            let whole = leading(&bytes).zip(&shown[from..]);
            let right = whole.take_while(|(entry, hash)| leaf_hash(entry) == **hash).count();
            let entry = first + right.min(fault.entry) as u64;
            Lie {
                file: there.to_string(),
                ..Lie::of_entry(LieKind::Entry, entry, size, fault.to_string())
            }
        })?;
        leaves.extend(entries.into_iter().take(usize::from(name.width)).map(leaf_hash));
        progress.advance(u64::from(name.width));
        first += u64::from(name.width);
    }
    Ok(leaves)
}

/// The entries of a bundle up to where it breaks.
fn leading(mut rest: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (length, after) = rest.split_first_chunk()?;
        let (entry, after) = after.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        rest = after;
        Some(entry)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use saksi_proto::merkle::Tree;

    #[test]
    fn the_root_of_tiles_is_that_of_the_tree() {
        let leaves: Vec<_> = (0..70_000_u32).map(|leaf| leaf_hash(&leaf.to_be_bytes())).collect();
        let tree: Tree = leaves.iter().copied().collect();
        let levels = Levels::over(leaves);
        assert_eq!(levels.0.len(), 3);
        for size in [1, 2, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 65_792, 70_000] {
            assert_eq!(levels.root_at(size), tree.root_at(size), "{size}");
        }
    }

    #[test]
    fn tiles_are_counted_without_naming_them() {
        for size in [0, 1, 255, 256, 257, 65_535, 65_536, 70_000] {
            assert_eq!(count(size), TileName::all(0, size).count() as u64, "{size}");
        }
    }

    #[test]
    fn spans_are_whole_bundles_and_leave_nothing_out() {
        for size in [1, 255, 256, 257, 1_000, 70_000] {
            let spans = spans(size);
            assert_eq!((spans[0].start, spans[spans.len() - 1].end), (0, size));
            for pair in spans.windows(2) {
                assert_eq!((pair[0].end, pair[0].end % 256), (pair[1].start, 0));
            }
        }
    }
}
