//! Photos between forms, to a collector that keeps to a script.

use std::sync::atomic::Ordering;

use saksi_proto::message::Later;
use saksi_proto::photo::{PhotoAnswer, PhotoRefusal};

use super::super::fake::Heard;
use super::*;
use crate::desk::Submission;
use crate::photos::TransferState;

/// A form of the contest that names a photo of this size; the photo.
fn submit_with_photo(device: &Device, agent: &Agent, contest: &str, size: usize) -> Digest {
    let path = device.path().join("page.jpg");
    let photo: Vec<u8> = contest.bytes().cycle().take(size).collect();
    std::fs::write(&path, &photo).unwrap();
    let form = Submission { photos: vec![path], ..device.good_form(contest) };
    agent.submit(form, ISSUED_MS).unwrap();
    Digest::of(&photo)
}

fn transfer(agent: &Agent, photo: Digest) -> TransferState {
    agent.desk.store().ledger().photos().photo(photo).unwrap().transfer.state
}

#[tokio::test]
async fn a_form_that_is_entered_while_a_photo_goes_waits_for_one_chunk() {
    let device = Device::new();
    let agent = device.agent();
    let photo = submit_with_photo(&device, &agent, "ppwp", 100_000);
    let fake = Fake::start(&device, &[]).await;
    fake.pause.at_chunk.store(3, Ordering::SeqCst);
    let forwarding = quick(&[&fake]);
    let entering = async {
        fake.pause.reached.notified().await;
        submit(&device, &agent, &["dpd"]);
        fake.pause.go_on.notify_one();
    };
    let (delivered, ()) = tokio::join!(agent.deliver(&forwarding), entering);
    let delivered = delivered.unwrap();
    assert_eq!((delivered.received, delivered.photos, delivered.sessions), (2, 1, 1));
    let heard = fake.seen.lock().unwrap().heard.clone();
    let first = [Heard::Forms(1), Heard::Offer(photo), Heard::Chunk, Heard::Chunk, Heard::Chunk];
    assert_eq!(heard[..5], first, "forms before photos");
    assert_eq!(heard[5..7], [Heard::Forms(1), Heard::Chunk], "and it goes on where it was");
    assert!(matches!(transfer(&agent, photo), TransferState::Arrived { .. }));
}

#[tokio::test]
async fn a_photo_waits_for_the_receipt_of_its_form() {
    let device = Device::new();
    let agent = device.agent();
    let first = submit_with_photo(&device, &agent, "ppwp", 9_000);
    let second = submit_with_photo(&device, &agent, "dpd", 9_000);
    let refused = Turn::RefuseTheFirst;
    let fake = Fake::start(&device, &[Turn::LoseTheReply, refused]).await;
    let delivered = agent.deliver(&quick(&[&fake])).await.unwrap();
    assert_eq!((delivered.received, delivered.refused, delivered.photos), (1, 1, 1));
    let heard = fake.seen.lock().unwrap().heard.clone();
    assert_eq!(heard[..2], [Heard::Forms(2), Heard::Forms(2)], "nothing before the receipt");
    let offers = heard.iter().filter(|heard| matches!(heard, Heard::Offer(_))).count();
    assert_eq!(offers, 1, "the photo of a form that was refused stays here");
    let states = [first, second].map(|photo| transfer(&agent, photo));
    let arrived = states.iter().filter(|state| matches!(state, TransferState::Arrived { .. }));
    assert_eq!((arrived.count(), agent.status().photos_waiting), (1, 1));
}

#[tokio::test]
async fn what_has_arrived_is_known_after_a_restart_and_offered_again_by_resend() {
    let device = Device::new();
    let agent = device.agent();
    let photo = submit_with_photo(&device, &agent, "ppwp", 9_000);
    let fake = Fake::start(&device, &[]).await;
    agent.deliver(&quick(&[&fake])).await.unwrap();
    drop(agent);
    let agent = device.agent();
    assert!(matches!(transfer(&agent, photo), TransferState::Arrived { .. }));
    assert_eq!(agent.deliver(&quick(&[&fake])).await.unwrap(), Delivered::default());
    agent.resend(Some("ppwp".parse().unwrap())).unwrap();
    let delivered = agent.deliver(&quick(&[&fake])).await.unwrap();
    assert_eq!((delivered.received, delivered.photos), (1, 1));
}

#[tokio::test]
async fn a_photo_that_is_not_taken_does_not_hold_the_others() {
    let device = Device::new();
    let agent = device.agent();
    for contest in ["ppwp", "dpd", "dpr"] {
        submit_with_photo(&device, &agent, contest, 9_000);
    }
    let fake = Fake::start(&device, &[]).await;
    let answers = [PhotoRefusal::TooManyPhotos, PhotoRefusal::UnnamedPhoto];
    fake.seen.lock().unwrap().to_offers = answers.map(PhotoAnswer::Refused).into();
    let mut forwarder = Forwarder::new(&agent.desk, &quick(&[&fake])).unwrap();
    forwarder.attempt().await.unwrap();
    assert_eq!((forwarder.delivered.photos, forwarder.delivered.failures), (1, 0));
    let order: Vec<_> = agent.status().photos.iter().map(|shown| shown.photo).collect();
    let [first, second] = [order[0], order[1]];
    let TransferState::Refused { refusal, .. } = transfer(&agent, first) else { panic!() };
    assert_eq!(refusal, PhotoRefusal::TooManyPhotos);
    // It may be named later, so it is not given up.
    let status = agent.status();
    let shown = status.photos.iter().find(|shown| shown.photo == second).unwrap();
    assert_eq!(shown.last_failure.as_ref().unwrap().reason, Reason::UnnamedPhoto);
    assert_eq!((transfer(&agent, second), status.photos_waiting), (TransferState::Waiting, 1));
    assert!(matches!(transfer(&agent, order[2]), TransferState::Arrived { .. }));
}

#[tokio::test]
async fn why_a_photo_is_not_further_is_said_with_the_photo() {
    let device = Device::new();
    let agent = device.agent();
    let photo = submit_with_photo(&device, &agent, "ppwp", 9_000);
    let fake = Fake::start(&device, &[]).await;
    let later = PhotoAnswer::Later { after_ms: 3_600_000, why: Later::NoRoom };
    fake.seen.lock().unwrap().to_offers = [later].into();
    Forwarder::new(&agent.desk, &quick(&[&fake])).unwrap().attempt().await.unwrap();
    let reason = || agent.status().photos[0].last_failure.as_ref().unwrap().reason;
    assert_eq!(reason(), Reason::Later(Later::NoRoom));
    let nobody = address("127.0.0.1:1", "localhost");
    let forwarding = Forwarding { collectors: vec![nobody], ..quick(&[]) };
    Forwarder::new(&agent.desk, &forwarding).unwrap().attempt().await.unwrap();
    assert_eq!(reason(), Reason::Unreachable);
    agent.deliver(&quick(&[&fake])).await.unwrap();
    assert!(matches!(transfer(&agent, photo), TransferState::Arrived { .. }));
    assert!(agent.status().photos[0].last_failure.is_none());
}
