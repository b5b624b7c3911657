//! Boundaries made by hand: a patchwork of areas that touch, one for each code, as files of the
//! two formats that can be imported.

use serde_json::{Value, json};

/// Patches in a row.
const ROW: usize = 4;
/// Points along each side of a patch.
const SIDE: i32 = 12;

/// Where a patchwork lies: longitude and latitude of its north-western corner.
const CORNER: [f64; 2] = [128.0, 2.0];

/// A patch of each code as GeoJSON, in the property `KODE`. The last is so small that it cannot
/// be seen.
#[must_use]
pub fn geojson(codes: &[String]) -> Value {
    let feature = |(at, code): (usize, &String)| {
        let ring = if at + 1 == codes.len() { speck(at) } else { patch(at) };
        json!({
            "type": "Feature",
            "properties": { "KODE": code, "NAME": format!("Patch {at}") },
            "geometry": { "type": "Polygon", "coordinates": [ring] },
        })
    };
    let features: Vec<_> = codes.iter().enumerate().map(feature).collect();
    json!({ "type": "FeatureCollection", "features": features })
}

/// The same as TopoJSON, quantized, each patch an arc of its own.
#[must_use]
pub fn topojson(codes: &[String]) -> Value {
    const SCALE: f64 = 0.0001;
    let arc = |at: usize| {
        let ring = if at + 1 == codes.len() { speck(at) } else { patch(at) };
        let mut before = [0.0, 0.0];
        let steps = ring.into_iter().map(|[x, y]| {
            let place = [((x - CORNER[0]) / SCALE).round(), ((y - CORNER[1]) / SCALE).round()];
            let step = [place[0] - before[0], place[1] - before[1]];
            before = place;
            step
        });
        steps.collect::<Vec<_>>()
    };
    let polygon = |(at, code): (usize, &String)| json!({ "type": "Polygon", "arcs": [[at]], "properties": { "KODE": code } });
    let geometries: Vec<_> = codes.iter().enumerate().map(polygon).collect();
    let arcs: Vec<_> = (0..codes.len()).map(arc).collect();
    json!({
        "type": "Topology",
        "transform": { "scale": [SCALE, SCALE], "translate": CORNER },
        "objects": { "patches": { "type": "GeometryCollection", "geometries": geometries } },
        "arcs": arcs,
    })
}

/// A square degree with a border that winds; neighbours have the same one between them.
fn patch(at: usize) -> Vec<[f64; 2]> {
    let (column, row) = (offset(at % ROW), offset(at / ROW));
    let wind = |along: f64| 0.06 * (along * 9.0).sin();
    let step = |step: i32| f64::from(step) / f64::from(SIDE);
    let [west, north] = [CORNER[0] + column, CORNER[1] - row];
    let top = (0..SIDE).map(|at| [west + step(at), north + wind(column + step(at))]);
    let right = (0..SIDE).map(|at| [west + 1.0 + wind(row + step(at)), north - step(at)]);
    let bottom =
        (0..SIDE).map(|at| [west + step(SIDE - at), north - 1.0 + wind(column + step(SIDE - at))]);
    let left = (0..=SIDE).map(|at| [west + wind(row + step(SIDE - at)), north - step(SIDE - at)]);
    top.chain(right).chain(bottom).chain(left).collect()
}

/// A square of a ten-thousandth of a degree, in the sea beside the others.
fn speck(at: usize) -> Vec<[f64; 2]> {
    let [x, y] = [CORNER[0] - 0.5, CORNER[1] - offset(at / ROW)];
    let side = 0.0001;
    vec![[x, y], [x + side, y], [x + side, y - side], [x, y - side], [x, y]]
}

fn offset(at: usize) -> f64 {
    i32::try_from(at).map_or(0.0, f64::from)
}
