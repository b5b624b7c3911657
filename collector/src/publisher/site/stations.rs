//! All stations of a contest as one CSV file, for whoever wants everything: from time to time,
//! for a nation's take seconds.
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

use flate2::Compression;
use flate2::write::GzEncoder;
use saksi_proto::count::Count;
use saksi_proto::definition::StationIndex;
use saksi_proto::digest::Digest;
use saksi_proto::ids::ContestCode;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::super::PublishFault;
use super::super::disk::Disk;
use super::table::{Seen, read};
use super::work::STATIONS;
use super::{PACKED, STATIONS_FILE, Site, path};
use crate::tally::revisions::{Revisions, StationState};
use crate::tally::ruled::Ruled;
use crate::view::moment::Moment;
use crate::view::state::state_and_findings;

/// Between two of them, in milliseconds: 822,000 stations of one contest are 100 MB, and take
/// some seconds of a processor.
const PERIOD_MS: u64 = 10 * 60 * 1_000;

/// Where they lie.
const DIRECTORY: &str = "stations";

/// Those that stay: a reader of the pointer has one more period to read what it names.
const KEPT: usize = 2;

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

#[derive(Serialize)]
struct File {
    contest: ContestCode,
    file: String,
    /// Of the file as it is without compression.
    sha256: Digest,
    stations: usize,
}

/// What is compressed, and its hash.
struct Packer {
    packer: GzEncoder<Vec<u8>>,
    hasher: Sha256,
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
    /// Memory: one file, compressed; 20 to 80 MB for a nation.
    pub(super) fn write_stations(&mut self, seen: &Seen, at_ms: u64) -> Result<(), PublishFault> {
        let is_time = self.stations_ms.is_none_or(|last| at_ms >= last.saturating_add(PERIOD_MS));
        if !is_time {
            return Ok(());
        }
        self.leave_room()?;
        let size = seen.position.size;
        let mut contests = Vec::new();
        for (at, contest) in seen.election.definition.contests().iter().enumerate() {
            let file = format!("{DIRECTORY}/{size}/{}.csv", contest.code);
            let (bytes, sha256, stations) = self.table_of(seen, at)?;
            self.directory.put(&path(&format!("{file}{PACKED}")), &bytes)?;
            contests.push(File { contest: contest.code, file, sha256, stations });
        }
        self.directory.settle()?;
        let (origin, root) = (self.key.origin.as_str(), seen.position.root);
        let pointer = Pointer { format: 1, origin, size, root, at_ms, contests };
        let mut json = serde_json::to_vec_pretty(&pointer).expect("numbers and names are JSON");
        json.push(b'\n');
        self.directory.put(&path(STATIONS_FILE), &json)?;
        self.directory.settle()?;
        self.stations_ms = Some(at_ms);
        self.forget_stations(size)
    }

    fn table_of(
        &self,
        seen: &Seen,
        contest: usize,
    ) -> Result<(Vec<u8>, Digest, usize), PublishFault> {
        let stations = seen.election.definition.stations_of(contest);
        let packer = GzEncoder::new(Vec::new(), Compression::fast());
        let mut csv = csv::Writer::from_writer(Packer { packer, hasher: Sha256::new() });
        let fields = seen.election.layout(contest).fields().iter().map(|it| it.code.as_str());
        csv.write_record(COLUMNS.into_iter().chain(fields)).expect("memory takes everything");
        for piece in stations.chunks(STATIONS) {
            let rows: Vec<_> = {
                let ledger = read(&self.ledger)?;
                let moment = Moment::at(&ledger, seen.position.size);
                piece.iter().map(|station| row(moment, contest, *station)).collect()
            };
            for row in rows {
                csv.write_record(row).expect("memory takes everything");
            }
        }
        let Ok(Packer { packer, hasher }) = csv.into_inner() else {
            unreachable!("memory takes everything")
        };
        let packed = packer.finish().expect("memory takes everything");
        Ok((packed, Digest(hasher.finalize().into()), stations.len()))
    }

    /// Removes all but the newest; what is newer than those was cut off.
    fn forget_stations(&mut self, newest: u64) -> Result<(), PublishFault> {
        let files = self.directory.disk.files(&path(DIRECTORY));
        let files = files.map_err(PublishFault::file(DIRECTORY))?;
        let size = |path: &String| path.split('/').nth(2)?.parse::<u64>().ok();
        let mut sizes: Vec<_> = files.iter().filter_map(size).collect();
        sizes.retain(|size| *size <= newest);
        sizes.sort_unstable();
        sizes.dedup();
        let old = sizes.len().saturating_sub(KEPT);
        for size in &sizes[..old] {
            self.directory.remove(&path(&format!("{DIRECTORY}/{size}")))?;
        }
        self.directory.settle()
    }
}

fn row(moment: Moment<'_>, contest: usize, station: StationIndex) -> Vec<String> {
    let definition = &moment.election().definition;
    let of = &definition.stations()[station as usize];
    let (state, findings) = state_and_findings(moment, contest, station, true);
    let revisions = moment.revisions(contest, station);
    let ruling = moment.rulings(contest, station).last();
    let state = serde_json::to_value(state).ok();
    let findings: Vec<_> = findings.iter().map(ToString::to_string).collect();
    let number = |yes: bool| u8::from(yes).to_string();
    let mut row = vec![
        of.code.to_string(),
        of.region.to_string(),
        state.as_ref().and_then(|state| state.as_str()).unwrap_or_default().to_owned(),
        number(revisions.as_ref().is_some_and(|revisions| revisions.is_corrected())),
        number(ruling.is_some_and(Ruled::stands)),
        moment.registered(station).map_or_else(String::new, |voters| voters.to_string()),
    ];
    let fields = moment.election().layout(contest).fields().len();
    row.extend(revisions.as_deref().and_then(|all| form(all, ruling, &findings)).unwrap_or_else(
        // No form counts, or waits for a ruling of its own.
        || vec![String::new(); COLUMNS.len() - 6 + fields],
    ));
    row
}

/// The columns of the form that is counted or held.
fn form(all: &Revisions, ruling: Option<&Ruled>, findings: &[String]) -> Option<Vec<String>> {
    let (StationState::Counted(head) | StationState::Held(head)) = all.state(ruling) else {
        return None;
    };
    let report = &head.report;
    let mut row = vec![
        head.index.to_string(),
        report.digest.to_string(),
        report.revision.to_string(),
        report.device_ms.to_string(),
        report.arrived_ms.to_string(),
        findings.join(" "),
    ];
    row.extend(report.counts().map(|count| match count {
        Count::NotWritten => String::new(),
        Count::Illegible => "illegible".to_owned(),
        Count::Written(number) => number.to_string(),
    }));
    Some(row)
}
