//! An election with everything that a page can show: two levels of regions, one of
//! them with a hostile name, a contest of candidates and one of parties in a part
//! of the country; a station in each state, a correction, a blank, an illegible box.

use std::path::Path;
use std::sync::{Arc, RwLock};

use axum::Router;
use saksi_proto::author::{self, Pack};
use saksi_proto::count::Count::{self, Illegible, NotWritten, Written};
use saksi_proto::digest::Digest;
use saksi_proto::entry::{Act, Arrival, Enrolment, Entry, Evidence, Revocation, Warrant};
use saksi_proto::form::TallyForm;
use saksi_proto::ids::Phase;
use saksi_proto::question::Question;
use saksi_proto::ruling::{Amended, Amendment, Decision, Pause, Ruling};

use crate::boundaries::Boundaries;
use crate::changes::centre::{held_at, to_rule_on};
use crate::election::Election;
use crate::ledger::Ledger;
use crate::sample;
use crate::web;

const ELECTION: &str = r#"
format = 1
id = "example"
name = { id = "Pemilihan contoh", en = "Example election" }
phase = "rehearsal"
time_zone = "Asia/Jayapura"
languages = ["id", "en"]
level = [
    { code = "country", depth = 0, name = { id = "Negara", en = "Country" } },
    { code = "district", depth = 1, name = { id = "Kecamatan", en = "District" } },
    { code = "village", depth = 2, name = { id = "Desa", en = "Village" } },
]
[[form]]
code = "form"
name = "Formulir"
summary = { registered = "I.A.J", voters = "I.B", valid = "V.A", invalid = "V.B" }
line = [
    { code = "I.A", section = "I", letter = "A", name = "DPT", columns = ["L", "P", "J"], bound = 999 },
    { code = "I.B", section = "I", letter = "B", name = "Pengguna", bound = 999 },
    { code = "IV", section = "IV", letter = "", name = "Suara", votes = "candidates", bound = 999 },
    { code = "V.A", section = "V", letter = "A", name = "Sah", bound = 999 },
    { code = "V.B", section = "V", letter = "B", name = "Tidak sah", bound = 999 },
]
rule = [
    { code = "A4", severity = "hard", check = "votes = V.A", sentence = { id = "Harus sama", en = "Must equal" } },
    { code = "B8", severity = "warn", check = "10 * V.B <= V.A", sentence = { id = "Jarang", en = "Rare" } },
]
[[form]]
code = "lists"
name = "Formulir partai"
summary = { registered = "I.A", valid = "V.A" }
section = [
    { code = "I", title = { id = "Data pemilih", en = "Voters" } },
    { code = "IV", title = "Suara <b>partai</b>" },
    { code = "V", title = "Suara sah" },
]
line = [
    { code = "I.A", section = "I", letter = "A", name = "DPT", bound = 999 },
    { code = "IV", section = "IV", letter = "", name = "Suara partai", votes = "parties", bound = 999 },
    { code = "V.A", section = "V", letter = "A", name = "Sah", bound = 999 },
]
rule = [
    { code = "A9", severity = "hard", check = "party.own + party.candidates = party.total", sentence = "Jumlah partai" },
]
[[contest]]
code = "head"
name = { id = "Bupati", en = "Regent" }
form = "form"
scope = "everywhere"
candidate = [{ code = "01", name = "Ani" }, { code = "02", name = "Budi & <b>Cici</b>" }]
[[contest]]
code = "council"
name = { id = "Dewan", en = "Council" }
form = "lists"
scope = ["1"]
party = [
    { code = "1", name = "Partai Satu", candidate = [{ code = "01", name = "Caleg Satu" }] },
    { code = "2", name = "Partai Dua", candidate = [] },
    { code = "3", name = "Partai Tiga", candidate = [] },
    { code = "4", name = "Partai Empat", candidate = [] },
    { code = "5", name = "Partai Lima", candidate = [] },
    { code = "6", name = "Partai Enam", candidate = [] },
]
"#;

/// The name of region 2, as it is in the definition.
pub(super) const HOSTILE: &str = "<script>alert('1')</script>";

const REGIONS: &str = "code,parent,level,name\n0,,country,Negara\n1,0,district,Utara\n\
    2,0,district,<script>alert('1')</script>\n11,1,village,Atas\n12,1,village,Bawah\n\
    21,2,village,Hilir\n";
const STATIONS: &str = "code,region,name,registered_men,registered_women,registered_all\n\
    11001,11,TPS 1,10,20,30\n11002,11,TPS 2,,,1200\n12001,12,TPS 1,5,5,10\n\
    21001,21,TPS 1,,,\n21002,21,TPS 2,4,5,9\n";

/// Arrival of the last form: 14 February 2024, 20:15:09 in the example's time zone.
const NIGHT_MS: u64 = 1_707_909_309_000;

/// The router over it, with nothing published.
pub(super) fn router() -> Router {
    router_over(Path::new("/dev/null"))
}

/// The router over it, and over what is published in a directory.
pub(super) fn router_over(published: &Path) -> Router {
    router_of(ledger(), published, false)
}

/// The router over it, whose pages lead to those of the static site.
pub(super) fn router_with_site(published: &Path) -> Router {
    router_of(ledger(), published, true)
}

fn router_of(ledger: Ledger, published: &Path, has_site: bool) -> Router {
    let beside = web::Beside { published: published.to_owned(), journal: None, has_site };
    web::router(Arc::new(RwLock::new(ledger)), &beside)
}

