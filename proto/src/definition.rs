//! The whole election definition: head, contests, regions and stations, and the
//! digest that every form is signed under.
//!
//! Canonical form and digest (format 1): head, contests, regions and stations are
//! encoded with postcard, regions and stations in the order of their codes,
//! contests in the order of the ballot. The lists are Merkle trees (RFC 6962), so
//! that a device can be given its own part with a proof. The election's digest is
//! `SHA-256("saksi election v1\n" || postcard(Roots))`.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::codec::encode;
use crate::digest::Digest;
use crate::election::{Contest, Head, Scope};
use crate::ids::{ContestCode, PartCode, RegionCode, StationCode};
use crate::merkle::{Tree, leaf_hash};

/// A region of any level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Region {
    /// Names the region.
    pub code: RegionCode,
    /// The region it is a part of; the whole country has none.
    pub parent: Option<RegionCode>,
    /// Code of its [`crate::election::Level`].
    pub level: PartCode,
    /// Its name for people; not unique.
    pub name: Box<str>,
}

/// Registered voters of a station, as the register has them; unknown is not zero.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registered {
    /// Men.
    pub men: Option<u32>,
    /// Women.
    pub women: Option<u32>,
    /// All.
    pub all: Option<u32>,
}

/// A polling station.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Station {
    /// Names the station.
    pub code: StationCode,
    /// The region it lies in.
    pub region: RegionCode,
    /// Its name for people, for example `TPS 013`.
    pub name: Box<str>,
    /// Voters on its list.
    pub registered: Registered,
}

/// Sizes and hashes of the parts of a definition; their digest is the election's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roots {
    /// SHA-256 of the encoded head.
    pub head: Digest,
    /// Number of contests.
    pub contests: u64,
    /// Merkle root over the encoded contests.
    pub contests_root: Digest,
    /// Number of regions.
    pub regions: u64,
    /// Merkle root over the encoded regions.
    pub regions_root: Digest,
    /// Number of stations that are expected to report.
    pub stations: u64,
    /// Merkle root over the encoded stations: with it, a missing station is provable.
    pub stations_root: Digest,
}

impl Roots {
    /// The election's digest, which stands in every sealed form.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of_parts(&[b"saksi election v1\n", &encode(self)])
    }
}

/// Position of a region in [`Definition::regions`].
pub type RegionIndex = u32;
/// Position of a station in [`Definition::stations`].
pub type StationIndex = u32;

/// A checked election definition. Made only by [`Definition::new`] from lists that
/// the author's checker has accepted.
#[derive(Debug)]
pub struct Definition {
    head: Head,
    contests: Vec<Contest>,
    /// Position of each contest: with all its *dapil* a nation has 2,800.
    contest_positions: HashMap<ContestCode, usize>,
    /// By code, ascending.
    regions: Vec<Region>,
    /// By code, ascending.
    stations: Vec<Station>,
    /// Position of each station. A search among a nation's 822,116 costs 20 looks at
    /// memory that no cache has, for each of its forms.
    station_positions: HashMap<StationCode, StationIndex>,
    /// Position of the parent, for each region.
    parents: Vec<Option<RegionIndex>>,
    /// Positions of the parts, for each region, by code.
    children: Vec<Vec<RegionIndex>>,
    /// Position of the region, for each station.
    station_regions: Vec<RegionIndex>,
    /// Positions of the stations that lie directly in it, for each region, by code.
    region_stations: Vec<Vec<StationIndex>>,
    digest: Digest,
    roots: Roots,
}

/// A list that a definition cannot be made of. The author's checker says more, and
/// with places; this is the last wall behind it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DefinitionFault {
    /// Two regions or two stations of one code.
    #[error("the code {0} stands twice")]
    Duplicate(String),
    /// A region or station in a region that is not there.
    #[error("{child} lies in {parent}, which is not in the list of regions")]
    Orphan {
        /// Code of the region or station.
        child: String,
        /// Code of the missing region.
        parent: RegionCode,
    },
    /// More regions or stations than 2³².
    #[error("too many regions or stations")]
    TooMany,
}

/// How the lists hang together; see the fields of [`Definition`].
struct Connections {
    parents: Vec<Option<RegionIndex>>,
    children: Vec<Vec<RegionIndex>>,
    station_regions: Vec<RegionIndex>,
    region_stations: Vec<Vec<StationIndex>>,
    station_positions: HashMap<StationCode, StationIndex>,
}

impl Connections {
    fn new(regions: &[Region], stations: &[Station]) -> Result<Self, DefinitionFault> {
        let position = |child: &str, parent: RegionCode| {
            let found = regions.binary_search_by_key(&parent, |region| region.code);
            let found =
                found.map_err(|_| DefinitionFault::Orphan { child: child.to_owned(), parent })?;
            u32::try_from(found).map_err(|_| DefinitionFault::TooMany)
        };
        let parents = regions.iter().map(|region| {
            region.parent.map(|parent| position(region.code.as_str(), parent)).transpose()
        });
        let parents = parents.collect::<Result<Vec<_>, _>>()?;
        let station_regions =
            stations.iter().map(|station| position(station.code.as_str(), station.region));
        let station_regions = station_regions.collect::<Result<Vec<_>, _>>()?;
        let mut children = vec![Vec::new(); regions.len()];
        for (child, parent) in (0..).zip(&parents) {
            if let Some(parent) = parent {
                children[*parent as usize].push(child);
            }
        }
        let mut region_stations = vec![Vec::new(); regions.len()];
        for (station, region) in (0..).zip(&station_regions) {
            region_stations[*region as usize].push(station);
        }
        let station_positions = (0..).zip(stations).map(|(at, station)| (station.code, at));
        let station_positions = station_positions.collect();
        Ok(Self { parents, children, station_regions, region_stations, station_positions })
    }
}

