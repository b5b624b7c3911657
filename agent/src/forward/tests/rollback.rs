//! A collector whose log is not the one that the device has seen.

use saksi_proto::checkpoint::LogKey;

use super::*;
use crate::evidence;
use crate::forward::fake::Heard;
use crate::forward::outbox::Keep as _;

/// Attempts at each collector of the list, once.
async fn attempt(agent: &Agent, collectors: &[&Fake]) {
    let mut forwarder = Forwarder::new(&agent.desk, &quick(collectors)).unwrap();
    forwarder.attempt().await.unwrap();
}

fn seen(agent: &Agent) -> Option<u64> {
    agent.desk.store().seen().unwrap().map(|seen| seen.entries())
}

fn reason(agent: &Agent, form: Digest) -> Reason {
    delivery(agent, form).last_failure.unwrap().reason
}

fn accusations(fake: &Fake) -> Vec<Heard> {
    let heard = fake.seen.lock().unwrap().heard.clone();
    heard.into_iter().filter(|heard| matches!(heard, Heard::Accusation(_))).collect()
}

#[tokio::test]
async fn what_was_seen_survives_a_restart_a_rebuild_and_the_loss_of_its_file() {
    let device = Device::new();
    let fake = Fake::start(&device, &[]).await;
    let agent = device.agent();
    assert_eq!(seen(&agent), None);
    for (contest, entries) in [("ppwp", 1), ("dpd", 2)] {
        submit(&device, &agent, &[contest]);
        agent.deliver(&quick(&[&fake])).await.unwrap();
        assert_eq!(seen(&agent), Some(entries));
    }
    drop(agent);
    let path = device.directory().checkpoint();
    let note = std::fs::read_to_string(&path).unwrap();
    assert!(device.log_key.open(&note).is_ok(), "the signed note itself");
    std::fs::remove_dir_all(device.directory().store()).unwrap();
    assert_eq!(seen(&device.agent()), Some(2), "a store that is rebuilt");
    std::fs::remove_file(&path).unwrap();
    assert_eq!(seen(&device.agent()), Some(2), "the largest of the receipts");
    std::fs::write(&path, note.replace('2', "3")).unwrap();
    assert_eq!(seen(&device.agent()), Some(2), "a damaged one says nothing");
}

#[tokio::test]
async fn a_fork_is_not_believed_the_form_stays_due_and_the_evidence_is_kept() {
    let device = Device::new();
    let agent = device.agent();
    submit(&device, &agent, &["ppwp"]);
    let fake = Fake::start(&device, &[Turn::Log, Turn::Fork]).await;
    agent.deliver(&quick(&[&fake])).await.unwrap();
    let form = submit(&device, &agent, &["dpd"])[0];
    attempt(&agent, &[&fake]).await;
    assert!(delivery(&agent, form).is_due());
    assert_eq!(reason(&agent, form), Reason::OtherLog);
    assert!(agent.receipt(form).unwrap().is_none(), "no receipt of that log is kept");
    assert_eq!(seen(&agent), Some(1), "and nothing of it was seen");
    assert_eq!(accusations(&fake), [Heard::Accusation(1)], "the collector is told");
    let kept = evidence::kept(&device.directory()).unwrap();
    let text = std::fs::read_to_string(&kept[0]).unwrap();
    let notes: Vec<_> = text.split("\n--- ").skip(1).collect();
    assert_eq!((kept.len(), notes.len()), (1, 2));
    let open = |part: &str| {
        let note = part.split_once('\n').unwrap().1;
        LogKey::open(&device.log_key, note.trim_end_matches('\n')).or(device.log_key.open(note))
    };
    let sizes: Vec<_> = notes.iter().map(|part| open(part).unwrap().size).collect();
    assert_eq!(sizes, [1, 2], "both are signed by the log's key");
    // A refusal of that log is not believed either, and it is told once.
    attempt(&agent, &[&fake]).await;
    assert!(delivery(&agent, form).is_due());
    let unwell = agent.desk.doctor(saksi_proto::text::Language::English).unwrap();
    assert!(!unwell.is_well());
    assert_eq!(agent.status().contradictions, 1);
}

#[tokio::test]
async fn a_log_with_fewer_entries_than_were_seen_is_refused_and_told_once() {
    let device = Device::new();
    let agent = device.agent();
    let fake = Fake::start(&device, &[]).await;
    submit(&device, &agent, &["ppwp", "dpd"]);
    agent.deliver(&quick(&[&fake])).await.unwrap();
    let restored = Fake::start(&device, &[]).await;
    let form = submit(&device, &agent, &["dpr"])[0];
    let mut forwarder = Forwarder::new(&agent.desk, &quick(&[&restored])).unwrap();
    for _ in 0..2 {
        forwarder.attempt().await.unwrap();
        assert_eq!(reason(&agent, form), Reason::Farewell(Farewell::RolledBack));
        assert!(delivery(&agent, form).is_due());
    }
    assert_eq!(accusations(&restored), [Heard::Accusation(2)]);
    let unwell = agent.desk.doctor(saksi_proto::text::Language::English).unwrap();
    assert!(unwell.checks.iter().any(|check| !check.is_well && check.sentence.contains("log")));
    // Another collector of the list has the log that was seen.
    attempt(&agent, &[&restored, &fake]).await;
    all_proven(&device, &agent);
    let well = agent.desk.doctor(saksi_proto::text::Language::English).unwrap();
    assert_eq!((well.log.seen, well.log.refused), (3, 0));
}

#[tokio::test]
async fn a_receipt_that_was_interrupted_comes_again_to_what_was_seen() {
    let device = Device::new();
    let agent = device.agent();
    let fake = Fake::start(&device, &[]).await;
    let form = submit(&device, &agent, &["ppwp"])[0];
    // The receipt cannot be written: a directory has the name of what is beside it.
    let path = device.directory().receipt(form).with_extension("tlog-proof.part");
    std::fs::create_dir(&path).unwrap();
    attempt(&agent, &[&fake]).await;
    assert_eq!(reason(&agent, form), Reason::NotKept);
    assert_eq!(seen(&agent), Some(1), "what was seen is written before the receipt");
    std::fs::remove_dir(&path).unwrap();
    // The log has grown in between; the form's receipt is the one of its own commit.
    let agent = {
        drop(agent);
        device.agent()
    };
    attempt(&agent, &[&fake]).await;
    all_proven(&device, &agent);
    assert_eq!(fake.seen.lock().unwrap().batches.len(), 2);
}

#[tokio::test]
async fn without_room_for_what_was_seen_no_receipt_is_taken() {
    let device = Device::new();
    let agent = device.agent();
    let fake = Fake::start(&device, &[]).await;
    let form = submit(&device, &agent, &["ppwp"])[0];
    std::fs::create_dir(device.directory().checkpoint()).unwrap();
    attempt(&agent, &[&fake]).await;
    assert_eq!(reason(&agent, form), Reason::NotKept);
    assert!(agent.receipt(form).unwrap().is_none());
    std::fs::remove_dir(device.directory().checkpoint()).unwrap();
    attempt(&agent, &[&fake]).await;
    all_proven(&device, &agent);
}
