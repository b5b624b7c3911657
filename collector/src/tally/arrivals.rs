//! How many stations have been heard by when: the whole, and the parts that it consists of.
//!
//! Each station counts once a contest, with its first form: by when that arrived, and by when
//! its device says that it was sealed. The two part where forms wait for a network.
//!
//! Memory: a number for each quarter of an hour between the first and the last. A night and a
//! day are 96 of them, twice, 4 bytes each: 0.8 KB for a region and contest, 150 KB for a nation
//! of 38 provinces and five contests, 7 MB for one whose 2,800 contests are held in two or three
//! provinces each. None has more than 4,032 of them twice, 32 KB. Lower regions have none: each of
//! 92,000 would cost 70 MB a contest, and a village's five forms are a list.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use saksi_proto::definition::RegionIndex;

use crate::election::Election;

/// What times are counted in, milliseconds: a quarter of an hour.
pub const QUARTER_MS: u64 = 900_000;

/// Quarters of an hour between the first and the last that are counted: 42 days. What is
/// outside counts as at its edge.
const SPAN: u64 = 4_032;

/// A device's time is believed up to so long before its form arrived, and after it: two days
/// without a network, and a clock that is wrong by less than an hour.
const BEFORE_MS: u64 = 48 * 3_600_000;
const AFTER_MS: u64 = 3_600_000;

/// The whole has a series for each of its parts up to this many.
const MAX_PARTS: usize = 128;

/// When stations were heard, of all contests.
#[derive(Debug, Clone)]
pub struct Arrivals {
    whole: RegionIndex,
    /// For each region, in which part of the whole it lies: the whole, if none has a series.
    parts: Arc<[RegionIndex]>,
    /// By contest and region. Who publishes them copies no numbers: the next form does, once.
    series: FxHashMap<(usize, RegionIndex), Arc<Series>>,
}

/// When the stations of a region were heard.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Series {
    arrived: Quarters,
    sealed: Quarters,
    /// Stations whose device has a time that cannot be believed; they are in `arrived` only.
    unclear: u32,
}

/// Stations by quarter of an hour, without those before the first and behind the last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Quarters {
    /// Quarters since 1970, UTC.
    first: u64,
    stations: Vec<u32>,
}

/// How many stations were heard until a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Milliseconds since 1970, UTC.
    pub until_ms: u64,
    /// Whose first form had arrived.
    pub arrived: u32,
    /// Whose first form was sealed, as their devices say.
    pub sealed: u32,
}

impl Arrivals {
    /// Those of an empty log.
    #[must_use]
    pub fn new(election: &Election) -> Self {
        let definition = &election.definition;
        let whole = definition.whole();
        let few = definition.children(whole).len() <= MAX_PARTS;
        let part = |region| {
            let above: Vec<_> = definition.upwards(region).collect();
            let part = above.len().checked_sub(2).and_then(|at| above.get(at));
            part.copied().filter(|_| few).unwrap_or(whole)
        };
        let parts = (0..).zip(definition.regions()).map(|(region, _)| part(region)).collect();
        Self { whole, parts, series: FxHashMap::default() }
    }

    /// Notes the first form of a station that lies in `region`.
    pub fn add(&mut self, contest: usize, region: RegionIndex, arrived_ms: u64, device_ms: u64) {
        let part = self.parts[region as usize];
        let both = [self.whole, part];
        let regions = if part == self.whole { &both[..1] } else { &both[..] };
        for region in regions {
            let series = self.series.entry((contest, *region)).or_default();
            Arc::make_mut(series).add(arrived_ms, device_ms);
        }
    }

    /// Those of a region, if it is the whole or one of its parts and anything has come.
    #[must_use]
    pub fn of(&self, contest: usize, region: RegionIndex) -> Option<Arc<Series>> {
        self.series.get(&(contest, region)).cloned()
    }
}

impl Series {
    fn add(&mut self, arrived_ms: u64, device_ms: u64) {
        self.arrived.add(arrived_ms / QUARTER_MS);
        let earliest = arrived_ms.saturating_sub(BEFORE_MS);
        if (earliest..=arrived_ms.saturating_add(AFTER_MS)).contains(&device_ms) {
            self.sealed.add(device_ms / QUARTER_MS);
        } else {
            self.unclear += 1;
        }
    }

    /// Stations whose device has a time that cannot be believed.
    #[must_use]
    pub fn unclear(&self) -> u32 {
        self.unclear
    }

