//! Looking up a place without a script and without a server: an index as in a printed
//! directory, by name and by code, of all regions and stations.
//!
//! ```text
//! LANGUAGE/find/names.html, codes.html      where it begins: from … to …, from … to …
//! LANGUAGE/find/names-LEVEL-N.html          the pages below; level 0 has the places themselves
//! ```
//!
//! A page has [`ON_A_PAGE`] lines, so that none is long, however alike names are: a page for each
//! pair of first letters would have thousands of "Suka…", and of "TPS 001" all 822,116. A nation's
//! 914,062 places are three levels, 9,141 + 92 + 1 pages in each order and language: 37,000 files
//! of 2 to 4 KB, 150 MB of the disk. Nothing in them changes with the count, so they are written
//! once, with the pages of a new program.
//!
//! A station is found by the page of its region, which lists it whether anything has come of it
//! or not: its own page may not be there yet.

use saksi_proto::definition::{RegionIndex, StationIndex};

use super::super::PublishFault;
use super::super::disk::Disk;
use super::Site;
use super::table::Seen;
use crate::view::found::{By, FoundView, Place};
use crate::view::place::region_name;
use crate::web::pages::fixed::Edition;

/// Lines of a page.
pub(super) const ON_A_PAGE: usize = 100;

/// What can be looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    Region(RegionIndex),
    Station(StationIndex),
}

impl<D: Disk> Site<D> {
    /// Writes the index. Memory: 8 bytes a place and a copy of its name, 50 MB for a nation,
    /// until it is written.
    pub(super) fn write_index(
        &mut self,
        edition: &Edition<'_>,
        seen: &Seen,
    ) -> Result<(), PublishFault> {
        let definition = &seen.election.definition;
        let regions = (0..).zip(definition.regions()).map(|(at, _)| Which::Region(at));
        let stations = (0..).zip(definition.stations()).map(|(at, _)| Which::Station(at));
        let places = regions.chain(stations).filter(|which| self.contest(seen, *which).is_some());
        let mut places: Vec<_> = places.collect();
        for by in By::ALL {
            places.sort_by_cached_key(|which| key(seen, by, *which));
            self.write_pages_of(edition, seen, by, &places)?;
        }
        Ok(())
    }

    fn write_pages_of(
        &mut self,
        edition: &Edition<'_>,
        seen: &Seen,
        by: By,
        places: &[Which],
    ) -> Result<(), PublishFault> {
        // The places that a page of a level leads to, and so on to the one that has all.
        let mut span = self.lines;
        for level in 0.. {
            let is_first = places.len() <= span;
            for (page, of) in places.chunks(span).enumerate() {
                let mut view =
                    FoundView { by, level, page, is_first, below: Vec::new(), places: Vec::new() };
                if level == 0 {
                    let places = of.iter().filter_map(|which| self.place(seen, *which));
                    view.places = places.collect();
                } else {
                    let below = of.chunks(span / self.lines).enumerate();
                    view.below = below
                        .map(|(at, of)| {
                            let [first, last] = [of[0], of[of.len() - 1]];
                            let [first, last] = [first, last].map(|it| label(seen, by, it));
                            (page * self.lines + at, first, last)
                        })
                        .collect();
                }
                for (file, page) in edition.found(&view)? {
                    self.put_packed(&file, page.as_bytes())?;
                }
            }
            if is_first {
                break;
            }
            span *= self.lines;
        }
        Ok(())
    }

    #[cfg(test)]
    pub(in crate::publisher) fn with_index_of(self, lines: usize) -> Self {
        Self { lines, ..self }
    }

    /// The first contest that is held at a place.
    fn contest(&self, seen: &Seen, which: Which) -> Option<usize> {
        let region = match which {
            Which::Region(region) => region,
            Which::Station(station) => seen.election.definition.region_of(station),
        };
        let contests = 0..seen.election.definition.contests().len();
        let mut contests = contests.filter(|contest| self.table.is_held(*contest, region));
        match which {
            Which::Region(_) => contests.next(),
            Which::Station(station) => {
                contests.find(|contest| seen.election.definition.in_scope(*contest, station))
            }
        }
    }

    fn place(&self, seen: &Seen, which: Which) -> Option<Place> {
        let definition = &seen.election.definition;
        let contest = seen.election.contest(self.contest(seen, which)?).code;
        let (page, above) = match which {
            Which::Region(region) => (region, definition.upwards(region).nth(1)),
            Which::Station(station) => {
                let region = definition.region_of(station);
                (region, Some(region))
            }
        };
        let (name, code) = names(seen, which);
        Some(Place {
            name: name.to_owned(),
            code: code.to_owned(),
            page: definition.regions()[page as usize].code,
            contest,
            is_station: matches!(which, Which::Station(_)),
            above: above.map(|above| region_name(&seen.election, above)),
        })
    }
}

/// Name and code.
fn names(seen: &Seen, which: Which) -> (&str, &str) {
    let definition = &seen.election.definition;
    match which {
        Which::Region(region) => {
            let region = &definition.regions()[region as usize];
            (&region.name, region.code.as_str())
        }
        Which::Station(station) => {
            let station = &definition.stations()[station as usize];
            (&station.name, station.code.as_str())
        }
    }
}

/// What places are ordered by: the same for all of one name or code, and then by the other.
fn key(seen: &Seen, by: By, which: Which) -> (String, String) {
    let (name, code) = names(seen, which);
    match by {
        By::Name => (name.to_lowercase(), code.to_owned()),
        By::Code => (code.to_owned(), String::new()),
    }
}

/// What stands for a place where a page leads to many.
fn label(seen: &Seen, by: By, which: Which) -> String {
    let (name, code) = names(seen, which);
    match by {
        By::Name => format!("{name} ({code})"),
        By::Code => code.to_owned(),
    }
}
