//! Judges of a version who are not the site: `saksi-collector audit` over the public log, the
//! recount in Python, which shares no code with anything here, and `saksi-collector export`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};
use saksi_proto::digest::Digest;
use saksi_tests::binaries::repository;
use saksi_tests::collector;
use saksi_tests::kenya::CONTEST;
use saksi_tests::python;
use serde_json::json;

use super::night::{GOVERNOR, Night, WARDS};
use super::published::Version;
use super::sums::{self, Places, Stations, Sums};

/// The contests, and the regions that each is held in.
pub(super) const CONTESTS: [(&str, &[&str]); 2] = [(CONTEST, &["0"]), (GOVERNOR, &WARDS)];

/// What a version comes to, added up from the forms that it shows.
pub(super) struct Judged {
    pub(super) version: Version,
    pub(super) stations: Stations,
    pub(super) sums: BTreeMap<&'static str, Sums>,
    /// By contest, as the totals of a log are published.
    tables: BTreeMap<&'static str, String>,
}

impl Judged {
    /// Adds up what a version shows of its stations; every region's totals must be that.
    pub(super) fn of(version: Version, places: &Places) -> anyhow::Result<Self> {
        let stations = sums::stations(&version)?;
        let (mut sums, mut tables) = (BTreeMap::new(), BTreeMap::new());
        for (contest, within) in CONTESTS {
            let are_all = places.are_all_there(contest, within, &stations);
            ensure!(are_all, "a station is missing in {contest}");
            let own = places.add_up(contest, &stations);
            let shown = version.regions.iter().flat_map(|region| {
                let of = region.contests.iter().filter(|of| of.contest == contest);
                of.map(|of| (&region.region.code, of))
            });
            let shown: BTreeMap<_, _> = shown.collect();
            ensure!(shown.keys().copied().eq(own.regions()), "regions of {contest}");
            shown.iter().try_for_each(|(region, of)| own.are_those_of(region, of))?;
            let whole = ["counted", "expected"].map(|column| own.number("0", column));
            let votes = ["A.1", "A.2", "A.3", "A.4"].map(|column| own.number("0", column));
            let signed = (contest.to_owned(), [whole[0], whole[1], votes.iter().sum()]);
            ensure!(version.contests.contains(&signed), "{:?}, not {signed:?}", version.contests);
            tables.insert(contest, places.table(&own));
            sums.insert(contest, own);
        }
        Ok(Self { version, stations, sums, tables })
    }

    /// Has the public log audited as it is now, with this version's numbers as its totals.
    pub(super) fn audit(&self, night: &Night) -> anyhow::Result<()> {
        let (public, copy) = (night.public(), tempfile::tempdir_in(night.place())?);
        let size = self.version.size;
        // The checkpoint first: the tiles that it needs are there as long as it is the newest.
        for file in ["checkpoint", "log.vkey", "witnesses"] {
            fs::copy(public.join(file), copy.path().join(file))?;
        }
        copy_all(&public.join("tile"), &copy.path().join("tile"))?;
        copy_all(&public.join("election"), &copy.path().join("election"))?;
        let dir = format!("totals/{size}");
        fs::create_dir_all(copy.path().join(&dir))?;
        let mut contests = Vec::new();
        for (contest, table) in &self.tables {
            let file = format!("{dir}/{contest}.csv");
            fs::write(copy.path().join(&file), table)?;
            let sha256 = Digest::of(table.as_bytes()).to_string();
            contests.push(json!({ "contest": contest, "file": file, "sha256": sha256 }));
            // The log's own table of the same size, if there is one.
            if let Ok(own) = fs::read_to_string(public.join(&file)) {
                ensure!(own == *table, "{file}, and the site:\n{own}\n{table}");
            }
        }
        // As the definition has them.
        contests.reverse();
        let list = json!({
            "format": 1,
            "origin": night.key()?.origin,
            "size": size,
            "root": self.version.root,
            "at_ms": 1,
            "contests": contests,
        });
        fs::write(copy.path().join("totals.json"), list.to_string())?;
        let (copy, key) = (text(copy.path())?, night.collector.dir().join("log.vkey"));
        let audited = collector::command(&["audit", copy, "--key", text(&key)?])?;
        let said = String::from_utf8_lossy(&audited.stderr).into_owned();
        ensure!(audited.status.success(), "version {size}: {audited:?} {said}");
        Ok(())
    }

