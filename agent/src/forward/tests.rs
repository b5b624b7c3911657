//! Delivery over real TLS to a collector that keeps to a script.

mod looks;
mod photos;
mod renewal;
mod rollback;
mod witnessed;

use std::time::Duration;

use saksi_proto::digest::Digest;
use saksi_proto::refusal::{Farewell, Refusal};
use tokio::net::TcpSocket;

use super::fake::{Fake, TOLD_MS, Turn};
use super::*;
use crate::agent::Agent;
use crate::delivery::{Delivery, State};
use crate::desk::Submission;
use crate::reason::Reason;
use crate::testing::{Authority, Device, ISSUED_MS, address};

/// As the daemon retries, and a thousand times as fast.
fn quick(collectors: &[&Fake]) -> Forwarding {
    let retry = Retry {
        first: Duration::from_millis(1),
        longest: Duration::from_millis(20),
        start: Duration::ZERO,
    };
    let collectors = collectors.iter().map(|fake| fake.address.clone()).collect();
    Forwarding { collectors, retry }
}

fn submit(device: &Device, agent: &Agent, contests: &[&str]) -> Vec<Digest> {
    let submitted =
        contests.iter().map(|contest| agent.submit(device.good_form(contest), ISSUED_MS));
    submitted.map(|submitted| submitted.unwrap().digest).collect()
}

fn state(agent: &Agent, digest: Digest) -> State {
    delivery(agent, digest).state
}

fn delivery(agent: &Agent, digest: Digest) -> Delivery {
    let forms = agent.forms().unwrap();
    forms.into_iter().find(|form| form.sealed.digest() == digest).unwrap().delivery
}

fn all_proven(device: &Device, agent: &Agent) {
    for form in agent.forms().unwrap() {
        assert!(matches!(form.delivery.state, State::Received { .. }), "{:?}", form.delivery);
        assert!(form.receipt.unwrap().verify(&form.sealed, &device.log_key).is_ok());
    }
}

#[tokio::test]
async fn everything_due_goes_in_one_batch_and_comes_back_proven() {
    let device = Device::new();
    let agent = device.agent();
    let digests = submit(&device, &agent, &["ppwp", "dpd", "dpr"]);
    let fake = Fake::start(&device, &[]).await;
    let delivered = agent.deliver(&quick(&[&fake])).await.unwrap();
    assert_eq!(delivered, Delivered { received: 3, sessions: 1, ..Delivered::default() });
    all_proven(&device, &agent);
    let mut sent = fake.seen.lock().unwrap().batches.concat();
    sent.sort_unstable();
    let mut wanted = digests;
    wanted.sort_unstable();
    assert_eq!(sent, wanted);
    assert_eq!(agent.deliver(&quick(&[&fake])).await.unwrap(), Delivered::default());
}

#[tokio::test]
async fn a_receipt_survives_the_end_of_the_process_and_so_does_the_time() {
    let device = Device::new();
    let agent = device.agent();
    submit(&device, &agent, &["ppwp"]);
    let fake = Fake::start(&device, &[]).await;
    agent.deliver(&quick(&[&fake])).await.unwrap();
    drop(agent);
    let agent = device.agent();
    all_proven(&device, &agent);
    assert!(agent.desk.store().learnt_ms().unwrap() == Some(TOLD_MS));
}

#[tokio::test]
async fn a_lost_reply_is_asked_for_again_and_logged_once() {
    let device = Device::new();
    let agent = device.agent();
    let digests = submit(&device, &agent, &["ppwp"]);
    let fake = Fake::start(&device, &[Turn::LoseTheReply, Turn::LoseTheReply]).await;
    let delivered = agent.deliver(&quick(&[&fake])).await.unwrap();
    assert_eq!((delivered.received, delivered.failures, delivered.sessions), (1, 2, 3));
    assert_eq!(fake.seen.lock().unwrap().batches, [&digests[..], &digests, &digests]);
    assert!(matches!(state(&agent, digests[0]), State::Received { index: 0, .. }));
    assert_eq!(delivery(&agent, digests[0]).attempts, 3);
}

#[tokio::test]
async fn a_receipt_that_proves_nothing_is_not_believed() {
    for turn in [Turn::OtherLog, Turn::OtherForm] {
        let device = Device::new();
        let agent = device.agent();
        let digests = submit(&device, &agent, &["ppwp", "dpd"]);
        let liar = Fake::start(&device, &[turn]).await;
        // Nobody to turn to: the forms stay due, and the reason is there.
        let mut forwarder = Forwarder::new(&agent.desk, &quick(&[&liar])).unwrap();
        forwarder.attempt().await.unwrap();
        for digest in &digests {
            let delivery = delivery(&agent, *digest);
            assert!(delivery.is_due() && matches!(delivery.state, State::Sent { .. }));
            assert_eq!(delivery.last_failure.unwrap().reason, Reason::UnprovenReceipt);
            assert!(agent.receipt(*digest).unwrap().is_none(), "no receipt was kept");
        }
        // Its next answer is an honest one.
        let delivered = agent.deliver(&quick(&[&liar])).await.unwrap();
        assert_eq!(delivered.received, 2);
        all_proven(&device, &agent);
    }
}

