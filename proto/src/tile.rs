//! Tiles: how a log lies in files that any web server can carry (C2SP `tlog-tiles`).
//!
//! A tile of level `L` has the hashes of up to 256 complete subtrees of `256ᴸ` leaves, side
//! by side; an entry bundle has up to 256 entries, each behind its length in two bytes.
//! What is not full yet says how much it has in its name.

use std::fmt;

use crate::digest::Digest;
use crate::entry::MAX_ENTRY;
use crate::merkle::node_hash;

/// Hashes of a full tile, and entries of a full bundle.
pub const TILE_WIDTH: u64 = 256;

/// Levels that a log of 2⁶⁴ entries would have.
pub const TILE_LEVELS: u8 = 8;

/// Longest entry bundle in bytes: 256 entries of [`MAX_ENTRY`], each behind its length.
pub const MAX_BUNDLE: usize = 256 * (2 + MAX_ENTRY);

/// Which tile, or which bundle. As text it is its path below the log's address, such as
/// `tile/0/x001/067` or `tile/entries/x001/067.p/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TileName {
    /// Level of the hashes; `None` for a bundle of entries.
    pub level: Option<u8>,
    /// Position among the tiles of its level, from 0.
    pub index: u64,
    /// How many hashes or entries it has, 1 to 256.
    pub width: u16,
}

/// What is not the bytes of an entry bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a bundle of {wanted} entries: it ends in the middle of entry {entry} or after it")]
pub struct BundleFault {
    /// Entries that it should have.
    pub wanted: usize,
    /// Position of the entry, in the bundle, at which it goes wrong.
    pub entry: usize,
}

impl TileName {
    /// All tiles and bundles of a log of `size` entries that have something below the
    /// entries from `from` on: bundles first, then tiles from the leaves up. With `from` 0
    /// they are all of them.
    pub fn all(from: u64, size: u64) -> impl Iterator<Item = Self> {
        let levels = [None].into_iter().chain((0..TILE_LEVELS).map(Some));
        levels.flat_map(move |level| Self::of_level(level, from, size))
    }

    /// The tiles of one level, or the bundles, as [`TileName::all`].
    pub fn of_level(level: Option<u8>, from: u64, size: u64) -> impl Iterator<Item = Self> {
        let shift = 8 * u32::from(level.unwrap_or(0));
        let (from, size) = (from >> shift, size >> shift);
        let indices = from / TILE_WIDTH..size.div_ceil(TILE_WIDTH);
        indices.filter_map(move |index| {
            let width = (size - index * TILE_WIDTH).min(TILE_WIDTH);
            let width = u16::try_from(width).ok().filter(|_| from < size)?;
            Some(Self { level, index, width })
        })
    }

    /// Whether it will never change.
    #[must_use]
    pub fn is_full(&self) -> bool {
        u64::from(self.width) == TILE_WIDTH
    }

    /// The full one of its place.
    #[must_use]
    pub fn full(self) -> Self {
        Self { width: 256, ..self }
    }

    /// Reads a path; there is one spelling for each.
    #[must_use]
    pub fn from_path(path: &str) -> Option<Self> {
        let (level, rest) = path.strip_prefix("tile/")?.split_once('/')?;
        let level = match level {
            "entries" => None,
            level => Some(level.parse().ok().filter(|level| *level < TILE_LEVELS)?),
        };
        let (number, width) = match rest.split_once(".p/") {
            Some((number, width)) => (number, width.parse().ok()?),
            None => (rest, 256),
        };
        let digits: String = number.split('/').map(|part| part.trim_start_matches('x')).collect();
        let name = Self { level, index: digits.parse().ok()?, width };
        (1..=256).contains(&width).then_some(name).filter(|name| name.to_string() == path)
    }
}

impl fmt::Display for TileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.level {
            Some(level) => write!(f, "tile/{level}/")?,
            None => write!(f, "tile/entries/")?,
        }
        let mut parts = vec![format!("{:03}", self.index % 1_000)];
        let mut rest = self.index / 1_000;
        while rest > 0 {
            parts.push(format!("x{:03}", rest % 1_000));
            rest /= 1_000;
        }
        parts.reverse();
        f.write_str(&parts.join("/"))?;
        if self.is_full() { Ok(()) } else { write!(f, ".p/{}", self.width) }
    }
}

/// Appends an entry to a bundle.
///
/// # Panics
/// If the entry is longer than [`MAX_ENTRY`].
pub fn push_entry(bundle: &mut Vec<u8>, entry: &[u8]) {
    let length = u16::try_from(entry.len()).expect("an entry is at most 65,535 bytes");
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(entry);
}

