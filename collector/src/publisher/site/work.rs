//! What one publication has to write, and its numbers.

use rustc_hash::{FxHashMap, FxHashSet};
use saksi_proto::definition::{RegionIndex, StationIndex};
use saksi_proto::digest::Digest;
use saksi_proto::ids::ContestCode;

use super::super::PublishFault;
use super::super::disk::Disk;
use super::backwards::{Backwards, explained, shrunk};
use super::numbers::{self, PublishedTotals, StationNumbers};
use super::photos::photos_of;
use super::table::{Seen, read};
use super::{Published, Site, newest_numbers_file, numbers_file, packed_path};
use crate::journal::Journal;
use crate::ledger::Touched;
use crate::view::moment::Moment;

/// Stations that are looked at under one lock, at 1 to 5 µs each.
pub(super) const STATIONS: usize = 100;

/// What has to be written.
pub(super) struct Work {
    /// Regions whose numbers have changed, the lowest first.
    pub(super) numbers: Vec<RegionIndex>,
    /// Regions of which entries have come.
    pub(super) regions: FxHashSet<RegionIndex>,
    /// Pages of regions, by contest, the lowest first.
    pub(super) pages: Vec<(usize, RegionIndex)>,
    /// Pages of stations.
    pub(super) stations: Vec<StationIndex>,
}

impl<D: Disk> Site<D> {
    /// What has to be written to come to what was seen.
    pub(super) fn work(&self, published: &Published, seen: &Seen) -> Result<Work, PublishFault> {
        let definition = &seen.election.definition;
        let depth = |region: &RegionIndex| definition.upwards(*region).count();
        let stations = self.heard(published, seen)?;
        let mut pages = FxHashSet::default();
        if published.wants_all {
            pages.extend(self.table.held());
        } else {
            for (station, contest) in &self.pending {
                let Some(contest) = contest else { continue };
                let above = definition.upwards(definition.region_of(*station));
                pages.extend(above.map(|region| (*contest, region)));
            }
            self.add_first_heard(published, seen, &mut pages)?;
            // What they say may have to be unsaid.
            let whole = definition.whole();
            let contests = 0..definition.contests().len();
            pages.extend(contests.map(|contest| (contest, whole)));
        }
        pages.retain(|(contest, region)| self.table.is_held(*contest, *region));
        let mut pages: Vec<_> = pages.into_iter().collect();
        pages.sort_by_cached_key(|(contest, region)| {
            (usize::MAX - depth(region), *region, *contest)
        });
        let all = || (0..).zip(definition.regions()).map(|(region, _)| region);
        let regions: FxHashSet<RegionIndex> = if published.wants_all {
            all().collect()
        } else {
            let stations = self.pending.iter().map(|(station, _)| definition.region_of(*station));
            stations.flat_map(|region| definition.upwards(region)).collect()
        };
        let is_first = published.files.is_empty();
        let mut numbers: Vec<_> =
            if is_first { all().collect() } else { regions.iter().copied().collect() };
        numbers.sort_by_cached_key(|region| (usize::MAX - depth(region), *region));
        Ok(Work { numbers, regions, pages, stations })
    }

    /// Stations that have a page and need a new one.
    fn heard(&self, published: &Published, seen: &Seen) -> Result<Vec<StationIndex>, PublishFault> {
        let mut stations: Vec<StationIndex> = if published.wants_all {
            let all = seen.election.definition.stations();
            (0..).zip(all).map(|(station, _)| station).collect()
        } else {
            self.pending.iter().map(|(station, _)| *station).collect()
        };
        stations.sort_unstable();
        stations.dedup();
        let mut heard = Vec::new();
        for piece in stations.chunks(STATIONS) {
            let ledger = read(&self.ledger)?;
            let moment = Moment::at(&ledger, seen.position.size);
            heard.extend(piece.iter().filter(|station| moment.is_heard(**station)));
        }
        Ok(heard)
    }

    /// A station that is heard for the first time gets a link wherever it stands in a list.
    fn add_first_heard(
        &self,
        published: &Published,
        seen: &Seen,
        pages: &mut FxHashSet<(usize, RegionIndex)>,
    ) -> Result<(), PublishFault> {
        let before = published.current.as_ref().map_or(0, |current| current.size);
        let definition = &seen.election.definition;
        let pending: Vec<_> = self.pending.iter().map(|(station, _)| *station).collect();
        for piece in pending.chunks(STATIONS) {
            let ledger = read(&self.ledger)?;
            let moment = Moment::at(&ledger, before);
            for station in piece.iter().filter(|station| !moment.is_heard(**station)) {
                let contests = 0..definition.contests().len();
                pages.extend(contests.map(|contest| (contest, definition.region_of(*station))));
            }
        }
        Ok(())
    }