#[tokio::test]
async fn an_answer_to_another_batch_is_not_taken() {
    let device = Device::new();
    let agent = device.agent();
    submit(&device, &agent, &["ppwp"]);
    let fake = Fake::start(&device, &[Turn::OtherBatch]).await;
    let delivered = agent.deliver(&quick(&[&fake])).await.unwrap();
    assert_eq!((delivered.received, delivered.failures), (1, 1));
}

#[tokio::test]
async fn a_refused_form_does_not_block_the_others() {
    let device = Device::new();
    let agent = device.agent();
    submit(&device, &agent, &["ppwp", "dpd", "dpr"]);
    let fake = Fake::start(&device, &[Turn::RefuseTheFirst]).await;
    let delivered = agent.deliver(&quick(&[&fake])).await.unwrap();
    assert_eq!((delivered.received, delivered.refused, delivered.failures), (2, 1, 0));
    let refused = fake.seen.lock().unwrap().batches[0][0];
    let State::Refused { refusal, detail, .. } = state(&agent, refused) else { panic!() };
    assert_eq!((refusal, detail.as_str()), (Refusal::ContestNotHeld, "the first"));
    assert_eq!(agent.forms().unwrap().len(), 3, "a refused form stays on the device");
}

#[tokio::test]
async fn a_refused_correction_is_shown_beside_the_form_that_stands() {
    let device = Device::new();
    let agent = device.agent();
    let digests = submit(&device, &agent, &["ppwp"]);
    let fake = Fake::start(&device, &[Turn::Log, Turn::RefuseTheFirst]).await;
    agent.deliver(&quick(&[&fake])).await.unwrap();
    assert_eq!(agent.status().contests[0].refused, None);
    let correction = device.form("ppwp", [147, 145, 292], [83, 100], 183);
    let correction = Submission { correction: Some("swapped".to_owned()), ..correction };
    agent.submit(correction, ISSUED_MS).unwrap();
    agent.deliver(&quick(&[&fake])).await.unwrap();
    let shown = &agent.status().contests[0];
    assert_eq!((shown.digest, shown.revision), (Some(digests[0]), Some(1)));
    assert_eq!(shown.refused.as_ref().unwrap().code, "contest-not-held");
}

#[tokio::test]
async fn a_form_comes_later_when_it_is_asked_to() {
    let device = Device::new();
    let agent = device.agent();
    submit(&device, &agent, &["ppwp", "dpd"]);
    let fake = Fake::start(&device, &[Turn::FirstLater(1_000)]).await;
    let before = Instant::now();
    let delivered = agent.deliver(&quick(&[&fake])).await.unwrap();
    assert!(before.elapsed() >= Duration::from_millis(1_000));
    assert_eq!((delivered.received, delivered.failures, delivered.sessions), (2, 0, 2));
    let batches = fake.seen.lock().unwrap().batches.clone();
    assert_eq!((batches.len(), batches[1].clone()), (2, vec![batches[0][0]]));
}

#[tokio::test]
async fn resending_brings_the_same_receipt() {
    let device = Device::new();
    let agent = device.agent();
    let digests = submit(&device, &agent, &["ppwp", "dpd"]);
    let fake = Fake::start(&device, &[]).await;
    agent.deliver(&quick(&[&fake])).await.unwrap();
    let before = agent.forms().unwrap();
    assert_eq!(agent.resend(Some("ppwp".parse().unwrap())).unwrap(), 1);
    assert!(matches!(state(&agent, digests[0]), State::Received { .. }), "nothing is forgotten");
    let delivered = agent.deliver(&quick(&[&fake])).await.unwrap();
    assert_eq!((delivered.received, agent.status().waiting), (1, 0));
    for (before, after) in before.iter().zip(agent.forms().unwrap()) {
        assert_eq!(before.receipt, after.receipt);
    }
}

#[tokio::test]
async fn the_next_collector_of_the_list_is_tried_at_once() {
    let device = Device::new();
    let agent = device.agent();
    submit(&device, &agent, &["ppwp"]);
    let stranger = Fake::start_as(&device, &Authority::new(), &[]).await;
    let honest = Fake::start(&device, &[]).await;
    let mut forwarding = quick(&[&stranger, &honest]);
    // Nobody listens on a port that was just given back.
    forwarding.collectors.insert(0, address("127.0.0.1:1", "localhost"));
    forwarding.retry.first = Duration::from_secs(3_600);
    forwarding.retry.longest = Duration::from_secs(3_600);
    let delivered = agent.deliver(&forwarding).await.unwrap();
    assert_eq!((delivered.received, delivered.failures, delivered.sessions), (1, 2, 1));
}

