//! Where in an area there is the most room, for a number.

use super::{Point, Polygon};

/// Places tried along each side, and times that it is looked closer around the best of them:
/// 169 places and 4 × 25 more, each against every point of the ring.
const TRIED: u32 = 12;
const CLOSER: u32 = 4;
const TIMES: usize = 4;

/// The place within an area that is farthest from its border, and how far that is; the middle,
/// with no room, where none was found within.
#[must_use]
pub fn roomiest(of: &Polygon) -> (Point, f64) {
    let ([left, top], [right, bottom]) = bounds(&of.outer);
    let (mut best, mut room) = ([f64::midpoint(left, right), f64::midpoint(top, bottom)], 0.0);
    let (mut around, mut reach) = (best, [(right - left) / 2.0, (bottom - top) / 2.0]);
    for time in 0..=TIMES {
        let steps = if time == 0 { TRIED } else { CLOSER };
        for (column, row) in (0..=steps).flat_map(|row| (0..=steps).map(move |at| (at, row))) {
            let along = |step: u32| 2.0 * f64::from(step) / f64::from(steps) - 1.0;
            let place = [around[0] + reach[0] * along(column), around[1] + reach[1] * along(row)];
            let found = distance(of, place);
            if found > room {
                (best, room) = (place, found);
            }
        }
        (around, reach) = (best, [reach[0] / 5.0, reach[1] / 5.0]);
    }
    (best, room)
}

/// The least and the greatest of both coordinates.
fn bounds(points: &[Point]) -> (Point, Point) {
    let all = (([f64::MAX; 2]), ([f64::MIN; 2]));
    points.iter().fold(all, |(least, most), [x, y]| {
        ([least[0].min(*x), least[1].min(*y)], [most[0].max(*x), most[1].max(*y)])
    })
}

/// How far a place is from the border; less than nothing outside, and in a hole.
fn distance(of: &Polygon, place: Point) -> f64 {
    let (mut nearest, mut is_within) = (f64::MAX, false);
    for ring in of.rings() {
        let next = ring.iter().cycle().skip(1);
        for (from, to) in ring.iter().zip(next) {
            let is_beside = (from[1] > place[1]) != (to[1] > place[1]);
            let crosses = || {
                let along = (place[1] - from[1]) / (to[1] - from[1]);
                place[0] < from[0] + along * (to[0] - from[0])
            };
            is_within ^= is_beside && crosses();
            nearest = nearest.min(from_line(place, *from, *to));
        }
    }
    if is_within { nearest.sqrt() } else { -nearest.sqrt() }
}

/// The square of the distance of a place from a line between two points.
fn from_line([x, y]: Point, [ax, ay]: Point, [bx, by]: Point) -> f64 {
    let (dx, dy) = (bx - ax, by - ay);
    let long = dx * dx + dy * dy;
    let along = if long > 0.0 { ((x - ax) * dx + (y - ay) * dy) / long } else { 0.0 };
    let along = along.clamp(0.0, 1.0);
    let (off_x, off_y) = (ax + along * dx - x, ay + along * dy - y);
    off_x * off_x + off_y * off_y
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(from: f64, to: f64) -> Vec<Point> {
        vec![[from, from], [to, from], [to, to], [from, to]]
    }

    #[test]
    fn there_is_the_most_room_in_the_middle_and_beside_a_hole() {
        let whole = Polygon { outer: square(0.0, 20.0), holes: Vec::new() };
        let (place, room) = roomiest(&whole);
        assert!((room - 10.0).abs() < 0.2, "{room} at {place:?}");
        let holed = Polygon { holes: vec![square(5.0, 15.0)], ..whole };
        let (place, room) = roomiest(&holed);
        // In a corner: as far from two sides as from the hole's corner.
        assert!((2.4..3.0).contains(&room), "{room} at {place:?}");
        assert!(distance(&holed, [10.0, 10.0]) < 0.0, "a hole is outside");
    }

    #[test]
    fn the_place_is_within_what_is_bent() {
        let bent =
            vec![[0.0, 0.0], [30.0, 0.0], [30.0, 30.0], [26.0, 30.0], [26.0, 4.0], [0.0, 4.0]];
        let bent = Polygon { outer: bent, holes: Vec::new() };
        let (place, room) = roomiest(&bent);
        assert!(distance(&bent, place) > 1.9 && room < 3.0, "{room} at {place:?}");
    }

    #[test]
    fn what_has_no_area_has_no_room() {
        let line = Polygon { outer: vec![[1.0, 1.0], [3.0, 1.0], [2.0, 1.0]], holes: Vec::new() };
        let (place, room) = roomiest(&line);
        assert!(room.abs() < 1e-9 && (place[1] - 1.0).abs() < 1e-9, "{room} at {place:?}");
    }
}
