//! The tables of all stations, CSV and JSON: both say the same, and what a version says of its
//! stations.

use std::collections::BTreeMap;

use anyhow::{Context as _, ensure};
use serde::Deserialize;
use serde_json::{Value, json};

use super::published::read;
use super::sums::{Stands, Stations};
use crate::site::get;
use crate::source::Source;

/// `stations.json`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Tables {
    pub(super) size: u64,
    pub(super) root: String,
    contests: Vec<Table>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Table {
    contest: String,
    file: String,
    sha256: String,
    json: String,
    json_sha256: String,
    stations: usize,
}

#[derive(Deserialize)]
struct Rows {
    contest: String,
    size: u64,
    fields: Vec<String>,
    stations: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    code: String,
    state: String,
    corrected: u8,
    ruled: u8,
    registered: Option<u64>,
    counts: Option<Vec<Value>>,
}

impl Tables {
    /// The newest, if there are any.
    pub(super) fn newest(source: &Source) -> anyhow::Result<Option<Self>> {
        let json = get(source, "stations.json");
        Ok(json.map(|json| serde_json::from_slice(&json)).transpose()?)
    }

    /// All stations, as both tables of each contest have them.
    pub(super) fn stations(&self, source: &Source) -> anyhow::Result<Stations> {
        let mut all = Stations::new();
        for table in &self.contests {
            let csv = csv_rows(&read(source, &table.file, &table.sha256)?)?;
            let json = read(source, &table.json, &table.json_sha256)?;
            let rows: Rows = serde_json::from_slice(&json)?;
            ensure!((&rows.contest, rows.size) == (&table.contest, self.size), "{table:?}");
            ensure!(rows.stations.len() == table.stations, "{table:?}");
            let json = rows.stations.iter().map(|row| row.with(&row.counts)).collect();
            ensure!(csv == (rows.fields, json), "{} and {} differ", table.file, table.json);
            let of = |code: String| (table.contest.clone(), code);
            all.extend(csv.1.into_iter().map(|(code, stands)| (of(code), stands)));
        }
        // The numbers of a form that is held stand there too, and count for nothing.
        all.values_mut().filter(|of| of.state != "counted").for_each(|of| of.counts = None);
        Ok(all)
    }
}

impl Row {
    fn with(&self, counts: &Option<Vec<Value>>) -> (String, Stands) {
        let (state, counts) = (self.state.clone(), counts.clone());
        let (corrected, ruled) = (self.corrected == 1, self.ruled == 1);
        let registered = self.registered.unwrap_or_default();
        (self.code.clone(), Stands { state, corrected, ruled, registered, counts })
    }
}

/// The names of the boxes, and the stations by code.
fn csv_rows(csv: &[u8]) -> anyhow::Result<(Vec<String>, BTreeMap<String, Stands>)> {
    let mut csv = csv::Reader::from_reader(csv);
    let names: Vec<_> = csv.headers()?.iter().map(str::to_owned).collect();
    let first = names.iter().position(|name| name == "findings").context("findings")? + 1;
    let mut stations = BTreeMap::new();
    for record in csv.records() {
        let record = record?;
        let cell = |name: &str| {
            let at =
                names.iter().position(|found| found == name).with_context(|| name.to_owned())?;
            Ok::<_, anyhow::Error>(record[at].to_owned())
        };
        let count = |text: &str| match text {
            "" => Ok(Value::Null),
            "illegible" => Ok(json!("illegible")),
            number => Ok::<_, anyhow::Error>(json!(number.parse::<u64>()?)),
        };
        let has_form = !cell("index")?.is_empty();
        let counts = record.iter().skip(first).map(count).collect::<anyhow::Result<_>>()?;
        let stands = Stands {
            state: cell("state")?,
            corrected: cell("corrected")? == "1",
            ruled: cell("ruled")? == "1",
            registered: cell("registered")?.parse()?,
            counts: Some(counts).filter(|_| has_form),
        };
        ensure!(stations.insert(cell("code")?, stands).is_none(), "{record:?} stands twice");
    }
    Ok((names[first..].to_vec(), stations))
}
