//! Receipts that lead to a cosigned checkpoint: asked for, verified, kept.

use saksi_proto::cosignature::cosignatures;
use saksi_proto::receipt::Receipt;

use super::*;
use crate::forward::fake::{Heard, Say, policy};
use crate::seen;

/// A device whose papers want so many of two witnesses.
fn device(needed: usize) -> Device {
    let mut device = Device::new();
    device.bundle.papers.witnesses = Some(policy(&device.bundle.papers, needed));
    std::fs::remove_file(device.directory().identity()).unwrap();
    Agent::init(device.path(), &device.bundle).unwrap();
    device
}

/// Questions that came, by the number of their forms.
fn questions(fake: &Fake) -> Vec<usize> {
    let heard = fake.seen.lock().unwrap().heard.clone();
    let question = |heard| if let Heard::Question(forms) = heard { Some(forms) } else { None };
    heard.into_iter().filter_map(question).collect()
}

fn say(fake: &Fake, answers: &[Say]) {
    fake.seen.lock().unwrap().to_questions.extend(answers.iter().copied());
}

fn receipts(agent: &Agent) -> Vec<Receipt> {
    let forms = agent.forms().unwrap().into_iter();
    forms.map(|form| form.receipt.expect("a receipt")).collect()
}

/// How many witnesses have cosigned under each receipt.
fn cosigned(agent: &Agent) -> Vec<usize> {
    let witnesses = agent.desk.identity().witnesses();
    let many = |receipt: &Receipt| cosignatures(&receipt.checkpoint, witnesses.witnesses());
    receipts(agent).iter().map(|receipt| many(receipt).unwrap().len()).collect()
}

#[tokio::test]
async fn a_receipt_is_replaced_by_the_one_that_witnesses_have_cosigned() {
    let device = device(2);
    let agent = device.agent();
    submit(&device, &agent, &["ppwp", "dpd"]);
    let fake = Fake::start(&device, &[]).await;
    let delivered = agent.deliver(&quick(&[&fake])).await.unwrap();
    assert_eq!((delivered.received, delivered.cosigned, delivered.sessions), (2, 2, 1));
    assert_eq!((questions(&fake), cosigned(&agent)), (vec![2], vec![2, 2]));
    all_proven(&device, &agent);
    let seen = seen::recall(&device.directory(), &device.log_key).unwrap().unwrap();
    assert_eq!(seen.note, receipts(&agent)[0].checkpoint, "it is what was seen, too");
    for contest in agent.status().contests.into_iter().take(2) {
        let shown = contest.delivery.unwrap().cosigned.unwrap();
        assert_eq!((shown.witnessed, shown.needed), (true, 2));
        assert_eq!(shown.witnesses, ["w1.example", "w2.example"]);
    }
    // Sent once more, it does not give way to the first; and nothing is asked again.
    let before = receipts(&agent);
    agent.resend(None).unwrap();
    agent.deliver(&quick(&[&fake])).await.unwrap();
    assert_eq!((receipts(&agent), questions(&fake).len()), (before, 1));
}

#[tokio::test]
async fn what_is_not_enough_or_not_right_changes_nothing() {
    let wrong = [Say::By(0), Say::By(1), Say::Forged, Say::OtherEntry, Say::Unknown];
    for said in wrong {
        let device = device(2);
        let agent = device.agent();
        let digests = submit(&device, &agent, &["ppwp"]);
        let fake = Fake::start(&device, &[]).await;
        say(&fake, &[said]);
        let delivered = agent.deliver(&quick(&[&fake])).await.unwrap();
        let counts = (delivered.received, delivered.cosigned, delivered.failures);
        assert_eq!(counts, (1, 0, 0), "{said:?}: nothing else suffers from it");
        assert!(matches!(state(&agent, digests[0]), State::Received { .. }), "{said:?}");
        all_proven(&device, &agent);
        assert_eq!(receipts(&agent)[0].checkpoint.matches("— ").count(), 1, "{said:?}");
        let shown = agent.status().contests.remove(0).delivery.unwrap().cosigned.unwrap();
        assert_eq!((shown.witnessed, shown.witnesses.len()), (false, 0), "{said:?}");
    }
}

