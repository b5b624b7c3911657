//! The part of an election definition that one station's device needs: the head,
//! the contests held there, the station and the regions above it, each with the
//! proof that it belongs to the election's digest.

use serde::{Deserialize, Serialize};

use crate::codec::encode;
use crate::definition::{Definition, Region, Roots, Station, StationIndex, tree};
use crate::digest::Digest;
use crate::election::{Contest, Head};
use crate::ids::ContestCode;
use crate::merkle::{Tree, leaf_hash, root_of_proof};

/// An element of one of the definition's lists, with its place and proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Proven<T> {
    element: T,
    index: u64,
    proof: Vec<Digest>,
}

impl<T: Serialize> Proven<T> {
    fn holds(&self, size: u64, root: Digest) -> bool {
        let leaf = leaf_hash(&encode(&self.element));
        root_of_proof(self.index, size, leaf, &self.proof) == Some(root)
    }
}

/// Elements of a list whose hashes are made anew for each proof: 16 hashes instead of none,
/// and a nation's trees 4 MB of memory instead of 58.
const BLOCK: usize = 16;

/// Proves that elements belong to one of a definition's lists.
struct Prover {
    /// Over the roots of the list's blocks. RFC 6962 splits a list at powers of two, so
    /// this is the upper part of the tree over all of it.
    blocks: Tree,
}

impl Prover {
    fn new<T: Serialize>(list: &[T]) -> Self {
        let mut blocks = Tree::default();
        for block in list.chunks(BLOCK) {
            blocks.push(tree(block).root());
        }
        Self { blocks }
    }

    /// An element of the list that this prover was made for.
    fn prove<T: Serialize + Clone>(&self, list: &[T], at: usize) -> Proven<T> {
        let (block, place) = (at / BLOCK, at % BLOCK);
        let elements = &list[block * BLOCK..list.len().min((block + 1) * BLOCK)];
        let mut proof = tree(elements).inclusion_proof(place as u64, elements.len() as u64);
        proof.extend(self.blocks.inclusion_proof(block as u64, self.blocks.size()));
        Proven { element: list[at].clone(), index: at as u64, proof }
    }
}

/// Cuts the parts for devices out of one definition. Holds the upper parts of its lists'
/// trees, so that many slices cost little more than one.
pub struct Slicer {
    contests: Tree,
    regions: Prover,
    stations: Prover,
}

impl Slicer {
    /// Hashes the lists once: for a nation 900,000 hashes, 4 s in a debug build.
    #[must_use]
    pub fn new(definition: &Definition) -> Self {
        Self {
            contests: tree(definition.contests()),
            regions: Prover::new(definition.regions()),
            stations: Prover::new(definition.stations()),
        }
    }

    /// The part for one station of the definition that this slicer was made for.
    #[must_use]
    pub fn slice(&self, definition: &Definition, station: StationIndex) -> Slice {
        let contests = definition.contests().iter().enumerate();
        let contests = contests.filter(|(contest, _)| definition.in_scope(*contest, station));
        let contests = contests.map(|(at, contest)| {
            let index = at as u64;
            let proof = self.contests.inclusion_proof(index, self.contests.size());
            Proven { element: contest.clone(), index, proof }
        });
        let regions = definition.upwards(definition.region_of(station));
        let regions =
            regions.map(|region| self.regions.prove(definition.regions(), region as usize));
        Slice {
            head: definition.head().clone(),
            roots: definition.roots().clone(),
            contests: contests.collect(),
            regions: regions.collect(),
            station: self.stations.prove(definition.stations(), station as usize),
        }
    }
}

/// What a device is given. Nothing in it is believed before [`Slice::verify`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slice {
    head: Head,
    roots: Roots,
    contests: Vec<Proven<Contest>>,
    /// The station's region first, the whole last.
    regions: Vec<Proven<Region>>,
    station: Proven<Station>,
}

/// A slice that does not belong to the election's digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the device's part of the election definition is not of this election: {0} does not match")]
pub struct SliceFault(&'static str);

impl Slice {
    /// Checks every part against `digest` and gives the device its election.
    ///
    /// # Errors
    /// [`SliceFault`] names the first part that does not match.
    pub fn verify(self, digest: Digest) -> Result<StationElection, SliceFault> {
        let roots = &self.roots;
        let check = |holds: bool, part| if holds { Ok(()) } else { Err(SliceFault(part)) };
        check(roots.digest() == digest, "the digest")?;
        check(Digest::of(&encode(&self.head)) == roots.head, "the head")?;
        let contests =
            self.contests.iter().all(|part| part.holds(roots.contests, roots.contests_root));
        check(contests, "a contest")?;
        let regions = self.regions.iter().all(|part| part.holds(roots.regions, roots.regions_root));
        check(regions, "a region")?;
        check(self.station.holds(roots.stations, roots.stations_root), "the station")?;
        let chain = self.regions.iter().map(|part| Some(part.element.code)).chain([None]);
        let parents = self.regions.iter().map(|part| part.element.parent);
        let above = [Some(self.station.element.region)].into_iter().chain(parents);
        check(chain.eq(above), "the chain of regions")?;
        Ok(StationElection {
            digest,
            head: self.head,
            contests: self.contests.into_iter().map(|part| part.element).collect(),
            regions: self.regions.into_iter().map(|part| part.element).collect(),
            station: self.station.element,
        })
    }
}

/// The election as one station sees it, verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StationElection {
    /// The election's digest.
    pub digest: Digest,
    /// Name, phase, kinds of forms.
    pub head: Head,
    /// The contests held at the station.
    pub contests: Vec<Contest>,
    /// The station's region first, the whole last.
    pub regions: Vec<Region>,
    /// The station.
    pub station: Station,
}

impl StationElection {
    /// A contest of the station.
    #[must_use]
    pub fn contest(&self, code: ContestCode) -> Option<&Contest> {
        self.contests.iter().find(|contest| contest.code == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_in_two_parts_is_that_of_the_whole_tree() {
        for many in [1, 2, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK, 5 * BLOCK + 3] {
            let list: Vec<u64> = (0..many as u64).collect();
            let (whole, prover) = (tree(&list), Prover::new(&list));
            for at in 0..many {
                let proven = prover.prove(&list, at);
                let wanted = whole.inclusion_proof(at as u64, many as u64);
                assert_eq!(proven.proof, wanted, "{at} of {many}");
                assert!(proven.holds(many as u64, whole.root()));
            }
        }
    }
}
