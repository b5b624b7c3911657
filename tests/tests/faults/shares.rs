//! Fair shares: who sends much at full speed does not keep others waiting.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use saksi_proto::message::Outcome;
use saksi_tests::kenya::counts;
use saksi_tests::scene::{FIRST_FORM, Scene};
use saksi_tests::wire::{Voice, Wire};

/// Connections of the one that sends much: more than batches may wait for admission (256).
const CONNECTIONS: usize = 300;

/// Forms of each of its batches.
const BATCH: usize = 8;

/// Batches of each connection, one after the other.
const ROUNDS: usize = 4;

/// Forms of the others that may pass a lone one. A connection has one batch in the
/// collector at a time: one of each is there before it, one of each may come while it is
/// on its way, and one of each may have been answered and not been seen here.
const PASSED: u64 = (3 * CONNECTIONS * BATCH) as u64;

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
    let scene = Scene::serving().unwrap();
    let address = scene.collector.address().unwrap();
    let wire = |station| Wire::begin(&address, &scene.bundle(station).unwrap()).unwrap();
    let much = sealed(&scene, 0, CONNECTIONS * ROUNDS * BATCH);
    let lone = sealed(&scene, 1, 1_000);
    // How far the log has come, as far as an answer has told us.
    let known = AtomicU64::new(FIRST_FORM);
    let is_over = AtomicBool::new(false);
    let mut passed = Vec::new();
    // All begin together, when all are connected.
    let begin = Barrier::new(CONNECTIONS + 1);
    thread::scope(|scope| {
        let floods = much.chunks(ROUNDS * BATCH).map(|forms| {
            let (mut wire, known, begin) = (wire(0), &known, &begin);
            scope.spawn(move || {
                begin.wait();
                for batch in forms.chunks(BATCH) {
                    let index = std::iter::repeat_with(|| entry(&mut wire, batch)).flatten().next();
                    known.fetch_max(index.unwrap() + 1, Ordering::SeqCst);
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
        for form in lone.chunks(1) {
            let before = known.load(Ordering::SeqCst);
            let index = entry(&mut quiet, form).expect("there is always room for another");
            if is_over.load(Ordering::SeqCst) {
                break;
            }
            passed.push(index - before.min(index));
        }
    });
    assert!(passed.len() >= 4, "lone forms were answered in between: {passed:?}");
    let most = passed.iter().copied().max().unwrap();
    assert!(most <= PASSED, "{most} forms of another passed a lone one: {passed:?}");
    let all = FIRST_FORM + much.len() as u64;
    assert!(scene.entries().unwrap() > all, "and all of them are in the log");
}
