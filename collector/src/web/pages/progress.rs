//! How many stations were heard by when, as a drawing and as a table.

use crate::tally::arrivals::{Mark, Series};
use crate::view::region::RegionView;
use crate::web::locale::Locale;
use crate::web::times::{self, TimeShown};
use saksi_proto::text::site;

/// Points of a line: a drawing of 600 has one every 6.
const POINTS: u64 = 97;
/// Rows of the table: as many as somebody reads.
const ROWS: u64 = 25;

/// Sides of the drawing, in its own units.
const WIDTH: u64 = 600;
const HEIGHT: u64 = 200;

/// How many stations were heard by when.
pub(super) struct Progress {
    pub sentence: String,
    /// Stations at the top of the drawing.
    pub top: String,
    pub arrived: String,
    pub sealed: String,
    pub from: String,
    pub until: String,
    /// Said of devices whose time cannot be believed.
    pub unclear: Option<String>,
    pub rows: Vec<Row>,
}

/// A row of the table.
pub(super) struct Row {
    pub until: TimeShown,
    pub arrived: String,
    pub sealed: String,
}

impl Progress {
    /// Of a region that has a series, once anything has come.
    pub(super) fn new(view: &RegionView, zone: &str, locale: &Locale) -> Option<Self> {
        let series = view.arrivals.as_deref()?;
        let marks = series.marks(POINTS);
        let (first, last) = (*marks.first()?, *marks.last()?);
        let expected = u64::from(view.totals.stations.expected);
        let top = top(u64::from(last.arrived.max(last.sealed)), expected);
        let line = |of: fn(&Mark) -> u32| {
            let points =
                marks.iter().map(|mark| point(mark.until_ms, of(mark), (first, last), top));
            points.collect::<Vec<_>>().join(" ")
        };
        let (heard, expected) = (locale.number(last.arrived), locale.number(expected));
        let time = |ms| times::minute(ms, zone, locale).text;
        Some(Self {
            sentence: locale.fill(site::PROGRESS_SENTENCE, &[&heard, &expected]),
            top: locale.fill(site::PROGRESS_TOP, &[&locale.number(top)]),
            arrived: line(|mark| mark.arrived),
            sealed: line(|mark| mark.sealed),
            from: time(first.until_ms),
            until: time(last.until_ms),
            unclear: unclear(series, locale),
            rows: series.marks(ROWS).iter().map(|mark| row(mark, zone, locale)).collect(),
        })
    }
}

fn row(mark: &Mark, zone: &str, locale: &Locale) -> Row {
    Row {
        until: times::minute(mark.until_ms, zone, locale),
        arrived: locale.number(mark.arrived),
        sealed: locale.number(mark.sealed),
    }
}

fn unclear(series: &Series, locale: &Locale) -> Option<String> {
    let unclear = Some(series.unclear()).filter(|unclear| *unclear > 0)?;
    Some(locale.fill(site::PROGRESS_UNCLEAR, &[&locale.number(unclear)]))
}

/// What the top of the drawing stands for: all that are expected, or a round number as long as
/// it is less. So five of 800,000 are seen too, and the number says what they are of.
fn top(heard: u64, expected: u64) -> u64 {
    let decades = std::iter::successors(Some(1_u64), |decade| decade.checked_mul(10));
    let round = decades.flat_map(|decade| [1, 2, 5].map(|digit| decade.saturating_mul(digit)));
    let round = { round }.find(|round| *round >= heard.max(1)).unwrap_or(u64::MAX);
    round.min(expected.max(heard).max(1))
}

fn point(ms: u64, stations: u32, (first, last): (Mark, Mark), top: u64) -> String {
    let span = (last.until_ms - first.until_ms).max(1);
    let x = u128::from(ms - first.until_ms) * u128::from(WIDTH) / u128::from(span);
    let y = HEIGHT - u64::from(stations) * HEIGHT / top;
    format!("{x},{y}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_top_is_round_and_never_more_than_is_expected() {
        for (heard, expected, wanted) in [
            (0, 5, 1),
            (2, 5, 2),
            (3, 5, 5),
            (3, 4, 4),
            (7, 823_236, 10),
            (600_000, 823_236, 823_236),
            (5, 0, 5),
        ] {
            assert_eq!(top(heard, expected), wanted, "{heard} of {expected}");
        }
    }

    #[test]
    fn a_line_goes_from_corner_to_corner() {
        let mark = |until_ms, arrived| Mark { until_ms, arrived, sealed: 0 };
        let ends = (mark(900_000, 0), mark(2_700_000, 8));
        let at = |ms, stations| point(ms, stations, ends, 8);
        assert_eq!(
            [at(900_000, 0), at(1_800_000, 2), at(2_700_000, 8)],
            ["0,200", "300,150", "600,0"]
        );
    }
}
