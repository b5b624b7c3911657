//! TopoJSON: boundaries that neighbours share are there once, as arcs, and usually quantized:
//! whole numbers, each the difference to the one before.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::outlines::{Collected, OutlinesFault, damaged, polygon};
use super::{Point, Polygon, Ring};

#[derive(Deserialize)]
struct Topology {
    objects: BTreeMap<String, Object>,
    arcs: Vec<Vec<Vec<f64>>>,
    transform: Option<Transform>,
}

#[derive(Deserialize)]
struct Transform {
    scale: [f64; 2],
    translate: [f64; 2],
}

#[derive(Deserialize)]
struct Object {
    /// `null` where nothing is known of its place.
    #[serde(rename = "type")]
    kind: Option<String>,
    properties: Option<Map<String, Value>>,
    /// Nested as deep as its type says.
    #[serde(default)]
    arcs: Value,
    #[serde(default)]
    geometries: Vec<Object>,
}

/// A ring, by its arcs: `n`, or `!n` where it is gone backwards.
type Arcs = Vec<i64>;

pub(super) fn read(bytes: &[u8], collected: &mut Collected<'_>) -> Result<(), OutlinesFault> {
    let Topology { objects, arcs, transform } = serde_json::from_slice(bytes).map_err(damaged)?;
    let arcs = arcs.iter().map(|arc| laid_out(arc, transform.as_ref()));
    let arcs: Vec<Vec<Point>> = arcs.collect::<Result<_, _>>()?;
    objects.values().try_for_each(|object| add(object, &arcs, collected))
}

/// The depth of collections in collections is bounded by that of the JSON, 128.
fn add(
    object: &Object,
    arcs: &[Vec<Point>],
    collected: &mut Collected<'_>,
) -> Result<(), OutlinesFault> {
    let polygons: Vec<Vec<Arcs>> = match object.kind.as_deref() {
        Some("GeometryCollection") => {
            return object.geometries.iter().try_for_each(|one| add(one, arcs, collected));
        }
        Some("Polygon") => vec![Vec::deserialize(&object.arcs).map_err(damaged)?],
        Some("MultiPolygon") => Vec::deserialize(&object.arcs).map_err(damaged)?,
        _ => Vec::new(),
    };
    let code = collected.code(object.properties.as_ref());
    let polygons = polygons.iter().map(|rings| {
        let rings = rings.iter().map(|ring| stitched(ring, arcs, collected));
        Ok(polygon(rings.collect::<Result<_, _>>()?))
    });
    let polygons: Vec<Option<Polygon>> = polygons.collect::<Result<_, OutlinesFault>>()?;
    collected.add(code, polygons.into_iter().flatten().collect());
    Ok(())
}

/// An arc's points in degrees.
fn laid_out(arc: &[Vec<f64>], transform: Option<&Transform>) -> Result<Vec<Point>, OutlinesFault> {
    let mut at = [0.0, 0.0];
    let points = arc.iter().map(|position| {
        let [x, y, ..] = position[..] else { return Err(damaged("a point has one number")) };
        let Some(Transform { scale, translate }) = transform else { return Ok([x, y]) };
        at = [at[0] + x, at[1] + y];
        Ok([at[0] * scale[0] + translate[0], at[1] * scale[1] + translate[1]])
    });
    points.collect()
}

/// A ring of its arcs, end to end: where one ends the next begins, with the same point.
fn stitched(
    ring: &Arcs,
    arcs: &[Vec<Point>],
    collected: &mut Collected<'_>,
) -> Result<Ring, OutlinesFault> {
    let mut pieces = Vec::with_capacity(ring.len());
    for number in ring {
        let (place, is_backwards) = if *number < 0 { (!number, true) } else { (*number, false) };
        let arc = usize::try_from(place).ok().and_then(|place| arcs.get(place));
        let lacks = || damaged(format!("there are {} arcs, and arc {place} is named", arcs.len()));
        pieces.push((arc.ok_or_else(lacks)?, is_backwards));
    }
    let points = pieces.iter().flat_map(|(arc, is_backwards)| {
        let (mut ahead, mut back) = (arc.iter(), arc.iter().rev());
        std::iter::from_fn(move || if *is_backwards { back.next() } else { ahead.next() })
    });
    // The point that two arcs share comes twice in a row, which is once to a ring.
    collected.ring(points.map(|point| Ok(*point)))
}

