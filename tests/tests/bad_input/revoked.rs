//! Devices that were revoked or replaced: sent away at once, heard as witnesses, never
//! counted. And rehearsals, which are never counted either.

use saksi_proto::entry::Kind;
use saksi_proto::ids::Phase;
use saksi_proto::message::{Batch, Outcome, Standing, ToAgent, ToCollector};
use saksi_proto::receipt::Receipt;
use saksi_proto::refusal::{Farewell, Refusal};
use saksi_proto::seal::SealedForm;
use saksi_tests::kenya::counts;
use saksi_tests::scene::{FIRST_FORM, Scene};
use saksi_tests::wire::{Visitor, Voice, Wire, hello};

use crate::{BAD, unharmed};

fn sealed(scene: &Scene, voice: &Voice) -> SealedForm {
    voice.seal(&voice.form(counts(&scene.stations[BAD].paper([30, 20, 2, 1])))).unwrap()
}

fn replace(scene: &Scene) {
    let issued = scene.collector.issue(&[&scene.stations[BAD].code, "--replace"]).unwrap();
    assert!(issued.status.success(), "{issued:?}");
}

#[test]
fn a_device_that_is_replaced_while_it_is_connected_is_sent_away_unasked() {
    let scene = Scene::serving().unwrap();
    let (address, bundle) = (scene.collector.address().unwrap(), scene.bundle(BAD).unwrap());
    let mut wire = Wire::begin(&address, &bundle).unwrap();
    let mut other = Wire::begin(&address, &scene.bundle(BAD + 1).unwrap()).unwrap();
    replace(&scene);
    assert_eq!(wire.answer().unwrap(), Some(ToAgent::Farewell(Farewell::Revoked)));
    assert_eq!(wire.answer().unwrap(), None, "it hangs up");
    let pong = other.ask(&ToCollector::Ping).unwrap();
    assert_eq!(pong, Some(ToAgent::Pong), "others are not concerned");
}

#[test]
fn what_a_replaced_device_sends_is_kept_once_and_not_counted() {
    let scene = Scene::serving().unwrap();
    let (address, bundle) = (scene.collector.address().unwrap(), scene.bundle(BAD).unwrap());
    let form = sealed(&scene, &Voice::new(&bundle).unwrap());
    replace(&scene);
    for _ in 0..2 {
        let mut wire = Wire::begin(&address, &bundle).unwrap();
        let outcomes = wire.submit(vec![form.bytes().to_vec()]).unwrap().outcomes;
        let detail = format!("kept as evidence in entry {}", FIRST_FORM + 1);
        assert_eq!(outcomes, [Outcome::Refused { refusal: Refusal::Revoked, detail }]);
    }
    assert_eq!(scene.entries().unwrap(), FIRST_FORM + 2, "the new device, and the evidence");
    assert_eq!(scene.votes().unwrap(), [0; 4]);
    let mut forged = form.bytes().to_vec();
    forged[9] ^= 1;
    let outcomes = Wire::begin(&address, &bundle).unwrap().submit(vec![forged]).unwrap().outcomes;
    let refused = |refusal| matches!(outcomes[0], Outcome::Refused { refusal: found, .. } if found == refusal);
    assert!(refused(Refusal::BadSignature), "no evidence of anything: {outcomes:?}");
    unharmed(&scene, 2);
}

#[test]
fn t20_a_replaced_device_that_resumes_its_session_is_not_counted_either() {
    let scene = Scene::serving().unwrap();
    let (address, bundle) = (scene.collector.address().unwrap(), scene.bundle(BAD).unwrap());
    let form = sealed(&scene, &Voice::new(&bundle).unwrap());
    let visitor = Visitor::new(&address, &bundle).unwrap();
    let (mut wire, resumed) = visitor.come().unwrap();
    let welcome = wire.ask(&hello(bundle.papers.election)).unwrap();
    assert!(matches!(welcome, Some(ToAgent::Welcome(_))) && !resumed);
    drop(wire);
    replace(&scene);
    let (mut wire, resumed) = visitor.come().unwrap();
    assert!(resumed, "TLS has looked at no certificate");
    wire.ask(&hello(bundle.papers.election)).unwrap();
    let outcomes = wire.submit(vec![form.bytes().to_vec()]).unwrap().outcomes;
    assert!(matches!(outcomes[0], Outcome::Refused { refusal: Refusal::Revoked, .. }));
    assert_eq!(scene.votes().unwrap(), [0; 4]);
}

#[test]
fn a_rehearsal_has_its_receipt_and_is_in_no_total() {
    let scene = Scene::serving().unwrap();
    let (address, bundle) = (scene.collector.address().unwrap(), scene.bundle(BAD).unwrap());
    let voice = Voice::new(&bundle).unwrap();
    let form = sealed(&scene, &voice);
    let mut wire = Wire::begin(&address, &bundle).unwrap();
    let mut rehearse = |forms: Vec<Vec<u8>>| match wire
        .ask(&ToCollector::Rehearse(Batch { number: 1, known: 0, forms }))
        .unwrap()
    {
        Some(ToAgent::Outcomes(outcomes)) => outcomes,
        other => panic!("no outcomes but {other:?}"),
    };
    let first = rehearse(vec![form.bytes().to_vec()]);
    assert_eq!(rehearse(vec![form.bytes().to_vec()]), first, "the same receipt");
    let Outcome::Logged(logged) = &first.outcomes[0] else { panic!("{first:?}") };
    assert_eq!(logged.standing, Standing::Rehearsed);
    let checkpoint = first.checkpoints[usize::from(logged.checkpoint)].clone();
    let (index, arrived_ms, proof) = (logged.index, logged.arrived_ms, logged.proof.clone());
    let receipt = Receipt { index, arrived_ms, proof, checkpoint };
    let key = scene.log_key().unwrap();
    assert!(receipt.verify_as(Kind::Rehearsal, &form, &key).is_ok());
    assert!(receipt.verify(&form, &key).is_err(), "it proves no counted form");
    let mut official = voice.form(counts(&scene.stations[BAD].paper([1, 1, 1, 1])));
    official.phase = Phase::Official;
    let official = voice.seal(&official).unwrap();
    let refused = rehearse(vec![official.into_bytes()]).outcomes.remove(0);
    assert!(matches!(refused, Outcome::Refused { refusal: Refusal::OtherPhase, .. }));
    assert_eq!(scene.votes().unwrap(), [0; 4]);
    unharmed(&scene, 1);
}
