//! The public records: the election they belong to, and each record as a form.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::Context as _;
use saksi_tests::register;
use serde::Deserialize;
use serde_json::{Value, json};

/// The one contest of the records.
pub(crate) const CONTEST: &str = "ppwp";

/// Candidates' numbers on the ballot by their number in the records.
const CANDIDATES: [(&str, &str); 3] = [("100025", "01"), ("100026", "02"), ("100027", "03")];

/// Fields of the form by the records' names for them.
const LINES: [(&str, &str); 18] = [
    ("pemilih_dpt_l", "I.A.L"),
    ("pemilih_dpt_p", "I.A.P"),
    ("pemilih_dpt_j", "I.A.J"),
    ("pengguna_dpt_l", "I.B.1.L"),
    ("pengguna_dpt_p", "I.B.1.P"),
    ("pengguna_dpt_j", "I.B.1.J"),
    ("pengguna_dptb_l", "I.B.2.L"),
    ("pengguna_dptb_p", "I.B.2.P"),
    ("pengguna_dptb_j", "I.B.2.J"),
    ("pengguna_non_dpt_l", "I.B.3.L"),
    ("pengguna_non_dpt_p", "I.B.3.P"),
    ("pengguna_non_dpt_j", "I.B.3.J"),
    ("pengguna_total_l", "I.B.4.L"),
    ("pengguna_total_p", "I.B.4.P"),
    ("pengguna_total_j", "I.B.4.J"),
    ("suara_sah", "V.A"),
    ("suara_tidak_sah", "V.B"),
    ("suara_total", "V.C"),
];

/// One public record that has both votes and the administration.
pub(crate) struct Record {
    /// Code of the station.
    pub(crate) station: String,
    chart: BTreeMap<String, Option<u32>>,
    administration: BTreeMap<String, Option<u32>>,
}

#[derive(Deserialize)]
struct Line {
    kode: String,
    raw: Raw,
}

#[derive(Deserialize)]
struct Raw {
    chart: Option<BTreeMap<String, Option<u32>>>,
    administrasi: Option<BTreeMap<String, Option<u32>>>,
}

impl Record {
    /// The record as an officer would type it.
    pub(crate) fn form(&self) -> Value {
        let line = |of: &BTreeMap<String, Option<u32>>, key| of.get(key).copied().flatten();
        let lines = LINES.map(|(key, field)| (field.to_owned(), line(&self.administration, key)));
        let votes = CANDIDATES.map(|(key, code)| (format!("IV.{code}"), line(&self.chart, key)));
        let lines: BTreeMap<_, _> = lines.into_iter().chain(votes).collect();
        json!({ "contest": CONTEST, "station": self.station, "lines": lines })
    }
}

/// The records that have both parts.
pub(crate) fn read_records(path: &Path) -> anyhow::Result<Vec<Record>> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let mut records = Vec::new();
    for line in text.lines() {
        let Line { kode, raw } = serde_json::from_str(line)?;
        if let (Some(chart), Some(administration)) = (raw.chart, raw.administrasi) {
            records.push(Record { station: kode, chart, administration });
        }
    }
    Ok(records)
}

/// Writes the election over all villages and stations of the records' districts.
pub(crate) fn write_pack(pack: &Path, register: &Path, records: &[Record]) -> anyhow::Result<()> {
    // A station code begins with the code of its district: PP KK CC.
    let districts: BTreeSet<&str> = records.iter().map(|record| &record.station[..6]).collect();
    register::write_pack(pack, register::RECORDS, register, |code| {
        districts.iter().any(|district| district.starts_with(code) || code.starts_with(district))
    })
}
