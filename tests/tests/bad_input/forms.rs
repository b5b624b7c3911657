//! Forms that an honest agent never seals, in a session that is otherwise right: each
//! is refused by its code, and its neighbours in the batch are not.

use saksi_proto::count::Count;
use saksi_proto::digest::Digest;
use saksi_proto::form::TallyForm;
use saksi_proto::ids::Phase;
use saksi_proto::message::{Outcome, Standing};
use saksi_proto::receipt::Receipt;
use saksi_proto::refusal::Refusal;
use saksi_proto::seal::{MAX_SEALED_FORM, SealedForm};
use saksi_tests::kenya::counts;
use saksi_tests::scene::{FIRST_FORM, Scene};
use saksi_tests::wire::{Voice, Wire};

use crate::{BAD, unharmed};

/// A collector, and a device of it that seals whatever it likes.
struct Attack {
    scene: Scene,
    voice: Voice,
    honest: TallyForm,
}

impl Attack {
    fn new() -> Self {
        let scene = Scene::serving().unwrap();
        let voice = Voice::new(&scene.bundle(BAD).unwrap()).unwrap();
        let honest = voice.form(counts(&scene.stations[BAD].paper([30, 20, 2, 1])));
        Self { scene, voice, honest }
    }

    fn submit(&self, forms: Vec<Vec<u8>>) -> Vec<Outcome> {
        let address = self.scene.collector.address().unwrap();
        let mut wire = Wire::begin(&address, &self.scene.bundle(BAD).unwrap()).unwrap();
        wire.submit(forms).unwrap().outcomes
    }
}

fn refusal(outcome: &Outcome) -> Refusal {
    match outcome {
        Outcome::Refused { refusal, detail } => {
            assert!(!detail.is_empty(), "{refusal:?} says what exactly");
            *refusal
        }
        other => panic!("refused, not {other:?}"),
    }
}

/// A changed form between the honest one and its correction: it alone is refused.
fn is_refused(wanted: Refusal, change: impl FnOnce(&mut TallyForm)) {
    let attack = Attack::new();
    let mut changed = attack.honest.clone();
    change(&mut changed);
    let bytes = attack.voice.seal(&changed).unwrap().bytes().to_vec();
    is_refused_between_good_ones(&attack, bytes, wanted);
}

fn is_refused_between_good_ones(attack: &Attack, bytes: Vec<u8>, wanted: Refusal) {
    let first = attack.voice.seal(&attack.honest).unwrap();
    let correction = TallyForm {
        revision: 2,
        supersedes: Some(first.digest()),
        counts: counts(&attack.scene.stations[BAD].paper([40, 20, 2, 1])),
        ..attack.honest.clone()
    };
    let second = attack.voice.seal(&correction).unwrap();
    let batch = vec![first.bytes().to_vec(), bytes, second.bytes().to_vec()];
    let outcomes = attack.submit(batch);
    let [before, refused, after] = &outcomes[..] else { panic!("an answer each: {outcomes:?}") };
    assert_eq!(refusal(refused), wanted);
    for (outcome, index) in [before, after].into_iter().zip(FIRST_FORM..) {
        let Outcome::Logged(logged) = outcome else { panic!("logged, not {outcome:?}") };
        assert_eq!(logged.index, index);
    }
    let Outcome::Logged(logged) = after else { panic!("logged") };
    assert_eq!(logged.standing, Standing::Counted);
    assert_eq!(attack.scene.votes().unwrap(), [40, 20, 2, 1]);
    unharmed(&attack.scene, 2);
}

#[test]
fn a_form_for_another_station_is_refused() {
    let station = saksi_tests::kenya::stations().unwrap()[2].code.parse().unwrap();
    is_refused(Refusal::OtherStation, |form| form.station = station);
}

#[test]
fn a_form_for_an_unknown_contest_is_refused() {
    is_refused(Refusal::UnknownContest, |form| form.contest = "governor".parse().unwrap());
}

#[test]
fn a_form_with_a_candidate_too_many_or_too_few_is_refused() {
    is_refused(Refusal::OtherLines, |form| form.counts.insert(4, Count::Written(9)));
    is_refused(Refusal::OtherLines, |form| form.counts.truncate(9));
}

