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
    fn new(element: T, index: usize, tree: &Tree) -> Self {
        let index = index as u64;
        Self { element, index, proof: tree.inclusion_proof(index, tree.size()) }
    }

    fn holds(&self, size: u64, root: Digest) -> bool {
        let leaf = leaf_hash(&encode(&self.element));
        root_of_proof(self.index, size, leaf, &self.proof) == Some(root)
    }
}

/// Cuts the parts for devices out of a definition. Holds the trees of the lists,
/// so that many slices cost little more than one.
pub struct Slicer<'a> {
    definition: &'a Definition,
    contests: Tree,
    regions: Tree,
    stations: Tree,
}

impl<'a> Slicer<'a> {
    /// Hashes the lists once.
    #[must_use]
    pub fn new(definition: &'a Definition) -> Self {
        Self {
            definition,
            contests: tree(definition.contests()),
            regions: tree(definition.regions()),
            stations: tree(definition.stations()),
        }
    }

    /// The part for one station.
    #[must_use]
    pub fn slice(&self, station: StationIndex) -> Slice {
        let definition = self.definition;
        let contests = definition.contests().iter().enumerate();
        let contests = contests
            .filter(|(contest, _)| definition.in_scope(*contest, station))
            .map(|(at, contest)| Proven::new(contest.clone(), at, &self.contests));
        let regions = definition.upwards(definition.region_of(station)).map(|region| {
            let at = region as usize;
            Proven::new(definition.regions()[at].clone(), at, &self.regions)
        });
        let at = station as usize;
        Slice {
            head: definition.head().clone(),
            roots: definition.roots().clone(),
            contests: contests.collect(),
            regions: regions.collect(),
            station: Proven::new(definition.stations()[at].clone(), at, &self.stations),
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
