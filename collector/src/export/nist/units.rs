//! The units that have numbers (`GpUnit`), and the districts that contests are held in.

use std::collections::BTreeSet;
use std::io;

use saksi_proto::definition::{RegionIndex, StationIndex};
use saksi_proto::election::Scope;

use super::document::{code, in_languages, item_status, named};
use super::{Spelling, Type};
use crate::export::content::{Export, Unit};
use crate::export::coverage::{Coverage, Progress, Stations, state_of, word};
use crate::tally::totals::RegionTotals;
use crate::view::region::station_counts;
use crate::view::state::State;

/// Levels whose code is a word of the schema.
const LEVELS: [&str; 12] = [
    "borough",
    "city",
    "congressional",
    "country",
    "county",
    "municipality",
    "precinct",
    "state",
    "town",
    "township",
    "village",
    "ward",
];

/// What a region is referred to by.
pub(super) fn region_id(export: &Export<'_>, region: RegionIndex) -> String {
    format!("region-{}", export.definition().regions()[region as usize].code)
}

fn station_id(export: &Export<'_>, station: StationIndex) -> String {
    format!("station-{}", export.definition().stations()[station as usize].code)
}

/// What a unit is referred to by.
pub(super) fn id(export: &Export<'_>, unit: Unit) -> String {
    match unit {
        Unit::Region(region) => region_id(export, region),
        Unit::Station(station) => station_id(export, station),
    }
}

fn district_id(contest: usize) -> String {
    format!("district-{}", contest + 1)
}

/// Regions that are referred to and are no units of the export: the whole, and where contests
/// are held.
pub(super) struct Districts {
    regions: BTreeSet<RegionIndex>,
}

impl Districts {
    pub(super) fn of(export: &Export<'_>) -> Self {
        let definition = export.definition();
        let scopes = export.contests.iter().flat_map(|contest| scope(export, *contest));
        let mut regions: BTreeSet<_> = scopes.chain([definition.whole()]).collect();
        for unit in &export.units {
            if let Unit::Region(region) = unit {
                regions.remove(region);
            }
        }
        Self { regions }
    }
}

/// What the district of a contest is referred to by.
pub(super) fn district_of(export: &Export<'_>, contest: usize) -> String {
    match scope(export, contest)[..] {
        [region] => region_id(export, region),
        _ => district_id(contest),
    }
}

/// Where a contest is held.
fn scope(export: &Export<'_>, contest: usize) -> Vec<RegionIndex> {
    let definition = export.definition();
    match &export.election().contest(contest).scope {
        Scope::Everywhere => vec![definition.whole()],
        Scope::Regions(codes) => codes.iter().filter_map(|code| definition.region(*code)).collect(),
    }
}

/// All units, and after them the regions and districts that are only referred to.
pub(super) fn all(
    export: &Export<'_>,
    coverage: &Coverage<'_>,
    districts: &Districts,
    to: &mut impl Spelling,
) -> io::Result<()> {
    to.begin_list("GpUnit")?;
    for unit in &export.units {
        match unit {
            Unit::Region(region) => {
                begin(&region_id(export, *region), to)?;
                composing(export, *region, to)?;
                place(export, *region, to)?;
                progress(export, coverage, *unit, to)?;
                kind(export, *region, to)?;
            }
            Unit::Station(station) => {
                begin(&station_id(export, *station), to)?;
                let of = &export.definition().stations()[*station as usize];
                code(of.code.as_str(), to)?;
                named("Name", export, &of.name, to)?;
                progress(export, coverage, *unit, to)?;
                to.text("Type", "polling-place")?;
            }
        }
        if let Some(voters) = coverage.stations(*unit).registered() {
            to.number("VotersRegistered", voters)?;
        }
        to.end()?;
    }
    for region in &districts.regions {
        begin(&region_id(export, *region), to)?;
        place(export, *region, to)?;
        kind(export, *region, to)?;
        to.end()?;
    }
    for contest in &export.contests {
        district(export, *contest, to)?;
    }
    to.end_list()
}

