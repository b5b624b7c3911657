//! Proofs from the published tiles: what a witness needs, without the log in memory.

use std::io::{self, ErrorKind};

use saksi_proto::digest::Digest;
use saksi_proto::merkle::node_hash;
use saksi_proto::tile::{TILE_WIDTH, TileName, tile_root};

use super::disk::{Disk, Files};
use super::edge::{partial, tile_hashes};

/// The tiles in a public directory, to read.
#[derive(Debug, Clone)]
pub struct Tiles<D = Files>(D);

impl<D: Disk> Tiles<D> {
    /// Those on this disk.
    pub fn on(disk: D) -> Self {
        Self(disk)
    }

    /// The consistency proof from the first `first` entries to the first `second` (RFC
    /// 6962, 2.1.2), as `Tree::consistency_proof`: empty if either is none or both are the
    /// same. `second` is a size whose tiles are published, or written to be.
    ///
    /// Reads at most two tiles a level for each of its hashes, fewer than 64.
    ///
    /// # Errors
    /// The system's, and `NotFound` or `InvalidData` if a tile is missing or damaged.
    pub fn consistency(&self, first: u64, second: u64) -> io::Result<Vec<Digest>> {
        if first > second {
            let words = format!("no log of {second} entries begins with {first}");
            return Err(io::Error::new(ErrorKind::InvalidInput, words));
        }
        if first == 0 || first == second {
            return Ok(Vec::new());
        }
        let (mut low, mut high) = (0, second);
        let mut proof = Vec::new();
        // Down to the subtree that ends where the earlier tree ended.
        while first != high {
            let middle = low + split(high - low);
            if first <= middle {
                proof.push(self.root_of(middle, high, second)?);
                high = middle;
            } else {
                proof.push(self.root_of(low, middle, second)?);
                low = middle;
            }
        }
        if low > 0 {
            proof.push(self.root_of(low, high, second)?);
        }
        proof.reverse();
        Ok(proof)
    }

    /// The root over the first `size` entries.
    ///
    /// # Errors
    /// As [`Tiles::consistency`].
    pub fn root(&self, size: u64) -> io::Result<Digest> {
        if size == 0 { Ok(Digest::of(&[])) } else { self.root_of(0, size, size) }
    }

    /// The inclusion proof of entry `leaf` in the log of the first `size` entries, as
    /// `Tree::inclusion_proof`.
    ///
    /// # Errors
    /// As [`Tiles::consistency`].
    pub fn inclusion(&self, leaf: u64, size: u64) -> io::Result<Vec<Digest>> {
        if leaf >= size {
            let words = format!("a log of {size} entries has no entry {leaf}");
            return Err(io::Error::new(ErrorKind::InvalidInput, words));
        }
        let (mut low, mut high) = (0, size);
        let mut proof = Vec::new();
        // Down to the leaf.
        while high - low > 1 {
            let middle = low + split(high - low);
            if leaf < middle {
                proof.push(self.root_of(middle, high, size)?);
                high = middle;
            } else {
                proof.push(self.root_of(low, middle, size)?);
                low = middle;
            }
        }
        proof.reverse();
        Ok(proof)
    }

    /// The hash of a node over the leaves from `low` to `high`, of a log of `size`: only
    /// nodes that end with the log are not complete.
    fn root_of(&self, low: u64, high: u64, size: u64) -> io::Result<Digest> {
        let width = high - low;
        if width.is_power_of_two() {
            return self.complete(low, width, size);
        }
        let middle = low + split(width);
        let (left, right) = (self.root_of(low, middle, size)?, self.root_of(middle, high, size)?);
        Ok(node_hash(&left, &right))
    }

    /// The root of a complete subtree of `width` leaves: of some hashes of one tile.
    fn complete(&self, low: u64, width: u64, size: u64) -> io::Result<Digest> {
        let height = width.trailing_zeros();
        let level = u8::try_from(height / 8).expect("at most 7");
        let first = low >> (8 * u32::from(level));
        let last = partial(level, size);
        let index = first / TILE_WIDTH;
        let name = TileName { index, level: Some(level), width: last.width };
        let name = if index < last.index { name.full() } else { name };
        let hashes = self.hashes(name)?;
        let begin = usize::try_from(first % TILE_WIDTH).expect("below 256");
        Ok(tile_root(&hashes[begin..begin + (1 << (height % 8))]))
    }

    /// The hashes of a tile. A partial one that is there no more is part of the full one.
    fn hashes(&self, name: TileName) -> io::Result<Vec<Digest>> {
        let bytes = match self.0.read(&name.to_string())? {
            Some(bytes) => Some(bytes),
            None => self.0.read(&name.full().to_string())?,
        };
        let bytes = bytes.ok_or_else(|| io::Error::new(ErrorKind::NotFound, name.to_string()))?;
        let damaged = || io::Error::new(ErrorKind::InvalidData, format!("{name} is damaged"));
        tile_hashes(&bytes, name.width).ok_or_else(damaged)
    }
}

fn split(width: u64) -> u64 {
    1 << (63 - (width - 1).leading_zeros())
}
