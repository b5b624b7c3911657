//! The log's own operator lies: the tree is right and signed, what stands in it is not.

use saksi_proto::entry::{
    Act, Arrival, CodeGrant, CodeScope, CodeTag, Enrolment, Entry, Evidence, Revocation, Warrant,
};
use saksi_proto::ids::Phase;
use saksi_proto::ruling::{Decision, Ruling};
use saksi_proto::seal::SealedForm;

use crate::audit::Given;
use crate::audit::fault::LieKind;
use crate::audit::sample::{PublicLog, audited, enrolment, lie, night};
use crate::sample::{arrival, form, key, sealed};

/// Makes a lie at an entry of the night; the entry that is to be named comes with it.
type Lying = fn(&mut Vec<Entry>) -> u64;

fn push(entries: &mut Vec<Entry>, entry: Entry) -> u64 {
    entries.push(entry);
    entries.len() as u64 - 1
}

fn signed_by(form: &saksi_proto::form::TallyForm, device: &str) -> Entry {
    arrival(&SealedForm::seal(form, &key(device)).unwrap())
}

fn manifest(entries: &mut [Entry], change: impl FnOnce(&mut saksi_proto::entry::Manifest)) -> u64 {
    if let Entry::Manifest(manifest) = &mut entries[0] {
        change(manifest);
    }
    0
}

fn code(tag: u8, scope: CodeScope, until_ms: u64) -> Entry {
    let (tag, act) = (CodeTag([tag; 16]), Act::default());
    Entry::Code(CodeGrant { tag, scope, until_ms, at_ms: 1, act })
}

fn station(of: &str) -> CodeScope {
    CodeScope::Station(of.parse().unwrap())
}

fn by_code(of: &str, device: &str, tag: u8) -> Entry {
    let key = key(device).verifying_key().to_bytes();
    let warrant = Warrant::Code(CodeTag([tag; 16]));
    Entry::Enrolment(Enrolment { station: of.parse().unwrap(), key, at_ms: 50, warrant })
}

fn revocation(of: &str, device: &str) -> Entry {
    let (key, act) = (key(device).verifying_key().to_bytes(), Act::default());
    Entry::Revocation(Revocation { station: of.parse().unwrap(), key, at_ms: 9, act })
}

const FORMS: [(&str, LieKind, Lying); 10] = [
    ("a signature that is none", LieKind::Signature, |entries| {
        let mut bytes = sealed(&form("1002", [1, 1, 2])).into_bytes();
        bytes[20] ^= 1;
        push(entries, Entry::Form(Arrival { arrived_ms: 9, sealed: bytes }))
    }),
    ("a number that was changed under its signature", LieKind::Signature, |entries| {
        // Both are of the same length and differ in one number.
        let [said, other] = [[1, 1, 9], [1, 2, 9]].map(|counts| sealed(&form("1002", counts)));
        let (mut forged, other) = (said.bytes().to_vec(), other.bytes());
        forged[65..].copy_from_slice(&other[65..]);
        entries[6] = Entry::Form(Arrival { arrived_ms: 4, sealed: forged });
        6
    }),
    ("a form signed by another station's device", LieKind::Signature, |entries| {
        push(entries, signed_by(&form("1002", [1, 1, 2]), "1001"))
    }),
    ("a form before its device was enrolled", LieKind::Signature, |entries| {
        let entry = entries.remove(5);
        entries.insert(1, entry);
        1
    }),
    ("a form after its device was revoked", LieKind::Signature, |entries| {
        push(entries, signed_by(&form("2001", [7, 0, 7]), "2001"))
    }),
    ("a form that counts twice", LieKind::Rule, |entries| {
        let entry = entries[5].clone();
        push(entries, entry)
    }),
    ("a form of another election", LieKind::Rule, |entries| {
        let mut form = form("1002", [1, 1, 2]);
        form.election = saksi_proto::digest::Digest([3; 32]);
        push(entries, signed_by(&form, "1002"))
    }),
    ("a form of another phase", LieKind::Rule, |entries| {
        let mut form = form("1002", [1, 1, 2]);
        form.phase = Phase::Official;
        push(entries, signed_by(&form, "1002"))
    }),
    ("a form with too few numbers", LieKind::Rule, |entries| {
        let mut form = form("1002", [1, 1, 2]);
        form.counts.pop();
        push(entries, signed_by(&form, "1002"))
    }),
    ("a form of a contest that is not held there", LieKind::Rule, |entries| {
        let mut form = form("1002", [1, 1, 2]);
        form.contest = "hamlet".parse().unwrap();
        form.counts.pop();
        push(entries, signed_by(&form, "1002"))
    }),
];