#[tokio::test]
async fn a_cosigned_checkpoint_of_another_log_is_refused_with_evidence() {
    let device = device(2);
    let agent = device.agent();
    submit(&device, &agent, &["ppwp"]);
    let fake = Fake::start(&device, &[]).await;
    say(&fake, &[Say::Forked]);
    let delivered = agent.deliver(&quick(&[&fake])).await.unwrap();
    assert_eq!((delivered.received, delivered.cosigned, delivered.failures), (1, 0, 1));
    assert_eq!((cosigned(&agent), agent.status().contradictions), (vec![0], 1));
    assert!(matches!(fake.seen.lock().unwrap().heard.last(), Some(Heard::Accusation(_))));
}

#[tokio::test]
async fn what_is_not_under_it_yet_is_asked_for_again() {
    let device = device(2);
    let agent = device.agent();
    submit(&device, &agent, &["ppwp", "dpd"]);
    let fake = Fake::start(&device, &[]).await;
    say(&fake, &[Say::OnlyOne, Say::NotYet(0)]);
    let delivered = agent.deliver(&quick(&[&fake])).await.unwrap();
    assert_eq!((delivered.cosigned, questions(&fake)), (1, vec![2, 1]));
    assert_eq!(cosigned(&agent).iter().sum::<usize>(), 2);
    // A device that is switched on again finds out by itself what is lacking.
    drop(agent);
    let agent = device.agent();
    let correction = device.form("ppwp", [147, 145, 292], [83, 100], 183);
    let correction = Submission { correction: Some("swapped".to_owned()), ..correction };
    agent.submit(correction, ISSUED_MS).unwrap();
    let delivered = agent.deliver(&quick(&[&fake])).await.unwrap();
    assert_eq!((delivered.cosigned, questions(&fake)), (2, vec![2, 1, 2]));
    assert_eq!(cosigned(&agent), [2, 2, 2]);
}

#[tokio::test]
async fn without_witnesses_in_its_papers_a_device_asks_nothing() {
    for needed in [None, Some(0)] {
        let device = needed.map_or_else(Device::new, device);
        let agent = device.agent();
        submit(&device, &agent, &["ppwp"]);
        let fake = Fake::start(&device, &[]).await;
        agent.deliver(&quick(&[&fake])).await.unwrap();
        assert_eq!(questions(&fake), [0; 0]);
        assert_eq!(agent.status().contests[0].delivery.as_ref().unwrap().cosigned, None);
    }
}

#[tokio::test(start_paused = true)]
async fn the_daemon_asks_again_by_itself_and_no_more_often_than_is_said() {
    let device = device(2);
    let agent = device.agent();
    submit(&device, &agent, &["ppwp"]);
    let fake = Fake::start(&device, &[]).await;
    say(&fake, &[Say::NotYet(10_000); 8]);
    let began = Instant::now();
    let shutdown = async {
        // Some sessions only look for what the centre has to say.
        while questions(&fake).len() < 9 {
            fake.ended.notified().await;
        }
    };
    agent.run(&quick(&[&fake]), shutdown).await.unwrap();
    let rested = began.elapsed();
    assert_eq!(questions(&fake).len(), 9);
    // Eight rests of 60 s doubling to an hour, each half of that at least.
    let bounds: u64 = [60, 120, 240, 480, 960, 1_920, 3_600, 3_600].iter().sum();
    let (least, most) = (bounds / 2, bounds + 60);
    assert!((least..most).contains(&rested.as_secs()), "{rested:?} of {least} to {most} s");
    assert_eq!(cosigned(&agent), [2]);
}
