//! Whose outline it is: the file's codes against the regions of the election.

use std::collections::{BTreeMap, BTreeSet};

use saksi_proto::definition::{Definition, RegionIndex};
use saksi_proto::ids::RegionCode;

use super::Polygon;
use super::drawing::{Drawing, draw};
use super::outlines::Outline;

/// Most parts of a region that are drawn: as many as there are tiles of at most. Of more the
/// page has the table alone.
pub const MAX_PARTS: usize = 120;

/// What came of a file.
#[derive(Debug, Default)]
pub struct Matched {
    /// Regions of which parts have an outline, by code.
    pub regions: Vec<Outlined>,
    /// Codes of the file that no region has, each once.
    pub unknown: BTreeSet<String>,
    /// Codes of the whole, which is no part of anything.
    pub whole: BTreeSet<String>,
    /// Parts that several outlines of the file are of, and how many. They are islands of one part,
    /// or the file is older or newer than the register.
    pub several: BTreeMap<RegionCode, usize>,
}

/// A region of which parts have an outline.
#[derive(Debug)]
pub struct Outlined {
    /// The region.
    pub code: RegionCode,
    /// Its name.
    pub name: String,
    /// Its parts.
    pub parts: usize,
    /// Those of them that have no outline, with their names.
    pub without: Vec<(RegionCode, String)>,
    /// The drawing; none if it has more parts than are drawn.
    pub drawing: Option<Drawing>,
}

impl Outlined {
    /// Its parts that have an outline.
    #[must_use]
    pub fn with(&self) -> usize {
        self.parts - self.without.len()
    }
}

/// Finds the region of each outline, and draws the parts of each region. Outlines of one code
/// are one part.
#[must_use]
pub fn matched(definition: &Definition, outlines: Vec<Outline>, credit: &str) -> Matched {
    let mut found = Matched::default();
    let mut parts: BTreeMap<RegionIndex, BTreeMap<RegionIndex, Vec<Polygon>>> = BTreeMap::new();
    for Outline { code, polygons } in outlines {
        let Some(region) = region(definition, &code) else {
            found.unknown.insert(code);
            continue;
        };
        let Some(above) = definition.upwards(region).nth(1) else {
            found.whole.insert(code);
            continue;
        };
        let part = definition.regions()[region as usize].code;
        *found.several.entry(part).or_default() += 1;
        parts.entry(above).or_default().entry(region).or_default().extend(polygons);
    }
    found.several.retain(|_, outlines| *outlines > 1);
    found.regions = parts
        .into_iter()
        .map(|(above, parts)| outlined(definition, above, parts, credit))
        .collect();
    found
}

/// The region of a code as a file has it: `12.02` is the region `1202`, if none is called so.
fn region(definition: &Definition, code: &str) -> Option<RegionIndex> {
    let named = |code: &str| definition.region(code.parse().ok()?);
    named(code).or_else(|| named(&code.replace('.', "")))
}

fn outlined(
    definition: &Definition,
    region: RegionIndex,
    found: BTreeMap<RegionIndex, Vec<Polygon>>,
    credit: &str,
) -> Outlined {
    let named = |region: RegionIndex| &definition.regions()[region as usize];
    let children = definition.children(region);
    let without = children.iter().filter(|part| !found.contains_key(part));
    let without = without.map(|part| (named(*part).code, named(*part).name.to_string()));
    let shapes: Vec<_> = found.iter().map(|(part, of)| (named(*part).code, of.clone())).collect();
    let code = named(region).code;
    Outlined {
        code,
        name: named(region).name.to_string(),
        parts: children.len(),
        without: without.collect(),
        drawing: draw(code, &shapes, credit).filter(|_| children.len() <= MAX_PARTS),
    }
}

#[cfg(test)]
mod tests {
    use saksi_proto::author::{self, Pack};

    use super::*;
    use crate::sample;

    fn outline(code: &str, at: f64) -> Outline {
        let outer = vec![[at, 0.0], [at + 1.0, 0.0], [at, 1.0]];
        Outline { code: code.to_owned(), polygons: vec![Polygon { outer, holes: Vec::new() }] }
    }

    #[test]
    fn each_outline_finds_its_region_and_the_rest_is_said() {
        let definition = sample::election().definition;
        let outlines = vec![
            outline("1", 0.0),
            outline("1", 3.0),
            outline("9", 1.0),
            outline("no code", 1.0),
            outline("0", 1.0),
        ];
        let found = matched(&definition, outlines, "Somebody");
        let [of] = &found.regions[..] else { panic!("{found:?}") };
        assert_eq!((of.code.as_str(), of.parts, of.with()), ("0", 2, 1));
        assert_eq!(of.without, [("2".parse().unwrap(), "Dua".to_owned())]);
        let drawing = of.drawing.as_ref().unwrap();
        assert_eq!((drawing.shapes.len(), drawing.credit.as_str()), (1, "Somebody"));
        assert_eq!(drawing.shapes[0].path.matches('M').count(), 2, "two islands of one part");
        assert_eq!(found.unknown, ["9", "no code"].map(str::to_owned).into());
        assert_eq!(found.whole, ["0"].map(str::to_owned).into());
        assert_eq!(found.several, [("1".parse().unwrap(), 2)].into());
    }

    #[test]
    fn of_more_parts_than_there_are_tiles_nothing_is_drawn() {
        let [(_, election), _, (_, stations)] = sample::PACK_FILES;
        for (many, is_drawn) in [(MAX_PARTS, true), (MAX_PARTS + 1, false)] {
            let parts: String = (1..=many).map(|part| format!("{part},0,village,Desa\n")).collect();
            let regions = format!("code,parent,level,name\n0,,country,Negara\n{parts}");
            let pack = Pack { election, regions: &regions, stations };
            let found = matched(&author::read(pack).unwrap(), vec![outline("1", 0.0)], "");
            let of = &found.regions[0];
            assert_eq!((of.parts, of.with(), of.drawing.is_some()), (many, 1, is_drawn));
        }
    }

    #[test]
    fn dots_in_a_code_are_dropped() {
        let definition = sample::election().definition;
        for (code, wanted) in [("1", true), ("1.", true), (".2", true), ("1.2", false), ("", false)]
        {
            assert_eq!(region(&definition, code).is_some(), wanted, "{code}");
        }
    }
}
