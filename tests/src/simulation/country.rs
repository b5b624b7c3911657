//! The country of the simulation: six stations in three villages, two contests that
//! everybody holds, and one that is held in a single village.
//!
//! There are as many candidates as stations, and station *i* votes for candidate *i*
//! only, once. So every sum of votes is 0 or 1, and a 2 proves double counting.

use std::sync::Arc;

use saksi_collector::changes::Change;
use saksi_collector::election::Election;
use saksi_proto::SigningKey;
use saksi_proto::author::{self, Pack};
use saksi_proto::count::Count;
use saksi_proto::digest::Digest;
use saksi_proto::entry::{Act, Enrolment, Entry, Manifest, Warrant};
use saksi_proto::form::TallyForm;
use saksi_proto::ids::Phase;

/// Polling stations, and candidates.
pub const STATIONS: usize = 6;

/// Devices of honest officers. The last one is the second of station [`TWIN_OF`].
pub const DEVICES: usize = 6;

/// The station with two devices, which know nothing of each other.
pub const TWIN_OF: usize = 1;

/// The second device of station [`TWIN_OF`].
pub const TWIN: usize = DEVICES - 1;

/// The station whose device belongs to someone who forges.
pub const HOSTILE: usize = STATIONS - 1;

/// Contests that every station holds.
pub const CONTESTS: [&str; 2] = ["head", "council"];

/// A contest that no simulated station holds.
pub const NOT_HELD: &str = "hamlet";

const ELECTION: &str = r#"
format = 1
id = "simulated"
name = "Simulation"
phase = "rehearsal"
time_zone = "Asia/Jakarta"
languages = ["id", "en"]
level = [
    { code = "country", depth = 0, name = "Negara" },
    { code = "district", depth = 1, name = "Kecamatan" },
    { code = "village", depth = 2, name = "Desa" },
]
[[form]]
code = "form"
name = "Formulir"
summary = { valid = "S", invalid = "N" }
line = [
    { code = "V", section = "I", letter = "A", name = "Suara", votes = "candidates", bound = 999 },
    { code = "S", section = "I", letter = "B", name = "Jumlah", bound = 999 },
    { code = "N", section = "I", letter = "C", name = "Tidak sah", bound = 999 },
]
rule = [{ code = "A4", severity = "hard", check = "votes = S", sentence = "Jumlah" }]
"#;

const REGIONS: &str = "code,parent,level,name\n0,,country,Negara\n1,0,district,Satu\n2,0,district,Dua\n\
                       11,1,village,A\n12,1,village,B\n21,2,village,C\n22,2,village,D\n";

/// The village of each station.
const VILLAGES: [&str; STATIONS] = ["11", "11", "12", "21", "21", "12"];

/// The code of a station.
#[must_use]
pub fn station(station: usize) -> String {
    format!("100{station}")
}

/// The key of a station's device, known to whoever has its bundle.
#[must_use]
pub fn key(station: usize) -> SigningKey {
    SigningKey::from_bytes(&Digest::of(self::station(station).as_bytes()).0)
}

/// The regions above a station, itself not counted: village, district, country.
#[must_use]
pub fn above(station: usize) -> [&'static str; 3] {
    let village = VILLAGES[station];
    [village, &village[..1], "0"]
}

/// The regions above the station that nobody plays.
pub const IDLE: [&str; 3] = ["22", "2", "0"];

/// Registered voters of every station, by the definition.
pub const VOTERS: u32 = 2;

/// All regions.
pub const ALL_REGIONS: [&str; 7] = ["0", "1", "2", "11", "12", "21", "22"];

/// The election, laid out.
///
/// # Panics
/// Never: it has no mistakes.
#[must_use]
pub fn election() -> Arc<Election> {
    let contest = |code: &str, scope: &str| {
        let candidate = |number| format!("{{ code = \"0{number}\", name = \"Calon {number}\" }}");
        let candidates: Vec<_> = (1..=STATIONS).map(candidate).collect();
        format!(
            "[[contest]]\ncode = \"{code}\"\nname = \"{code}\"\nform = \"form\"\nscope = {scope}\n\
             candidate = [{}]\n",
            candidates.join(", ")
        )
    };
    let everywhere = CONTESTS.map(|code| contest(code, "\"everywhere\"")).concat();
    let text = format!("{ELECTION}{everywhere}{}", contest(NOT_HELD, "[\"22\"]"));
    let row = |at: usize| format!("{},{},TPS {at},1,1,2\n", station(at), VILLAGES[at]);
    let rows: String = (0..STATIONS).map(row).collect();
    let head = "code,region,name,registered_men,registered_women,registered_all\n";
    // One station in the village that holds the third contest; nobody plays it.
    let stations = format!("{head}{rows}2000,22,TPS X,1,1,2\n");
    let pack = Pack { election: &text, regions: REGIONS, stations: &stations };
    Arc::new(Election::new(author::read(pack).expect("an election without mistakes")))
}

/// The entry that begins the log.
#[must_use]
pub fn manifest(election: &Election, log_key: &str) -> Entry {
    Entry::Manifest(Manifest {
        election: election.definition.head().id,
        phase: Phase::Rehearsal,
        roots: election.definition.roots().clone(),
        log_key: log_key.to_owned(),
        authority: Digest::of(b"authority"),
        at_ms: 1,
    })
}

/// Every station's device becomes its voice.
///
/// # Panics
/// Never: the codes are codes.
#[must_use]
pub fn enrolments() -> Vec<Enrolment> {
    (0..STATIONS).map(enrolment).collect()
}

fn enrolment(at: usize) -> Enrolment {
    Enrolment {
        station: station(at).parse().expect("a code"),
        key: key(at).verifying_key().to_bytes(),
        at_ms: 2,
        warrant: Warrant::Bundle(Act::default()),
    }
}

/// A station's devices may speak no more.
///
/// # Panics
/// Never: the codes are codes.
#[must_use]
pub fn revocation(at: usize) -> Change {
    let stations = vec![station(at).parse().expect("a code")];
    Change::Revoke { stations, act: Act::default(), at_ms: 3 }
}

/// A station's devices may speak again.
#[must_use]
pub fn reinstatement(at: usize) -> Change {
    Change::Enrol { enrolments: vec![enrolment(at)], replace: false }
}

/// What stands on a station's paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paper {
    /// Whether it adds up; otherwise it breaks the hard rule.
    pub sound: bool,
    /// Its spoilt ballots.
    pub spoilt: u8,
}

/// A form of a station: one vote for its own candidate.
///
/// # Panics
/// If the contest is no code.
#[must_use]
pub fn form(
    election: &Election,
    station: usize,
    contest: &str,
    paper: Paper,
    device_ms: u64,
) -> TallyForm {
    let mut counts = vec![Count::Written(0); STATIONS];
    counts[station] = Count::Written(1);
    counts.push(Count::Written(if paper.sound { 1 } else { 2 }));
    counts.push(Count::Written(paper.spoilt.into()));
    TallyForm {
        election: election.definition.digest(),
        phase: Phase::Rehearsal,
        station: self::station(station).parse().expect("a code"),
        contest: contest.parse().expect("a code"),
        revision: 1,
        supersedes: None,
        device_ms,
        counts,
        explanation: None,
        reason: None,
        photos: Vec::new(),
    }
}
