//! What came out of a replay, as tables and as JSON.

use std::collections::BTreeMap;

use saksi_tests::results::{Region, Sum, Totals};
use serde::Serialize;

#[derive(Serialize)]
struct Report<'a> {
    regions: Vec<RegionLine<'a>>,
    stations: Vec<StationLine<'a>>,
}

#[derive(Serialize)]
struct RegionLine<'a> {
    code: &'a str,
    level: &'a str,
    expected: u32,
    reported: u32,
    counted: u32,
    held: u32,
    disputed: u32,
    votes: BTreeMap<&'a str, u64>,
    valid: u64,
    invalid: u64,
    held_by_rule: &'a BTreeMap<String, u32>,
}

#[derive(Serialize)]
struct StationLine<'a> {
    code: &'a str,
    state: &'a str,
    findings: &'a [String],
}

/// One object: every region, every station.
pub(crate) fn as_json(regions: &[Region]) -> String {
    let stations = regions.iter().flat_map(|region| &region.stations);
    let report = Report {
        regions: regions.iter().map(region_line).collect(),
        stations: stations
            .map(|station| StationLine {
                code: &station.code,
                state: &station.state,
                findings: &station.findings,
            })
            .collect(),
    };
    serde_json::to_string(&report).expect("plain values")
}

fn region_line(region: &Region) -> RegionLine<'_> {
    let Totals { votes, valid, invalid, stations, held_by_rule } = &region.totals;
    let total = |sum: &Option<Sum>| sum.map_or(0, |sum| sum.total);
    RegionLine {
        code: &region.region.code,
        level: &region.region.level,
        expected: stations.expected,
        reported: stations.reported,
        counted: stations.counted,
        held: stations.held,
        disputed: stations.disputed,
        votes: votes.iter().map(|(code, votes)| (code.as_str(), votes.total)).collect(),
        valid: total(valid),
        invalid: total(invalid),
        held_by_rule,
    }
}

/// A table of all regions, a level below the other, and of the stations that are not
/// counted.
pub(crate) fn as_text(regions: &[Region]) -> String {
    let mut text = format!(
        "{:<11}{:<9}{:>9}{:>9}{:>8}{:>6}{:>9}  {:<27}{:>8}{:>8}  held by rule\n",
        "region",
        "level",
        "expected",
        "reported",
        "counted",
        "held",
        "disputed",
        "votes",
        "valid",
        "invalid"
    );
    for region in regions.iter().map(region_line) {
        let votes: Vec<_> =
            region.votes.iter().map(|(code, votes)| format!("{code}: {votes}")).collect();
        let rules: Vec<_> =
            region.held_by_rule.iter().map(|(rule, held)| format!("{rule}×{held}")).collect();
        text += format!(
            "{:<11}{:<9}{:>9}{:>9}{:>8}{:>6}{:>9}  {:<27}{:>8}{:>8}  {}",
            region.code,
            region.level,
            region.expected,
            region.reported,
            region.counted,
            region.held,
            region.disputed,
            votes.join(" "),
            region.valid,
            region.invalid,
            rules.join(" ")
        )
        .trim_end();
        text.push('\n');
    }
    text.push('\n');
    for station in regions.iter().flat_map(|region| &region.stations) {
        if matches!(station.state.as_str(), "held" | "disputed") {
            text += &format!("{} {} {}\n", station.code, station.state, station.findings.join(" "));
        }
    }
    text
}
