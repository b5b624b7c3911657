//! `regions.csv`: the tree of regions.

use std::collections::HashMap;

use crate::definition::Region;
use crate::election::Level;
use crate::ids::{PartCode, RegionCode};

use super::REGIONS_FILE;
use super::mistake::{Mistake, Mistakes, did_you_mean};
use super::rows::{Row, for_each_row};

const COLUMNS: [&str; 4] = ["code", "parent", "level", "name"];
const CODE: usize = 0;
const PARENT: usize = 1;
const LEVEL: usize = 2;
const NAME: usize = 3;

/// The regions as written, each with its line.
#[derive(Default)]
pub(super) struct RegionFile {
    pub(super) rows: Vec<(Region, u64)>,
    by_code: HashMap<RegionCode, usize>,
}

impl RegionFile {
    pub(super) fn get(&self, code: RegionCode) -> Option<&Region> {
        self.by_code.get(&code).map(|at| &self.rows[*at].0)
    }

    pub(super) fn codes(&self) -> impl Iterator<Item = &str> {
        self.rows.iter().map(|(region, _)| region.code.as_str())
    }
}

pub(super) fn read(text: &str, levels: &[Level], mistakes: &mut Mistakes) -> RegionFile {
    let depths: HashMap<PartCode, u8> =
        levels.iter().map(|level| (level.code, level.depth)).collect();
    let mut file = RegionFile::default();
    for_each_row(REGIONS_FILE, text, &COLUMNS, mistakes, |row, mistakes| {
        if let Some(region) = read_row(row, &depths, mistakes) {
            if let Some(first) = file.by_code.get(&region.code) {
                let what =
                    format!("“{}” stands in line {} already", region.code, file.rows[*first].1);
                mistakes.add(row.mistake(CODE, &what));
            } else {
                file.by_code.insert(region.code, file.rows.len());
            }
            file.rows.push((region, row.line));
        }
    });
    check_tree(&file, &depths, mistakes);
    file
}

fn read_row(
    row: &Row<'_>,
    depths: &HashMap<PartCode, u8>,
    mistakes: &mut Mistakes,
) -> Option<Region> {
    let code = row.parsed(CODE, mistakes);
    let parent = row.optional(PARENT, mistakes);
    let level = row.parsed::<PartCode>(LEVEL, mistakes);
    if let Some(level) = level.filter(|level| !depths.contains_key(level)) {
        let near = did_you_mean(level.as_str(), depths.keys().map(PartCode::as_str));
        mistakes.add(row.mistake(LEVEL, &format!("“{level}” is no level of the election{near}")));
    }
    if row.text(NAME).is_empty() {
        mistakes.add(row.mistake(NAME, "a region needs a name"));
    }
    Some(Region { code: code?, parent: parent?, level: level?, name: row.text(NAME).into() })
}

/// One whole; every other region under one that is a level above; no circles.
fn check_tree(file: &RegionFile, depths: &HashMap<PartCode, u8>, mistakes: &mut Mistakes) {
    let wholes: Vec<_> = file.rows.iter().filter(|(region, _)| region.parent.is_none()).collect();
    if wholes.is_empty() {
        let what = "no region is the whole: one must have an empty parent".to_owned();
        mistakes.add(mistake(1, PARENT, what));
    }
    for (_, line) in wholes.iter().skip(1) {
        let (first, at) = (wholes[0].0.code, wholes[0].1);
        let what = format!("only one region is the whole; “{first}” in line {at} is");
        mistakes.add(mistake(*line, PARENT, what));
    }
    for (region, line) in &file.rows {
        if let Err((column, what)) = check_place(file, depths, region) {
            mistakes.add(mistake(*line, column, what));
        }
        if in_a_circle(file, region) {
            let what = format!("“{}” lies within itself", region.code);
            mistakes.add(mistake(*line, PARENT, what));
        }
    }
}

fn mistake(line: u64, column: usize, what: String) -> Mistake {
    Mistake { file: REGIONS_FILE, line, column: column as u64 + 1, what }
}

/// Whether a region's level fits the one it lies in. An unknown level is a mistake
/// of its row and is passed over here.
fn check_place(
    file: &RegionFile,
    depths: &HashMap<PartCode, u8>,
    region: &Region,
) -> Result<(), (usize, String)> {
    let depth_of = |region: &Region| depths.get(&region.level).copied();
    let code = region.code;
    let Some(parent) = region.parent else {
        return match depth_of(region) {
            Some(1..) => Err((LEVEL, "a region without a parent must be of depth 0".to_owned())),
            _ => Ok(()),
        };
    };
    let above =
        file.get(parent).ok_or_else(|| (PARENT, format!("there is no region “{parent}”")))?;
    match (depth_of(region), depth_of(above)) {
        (Some(depth), Some(depth_above)) if depth != depth_above + 1 => Err((
            LEVEL,
            format!("“{code}” of depth {depth} cannot lie in “{parent}” of depth {depth_above}"),
        )),
        _ => Ok(()),
    }
}

/// Whether going up from a region leads back to it. Deeper than any election's
/// levels, the circle is of others, and they say so.
fn in_a_circle(file: &RegionFile, region: &Region) -> bool {
    let mut above = region.parent;
    for _ in 0..64 {
        match above {
            None => return false,
            Some(code) if code == region.code => return true,
            Some(code) => above = file.get(code).and_then(|region| region.parent),
        }
    }
    false
}
