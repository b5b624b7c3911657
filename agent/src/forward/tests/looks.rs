//! What the centre has to say, asked over the same connection.

use saksi_proto::message::Standing;
use saksi_proto::notice::{Notice, Notices, QuestionNotice};

use super::*;

fn question(text: &str) -> QuestionNotice {
    let (lines, text) = (vec!["V.A".to_owned()], text.to_owned());
    QuestionNotice { index: 40, at_ms: TOLD_MS, lines, text, by: "sri".to_owned() }
}

fn notice(contest: &str, standing: Standing, questions: Vec<QuestionNotice>) -> Notice {
    let (contest, standing) = (contest.parse().unwrap(), Some(standing));
    Notice { contest, index: 40, standing, ruling: None, questions }
}

/// The collector says this to the next look.
fn says(fake: &Fake, notices: Vec<Notice>) {
    fake.seen
        .lock()
        .unwrap()
        .notices
        .push_back(Notices { up_to: 41, notices: notices.iter().map(Notice::encode).collect() });
}

fn standing(agent: &Agent, digest: Digest) -> Option<Standing> {
    match state(agent, digest) {
        State::Received { standing, .. } => standing,
        other => panic!("{other:?}"),
    }
}

/// Sentences and texts of all notices.
fn shown(agent: &Agent) -> Vec<(String, Option<String>)> {
    let contests = agent.status().contests.into_iter();
    let notices = contests.flat_map(|contest| contest.notices);
    notices.map(|notice| (notice.sentence, notice.text)).collect()
}

#[tokio::test]
async fn what_the_centre_says_after_the_forms_is_kept_and_not_asked_for_again() {
    let device = Device::new();
    let agent = device.agent();
    let digests = submit(&device, &agent, &["ppwp"]);
    let fake = Fake::start(&device, &[]).await;
    let said = "Periksa \u{1b}[2J\nlagi";
    says(&fake, vec![notice("ppwp", Standing::Disputed, vec![question(said)])]);
    agent.deliver(&quick(&[&fake])).await.unwrap();
    drop(agent);
    let agent = device.agent();
    assert_eq!(standing(&agent, digests[0]), Some(Standing::Disputed), "it is durable");
    let (sentence, text) = shown(&agent).remove(0);
    assert_eq!(sentence, "Pusat meminta: periksa lagi baris V.A.");
    assert_eq!(text.as_deref(), Some("Periksa  [2J lagi"), "and fit for a screen");
    submit(&device, &agent, &["dpd"]);
    agent.deliver(&quick(&[&fake])).await.unwrap();
    let looks = fake.seen.lock().unwrap().looks.clone();
    let asked = |at: usize| (looks[at].since, looks[at].forms.len());
    assert_eq!((looks.len(), asked(0), asked(1)), (2, (0, 1), (41, 2)));
    let known = agent.desk.store().ledger().form(digests[0]).unwrap().delivery.clone();
    assert!(
        matches!(known.state, State::Received { index, .. } if index == looks[0].forms[0].index)
    );
    assert_eq!(shown(&agent).len(), 1, "no news takes nothing away");
}

#[tokio::test]
async fn that_all_is_well_is_not_written_and_a_later_word_takes_the_place_of_the_first() {
    let device = Device::new();
    let agent = device.agent();
    let digests = submit(&device, &agent, &["ppwp"]);
    let fake = Fake::start(&device, &[]).await;
    let mut forwarder = Forwarder::new(&agent.desk, &quick(&[&fake])).unwrap();
    says(&fake, vec![notice("ppwp", Standing::Counted, Vec::new())]);
    forwarder.attempt().await.unwrap();
    assert_eq!(agent.desk.store().noticed().unwrap(), 0, "nothing was written");
    says(&fake, vec![notice("ppwp", Standing::Rejected, vec![question("5 atau 15?")])]);
    forwarder.call_to_look().await.unwrap();
    assert_eq!(agent.desk.store().noticed().unwrap(), 41);
    assert_eq!(standing(&agent, digests[0]), Some(Standing::Rejected));
    says(&fake, vec![notice("ppwp", Standing::Counted, Vec::new())]);
    forwarder.call_to_look().await.unwrap();
    assert_eq!(standing(&agent, digests[0]), Some(Standing::Counted));
    assert_eq!(shown(&agent), [], "it was answered, or withdrawn");
    all_proven(&device, &agent);
}

#[tokio::test]
async fn a_word_that_nobody_asked_for_is_not_taken_and_takes_no_receipt_away() {
    let device = Device::new();
    let agent = device.agent();
    submit(&device, &agent, &["ppwp"]);
    let fake = Fake::start(&device, &[]).await;
    says(&fake, vec![notice("dpd", Standing::Held, vec![question("?")])]);
    let delivered = agent.deliver(&quick(&[&fake])).await.unwrap();
    assert_eq!((delivered.received, delivered.failures), (1, 1));
    all_proven(&device, &agent);
    assert_eq!(shown(&agent), []);
}

#[tokio::test]
async fn a_device_with_nothing_to_send_asks_when_somebody_wants_to_know() {
    let device = Device::new();
    let agent = device.agent();
    submit(&device, &agent, &["ppwp"]);
    let fake = Fake::start(&device, &[]).await;
    agent.deliver(&quick(&[&fake])).await.unwrap();
    says(&fake, vec![notice("ppwp", Standing::Counted, vec![question("5 atau 15?")])]);
    assert!(!agent.desk.looking().is_under_way());
    agent.desk.look_now();
    assert!(agent.desk.looking().is_under_way());
    fake.ended.notified().await;
    let forwarding = quick(&[&fake]);
    let daemon = agent.run(&forwarding, async { fake.ended.notified().await });
    daemon.await.unwrap();
    assert_eq!(fake.seen.lock().unwrap().looks.len(), 2);
    assert_eq!(shown(&agent).len(), 1);
    assert!(agent.desk.looking().answered_ms().is_some());
}

#[tokio::test]
async fn nobody_calls_for_a_look_while_the_centre_has_no_form() {
    let device = Device::new();
    let agent = device.agent();
    submit(&device, &agent, &["ppwp"]);
    let fake = Fake::start(&device, &[]).await;
    let mut forwarder = Forwarder::new(&agent.desk, &quick(&[&fake])).unwrap();
    assert_eq!(forwarder.look_at(), None);
    forwarder.attempt().await.unwrap();
    let next = forwarder.look_at().unwrap().as_secs();
    assert!((1_200..2_410).contains(&next), "after a rest: {next} s");
}
