//! Merkle trees as RFC 6962, section 2.1 has them: SHA-256, leaves hashed behind
//! a 0x00 byte, nodes behind 0x01, split at the largest power of two.
//!
//! The log of the collector is such a tree, and so are the lists of regions,
//! stations and contests in an election's digest.

use crate::digest::Digest;

/// The hash of a leaf (RFC 6962, 2.1: `SHA-256(0x00 || leaf)`).
#[must_use]
pub fn leaf_hash(leaf: &[u8]) -> Digest {
    Digest::of_parts(&[&[0], leaf])
}

/// The hash of an inner node (RFC 6962, 2.1: `SHA-256(0x01 || left || right)`).
#[must_use]
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    Digest::of_parts(&[&[1], &left.0, &right.0])
}

/// A growing tree that keeps the hash of every complete subtree, so that the root
/// and any inclusion proof *of any earlier size* cost O(log n) hashes.
///
/// Memory: 64 bytes a leaf.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    /// `levels[k][i]` is the hash of leaves `i·2ᵏ .. (i+1)·2ᵏ`.
    levels: Vec<Vec<Digest>>,
}

impl Tree {
    /// Number of leaves.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.levels.first().map_or(0, Vec::len) as u64
    }

    /// Appends the hash of a leaf.
    pub fn push(&mut self, leaf: Digest) {
        let mut hash = leaf;
        for level in 0.. {
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            let row = &mut self.levels[level];
            row.push(hash);
            if row.len() % 2 == 1 {
                return;
            }
            hash = node_hash(&row[row.len() - 2], &row[row.len() - 1]);
        }
    }

    /// Forgets all leaves from `size` on.
    pub fn truncate(&mut self, size: u64) {
        for (level, row) in self.levels.iter_mut().enumerate() {
            row.truncate(index(size >> level));
        }
    }

    /// The root over all leaves.
    #[must_use]
    pub fn root(&self) -> Digest {
        self.root_at(self.size())
    }

    /// The root over the first `size` leaves.
    ///
    /// # Panics
    /// If the tree has fewer leaves than that.
    #[must_use]
    pub fn root_at(&self, size: u64) -> Digest {
        self.edge(size).root()
    }

    /// The right edge of the tree of the first `size` leaves.
    ///
    /// # Panics
    /// If the tree has fewer leaves than that.
    #[must_use]
    pub fn edge(&self, size: u64) -> Edge {
        let mut lows = vec![0];
        let mut low = 0;
        while size > low && !(size - low).is_power_of_two() {
            low += split(size - low);
            lows.push(low);
        }
        // From the last complete subtree up to the root.
        let mut right = if size == low { Digest::of(&[]) } else { self.complete(low, size) };
        let mut nodes = vec![(low, right)];
        for span in lows.windows(2).rev() {
            right = node_hash(&self.complete(span[0], span[1]), &right);
            nodes.push((span[0], right));
        }
        Edge { size, nodes }
    }

    /// The inclusion proof of leaf `leaf` in the tree of the first `size` leaves
    /// (RFC 6962, 2.1.1), from the leaf's sibling up to the root's child.
    ///
    /// # Panics
    /// Unless `leaf < size <= self.size()`.
    #[must_use]
    pub fn inclusion_proof(&self, leaf: u64, size: u64) -> Vec<Digest> {
        self.proof_to(leaf, &self.edge(size))
    }

    /// The inclusion proof of leaf `leaf` in the tree that ends at `edge`: the same as
    /// [`Tree::inclusion_proof`], without a single hash.
    ///
    /// # Panics
    /// Unless the leaf is one of that tree, and the edge one of this tree.
    #[must_use]
    pub fn proof_to(&self, leaf: u64, edge: &Edge) -> Vec<Digest> {
        let size = edge.size;
        assert!(leaf < size && size <= self.size(), "leaf {leaf} of {size}");
        let (mut low, mut high) = (0, size);
        let mut proof = Vec::new();
        while high - low > 1 {
            let middle = low + split(high - low);
            if leaf < middle {
                proof.push(self.node(middle, high, edge));
                high = middle;
            } else {
                proof.push(self.node(low, middle, edge));
                low = middle;
            }
        }
        proof.reverse();
        proof
    }

    /// The consistency proof from the first `first` leaves to the first `second` of them
    /// (RFC 6962, 2.1.2); empty if either is none or both are the same.
    ///
    /// # Panics
    /// Unless `first <= second <= self.size()`.
    #[must_use]
    pub fn consistency_proof(&self, first: u64, second: u64) -> Vec<Digest> {
        assert!(first <= second && second <= self.size(), "{first} to {second}");
        if first == 0 || first == second {
            return Vec::new();
        }
        self.consistency_to(first, &self.edge(second))
    }

    /// The consistency proof from the first `first` leaves to the tree that ends at `edge`:
    /// the same as [`Tree::consistency_proof`], without a single hash.
    ///
    /// # Panics
    /// Unless the edge is one of this tree, with as many leaves at least.
    #[must_use]
    pub fn consistency_to(&self, first: u64, edge: &Edge) -> Vec<Digest> {
        let second = edge.size;
        assert!(first <= second && second <= self.size(), "{first} to {second}");
        if first == 0 || first == second {
            return Vec::new();
        }
        let (mut low, mut high) = (0, second);
        let mut proof = Vec::new();
        // Down to the subtree that ends where the earlier tree ended.
        while first != high {
            let middle = low + split(high - low);
            if first <= middle {
                proof.push(self.node(middle, high, edge));
                high = middle;
            } else {
                proof.push(self.node(low, middle, edge));
                low = middle;
            }
        }
        if low > 0 {
            proof.push(self.node(low, high, edge));
        }
        proof.reverse();
        proof
    }

    /// The hash of a node of the tree that ends at `edge`.
    fn node(&self, low: u64, high: u64, edge: &Edge) -> Digest {
        match edge.nodes.iter().find(|node| node.0 == low) {
            Some((_, hash)) if high == edge.size => *hash,
            _ => self.complete(low, high),
        }
    }

    /// The hash of a complete subtree, which is kept.
    fn complete(&self, low: u64, high: u64) -> Digest {
        let width = high - low;
        self.levels[width.trailing_zeros() as usize][index(low / width)]
    }
}