#[test]
fn a_form_of_another_phase_is_refused() {
    is_refused(Refusal::OtherPhase, |form| form.phase = Phase::Official);
}

#[test]
fn a_form_of_another_definition_is_refused() {
    is_refused(Refusal::OtherElection, |form| form.election = Digest([7; 32]));
}

#[test]
fn a_form_that_another_key_signed_is_refused() {
    let attack = Attack::new();
    let other = Voice::new(&attack.scene.bundle(2).unwrap()).unwrap();
    let bytes = other.seal(&attack.honest).unwrap().bytes().to_vec();
    is_refused_between_good_ones(&attack, bytes, Refusal::BadSignature);
}

#[test]
fn a_form_over_the_limit_is_refused() {
    let attack = Attack::new();
    let mut bytes = attack.voice.seal(&attack.honest).unwrap().bytes().to_vec();
    bytes.resize(MAX_SEALED_FORM + 1, 0);
    is_refused_between_good_ones(&attack, bytes, Refusal::Oversize);
}

#[test]
fn a_form_with_a_byte_left_over_is_refused() {
    let attack = Attack::new();
    let mut bytes = attack.voice.seal(&attack.honest).unwrap().bytes().to_vec();
    bytes.push(0);
    is_refused_between_good_ones(&attack, bytes, Refusal::Malformed);
}

#[test]
fn a_form_of_an_unknown_version_is_refused() {
    let attack = Attack::new();
    let mut bytes = attack.voice.seal(&attack.honest).unwrap().bytes().to_vec();
    bytes[0] = 2;
    is_refused_between_good_ones(&attack, bytes, Refusal::UnknownVersion);
}

#[test]
fn a_form_with_any_one_byte_changed_is_refused() {
    let attack = Attack::new();
    let good = attack.voice.seal(&attack.honest).unwrap().bytes().to_vec();
    let changed = (0..good.len()).map(|at| {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        bytes
    });
    let changed: Vec<Vec<u8>> = changed.collect();
    for (batch, first) in changed.chunks(64).zip((0..).step_by(64)) {
        let outcomes = attack.submit(batch.to_vec());
        assert_eq!(outcomes.len(), batch.len());
        for (outcome, at) in outcomes.iter().zip(first..) {
            let found = refusal(outcome);
            // 1 to 64 is the signature.
            assert!(!(1..65).contains(&at) || found == Refusal::BadSignature, "{at}: {found:?}");
        }
    }
    unharmed(&attack.scene, 0);
}

#[test]
fn the_same_bytes_twice_in_a_batch_and_once_more_later_are_one_entry_with_one_receipt() {
    let attack = Attack::new();
    let sealed = attack.voice.seal(&attack.honest).unwrap();
    let bytes = sealed.bytes().to_vec();
    let receipts = [vec![bytes.clone(), bytes.clone()], vec![bytes]].map(|batch| {
        let address = attack.scene.collector.address().unwrap();
        let mut wire = Wire::begin(&address, &attack.scene.bundle(BAD).unwrap()).unwrap();
        let outcomes = wire.submit(batch).unwrap();
        let receipts = outcomes.outcomes.iter().map(|outcome| {
            let Outcome::Logged(logged) = outcome else { panic!("logged, not {outcome:?}") };
            let checkpoint = outcomes.checkpoints[usize::from(logged.checkpoint)].clone();
            let (index, arrived_ms, proof) =
                (logged.index, logged.arrived_ms, logged.proof.clone());
            Receipt { index, arrived_ms, proof, checkpoint }
        });
        receipts.collect::<Vec<_>>()
    });
    let [first, second, third] = &receipts.concat()[..] else { panic!("three receipts") };
    assert_eq!((first, first), (second, third));
    let key = attack.scene.log_key().unwrap();
    first.verify(&sealed, &key).unwrap();
    let other = SealedForm::from_bytes(vec![1; 80]).unwrap();
    assert!(first.verify(&other, &key).is_err(), "it proves no other form");
    unharmed(&attack.scene, 1);
}
