//! The replay of the public records of 2024, beside a sum that is made here from the
//! file alone: own reading, own rules, own arithmetic.

#![cfg(test)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use saksi_tests::public_data;
use serde_json::Value;

/// A record that has both parts.
struct Record {
    station: String,
    votes: [Option<u64>; 3],
    administration: BTreeMap<String, Option<u64>>,
}

impl Record {
    fn line(&self, name: &str) -> Option<u64> {
        self.administration[name]
    }

    fn votes_written(&self) -> [u64; 3] {
        self.votes.map(Option::unwrap_or_default)
    }

    /// Codes of the broken rules; one whose line is not written is not broken.
    fn broken(&self) -> BTreeSet<&'static str> {
        let columns = ["l", "p", "j"];
        let of = |line: &str, column: &str| self.line(&format!("{line}_{column}"));
        let differs = |parts: &[Option<u64>], whole: Option<u64>| {
            let sum = parts.iter().copied().sum::<Option<u64>>();
            matches!((sum, whole), (Some(sum), Some(whole)) if sum != whole)
        };
        let across = |line: &str| differs(&[of(line, "l"), of(line, "p")], of(line, "j"));
        let down = |column: &str| {
            let parts = ["pengguna_dpt", "pengguna_dptb", "pengguna_non_dpt"];
            differs(&parts.map(|line| of(line, column)), of("pengguna_total", column))
        };
        let above = |column: &str| {
            let pair = (of("pengguna_dpt", column), of("pemilih_dpt", column));
            matches!(pair, (Some(voted), Some(listed)) if voted > listed)
        };
        let voters = ["pengguna_dpt", "pengguna_dptb", "pengguna_non_dpt", "pengguna_total"];
        let (valid, invalid) = (self.line("suara_sah"), self.line("suara_tidak_sah"));
        let rules = [
            ("A1", across("pemilih_dpt")),
            ("A2", voters.into_iter().any(across)),
            ("A3", columns.into_iter().any(down)),
            ("A4", differs(&self.votes, valid)),
            ("A5", differs(&[valid, invalid], self.line("suara_total"))),
            ("A67", differs(&[self.line("suara_total")], of("pengguna_total", "j"))),
            ("B1", columns.into_iter().any(above)),
        ];
        rules.into_iter().filter(|(_, broken)| *broken).map(|(code, _)| code).collect()
    }
}

fn records(path: &Path) -> Vec<Record> {
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let record = |line: Value| {
        let (chart, administration) = (&line["raw"]["chart"], &line["raw"]["administrasi"]);
        Some(Record {
            station: line["kode"].as_str().unwrap().to_owned(),
            votes: ["100025", "100026", "100027"].map(|code| chart[code].as_u64()),
            administration: administration
                .as_object()
                .filter(|_| chart.is_object())?
                .iter()
                .map(|(name, number)| (name.clone(), number.as_u64()))
                .collect(),
        })
    };
    lines.filter_map(record).collect()
}

/// Number of stations by village, in the districts of the records.
fn register(path: &Path, records: &[Record]) -> BTreeMap<String, u64> {
    let districts: BTreeSet<&str> = records.iter().map(|record| &record.station[..6]).collect();
    let text = fs::read_to_string(path).unwrap();
    let villages = text.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>());
    let concerned = villages.filter(|columns| districts.contains(&columns[0][..6]));
    concerned.map(|columns| (columns[0].to_owned(), columns[1].parse().unwrap())).collect()
}

/// The figures of one region.
#[derive(Debug, Default, PartialEq, Eq)]
struct Figures {
    expected: u64,
    reported: u64,
    counted: u64,
    held: u64,
    votes: [u64; 3],
    valid: u64,
    invalid: u64,
    held_by_rule: BTreeMap<String, u64>,
}

/// The whole, and the regions that a code of a village or station lies in.
fn above(code: &str) -> [&str; 5] {
    ["0", &code[..2], &code[..4], &code[..6], &code[..10]]
}

fn own_sums(records: &[Record], villages: &BTreeMap<String, u64>) -> BTreeMap<String, Figures> {
    let mut regions: BTreeMap<String, Figures> = BTreeMap::new();
    for (village, stations) in villages {
        for region in above(village) {
            regions.entry(region.to_owned()).or_default().expected += stations;
        }
    }
    for record in records {
        let broken = record.broken();
        for region in above(&record.station) {
            let figures = regions.get_mut(region).expect("a region of the register");
            figures.reported += 1;
            if broken.is_empty() {
                figures.counted += 1;
                let sums = figures.votes.iter_mut().zip(record.votes_written());
                sums.for_each(|(sum, votes)| *sum += votes);
                figures.valid += record.line("suara_sah").unwrap_or(0);
                figures.invalid += record.line("suara_tidak_sah").unwrap_or(0);
            } else {
                figures.held += 1;
            }
            for rule in &broken {
                *figures.held_by_rule.entry((*rule).to_owned()).or_default() += 1;
            }
        }
    }
    regions
}

fn published(region: &Value) -> Figures {
    let number = |key: &str| region[key].as_u64().expect("a number");
    assert_eq!(number("disputed"), 0, "the same bytes twice are no dispute");
    let by_rule = region["held_by_rule"].as_object().expect("codes of rules").iter();
    Figures {
        expected: number("expected"),
        reported: number("reported"),
        counted: number("counted"),
        held: number("held"),
        votes: ["01", "02", "03"].map(|code| region["votes"][code].as_u64().unwrap()),
        valid: number("valid"),
        invalid: number("invalid"),
        held_by_rule: by_rule.map(|(rule, held)| (rule.clone(), held.as_u64().unwrap())).collect(),
    }
}

#[test]
fn the_replay_of_the_public_records_is_the_sum_made_outside_the_product() {
    let Some(data) = public_data::directory() else { return };
    let path = data.join("sirekap-2024-sample.jsonl");
    let output = Command::new(env!("CARGO_BIN_EXE_replay")).arg("--json").arg(&path).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();

    let records = records(&path);
    assert_eq!(records.len(), 355, "the records that have both parts");
    let villages = register(&data.join("regions/stations-per-village-2024.csv"), &records);
    let wanted = own_sums(&records, &villages);
    let regions = report["regions"].as_array().unwrap();
    let code = |value: &Value| value["code"].as_str().unwrap().to_owned();
    let found: BTreeMap<_, _> =
        regions.iter().map(|region| (code(region), published(region))).collect();
    assert_eq!(found.len(), regions.len(), "each region once");
    assert_eq!(found.keys().collect::<Vec<_>>(), wanted.keys().collect::<Vec<_>>());
    for (region, figures) in &wanted {
        assert_eq!(&found[region], figures, "{region}");
    }
    assert!(wanted["0"].held > 50 && wanted["0"].counted > 200, "there is something to compare");

    let stations = report["stations"].as_array().unwrap();
    assert_eq!(stations.len() as u64, wanted["0"].expected);
    let by_code: BTreeMap<_, _> = stations.iter().map(|station| (code(station), station)).collect();
    assert_eq!(by_code.len(), stations.len(), "each station once");
    for record in &records {
        let station = by_code[&record.station];
        let broken = record.broken();
        let state = if broken.is_empty() { "counted" } else { "held" };
        assert_eq!(station["state"], state, "{station}");
        let findings = station["findings"].as_array().unwrap().iter();
        assert_eq!(findings.map(|code| code.as_str().unwrap()).collect::<BTreeSet<_>>(), broken);
    }
    let missing = stations.iter().filter(|station| station["state"] == "missing").count();
    assert_eq!(missing, stations.len() - records.len());
}