/// The right edge of a tree: the hashes of the nodes that end with its last leaf, from
/// the last complete subtree up to the root. No other node of it is incomplete, so with
/// its edge every proof of a tree is a matter of looking up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    size: u64,
    /// The first leaf under each node, and its hash; never empty.
    nodes: Vec<(u64, Digest)>,
}

impl Edge {
    /// Number of leaves of the tree.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root of the tree.
    #[must_use]
    pub fn root(&self) -> Digest {
        self.nodes[self.nodes.len() - 1].1
    }
}

impl FromIterator<Digest> for Tree {
    fn from_iter<I: IntoIterator<Item = Digest>>(leaves: I) -> Self {
        let mut tree = Self::default();
        leaves.into_iter().for_each(|leaf| tree.push(leaf));
        tree
    }
}

fn split(width: u64) -> u64 {
    1 << (63 - (width - 1).leading_zeros())
}

fn index(position: u64) -> usize {
    usize::try_from(position).expect("a tree in memory has fewer leaves than its address space")
}

/// The root that a leaf's inclusion proof leads to (RFC 9162, 2.1.3.2), or `None`
/// if the proof cannot be one for that leaf and size.
#[must_use]
pub fn root_of_proof(leaf: u64, size: u64, hash: Digest, proof: &[Digest]) -> Option<Digest> {
    if leaf >= size {
        return None;
    }
    let (mut node, mut last) = (leaf, size - 1);
    let mut hash = hash;
    for sibling in proof {
        if last == 0 {
            return None;
        }
        if node % 2 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            while node % 2 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    (last == 0).then_some(hash)
}

/// Whether a tree of `second` leaves with this root begins with the `first` leaves that
/// another root stands for (RFC 9162, 2.1.4.2). Every tree begins with the empty one.
#[must_use]
pub fn is_consistent(
    (first, first_root): (u64, &Digest),
    (second, second_root): (u64, &Digest),
    proof: &[Digest],
) -> bool {
    if first == 0 || first >= second {
        let same = first == second && first_root == second_root;
        let nothing = first == 0 && *first_root == Digest::of(&[]);
        return proof.is_empty() && first <= second && (same || nothing && second > 0);
    }
    // A complete tree is its own subtree, and its root is not repeated in the proof.
    let root = [*first_root];
    let mut path = if first.is_power_of_two() { &root[..] } else { &[] }.iter().chain(proof);
    let Some(seed) = path.next() else { return false };
    let (mut node, mut last) = (first - 1, second - 1);
    while node % 2 == 1 {
        node >>= 1;
        last >>= 1;
    }
    let (mut earlier, mut later) = (*seed, *seed);
    for sibling in path {
        if last == 0 {
            return false;
        }
        if node % 2 == 1 || node == last {
            earlier = node_hash(sibling, &earlier);
            later = node_hash(sibling, &later);
            while node % 2 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            later = node_hash(&later, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && earlier == *first_root && later == *second_root
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6962, 2.1, word for word and without memory.
    fn slow_root(leaves: &[Vec<u8>]) -> Digest {
        match leaves {
            [] => Digest::of(&[]),
            [leaf] => leaf_hash(leaf),
            _ => {
                let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
                node_hash(&slow_root(left), &slow_root(right))
            }
        }
    }

    /// RFC 6962, 2.1.1, likewise.
    fn slow_proof(leaf: usize, leaves: &[Vec<u8>]) -> Vec<Digest> {
        if leaves.len() == 1 {
            return Vec::new();
        }
        let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
        let (mut proof, sibling) = match leaf.checked_sub(left.len()) {
            None => (slow_proof(leaf, left), slow_root(right)),
            Some(leaf) => (slow_proof(leaf, right), slow_root(left)),
        };
        proof.push(sibling);
        proof
    }

    fn leaves(n: u8) -> Vec<Vec<u8>> {
        (0..n).map(|i| vec![i; usize::from(i % 5)]).collect()
    }

    #[test]
    fn every_root_and_proof_of_every_earlier_size() {
        let all = leaves(70);
        let tree: Tree = all.iter().map(|leaf| leaf_hash(leaf)).collect();
        for size in 1..=70_usize {
            let root = slow_root(&all[..size]);
            assert_eq!(tree.root_at(size as u64), root);
            for (leaf, bytes) in (0..).zip(&all[..size]) {
                let proof = tree.inclusion_proof(leaf, size as u64);
                assert_eq!(proof, slow_proof(usize::try_from(leaf).unwrap(), &all[..size]));
                let found = root_of_proof(leaf, size as u64, leaf_hash(bytes), &proof);
                assert_eq!(found, Some(root), "leaf {leaf} of {size}");
            }
        }
    }

    /// RFC 6962, 2.1.2, likewise.
    fn slow_consistency(first: usize, leaves: &[Vec<u8>], whole: bool) -> Vec<Digest> {
        if first == leaves.len() {
            return if whole { Vec::new() } else { vec![slow_root(leaves)] };
        }
        let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
        let (mut proof, sibling) = match first.checked_sub(left.len()) {
            None | Some(0) => (slow_consistency(first, left, whole), slow_root(right)),
            Some(first) => (slow_consistency(first, right, false), slow_root(left)),
        };
        proof.push(sibling);
        proof
    }

    #[test]
    fn every_tree_is_consistent_with_every_earlier_one_and_with_no_other() {
        let all = leaves(40);
        let tree: Tree = all.iter().map(|leaf| leaf_hash(leaf)).collect();
        for second in 1..=40_usize {
            for first in 0..=second {
                let proof = tree.consistency_proof(first as u64, second as u64);
                if first > 0 {
                    assert_eq!(proof, slow_consistency(first, &all[..second], true));
                }
                let earlier = (first as u64, &slow_root(&all[..first]));
                let later = (second as u64, &slow_root(&all[..second]));
                assert!(is_consistent(earlier, later, &proof), "{first} to {second}");
                let other = leaf_hash(b"other");
                assert!(!is_consistent(earlier, (later.0, &other), &proof) || first == 0);
                assert!(!is_consistent((earlier.0, &other), later, &proof));
                let longer: Vec<_> = proof.iter().copied().chain([other]).collect();
                assert!(!is_consistent(earlier, later, &longer));
                for at in 0..proof.len() {
                    let mut changed = proof.clone();
                    changed[at] = other;
                    assert!(!is_consistent(earlier, later, &changed), "{first} to {second}");
                    changed.remove(at);
                    assert!(!is_consistent(earlier, later, &changed), "{first} to {second}");
                }
                assert!(first == second || !is_consistent(later, earlier, &proof));
            }
        }
    }

    #[test]
    fn a_wrong_proof_does_not_lead_to_the_root() {
        let all = leaves(11);
        let tree: Tree = all.iter().map(|leaf| leaf_hash(leaf)).collect();
        let proof = tree.inclusion_proof(3, 11);
        let hash = leaf_hash(&all[3]);
        assert_ne!(root_of_proof(4, 11, hash, &proof), Some(tree.root()));
        assert_eq!(root_of_proof(11, 11, hash, &proof), None);
        assert_eq!(root_of_proof(3, 11, hash, &proof[1..]), None);
        let longer: Vec<_> = proof.iter().copied().chain([hash]).collect();
        assert_eq!(root_of_proof(3, 11, hash, &longer), None);
    }

    #[test]
    fn truncating_is_as_if_never_pushed() {
        let mut tree: Tree = leaves(13).iter().map(|leaf| leaf_hash(leaf)).collect();
        let earlier = tree.root_at(6);
        tree.truncate(6);
        assert_eq!((tree.size(), tree.root()), (6, earlier));
        tree.push(leaf_hash(&leaves(13)[6]));
        assert_eq!(tree.root(), slow_root(&leaves(13)[..7]));
    }

    #[test]
    fn the_empty_tree_has_the_hash_of_nothing() {
        assert_eq!(Tree::default().root(), Digest::of(b""));
    }
}