impl Definition {
    /// Sorts and connects the lists and computes the digest. Takes about a second
    /// for a nation of 822,116 stations.
    ///
    /// # Errors
    /// [`DefinitionFault`], by its first cause.
    pub fn new(
        head: Head,
        contests: Vec<Contest>,
        mut regions: Vec<Region>,
        mut stations: Vec<Station>,
    ) -> Result<Self, DefinitionFault> {
        regions.sort_unstable_by_key(|region| region.code);
        stations.sort_unstable_by_key(|station| station.code);
        if let Some(pair) = regions.windows(2).find(|pair| pair[0].code == pair[1].code) {
            return Err(DefinitionFault::Duplicate(pair[0].code.to_string()));
        }
        if let Some(pair) = stations.windows(2).find(|pair| pair[0].code == pair[1].code) {
            return Err(DefinitionFault::Duplicate(pair[0].code.to_string()));
        }
        let (stations_root, connected) = std::thread::scope(|scope| {
            // A third of the work for a nation, and nothing else needs it.
            let stations_root = scope.spawn(|| tree(&stations).root());
            let connected = Connections::new(&regions, &stations);
            (stations_root.join(), connected)
        });
        let stations_root = stations_root.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let Connections { parents, children, station_regions, region_stations, station_positions } =
            connected?;
        let roots = Roots {
            head: Digest::of(&encode(&head)),
            contests: contests.len() as u64,
            contests_root: tree(&contests).root(),
            regions: regions.len() as u64,
            regions_root: tree(&regions).root(),
            stations: stations.len() as u64,
            stations_root,
        };
        let digest = roots.digest();
        let contest_positions = contests.iter().enumerate();
        let contest_positions = contest_positions.map(|(at, contest)| (contest.code, at)).collect();
        Ok(Self {
            head,
            contests,
            contest_positions,
            regions,
            stations,
            station_positions,
            parents,
            children,
            station_regions,
            region_stations,
            digest,
            roots,
        })
    }

    /// The head: name, phase, kinds of forms.
    #[must_use]
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// The digest every form is signed under.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// What the digest is made of.
    #[must_use]
    pub fn roots(&self) -> &Roots {
        &self.roots
    }

    /// The contests, in the order of the ballot.
    #[must_use]
    pub fn contests(&self) -> &[Contest] {
        &self.contests
    }

    /// All regions, by code.
    #[must_use]
    pub fn regions(&self) -> &[Region] {
        &self.regions
    }

    /// All stations, by code.
    #[must_use]
    pub fn stations(&self) -> &[Station] {
        &self.stations
    }

    /// Position of a contest.
    #[must_use]
    pub fn contest(&self, code: ContestCode) -> Option<usize> {
        self.contest_positions.get(&code).copied()
    }

    /// Position of a region.
    #[must_use]
    pub fn region(&self, code: RegionCode) -> Option<RegionIndex> {
        let found = self.regions.binary_search_by_key(&code, |region| region.code).ok()?;
        u32::try_from(found).ok()
    }

    /// Position of a station.
    #[must_use]
    pub fn station(&self, code: StationCode) -> Option<StationIndex> {
        self.station_positions.get(&code).copied()
    }

    /// The region a station lies in.
    #[must_use]
    pub fn region_of(&self, station: StationIndex) -> RegionIndex {
        self.station_regions[station as usize]
    }

    /// Parts of a region, by code.
    #[must_use]
    pub fn children(&self, region: RegionIndex) -> &[RegionIndex] {
        &self.children[region as usize]
    }

    /// Stations that lie directly in a region, by code.
    #[must_use]
    pub fn stations_in(&self, region: RegionIndex) -> &[StationIndex] {
        &self.region_stations[region as usize]
    }

    /// A region and all above it, up to the whole.
    pub fn upwards(&self, region: RegionIndex) -> impl Iterator<Item = RegionIndex> + '_ {
        std::iter::successors(Some(region), |region| self.parents[*region as usize])
    }

    /// The whole: the region without a parent.
    #[must_use]
    pub fn whole(&self) -> RegionIndex {
        let found = self.parents.iter().position(Option::is_none).unwrap_or(0);
        u32::try_from(found).unwrap_or(0)
    }

    /// The stations at which a contest takes place, each once.
    #[must_use]
    pub fn stations_of(&self, contest: usize) -> Vec<StationIndex> {
        match &self.contests[contest].scope {
            Scope::Everywhere => (0..).zip(&self.stations).map(|(station, _)| station).collect(),
            Scope::Regions(scope) => {
                let mut below: Vec<_> =
                    scope.iter().filter_map(|code| self.region(*code)).collect();
                let mut stations = Vec::new();
                while let Some(region) = below.pop() {
                    below.extend(self.children(region));
                    stations.extend(self.stations_in(region));
                }
                // A scope may name a region and a part of it.
                stations.sort_unstable();
                stations.dedup();
                stations
            }
        }
    }

    /// Whether a contest takes place at a station.
    #[must_use]
    pub fn in_scope(&self, contest: usize, station: StationIndex) -> bool {
        match &self.contests[contest].scope {
            Scope::Everywhere => true,
            Scope::Regions(scope) => self
                .upwards(self.region_of(station))
                .any(|region| scope.contains(&self.regions[region as usize].code)),
        }
    }
}

/// The Merkle tree over a list, each element encoded as one leaf.
pub(crate) fn tree<T: Serialize>(list: &[T]) -> Tree {
    list.iter().map(|element| leaf_hash(&encode(element))).collect()
}