/// The router over it, with maps or layouts of its regions.
pub(super) fn router_with_boundaries(boundaries: Boundaries) -> Router {
    let mut ledger = ledger();
    let pack = Pack { election: ELECTION, regions: REGIONS, stations: STATIONS };
    let election = Election::new(author::read(pack).expect("the example is right"));
    ledger.election = Arc::new(election.with_boundaries(boundaries));
    router_of(ledger, Path::new("/dev/null"), false)
}

/// The router over it after the centre has decided: the held form is accepted, the disputed
/// ones are rejected, a number is amended, a station did not open, one is asked, publication is
/// paused.
pub(super) fn decided() -> Router {
    let mut ledger = ledger();
    let act = |reason: &str| Act { by: "Sri <b>".to_owned(), reason: reason.to_owned() };
    for (station, accepts) in [("11002", true), ("21001", false)] {
        let (station, contest) = (station.parse().unwrap(), "head".parse().unwrap());
        let place = held_at(&ledger, contest, station).unwrap();
        let over = to_rule_on(&ledger, place.0, place.1);
        let decision = if accepts { Decision::Accept(over[0]) } else { Decision::Reject };
        let act = act("sesuai <kertas>");
        let at_ms = NIGHT_MS;
        let ruling = Ruling { station, contest, over, decision, at_ms, act };
        sample::apply(&mut ledger, &Entry::Ruling(ruling)).unwrap();
    }
    for (station, change) in [("11001", Amended::Registered(31)), ("21002", Amended::Unopened)] {
        let (station, at_ms, act) = (station.parse().unwrap(), NIGHT_MS, act("banjir"));
        let amendment = Amendment { station, change, at_ms, act };
        sample::apply(&mut ledger, &Entry::Amendment(amendment)).unwrap();
    }
    let question = Question {
        station: "12001".parse().unwrap(),
        contest: "head".parse().unwrap(),
        lines: vec!["V.B".to_owned(), "I.A".to_owned()],
        text: "5 atau <15>?".to_owned(),
        at_ms: NIGHT_MS,
        act: act("foto <kabur>"),
    };
    sample::apply(&mut ledger, &Entry::Question(question)).unwrap();
    let pause = Pause { paused: true, at_ms: NIGHT_MS, act: act("listrik <padam>") };
    sample::apply(&mut ledger, &Entry::Pause(pause)).unwrap();
    router_of(ledger, Path::new("nowhere"), false)
}

fn ledger() -> Ledger {
    let pack = Pack { election: ELECTION, regions: REGIONS, stations: STATIONS };
    let election = Arc::new(Election::new(author::read(pack).expect("the example is right")));
    let mut ledger = Ledger::new(Arc::clone(&election));
    sample::apply(&mut ledger, &sample::manifest(&election, "")).unwrap();
    let mut arrived_ms = NIGHT_MS - 7_000;
    let mut add = |form: &TallyForm| {
        arrived_ms += 1_000;
        let sealed = sample::sealed(form);
        let arrival = Arrival { arrived_ms, sealed: sealed.bytes().to_vec() };
        sample::apply(&mut ledger, &Entry::Form(arrival)).unwrap();
        sealed.digest()
    };
    add(&form(&election, "11001", "head", written(&[10, 20, 30, 25, 15, 8, 23, 2])));
    let mut held = form(&election, "11002", "head", written(&[500, 700, 1200, 20, 9, 9, 20, 0]));
    held.explanation = Some("memang <i>begitu</i>".to_owned());
    add(&held);
    let wrong = add(&form(&election, "12001", "head", written(&[5, 5, 10, 8, 33, 5, 8, 0])));
    let mut counts = written(&[5, 5, 10, 8, 3, 5, 8]);
    counts.push(NotWritten);
    let mut right = form(&election, "12001", "head", counts);
    (right.revision, right.supersedes) = (2, Some(wrong));
    right.reason = Some("salah salin".to_owned());
    add(&right);
    for voters in [7, 8] {
        let mut counts = written(&[0, 0, 0, voters, 3, 4, 7, 0]);
        counts[0] = Illegible;
        add(&form(&election, "21001", "head", counts));
    }
    add(&form(
        &election,
        "11001",
        "council",
        written(&[29, 3, 4, 7, 1, 1, 9, 9, 0, 0, 5, 5, 0, 0, 22]),
    ));
    let late = form(&election, "21002", "head", written(&[4, 5, 9, 3, 1, 2, 3, 0]));
    let late = sample::sealed(&late).into_bytes();
    for entry in revoked("21002", Arrival { arrived_ms: NIGHT_MS, sealed: late }) {
        sample::apply(&mut ledger, &entry).unwrap();
    }
    ledger.position.root = Some(Digest::of(b"root"));
    ledger
}

/// A device that is enrolled, revoked, and heard once more.
fn revoked(station: &str, arrival: Arrival) -> [Entry; 3] {
    let key = sample::key(station).verifying_key().to_bytes();
    let (station, act) = (station.parse().unwrap(), Act::default());
    let (at_ms, warrant) = (1, Warrant::Bundle(act.clone()));
    [
        Entry::Enrolment(Enrolment { station, key, at_ms, warrant }),
        Entry::Revocation(Revocation { station, key, at_ms, act }),
        Entry::Evidence(Evidence { key, arrival }),
    ]
}

fn written(numbers: &[u32]) -> Vec<Count> {
    numbers.iter().copied().map(Written).collect()
}

fn form(election: &Election, station: &str, contest: &str, counts: Vec<Count>) -> TallyForm {
    TallyForm {
        election: election.definition.digest(),
        phase: Phase::Rehearsal,
        station: station.parse().unwrap(),
        contest: contest.parse().unwrap(),
        revision: 1,
        supersedes: None,
        device_ms: 5_000,
        counts,
        explanation: None,
        reason: None,
        photos: vec![Digest::of(b"photo")],
    }
}
