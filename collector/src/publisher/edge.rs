//! The right edge of the published tree: of each level the hashes of the tile that is not
//! full yet. With it the log grows without a look back: at most eight times 255 hashes.

use saksi_proto::digest::Digest;
use saksi_proto::merkle::node_hash;
use saksi_proto::tile::{TILE_LEVELS, TILE_WIDTH, TileName, tile_root};

/// The tiles that are not full.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Edge {
    size: u64,
    /// By level; fewer than 256 hashes each.
    rows: Vec<Vec<Digest>>,
}

impl Edge {
    /// The edge of a log of `size` entries, from its partial tiles.
    pub(super) fn read<E>(
        size: u64,
        mut tile: impl FnMut(TileName) -> Result<Vec<Digest>, E>,
    ) -> Result<Self, E> {
        let mut rows = Vec::new();
        for level in 0..TILE_LEVELS {
            let name = partial(level, size);
            rows.push(if name.width > 0 { tile(name)? } else { Vec::new() });
        }
        Ok(Self { size, rows })
    }

    /// Leaves so far.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Appends the hash of a leaf; calls `full` with each tile that it fills.
    pub(super) fn push<E>(
        &mut self,
        leaf: Digest,
        mut full: impl FnMut(TileName, &[Digest]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut hash = leaf;
        for level in 0..TILE_LEVELS {
            if self.rows.len() == usize::from(level) {
                self.rows.push(Vec::new());
            }
            let row = &mut self.rows[usize::from(level)];
            row.push(hash);
            if (row.len() as u64) < TILE_WIDTH {
                break;
            }
            full(partial(level, self.size).full(), row)?;
            hash = tile_root(row);
            row.clear();
        }
        self.size += 1;
        Ok(())
    }

    /// The tiles that are not full, without those that are empty.
    pub(super) fn tiles(&self) -> impl Iterator<Item = (TileName, &[Digest])> {
        let rows = (0..).zip(&self.rows).filter(|(_, row)| !row.is_empty());
        rows.map(|(level, row)| (partial(level, self.size), row.as_slice()))
    }

    /// Root of the tree.
    pub(super) fn root(&self) -> Digest {
        let mut root = None;
        for row in &self.rows {
            let mut end = row.len();
            // The complete subtrees of a tile are as wide as the bits of its width; the
            // smallest is the last.
            while end > 0 {
                let begin = end & (end - 1);
                let left = tile_root(&row[begin..end]);
                root = Some(root.map_or(left, |right| node_hash(&left, &right)));
                end = begin;
            }
        }
        root.unwrap_or_else(|| Digest::of(&[]))
    }
}

/// The partial tile of a level in a log of `size` entries; of width 0 if there is none.
pub(super) fn partial(level: u8, size: u64) -> TileName {
    let hashes = size >> (8 * u32::from(level));
    let width = u16::try_from(hashes % TILE_WIDTH).expect("below 256");
    TileName { level: Some(level), index: hashes / TILE_WIDTH, width }
}

/// A tile as it lies in its file.
pub(super) fn tile_bytes(hashes: &[Digest]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

/// The first hashes of a tile's file; `None` if it has fewer, or is no tile.
pub(super) fn tile_hashes(bytes: &[u8], width: u16) -> Option<Vec<Digest>> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    let wanted = hashes.get(..usize::from(width)).filter(|_| rest.is_empty())?;
    Some(wanted.iter().copied().map(Digest).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::convert::Infallible;

    use saksi_proto::merkle::{Tree, leaf_hash};

    use super::*;

    #[test]
    fn its_root_is_the_tree_s_and_its_tiles_are_those_of_the_specification() {
        let mut tree = Tree::default();
        let (mut edge, mut tiles) = (Edge::default(), BTreeMap::new());
        assert_eq!(edge.root(), tree.root());
        for size in 1..=66_000_u64 {
            let leaf = leaf_hash(&size.to_be_bytes());
            tree.push(leaf);
            let keep = |name, hashes: &[Digest]| {
                tiles.insert(name, hashes.to_vec());
                Ok::<_, Infallible>(())
            };
            edge.push(leaf, keep).unwrap();
            if size % 997 != 0 && ![1, 255, 256, 257, 65_535, 65_536, 65_537].contains(&size) {
                continue;
            }
            assert_eq!((edge.size(), edge.root()), (size, tree.root()), "{size}");
            let partial = edge.tiles().map(|(name, hashes)| (name, hashes.to_vec()));
            let all: BTreeMap<_, _> = tiles.clone().into_iter().chain(partial).collect();
            let wanted = TileName::all(0, size).filter(|name| name.level.is_some());
            assert!(all.keys().copied().eq(wanted), "{size}");
            let read = Edge::read(size, |name| Ok::<_, Infallible>(all[&name].clone())).unwrap();
            assert_eq!((read.size(), read.root()), (size, tree.root()), "{size}");
        }
    }

    #[test]
    fn a_file_that_is_no_tile_has_no_hashes() {
        let bytes = tile_bytes(&[Digest([1; 32]), Digest([2; 32])]);
        assert_eq!(tile_hashes(&bytes, 1), Some(vec![Digest([1; 32])]));
        assert_eq!(tile_hashes(&bytes, 2).map(|hashes| hashes.len()), Some(2));
        assert_eq!(tile_hashes(&bytes, 3), None);
        assert_eq!(tile_hashes(&bytes[1..], 1), None);
    }
}
