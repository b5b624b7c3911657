//! Enrolment over real TLS with a registrar that keeps to a script, and what is left of it
//! wherever it is interrupted.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

use rustls::pki_types::UnixTime;
use rustls::time_provider::TimeProvider;
use saksi_proto::digest::Digest;
use saksi_proto::enrolment::{EnrolRefusal, UNSEEN_AUTHORITY};
use saksi_proto::slip::{Code, Fingerprint};
use tempfile::TempDir;

use super::fake::{Fake, OTHER, Turn};
use super::*;
use crate::reason::Reason;
use crate::testing::{Device, STATION};

/// A directory that nobody has enrolled.
struct Bare(TempDir);

impl Bare {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn open(&self) -> Enrolment {
        match Enrolment::open(self.0.path(), false).unwrap() {
            Found::Open(enrolment) => *enrolment,
            Found::Enrolled(_) => panic!("it is enrolled"),
        }
    }

    fn fault(&self) -> EnrolFault {
        Enrolment::open(self.0.path(), false).map(|_| ()).unwrap_err()
    }

    fn has(&self, name: &str) -> bool {
        self.0.path().join(name).exists()
    }

    /// Begins with the slip, as a person who says yes does.
    async fn begin(&self, fake: &Fake) -> Enrolment {
        let mut enrolment = self.open();
        let offer = ask(&fake.slip, None).await.unwrap();
        enrolment.begin(fake.slip.clone(), offer.station, Some(offer)).unwrap();
        enrolment
    }
}

async fn apply_to(enrolment: &Enrolment) -> Result<Papers, EnrolFault> {
    apply(enrolment.begun(None, None).unwrap().unwrap()).await
}

/// Goes on with what was begun, in a new process as it were, until the end.
async fn go_on(bare: &Bare, fake: &Fake) -> Identity {
    let enrolment = bare.open();
    assert!(enrolment.begun(Some(&fake.slip), None).unwrap().is_some(), "it is known");
    let checked = enrolment.check(apply_to(&enrolment).await.unwrap()).unwrap();
    let identity = enrolment.finish(&checked).unwrap();
    let keys: Vec<_> = fake.seen.lock().unwrap().applied.iter().map(|one| one.key).collect();
    let key = Digest(identity.key().verifying_key().to_bytes());
    assert!(keys.iter().all(|applied| *applied == key), "one key, however often: {keys:?}");
    assert!(bare.has("identity.json") && !bare.has("enrol.json"));
    identity
}

#[tokio::test]
async fn a_device_gets_its_papers_for_a_key_that_never_leaves_it() {
    let (bare, fake) = (Bare::new(), Fake::start(&[]).await);
    let enrolment = bare.begin(&fake).await;
    let mode = bare.0.path().join("enrol.json").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    drop(enrolment);
    let identity = go_on(&bare, &fake).await;
    assert_eq!(identity.election().station.code.as_str(), STATION);
    assert_eq!(identity.election().contests.len(), 3);
    let application = &fake.seen.lock().unwrap().applied[0];
    assert_eq!(application.authority, fake.authority.digest());
    assert!(Identity::open(&Directory::new(bare.0.path())).is_ok());
}

#[tokio::test]
async fn interrupted_before_anything_was_sent_it_goes_on_with_the_same_key() {
    let (bare, fake) = (Bare::new(), Fake::start(&[]).await);
    let before = bare.begin(&fake).await.begun.unwrap().key_pem;
    assert_eq!(fake.seen.lock().unwrap().applied.len(), 0);
    assert!(bare.open().begun.unwrap().key_pem == before);
    assert!(go_on(&bare, &fake).await.has_key(&before));
}