    /// How many were heard by when, in steps of which there are `at_most` as long as none is
    /// longer than eight days: that many, or fewer, from zero to all. Steps begin at full
    /// hours, or parts of them.
    #[must_use]
    pub fn marks(&self, at_most: u64) -> Vec<Mark> {
        const STEPS: [u64; 10] = [1, 2, 4, 8, 16, 32, 96, 192, 384, 768];
        let heard = [&self.arrived, &self.sealed].into_iter().filter(|of| !of.stations.is_empty());
        let (first, end) =
            heard.fold((u64::MAX, 0), |(first, end), of| (first.min(of.first), end.max(of.end())));
        if first >= end {
            return Vec::new();
        }
        let steps = |step: u64| first / step..end.div_ceil(step);
        let fits = |step: &u64| (steps(*step).count() as u64) < at_most;
        let step = STEPS.into_iter().find(fits).unwrap_or(STEPS[STEPS.len() - 1]);
        let mark = |at: u64| {
            // A clock at the end of time is one quarter too far.
            let until = at * step;
            let (arrived, sealed) = (self.arrived.until(until), self.sealed.until(until));
            Mark { until_ms: until.saturating_mul(QUARTER_MS), arrived, sealed }
        };
        let steps = steps(step);
        (steps.start..=steps.end).map(mark).collect()
    }
}

impl Quarters {
    fn end(&self) -> u64 {
        self.first + self.stations.len() as u64
    }

    fn add(&mut self, quarter: u64) {
        if self.stations.is_empty() {
            self.first = quarter;
        }
        let earliest = self.end().saturating_sub(SPAN).min(self.first);
        let quarter = quarter.clamp(earliest, self.first + SPAN - 1);
        if let Some(before) = self.first.checked_sub(quarter) {
            // Both are less than SPAN.
            let zeros = std::iter::repeat_n(0, usize::try_from(before).unwrap_or(0));
            self.stations.splice(0..0, zeros);
            self.first = quarter;
        }
        let at = usize::try_from(quarter - self.first).unwrap_or(0);
        if at >= self.stations.len() {
            self.stations.resize(at + 1, 0);
        }
        self.stations[at] += 1;
    }

    /// Stations before a quarter.
    fn until(&self, quarter: u64) -> u32 {
        let many = quarter.saturating_sub(self.first).min(self.stations.len() as u64);
        self.stations[..usize::try_from(many).unwrap_or(0)].iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    const HOUR: u64 = 4 * QUARTER_MS;

    fn series(times: &[(u64, u64)]) -> Series {
        let mut series = Series::default();
        times.iter().for_each(|(arrived, device)| series.add(*arrived, *device));
        series
    }

    fn mark(until_ms: u64, arrived: u32, sealed: u32) -> Mark {
        Mark { until_ms, arrived, sealed }
    }

    #[test]
    fn stations_are_counted_by_both_times_from_none_to_all() {
        let night = 1_000 * HOUR;
        let series = series(&[
            (night + 10, night - HOUR),
            (night + 20, night + 5),
            (night + HOUR, night + 5),
            (night + HOUR, 0),
        ]);
        let quarters: Vec<_> = series.marks(24).into_iter().map(|mark| mark.arrived).collect();
        assert_eq!(quarters, [0, 0, 0, 0, 0, 2, 2, 2, 2, 4]);
        let hours = [
            mark(night - HOUR, 0, 0),
            mark(night, 0, 1),
            mark(night + HOUR, 2, 3),
            mark(night + 2 * HOUR, 4, 3),
        ];
        assert_eq!(series.marks(4), hours);
        assert_eq!(series.unclear(), 1);
        assert_eq!(Series::default().marks(24), []);
    }

    #[test]
    fn no_clock_takes_memory_or_loses_a_station() {
        let clocks = [u64::MAX, 0, 1, HOUR * 1_000_000, u64::MAX - 1, HOUR];
        let all: Vec<_> = clocks.iter().flat_map(|a| clocks.map(|b| (*a, b))).collect();
        let series = series(&all);
        for quarters in [&series.arrived, &series.sealed] {
            assert!(quarters.stations.len() as u64 <= SPAN, "{}", quarters.stations.len());
        }
        for at_most in [12, 24, 96] {
            let marks = series.marks(at_most);
            assert!(marks.len() <= 96, "{}", marks.len());
            let last = marks.last().unwrap();
            assert_eq!(last.arrived as usize, all.len());
            assert_eq!((last.sealed + series.unclear()) as usize, all.len());
            assert!(marks.is_sorted_by_key(|mark| mark.arrived));
        }
    }

    #[test]
    fn the_whole_and_its_parts_have_a_series_and_what_is_copied_stays() {
        let election = sample::election();
        let mut arrivals = Arrivals::new(&election);
        arrivals.add(0, 1, HOUR, HOUR);
        let copied = arrivals.clone();
        arrivals.add(0, 2, HOUR, HOUR);
        let heard = |of: &Arrivals, region| {
            of.of(0, region).and_then(|series| Some(series.marks(9).last()?.arrived))
        };
        assert_eq!([0, 1, 2].map(|region| heard(&arrivals, region)), [Some(2), Some(1), Some(1)]);
        assert_eq!([0, 1, 2].map(|region| heard(&copied, region)), [Some(1), Some(1), None]);
        assert_eq!(arrivals.of(1, 0), None);
    }
}
