//! A contest as a table: the same bytes from the same log, whoever folds it.
//!
//! A row for the region and each of its parts; or, down to stations, a row for each station and
//! none for regions, so that no row is contained in another. Lines end with LF. Every row
//! names the log, its size and its root, so that two exports can be put into one table and
//! nothing is lost.
//!
//! `deploy/EXPORTS.md` describes the columns; they stay as they are. More may come after the
//! fixed ones of a later version, before the boxes.

use std::io::Write;

use saksi_proto::count::{Count, ILLEGIBLE};
use saksi_proto::definition::{RegionIndex, StationIndex};

use super::ExportFault;
use super::content::{Export, Unit};
use super::coverage::{state_of, word};
use crate::ledger::Publication;
use crate::tally::ruled::Ruled;

/// The first columns of both tables.
pub const FIRST: [&str; 6] = ["phase", "publication", "log", "size", "root", "contest"];

/// What follows in the table of regions; then three columns a box.
pub const OF_REGIONS: [&str; 16] = [
    "code",
    "name",
    "level",
    "expected",
    "reported",
    "counted",
    "held",
    "disputed",
    "rejected",
    "missing",
    "unopened",
    "corrected",
    "ruled",
    "registered",
    "registered_counted",
    "registered_unknown",
];

/// What follows in the table of stations; then a column a box.
pub const OF_STATIONS: [&str; 9] =
    ["code", "name", "region", "state", "corrected", "ruled", "registered", "entry", "form"];

/// Writes the table.
///
/// # Errors
/// [`ExportFault`].
pub fn write(export: &Export<'_>, out: impl Write) -> Result<(), ExportFault> {
    let contest = export.only_contest()?;
    let mut csv = csv::Writer::from_writer(out);
    let fault = |fault: csv::Error| ExportFault::Write(fault.into());
    let is_of_stations = export.wanted.stations;
    csv.write_record(header(export, contest, is_of_stations)).map_err(fault)?;
    let first = first(export, contest);
    for unit in &export.units {
        let rest = match (unit, is_of_stations) {
            (Unit::Region(region), false) => region_row(export, contest, *region),
            (Unit::Station(station), true) => station_row(export, contest, *station),
            _ => continue,
        };
        csv.write_record(first.iter().chain(&rest)).map_err(fault)?;
    }
    Ok(csv.flush()?)
}

fn header(export: &Export<'_>, contest: usize, is_of_stations: bool) -> Vec<String> {
    let boxes = export.election().layout(contest).fields().iter().map(|field| &field.code);
    let mut header: Vec<String> = FIRST.map(str::to_owned).into();
    if is_of_stations {
        header.extend(OF_STATIONS.map(str::to_owned));
        header.extend(boxes.cloned());
    } else {
        header.extend(OF_REGIONS.map(str::to_owned));
        for code in boxes {
            let [empty, unread] = ["not_written", "illegible"].map(|why| format!("{code}:{why}"));
            header.extend([code.clone(), empty, unread]);
        }
    }
    header
}

fn first(export: &Export<'_>, contest: usize) -> [String; FIRST.len()] {
    let checkpoint = &export.folded.checkpoint;
    let publication = match export.folded.ledger.publication {
        Publication::Open => "open",
        Publication::Paused { .. } => "paused",
    };
    [
        export.definition().head().phase.to_string(),
        publication.to_owned(),
        checkpoint.origin.clone(),
        checkpoint.size.to_string(),
        checkpoint.root.to_string(),
        export.election().contest(contest).code.to_string(),
    ]
}

fn region_row(export: &Export<'_>, contest: usize, region: RegionIndex) -> Vec<String> {
    let of = &export.definition().regions()[region as usize];
    let totals = export.totals(contest, region);
    let mut row = vec![of.code.to_string(), of.name.to_string(), of.level.to_string()];
    let stations = [
        totals.expected,
        totals.reported(),
        totals.counted,
        totals.held,
        totals.disputed,
        totals.rejected,
        totals.missing(),
        totals.unopened,
        totals.corrected,
        totals.ruled,
    ];
    row.extend(stations.map(|stations| stations.to_string()));
    row.extend([totals.registered, totals.registered_counted].map(|voters| voters.to_string()));
    row.push(totals.registered_unknown.to_string());
    for field in 0..export.election().layout(contest).fields().len() {
        let sum = totals.sums.get(field);
        let is_known = sum.not_written + sum.illegible < totals.counted;
        row.push(if is_known { sum.total.to_string() } else { String::new() });
        row.extend([sum.not_written, sum.illegible].map(|forms| forms.to_string()));
    }
    row
}

fn station_row(export: &Export<'_>, contest: usize, station: StationIndex) -> Vec<String> {
    let of = &export.definition().stations()[station as usize];
    let tally = &export.folded.ledger.tally;
    let corrected = tally.station(contest, station).is_some_and(|forms| forms.is_corrected());
    let ruled = tally.rulings(contest, station).last().is_some_and(Ruled::stands);
    let registered = export.registered(station).map(|voters| voters.to_string());
    let form = export.counted(contest, station);
    let mut row = vec![
        of.code.to_string(),
        of.name.to_string(),
        of.region.to_string(),
        word(state_of(export, contest, station)).to_owned(),
        corrected.to_string(),
        ruled.to_string(),
        registered.unwrap_or_default(),
        form.map(|form| form.index.to_string()).unwrap_or_default(),
        form.map(|form| form.report.digest.to_string()).unwrap_or_default(),
    ];
    match form {
        Some(form) => row.extend(form.report.counts().map(shown)),
        None => {
            let fields = export.election().layout(contest).fields().len();
            row.extend(std::iter::repeat_n(String::new(), fields));
        }
    }
    row
}

fn shown(count: Count) -> String {
    match count {
        Count::Written(number) => number.to_string(),
        Count::NotWritten => String::new(),
        Count::Illegible => ILLEGIBLE.to_owned(),
    }
}