const ROSTER: [(&str, LieKind, Lying); 17] = [
    ("no manifest", LieKind::Rule, |entries| {
        entries.remove(0);
        0
    }),
    ("two manifests", LieKind::Rule, |entries| {
        let entry = entries[0].clone();
        push(entries, entry)
    }),
    ("a log begun with another key", LieKind::Rule, |entries| {
        manifest(entries, |manifest| manifest.log_key.push('A'))
    }),
    ("a log begun in another phase", LieKind::Rule, |entries| {
        manifest(entries, |manifest| manifest.phase = Phase::Official)
    }),
    ("a log begun as another election", LieKind::Rule, |entries| {
        manifest(entries, |manifest| manifest.election = "other".parse().unwrap())
    }),
    ("a device of no station", LieKind::Rule, |entries| push(entries, enrolment("9999", "9999"))),
    ("a key of small order", LieKind::Rule, |entries| {
        let mut entry = enrolment("1002", "x");
        if let Entry::Enrolment(of) = &mut entry {
            of.key = [0; 32];
        }
        push(entries, entry)
    }),
    ("a revocation of another device", LieKind::Rule, |entries| {
        push(entries, revocation("1002", "1001"))
    }),
    ("evidence of a device that speaks", LieKind::Rule, |entries| {
        let sealed = sealed(&form("1002", [7, 0, 7])).into_bytes();
        let arrival = Arrival { arrived_ms: 9, sealed };
        let key = key("1002").verifying_key().to_bytes();
        push(entries, Entry::Evidence(Evidence { key, arrival }))
    }),
    ("evidence that its device has not signed", LieKind::Signature, |entries| {
        let sealed = SealedForm::seal(&form("2001", [7, 0, 7]), &key("1001")).unwrap();
        let arrival = Arrival { arrived_ms: 9, sealed: sealed.into_bytes() };
        let key = key("2001").verifying_key().to_bytes();
        push(entries, Entry::Evidence(Evidence { key, arrival }))
    }),
    ("a rehearsal that its device has not signed", LieKind::Signature, |entries| {
        let form = form("1002", [7, 0, 7]);
        let sealed = SealedForm::seal(&form, &key("1001")).unwrap().into_bytes();
        push(entries, Entry::Rehearsal(Arrival { arrived_ms: 9, sealed }))
    }),
    ("a code that was never given out", LieKind::Rule, |entries| {
        push(entries, by_code("2001", "new", 1))
    }),
    ("a code of another station", LieKind::Rule, |entries| {
        push(entries, code(1, station("1001"), 99));
        push(entries, by_code("2001", "new", 1))
    }),
    ("a code of another region", LieKind::Rule, |entries| {
        push(entries, code(1, CodeScope::Region("1".parse().unwrap()), 99));
        push(entries, by_code("2001", "new", 1))
    }),
    ("a code whose time was over", LieKind::Rule, |entries| {
        push(entries, code(1, station("2001"), 49));
        push(entries, by_code("2001", "new", 1))
    }),
    ("a code that was used before", LieKind::Rule, |entries| {
        push(entries, code(1, station("2001"), 99));
        push(entries, by_code("2001", "new", 1));
        push(entries, revocation("2001", "new"));
        push(entries, by_code("2001", "newer", 1))
    }),
    ("a code at a station that has a device", LieKind::Rule, |entries| {
        push(entries, code(1, station("1002"), 99));
        push(entries, by_code("1002", "new", 1))
    }),
];

