//! Fair shares: who sends much at full speed does not keep others waiting.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use saksi_proto::message::{MAX_BATCH, Outcome};
use saksi_tests::kenya::counts;
use saksi_tests::poll;
use saksi_tests::scene::{FIRST_FORM, Scene};
use saksi_tests::wire::{Voice, Wire};

/// Connections of the one that sends much.
const CONNECTIONS: usize = 150;

/// Forms of each of its batches: as many as a batch may have.
const BATCH: usize = MAX_BATCH;

/// Batches of each connection, one after the other.
const ROUNDS: usize = 3;

/// Forms of the other that may pass a lone one, in nine of ten cases. With turns there is
/// one batch of it at the desks and one with the sequencer, and some come on a slow machine
/// between a look at the log and the lone form: 448 to 960. Without them all of its
/// connections stand in the queue: 8,000 to 9,280.
const PASSED: u64 = (BATCH * CONNECTIONS / 3) as u64;

/// So many forms of a station, no two alike.
fn sealed(scene: &Scene, station: usize, forms: usize) -> Vec<Vec<u8>> {
    let voice = Voice::new(&scene.bundle(station).unwrap()).unwrap();
    let numbers = counts(&scene.stations[station].paper([30, 20, 2, 1]));
    let one = |number| {
        let mut form = voice.form(numbers.clone());
        form.device_ms += number;
        voice.seal(&form).unwrap().bytes().to_vec()
    };
    (0..forms as u64).map(one).collect()
}

/// Hands over a batch; gives the entry of its last form, or `None` if it is to come later.
fn entry(wire: &mut Wire, batch: &[Vec<u8>]) -> Option<u64> {
    let outcomes = wire.submit(batch.to_vec()).unwrap().outcomes;
    let index = |outcome: &Outcome| match outcome {
        Outcome::Logged(logged) => Some(logged.index),
        Outcome::Later { .. } => None,
        Outcome::Refused { .. } => panic!("refused: {outcome:?}"),
    };
    outcomes.iter().map(index).max().unwrap()
}

#[test]
fn a_lone_form_is_not_kept_waiting_by_one_device_that_sends_at_full_speed() {
    let mut scene = Scene::new().unwrap();
    scene.collector.configure("metrics", "\"127.0.0.1:0\"").unwrap();
    scene.collector.configure("device_connections", &CONNECTIONS.to_string()).unwrap();
    scene.collector.take_forms_without_end().unwrap();
    scene.collector.start(None).unwrap();
    let address = scene.collector.address().unwrap();
    let wire = |station| Wire::begin(&address, &scene.bundle(station).unwrap()).unwrap();
    let much = sealed(&scene, 0, CONNECTIONS * ROUNDS * BATCH);
    let lone = sealed(&scene, 1, 1_000);
    let is_over = AtomicBool::new(false);
    let mut passed = Vec::new();
    // All begin together, when all are connected.
    let begin = Barrier::new(CONNECTIONS + 1);
    thread::scope(|scope| {
        let floods = much.chunks(ROUNDS * BATCH).map(|forms| {
            let (mut wire, begin) = (wire(0), &begin);
            scope.spawn(move || {
                begin.wait();
                for batch in forms.chunks(BATCH) {
                    entry(&mut wire, batch).expect("one station never fills the queue");
                }
            })
        });
        let floods: Vec<_> = floods.collect();
        let over = &is_over;
        let mut quiet = wire(1);
        scope.spawn(move || {
            floods.into_iter().for_each(|flood| flood.join().unwrap());
            over.store(true, Ordering::SeqCst);
        });
        begin.wait();
        let entries = || scene.collector.metric("saksi_journal_entries");
        let under_way = || Ok((entries()? > FIRST_FORM).then_some(()));
        poll::until("the first of them in the log", under_way).unwrap();
        for form in lone.chunks(1) {
            let before = entries().unwrap();
            let index = entry(&mut quiet, form).expect("there is always room for another");
            if is_over.load(Ordering::SeqCst) {
                break;
            }
            passed.push(index - before);
        }
    });
    assert!(passed.len() >= 5, "lone forms were answered in between: {passed:?}");
    passed.sort_unstable();
    let most = passed[(passed.len() - 1) * 9 / 10];
    assert!(most <= PASSED, "{most} forms of another passed a lone one: {passed:?}");
    let all = FIRST_FORM + much.len() as u64;
    assert!(scene.entries().unwrap() > all, "and all of them are in the log");
}
