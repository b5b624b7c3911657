//! Rehearsal forms over real TLS to a collector that keeps to a script.

use std::sync::Arc;

use saksi_proto::refusal::Farewell;

use super::*;
use crate::forward::fake::{Fake, Heard, TOLD_MS, Turn};
use crate::testing::{Authority, Device, STATION, definition_of};

async fn rehearse_at(device: &Device, fake: &Fake) -> Result<Rehearsed, RehearsalFault> {
    let identity = Identity::open(&device.directory()).unwrap();
    let clock = Arc::new(Clock::with_floor(identity.issued_ms(), 0));
    let own = [fake.address.clone()];
    rehearse(&device.directory(), &identity, &clock, &own).await
}

/// Names of the files, sorted.
fn kept(device: &Device) -> Vec<String> {
    let entries = std::fs::read_dir(device.directory().rehearsal()).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn a_rehearsal_form_comes_back_proven_and_is_shown() {
    // The election is official; the form is a rehearsal all the same.
    let device = Device::of(&definition_of(Phase::Official, &[STATION]));
    let agent = device.agent();
    assert_eq!(agent.status().rehearsed, None);
    let fake = Fake::start(&device, &[]).await;
    // The store is open in `agent` all the while, as in the daemon.
    let rehearsed = rehearse_at(&device, &fake).await.unwrap();
    assert_eq!(fake.seen.lock().unwrap().heard, [Heard::Rehearsal(1)]);
    assert_eq!(agent.status().rehearsed, Some(rehearsed));
    assert_eq!(agent.status().waiting, 0, "it is none of the station's forms");
    let form = rehearsed.form;
    let mut names = [format!("{form}.saksi"), format!("{form}.tlog-proof")];
    names.sort_unstable();
    assert_eq!(kept(&device), names);
    let bytes = std::fs::read(device.directory().rehearsal().join(&names[0])).unwrap();
    let form = SealedForm::from_bytes(bytes).unwrap().open().unwrap();
    assert_eq!((form.phase, form.contest.as_str()), (Phase::Rehearsal, "ppwp"));
    assert!(form.counts.iter().all(|count| *count == Count::NotWritten));
    assert_eq!(form.counts.len(), 6);
}

#[tokio::test]
async fn an_unanswered_form_goes_again_and_an_answered_one_does_not() {
    let device = Device::new();
    let fake = Fake::start(&device, &[Turn::LoseTheReply]).await;
    let lost = rehearse_at(&device, &fake).await.unwrap_err();
    assert!(matches!(lost, RehearsalFault::Link { reason: Reason::CutOff, .. }), "{lost:?}");
    let first = rehearse_at(&device, &fake).await.unwrap();
    let second = rehearse_at(&device, &fake).await.unwrap();
    let batches = fake.seen.lock().unwrap().batches.clone();
    assert_eq!(batches, [[first.form], [first.form], [second.form]]);
    assert!(first.form != second.form);
    assert_eq!(kept(&device).len(), 4);
}

#[tokio::test]
async fn a_receipt_that_proves_something_else_is_not_kept() {
    for turn in [Turn::OtherKind, Turn::OtherLog] {
        let device = Device::new();
        let fake = Fake::start(&device, &[turn]).await;
        let fault = rehearse_at(&device, &fake).await.unwrap_err();
        assert!(
            matches!(fault, RehearsalFault::Link { reason: Reason::UnprovenReceipt, .. }),
            "{fault:?}"
        );
        assert_eq!(kept(&device).len(), 1, "the form alone");
        assert_eq!(device.agent().status().rehearsed, None);
    }
}

#[tokio::test]
async fn a_damaged_receipt_is_not_shown() {
    let device = Device::new();
    let fake = Fake::start(&device, &[]).await;
    let rehearsed = rehearse_at(&device, &fake).await.unwrap();
    let path = device.directory().rehearsal().join(format!("{}.tlog-proof", rehearsed.form));
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("index 0", "index 1")).unwrap();
    assert_eq!(device.agent().status().rehearsed, None);
    // Asked again, the collector has the same receipt.
    assert_eq!(rehearse_at(&device, &fake).await.unwrap(), rehearsed);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}

#[tokio::test]
async fn a_refused_form_is_not_sent_again() {
    let device = Device::new();
    let fake = Fake::start(&device, &[Turn::RefuseTheFirst]).await;
    let fault = rehearse_at(&device, &fake).await.unwrap_err();
    assert!(matches!(fault, RehearsalFault::Refused { .. }), "{fault:?}");
    assert!(kept(&device).is_empty());
    assert!(rehearse_at(&device, &fake).await.is_ok());
}

#[tokio::test]
async fn the_link_is_tried_alone_and_says_why_it_fails() {
    let device = Device::new();
    let identity = Identity::open(&device.directory()).unwrap();
    let clock = Arc::new(Clock::with_floor(identity.issued_ms(), 0));
    let stranger = Fake::start_as(&device, &Authority::new(), &[]).await;
    let fake = Fake::start(&device, &[]).await;
    let own = [stranger.address.clone(), fake.address.clone()];
    let greeting = greet(&identity, &clock, &own).await.unwrap();
    assert_eq!(greeting.collector_ms, TOLD_MS, "the next one is tried");
    let noon = Greeting { device_ms: 60_999, collector_ms: 1_000 };
    assert_eq!((greeting.seconds_off() > 60, noon.seconds_off()), (true, 59));
    let fault = greet(&identity, &clock, &own[..1]).await.unwrap_err();
    assert!(matches!(fault, RehearsalFault::Link { reason: Reason::NotTrusted, .. }), "{fault:?}");
    let leaving = Fake::start(&device, &[Turn::Farewell(Farewell::Revoked)]).await;
    let fault = rehearse_at(&device, &leaving).await.unwrap_err();
    let wanted = Reason::Farewell(Farewell::Revoked);
    assert!(matches!(fault, RehearsalFault::Link { reason, .. } if reason == wanted), "{fault:?}");
    assert!(greet(&identity, &clock, &[]).await.is_err(), "the papers name nobody");
}