/// The entries of a bundle, which must be so many.
///
/// # Errors
/// [`BundleFault`].
pub fn entries(bundle: &[u8], wanted: usize) -> Result<Vec<&[u8]>, BundleFault> {
    let mut rest = bundle;
    let mut entries = Vec::with_capacity(wanted);
    for entry in 0..wanted {
        let fault = BundleFault { wanted, entry };
        let (length, after) = rest.split_first_chunk().ok_or(fault)?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (bytes, after) = after.split_at_checked(length).ok_or(fault)?;
        entries.push(bytes);
        rest = after;
    }
    if rest.is_empty() { Ok(entries) } else { Err(BundleFault { wanted, entry: wanted }) }
}

/// The hash of the subtree over a full tile: what stands for it one level higher.
///
/// # Panics
/// Unless there are 256 hashes, or another power of two.
#[must_use]
pub fn tile_root(hashes: &[Digest]) -> Digest {
    assert!(hashes.len().is_power_of_two(), "a complete subtree");
    let mut row = hashes.to_vec();
    while row.len() > 1 {
        row = row.chunks_exact(2).map(|pair| node_hash(&pair[0], &pair[1])).collect();
    }
    row[0]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merkle::{Tree, leaf_hash};

    #[test]
    fn paths_are_those_of_the_specification() {
        let name = |level, index, width| TileName { level, index, width };
        for (tile, path) in [
            (name(Some(0), 1_234_067, 256), "tile/0/x001/x234/067"),
            (name(Some(1), 5, 17), "tile/1/005.p/17"),
            (name(None, 0, 1), "tile/entries/000.p/1"),
            (name(None, 1_000, 256), "tile/entries/x001/000"),
        ] {
            assert_eq!(tile.to_string(), path);
            assert_eq!(TileName::from_path(path), Some(tile));
        }
        for wrong in [
            "tile/0/67",
            "tile/0/001/067",
            "tile/0/x001/x067",
            "tile/8/000",
            "tile/00/000",
            "tile/0/000.p/256",
            "tile/0/000.p/0",
            "tile/0/000.p/01",
            "tile/0/x000/001",
            "tile/0/../000",
            "tile/+0/000",
            "tile/0/000/",
            "checkpoint",
            "tile/0/",
        ] {
            assert_eq!(TileName::from_path(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_tiles_of_a_size_are_as_the_specification_counts_them() {
        // C2SP tlog-tiles: a tree of size 70,000 has 273 full and one partial tile of
        // level 0, one full and one partial of level 1, and a partial of level 2.
        let of = |level| TileName::of_level(level, 0, 70_000).collect::<Vec<_>>();
        let (zero, one, two) = (of(Some(0)), of(Some(1)), of(Some(2)));
        assert_eq!((zero.len(), zero[273].width, zero[272].width), (274, 112, 256));
        assert_eq!(one.iter().map(|tile| tile.width).collect::<Vec<_>>(), [256, 17]);
        assert_eq!(two.iter().map(|tile| tile.width).collect::<Vec<_>>(), [1]);
        assert_eq!(TileName::all(0, 70_000).count(), 274 * 2 + 3);
        assert_eq!(TileName::all(69_999, 70_000).count(), 2);
        assert_eq!(TileName::all(0, 0).count(), 0);
        assert_eq!(TileName::all(256, 256).count(), 0);
    }

    #[test]
    fn what_is_new_is_in_the_tiles_from_the_old_size_on() {
        let changed = |from, size| {
            let names = TileName::all(from, size).map(|name| name.to_string());
            names.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            changed(255, 257),
            "tile/entries/000 tile/entries/001.p/1 tile/0/000 tile/0/001.p/1 tile/1/000.p/1"
        );
        assert_eq!(changed(256, 257), "tile/entries/001.p/1 tile/0/001.p/1");
    }

    #[test]
    fn a_bundle_is_read_whole_or_not_at_all() {
        let written: [&[u8]; 3] = [b"one", b"", &[7; 300]];
        let mut bundle = Vec::new();
        written.iter().for_each(|entry| push_entry(&mut bundle, entry));
        assert_eq!(entries(&bundle, 3).unwrap(), written);
        for end in 0..bundle.len() {
            assert!(entries(&bundle[..end], 3).is_err(), "{end}");
        }
        assert!(entries(&bundle, 2).is_err() && entries(&bundle, 4).is_err());
    }

    #[test]
    fn a_full_tile_stands_for_its_subtree() {
        let leaves: Vec<_> = (0..=255_u8).map(|leaf| leaf_hash(&[leaf])).collect();
        let tree: Tree = leaves.iter().copied().collect();
        assert_eq!(tile_root(&leaves), tree.root());
    }
}
