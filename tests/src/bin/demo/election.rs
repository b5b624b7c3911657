//! The sample election, with as many of its stations as the demo is to have.

use std::fs;
use std::path::Path;

use anyhow::anyhow;
use saksi_proto::author::{self, ELECTION_FILE, Pack, REGIONS_FILE, STATIONS_FILE};
use saksi_proto::definition::Definition;
use saksi_tests::binaries::repository;

/// Stations of the sample.
pub(crate) const ALL: u64 = 230;

/// Writes the sample with `stations` of its stations, spread over its villages.
pub(crate) fn write_pack(pack: &Path, stations: u64) -> anyhow::Result<Definition> {
    let sample = repository().join("deploy/elections/indonesia-2024");
    let read = |name| fs::read_to_string(sample.join(name));
    let (election, regions, all) =
        (read(ELECTION_FILE)?, read(REGIONS_FILE)?, read(STATIONS_FILE)?);
    let mut lines = all.lines();
    let header = lines.next().unwrap_or_default();
    // Every (ALL / stations)-th line.
    let chosen = (0..).zip(lines).filter(|(at, _)| (at + 1) * stations / ALL > at * stations / ALL);
    let chosen: Vec<_> = [header].into_iter().chain(chosen.map(|(_, line)| line)).collect();
    let stations = chosen.join("\n") + "\n";
    fs::create_dir_all(pack)?;
    for (name, text) in
        [(ELECTION_FILE, &election), (REGIONS_FILE, &regions), (STATIONS_FILE, &stations)]
    {
        fs::write(pack.join(name), text)?;
    }
    let pack = Pack { election: &election, regions: &regions, stations: &stations };
    author::read(pack).map_err(|mistakes| anyhow!("the sample has mistakes: {mistakes:?}"))
}