#[tokio::test]
async fn interrupted_before_the_answer_the_same_code_works_for_the_same_key_only() {
    let (bare, fake) = (Bare::new(), Fake::start(&[Turn::LoseTheReply]).await);
    let enrolment = bare.begin(&fake).await;
    let fault = apply_to(&enrolment).await.unwrap_err();
    assert!(matches!(fault, EnrolFault::Link { reason: Reason::CutOff, .. }), "{fault:?}");
    drop(enrolment);
    // The registrar has spent the code on the first key.
    let refused = ask(&fake.slip, None).await.unwrap_err();
    assert!(matches!(refused, EnrolFault::Refused(EnrolRefusal::CodeUsed)));
    let thief = Bare::new();
    let mut theirs = thief.open();
    theirs.begin(fake.slip.clone(), STATION.parse().unwrap(), None).unwrap();
    let refused = apply_to(&theirs).await.unwrap_err();
    assert!(matches!(refused, EnrolFault::Refused(EnrolRefusal::CodeUsed)));
    fake.seen.lock().unwrap().applied.pop();
    go_on(&bare, &fake).await;
    assert_eq!(fake.seen.lock().unwrap().applied.len(), 2);
}

#[tokio::test]
async fn interrupted_before_the_papers_were_kept_it_gets_them_again() {
    let (bare, fake) = (Bare::new(), Fake::start(&[]).await);
    let enrolment = bare.begin(&fake).await;
    enrolment.check(apply_to(&enrolment).await.unwrap()).unwrap();
    assert!(!bare.has("identity.json"), "checking writes nothing");
    drop(enrolment);
    go_on(&bare, &fake).await;
    assert_eq!(fake.seen.lock().unwrap().applied.len(), 2);
}

#[tokio::test]
async fn interrupted_before_enrol_json_was_removed_it_is_enrolled() {
    let (bare, fake) = (Bare::new(), Fake::start(&[]).await);
    drop(bare.begin(&fake).await);
    let begun = fs::read(bare.0.path().join("enrol.json")).unwrap();
    go_on(&bare, &fake).await;
    durable::write_file(&bare.0.path().join("enrol.json"), &begun).unwrap();
    let found = Enrolment::open(bare.0.path(), false).unwrap();
    assert!(matches!(found, Found::Enrolled(_)) && !bare.has("enrol.json"));
    let another = bare.fault();
    assert!(matches!(another, EnrolFault::Identity(IdentityFault::Another { .. })), "{another:?}");
}

#[tokio::test]
async fn a_collector_of_another_authority_is_told_nothing() {
    let fake = Fake::start(&[]).await;
    let authority = Fingerprint::new(Digest::of(b"another certificate"));
    let slip = Slip { authority, ..fake.slip.clone() };
    let fault = ask(&slip, None).await.unwrap_err();
    assert!(matches!(fault, EnrolFault::Link { reason: Reason::NotTrusted, .. }), "{fault:?}");
    let bare = Bare::new();
    let mut enrolment = bare.open();
    enrolment.begin(slip, STATION.parse().unwrap(), None).unwrap();
    assert!(apply_to(&enrolment).await.is_err());
    let seen = fake.seen.lock().unwrap();
    assert_eq!((seen.asked, seen.applied.len()), (0, 0));
}

#[tokio::test]
async fn a_collector_with_another_name_is_told_nothing() {
    let fake = Fake::start(&[]).await;
    let collector = fake.slip.collector.replace("localhost", "127.0.0.1");
    let slip = Slip { collector, ..fake.slip.clone() };
    let fault = ask(&slip, None).await.unwrap_err();
    assert!(matches!(fault, EnrolFault::Link { reason: Reason::NotTrusted, .. }), "{fault:?}");
    assert_eq!(fake.seen.lock().unwrap().asked, 0);
}

#[tokio::test]
async fn papers_that_are_not_those_asked_for_are_refused_and_nothing_is_written() {
    for turn in [
        Turn::OtherStation,
        Turn::OtherKey,
        Turn::Unsigned,
        Turn::OtherAuthority,
        Turn::TamperedSlice,
    ] {
        let (bare, fake) = (Bare::new(), Fake::start(&[turn]).await);
        let enrolment = bare.begin(&fake).await;
        let fault = enrolment.check(apply_to(&enrolment).await.unwrap()).map(|_| ()).unwrap_err();
        let is_right = match turn {
            Turn::OtherStation => fault.to_string() == "they are for another station",
            Turn::OtherAuthority => fault.to_string().contains("another authority"),
            Turn::TamperedSlice => {
                matches!(fault, EnrolFault::Papers(IdentityFault::OtherElection(_)))
            }
            _ => matches!(fault, EnrolFault::Papers(IdentityFault::Credential(_))),
        };
        assert!(is_right, "{turn:?}: {fault:?}");
        assert!(!bare.has("identity.json") && bare.has("enrol.json"));
        drop(enrolment);
        // The right ones are taken afterwards.
        go_on(&bare, &fake).await;
    }
}

