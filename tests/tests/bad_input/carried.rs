//! A device that carries the forms of others speaks for none of them: each form is the word
//! of the device that signed it, and nothing else has changed.

use saksi_proto::message::{Batch, Outcome, ToAgent, ToCollector};
use saksi_proto::refusal::{Farewell, Refusal};
use saksi_tests::kenya::counts;
use saksi_tests::scene::Scene;
use saksi_tests::wire::{Visitor, Voice, Wire, hello};

use crate::{BAD, unharmed};

/// Stations of honest devices whose forms are carried.
const OTHERS: [usize; 2] = [2, 3];

fn voice(scene: &Scene, station: usize) -> Voice {
    Voice::new(&scene.bundle(station).unwrap()).unwrap()
}

/// The form of a station, in its name, sealed by the device of another or its own.
fn form(scene: &Scene, station: usize, by: usize, votes: [u32; 4]) -> Vec<u8> {
    let form = voice(scene, station).form(counts(&scene.stations[station].paper(votes)));
    voice(scene, by).seal(&form).unwrap().into_bytes()
}

fn wire(scene: &Scene) -> Wire {
    Wire::begin(&scene.collector.address().unwrap(), &scene.bundle(BAD).unwrap()).unwrap()
}

fn carried(wire: &mut Wire, forms: Vec<Vec<u8>>) -> Vec<Outcome> {
    match wire.ask(&ToCollector::Carry(Batch { number: 1, known: 0, forms })).unwrap() {
        Some(ToAgent::Outcomes(outcomes)) => outcomes.outcomes,
        other => panic!("no outcomes but {other:?}"),
    }
}

fn refusals(outcomes: &[Outcome]) -> Vec<Option<Refusal>> {
    let refusal = |outcome: &Outcome| match outcome {
        Outcome::Refused { refusal, .. } => Some(*refusal),
        _ => None,
    };
    outcomes.iter().map(refusal).collect()
}

#[test]
fn a_carrier_puts_no_word_into_anybodys_mouth() {
    let scene = Scene::serving().unwrap();
    let [one, two] = OTHERS;
    let good = form(&scene, one, one, [30, 20, 2, 1]);
    let in_its_name = form(&scene, two, BAD, [0, 99, 0, 0]);
    let mut changed = form(&scene, two, two, [1, 2, 3, 4]);
    changed[1] ^= 1;
    let own = form(&scene, BAD, BAD, [5, 5, 5, 5]);
    let mut wire = wire(&scene);
    // In its own name others' forms are refused as ever.
    let submitted = wire.submit(vec![good.clone()]).unwrap().outcomes;
    assert_eq!(refusals(&submitted), [Some(Refusal::OtherStation)]);
    let batch = vec![good.clone(), in_its_name, changed, own, vec![1, 2, 3], good.clone()];
    let outcomes = carried(&mut wire, batch);
    let bad = Some(Refusal::BadSignature);
    assert_eq!(refusals(&outcomes), [None, bad, bad, None, Some(Refusal::Malformed), None]);
    assert_eq!(outcomes[0], outcomes[5], "twice is one entry and the same receipt");
    assert_eq!(scene.votes().unwrap(), [35, 25, 7, 6]);
    // The station sends the same form itself later: the same receipt.
    let address = scene.collector.address().unwrap();
    let mut origin = Wire::begin(&address, &scene.bundle(one).unwrap()).unwrap();
    assert_eq!(origin.submit(vec![good]).unwrap().outcomes, outcomes[..1]);
    unharmed(&scene, 2);
}

#[test]
fn a_revoked_device_carries_nothing_and_the_form_of_one_is_evidence() {
    let scene = Scene::serving().unwrap();
    let [one, _] = OTHERS;
    let (address, bundle) = (scene.collector.address().unwrap(), scene.bundle(BAD).unwrap());
    let (good, late) = (form(&scene, one, one, [9, 8, 7, 6]), form(&scene, BAD, BAD, [1; 4]));
    let issued = scene.collector.issue(&[&scene.stations[BAD].code, "--replace"]).unwrap();
    assert!(issued.status.success(), "{issued:?}");
    let (mut revoked, _) = Visitor::new(&address, &bundle).unwrap().come().unwrap();
    revoked.ask(&hello(bundle.papers.election)).unwrap();
    let batch = Batch { number: 1, known: 0, forms: vec![good.clone()] };
    let answer = revoked.ask(&ToCollector::Carry(batch)).unwrap();
    assert_eq!(answer, Some(ToAgent::Farewell(Farewell::Revoked)));
    let mut honest = Wire::begin(&address, &scene.bundle(one).unwrap()).unwrap();
    let outcomes = carried(&mut honest, vec![late, good]);
    assert_eq!(refusals(&outcomes), [Some(Refusal::Revoked), None]);
    let Outcome::Refused { detail, .. } = &outcomes[0] else { panic!() };
    assert!(detail.contains("kept as evidence"), "{detail}");
    assert_eq!(scene.votes().unwrap(), [9, 8, 7, 6]);
}
