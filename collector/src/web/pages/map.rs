//! A region's parts as a map, of boundaries that the operator has imported. It says what the
//! tiles say, and stands where they stand.
//!
//! A part is a link. Its colour is fuller the more of its stations are counted; it is hatched
//! until enough is, and has the number of who has the most votes from then on. It does not fill
//! from below as a tile does: on a map that would say that its south is counted. All of that is
//! in words too, as with tiles.

use saksi_proto::text::site;

use super::tiles::{MAX_TILES, Tiles, first, in_words};
use crate::boundaries::drawing::{Drawing, Shape};
use crate::boundaries::plane::NARROW;
use crate::view::region::{PartView, RegionView, StationCounts};
use crate::web::links::Links;
use crate::web::locale::Locale;

/// From this much room on a number fits beside the border.
const ROOM: u16 = 11;

/// Steps of the colour below the last one, which is for all: quarters.
const STEPS: u64 = 4;

/// A region's parts as a map.
pub(super) struct Map {
    pub width: u16,
    pub height: u16,
    /// Whether a telephone has to move it sideways.
    pub is_wide: bool,
    /// Outlines of parts where the contest is not held.
    pub grounds: Vec<String>,
    /// Those that are too small to be seen come last, so that nothing lies over their marks.
    pub areas: Vec<Area>,
    /// What each step of the colour means.
    pub steps: Vec<Step>,
    /// Who is to be thanked for the boundaries.
    pub credit: Option<String>,
    /// Parts without an outline.
    pub beside: Option<Tiles>,
}

/// A part.
pub(super) struct Area {
    pub href: String,
    /// All that it says, in words.
    pub words: String,
    pub path: String,
    /// Step of its colour.
    pub step: u64,
    /// Where there is the most room in it.
    pub x: u16,
    pub y: u16,
    /// Whether it gets a circle.
    pub is_small: bool,
    /// Number of who has the most votes, if there is one and it fits.
    pub first: Option<String>,
}

/// A step of the colour.
pub(super) struct Step {
    pub step: u64,
    /// How much is counted, in words.
    pub words: String,
    /// Whether a part of it is not yet representative.
    pub is_thin: bool,
}

impl Map {
    /// The map of a region of which enough parts have an outline.
    pub(super) fn new(view: &RegionView, links: Links, locale: &Locale) -> Option<Self> {
        let drawing = view.drawing.as_deref()?;
        let (drawn, beside): (Vec<_>, Vec<_>) =
            view.parts.iter().partition(|part| shape_of(drawing, part).is_some());
        let many = view.parts.len();
        if many > MAX_TILES || !Drawing::is_enough(drawn.len(), many) {
            return None;
        }
        let is_shown = |shape: &&Shape| drawn.iter().any(|part| part.region.code == shape.part);
        let grounds = drawing.shapes.iter().filter(|shape| !is_shown(shape));
        let areas = drawn
            .iter()
            .filter_map(|part| Some(area(view, part, shape_of(drawing, part)?, links, locale)));
        let mut areas: Vec<_> = areas.collect();
        areas.sort_by_key(|area| area.is_small);
        Some(Self {
            width: drawing.width,
            height: drawing.height,
            is_wide: f64::from(drawing.width) > NARROW,
            grounds: grounds.map(|shape| shape.path.clone()).collect(),
            areas,
            steps: (0..=STEPS + 1).map(|step| Step::new(step, locale)).collect(),
            credit: (!drawing.credit.is_empty())
                .then(|| locale.fill(site::MAP_CREDIT, &[&drawing.credit])),
            beside: (!beside.is_empty()).then(|| Tiles::of(view, &beside, "beside", links, locale)),
        })
    }
}

fn shape_of<'a>(drawing: &'a Drawing, part: &PartView) -> Option<&'a Shape> {
    let at = drawing.shapes.binary_search_by_key(&part.region.code, |shape| shape.part);
    at.ok().map(|at| &drawing.shapes[at])
}

fn area(view: &RegionView, part: &PartView, shape: &Shape, links: Links, locale: &Locale) -> Area {
    Area {
        href: links.region(part.region.code, view.contest.code),
        words: in_words(view, part, locale),
        path: shape.path.clone(),
        step: step(&part.totals.stations),
        x: shape.x,
        y: shape.y,
        is_small: shape.is_small(),
        first: first(part).filter(|_| shape.room >= ROOM),
    }
}

/// The step of a part's colour: the first where nothing is counted, the last where all is.
fn step(StationCounts { counted, expected, .. }: &StationCounts) -> u64 {
    match (u64::from(*counted), u64::from(*expected)) {
        (0, _) => 0,
        (counted, expected) if counted >= expected => STEPS + 1,
        (counted, expected) => 1 + counted * STEPS / expected,
    }
}

impl Step {
    fn new(step: u64, locale: &Locale) -> Self {
        let words = match step {
            0 => locale.say(site::MAP_NONE).to_owned(),
            1..=STEPS => locale.fill(site::MAP_BELOW, &[&(step * 100 / STEPS)]),
            _ => locale.say(site::MAP_ALL).to_owned(),
        };
        Self { step, words, is_thin: step * 2 <= STEPS }
    }
}

#[cfg(test)]
mod tests {
    use super::super::figures::is_thin;
    use super::*;

    fn stations(counted: u32, expected: u32) -> StationCounts {
        StationCounts {
            expected,
            reported: counted,
            counted,
            held: 0,
            disputed: 0,
            rejected: 0,
            missing: expected - counted,
            unopened: 0,
            corrected: 0,
            ruled: 0,
        }
    }

    #[test]
    fn a_colour_is_a_quarter_and_what_is_hatched_is_not_representative() {
        let locale = Locale::new(None, &["en".to_owned()]);
        for (counted, expected, wanted) in [
            (0, 8, 0),
            (1, 1_000, 1),
            (1, 8, 1),
            (2, 8, 2),
            (3, 8, 2),
            (4, 8, 3),
            (6, 8, 4),
            (7, 8, 4),
            (8, 8, 5),
            (499, 1_000, 2),
            (500, 1_000, 3),
            (999, 1_000, 4),
        ] {
            let stations = stations(counted, expected);
            assert_eq!(step(&stations), wanted, "{counted} of {expected}");
            let said = Step::new(wanted, &locale).is_thin;
            assert_eq!(said, is_thin(&stations), "{counted} of {expected}");
        }
        let words: Vec<_> = (0..=5).map(|step| Step::new(step, &locale).words).collect();
        let below = ["below 25%", "below 50%", "below 75%", "below 100%"];
        assert_eq!((words[0].as_str(), &words[5][..]), ("none", "all"));
        assert_eq!(words[1..5], below);
    }
}
