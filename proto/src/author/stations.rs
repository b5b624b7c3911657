//! `stations.csv`: the polling stations that are expected to report.

use std::collections::{HashMap, HashSet};

use crate::definition::{Registered, Station};
use crate::election::{Contest, Scope};
use crate::ids::{RegionCode, StationCode};

use super::STATIONS_FILE;
use super::mistake::{Mistake, Mistakes, did_you_mean};
use super::regions::RegionFile;
use super::rows::{Row, for_each_row};

const COLUMNS: [&str; 6] =
    ["code", "region", "name", "registered_men", "registered_women", "registered_all"];
const CODE: usize = 0;
const REGION: usize = 1;
const NAME: usize = 2;
const MEN: usize = 3;
const WOMEN: usize = 4;
const ALL: usize = 5;

/// Above this many regions a misspelt one gets no suggestion: comparing it with
/// each of a nation's 91,946 would take minutes for a list that is all wrong.
const SUGGEST_UP_TO: usize = 10_000;

pub(super) fn read(
    text: &str,
    regions: &RegionFile,
    mistakes: &mut Mistakes,
) -> Vec<(Station, u64)> {
    let mut stations: Vec<(Station, u64)> = Vec::new();
    let mut lines: HashMap<StationCode, u64> = HashMap::new();
    for_each_row(STATIONS_FILE, text, &COLUMNS, mistakes, |row, mistakes| {
        let Some(station) = read_row(row, regions, mistakes) else { return };
        if let Some(first) = lines.insert(station.code, row.line) {
            let what = format!("“{}” stands in line {first} already", station.code);
            mistakes.add(row.mistake(CODE, &what));
        }
        stations.push((station, row.line));
    });
    if stations.is_empty() {
        let what = "there are no stations".to_owned();
        mistakes.add(Mistake { file: STATIONS_FILE, line: 1, column: 1, what });
    }
    stations
}

fn read_row(row: &Row<'_>, regions: &RegionFile, mistakes: &mut Mistakes) -> Option<Station> {
    let code = row.parsed(CODE, mistakes);
    let region = row.parsed::<RegionCode>(REGION, mistakes);
    if let Some(region) = region.filter(|region| regions.get(*region).is_none()) {
        let few = regions.rows.len() <= SUGGEST_UP_TO;
        let near = if few { did_you_mean(region.as_str(), regions.codes()) } else { String::new() };
        mistakes.add(row.mistake(REGION, &format!("there is no region “{region}”{near}")));
    }
    let registered = Registered {
        men: row.optional(MEN, mistakes)?,
        women: row.optional(WOMEN, mistakes)?,
        all: row.optional(ALL, mistakes)?,
    };
    if let Registered { men: Some(men), women: Some(women), all: Some(all) } = registered {
        if u64::from(men) + u64::from(women) != u64::from(all) {
            let what = format!("{men} men and {women} women are not {all} in all");
            mistakes.add(row.mistake(ALL, &what));
        }
    }
    Some(Station { code: code?, region: region?, name: row.text(NAME).into(), registered })
}

/// Every station takes part in at least one contest.
pub(super) fn check_contests(
    stations: &[(Station, u64)],
    regions: &RegionFile,
    contests: &[Contest],
    mistakes: &mut Mistakes,
) {
    let mut scope: HashSet<RegionCode> = HashSet::new();
    for contest in contests {
        match &contest.scope {
            Scope::Everywhere => return,
            Scope::Regions(codes) => scope.extend(codes),
        }
    }
    let above = |code: &RegionCode| regions.get(*code).and_then(|region| region.parent);
    for (station, line) in stations {
        let mut chain = std::iter::successors(Some(station.region), above);
        if !chain.any(|region| scope.contains(&region)) {
            let what = format!("no contest is held at the station “{}”", station.code);
            let column = REGION as u64 + 1;
            mistakes.add(Mistake { file: STATIONS_FILE, line: *line, column, what });
        }
    }
}