/// On the two forms of station 2001, or on those of them.
fn ruling(over: &[[u32; 3]], accepted: [u32; 3], reason: &str) -> Entry {
    let digest = |counts: [u32; 3]| sealed(&form("2001", counts)).digest();
    let (station, contest) = ("2001".parse().unwrap(), "mayor".parse().unwrap());
    let over = over.iter().map(|counts| digest(*counts)).collect();
    let decision = Decision::Accept(digest(accepted));
    let act = Act { by: "sri".to_owned(), reason: reason.to_owned() };
    Entry::Ruling(Ruling { station, contest, over, decision, at_ms: 9, act })
}

const RULINGS: [(&str, LieKind, Lying); 3] = [
    ("a ruling without a reason", LieKind::Rule, |entries| {
        push(entries, ruling(&[[5, 0, 5], [6, 0, 6]], [6, 0, 6], " "))
    }),
    ("a ruling that leaves a form out", LieKind::Rule, |entries| {
        push(entries, ruling(&[[6, 0, 6]], [6, 0, 6], "the paper"))
    }),
    ("a ruling for a form that nobody has sent", LieKind::Rule, |entries| {
        push(entries, ruling(&[[5, 0, 5], [6, 0, 6]], [7, 0, 7], "the paper"))
    }),
];

#[test]
fn what_the_operator_has_put_into_the_log_is_found_and_named() {
    for (what, kind, lying) in FORMS.into_iter().chain(ROSTER).chain(RULINGS) {
        let mut entries = night();
        let entry = lying(&mut entries);
        let dir = PublicLog::of(&entries).write();
        let found = lie(dir.path(), &Given::default());
        assert_eq!((found.kind, found.entry), (kind, Some(entry)), "{what}: {found}");
        assert!(found.file.starts_with("tile/entries/000.p/"), "{what}: {found}");
    }
}

/// The same, but as it should be.
#[test]
fn a_device_that_has_enrolled_by_the_rules_is_no_lie() {
    let mut entries = night();
    push(&mut entries, code(1, station("2001"), 99));
    push(&mut entries, by_code("2001", "new", 1));
    push(&mut entries, signed_by(&form("2001", [7, 0, 7]), "new"));
    push(&mut entries, revocation("1002", "1002"));
    push(&mut entries, code(2, CodeScope::Region("1".parse().unwrap()), 50));
    push(&mut entries, by_code("1002", "spare", 2));
    push(&mut entries, enrolment("1001", "1001-b"));
    push(&mut entries, signed_by(&form("1001", [7, 1, 8]), "1001-b"));
    let dir = PublicLog::of(&entries).write();
    audited(dir.path(), &Given::default()).1.unwrap();
}

#[test]
fn a_ruling_by_the_rules_is_followed() {
    let mut entries = night();
    push(&mut entries, ruling(&[[5, 0, 5], [6, 0, 6]], [6, 0, 6], "the paper"));
    let dir = PublicLog::of(&entries).write();
    let (report, done) = audited(dir.path(), &Given::default());
    done.unwrap();
    let stations = report.contests[0].stations;
    assert_eq!((stations.disputed, stations.ruled, stations.counted), (0, 1, 2));
}

#[test]
fn an_entry_that_is_none_is_named() {
    let mut log = PublicLog::of(&night());
    log.entries[7] = vec![200, 1];
    log.totals_at = None;
    let found = lie(log.write().path(), &Given::default());
    assert_eq!((found.kind, found.entry), (LieKind::Rule, Some(7)), "{found}");
}
