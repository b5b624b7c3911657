//! Where the operator has placed a region's tiles: a grid in which neighbours stand near each
//! other, for a map where there are no boundaries.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use csv::StringRecord;
use saksi_proto::definition::{Definition, RegionIndex};
use saksi_proto::ids::RegionCode;
use serde::{Deserialize, Serialize};

/// Most columns and rows: on a telephone a grid of twelve is moved sideways, and its tiles are
/// as large as a finger.
pub const MAX_COLUMNS: u8 = 12;
/// Most rows.
pub const MAX_ROWS: u8 = 24;

/// Largest file: a nation's 92,000 regions take 1.2 MB.
pub const MAX_FILE: u64 = 8 << 20;

/// Mistakes that are named; of more only the number.
const NAMED: usize = 20;

/// Where a region's tiles stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// The region.
    pub region: RegionCode,
    /// Its parts that have a place, by code.
    pub places: Vec<Place>,
}

/// Where a part's tile stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The part.
    pub part: RegionCode,
    /// From the left, the first is 0.
    pub column: u8,
    /// From above, the first is 0.
    pub row: u8,
}

/// The columns of the file.
const COLUMNS: [&str; 3] = ["code", "column", "row"];

/// Reads the layouts of a CSV file with the columns `code,column,row`; the first column and the
/// first row are 1.
///
/// # Errors
/// All its mistakes, each with its line, in words.
pub fn read(definition: &Definition, bytes: &[u8]) -> Result<Vec<Layout>, String> {
    let mut layouts: BTreeMap<RegionIndex, Vec<Place>> = BTreeMap::new();
    let (mut taken, mut placed, mut mistakes) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
    let head = reader.headers().map_err(|fault| fault.to_string())?;
    if head != COLUMNS.as_slice() {
        let head: Vec<_> = head.iter().collect();
        return Err(format!("its columns are {}, and must be code,column,row", head.join(",")));
    }
    for (at, line) in reader.records().enumerate() {
        let place = line.map_err(|fault| fault.to_string());
        let place = place.and_then(|line| place_of(definition, &line));
        let mut is_free = |(above, place): &(RegionIndex, Place)| {
            let is_free = taken.insert((*above, place.column, place.row));
            is_free && placed.insert(place.part)
        };
        match place {
            Ok(place) if is_free(&place) => layouts.entry(place.0).or_default().push(place.1),
            Ok((_, place)) => mistakes.push(format!(
                "line {}: {} has a place already, or another stands there",
                at + 2,
                place.part
            )),
            Err(what) => mistakes.push(format!("line {}: {what}", at + 2)),
        }
    }
    if layouts.is_empty() && mistakes.is_empty() {
        mistakes.push("there is no line in it; the columns are code,column,row".to_owned());
    }
    if !mistakes.is_empty() {
        return Err(listed(&mistakes));
    }
    let layout = |(region, mut places): (RegionIndex, Vec<Place>)| {
        places.sort_by_key(|place| place.part);
        Layout { region: definition.regions()[region as usize].code, places }
    };
    Ok(layouts.into_iter().map(layout).collect())
}

fn place_of(definition: &Definition, line: &StringRecord) -> Result<(RegionIndex, Place), String> {
    // The reader takes no line of more or fewer columns than the first has.
    let [code, column, row] = [0, 1, 2].map(|at| line.get(at).unwrap_or_default());
    let region = code.parse().ok().and_then(|code| definition.region(code));
    let region = region.ok_or_else(|| format!("no region has the code {code}"))?;
    let above = definition.upwards(region).nth(1);
    let above = above.ok_or_else(|| format!("{code} is the whole, and no part of anything"))?;
    let within = |text: &str, most: u8| text.parse().ok().filter(|at| (1..=most).contains(at));
    let (Some(column), Some(row)) = (within(column, MAX_COLUMNS), within(row, MAX_ROWS)) else {
        let bounds = format!("columns are 1 to {MAX_COLUMNS}, rows 1 to {MAX_ROWS}");
        return Err(format!("{bounds}, not {column} and {row}"));
    };
    let part = definition.regions()[region as usize].code;
    Ok((above, Place { part, column: column - 1, row: row - 1 }))
}

fn listed(mistakes: &[String]) -> String {
    let mut words = mistakes.iter().take(NAMED).cloned().collect::<Vec<_>>().join("\n");
    if let Some(more) = mistakes.len().checked_sub(NAMED).filter(|more| *more > 0) {
        write!(words, "\nand {more} more").expect("writing to a String cannot fail");
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn layouts(text: &str) -> Result<Vec<Layout>, String> {
        read(&sample::election().definition, text.as_bytes())
    }

    #[test]
    fn places_are_read_by_region() {
        let read = layouts("code,column,row\n2, 3,1\n1,1,2\n").unwrap();
        let place = |part: &str, column, row| Place { part: part.parse().unwrap(), column, row };
        let places = vec![place("1", 0, 1), place("2", 2, 0)];
        assert_eq!(read, [Layout { region: "0".parse().unwrap(), places }]);
    }

    #[test]
    fn all_mistakes_are_said_with_their_lines() {
        let said =
            layouts("code,column,row\n9,1,1\n0,1,1\n1,13,1\n1,0,1\n1,a,1\n1,1,1\n2,1,1\n1,2,2\n");
        let said = said.unwrap_err();
        for wanted in [
            "line 2: no region has the code 9",
            "line 3: 0 is the whole",
            "line 4: columns are 1 to 12, rows 1 to 24, not 13 and 1",
            "line 5: columns",
            "line 6: columns are 1 to 12, rows 1 to 24, not a and 1",
            "line 8: 2 has a place already, or another stands there",
            "line 9: 1 has a place already",
        ] {
            assert!(said.contains(wanted), "{wanted}\n{said}");
        }
        assert_eq!(said.lines().count(), 7, "{said}");
        assert!(layouts("code,column,row\n").unwrap_err().contains("no line"));
        let said = layouts("code,x,y\n1,1,1\n").unwrap_err();
        assert_eq!(said, "its columns are code,x,y, and must be code,column,row");
        assert!(layouts("").unwrap_err().contains("must be code,column,row"));
        assert!(layouts("code,column,row\n1,1\n").unwrap_err().contains("line 2"));
        let many = "9,1,1\n".repeat(30);
        let said = layouts(&format!("code,column,row\n{many}")).unwrap_err();
        assert!(said.ends_with("and 10 more"), "{said}");
    }
}
