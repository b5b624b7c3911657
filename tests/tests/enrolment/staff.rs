//! What staff do on the command line, for the flows of this directory.

use std::path::{Path, PathBuf};
use std::process::Output;

use saksi_tests::collector::{self, Collector};
use saksi_tests::kenya::{self, Station};
use tempfile::TempDir;

/// A collector whose stations have no devices, and those who run it.
pub(crate) struct Staff {
    pub(crate) collector: Collector,
    pub(crate) stations: Vec<Station>,
    place: TempDir,
}

/// A row of codes.csv.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) station: String,
    pub(crate) slip: String,
}

impl Staff {
    pub(crate) fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        let collector = Collector::make_without_devices(place.path(), &kenya::pack()).unwrap();
        Self { collector, stations: kenya::stations().unwrap(), place }
    }

    pub(crate) fn serving() -> Self {
        let mut staff = Self::new();
        staff.collector.start(None).unwrap();
        staff
    }

    pub(crate) fn code(&self, station: usize) -> &str {
        &self.stations[station].code
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    /// `device WHAT DIR …`
    pub(crate) fn device(&self, what: &str, arguments: &[&str]) -> Output {
        let dir = self.collector.dir().to_str().unwrap();
        collector::command(&[&["device", what, dir], arguments].concat()).unwrap()
    }

    /// The same, which must succeed. Gives its words.
    pub(crate) fn must(&self, what: &str, arguments: &[&str]) -> String {
        let output = self.device(what, arguments);
        assert!(output.status.success(), "{}", errors(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Gives out codes into a new directory of that name.
    pub(crate) fn codes(&self, out: &str, arguments: &[&str]) -> Vec<Row> {
        let out = self.path(out);
        self.must("codes", &[arguments, &["--out", out.to_str().unwrap()]].concat());
        rows(&out)
    }

    /// The text of the slip of a station of the list.
    pub(crate) fn slip(&self, station: usize) -> String {
        let out = format!("slip-{}", self.code(station));
        self.codes(&out, &[self.code(station)]).remove(0).slip
    }

    /// `device list` as JSON, a station of the list.
    pub(crate) fn listed(&self, station: usize) -> serde_json::Value {
        let shown = self.must("list", &["--json"]);
        let mut rows = shown.lines().map(|line| serde_json::from_str(line).unwrap());
        rows.find(|row: &serde_json::Value| row["station"] == self.code(station)).unwrap()
    }

    /// Stations that `device list` shows with these filters.
    pub(crate) fn stations_with(&self, filters: &[&str]) -> Vec<String> {
        let shown = self.must("list", &[filters, &["--json"]].concat());
        let rows =
            shown.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        rows.map(|row| row["station"].as_str().unwrap().to_owned()).collect()
    }
}

pub(crate) fn errors(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The rows of a directory's codes.csv.
pub(crate) fn rows(dir: &Path) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(dir.join("codes.csv")).unwrap();
    let rows = reader.records().map(|row| {
        let row = row.unwrap();
        Row { station: row[0].to_owned(), slip: row[5].to_owned() }
    });
    rows.collect()
}
