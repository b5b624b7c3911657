//! From degrees to places on a drawing.
//!
//! Equirectangular, with degrees of longitude as wide as they are at the middle latitude: near
//! the equator, and for the extent of a country, that is as good as any. It shows where a
//! region lies, and nobody measures in it.

use super::{Point, Polygon};

/// Widest drawing, of what is wide, and of what is not: on a telephone of 360 px the one is
/// moved sideways, the other is there whole.
pub const WIDE: f64 = 1_000.0;
/// Widest drawing of what is not wide.
pub const NARROW: f64 = 480.0;
/// Highest drawing.
pub const HIGH: f64 = 640.0;
/// From so many times as wide as high on it is wide.
const IS_WIDE: f64 = 1.5;
/// Around all of it: half of what marks a part that is too small to be seen, and its line.
const MARGIN: f64 = 12.0;

/// How degrees become places.
pub struct Plane {
    /// The least longitude, and the greatest latitude.
    corner: Point,
    /// Places a degree.
    scale: Point,
    /// Whether longitudes of the west stand east of those of the east: across the date line.
    is_around: bool,
    /// Width and height of the drawing.
    pub size: Point,
}

impl Plane {
    /// The plane on which these fit; none if there is nothing.
    #[must_use]
    pub fn over<'a>(polygons: impl Iterator<Item = &'a Polygon> + Clone) -> Option<Self> {
        let points = polygons.flat_map(|polygon| polygon.outer.iter().copied());
        let ([west, south], [east, north]) = bounds(points.clone())?;
        let around = bounds(points.map(|point| turned(point, true)))?;
        let is_around = east - west > 180.0 && around.1[0] - around.0[0] < east - west;
        let (west, east) = if is_around { (around.0[0], around.1[0]) } else { (west, east) };
        let shrink = f64::midpoint(south, north).to_radians().cos();
        // Something that has no extent at all is a point in the middle.
        let (wide, high) = (((east - west) * shrink).max(1e-6), (north - south).max(1e-6));
        let most = if wide / high >= IS_WIDE { WIDE } else { NARROW };
        let scale = ((most - 2.0 * MARGIN) / wide).min((HIGH - 2.0 * MARGIN) / high);
        let size = [wide * scale + 2.0 * MARGIN, high * scale + 2.0 * MARGIN];
        Some(Self { corner: [west, north], scale: [scale * shrink, scale], is_around, size })
    }

    /// Where a point is drawn.
    #[must_use]
    pub fn place(&self, point: Point) -> Point {
        let [x, y] = turned(point, self.is_around);
        let ([west, north], [across, down]) = (self.corner, self.scale);
        [(x - west) * across + MARGIN, (north - y) * down + MARGIN]
    }
}

fn turned([x, y]: Point, is_around: bool) -> Point {
    if is_around && x < 0.0 { [x + 360.0, y] } else { [x, y] }
}

fn bounds(points: impl Iterator<Item = Point>) -> Option<(Point, Point)> {
    points.map(|point| (point, point)).reduce(|(least, most), ([x, y], _)| {
        ([least[0].min(x), least[1].min(y)], [most[0].max(x), most[1].max(y)])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn over(corners: &[Point]) -> Plane {
        let polygon = Polygon { outer: corners.to_vec(), holes: Vec::new() };
        Plane::over(std::iter::once(&polygon)).unwrap()
    }

    #[test]
    fn what_is_drawn_fits_and_north_is_up() {
        for (corners, wanted) in [
            // Twice as wide as high, at the equator: 976 places for 20 degrees.
            ([[100.0, -5.0], [120.0, 5.0]], [1_000.0, 512.0]),
            // A square at 60 degrees north is half as wide as high.
            ([[10.0, 59.0], [12.0, 61.0]], [332.0, 640.0]),
            // As wide as high.
            ([[100.0, -5.0], [110.0, 5.0]], [480.0, 480.0]),
        ] {
            let plane = over(&corners);
            let off = [plane.size[0] - wanted[0], plane.size[1] - wanted[1]];
            assert!(off.iter().all(|off| off.abs() < 1.0), "{:?}, not {wanted:?}", plane.size);
            let [west, bottom] = plane.place(corners[0]);
            let [east, top] = plane.place(corners[1]);
            assert!(top < bottom && west < east, "{corners:?}");
            assert!((west - MARGIN).abs() < 1e-6 && (top - MARGIN).abs() < 1e-6, "{corners:?}");
        }
    }

    #[test]
    fn a_country_across_the_date_line_is_in_one_piece() {
        let plane = over(&[[177.0, -18.0], [-178.0, -17.0], [179.0, -16.0]]);
        let (east, west) = (plane.place([-178.0, -17.0]), plane.place([177.0, -18.0]));
        assert!(east[0] > west[0] && east[0] <= plane.size[0], "{east:?} {west:?}");
        assert!(plane.size[0] > 900.0, "{:?}", plane.size);
    }

    #[test]
    fn what_has_no_extent_is_drawn_too() {
        let plane = over(&[[100.0, 1.0]]);
        assert!(plane.size.iter().all(|side| side.is_finite() && *side <= WIDE));
    }
}
