//! A small election for the tests of this crate: two villages with two and one
//! stations, two candidates, a hard rule (A4) and a warning (B8).

use std::sync::Arc;

use saksi_proto::SigningKey;
use saksi_proto::author::{self, ELECTION_FILE, Pack, REGIONS_FILE, STATIONS_FILE};
use saksi_proto::count::Count;
use saksi_proto::digest::Digest;
use saksi_proto::entry::{Act, Arrival, Enrolment, Entry, Manifest, Warrant};
use saksi_proto::form::TallyForm;
use saksi_proto::ids::Phase;
use saksi_proto::seal::SealedForm;

use crate::election::Election;
use crate::ledger::Ledger;
use crate::log::LogFault;
use crate::reading::Reading;

const ELECTION: &str = r#"
format = 1
id = "sample"
name = "Sample"
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
"#;
const REGIONS: &str =
    "code,parent,level,name\n0,,country,Negara\n1,0,village,Satu\n2,0,village,Dua\n";
const STATIONS: &str = "code,region,name,registered_men,registered_women,registered_all\n\
                        1001,1,TPS 1,10,20,30\n1002,1,TPS 2,,,\n2001,2,TPS 1,1,1,2\n";

/// The definition's files, by their names.
pub(crate) const PACK_FILES: [(&str, &str); 3] =
    [(ELECTION_FILE, ELECTION), (REGIONS_FILE, REGIONS), (STATIONS_FILE, STATIONS)];

pub(crate) fn election() -> Election {
    let pack = Pack { election: ELECTION, regions: REGIONS, stations: STATIONS };
    Election::new(author::read(pack).expect("the sample is right"))
}

/// The key of a station's device.
pub(crate) fn key(station: &str) -> SigningKey {
    SigningKey::from_bytes(&Digest::of(station.as_bytes()).0)
}

pub(crate) fn manifest(election: &Election, log_key: &str) -> Entry {
    Entry::Manifest(Manifest {
        election: election.definition.head().id,
        phase: Phase::Rehearsal,
        roots: election.definition.roots().clone(),
        log_key: log_key.to_owned(),
        authority: Digest::of(b"authority"),
        at_ms: 1,
    })
}

pub(crate) fn enrolments() -> Vec<Enrolment> {
    let stations = ["1001", "1002", "2001"].map(|station| Enrolment {
        station: station.parse().unwrap(),
        key: key(station).verifying_key().to_bytes(),
        at_ms: 2,
        warrant: Warrant::Bundle(Act::default()),
    });
    stations.into()
}

/// A ledger with its manifest and all stations enrolled.
pub(crate) fn ledger() -> Ledger {
    let election = Arc::new(election());
    let mut ledger = Ledger::new(Arc::clone(&election));
    apply(&mut ledger, &manifest(&election, "")).unwrap();
    for enrolment in enrolments() {
        apply(&mut ledger, &Entry::Enrolment(enrolment)).unwrap();
    }
    ledger
}

/// Reads and folds one entry.
pub(crate) fn apply(ledger: &mut Ledger, entry: &Entry) -> Result<(), LogFault> {
    let index = ledger.position.size;
    let read = Reading::of(&ledger.election, &entry.encode());
    let reading = read.map_err(|fault| LogFault::Entry { index, fault })?;
    Ok(ledger.apply(reading.meaning)?)
}

/// A first form for the contest everybody has: votes of 01, of 02, and their sum.
pub(crate) fn form(station: &str, counts: [u32; 3]) -> TallyForm {
    TallyForm {
        election: election().definition.digest(),
        phase: Phase::Rehearsal,
        station: station.parse().unwrap(),
        contest: "mayor".parse().unwrap(),
        revision: 1,
        supersedes: None,
        device_ms: 3,
        counts: counts.map(Count::Written).to_vec(),
        explanation: None,
        reason: None,
        photos: Vec::new(),
    }
}

/// Sealed by the device of the station it speaks for.
pub(crate) fn sealed(form: &TallyForm) -> SealedForm {
    SealedForm::seal(form, &key(form.station.as_str())).unwrap()
}

pub(crate) fn arrival(sealed: &SealedForm) -> Entry {
    Entry::Form(Arrival { arrived_ms: 4, sealed: sealed.bytes().to_vec() })
}
