//! Elections over the real public register: its regions and stations, the form of the
//! public records, one contest. Needs the public data beside the repository.

use std::fmt::Write as _;
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

/// Writes the pack of an election over the provinces and regencies of the register, each regency
/// with so many stations, which lie directly in it.
///
/// # Errors
/// If the register cannot be read or the pack not written.
pub fn write_regencies(
    pack: &Path,
    election: &str,
    register: &Path,
    stations_each: usize,
) -> anyhow::Result<()> {
    fs::create_dir_all(pack)?;
    fs::write(pack.join("election.toml"), election)?;
    let mut regions = "code,parent,level,name\n0,,country,Indonesia\n".to_owned();
    let mut stations =
        "code,region,name,registered_men,registered_women,registered_all\n".to_owned();
    for region in csv::Reader::from_path(register.join("regions-2024.csv"))?.deserialize() {
        let Region { kode, tingkat, nama, parent_kode } = region?;
        if tingkat <= 2 {
            let level = LEVELS.get(tingkat).context("an unknown level")?;
            writeln!(regions, "{kode},{parent_kode},{level},\"{nama}\"")?;
        }
        for number in 1..=stations_each {
            if tingkat == 2 {
                writeln!(stations, "{kode}{number:03},{kode},TPS {number:03},,,")?;
            }
        }
    }
    fs::write(pack.join("regions.csv"), regions)?;
    Ok(fs::write(pack.join("stations.csv"), stations)?)
}
