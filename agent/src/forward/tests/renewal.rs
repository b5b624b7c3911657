//! New papers, and times that are not believed.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use saksi_proto::bundle::{Bundle, CollectorAddress, Papers};

use super::super::fake::{Heard, policy};
use super::*;
use crate::clock::Clock;
use crate::identity::Identity;

const DAY_MS: u64 = 24 * 3_600 * 1_000;

/// A device whose certificate is past half of its time: it was issued in 2023, and the
/// days that are left count from now.
fn device_with_days(days: u64) -> Device {
    let device = Device::new();
    let until_ms = Clock::system_ms() + days * DAY_MS;
    let papers = Papers { certified_until_ms: until_ms, ..device.bundle.papers.clone() };
    reissue(&device, &papers);
    device
}

fn reissue(device: &Device, papers: &Papers) {
    std::fs::remove_file(device.path().join("identity.json")).unwrap();
    let bundle = Bundle { papers: papers.clone(), ..device.bundle.clone() };
    Agent::init(device.path(), &bundle).unwrap();
}

/// Papers that take the place of the device's: another certificate for the same key.
fn new_papers(device: &Device) -> Papers {
    let key = device.agent().identity().key().verifying_key().to_bytes();
    let certificate = device.authority.certify_device(key);
    let certified_until_ms = Clock::system_ms() + 3_650 * DAY_MS;
    Papers { certificate, certified_until_ms, ..device.bundle.papers.clone() }
}

fn der(papers: &Papers) -> Vec<u8> {
    CertificateDer::from_pem_slice(papers.certificate.as_bytes()).unwrap().to_vec()
}

/// The papers that lie in the device's directory.
fn kept(device: &Device) -> Arc<Papers> {
    Identity::open(&device.directory()).unwrap().papers()
}

#[tokio::test]
async fn new_papers_come_once_after_the_forms_and_are_used_from_the_next_connection_on() {
    let device = device_with_days(10);
    let (old, new) = (kept(&device), new_papers(&device));
    let agent = device.agent();
    let fake = Fake::start(&device, &[]).await;
    fake.seen.lock().unwrap().renewals.push_back(new.clone());
    let mut forwarder = Forwarder::new(&agent.desk, &quick(&[&fake])).unwrap();
    submit(&device, &agent, &["ppwp"]);
    forwarder.attempt().await.unwrap();
    assert_eq!(forwarder.delivered.renewals, 1);
    assert_eq!(fake.seen.lock().unwrap().heard, [Heard::Forms(1), Heard::Renew]);
    assert!(fake.seen.lock().unwrap().shown == der(&old));
    assert!(*kept(&device) == new && *agent.identity().papers() == new);
    assert!(der(&old) != der(&new));
    submit(&device, &agent, &["dpd"]);
    forwarder.attempt().await.unwrap();
    let seen = fake.seen.lock().unwrap();
    assert_eq!(seen.heard, [Heard::Forms(1), Heard::Renew, Heard::Forms(1)], "asked once");
    assert!(seen.shown == der(&new), "they are used");
    drop(seen);
    all_proven(&device, &agent);
}

#[tokio::test]
async fn papers_that_do_not_fit_are_not_taken_and_the_old_ones_stay() {
    type Change = fn(&mut Papers, &Papers);
    let wrong: [Change; 9] = [
        |papers, other| papers.certificate = other.certificate.clone(),
        |papers, other| {
            (papers.authority, papers.certificate) =
                (other.authority.clone(), other.certificate.clone());
        },
        |papers, _| papers.station = "1".parse().unwrap(),
        |papers, _| papers.slice[0] ^= 1,
        |papers, _| papers.log_key = papers.log_key.replace("saksi.test", "other.test"),
        |papers, _| papers.certified_until_ms = 1_750_000_000_000,
        |papers, _| papers.witnesses = Some("quorum none\n".to_owned()),
        |papers, _| papers.witnesses = Some(policy(papers, 1).replace("quorum", "group")),
        |papers, _| papers.witnesses = Some(policy(papers, 1) + &"#\n".repeat(2_048)),
    ];
    for (at, change) in wrong.into_iter().enumerate() {
        let device = device_with_days(10);
        let (old, mut new) = (kept(&device), new_papers(&device));
        change(&mut new, &Device::new().bundle.papers);
        let agent = device.agent();
        let fake = Fake::start(&device, &[]).await;
        fake.seen.lock().unwrap().renewals.push_back(new);
        submit(&device, &agent, &["ppwp"]);
        let delivered = agent.deliver(&quick(&[&fake])).await.unwrap();
        assert_eq!((delivered.received, delivered.failures), (1, 0), "{at}");
        assert_eq!(fake.seen.lock().unwrap().heard.last(), Some(&Heard::Renew), "{at}");
        assert_eq!(delivered.renewals, 0, "{at}");
        assert!(*kept(&device) == *old && *agent.identity().papers() == *old, "{at}");
    }
}

#[tokio::test]
async fn new_papers_bring_the_log_s_witnesses() {
    let device = device_with_days(10);
    let new = new_papers(&device);
    let new = Papers { witnesses: Some(policy(&new, 2)), ..new };
    let agent = device.agent();
    let fake = Fake::start(&device, &[]).await;
    fake.seen.lock().unwrap().renewals.push_back(new);
    let mut forwarder = Forwarder::new(&agent.desk, &quick(&[&fake])).unwrap();
    submit(&device, &agent, &["ppwp"]);
    forwarder.attempt().await.unwrap();
    assert_eq!(agent.identity().witnesses().needed(), 2);
    assert_eq!(forwarder.delivered.cosigned, 0, "nobody was known then");
    submit(&device, &agent, &["dpd"]);
    forwarder.attempt().await.unwrap();
    assert_eq!(forwarder.delivered.cosigned, 2);
    assert_eq!(fake.seen.lock().unwrap().heard.last(), Some(&Heard::Question(2)));
    all_proven(&device, &agent);
}