    /// Of which stations entries have come from `since` on.
    pub(super) fn changed_since(
        &self,
        seen: &Seen,
        since: u64,
    ) -> Result<Vec<Touched>, PublishFault> {
        let stations = seen.election.definition.stations();
        let stations: Vec<_> = (0..).zip(stations).map(|(station, _)| station).collect();
        let mut changed = Vec::new();
        for piece in stations.chunks(STATIONS) {
            let ledger = read(&self.ledger)?;
            let moment = Moment::at(&ledger, seen.position.size);
            for station in piece {
                let contests = moment.changed_since(*station, since);
                changed.extend(contests.into_iter().map(|contest| (*station, contest)));
            }
        }
        Ok(changed)
    }

    /// Writes the numbers of these regions, where they are not there. Gives their files.
    pub(super) fn write_numbers(
        &mut self,
        published: &mut Published,
        seen: &Seen,
        work: &Work,
    ) -> Result<FxHashMap<RegionIndex, Digest>, PublishFault> {
        let mut files = FxHashMap::default();
        let journal = Journal::open_to_read(&self.home.journal())?;
        for region in &work.numbers {
            let mut stations = self.stations(seen, *region)?;
            for station in &mut stations {
                station.name_photos(|index| photos_of(&journal, index))?;
            }
            let totals = |contest, region| self.table.totals(&seen.election, contest, region);
            let file = |part| {
                let file = files.get(&part).or_else(|| published.files.get(&part));
                *file.expect("parts come before what they lie in")
            };
            let json = numbers::region(&seen.election, *region, stations, totals, file);
            let name = Digest::of(&json);
            if !published.there.contains(&name) {
                self.put_packed(&numbers_file(&name), &json)?;
                published.there.insert(name);
            }
            files.insert(*region, name);
        }
        self.directory.settle()?;
        Ok(files)
    }

    /// Gives the numbers of these regions the names that stay.
    pub(super) fn name_newest(
        &mut self,
        published: &Published,
        seen: &Seen,
        work: &Work,
        files: &FxHashMap<RegionIndex, Digest>,
    ) -> Result<(), PublishFault> {
        for region in &work.regions {
            let file = files.get(region).or_else(|| published.files.get(region));
            let file = packed_path(&numbers_file(file.expect("it was made")));
            let code = seen.election.definition.regions()[*region as usize].code;
            self.directory.link(&file, &packed_path(&newest_numbers_file(code)))?;
        }
        Ok(())
    }

    fn stations(
        &self,
        seen: &Seen,
        region: RegionIndex,
    ) -> Result<Vec<StationNumbers>, PublishFault> {
        let mut stations = Vec::new();
        for piece in seen.election.definition.stations_in(region).chunks(STATIONS) {
            let ledger = read(&self.ledger)?;
            let moment = Moment::at(&ledger, seen.position.size);
            stations.extend(piece.iter().map(|station| numbers::station(moment, *station)));
        }
        Ok(stations)
    }

    /// The first total that is less than what was published, and no entry says why. Reads what
    /// was published of the regions that have changed.
    pub(super) fn backwards(
        &self,
        published: &Published,
        seen: &Seen,
        files: &FxHashMap<RegionIndex, Digest>,
    ) -> Result<Option<Backwards>, PublishFault> {
        let Some(current) = &published.current else { return Ok(None) };
        let definition = &seen.election.definition;
        let explained = {
            let pending: Vec<_> = self.pending.iter().copied().collect();
            let ledger = read(&self.ledger)?;
            explained(&ledger, &pending, current.size, seen.position.size)
        };
        let compare = |region, before: &[PublishedTotals]| {
            before.iter().find_map(|before| {
                let contest = definition.contest(before.contest)?;
                let after = self.table.totals(&seen.election, contest, region);
                let shrunk = shrunk(&seen.election, region, before, after.as_ref());
                shrunk.filter(|_| !explained.contains(&(contest, region)))
            })
        };
        let whole = definition.whole();
        let mut waiting = vec![(whole, current.numbers_sha256)];
        while let Some((region, before)) = waiting.pop() {
            let Some(before) = self.read_numbers(&before)? else { continue };
            if region == whole
                && let Some(backwards) = compare(region, &before.contests)
            {
                return Ok(Some(backwards));
            }
            for part in before.parts {
                let Some(region) = definition.region(part.code) else { continue };
                if files.get(&region).is_none_or(|file| *file == part.numbers) {
                    continue;
                }
                if let Some(backwards) = compare(region, &part.contests) {
                    return Ok(Some(backwards));
                }
                if !definition.children(region).is_empty() {
                    waiting.push((region, part.numbers));
                }
            }
        }
        Ok(None)
    }

    /// By contest: stations counted, stations expected, votes of all who stand.
    pub(super) fn contests(&self, seen: &Seen) -> Vec<(ContestCode, u32, u32, u64)> {
        let definition = &seen.election.definition;
        let totals = definition.contests().iter().enumerate().filter_map(|(at, contest)| {
            let totals = self.table.totals(&seen.election, at, definition.whole())?;
            let votes = totals.votes.values().map(|sum| sum.total).sum();
            Some((contest.code, totals.stations.counted, totals.stations.expected, votes))
        });
        totals.collect()
    }
}
