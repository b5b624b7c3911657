//! What the forms of all stations come to, added up here: by region, in the columns of the
//! published tables. Places come from the published lists.

use std::collections::BTreeMap;

use anyhow::{Context as _, ensure};
use serde_json::Value;

use super::published::{Contest, Version};
use crate::source::Source;

/// Boxes of the form, in its order.
const FIELDS: [&str; 10] = ["A.1", "A.2", "A.3", "A.4", "A.T", "B.1", "B.2", "B.3", "B.4", "B.5"];

/// Columns before those of the boxes.
const COLUMNS: [&str; 13] = [
    "expected",
    "reported",
    "counted",
    "held",
    "disputed",
    "rejected",
    "missing",
    "unopened",
    "corrected",
    "ruled",
    "registered",
    "registered_counted",
    "blank",
];

/// How a station stands in a contest, and what it adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stands {
    pub(super) state: String,
    pub(super) corrected: bool,
    pub(super) ruled: bool,
    pub(super) registered: u64,
    /// The boxes of the form that counts: a number, `null`, or `illegible`.
    pub(super) counts: Option<Vec<Value>>,
}

/// All stations, by contest and station.
pub(super) type Stations = BTreeMap<(String, String), Stands>;

/// Regions with parent and level, and stations with their region, as they are published.
pub(super) struct Places {
    regions: BTreeMap<String, (String, String)>,
    stations: BTreeMap<String, String>,
}

/// The sums of a contest, by region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sums(BTreeMap<String, Vec<u64>>);

/// Every station of a version.
pub(super) fn stations(version: &Version) -> anyhow::Result<Stations> {
    let mut all = Stations::new();
    for station in version.regions.iter().flat_map(|region| &region.stations) {
        for of in &station.contests {
            let stands = Stands {
                state: of.state.clone(),
                corrected: of.is_corrected(),
                ruled: of.is_ruled(),
                registered: station.registered.context("registered voters")?,
                counts: of.counts().with_context(|| station.code.clone())?,
            };
            let before = all.insert((of.contest.clone(), station.code.clone()), stands);
            ensure!(before.is_none(), "{} stands in two places", station.code);
        }
    }
    Ok(all)
}

impl Places {
    pub(super) fn read(source: &Source) -> anyhow::Result<Self> {
        let rows = |name: &str| {
            let list = source.get(&format!("election/{name}.csv"))?.context("a list")?;
            let mut list = csv::Reader::from_reader(&*list);
            list.deserialize().map(|row| Ok(row?)).collect::<anyhow::Result<Vec<_>>>()
        };
        let rows: [Vec<BTreeMap<String, String>>; 2] = [rows("regions")?, rows("stations")?];
        let of = |row: &BTreeMap<String, String>, name: &str| row[name].clone();
        let regions =
            rows[0].iter().map(|row| (of(row, "code"), (of(row, "parent"), of(row, "level"))));
        let stations = rows[1].iter().map(|row| (of(row, "code"), of(row, "region")));
        Ok(Self { regions: regions.collect(), stations: stations.collect() })
    }

    /// A station's region and all above it.
    fn above(&self, station: &str) -> Vec<&String> {
        let first = self.stations.get(station);
        let parent = |region: &&String| self.regions.get(*region).map(|of| &of.0);
        std::iter::successors(first, parent).filter(|code| !code.is_empty()).collect()
    }

    /// Regions in which a station lies that is in the list.
    pub(super) fn above_all<'a>(&self, stations: impl Iterator<Item = &'a str>) -> Vec<String> {
        stations.flat_map(|station| self.above(station)).cloned().collect()
    }

    /// Adds up a contest. Every station where it is held must be there.
    pub(super) fn add_up(&self, contest: &str, stations: &Stations) -> Sums {
        let mut sums: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        for ((of, station), stands) in stations {
            if of != contest {
                continue;
            }
            for region in self.above(station) {
                let row = sums.entry(region.clone()).or_insert_with(|| vec![0; 23]);
                row.iter_mut().zip(stands.row()).for_each(|(sum, own)| *sum += own);
            }
        }
        Sums(sums)
    }

    /// The table as it is published in `totals/SIZE/CONTEST.csv`.
    pub(super) fn table(&self, sums: &Sums) -> String {
        let mut table = format!("code,level,{},{}\n", COLUMNS.join(","), FIELDS.join(","));
        for (region, row) in &sums.0 {
            let row: Vec<_> = row.iter().map(ToString::to_string).collect();
            table += &format!("{region},{},{}\n", self.regions[region].1, row.join(","));
        }
        table
    }

    /// Whether every station of the list is there in the contest, or in this part of it.
    pub(super) fn are_all_there(&self, contest: &str, within: &[&str], found: &Stations) -> bool {
        let is_within =
            |code: &String| within.iter().any(|of| self.above(code).contains(&&(*of).to_owned()));
        let wanted = self.stations.keys().filter(|code| is_within(code));
        wanted.eq(found.keys().filter(|(of, _)| of == contest).map(|(_, code)| code))
    }
}

impl Stands {
    /// What it adds to each column.
    fn row(&self) -> Vec<u64> {
        let is = |state: &str| u64::from(self.state == state);
        let reported = ["counted", "held", "disputed", "rejected"].map(is);
        let expected = 1 - is("unopened");
        let mut row = vec![expected, reported.iter().sum()];
        row.extend(reported);
        row.extend([is("missing"), is("unopened")]);
        row.extend([u64::from(self.corrected), u64::from(self.ruled)]);
        row.extend([self.registered * expected, self.registered * is("counted")]);
        let numbers = |count: &Value| count.as_u64();
        let blank = self.counts.iter().flatten().filter(|count| numbers(count).is_none()).count();
        row.push(blank as u64);
        let none = vec![Value::Null; FIELDS.len()];
        let counts = self.counts.as_ref().unwrap_or(&none);
        row.extend(counts.iter().map(|count| numbers(count).unwrap_or(0)));
        row
    }
}

impl Sums {
    /// A number by its column.
    pub(super) fn number(&self, region: &str, column: &str) -> u64 {
        let mut columns = COLUMNS.iter().chain(&FIELDS);
        let at = columns.position(|name| *name == column).expect("a column");
        self.0.get(region).map_or(0, |row| row[at])
    }

    /// Regions where the contest is held.
    pub(super) fn regions(&self) -> impl Iterator<Item = &String> {
        self.0.keys()
    }

    /// Whether the totals of a region's file are these.
    pub(super) fn are_those_of(&self, region: &str, of: &Contest) -> anyhow::Result<()> {
        let mut pairs = vec![
            ("B.5", of.totals.valid.total),
            ("B.2", of.totals.invalid.total),
            ("registered", of.totals.registered["expected"]),
            ("registered_counted", of.totals.registered["counted"]),
        ];
        let votes = FIELDS.iter().zip(["1", "2", "3", "4"]);
        pairs.extend(votes.map(|(field, code)| (*field, of.totals.votes[code].total)));
        pairs.extend(COLUMNS[..10].iter().map(|column| (*column, of.totals.stations[*column])));
        ensure!(of.totals.votes.len() == 4, "{:?}", of.totals.votes);
        for (column, published) in pairs {
            let own = self.number(region, column);
            let name = &of.contest;
            ensure!(
                own == published,
                "{column} of {region} in {name}: {published}, the forms have {own}"
            );
        }
        Ok(())
    }
}
