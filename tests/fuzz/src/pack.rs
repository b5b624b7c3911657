//! The election of the fuzz targets: two villages with two and one stations, three
//! contests, a form for candidates and one for parties. Everybody knows the devices' keys.

use saksi_proto::SigningKey;
use saksi_proto::author::{self, Pack};
use saksi_proto::count::Count;
use saksi_proto::definition::Definition;
use saksi_proto::digest::Digest;
use saksi_proto::form::TallyForm;
use saksi_proto::ids::Phase;

/// What the election is.
pub const ELECTION: &str = r#"
format = 1
id = "fuzzed"
name = "Fuzzed"
phase = "rehearsal"
time_zone = "Asia/Jakarta"
languages = ["id", "en"]
level = [
    { code = "country", depth = 0, name = "Negara" },
    { code = "village", depth = 1, name = "Desa" },
]
[[form]]
code = "form"
name = "Formulir"
summary = { valid = "S" }
line = [
    { code = "V", section = "I", letter = "A", name = "Suara", votes = "candidates", bound = 999 },
    { code = "S", section = "I", letter = "B", name = "Jumlah", bound = 999 },
]
rule = [
    { code = "A4", severity = "hard", check = "votes = S", sentence = "Jumlah" },
    { code = "B8", severity = "warn", check = "S > 0", sentence = "Nol" },
]
[[form]]
code = "lists"
name = "Daftar"
line = [
    { code = "A", section = "I", letter = "A", name = "Pemilih", columns = ["L", "P"], bound = 999 },
    { code = "W", section = "I", letter = "B", name = "Suara", votes = "parties", bound = 999 },
]
rule = [
    { code = "P1", severity = "hard", check = "party.own + party.candidates = party.total", sentence = "Partai" },
]
[[contest]]
code = "mayor"
name = "Kades"
form = "form"
scope = "everywhere"
candidate = [{ code = "01", name = "Ani" }, { code = "02", name = "Budi" }]
[[contest]]
code = "hamlet"
name = "Dusun"
form = "form"
scope = ["2"]
candidate = [{ code = "01", name = "Cici" }]
[[contest]]
code = "council"
name = "DPRD"
form = "lists"
scope = "everywhere"
party = [
    { code = "01", name = "Satu", candidate = [{ code = "1", name = "Dedi" }, { code = "2", name = "Euis" }] },
    { code = "02", name = "Dua" },
]
"#;

/// Its regions.
pub const REGIONS: &str =
    "code,parent,level,name\n0,,country,Negara\n1,0,village,Satu\n2,0,village,Dua\n";

/// Its polling stations.
pub const STATION_LIST: &str = "code,region,name,registered_men,registered_women,registered_all\n\
                                1001,1,TPS 1,10,20,30\n1002,1,TPS 2,,,\n2001,2,TPS 1,1,1,2\n";

/// Their codes.
pub const STATIONS: [&str; 3] = ["1001", "1002", "2001"];

/// The line that parts the files of a pack in an input.
const PARTING: &str = "%%\n";

/// The texts of an input, `N` of them, empty where it has fewer.
#[must_use]
pub fn parted<const N: usize>(input: &str) -> [&str; N] {
    let mut texts = input.splitn(N, PARTING);
    std::array::from_fn(|_| texts.next().unwrap_or_default())
}

/// Several texts as one input.
#[must_use]
pub fn joined(texts: &[&str]) -> String {
    texts.join(PARTING)
}

/// All of it, checked.
#[must_use]
pub fn definition() -> Definition {
    let pack = Pack { election: ELECTION, regions: REGIONS, stations: STATION_LIST };
    author::read(pack).expect("an election without mistakes")
}

/// The key of a station's device.
#[must_use]
pub fn key(station: &str) -> SigningKey {
    SigningKey::from_bytes(&Digest::of(station.as_bytes()).0)
}

/// A photo of the paper.
pub const PHOTO: &[u8] = b"a photo of the paper, of one chunk";

/// A first form of the first station for the contest that everybody holds, with a photo.
#[must_use]
pub fn form(election: Digest) -> TallyForm {
    TallyForm {
        election,
        phase: Phase::Rehearsal,
        station: STATIONS[0].parse().expect("a code"),
        contest: "mayor".parse().expect("a code"),
        revision: 1,
        supersedes: None,
        device_ms: 3,
        counts: [7, 5, 12].map(Count::Written).to_vec(),
        explanation: None,
        reason: None,
        photos: vec![Digest::of(PHOTO)],
    }
}
