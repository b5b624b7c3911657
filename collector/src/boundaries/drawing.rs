//! The drawing of a region's parts: their outlines as paths of an SVG, with no more points than
//! a page can carry.

use saksi_proto::ids::RegionCode;
use serde::{Deserialize, Serialize};

use super::corners::{area, fewer};
use super::plane::Plane;
use super::room::roomiest;
use super::{Point, Polygon};

/// Most bytes of all paths of a drawing. Compressed they are half of that: beside the 16 KB of a
/// page of 38 provinces with its style, of the 50 that a page may have.
pub const MAX_PATHS: usize = 24_000;

/// Corners of less than this are left out from the start, and islands of less than twice this;
/// on a desk's screen a place of the drawing is about a pixel. Doubled until the paths fit.
const FINEST: f64 = 0.5;

/// Less room than this cannot be hit by a finger or seen, and gets a mark.
const HIT: u16 = 6;

/// A region's parts, drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawing {
    /// The region.
    pub region: RegionCode,
    /// Who is to be thanked for the boundaries, as the licence wants it; may be empty.
    pub credit: String,
    /// Width.
    pub width: u16,
    /// Height.
    pub height: u16,
    /// Its parts that have an outline, by code.
    pub shapes: Vec<Shape>,
}

/// A map is shown where three of four parts have an outline. With fewer it would hide more than
/// it shows, and tiles have them all.
const ENOUGH: (usize, usize) = (3, 4);

impl Drawing {
    /// Whether so many outlines are enough for a map of so many parts.
    #[must_use]
    pub fn is_enough(drawn: usize, parts: usize) -> bool {
        let (enough, of) = ENOUGH;
        parts >= 2 && drawn * of >= parts * enough
    }
}

/// A part of a region, drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// The part.
    pub part: RegionCode,
    /// Its outline as an SVG path, to be filled by the even-odd rule; empty if nothing is left
    /// of it at this size.
    pub path: String,
    /// Where there is the most room in it.
    pub x: u16,
    /// Where there is the most room in it, from above.
    pub y: u16,
    /// How far it is from there to its border.
    pub room: u16,
}

impl Shape {
    /// Whether it is too small to be seen or hit without a mark.
    #[must_use]
    pub fn is_small(&self) -> bool {
        self.room < HIT
    }
}

/// Draws a region's parts; none if none of them has an area.
#[must_use]
pub fn draw(
    region: RegionCode,
    parts: &[(RegionCode, Vec<Polygon>)],
    credit: &str,
) -> Option<Drawing> {
    let plane = Plane::over(parts.iter().flat_map(|(_, polygons)| polygons))?;
    let ring = |ring: &Vec<Point>| ring.iter().map(|point| plane.place(*point)).collect();
    let on_plane = |polygon: &Polygon| Polygon {
        outer: ring(&polygon.outer),
        holes: polygon.holes.iter().map(ring).collect(),
    };
    let mut placed: Vec<(RegionCode, Vec<Polygon>)> = parts
        .iter()
        .map(|(part, polygons)| (*part, polygons.iter().map(on_plane).collect()))
        .collect();
    let mut least = FINEST;
    // In the end each part is one triangle, and 120 of them fit.
    let shapes = loop {
        placed.iter_mut().for_each(|(_, polygons)| thin_out(polygons, least));
        let shapes: Vec<_> = placed.iter().map(|(part, of)| shape(*part, of)).collect();
        let bytes: usize = shapes.iter().map(|shape| shape.path.len()).sum();
        if bytes <= MAX_PATHS || least > plane.size[0] * plane.size[1] {
            break shapes;
        }
        least *= 2.0;
    };
    let [width, height] = plane.size.map(|side| whole(side.round()));
    Some(Drawing { region, credit: credit.to_owned(), width, height, shapes })
}

/// Leaves out corners of less than this, and islands and holes that are hardly there; of each
/// part its largest area stays.
fn thin_out(polygons: &mut Vec<Polygon>, least: f64) {
    let Some(largest) = largest(polygons) else { return };
    let mut at = 0;
    polygons.retain(|polygon| {
        at += 1;
        at - 1 == largest || area(&polygon.outer) >= 2.0 * least
    });
    for polygon in polygons {
        polygon.outer = fewer(&polygon.outer, least);
        polygon.holes.retain(|hole| area(hole) >= 2.0 * least);
        polygon.holes.iter_mut().for_each(|hole| *hole = fewer(hole, least));
    }
}

/// Which of them is the largest; where none has an area, the first.
fn largest(polygons: &[Polygon]) -> Option<usize> {
    let areas = polygons.iter().map(|polygon| area(&polygon.outer)).enumerate();
    let larger = areas.reduce(|best, next| if next.1 > best.1 { next } else { best });
    larger.map(|(at, _)| at)
}

fn shape(part: RegionCode, polygons: &[Polygon]) -> Shape {
    let rings = polygons.iter().flat_map(Polygon::rings);
    let path = rings.map(|ring| path(ring)).collect();
    let at = largest(polygons).map(|at| roomiest(&polygons[at]));
    let ([x, y], room) = at.unwrap_or_default();
    Shape { part, path, x: whole(x.round()), y: whole(y.round()), room: whole(room.floor()) }
}