#[cfg(test)]
mod tests {
    use super::super::outlines::read;

    /// Two squares side by side: they share arc 0, which goes up between them; a hole in the
    /// second; an object without a place, and a line.
    const TWO: &str = r#"{
        "type": "Topology", "transform": {"scale": [0.5, 2], "translate": [100, -10]},
        "objects": {"a": {"type": "GeometryCollection", "geometries": [
            {"type": "Polygon", "arcs": [[0, 1]], "properties": {"K": "1"}},
            {"type": "MultiPolygon", "arcs": [[[-1, 2], [3]]], "properties": {"K": "2"}},
            {"type": null, "properties": {"K": "3"}},
            {"type": "LineString", "arcs": [0], "properties": {"K": "4"}}
        ]}},
        "arcs": [
            [[8, 0], [0, 1]], [[8, 1], [-8, 0], [0, -1], [8, 0]],
            [[8, 0], [8, 0], [0, 1], [-8, 0]], [[9, 0], [1, 0], [0, 1], [-1, -1]]
        ]
    }"#;

    #[test]
    fn arcs_are_laid_end_to_end_and_backwards() {
        let read = read(TWO.as_bytes(), "K").unwrap();
        assert_eq!((read.outlines.len(), read.without_area.len()), (2, 2));
        let first = &read.outlines[0].polygons[0];
        let corners = [[104.0, -10.0], [104.0, -8.0], [100.0, -8.0], [100.0, -10.0]];
        assert_eq!((first.outer.as_slice(), first.holes.len()), (&corners[..], 0));
        let second = &read.outlines[1].polygons[0];
        let corners = [[104.0, -8.0], [104.0, -10.0], [108.0, -10.0], [108.0, -8.0]];
        assert_eq!(second.outer, corners);
        assert_eq!(second.holes, [vec![[104.5, -10.0], [105.0, -10.0], [105.0, -8.0]]]);
    }

    #[test]
    fn without_a_transform_points_are_as_they_stand() {
        let plain = r#"{"type":"Topology","objects":{"a":{"type":"Polygon","arcs":[[0]],
            "properties":{"K":7}}},"arcs":[[[1,2],[3,2,9],[3,4],[1,2]]]}"#;
        let read = read(plain.as_bytes(), "K").unwrap();
        assert_eq!(read.outlines[0].code, "7");
        assert_eq!(read.outlines[0].polygons[0].outer, [[1.0, 2.0], [3.0, 2.0], [3.0, 4.0]]);
    }

    #[test]
    fn what_is_damaged_is_refused() {
        for (from, to, wanted) in [
            ("[[0, 1]]", "[[0, 9]]", "there are 4 arcs, and arc 9 is named"),
            ("[[0, 1]]", "[[0, -6]]", "arc 5 is named"),
            ("[[0, 1]]", "[0, 1]", "damaged"),
            ("[0, 1]], [[8, 1]", "[0]], [[8, 1]", "a point has one number"),
            ("\"scale\": [0.5, 2]", "\"scale\": [900, 2]", "which are no degrees"),
            ("\"objects\"", "\"things\"", "missing field `objects`"),
        ] {
            let damaged = TWO.replacen(from, to, 1);
            assert_ne!(damaged, TWO, "{from}");
            let said = read(damaged.as_bytes(), "K").unwrap_err().to_string();
            assert!(said.contains(wanted), "{wanted}: {said}");
        }
    }

    #[test]
    fn an_arc_that_is_named_without_end_stops_at_the_bound() {
        let arcs = "[0,0,0],".repeat(3_000) + "[0]";
        let long = "[0,0],[1,1],".repeat(500) + "[2,2]";
        let bomb = format!(
            r#"{{"type":"Topology","objects":{{"a":{{"type":"Polygon","arcs":[{arcs}],
            "properties":{{"K":"1"}}}}}},"arcs":[[{long}]]}}"#
        );
        let said = read(bomb.as_bytes(), "K").unwrap_err().to_string();
        assert!(said.contains("more than 2,000,000 points"), "{said}");
    }
}