fn begin(id: &str, to: &mut impl Spelling) -> io::Result<()> {
    to.begin("GpUnit", Type::Chosen("ReportingUnit"), Some(id))
}

fn composing(export: &Export<'_>, region: RegionIndex, to: &mut impl Spelling) -> io::Result<()> {
    let parts = export.parts(region);
    let ids: Vec<_> = parts.into_iter().map(|unit| id(export, unit)).collect();
    if ids.is_empty() { Ok(()) } else { to.references("ComposingGpUnitIds", &ids) }
}

fn place(export: &Export<'_>, region: RegionIndex, to: &mut impl Spelling) -> io::Result<()> {
    let of = &export.definition().regions()[region as usize];
    code(of.code.as_str(), to)?;
    named("Name", export, &of.name, to)
}

fn kind(export: &Export<'_>, region: RegionIndex, to: &mut impl Spelling) -> io::Result<()> {
    let level = export.definition().regions()[region as usize].level;
    if LEVELS.contains(&level.as_str()) {
        return to.text("Type", level.as_str());
    }
    to.text("Type", "other")?;
    to.text("OtherType", level.as_str())
}

/// How far it has come in all contests together, and in each: the schema has no other place
/// for what is held, disputed or missing.
fn progress(
    export: &Export<'_>,
    coverage: &Coverage<'_>,
    unit: Unit,
    to: &mut impl Spelling,
) -> io::Result<()> {
    let stations: Stations = coverage.stations(unit);
    to.begin_list("CountStatus")?;
    count_status(stations.progress(), None, to)?;
    for contest in &export.contests {
        let name = export.election().contest(*contest).code;
        match unit {
            Unit::Region(region) => {
                let totals = export.totals(*contest, region);
                if totals.is_held() {
                    let words = format!("contest={name} {}", in_words(totals));
                    count_status(Progress::of(totals), Some(&words), to)?;
                }
            }
            Unit::Station(station) if export.definition().in_scope(*contest, station) => {
                let state = state_of(export, *contest, station);
                let words = format!("contest={name} state={}", word(state));
                count_status(of_state(state), Some(&words), to)?;
            }
            Unit::Station(_) => {}
        }
    }
    to.end_list()?;
    to.number("SubUnitsReported", stations.settled)?;
    to.number("TotalSubUnits", stations.expected)
}

fn of_state(state: State) -> Progress {
    match state {
        State::Missing => Progress::Nothing,
        State::Held | State::Disputed => Progress::Partial,
        State::Counted | State::Rejected | State::Unopened => Progress::Complete,
    }
}

/// Stations by how they stand, as words that a program can take apart.
pub(super) fn in_words(totals: &RegionTotals) -> String {
    let of = station_counts(totals);
    format!(
        "expected={} reported={} counted={} held={} disputed={} rejected={} missing={} unopened={}",
        of.expected,
        of.reported,
        of.counted,
        of.held,
        of.disputed,
        of.rejected,
        of.missing,
        of.unopened
    )
}

/// A status of all, or of what the words say.
pub(super) fn count_status(
    progress: Progress,
    words: Option<&str>,
    to: &mut impl Spelling,
) -> io::Result<()> {
    to.begin("CountStatus", Type::Plain("CountStatus"), None)?;
    to.text("Status", item_status(progress))?;
    match words {
        None => to.text("Type", "total")?,
        Some(words) => {
            to.text("Type", "other")?;
            to.text("OtherType", words)?;
        }
    }
    to.end()
}

/// The district of a contest that is held in several regions.
fn district(export: &Export<'_>, contest: usize, to: &mut impl Spelling) -> io::Result<()> {
    let regions = scope(export, contest);
    if regions.len() == 1 {
        return Ok(());
    }
    let of = export.election().contest(contest);
    begin(&district_id(contest), to)?;
    let ids: Vec<_> = regions.iter().map(|region| region_id(export, *region)).collect();
    to.references("ComposingGpUnitIds", &ids)?;
    in_languages("Name", export, &of.name, to)?;
    to.text("Type", "other")?;
    to.text("OtherType", "electoral-district")?;
    to.end()
}
