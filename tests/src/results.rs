//! The API's answers, as far as the tests read them. Written anew here, not taken
//! from the collector: what is published must be readable by others.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::collector::Collector;

/// `/api/v1/regions/{code}`
#[derive(Debug, Clone, Deserialize)]
pub struct Region {
    /// What it is called.
    pub region: Name,
    /// How far the log was folded.
    pub position: Position,
    /// Its totals.
    pub totals: Totals,
    /// Its parts.
    pub parts: Vec<Part>,
    /// Its stations.
    pub stations: Vec<Station>,
}

/// The position in the log that the numbers were folded to.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Position {
    /// Entries.
    pub size: u64,
    /// Root over them.
    pub root: String,
}

/// A region's name.
#[derive(Debug, Clone, Deserialize)]
pub struct Name {
    /// Code.
    pub code: String,
    /// Code of its level.
    pub level: String,
}

/// A part of a region.
#[derive(Debug, Clone, Deserialize)]
pub struct Part {
    /// What it is called.
    pub region: Name,
    /// Its totals.
    pub totals: Totals,
}

/// Totals of a contest.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Totals {
    /// By candidate or party.
    pub votes: BTreeMap<String, Sum>,
    /// Valid votes.
    pub valid: Option<Sum>,
    /// Invalid votes.
    pub invalid: Option<Sum>,
    /// Stations by how they stand.
    pub stations: Counts,
    /// Held stations by rule.
    pub held_by_rule: BTreeMap<String, u32>,
}

/// A sum.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub struct Sum {
    /// Total of what is written.
    pub total: u64,
}

/// Stations by how they stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub struct Counts {
    /// Expected to report.
    pub expected: u32,
    /// Sent anything.
    pub reported: u32,
    /// In the sums.
    pub counted: u32,
    /// Break a hard rule.
    pub held: u32,
    /// Contradict themselves.
    pub disputed: u32,
    /// Sent nothing.
    pub missing: u32,
    /// Corrected a form.
    pub corrected: u32,
}

/// A station in its region's list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Station {
    /// Code.
    pub code: String,
    /// `missing`, `counted`, `held` or `disputed`.
    pub state: String,
    /// Codes of the rules its current form breaks.
    pub findings: Vec<String>,
}

/// One region in one contest.
///
/// # Errors
/// If the collector does not answer.
pub fn region(collector: &Collector, code: &str, contest: &str) -> anyhow::Result<Region> {
    collector.get(&format!("/api/v1/regions/{code}?contest={contest}"))
}

/// A region and everything below it, each region after those above it.
///
/// # Errors
/// If the collector does not answer.
pub fn tree(collector: &Collector, code: &str, contest: &str) -> anyhow::Result<Vec<Region>> {
    let top = region(collector, code, contest)?;
    let parts: Vec<String> = top.parts.iter().map(|part| part.region.code.clone()).collect();
    let mut found = vec![top];
    for part in parts {
        found.extend(tree(collector, &part, contest)?);
    }
    Ok(found)
}
