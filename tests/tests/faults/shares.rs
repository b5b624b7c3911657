//! Fair shares: who sends much at full speed does not keep others waiting.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use saksi_proto::message::{MAX_BATCH, Outcome};
use saksi_tests::kenya::counts;
use saksi_tests::scene::{FIRST_FORM, Scene};
use saksi_tests::wire::{Voice, Wire};

/// Connections of the one that sends much.
const CONNECTIONS: usize = 36;

/// Full batches of each connection, one after the other.
const ROUNDS: usize = 6;

/// Forms of the other that pass a lone one. A station has one batch at the admission desks
/// at a time; two more may be with the sequencer, in hand and next, and one have been
/// answered and not been seen here.
const PASSED: u64 = (4 * MAX_BATCH) as u64;

/// While all its connections send at once, their bytes have to be read before it shows
/// whose they are: never more than a batch of each.
const PASSED_AT_FIRST: u64 = (CONNECTIONS * MAX_BATCH) as u64;

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
    let much = sealed(&scene, 0, CONNECTIONS * ROUNDS * MAX_BATCH);
    let lone = sealed(&scene, 1, 1_000);
    // How far the log has come, as far as an answer has told us.
    let known = AtomicU64::new(FIRST_FORM);
    let is_over = AtomicBool::new(false);
    let mut passed = Vec::new();
    thread::scope(|scope| {
        let floods = much.chunks(ROUNDS * MAX_BATCH).map(|forms| {
            let (mut wire, known) = (wire(0), &known);
            scope.spawn(move || {
                for batch in forms.chunks(MAX_BATCH) {
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
    passed.sort_unstable();
    assert!(passed[passed.len() / 2] <= PASSED, "forms of another passed: {passed:?}");
    assert!(passed[passed.len() - 1] <= PASSED_AT_FIRST, "forms of another passed: {passed:?}");
    let all = FIRST_FORM + much.len() as u64;
    assert!(scene.entries().unwrap() > all, "and all of them are in the log");
}
