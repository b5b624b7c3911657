//! Outlines from a file: GeoJSON (RFC 7946, a `FeatureCollection`) or TopoJSON (a `Topology`),
//! in degrees of WGS 84.

use geojson::{Feature, FeatureCollection, Geometry, GeometryValue};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Point, Polygon, Ring, topology};

/// Largest file. A nation's 518 regencies are 1.1 MB as they are published for maps, its 83,731
/// villages fit with 20 points each. Points are held with up to 100 bytes while they are read:
/// 160 MB for an honest file of 1.6 million points, half a gigabyte for one that is made to be
/// as dense as JSON can be.
pub const MAX_FILE: u64 = 32 << 20;

/// Most points of all outlines, 32 MB of memory. TopoJSON can name an arc as often as it likes,
/// so its points are counted as they are laid out.
pub const MAX_POINTS: usize = 2_000_000;

/// Properties that are named when the one that was asked for is none of them.
const NAMED: usize = 20;

/// An outline, with what the file calls it.
#[derive(Debug, Clone, PartialEq)]
pub struct Outline {
    /// The value of the property that holds codes.
    pub code: String,
    /// Its areas.
    pub polygons: Vec<Polygon>,
}

/// What a file has.
#[derive(Debug, Default)]
pub struct Outlines {
    /// Those with a code and an area.
    pub outlines: Vec<Outline>,
    /// Codes of features that have no area.
    pub without_area: Vec<String>,
    /// How many features have no code.
    pub without_code: usize,
    /// Points of all outlines.
    pub points: usize,
}

/// Why a file is not taken.
#[derive(Debug, thiserror::Error)]
pub enum OutlinesFault {
    /// More than 32 MiB.
    #[error("it has more than {} MiB: export it with fewer points, or import it in parts", MAX_FILE >> 20)]
    TooLarge,
    /// More than two million points.
    #[error("it has more than 2,000,000 points: export it with fewer, or import it in parts")]
    TooManyPoints,
    /// It cannot be read as what it says it is.
    #[error("it is damaged, or cut off: {0}. Get it again from where it came from")]
    Damaged(String),
    /// JSON, but neither of the two.
    #[error(
        "it is “{0}”; what can be imported is GeoJSON (a “FeatureCollection”) or TopoJSON (a \
         “Topology”). Export the boundaries as one of them"
    )]
    OtherKind(String),
    /// None of its features has the property.
    #[error(
        "none of its features has the property “{wanted}”; name that of the codes with --code: {has}"
    )]
    NoProperty {
        /// What was asked for.
        wanted: String,
        /// Those that the first feature has.
        has: String,
    },
    /// No feature with a code is an area.
    #[error("it has points or lines only; boundaries are polygons")]
    NoAreas,
    /// Not longitude and latitude.
    #[error(
        "it has the coordinates {0}, {1}, which are no degrees: export it in WGS 84 (EPSG:4326)"
    )]
    NotDegrees(f64, f64),
}

/// What a file says it is.
#[derive(Deserialize)]
struct Kind {
    #[serde(rename = "type")]
    kind: String,
}

/// Reads outlines whose codes are in a property.
///
/// # Errors
/// [`OutlinesFault`].
pub fn read(bytes: &[u8], property: &str) -> Result<Outlines, OutlinesFault> {
    if bytes.len() as u64 > MAX_FILE {
        return Err(OutlinesFault::TooLarge);
    }
    // What editors of other systems put in front.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let Kind { kind } = serde_json::from_slice(bytes).map_err(damaged)?;
    let mut collected = Collected::new(property);
    match kind.as_str() {
        "FeatureCollection" => {
            let read: FeatureCollection = serde_json::from_slice(bytes).map_err(damaged)?;
            read.features.into_iter().try_for_each(|feature| collected.add_feature(feature))?;
        }
        "Topology" => topology::read(bytes, &mut collected)?,
        _ => return Err(OutlinesFault::OtherKind(kind)),
    }
    collected.finish()
}

pub(super) fn damaged(fault: impl std::fmt::Display) -> OutlinesFault {
    OutlinesFault::Damaged(fault.to_string())
}

/// Outlines as they come.
pub(super) struct Collected<'a> {
    property: &'a str,
    /// Whether any feature had it.
    has_property: bool,
    /// The properties of the first feature that has some.
    first: Vec<String>,
    found: Outlines,
}

