//! The lists behind the counts of a region: its held, disputed, corrected and missing stations.
//!
//! ```text
//! LANGUAGE/list-CONTEST-KIND/REGION.html
//! ```
//!
//! A list names the stations themselves up to [`MANY`] of them; more are divided by the parts of
//! the region, each with a list of its own. The lowest regions have none: their pages list all
//! their stations. So a nation has 7,840 regions with lists, four in each contest at most: 310,000
//! files in two languages, where each region has some of each, and 78,000 for what is missing at
//! the beginning of a night.
//!
//! A list is written when what it says has changed, and names the size of the log at that time.
//! One that was there and has become empty says so, for somebody may have its address.

use saksi_proto::definition::RegionIndex;
use saksi_proto::digest::Digest;

use super::super::PublishFault;
use super::super::disk::Disk;
use super::table::{Seen, read};
use super::{Site, packed_path};
use crate::view::PositionView;
use crate::view::election::contest_view;
use crate::view::listed::{Kind, ListView, Listed, ListedPart};
use crate::view::moment::Moment;
use crate::view::place::region_name;
use crate::view::region::stations;
use crate::web::links::list_file;
use crate::web::locale::LANGUAGES;
use crate::web::pages::fixed::Edition;

/// Most stations that a list names itself.
pub(super) const MANY: u32 = 100;

/// A list: contest, region, kind.
pub(super) type Of = (usize, RegionIndex, Kind);

impl<D: Disk> Site<D> {
    /// Writes the lists of a region that have changed.
    pub(super) fn write_lists(
        &mut self,
        edition: &Edition<'_>,
        seen: &Seen,
        contest: usize,
        region: RegionIndex,
    ) -> Result<(), PublishFault> {
        let definition = &seen.election.definition;
        if definition.children(region).is_empty() {
            return Ok(());
        }
        let codes =
            (definition.regions()[region as usize].code, seen.election.contest(contest).code);
        for kind in Kind::ALL {
            if self.count(seen, contest, region, kind) == 0 {
                let file = list_file(LANGUAGES[0].0.code(), codes.0, codes.1, kind);
                if !self.directory.has(&packed_path(&file))? {
                    continue;
                }
            }
            let view = self.listed(seen, contest, region, kind)?;
            let said = Digest::of(said(&view).as_bytes());
            if self.lists.get(&(contest, region, kind)) == Some(&said) {
                continue;
            }
            for (file, page) in edition.list(&view)? {
                self.put_packed(&file, page.as_bytes())?;
            }
            self.lists.insert((contest, region, kind), said);
        }
        Ok(())
    }

    #[cfg(test)]
    pub(in crate::publisher) fn with_lists_of(self, many: u32) -> Self {
        Self { many, ..self }
    }

    fn count(&self, seen: &Seen, contest: usize, region: RegionIndex, kind: Kind) -> u32 {
        let totals = self.table.totals(&seen.election, contest, region);
        totals.map_or(0, |totals| kind.count(&totals.stations))
    }

    fn listed(
        &self,
        seen: &Seen,
        contest: usize,
        region: RegionIndex,
        kind: Kind,
    ) -> Result<ListView, PublishFault> {
        let (election, definition) = (&seen.election, &seen.election.definition);
        let stations = self.count(seen, contest, region, kind);
        let mut above: Vec<_> =
            definition.upwards(region).skip(1).map(|above| region_name(election, above)).collect();
        above.reverse();
        let mut view = ListView {
            kind,
            region: region_name(election, region),
            above,
            contest: contest_view(election, contest),
            position: PositionView::new(&seen.position),
            stations,
            parts: Vec::new(),
            rows: Vec::new(),
        };
        let mut waiting = vec![region];
        while let Some(region) = waiting.pop() {
            view.rows.extend(self.rows(seen, contest, region, kind)?);
            let parts = definition.children(region).iter().copied();
            let parts = parts.filter(|part| self.count(seen, contest, *part, kind) > 0);
            if stations <= self.many {
                // The last is taken first.
                waiting.extend(parts.collect::<Vec<_>>().into_iter().rev());
            } else {
                view.parts.extend(parts.map(|part| ListedPart {
                    region: region_name(election, part),
                    stations: self.count(seen, contest, part, kind),
                    has_parts: !definition.children(part).is_empty(),
                }));
            }
        }
        Ok(view)
    }

    /// The stations that lie directly in a region and are such.
    fn rows(
        &self,
        seen: &Seen,
        contest: usize,
        region: RegionIndex,
        kind: Kind,
    ) -> Result<Vec<Listed>, PublishFault> {
        let rows = {
            let ledger = read(&self.ledger)?;
            stations(Moment::at(&ledger, seen.position.size), contest, region)
        };
        let rows = rows.into_iter().filter(|row| kind.has(row));
        Ok(rows.map(|row| Listed { row, region: region_name(&seen.election, region) }).collect())
    }
}

/// All that a list says, but the position.
fn said(view: &ListView) -> String {
    format!("{} {:?} {:?}", view.stations, view.parts, view.rows)
}
