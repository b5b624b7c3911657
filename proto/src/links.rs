//! Links: the proofs that several checkpoints are of one log, which has only grown.
//!
//! A device has seen a checkpoint, and an answer brings others. In the order of their
//! sizes each must be the beginning of the next (RFC 9162, 2.1.4), so that all are
//! beginnings of the largest. Links from each to the one seen would not do: two larger
//! ones could be of two logs that part after it.

use serde::{Deserialize, Serialize};

use crate::checkpoint::Checkpoint;
use crate::codec::few;
use crate::digest::Digest;
use crate::merkle::is_consistent;
use crate::receipt::MAX_PROOF;

/// Longest link: one hash more than an inclusion proof, for a tree that was not complete.
pub const MAX_LINK: usize = MAX_PROOF + 1;

/// A consistency proof from a checkpoint to the next larger one (RFC 9162, 2.1.4).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link(
    /// Its hashes, at most [`MAX_LINK`].
    #[serde(deserialize_with = "few::<_, _, MAX_LINK>")]
    pub Vec<Digest>,
);

/// Why links do not join checkpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkFault {
    /// Two neighbours, by their positions in the list: the smaller is not shown to be the
    /// beginning of the larger, or both have one size and two roots.
    #[error("checkpoint {smaller} is not shown to be the beginning of checkpoint {larger}")]
    Parted {
        /// The one with fewer entries.
        smaller: usize,
        /// The other.
        larger: usize,
    },
    /// More links than there are steps.
    #[error("{given} links for {wanted} steps")]
    Surplus {
        /// Links there are.
        given: usize,
        /// Links there should be.
        wanted: usize,
    },
}

/// The sizes that links lead to, each once, in their order: that of the checkpoint that a
/// device has seen (0: none) and those of the answer.
#[must_use]
pub fn steps(seen: u64, sizes: impl IntoIterator<Item = u64>) -> Vec<u64> {
    let mut steps: Vec<u64> = sizes.into_iter().chain([seen]).filter(|size| *size > 0).collect();
    steps.sort_unstable();
    steps.dedup();
    steps
}

/// Whether all these checkpoints are of one log that only grew.
///
/// # Errors
/// [`LinkFault`], the first in the order of sizes.
pub fn verify(checkpoints: &[&Checkpoint], links: &[Link]) -> Result<(), LinkFault> {
    let mut order: Vec<usize> = (0..checkpoints.len()).collect();
    order.sort_by_key(|at| checkpoints[*at].size);
    let mut rest = links.iter();
    let mut wanted = 0;
    for pair in order.windows(2) {
        let (smaller, larger) = (pair[0], pair[1]);
        let (first, second) = (checkpoints[smaller], checkpoints[larger]);
        let joined = if first.size == second.size {
            first.root == second.root
        } else {
            wanted += 1;
            let proof = rest.next().map_or(&[][..], |link| &link.0);
            let (first, second) = ((first.size, &first.root), (second.size, &second.root));
            is_consistent(first, second, proof)
        };
        if !joined {
            return Err(LinkFault::Parted { smaller, larger });
        }
    }
    match rest.len() {
        0 => Ok(()),
        _ => Err(LinkFault::Surplus { given: links.len(), wanted }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merkle::{Tree, leaf_hash};

    fn tree(leaves: &str) -> Tree {
        leaves.bytes().map(|leaf| leaf_hash(&[leaf])).collect()
    }

    fn checkpoint(tree: &Tree, size: u64) -> Checkpoint {
        Checkpoint { origin: "log".to_owned(), size, root: tree.root_at(size) }
    }

    fn links(tree: &Tree, seen: u64, sizes: &[u64]) -> Vec<Link> {
        let steps = steps(seen, sizes.iter().copied());
        let link = |pair: &[u64]| Link(tree.consistency_proof(pair[0], pair[1]));
        steps.windows(2).map(link).collect()
    }

    fn parted(smaller: usize, larger: usize) -> Result<(), LinkFault> {
        Err(LinkFault::Parted { smaller, larger })
    }

    #[test]
    fn checkpoints_of_one_log_are_joined_in_any_order() {
        let log = tree("abcdefghijklm");
        for sizes in [&[7][..], &[7, 3], &[3, 7, 13], &[13, 1, 7, 8], &[5, 5]] {
            for seen in 0..=13 {
                let mut all: Vec<_> = sizes.iter().map(|size| checkpoint(&log, *size)).collect();
                all.extend((seen > 0).then(|| checkpoint(&log, seen)));
                let all: Vec<_> = all.iter().collect();
                assert_eq!(verify(&all, &links(&log, seen, sizes)), Ok(()), "{seen} {sizes:?}");
            }
        }
        assert_eq!(verify(&[], &[]), Ok(()));
    }

    #[test]
    fn two_logs_that_part_after_the_one_seen_are_found() {
        let (one, other) = (tree("abcdefgh"), tree("abcdeXYZ"));
        let (seen, first, second) =
            (checkpoint(&one, 4), checkpoint(&one, 7), checkpoint(&other, 8));
        let found = |all: &[&Checkpoint], links: &[Link]| verify(all, links);
        let to_seen = |tree: &Tree, size| Link(tree.consistency_proof(4, size));
        assert_eq!(found(&[&first, &seen], &[to_seen(&one, 7)]), Ok(()));
        assert_eq!(found(&[&second, &seen], &[to_seen(&other, 8)]), Ok(()), "each for itself");
        for last in [&one, &other].map(|tree| Link(tree.consistency_proof(7, 8))) {
            let links = [to_seen(&one, 7), last];
            assert_eq!(found(&[&first, &second, &seen], &links), parted(0, 1));
        }
    }

    #[test]
    fn another_log_of_the_same_size_and_a_link_too_few_or_too_many_are_found() {
        let (one, other) = (tree("abcdef"), tree("abcdeX"));
        let (seen, shown) = (checkpoint(&one, 6), checkpoint(&other, 6));
        assert_eq!(verify(&[&shown, &seen], &[]), parted(0, 1));
        let larger = checkpoint(&one, 5);
        assert_eq!(verify(&[&larger, &seen], &[]), parted(0, 1));
        let given = [Link(one.consistency_proof(5, 6)), Link::default()];
        let surplus = LinkFault::Surplus { given: 2, wanted: 1 };
        assert_eq!(verify(&[&larger, &seen], &given), Err(surplus));
        assert_eq!(verify(&[&larger, &seen], &given[..1]), Ok(()));
    }

    #[test]
    fn nothing_seen_is_no_step() {
        assert_eq!(steps(0, [7, 3, 7]), [3, 7]);
        assert_eq!(steps(5, [7, 5, 3]), [3, 5, 7]);
        assert_eq!(steps(0, []), [0; 0]);
    }
}