impl<'a> Collected<'a> {
    pub(super) fn new(property: &'a str) -> Self {
        Self { property, has_property: false, first: Vec::new(), found: Outlines::default() }
    }

    fn add_feature(&mut self, feature: Feature) -> Result<(), OutlinesFault> {
        let code = self.code(feature.properties.as_ref());
        let mut polygons = Vec::new();
        if let Some(geometry) = feature.geometry {
            self.add_geometry(geometry, &mut polygons)?;
        }
        self.add(code, polygons);
        Ok(())
    }

    fn add_geometry(
        &mut self,
        geometry: Geometry,
        polygons: &mut Vec<Polygon>,
    ) -> Result<(), OutlinesFault> {
        let mut add = |rings: Vec<Vec<geojson::Position>>| {
            let rings = rings.iter().map(|ring| {
                let points = ring.iter().map(|position| match *position.as_slice() {
                    [x, y, ..] => Ok([x, y]),
                    _ => Err(damaged("a point has one number")),
                });
                self.ring(points)
            });
            polygons.extend(polygon(rings.collect::<Result<_, _>>()?));
            Ok(())
        };
        match geometry.value {
            GeometryValue::Polygon { coordinates } => add(coordinates),
            GeometryValue::MultiPolygon { coordinates } => {
                coordinates.into_iter().try_for_each(add)
            }
            // Its depth is bounded by that of the JSON, 128.
            GeometryValue::GeometryCollection { geometries } => {
                geometries.into_iter().try_for_each(|one| self.add_geometry(one, polygons))
            }
            _ => Ok(()),
        }
    }

    /// The code among a feature's properties: a text, or a number without a point.
    pub(super) fn code(&mut self, properties: Option<&Map<String, Value>>) -> Option<String> {
        let properties = properties?;
        if self.first.is_empty() {
            self.first = properties.keys().take(NAMED).cloned().collect();
        }
        let code = properties.get(self.property)?;
        self.has_property = true;
        match code {
            Value::String(code) => Some(code.trim().to_owned()).filter(|code| !code.is_empty()),
            Value::Number(code) if !code.is_f64() => Some(code.to_string()),
            _ => None,
        }
    }

    /// A ring without the point that closes it; each of its points is looked at and counted.
    pub(super) fn ring(
        &mut self,
        points: impl Iterator<Item = Result<Point, OutlinesFault>>,
    ) -> Result<Ring, OutlinesFault> {
        let mut ring = Ring::new();
        for point in points {
            let [x, y] = point?;
            // Beyond 180 goes whoever draws across the date line. What is no number is on no earth.
            let is_on_earth = x.abs() <= 360.0 && y.abs() <= 90.0;
            if !is_on_earth {
                return Err(OutlinesFault::NotDegrees(x, y));
            }
            self.found.points += 1;
            if self.found.points > MAX_POINTS {
                return Err(OutlinesFault::TooManyPoints);
            }
            if ring.last() != Some(&[x, y]) {
                ring.push([x, y]);
            }
        }
        if ring.len() > 1 && ring.first() == ring.last() {
            ring.pop();
        }
        Ok(ring)
    }

    /// Takes a feature in.
    pub(super) fn add(&mut self, code: Option<String>, polygons: Vec<Polygon>) {
        match code {
            Some(code) if !polygons.is_empty() => {
                self.found.outlines.push(Outline { code, polygons });
            }
            Some(code) => self.found.without_area.push(code),
            None => self.found.without_code += 1,
        }
    }

    fn finish(self) -> Result<Outlines, OutlinesFault> {
        if !self.has_property {
            let (wanted, has) = (self.property.to_owned(), self.first.join(", "));
            return Err(OutlinesFault::NoProperty { wanted, has });
        }
        if self.found.outlines.is_empty() {
            return Err(OutlinesFault::NoAreas);
        }
        Ok(self.found)
    }
}

