//! Elections over the real public register: its regions and stations, the form of the
//! public records, one contest. Needs the public data beside the repository.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use serde::Deserialize;

/// Levels of the register by their number.
const LEVELS: [&str; 5] = ["country", "province", "regency", "district", "village"];

#[derive(Deserialize)]
struct Region {
    kode: String,
    tingkat: usize,
    nama: String,
    parent_kode: String,
}

#[derive(Deserialize)]
struct Village {
    kelurahan_kode: String,
    tps_suffixes: String,
}

/// The election of the public records: one contest, the public part of its form.
pub const RECORDS: &str = include_str!("records.toml");

/// Writes the pack of an election over the regions of the register whose codes are
/// `concerned`, with all their stations. The country has the code `0`.
///
/// # Errors
/// If the register cannot be read or the pack not written.
pub fn write_pack(
    pack: &Path,
    election: &str,
    register: &Path,
    concerned: impl Fn(&str) -> bool,
) -> anyhow::Result<()> {
    fs::create_dir_all(pack)?;
    fs::write(pack.join("election.toml"), election)?;
    let mut regions = csv::Writer::from_path(pack.join("regions.csv"))?;
    regions.write_record(["code", "parent", "level", "name"])?;
    regions.write_record(["0", "", LEVELS[0], "Indonesia"])?;
    for region in csv::Reader::from_path(register.join("regions-2024.csv"))?.deserialize() {
        let Region { kode, tingkat, nama, parent_kode } = region?;
        if concerned(&kode) {
            let level = LEVELS.get(tingkat).context("an unknown level")?;
            regions.write_record([&kode, &parent_kode, *level, &nama])?;
        }
    }
    regions.flush()?;
    let mut stations = csv::Writer::from_path(pack.join("stations.csv"))?;
    let registered = ["registered_men", "registered_women", "registered_all"];
    stations.write_record(["code", "region", "name"].iter().chain(&registered))?;
    let villages = register.join("stations-per-village-2024.csv");
    for village in csv::Reader::from_path(villages)?.deserialize() {
        let Village { kelurahan_kode, tps_suffixes } = village?;
        if concerned(&kelurahan_kode) {
            for suffix in tps_suffixes.split_whitespace() {
                let (code, name) = (format!("{kelurahan_kode}{suffix}"), format!("TPS {suffix}"));
                stations.write_record([&code, &kelurahan_kode, &name, "", "", ""])?;
            }
        }
    }
    Ok(stations.flush()?)
}
