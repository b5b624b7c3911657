//! The stations in the order of their regions, so that those of a region, however large, are
//! one after the other: a page of any list goes on where the one before has ended.
//!
//! Made once, at the start. Of 822,116 stations and 88,000 regions: 7 MB.

use std::ops::Range;

use saksi_proto::definition::{Definition, RegionIndex, StationIndex};

/// The order of an election's stations.
#[derive(Debug)]
pub struct Order {
    stations: Vec<StationIndex>,
    /// By station: where it stands.
    places: Vec<u32>,
    /// By region: from where to where its stations stand.
    ranges: Vec<Range<u32>>,
}

impl Order {
    /// The order of an election: in each region its own stations, then those of its parts.
    #[must_use]
    pub fn of(definition: &Definition) -> Self {
        let stations = Vec::with_capacity(definition.stations().len());
        let places = vec![0; definition.stations().len()];
        let mut order = Self { stations, places, ranges: vec![0..0; definition.regions().len()] };
        order.add(definition, definition.whole());
        order
    }

    /// As deep as the levels of the election, some six.
    fn add(&mut self, definition: &Definition, region: RegionIndex) {
        let begin = self.end();
        for station in definition.stations_in(region) {
            self.places[*station as usize] = self.end();
            self.stations.push(*station);
        }
        for part in definition.children(region) {
            self.add(definition, *part);
        }
        self.ranges[region as usize] = begin..self.end();
    }

    fn end(&self) -> u32 {
        // A StationIndex is one.
        u32::try_from(self.stations.len()).unwrap_or(u32::MAX)
    }

    /// Where the stations of a region stand.
    #[must_use]
    pub fn range(&self, region: RegionIndex) -> Range<usize> {
        let range = &self.ranges[region as usize];
        range.start as usize..range.end as usize
    }

    /// Where a station stands.
    #[must_use]
    pub fn place(&self, station: StationIndex) -> usize {
        self.places[station as usize] as usize
    }

    /// The stations of a part of the order.
    #[must_use]
    pub fn stations(&self, range: Range<usize>) -> &[StationIndex] {
        self.stations.get(range).unwrap_or(&[])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn the_stations_of_a_region_stand_together() {
        let election = sample::election();
        let definition = &election.definition;
        let order = Order::of(definition);
        let of = |code: &str| {
            let region = definition.region(code.parse().unwrap()).unwrap();
            order.stations(order.range(region)).to_vec()
        };
        assert_eq!((of("0"), of("1"), of("2")), (vec![0, 1, 2], vec![0, 1], vec![2]));
        assert!((0..3).all(|station| order.stations(order.place(station)..3)[0] == station));
        assert!(order.stations(2..9).is_empty());
    }
}
