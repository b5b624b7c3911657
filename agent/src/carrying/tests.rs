//! Forms of other stations in one device, over the real wire to a collector that keeps to a
//! script; the whole circle is in `tests/tests/path/carried.rs`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use saksi_proto::SigningKey;
use saksi_proto::count::Count;
use saksi_proto::digest::Digest;
use saksi_proto::form::TallyForm;
use saksi_proto::ids::Phase;
use saksi_proto::receipt::Receipt;
use saksi_proto::refusal::Refusal;
use saksi_proto::seal::SealedForm;
use saksi_proto::text::Language;

use super::parcel::write_receipts;
use super::*;
use crate::agent::Agent;
use crate::desk::{Answer, Disposable, Envelope, Request, Retention, Trouble, TroubleKind};
use crate::export;
use crate::forward::fake::{Fake, Heard, Turn};
use crate::forward::{Forwarding, Retry};
use crate::testing::{Device, ISSUED_MS, STATION, sealed_form};

const OTHER: &str = "3204061001014";

/// A form of another station of the device's election, sealed by a key of its own.
fn of_another(agent: &Agent, number: u32) -> SealedForm {
    sealed(agent, OTHER, &[9; 32], number)
}

/// The correction of a form of that station.
fn correcting(agent: &Agent, form: &SealedForm, number: u32) -> SealedForm {
    let corrected = TallyForm {
        revision: 2,
        supersedes: Some(form.digest()),
        reason: Some("misread".to_owned()),
        ..unsealed(agent, OTHER, number)
    };
    SealedForm::seal(&corrected, &SigningKey::from_bytes(&[9; 32])).unwrap()
}

fn sealed(agent: &Agent, station: &str, key: &[u8; 32], number: u32) -> SealedForm {
    SealedForm::seal(&unsealed(agent, station, number), &SigningKey::from_bytes(key)).unwrap()
}

fn unsealed(agent: &Agent, station: &str, number: u32) -> TallyForm {
    TallyForm {
        election: agent.identity().election().digest,
        phase: Phase::Rehearsal,
        station: station.parse().unwrap(),
        contest: "ppwp".parse().unwrap(),
        revision: 1,
        supersedes: None,
        device_ms: number.into(),
        counts: vec![Count::Written(number)],
        explanation: None,
        reason: None,
        photos: Vec::new(),
    }
}

fn ask(agent: &Agent, request: Request) -> Answer {
    agent.execute(Envelope::new(Language::English, request))
}

fn import(agent: &Agent, path: &Path) -> Result<Imported, Trouble> {
    match ask(agent, Request::Import { file: path.to_owned() }) {
        Answer::Imported(imported) => Ok(imported),
        Answer::Trouble(trouble) => Err(trouble),
        other => panic!("{other:?}"),
    }
}

fn file(place: &Path, forms: &[SealedForm]) -> PathBuf {
    let path = place.join("forms.saksi");
    std::fs::write(&path, export::write(forms).unwrap()).unwrap();
    path
}

fn quick(fake: &Fake) -> Forwarding {
    let (first, longest) = (Duration::from_millis(1), Duration::from_millis(20));
    let retry = Retry { first, longest, start: Duration::ZERO };
    Forwarding { collectors: vec![fake.address.clone()], retry }
}

/// Forms, and those whose receipt is here, of the one station that is carried for.
fn standing(agent: &Agent) -> (usize, usize) {
    let carried = agent.status().carried;
    assert!(carried.stations.len() < 2, "{carried:?}");
    carried.stations.first().map_or((0, 0), |of| (of.forms, of.received))
}