#[tokio::test]
async fn what_a_person_confirmed_is_what_the_papers_must_name() {
    let (bare, fake) = (Bare::new(), Fake::start(&[]).await);
    let mut enrolment = bare.open();
    let offer = ask(&fake.slip, None).await.unwrap();
    let offer = StationOffer { name: "TPS 099".to_owned(), ..offer };
    enrolment.begin(fake.slip.clone(), offer.station, Some(offer)).unwrap();
    let fault = enrolment.check(apply_to(&enrolment).await.unwrap()).map(|_| ()).unwrap_err();
    assert!(matches!(fault, EnrolFault::OtherPapers(_)), "{fault:?}");
}

#[tokio::test]
async fn a_key_that_others_can_read_is_refused() {
    let (bare, fake) = (Bare::new(), Fake::start(&[]).await);
    drop(bare.begin(&fake).await);
    let path = bare.0.path().join("enrol.json");
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    let fault = bare.fault();
    assert!(
        matches!(fault, EnrolFault::Identity(IdentityFault::ReadableByOthers { mode: 0o644, .. })),
        "{fault:?}"
    );
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    fs::write(&path, b"{}").unwrap();
    assert!(matches!(bare.fault(), EnrolFault::Damaged { .. }));
    assert!(matches!(Enrolment::open(bare.0.path(), true), Ok(Found::Open(_))));
    assert!(!bare.has("enrol.json"), "it was given up");
}

#[tokio::test]
async fn another_slip_does_not_take_the_place_of_one_that_was_begun() {
    let (bare, fake) = (Bare::new(), Fake::start(&[]).await);
    let enrolment = bare.begin(&fake).await;
    let other = Slip { code: Code::new(*b"another"), ..fake.slip.clone() };
    let fault = enrolment.begun(Some(&other), None).map(|_| ()).unwrap_err();
    assert!(
        matches!(fault, EnrolFault::AnotherBegun { station, .. } if station.as_str() == STATION)
    );
    let fault = enrolment.begun(None, Some(OTHER.parse().unwrap())).map(|_| ()).unwrap_err();
    assert!(matches!(fault, EnrolFault::AnotherBegun { .. }));
    let busy = Enrolment::open(bare.0.path(), false).map(|_| ()).unwrap_err();
    assert!(matches!(busy, EnrolFault::Store(store::StoreFault::InUse)), "{busy:?}");
}

#[tokio::test]
async fn an_enrolled_device_is_left_as_it_is() {
    let device = Device::new();
    let before = fs::read(device.path().join("identity.json")).unwrap();
    for again in [false, true] {
        let fault = Enrolment::open(device.path(), again).map(|_| ()).unwrap_err();
        assert!(matches!(fault, EnrolFault::Identity(IdentityFault::Another { .. })), "{fault:?}");
    }
    assert!(fs::read(device.path().join("identity.json")).unwrap() == before);
}

#[tokio::test]
async fn a_code_for_spare_devices_asks_for_the_station() {
    let fake = Fake::start_spare().await;
    let refused = ask(&fake.slip, None).await.unwrap_err();
    assert!(matches!(refused, EnrolFault::Refused(EnrolRefusal::StationMissing)));
    let offer = ask(&fake.slip, Some(OTHER.parse().unwrap())).await.unwrap();
    assert_eq!((offer.station.as_str(), offer.name.as_str()), (OTHER, "TPS 014"));
    let bare = Bare::new();
    let mut enrolment = bare.open();
    enrolment.begin(fake.slip.clone(), offer.station, Some(offer)).unwrap();
    drop(enrolment);
    let identity = go_on(&bare, &fake).await;
    assert_eq!(identity.election().station.code.as_str(), OTHER);
}