#[test]
fn an_identity_of_before_there_were_witnesses_has_none() {
    let device = Device::new();
    let path = device.directory().identity();
    let text = std::fs::read_to_string(&path).unwrap();
    let before = text.replace(",\n    \"witnesses\": null", "");
    assert!(before.len() < text.len(), "{text}");
    std::fs::write(&path, before).unwrap();
    let identity = Identity::open(&device.directory()).unwrap();
    assert_eq!(identity.witnesses().needed(), 0);
}

#[tokio::test]
async fn papers_with_time_left_are_not_renewed() {
    let device = Device::new();
    let agent = device.agent();
    let fake = Fake::start(&device, &[]).await;
    submit(&device, &agent, &["ppwp"]);
    agent.deliver(&quick(&[&fake])).await.unwrap();
    assert_eq!(fake.seen.lock().unwrap().heard, [Heard::Forms(1)]);
}

#[tokio::test(start_paused = true)]
async fn a_device_with_nothing_to_send_calls_for_its_papers() {
    let device = device_with_days(10);
    let new = new_papers(&device);
    let agent = device.agent();
    let fake = Fake::start(&device, &[]).await;
    fake.seen.lock().unwrap().renewals.push_back(new.clone());
    let forwarding = quick(&[&fake]);
    let forwarder = Forwarder::new(&agent.desk, &forwarding).unwrap();
    tokio::select! {
        ended = forwarder.run(Until::Stopped) => panic!("{ended:?}"),
        () = fake.ended.notified() => {}
    }
    assert_eq!(fake.seen.lock().unwrap().heard, [Heard::Renew]);
    assert!(*kept(&device) == new);
}

#[tokio::test]
async fn a_time_after_the_certificates_end_is_not_learnt() {
    let device = device_with_days(10);
    let until_ms = kept(&device).certified_until_ms;
    let agent = device.agent();
    let fake = Fake::start(&device, &[]).await;
    for (contest, told_ms, learnt) in
        [("ppwp", until_ms + 1, None), ("dpd", u64::MAX, None), ("dpr", until_ms, Some(until_ms))]
    {
        fake.seen.lock().unwrap().told_ms = told_ms;
        submit(&device, &agent, &[contest]);
        agent.deliver(&quick(&[&fake])).await.unwrap();
        assert_eq!(agent.desk.store().learnt_ms().unwrap(), learnt, "{told_ms}");
        assert!(agent.now_ms() < until_ms + DAY_MS, "{told_ms}");
    }
}

#[tokio::test]
async fn a_floor_of_before_is_bounded_too() {
    let device = device_with_days(10);
    let until_ms = kept(&device).certified_until_ms;
    let agent = device.agent();
    agent.desk.store().learn(u64::MAX / 2).unwrap();
    submit(&device, &agent, &["ppwp"]);
    drop(agent);
    let floor_ms = device.agent().desk.clock().floor_ms();
    assert!((until_ms..until_ms + DAY_MS).contains(&floor_ms), "{floor_ms}");
}

#[tokio::test]
async fn a_revoked_device_tries_on_at_the_slowest_pace() {
    let device = Device::new();
    let agent = device.agent();
    let digests = submit(&device, &agent, &["ppwp"]);
    let fake = Fake::start(&device, &[Turn::Farewell(Farewell::Revoked)]).await;
    let mut forwarding = quick(&[&fake]);
    forwarding.retry.longest = Duration::from_secs(300);
    let mut forwarder = Forwarder::new(&agent.desk, &forwarding).unwrap();
    let before_ms = agent.now_ms();
    forwarder.attempt().await.unwrap();
    let refused = delivery(&agent, digests[0]);
    assert!(refused.is_due(), "it may have been a mistake");
    assert_eq!(refused.last_failure.unwrap().reason, Reason::Farewell(Farewell::Revoked));
    assert!(refused.next_try_ms.unwrap() >= before_ms + 150_000, "{:?}", refused.next_try_ms);
    // The same forwarder delivers once the mistake is undone.
    forwarder.outbox.wake();
    let delivered = forwarder.run(Until::NothingIsDue).await;
    // Its start is drawn anew.
    assert_eq!(delivered.unwrap().received, 1);
}

#[tokio::test]
async fn a_renewal_leads_the_device_nowhere_else() {
    let device = device_with_days(10);
    let (old, mut new) = (kept(&device), new_papers(&device));
    new.collectors = vec![CollectorAddress { address: "a:1".to_owned(), name: "a".to_owned() }];
    new.issued_ms = u64::MAX / 2;
    let agent = device.agent();
    let fake = Fake::start(&device, &[]).await;
    fake.seen.lock().unwrap().renewals.push_back(new.clone());
    submit(&device, &agent, &["ppwp"]);
    assert_eq!(agent.deliver(&quick(&[&fake])).await.unwrap().renewals, 1);
    let Papers { collectors, issued_ms, .. } = (*old).clone();
    assert!(*kept(&device) == Papers { collectors, issued_ms, ..new });
}
