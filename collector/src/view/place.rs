//! What a region is called.

use std::collections::BTreeMap;

use saksi_proto::definition::RegionIndex;
use saksi_proto::ids::{PartCode, RegionCode};
use serde::Serialize;

use super::by_language;
use crate::election::Election;

/// What a region is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RegionName {
    /// Names the region.
    pub code: RegionCode,
    /// Its name for people.
    pub name: String,
    /// Code of its level.
    pub level: PartCode,
    /// Name of its level, by language.
    pub level_name: BTreeMap<String, String>,
}

/// What a region of an election is called.
#[must_use]
pub fn region_name(election: &Election, region: RegionIndex) -> RegionName {
    let definition = &election.definition;
    let region = &definition.regions()[region as usize];
    let head = definition.head();
    let level = head.levels.iter().find(|level| level.code == region.level);
    RegionName {
        code: region.code,
        name: region.name.to_string(),
        level: region.level,
        level_name: level.map(|level| by_language(head, &level.name)).unwrap_or_default(),
    }
}