/// A clock that stands.
#[derive(Debug)]
struct StandsAt(u64);

impl TimeProvider for StandsAt {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(Duration::from_secs(self.0)))
    }
}

#[tokio::test]
async fn a_device_in_1970_enrols() {
    // The certificates of the test begin in 1975.
    let fake = Fake::start(&[]).await;
    let registrar = Registrar::call(&fake.slip, Arc::new(StandsAt(60))).await.unwrap();
    assert_eq!(registrar.authority(), fake.authority.digest());
    assert!(registrar.ask(&fake.slip, None).await.is_ok());
    let wrong = Slip { authority: Fingerprint::new(Digest([0; 32])), ..fake.slip.clone() };
    assert!(Registrar::call(&wrong, Arc::new(StandsAt(60))).await.is_err());
}

#[tokio::test]
async fn a_certificate_that_has_ended_is_refused() {
    let fake =
        Fake::start_with(|params| params.not_after = rcgen::date_time_ymd(2_020, 1, 1)).await;
    let fault = ask(&fake.slip, None).await.unwrap_err();
    assert!(
        matches!(fault, EnrolFault::Link { reason: Reason::CollectorExpired, .. }),
        "{fault:?}"
    );
}

#[tokio::test]
async fn patience_ends_with_the_papers() {
    let turns = [Turn::Later(1), Turn::LoseTheReply, Turn::Waiting(1)];
    let (bare, fake) = (Bare::new(), Fake::start(&turns).await);
    let enrolment = bare.begin(&fake).await;
    let begun = enrolment.begun(None, None).unwrap().unwrap();
    let millisecond = Duration::from_millis(1);
    let retry = Retry { first: millisecond, longest: millisecond, start: Duration::ZERO };
    let heard = std::cell::RefCell::new(Vec::new());
    let tell = |fault: &EnrolFault, _| heard.borrow_mut().push(fault.to_string());
    let papers = patiently(retry, tell, async || apply(begun).await).await.unwrap();
    assert!(enrolment.check(papers).is_ok());
    assert_eq!(heard.borrow().len(), 3, "{heard:?}");
    // What no patience helps against is said at once.
    let stranger = Slip { code: Code::new(*b"another"), ..fake.slip.clone() };
    let refused = patiently(retry, tell, async || ask(&stranger, None).await).await;
    assert!(matches!(refused, Err(EnrolFault::Refused(EnrolRefusal::UnknownCode))));
}

#[tokio::test]
async fn the_offline_way_is_two_files() {
    let (bare, fake) = (Bare::new(), Fake::start(&[]).await);
    let (request, answer) = (bare.0.path().join("r.enrol"), bare.0.path().join("answer"));
    let mut enrolment = bare.open();
    let begun = enrolment.begin(fake.slip.clone(), STATION.parse().unwrap(), None).unwrap();
    write_request(&request, &begun.application(UNSEEN_AUTHORITY, 7)).unwrap();
    drop(enrolment);
    assert_eq!(request.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let application: saksi_proto::enrolment::Application =
        serde_json::from_slice(&fs::read(&request).unwrap()).unwrap();
    assert!(application.is_signed() && application.code == fake.slip.code);
    let papers = fake.papers(&application, None);
    fs::write(&answer, serde_json::to_vec(&papers).unwrap()).unwrap();
    let enrolment = bare.open();
    let checked = enrolment.check(read_answer(&answer).unwrap()).unwrap();
    assert_eq!(checked.offer().name, "TPS 013", "for whoever was not asked before");
    let identity = enrolment.finish(&checked).unwrap();
    assert_eq!(application.key.0, identity.key().verifying_key().to_bytes());
    fs::write(&answer, b"not papers").unwrap();
    assert!(matches!(read_answer(&answer), Err(EnrolFault::Papers(_))));
    fs::write(&answer, vec![b' '; 2 << 20]).unwrap();
    assert!(matches!(read_answer(&answer), Err(EnrolFault::File { .. })));
}
