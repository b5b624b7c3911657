//! Stations that a person has named: by code, by region, or in a list from a spreadsheet.
//! A list with one bad row is refused whole, with every bad row and its number.

use std::collections::HashMap;
use std::fmt;

use saksi_proto::definition::{Definition, RegionIndex, StationIndex};
use saksi_proto::ids::{RegionCode, StationCode};

use crate::ledger::Ledger;

/// A bad row of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRow {
    /// Its number, the line of the file: the header is row 1.
    pub row: u64,
    /// What is wrong with it.
    pub what: String,
}

impl fmt::Display for BadRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row {}: {}", self.row, self.what)
    }
}

/// Why a choice of stations is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChoiceFault {
    /// Not a station of the election.
    #[error("there is no station {0} in this election")]
    UnknownStation(StationCode),
    /// Not a region of the election.
    #[error("there is no region {0} in this election")]
    UnknownRegion(RegionCode),
    /// A list that cannot be used.
    #[error("nothing was done; these rows are wrong:\n{}", lines(.0))]
    Rows(Vec<BadRow>),
}

fn lines(rows: &[BadRow]) -> String {
    rows.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// Position of a region.
///
/// # Errors
/// [`ChoiceFault::UnknownRegion`].
pub fn region(definition: &Definition, code: RegionCode) -> Result<RegionIndex, ChoiceFault> {
    definition.region(code).ok_or(ChoiceFault::UnknownRegion(code))
}

/// Positions of the stations named.
///
/// # Errors
/// [`ChoiceFault::UnknownStation`] of the first that is none.
pub fn stations(
    definition: &Definition,
    codes: &[StationCode],
) -> Result<Vec<StationIndex>, ChoiceFault> {
    let position =
        |code: &StationCode| definition.station(*code).ok_or(ChoiceFault::UnknownStation(*code));
    codes.iter().map(position).collect()
}

/// All stations of a region and of the regions in it.
#[must_use]
pub fn stations_below(definition: &Definition, region: RegionIndex) -> Vec<StationIndex> {
    let mut stations = definition.stations_in(region).to_vec();
    for part in definition.children(region) {
        stations.extend(stations_below(definition, *part));
    }
    stations
}

/// The stations of a list, whose column `code` names them; its other columns are the
/// person's own. Each must be a station without a device.
///
/// # Errors
/// [`ChoiceFault::Rows`] with all bad rows.
pub fn without_device(ledger: &Ledger, list: &str) -> Result<Vec<StationIndex>, ChoiceFault> {
    let mut bad = Vec::new();
    let mut seen: HashMap<StationIndex, u64> = HashMap::new();
    let mut stations = Vec::new();
    for (row, code) in codes(list)? {
        match code.and_then(|code| acceptable(ledger, &code)) {
            Ok(station) => match seen.insert(station, row) {
                None => stations.push(station),
                Some(first) => {
                    let code = ledger.election.definition.stations()[station as usize].code;
                    bad.push(BadRow { row, what: format!("{code} stands in row {first} already") });
                }
            },
            Err(what) => bad.push(BadRow { row, what }),
        }
    }
    if bad.is_empty() { Ok(stations) } else { Err(ChoiceFault::Rows(bad)) }
}

fn acceptable(ledger: &Ledger, code: &str) -> Result<StationIndex, String> {
    let parsed: StationCode = code.parse().map_err(|fault| format!("“{code}”: {fault}"))?;
    let station = ledger.election.definition.station(parsed);
    let station = station.ok_or_else(|| format!("there is no station {code}"))?;
    if ledger.roster.device(station).is_some() {
        return Err(format!("{code} has a device; to replace it: device replace --station {code}"));
    }
    Ok(station)
}

/// A row's number, and its code or why it has none.
type Coded = (u64, Result<String, String>);

/// Each row's number and code.
fn codes(list: &str) -> Result<Vec<Coded>, ChoiceFault> {
    // Spreadsheets put a byte order mark before UTF-8, and some write semicolons.
    let list = list.strip_prefix('\u{feff}').unwrap_or(list);
    let header = list.lines().next().unwrap_or("");
    let delimiter = if header.contains(';') && !header.contains(',') { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new();
    let mut reader = reader.trim(csv::Trim::All).delimiter(delimiter).from_reader(list.as_bytes());
    let whole = |what: String| ChoiceFault::Rows(vec![BadRow { row: 1, what }]);
    let header = reader.headers().map_err(|fault| whole(fault.to_string()))?;
    let column = header.iter().position(|name| name.eq_ignore_ascii_case("code"));
    let column = column.ok_or_else(|| whole("there is no column “code”".to_owned()))?;
    let mut lines = Lines { list, counted: 0, line: 1 };
    let mut line = |position: Option<&csv::Position>| lines.at(position);
    let rows = reader.records().map(|record| match record {
        Ok(record) => {
            let code = record.get(column).unwrap_or("").to_owned();
            (line(record.position()), Ok(code))
        }
        Err(fault) => {
            let what = match fault.kind() {
                csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                    format!("{len} fields, where the header has {expected_len}")
                }
                _ => fault.to_string(),
            };
            (line(fault.position()), Err(what))
        }
    });
    Ok(rows.collect())
}

/// Counts the lines of a list while it is read.
struct Lines<'a> {
    list: &'a str,
    /// Bytes counted so far, and the line there.
    counted: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line of a record. Where the reader says that it begins, empty lines may stand
    /// before it.
    fn at(&mut self, position: Option<&csv::Position>) -> u64 {
        let begins = position.and_then(|position| usize::try_from(position.byte()).ok());
        let begins = begins.unwrap_or(self.counted).max(self.counted);
        let bytes = self.list.as_bytes();
        let begins = (begins..bytes.len()).find(|at| !b"\r\n".contains(&bytes[*at]));
        let begins = begins.unwrap_or(bytes.len());
        let passed = &bytes[self.counted..begins];
        self.line += passed.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.counted = begins;
        self.line
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::sample;

    fn ledger() -> Ledger {
        let mut ledger = Ledger::new(Arc::new(sample::election()));
        ledger.roster.enrol(0, [1; 32], 1, None);
        ledger
    }

    #[test]
    fn a_list_names_stations_in_its_own_order() {
        let plain = without_device(&ledger(), "code,reason\n2001,new\n1002,\n");
        assert_eq!(plain, Ok(vec![2, 1]));
        let from_a_spreadsheet = without_device(&ledger(), "\u{feff}Name;Code\r\nTPS 2; 1002 \r\n");
        assert_eq!(from_a_spreadsheet, Ok(vec![1]));
    }

    #[test]
    fn every_bad_row_is_named_with_its_number() {
        let list = "code\n1002\n\n9999\n1001\n1002\n\"a b\"\n2001,x\n2001\n";
        let Err(ChoiceFault::Rows(bad)) = without_device(&ledger(), list) else {
            panic!("it has bad rows");
        };
        let rows: Vec<u64> = bad.iter().map(|bad| bad.row).collect();
        assert_eq!(rows, [4, 5, 6, 7, 8], "{bad:?}");
        assert!(bad[0].what.contains("no station 9999") && bad[2].what.contains("row 2"));
        let none = without_device(&ledger(), "station\n1002\n");
        assert!(matches!(none, Err(ChoiceFault::Rows(bad)) if bad[0].row == 1));
    }
}
