//! Reading an election definition as a person wrote it, and checking it.
//!
//! A definition is a directory of three files, a *pack*: `election.toml` (what the
//! election is), `regions.csv` and `stations.csv` (long lists, as a spreadsheet
//! writes them). This module gets their contents and gives either a
//! [`Definition`] or **all** mistakes together, each with its file, line and column.

mod contests;
mod election_file;
mod forms;
pub mod mistake;
mod regions;
mod rows;
mod stations;
#[cfg(test)]
mod tests;
pub mod tree;

use crate::definition::Definition;
use crate::election::{Contest, FormKind, Scope};
use crate::fields::FieldsFault;
use crate::layout::{Layout, LayoutFault};
use crate::rule::{CheckFault, RuleFault};

use contests::ContestPlaces;
use election_file::ElectionFile;
use forms::FormPlaces;
use mistake::{Mistake, Mistakes, Source, did_you_mean};
use regions::RegionFile;

/// Name of the file with head, forms and contests.
pub const ELECTION_FILE: &str = "election.toml";
/// Name of the list of regions.
pub const REGIONS_FILE: &str = "regions.csv";
/// Name of the list of stations.
pub const STATIONS_FILE: &str = "stations.csv";

/// The contents of a pack.
#[derive(Debug, Clone, Copy)]
pub struct Pack<'a> {
    /// Contents of [`ELECTION_FILE`].
    pub election: &'a str,
    /// Contents of [`REGIONS_FILE`].
    pub regions: &'a str,
    /// Contents of [`STATIONS_FILE`].
    pub stations: &'a str,
}

/// Reads and checks a pack.
///
/// # Errors
/// All mistakes, in the order of files and lines; never an empty list.
pub fn read(pack: Pack<'_>) -> Result<Definition, Vec<Mistake>> {
    let mut mistakes = Mistakes::default();
    let source = Source { file: ELECTION_FILE, text: pack.election };
    let file = election_file::read(source, &mut mistakes);
    let regions = regions::read(pack.regions, &file.levels, &mut mistakes);
    let stations = stations::read(pack.stations, &regions, &mut mistakes);
    check_contests(source, &file, &regions, &mut mistakes);
    let contests: Vec<Contest> = file.contests.into_iter().map(|(contest, _)| contest).collect();
    if mistakes.is_empty() {
        stations::check_contests(&stations, &regions, &contests, &mut mistakes);
    }
    mistakes.into_result()?;
    let mut head = file.head.expect("a head that could not be read is a mistake");
    head.levels = file.levels;
    head.forms = file.forms.into_iter().map(|(form, _)| form).collect();
    let regions = regions.rows.into_iter().map(|(region, _)| region).collect();
    let stations = stations.into_iter().map(|(station, _)| station).collect();
    Definition::new(head, contests, regions, stations)
        .map_err(|fault| vec![source.mistake(0, fault.to_string())])
}

fn check_contests(
    source: Source<'_>,
    file: &ElectionFile,
    regions: &RegionFile,
    mistakes: &mut Mistakes,
) {
    for (at, (contest, places)) in file.contests.iter().enumerate() {
        if file.contests[..at].iter().any(|(before, _)| before.code == contest.code) {
            let what = format!("the contest “{}” stands twice", contest.code);
            mistakes.add(source.mistake(places.contest, what));
        }
        check_scope(source, contest, places, regions, mistakes);
        match file.forms.iter().find(|(form, _)| form.code == contest.form) {
            Some((form, form_places)) => {
                check_layout(source, (form, form_places), (contest, places), mistakes);
            }
            // A form that could not be read has been complained of already.
            None if !mistakes.is_empty() => {}
            None => {
                let codes = file.forms.iter().map(|(form, _)| form.code.as_str());
                let near = did_you_mean(contest.form.as_str(), codes);
                let what = format!("there is no form “{}”{near}", contest.form);
                mistakes.add(source.mistake(places.form, what));
            }
        }
    }
}

fn check_scope(
    source: Source<'_>,
    contest: &Contest,
    places: &ContestPlaces,
    regions: &RegionFile,
    mistakes: &mut Mistakes,
) {
    let Scope::Regions(scope) = &contest.scope else { return };
    for (region, place) in scope.iter().zip(&places.scope) {
        if regions.get(*region).is_none() {
            let what = format!("there is no region “{region}”");
            mistakes.add(source.mistake(*place, what));
        }
    }
}

fn check_layout(
    source: Source<'_>,
    (form, form_places): (&FormKind, &FormPlaces),
    (contest, contest_places): (&Contest, &ContestPlaces),
    mistakes: &mut Mistakes,
) {
    let Err(faults) = Layout::new(form, contest) else { return };
    for fault in faults {
        let place = match &fault {
            LayoutFault::Fields(FieldsFault::TooMany(_)) => contest_places.contest,
            LayoutFault::Fields(FieldsFault::OtherBallot { .. }) => contest_places.form,
            LayoutFault::Fields(FieldsFault::Duplicate { line, .. }) => form_places.lines[*line],
            LayoutFault::Fields(FieldsFault::VoteLines(_)) => form_places.form,
            LayoutFault::UnknownSummary(_) => form_places.summary,
            LayoutFault::UnknownSame { at, .. } | LayoutFault::SameVotes { at, .. } => {
                form_places.same[*at]
            }
            LayoutFault::UnknownAgain { at, .. } => form_places.second_entry[*at],
            LayoutFault::Rule(check) => {
                form_places.checks[check.rule][check.check] + check.fault.at()
            }
        };
        let near = match &fault {
            LayoutFault::Rule(CheckFault {
                fault: RuleFault::UnknownName { name, .. }, ..
            })
            | LayoutFault::UnknownAgain { line: name, .. }
            | LayoutFault::UnknownSame { line: name, .. } => {
                did_you_mean(name, form.lines.iter().map(|line| line.code.as_str()))
            }
            _ => String::new(),
        };
        mistakes.add(source.mistake(place, format!("{fault}{near}")));
    }
}
