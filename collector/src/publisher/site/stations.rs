//! All stations of a contest as one CSV file and one of JSON, for whoever wants everything: from
//! time to time, for a nation's take seconds.
//!
//! One row for each station where the contest is held, by code; lines end with LF. The columns:
//!
//! | column | meaning |
//! |---|---|
//! | `code`, `region` | the station, and the region that it lies in |
//! | `state` | `missing`, `counted`, `held`, `disputed`, `rejected` or `unopened` |
//! | `corrected`, `ruled` | 1 if a form was superseded, if a ruling stands; else 0 |
//! | `registered` | registered voters, where they are known |
//! | `index`, `digest`, `revision`, `device_ms`, `arrived_ms` | the form that is counted or held: its entry, its SHA-256, its times |
//! | `findings` | codes of the rules that it breaks, with spaces between them |
//! | one for each box of the form, by its code | what stands there; blank if nothing is written, else a number or `illegible` |
//!
//! The JSON has the same, a station a line: `{"format":1,"contest":…,"size":…,"fields":[…],
//! "stations":[`, then for each an object with the columns above as its keys, `findings` as a
//! list and `counts` in the order of `fields`; what the CSV leaves blank is `null` or left out.

use std::collections::BTreeSet;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use saksi_proto::count::Count;
use saksi_proto::definition::StationIndex;
use saksi_proto::digest::Digest;
use saksi_proto::ids::{ContestCode, PartCode, RegionCode, StationCode};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::super::PublishFault;
use super::super::disk::Disk;
use super::table::{Seen, read};
use super::work::STATIONS;
use super::{PACKED, STATIONS_FILE, Site, path};
use crate::tally::revisions::{Revisions, StationState};
use crate::tally::ruled::Ruled;
use crate::view::moment::Moment;
use crate::view::state::{State, state_and_findings};

/// Between two of them, in milliseconds: 822,000 stations of one contest are 100 MB, and take
/// some seconds of a processor.
const PERIOD_MS: u64 = 10 * 60 * 1_000;

/// Where they lie.
const DIRECTORY: &str = "stations";

/// Columns before those of the form's boxes.
const COLUMNS: [&str; 12] = [
    "code",
    "region",
    "state",
    "corrected",
    "ruled",
    "registered",
    "index",
    "digest",
    "revision",
    "device_ms",
    "arrived_ms",
    "findings",
];

/// `stations.json`.
#[derive(Serialize)]
struct Pointer<'a> {
    format: u8,
    origin: &'a str,
    size: u64,
    root: Option<Digest>,
    at_ms: u64,
    contests: Vec<File>,
}

/// What is read of the pointer that is there.
#[derive(Deserialize)]
struct Named {
    size: u64,
}

#[derive(Serialize)]
struct File {
    contest: ContestCode,
    file: String,
    /// Of the file as it is without compression.
    sha256: Digest,
    /// The same as JSON.
    json: String,
    json_sha256: Digest,
    stations: usize,
}

/// A station as it stands in both files.
#[derive(Serialize)]
struct Row {
    code: StationCode,
    region: RegionCode,
    state: State,
    corrected: u8,
    ruled: u8,
    registered: Option<u32>,
    /// The form that is counted or held.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    form: Option<Form>,
}

/// A form that is counted, or waits for a ruling of its own.
#[derive(Serialize)]
struct Form {
    index: u64,
    digest: Digest,
    revision: u32,
    device_ms: u64,
    arrived_ms: u64,
    findings: Vec<PartCode>,
    counts: Vec<Count>,
}

/// A compressed file, and the hash of what it was.
type Table = (Vec<u8>, Digest);

/// What is compressed, and its hash.
struct Packer {
    packer: GzEncoder<Vec<u8>>,
    hasher: Sha256,
}

impl Packer {
    fn new() -> Self {
        let packer = GzEncoder::new(Vec::new(), Compression::fast());
        Self { packer, hasher: Sha256::new() }
    }

    /// The compressed bytes, and the hash of what they were.
    fn finish(self) -> Table {
        let packed = self.packer.finish().expect("memory takes everything");
        (packed, Digest(self.hasher.finalize().into()))
    }
}