#[test]
fn each_form_is_taken_once_and_what_is_not_good_is_counted_and_left() {
    let (device, place) = (Device::new(), tempfile::tempdir().unwrap());
    let agent = device.agent();
    agent.submit(device.good_form("ppwp"), ISSUED_MS).unwrap();
    let own = agent.forms().unwrap().remove(0).sealed;
    let good = [of_another(&agent, 1), of_another(&agent, 2)];
    let forged = sealed(&agent, STATION, &[9; 32], 3);
    let no_form = SealedForm::from_bytes([&[1; 65][..], b"no form"].concat()).unwrap();
    let [one, two] = good.clone();
    let all = [own, one.clone(), sealed_form(1), forged, one, two, no_form];
    let path = file(place.path(), &all);
    let wanted = Imported {
        file: path.clone(),
        forms: 2,
        known: 2,
        other_election: 1,
        not_sealed_here: 1,
        damaged: 1,
        ..Imported::default()
    };
    assert_eq!(import(&agent, &path).unwrap(), wanted);
    assert!(!wanted.is_good() && wanted.lines(Language::English).len() == 5);
    assert_eq!(standing(&agent), (2, 0));
    assert_eq!(agent.status().contests[0].revision, Some(1), "its own list is its own");
    drop(agent);
    let agent = device.agent();
    assert_eq!(standing(&agent), (2, 0), "after a start");
    let again = import(&agent, &path).unwrap();
    assert_eq!((again.forms, again.known), (0, 4));
}

#[test]
fn of_a_file_that_was_tampered_with_nothing_is_taken() {
    let (device, place) = (Device::new(), tempfile::tempdir().unwrap());
    let agent = device.agent();
    let path = file(place.path(), &[of_another(&agent, 1)]);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[40] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let trouble = import(&agent, &path).unwrap_err();
    assert_eq!(trouble.kind, TroubleKind::Carried);
    assert!(trouble.sentence.contains("damaged, cut off, or was changed"), "{trouble:?}");
    assert!(trouble.sentence.contains("Nothing was changed"), "{trouble:?}");
    std::fs::write(&path, "a letter").unwrap();
    assert!(import(&agent, &path).unwrap_err().sentence.contains("no file of Saksi's"));
    let gone = import(&agent, &place.path().join("gone")).unwrap_err();
    assert_eq!(gone.kind, TroubleKind::File);
    assert_eq!(standing(&agent), (0, 0));
    assert!(!device.path().join("carried").exists());
}

#[test]
fn a_device_without_a_link_hands_on_what_it_was_given_and_a_correction_after_its_form() {
    let (device, place) = (Device::new(), tempfile::tempdir().unwrap());
    let agent = device.agent();
    agent.submit(device.good_form("ppwp"), ISSUED_MS).unwrap();
    let own = agent.forms().unwrap().remove(0).sealed;
    // Twenty pairs: by digest alone some correction would go first.
    let pairs = (0..20).map(|number| {
        let first = of_another(&agent, number);
        [correcting(&agent, &first, number + 100), first]
    });
    let given: Vec<_> = pairs.flatten().collect();
    import(&agent, &file(place.path(), &given)).unwrap();
    let out = place.path().join("on.saksi");
    ask(&agent, Request::Export { out: out.clone() });
    let handed = export::read(&std::fs::read(out).unwrap()).unwrap();
    assert_eq!((handed.len(), &handed[0][..]), (41, own.bytes()));
    let revision =
        |form: &Vec<u8>| SealedForm::from_bytes(form.clone()).unwrap().open().unwrap().revision;
    let revisions: Vec<_> = handed[1..].iter().map(revision).collect();
    assert_eq!(revisions, [[1; 20], [2; 20]].concat());
}

#[test]
fn more_than_a_device_carries_is_said_and_nothing_is_taken() {
    let (device, place) = (Device::new(), tempfile::tempdir().unwrap());
    let agent = device.agent();
    import(&agent, &file(place.path(), &[of_another(&agent, 1)])).unwrap();
    // The fullest file there is, of what is none the less no form.
    let mut full = export::HEADER.to_vec();
    (0..MAX_CARRIED).for_each(|_| full.extend([0, 0, 0, 1, b'x']));
    full.extend(Digest::of(&full).0);
    let path = place.path().join("full.saksi");
    std::fs::write(&path, full).unwrap();
    assert_eq!(import(&agent, &path).unwrap_err().kind, TroubleKind::OverLimit);
    assert_eq!(standing(&agent), (1, 0));
}

/// A device that carries two forms whose receipts have come.
async fn with_receipts(device: &Device, place: &Path) -> (Agent, [SealedForm; 2]) {
    let agent = device.agent();
    let forms = [of_another(&agent, 1), of_another(&agent, 2)];
    import(&agent, &file(place, &forms)).unwrap();
    let fake = Fake::start(device, &[]).await;
    assert_eq!(agent.deliver(&quick(&fake)).await.unwrap().carried, 2);
    (agent, forms)
}