/// A closed ring as a path, in whole places: the first point, then how far it is to each next.
fn path(ring: &[Point]) -> String {
    let mut places: Vec<[u16; 2]> =
        ring.iter().map(|[x, y]| [*x, *y].map(|at| whole(at.round()))).collect();
    places.dedup();
    while places.len() > 1 && places.first() == places.last() {
        places.pop();
    }
    let [[x, y], rest @ ..] = places.as_slice() else { return String::new() };
    if rest.len() < 2 {
        return String::new();
    }
    let mut path = format!("M{x} {y}l");
    let mut at = [*x, *y];
    for (number, to) in rest.iter().enumerate() {
        for (axis, (from, to)) in at.iter().zip(to).enumerate() {
            let step = i32::from(*to) - i32::from(*from);
            // A minus parts two numbers as a space does.
            if step >= 0 && (number, axis) != (0, 0) {
                path.push(' ');
            }
            path.push_str(&step.to_string());
        }
        at = *to;
    }
    path + "z"
}

/// A place of the drawing, which has 1,000 at most to each side.
#[expect(clippy::cast_possible_truncation, reason = "it is clamped to what fits")]
#[expect(clippy::cast_sign_loss, reason = "it is clamped to what fits")]
fn whole(place: f64) -> u16 {
    place.clamp(0.0, f64::from(u16::MAX)) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(code: &str) -> RegionCode {
        code.parse().unwrap()
    }

    fn square([x, y]: Point, side: f64) -> Vec<Point> {
        vec![[x, y], [x + side, y], [x + side, y + side], [x, y + side]]
    }

    fn plain(outer: Vec<Point>) -> Polygon {
        Polygon { outer, holes: Vec::new() }
    }

    #[test]
    fn two_squares_are_two_paths_that_touch() {
        let parts = [
            (code("1"), vec![plain(square([100.0, 0.0], 1.0))]),
            (code("2"), vec![plain(square([101.0, 0.0], 1.0))]),
        ];
        let drawing = draw(code("0"), &parts, "Somebody").unwrap();
        assert_eq!((drawing.width, drawing.height), (1_000, 512));
        let paths: Vec<_> = drawing.shapes.iter().map(|shape| shape.path.as_str()).collect();
        assert_eq!(paths, ["M12 500l488 0 0-488-488 0z", "M500 500l488 0 0-488-488 0z"]);
        let first = &drawing.shapes[0];
        assert!(first.x.abs_diff(256) < 5 && first.y.abs_diff(256) < 5, "{first:?}");
        assert!(first.room > 235 && !first.is_small(), "{first:?}");
    }

    #[test]
    fn a_hole_stays_and_one_that_nobody_would_see_goes() {
        let outer = square([100.0, 0.0], 10.0);
        let seen = square([104.0, 4.0], 2.0);
        let unseen = square([101.0, 1.0], 0.01);
        let parts = [(code("1"), vec![Polygon { outer, holes: vec![seen, unseen] }])];
        let drawing = draw(code("0"), &parts, "").unwrap();
        let path = &drawing.shapes[0].path;
        assert_eq!(path.matches('M').count(), 2, "{path}");
        assert_eq!(path.matches('z').count(), 2, "every ring is closed: {path}");
        // The number stands beside the hole.
        assert!(drawing.shapes[0].x.abs_diff(240) > 50 || drawing.shapes[0].y.abs_diff(240) > 50);
    }

    #[test]
    fn a_part_that_is_too_small_to_be_seen_is_marked_and_stays() {
        let parts = [
            (code("1"), vec![plain(square([100.0, 0.0], 10.0))]),
            (
                code("2"),
                vec![plain(square([108.0, 11.0], 0.001)), plain(square([108.1, 11.0], 0.002))],
            ),
        ];
        let drawing = draw(code("0"), &parts, "").unwrap();
        let [large, small] = &drawing.shapes[..] else { panic!("{drawing:?}") };
        assert!(!large.is_small() && small.is_small() && small.path.is_empty(), "{drawing:?}");
        assert!(small.x > 300 && small.y < 20, "{small:?}");
    }

    /// A coast of a part: a circle with as many points, each off by a little.
    fn coast(at: f64, many: u32) -> Vec<Point> {
        let point = |step: u32| {
            let angle = f64::from(step) / f64::from(many) * std::f64::consts::TAU;
            let off = 1.0 + 0.1 * f64::from((step * 7_919) % 101) / 101.0;
            [at + off * angle.cos(), off * angle.sin()]
        };
        (0..many).map(point).collect()
    }

    #[test]
    fn however_many_points_there_are_a_page_can_carry_the_drawing() {
        let parts: Vec<_> = (0..120)
            .map(|at: u16| (code(&at.to_string()), vec![plain(coast(f64::from(at) * 0.7, 2_000))]))
            .collect();
        let drawing = draw(code("all"), &parts, "").unwrap();
        let bytes: usize = drawing.shapes.iter().map(|shape| shape.path.len()).sum();
        assert!((MAX_PATHS / 4..=MAX_PATHS).contains(&bytes), "{bytes}");
        assert_eq!(drawing.shapes.len(), 120);
        for Shape { path, .. } in &drawing.shapes {
            assert!(path.starts_with('M') && path.ends_with('z'), "{path}");
        }
    }

    #[test]
    fn a_path_goes_from_point_to_point_and_back() {
        let ring = [[1.2, 2.0], [1.4, 2.1], [10.0, 2.0], [4.0, 0.0], [1.0, 2.0]];
        assert_eq!(path(&ring), "M1 2l9 0-6-2z");
        assert_eq!(path(&[[1.0, 2.0], [1.1, 2.1], [3.0, 3.0]]), "", "a line is no area");
        assert_eq!(path(&[]), "");
        assert!(draw(code("0"), &[], "").is_none());
    }
}