/// The area within the first ring, less the others; none if that has no area.
pub(super) fn polygon(rings: Vec<Ring>) -> Option<Polygon> {
    let mut rings = rings.into_iter();
    let outer = rings.next().filter(|ring| ring.len() >= 3)?;
    Some(Polygon { outer, holes: rings.filter(|ring| ring.len() >= 3).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQUARE: &str = "[[0,0],[4,0],[4,4],[0,4],[0,0]]";
    const HOLE: &str = "[[1,1],[1,2],[2,2],[2,1],[1,1]]";

    fn feature(properties: &str, geometry: &str) -> String {
        format!(r#"{{"type":"Feature","properties":{properties},"geometry":{geometry}}}"#)
    }

    fn collection(features: &[String]) -> String {
        let features = features.join(",");
        format!(r#"{{"type":"FeatureCollection","features":[{features}]}}"#)
    }

    fn refused(text: &str, property: &str) -> String {
        read(text.as_bytes(), property).unwrap_err().to_string()
    }

    #[test]
    fn polygons_come_with_their_holes_and_codes() {
        let one = format!(r#"{{"type":"Polygon","coordinates":[{SQUARE},{HOLE}]}}"#);
        let many =
            format!(r#"{{"type":"MultiPolygon","coordinates":[[{SQUARE}],[{SQUARE},{HOLE}]]}}"#);
        let within = format!(r#"{{"type":"GeometryCollection","geometries":[{one}]}}"#);
        let point = r#"{"type":"Point","coordinates":[1,2,3]}"#;
        let text = collection(&[
            feature(r#"{"K":" 12.02 "}"#, &one),
            feature(r#"{"K":13}"#, &many),
            feature(r#"{"K":"14"}"#, &within),
            feature(r#"{"K":"15"}"#, point),
            feature(r#"{"K":"16"}"#, "null"),
            feature(r#"{"K":1.5}"#, &one),
            feature("null", &one),
        ]);
        let read = read(format!("\u{feff}{text}").as_bytes(), "K").unwrap();
        let codes: Vec<_> = read.outlines.iter().map(|of| of.code.as_str()).collect();
        assert_eq!((codes, read.without_code), (vec!["12.02", "13", "14"], 2));
        assert_eq!(read.without_area, ["15", "16"]);
        let square = vec![[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0]];
        let hole = vec![[1.0, 1.0], [1.0, 2.0], [2.0, 2.0], [2.0, 1.0]];
        let plain = Polygon { outer: square.clone(), holes: Vec::new() };
        let holed = Polygon { outer: square, holes: vec![hole] };
        let of = |at: usize| &read.outlines[at].polygons;
        assert_eq!((of(0), of(2)), (&vec![holed.clone()], &vec![holed.clone()]));
        assert_eq!(*of(1), [plain, holed]);
    }

    #[test]
    fn what_is_no_file_of_boundaries_is_refused_with_what_to_do() {
        let square = format!(r#"{{"type":"Polygon","coordinates":[{SQUARE}]}}"#);
        let good = collection(&[feature(r#"{"NAME":"a","KODE":"11"}"#, &square)]);
        for (text, property, wanted) in [
            (&good[..good.len() / 2], "KODE", "damaged, or cut off"),
            ("not JSON", "KODE", "Get it again"),
            ("", "KODE", "damaged, or cut off"),
            (r#"{"type":"Feature"}"#, "KODE", "it is “Feature”; what can be imported"),
            (good.as_str(), "CODE", "--code: KODE, NAME"),
            (&good.replace("[4,0]", "[400,0]"), "KODE", "400, 0, which are no degrees"),
            (&good.replace("[4,0]", "[4]"), "KODE", "a point has one number"),
            (&good.replace("[4,0]", "[4,1e999]"), "KODE", "damaged"),
            (&good.replace(&square, "null"), "KODE", "points or lines only"),
        ] {
            let said = refused(text, property);
            assert!(said.contains(wanted), "{wanted}: {said}");
        }
    }

    #[test]
    fn what_is_too_large_too_deep_or_too_much_is_refused() {
        let blank = vec![b' '; usize::try_from(MAX_FILE).unwrap() + 1];
        let said = read(&blank, "K").unwrap_err().to_string();
        assert!(said.contains("it has more than 32 MiB: export"), "{said}");
        let deep = r#"{"type":"GeometryCollection","geometries":["#.repeat(200) + &"]}".repeat(200);
        let said = refused(&collection(&[feature(r#"{"K":"1"}"#, &deep)]), "K");
        assert!(said.contains("recursion limit"), "{said}");
        let many = "[0,0],".repeat(MAX_POINTS) + "[0,0]";
        let many = format!(r#"{{"type":"Polygon","coordinates":[[{many}]]}}"#);
        let said = refused(&collection(&[feature(r#"{"K":"1"}"#, &many)]), "K");
        assert!(said.contains("more than 2,000,000 points"), "{said}");
    }
}