impl std::io::Write for Packer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.hasher.update(bytes);
        self.packer.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<D: Disk> Site<D> {
    /// Writes all stations of all contests, if it is time.
    ///
    /// Memory: the files of a contest, compressed; 50 to 200 MB for a nation.
    pub(super) fn write_stations(&mut self, seen: &Seen, at_ms: u64) -> Result<(), PublishFault> {
        let is_time = self.stations_ms.is_none_or(|last| at_ms >= last.saturating_add(PERIOD_MS));
        if !is_time {
            return Ok(());
        }
        self.leave_room()?;
        let size = seen.position.size;
        let before = self.directory.read(&path(STATIONS_FILE))?;
        let before = before.and_then(|json| serde_json::from_slice::<Named>(&json).ok());
        let mut contests = Vec::new();
        for (at, contest) in seen.election.definition.contests().iter().enumerate() {
            let file = |ending| format!("{DIRECTORY}/{size}/{}.{ending}", contest.code);
            let (tables, stations) = self.tables_of(seen, at)?;
            let [(csv, sha256), (json, json_sha256)] = tables;
            for (ending, bytes) in [("csv", csv), ("json", json)] {
                self.directory.put(&path(&format!("{}{PACKED}", file(ending))), &bytes)?;
            }
            let (contest, json) = (contest.code, file("json"));
            contests.push(File { contest, file: file("csv"), sha256, json, json_sha256, stations });
        }
        self.directory.settle()?;
        let (origin, root) = (self.key.origin.as_str(), seen.position.root);
        let pointer = Pointer { format: 1, origin, size, root, at_ms, contests };
        let mut json = serde_json::to_vec_pretty(&pointer).expect("numbers and names are JSON");
        json.push(b'\n');
        self.directory.put(&path(STATIONS_FILE), &json)?;
        self.directory.settle()?;
        self.stations_ms = Some(at_ms);
        self.forget_stations([Some(size), before.map(|before| before.size)])
    }

    /// The CSV and the JSON of a contest, each with its hash, and how many stations they have.
    fn tables_of(&self, seen: &Seen, contest: usize) -> Result<([Table; 2], usize), PublishFault> {
        const FITS: &str = "memory takes everything";
        let stations = seen.election.definition.stations_of(contest);
        let fields = seen.election.layout(contest).fields().iter().map(|it| it.code.as_str());
        let fields: Vec<_> = fields.collect();
        let (mut csv, mut json) = (csv::Writer::from_writer(Packer::new()), Packer::new());
        csv.write_record(COLUMNS.iter().chain(&fields)).expect(FITS);
        let (code, size) = (seen.election.contest(contest).code, seen.position.size);
        let names = serde_json::to_string(&fields).expect("names are JSON");
        let head = format!(
            "{{\"format\":1,\"contest\":\"{code}\",\"size\":{size},\"fields\":{names},\"stations\":["
        );
        json.write_all(head.as_bytes()).expect(FITS);
        let mut mark = "\n";
        for piece in stations.chunks(STATIONS) {
            let rows: Vec<_> = {
                let ledger = read(&self.ledger)?;
                let moment = Moment::at(&ledger, size);
                piece.iter().map(|station| row(moment, contest, *station)).collect()
            };
            for row in rows {
                csv.write_record(row.record(fields.len())).expect(FITS);
                json.write_all(mark.as_bytes()).expect(FITS);
                serde_json::to_writer(&mut json, &row).expect("numbers and names are JSON");
                mark = ",\n";
            }
        }
        json.write_all(b"\n]}\n").expect(FITS);
        let Ok(csv) = csv.into_inner() else { unreachable!("{FITS}") };
        Ok(([csv.finish(), json.finish()], stations.len()))
    }

    /// Removes all but those that the pointer names, and those that it named before: who has
    /// read it has one more period to read them. All others are older, or were cut off.
    fn forget_stations(&mut self, stay: [Option<u64>; 2]) -> Result<(), PublishFault> {
        let files = self.directory.disk.files(&path(DIRECTORY));
        let files = files.map_err(PublishFault::file(DIRECTORY))?;
        let size = |path: &String| path.split('/').nth(2)?.parse::<u64>().ok();
        let sizes: BTreeSet<_> = files.iter().filter_map(size).collect();
        for size in sizes.into_iter().filter(|size| !stay.contains(&Some(*size))) {
            self.directory.remove(&path(&format!("{DIRECTORY}/{size}")))?;
        }
        self.directory.settle()
    }
}

fn row(moment: Moment<'_>, contest: usize, station: StationIndex) -> Row {
    let of = &moment.election().definition.stations()[station as usize];
    let (state, findings) = state_and_findings(moment, contest, station, true);
    let revisions = moment.revisions(contest, station);
    let ruling = moment.rulings(contest, station).last();
    Row {
        code: of.code,
        region: of.region,
        state,
        corrected: revisions.as_ref().is_some_and(|revisions| revisions.is_corrected()).into(),
        ruled: ruling.is_some_and(Ruled::stands).into(),
        registered: moment.registered(station),
        form: revisions.as_deref().and_then(|all| form(all, ruling, findings)),
    }
}

/// The form that is counted or held; there is none where none counts, or waits for a ruling of
/// its own.
fn form(all: &Revisions, ruling: Option<&Ruled>, findings: Vec<PartCode>) -> Option<Form> {
    let (StationState::Counted(head) | StationState::Held(head)) = all.state(ruling) else {
        return None;
    };
    let report = &head.report;
    Some(Form {
        index: head.index,
        digest: report.digest,
        revision: report.revision,
        device_ms: report.device_ms,
        arrived_ms: report.arrived_ms,
        findings,
        counts: report.counts().collect(),
    })
}

impl Row {
    /// As it stands in the CSV, in a contest whose forms have so many fields.
    fn record(&self, fields: usize) -> Vec<String> {
        let state = serde_json::to_value(self.state).ok();
        let mut record = vec![
            self.code.to_string(),
            self.region.to_string(),
            state.as_ref().and_then(|state| state.as_str()).unwrap_or_default().to_owned(),
            self.corrected.to_string(),
            self.ruled.to_string(),
            self.registered.map_or_else(String::new, |voters| voters.to_string()),
        ];
        let Some(form) = &self.form else {
            record.resize(COLUMNS.len() + fields, String::new());
            return record;
        };
        let findings: Vec<_> = form.findings.iter().map(ToString::to_string).collect();
        record.extend([
            form.index.to_string(),
            form.digest.to_string(),
            form.revision.to_string(),
            form.device_ms.to_string(),
            form.arrived_ms.to_string(),
            findings.join(" "),
        ]);
        record.extend(form.counts.iter().map(|count| match count {
            Count::NotWritten => String::new(),
            Count::Illegible => "illegible".to_owned(),
            Count::Written(number) => number.to_string(),
        }));
        record
    }
}