    /// What `export --at` says of the size of this version: rows of regions, and of stations.
    pub(super) fn export(&self, night: &Night) -> anyhow::Result<()> {
        let size = self.version.size.to_string();
        let home = text(night.collector.dir())?.to_owned();
        let rows = |more: &[&str]| {
            let to = ["export", &home, "--format", "csv", "--at", &size];
            let csv = collector::succeed(&[&to[..], more].concat())?;
            let mut csv = csv::Reader::from_reader(csv.as_bytes());
            csv.deserialize().map(|row| Ok(row?)).collect::<anyhow::Result<Vec<_>>>()
        };
        for (contest, _) in CONTESTS {
            let sums = &self.sums[contest];
            // The constituency and its wards, and above it nothing but the same.
            let regions: Vec<BTreeMap<String, String>> =
                rows(&["--contest", contest, "--region", "005021"])?;
            ensure!(regions.len() == sums.regions().count() - 2, "{contest}: {regions:?}");
            for row in &regions {
                ensure!(row["root"] == self.version.root, "{row:?}");
                for column in COMPARED {
                    let (number, own) = (&row[column], sums.number(&row["code"], column));
                    // A box that no counted form has is empty.
                    ensure!(number.parse().unwrap_or(0) == own, "{column} {number}, not {own}");
                }
            }
            let stations: Vec<BTreeMap<String, String>> =
                rows(&["--contest", contest, "--stations"])?;
            let own = self.stations.iter().filter(|((of, _), _)| of == contest);
            ensure!(stations.len() == own.count(), "{contest}: {stations:?}");
            for row in &stations {
                let of = &self.stations[&(contest.to_owned(), row["code"].clone())];
                let first = of.counts.as_ref().and_then(|counts| counts[0].as_u64());
                let first = first.map(|votes| votes.to_string()).unwrap_or_default();
                let said = (&row["state"], &row["A.1"], &*row["ruled"], &*row["corrected"]);
                let (ruled, corrected) = (of.ruled.to_string(), of.corrected.to_string());
                ensure!(said == (&of.state, &first, &*ruled, &*corrected), "{row:?}, not {of:?}");
            }
        }
        Ok(())
    }
}

/// Columns of a region's row that are compared.
const COMPARED: [&str; 14] = [
    "expected",
    "counted",
    "held",
    "disputed",
    "rejected",
    "missing",
    "unopened",
    "corrected",
    "ruled",
    "registered",
    "A.1",
    "A.2",
    "A.4",
    "B.5",
];

/// Has all versions counted again in Python from the log as it is now; says whether it could.
pub(super) fn recount(night: &Night, all: &[Judged]) -> anyhow::Result<bool> {
    if !python::reads_toml() {
        return Ok(false);
    }
    let place = night.place().join("tables");
    for judged in all {
        let dir = place.join(judged.version.size.to_string());
        fs::create_dir_all(&dir)?;
        fs::write(dir.join("root"), &judged.version.root)?;
        for (contest, table) in &judged.tables {
            fs::write(dir.join(format!("{contest}.csv")), table)?;
        }
    }
    let script = repository().join("tests/tests/public_log/versions/versions.py");
    let mut python = Command::new("python3");
    python.arg("-B").arg(script).arg(night.public()).arg(night.key()?.to_string()).arg(place);
    let output = python.output()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let wanted = format!("versions {}, tables {},", all.len(), 2 * all.len());
    ensure!(said.starts_with(&wanted), "{said}");
    Ok(true)
}

fn copy_all(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let (entry, name): (PathBuf, _) = entry.map(|entry| (entry.path(), entry.file_name()))?;
        if entry.is_dir() {
            copy_all(&entry, &to.join(name))?;
        } else {
            fs::copy(&entry, to.join(name))?;
        }
    }
    Ok(())
}

fn text(path: &Path) -> anyhow::Result<&str> {
    path.to_str().context("a path in UTF-8")
}

/// The photos that a version's forms name.
pub(super) fn photos(version: &Version) -> Vec<String> {
    let stations = version.regions.iter().flat_map(|region| &region.stations);
    let forms = stations.flat_map(|station| &station.contests).flat_map(|of| &of.forms);
    forms.flat_map(|form| form.photos.clone()).collect()
}

/// The names that stay lead to the numbers of this version.
pub(super) fn newest(source: &crate::source::Source, version: &Version) -> anyhow::Result<()> {
    for (region, file) in &version.files {
        let (own, named) = (crate::site::get(source, file), format!("numbers/{region}.json"));
        let found = crate::site::get(source, &named);
        ensure!(found.is_some() && found == own, "{named} is not {file}");
    }
    Ok(())
}