#[tokio::test]
async fn what_went_wrong_is_said_in_words() {
    let device = Device::new();
    let agent = device.agent();
    let digests = submit(&device, &agent, &["ppwp"]);
    let stranger = Fake::start_as(&device, &Authority::new(), &[]).await;
    let leaving = Fake::start(&device, &[Turn::Farewell(Farewell::NotEnrolled)]).await;
    let nobody = address("127.0.0.1:1", "localhost");
    let nowhere = address("does-not-exist.invalid:1", "localhost");
    for (collector, wanted) in [
        (&stranger.address, Reason::NotTrusted),
        (&leaving.address, Reason::Farewell(Farewell::NotEnrolled)),
        (&nobody, Reason::Unreachable),
        (&nowhere, Reason::NoAddress),
    ] {
        let forwarding = Forwarding { collectors: vec![collector.clone()], ..quick(&[]) };
        Forwarder::new(&agent.desk, &forwarding).unwrap().attempt().await.unwrap();
        let delivery = delivery(&agent, digests[0]);
        let failure = delivery.last_failure.clone().unwrap();
        assert_eq!((failure.reason, delivery.is_due()), (wanted, true));
        assert!(failure.detail.starts_with(&collector.address), "{}", failure.detail);
        assert!(delivery.next_try_ms.is_some());
    }
}

#[tokio::test]
async fn a_device_of_another_authority_reads_that_it_is_refused() {
    let (device, other) = (Device::new(), Device::new());
    let agent = device.agent();
    let digests = submit(&device, &agent, &["ppwp"]);
    // The collector shows a certificate that the device believes, and believes others.
    let fake = Fake::start_as(&other, &device.authority, &[]).await;
    Forwarder::new(&agent.desk, &quick(&[&fake])).unwrap().attempt().await.unwrap();
    let failure = delivery(&agent, digests[0]).last_failure.unwrap();
    assert_eq!(failure.reason, Reason::DeviceRefused, "{}", failure.detail);
}

#[tokio::test]
async fn more_than_a_batch_goes_in_several_of_one_session() {
    let device = Device::new();
    let agent = device.agent();
    submit(&device, &agent, &["ppwp"]);
    for votes in 0..99 {
        let form = device.form("ppwp", [147, 145, 292], [votes, 183 - votes], 183);
        let correction = Some("sekali lagi".to_owned());
        let submission = Submission { correction, ..form };
        agent.submit(submission, ISSUED_MS).unwrap();
    }
    let fake = Fake::start(&device, &[]).await;
    let delivered = agent.deliver(&quick(&[&fake])).await.unwrap();
    assert_eq!((delivered.received, delivered.sessions), (100, 1));
    let sizes: Vec<_> = fake.seen.lock().unwrap().batches.iter().map(Vec::len).collect();
    assert_eq!(sizes, [64, 36]);
    all_proven(&device, &agent);
}

#[tokio::test(start_paused = true)]
async fn t7_after_48_hours_of_outage_it_still_tries_and_drains_by_itself() {
    let device = Device::new();
    let agent = device.agent();
    submit(&device, &agent, &["ppwp", "dpd"]);
    // Bound and not listening: the port is refused and stays ours.
    let port = TcpSocket::new_v4().unwrap();
    port.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let collector = address(&port.local_addr().unwrap().to_string(), "localhost");
    let forwarding = Forwarding { collectors: vec![collector], retry: Retry::default() };
    let (began, outage) = (Instant::now(), Duration::from_secs(48 * 3_600));
    let comes = async {
        tokio::time::sleep(outage).await;
        Fake::listen(&device, &device.authority, &[], port.listen(64).unwrap())
    };
    let (delivered, fake) = tokio::join!(agent.deliver(&forwarding), comes);
    let delivered = delivered.unwrap();
    assert_eq!((delivered.received, delivered.sessions), (2, 1));
    // One attempt in 150 s on average, once the longest rest is reached.
    assert!((900..1_500).contains(&delivered.failures), "{delivered:?}");
    let waited = began.elapsed() - outage;
    assert!(waited <= Retry::default().longest + Duration::from_secs(60), "{waited:?}");
    assert_eq!(fake.seen.lock().unwrap().batches.len(), 1);
    all_proven(&device, &agent);
}

#[tokio::test]
async fn a_new_form_wakes_the_daemon_at_once() {
    let device = Device::new();
    let agent = device.agent();
    let fake = Fake::start(&device, &[]).await;
    // Asleep for an hour at the start, and idle after the first form.
    let mut forwarding = quick(&[&fake]);
    forwarding.retry.start = Duration::from_secs(3_600);
    let shutdown = async {
        for contest in ["ppwp", "dpd"] {
            submit(&device, &agent, &[contest]);
            fake.ended.notified().await;
        }
    };
    agent.run(&forwarding, shutdown).await.unwrap();
    assert_eq!(fake.seen.lock().unwrap().sessions, 2);
    all_proven(&device, &agent);
}
