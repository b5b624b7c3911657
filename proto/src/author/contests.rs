//! `[[contest]]`: what is voted on, where, and who stands.

use crate::election::{Ballot, Candidate, Contest, Party, Scope, Text};
use crate::fields::{PARTY_OWN, PARTY_TOTAL};
use crate::ids::{ContestCode, PartCode, RegionCode};

use super::tree::{Reader, Table};

/// Where the parts of a contest stand in `election.toml`, in bytes.
pub(super) struct ContestPlaces {
    pub(super) contest: usize,
    pub(super) form: usize,
    /// For each region of the scope.
    pub(super) scope: Vec<usize>,
}

/// The word for a contest held everywhere.
const EVERYWHERE: &str = "everywhere";

pub(super) fn read_contest(
    reader: &mut Reader<'_>,
    mut table: Table<'_>,
    languages: &[String],
) -> Option<(Contest, ContestPlaces)> {
    let code = reader.parsed::<ContestCode>(&mut table, "code");
    let name = reader.texts(&mut table, "name", languages);
    let form = reader.parsed::<PartCode>(&mut table, "form");
    let (scope, scope_places) = read_scope(reader, &mut table);
    let ballot = read_ballot(reader, &mut table);
    reader.finish(&table);
    let (code, form) = (code?, form?);
    let places =
        ContestPlaces { contest: code.span.start, form: form.span.start, scope: scope_places };
    let contest =
        Contest { code: code.value, name: Text(name?), form: form.value, scope, ballot: ballot? };
    Some((contest, places))
}

fn read_scope(reader: &mut Reader<'_>, table: &mut Table<'_>) -> (Scope, Vec<usize>) {
    let scope = reader.strings(table, "scope");
    if scope.is_empty() {
        let what = format!("“scope” is missing: “{EVERYWHERE}” or a list of region codes");
        reader.mistake(table.start(), what);
    }
    if scope.iter().any(|region| region.value == EVERYWHERE) {
        return (Scope::Everywhere, Vec::new());
    }
    let (mut regions, mut places) = (Vec::new(), Vec::new());
    for region in scope {
        match region.value.parse::<RegionCode>() {
            Ok(code) => {
                regions.push(code);
                places.push(region.span.start);
            }
            Err(fault) => reader.mistake(region.span.start, fault.to_string()),
        }
    }
    (Scope::Regions(regions), places)
}

fn read_ballot(reader: &mut Reader<'_>, table: &mut Table<'_>) -> Option<Ballot> {
    let start = table.start();
    let candidates = reader.tables(table, "candidate");
    let parties = reader.tables(table, "party");
    match (candidates.is_empty(), parties.is_empty()) {
        (false, true) => read_candidates(reader, candidates).map(Ballot::Candidates),
        (true, false) => {
            let mut seen = Vec::new();
            let parties: Vec<_> =
                parties.into_iter().map(|party| read_party(reader, party, &mut seen)).collect();
            parties.into_iter().collect::<Option<_>>().map(Ballot::Parties)
        }
        (true, true) => {
            reader.mistake(start, "the contest has no candidates and no parties".to_owned());
            None
        }
        (false, false) => {
            let what = "the contest has both candidates and parties; it can have one".to_owned();
            reader.mistake(start, what);
            None
        }
    }
}

fn read_candidates(reader: &mut Reader<'_>, tables: Vec<Table<'_>>) -> Option<Vec<Candidate>> {
    let mut seen = vec![
        PARTY_OWN.parse().expect("a code of ours"),
        PARTY_TOTAL.parse().expect("a code of ours"),
    ];
    let candidates: Vec<_> = tables
        .into_iter()
        .map(|mut table| {
            let candidate = read_named(reader, &mut table, &mut seen);
            reader.finish(&table);
            candidate.map(|(code, name)| Candidate { code, name })
        })
        .collect();
    candidates.into_iter().collect()
}

fn read_party(
    reader: &mut Reader<'_>,
    mut table: Table<'_>,
    seen: &mut Vec<PartCode>,
) -> Option<Party> {
    let named = read_named(reader, &mut table, seen);
    let candidates = reader.tables(&mut table, "candidate");
    let candidates = read_candidates(reader, candidates);
    reader.finish(&table);
    let (code, name) = named?;
    Some(Party { code, name, candidates: candidates? })
}

fn read_named(
    reader: &mut Reader<'_>,
    table: &mut Table<'_>,
    seen: &mut Vec<PartCode>,
) -> Option<(PartCode, String)> {
    let code = reader.parsed::<PartCode>(table, "code");
    let name = reader.string(table, "name");
    let code = code?;
    if seen.contains(&code.value) {
        reader.mistake(code.span.start, format!("“{}” stands twice or is reserved", code.value));
    }
    seen.push(code.value);
    Some((code.value, name?.value))
}