#[tokio::test]
async fn what_is_damaged_on_the_disk_goes_again_or_can_be_taken_in_again() {
    let (device, place) = (Device::new(), tempfile::tempdir().unwrap());
    let (agent, forms) = with_receipts(&device, place.path()).await;
    let lies = |form: &SealedForm, ending: &str| {
        device.path().join("carried").join(format!("{}.{ending}", form.digest()))
    };
    std::fs::write(lies(&forms[0], "tlog-proof"), "a letter").unwrap();
    let out = place.path().join("receipts");
    let written = ask(&agent, Request::ExportReceipts { out });
    assert!(matches!(written, Answer::ReceiptsExported(of) if of.forms == 1));
    assert_eq!(standing(&agent), (2, 1), "its form goes again");
    drop(agent);
    // Another form's bytes are as good as none.
    std::fs::write(lies(&forms[1], "saksi"), forms[0].bytes()).unwrap();
    let agent = device.agent();
    let carried = agent.status().carried;
    assert_eq!((carried.damaged, standing(&agent).0), (1, 1));
    assert!(lies(&forms[1], "damaged").is_file() && !lies(&forms[1], "saksi").exists());
    let again = import(&agent, &file(place.path(), &forms)).unwrap();
    assert_eq!((again.forms, again.known), (1, 1));
}

#[tokio::test]
async fn what_was_carried_is_deleted_when_it_is_old_enough_and_somebody_says_so() {
    let (device, place) = (Device::new(), tempfile::tempdir().unwrap());
    let (agent, _) = with_receipts(&device, place.path()).await;
    let retention =
        |what, confirmed| match ask(&agent, Request::Retention(Retention { what, confirmed })) {
            Answer::Retained(retained) => (retained.forms, retained.kept, standing(&agent)),
            other => panic!("{other:?}"),
        };
    let closed = || Disposable::Closed("test".to_owned());
    assert_eq!(retention(closed(), false), (2, 0, (2, 2)), "said, not done");
    // Older than people.
    assert_eq!(retention(Disposable::OlderThanDays(100_000), true), (0, 2, (2, 2)));
    assert_eq!(retention(closed(), true), (2, 0, (0, 0)));
}

#[tokio::test]
async fn the_stations_own_forms_go_before_others_and_every_receipt_is_kept() {
    let (device, place) = (Device::new(), tempfile::tempdir().unwrap());
    let agent = device.agent();
    let others: Vec<_> = (0..70).map(|number| of_another(&agent, number)).collect();
    import(&agent, &file(place.path(), &others)).unwrap();
    agent.submit(device.good_form("ppwp"), ISSUED_MS).unwrap();
    let fake = Fake::start(&device, &[Turn::Log, Turn::LoseTheReply]).await;
    let delivered = agent.deliver(&quick(&fake)).await.unwrap();
    assert_eq!((delivered.received, delivered.carried, delivered.failures), (1, 70, 1));
    use Heard::{Carried, Forms};
    let heard = fake.seen.lock().unwrap().heard.clone();
    assert_eq!(heard, [Forms(1), Carried(64), Carried(64), Carried(6)], "one reply was lost");
    assert_eq!(standing(&agent), (70, 70));
    drop(agent);
    let agent = device.agent();
    assert_eq!(standing(&agent), (70, 70), "after a start");
    let out = place.path().join("receipts");
    let Answer::ReceiptsExported(written) =
        ask(&agent, Request::ExportReceipts { out: out.clone() })
    else {
        panic!("not written")
    };
    assert_eq!(written.forms, 70);
    assert_eq!(import(&agent, &out).unwrap().carried_receipts, 70, "whoever has the forms");
}

#[tokio::test]
async fn what_the_centre_refuses_or_puts_off_does_not_hold_the_others() {
    let (device, place) = (Device::new(), tempfile::tempdir().unwrap());
    let agent = device.agent();
    let others: Vec<_> = (0..3).map(|number| of_another(&agent, number)).collect();
    import(&agent, &file(place.path(), &others)).unwrap();
    let fake = Fake::start(&device, &[Turn::FirstLater(1), Turn::RefuseTheFirst]).await;
    let delivered = agent.deliver(&quick(&fake)).await.unwrap();
    assert_eq!(delivered.carried, 2);
    drop(agent);
    let agent = device.agent();
    let carried = agent.status().carried;
    assert_eq!(carried.stations[0].refused, [Refusal::ContestNotHeld.code()]);
    assert_eq!((carried.waiting, carried.received), (0, 2));
    let closed = Retention { what: Disposable::Closed("test".to_owned()), confirmed: true };
    let Answer::Retained(retained) = ask(&agent, Request::Retention(closed)) else { panic!() };
    assert_eq!((retained.forms, retained.unanswered), (2, 1));
    assert_eq!(standing(&agent), (1, 0), "what was refused stays");
}

#[tokio::test]
async fn receipts_that_come_back_are_believed_only_for_their_own_form_and_log() {
    let (device, place) = (Device::new(), tempfile::tempdir().unwrap());
    let agent = device.agent();
    agent.submit(device.good_form("ppwp"), ISSUED_MS).unwrap();
    agent.submit(device.good_form("dpd"), ISSUED_MS).unwrap();
    let forms: Vec<_> = agent.forms().unwrap().into_iter().map(|form| form.sealed).collect();
    // Another device with the same forms, which has a link.
    let carrier = Device::new();
    let with_link = carrier.agent();
    import(&with_link, &file(place.path(), &forms)).unwrap();
    let fake = Fake::start(&carrier, &[]).await;
    with_link.deliver(&quick(&fake)).await.unwrap();
    let receipt = |at: usize| -> Receipt {
        let satchel = with_link.desk.satchel();
        satchel.receipt(forms[at].digest()).unwrap().unwrap().1
    };
    let import_these = |receipts: &[String]| {
        let (path, mut out) = (place.path().join("receipts"), Vec::new());
        write_receipts(&mut out, receipts.iter().cloned().map(Ok)).unwrap();
        std::fs::write(&path, out).unwrap();
        import(&agent, &path).unwrap()
    };
    // Of the other form; of another time; of no form here; no receipt.
    let later = Receipt { arrived_ms: 7, ..receipt(0) };
    let bad = [
        receipt(1).to_tlog_proof(forms[0].digest()),
        later.to_tlog_proof(forms[0].digest()),
        receipt(0).to_tlog_proof(Digest([8; 32])),
        "a letter".to_owned(),
    ];
    let found = import_these(&bad);
    assert_eq!((found.unproven, found.unknown, found.damaged, found.receipts), (2, 1, 1, 0));
    assert_eq!(agent.status().waiting, 2, "nothing was believed");
    let good = [0, 1].map(|at| receipt(at).to_tlog_proof(forms[at].digest()));
    let found = import_these(&good);
    assert_eq!((found.receipts, found.is_good()), (2, true));
    assert_eq!(agent.status().waiting, 0);
    assert_eq!(import_these(&good).receipts, 2, "the same again changes nothing");
    for form in agent.forms().unwrap() {
        assert!(form.receipt.unwrap().verify(&form.sealed, &device.log_key).is_ok());
    }
}

#[tokio::test]
async fn a_receipt_of_another_log_of_the_same_size_is_not_taken_and_kept_as_evidence() {
    let (device, place) = (Device::new(), tempfile::tempdir().unwrap());
    let agent = device.agent();
    agent.submit(device.good_form("ppwp"), ISSUED_MS).unwrap();
    let first = Fake::start(&device, &[]).await;
    agent.deliver(&quick(&first)).await.unwrap();
    agent.submit(device.good_form("dpd"), ISSUED_MS).unwrap();
    let form = agent.forms().unwrap().into_iter().find(|form| form.receipt.is_none()).unwrap();
    // The same key signs a log in which the second form is the only one.
    let other = Device::new();
    let carrier = other.agent();
    import(&carrier, &file(place.path(), &[form.sealed])).unwrap();
    carrier.deliver(&quick(&Fake::start(&other, &[]).await)).await.unwrap();
    let out = place.path().join("receipts");
    ask(&carrier, Request::ExportReceipts { out: out.clone() });
    let found = import(&agent, &out).unwrap();
    assert_eq!((found.receipts, found.unproven), (0, 1));
    assert_eq!((agent.status().waiting, agent.status().contradictions), (1, 1));
}
