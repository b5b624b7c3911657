//! Frames and messages out of order: the collector says farewell by its code and
//! hangs up.

use saksi_proto::digest::Digest;
use saksi_proto::frame::{MAX_FRAME, frame};
use saksi_proto::message::{
    Batch, MAX_BATCH, MESSAGE_VERSION, ToAgent, ToCollector, encode_message,
};
use saksi_proto::refusal::Farewell;
use saksi_tests::scene::Scene;
use saksi_tests::wire::{Wire, hello};

use crate::{BAD, unharmed};

/// After these bytes the collector says this and hangs up.
fn ends(wire: &mut Wire, bytes: &[u8], wanted: Farewell) {
    wire.send_bytes(bytes).unwrap();
    assert_eq!(wire.answer().unwrap(), Some(ToAgent::Farewell(wanted)));
    assert_eq!(wire.answer().unwrap(), None, "it hangs up");
}

/// After the greeting, and as the first word, these bytes end the session.
fn is_answered(bytes: &[u8], wanted: Farewell) {
    let scene = Scene::serving().unwrap();
    let (address, bundle) = (scene.collector.address().unwrap(), scene.bundle(BAD).unwrap());
    ends(&mut Wire::begin(&address, &bundle).unwrap(), bytes, wanted);
    ends(&mut Wire::with_certificate(&address, &bundle).unwrap(), bytes, wanted);
    unharmed(&scene, 0);
}

fn framed(payload: &[u8]) -> Vec<u8> {
    frame(payload).unwrap()
}

#[test]
fn a_frame_over_the_limit_is_refused_before_it_is_sent() {
    let size = u32::try_from(MAX_FRAME + 1).unwrap();
    // Only its length is sent; the collector does not wait for the rest.
    is_answered(&size.to_be_bytes(), Farewell::OversizeFrame);
}

#[test]
fn a_frame_of_four_gigabytes_is_refused() {
    is_answered(&u32::MAX.to_be_bytes(), Farewell::OversizeFrame);
}

#[test]
fn a_message_that_is_garbage_is_refused() {
    let garbage = framed(&[MESSAGE_VERSION, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]);
    is_answered(&garbage, Farewell::MalformedMessage);
}

#[test]
fn an_empty_frame_is_refused() {
    is_answered(&framed(&[]), Farewell::MalformedMessage);
}

#[test]
fn a_message_with_a_byte_left_over_is_refused() {
    let batch = Batch { number: 1, known: 0, forms: Vec::new() };
    let mut payload = encode_message(&ToCollector::Submit(batch));
    payload.push(0);
    is_answered(&framed(&payload), Farewell::MalformedMessage);
}

#[test]
fn a_message_of_an_unknown_version_is_refused() {
    let mut payload = encode_message(&hello(Digest([0; 32])));
    payload[0] = MESSAGE_VERSION + 1;
    is_answered(&framed(&payload), Farewell::UnknownVersion);
}

#[test]
fn a_batch_of_too_many_forms_is_refused_whole() {
    let scene = Scene::serving().unwrap();
    let (address, bundle) = (scene.collector.address().unwrap(), scene.bundle(BAD).unwrap());
    let batch = |size| {
        let batch = Batch { number: 1, known: 0, forms: vec![vec![1; 100]; size] };
        framed(&encode_message(&ToCollector::Submit(batch)))
    };
    let mut wire = Wire::begin(&address, &bundle).unwrap();
    wire.send_bytes(&batch(MAX_BATCH)).unwrap();
    let answered = wire.answer().unwrap();
    assert!(matches!(answered, Some(ToAgent::Outcomes(_))), "the most that is allowed");
    ends(&mut wire, &batch(MAX_BATCH + 1), Farewell::OversizeBatch);
    unharmed(&scene, 0);
}

#[test]
fn a_batch_before_the_greeting_and_a_second_greeting_are_out_of_turn() {
    let scene = Scene::serving().unwrap();
    let (address, bundle) = (scene.collector.address().unwrap(), scene.bundle(BAD).unwrap());
    let batch =
        encode_message(&ToCollector::Submit(Batch { number: 1, known: 0, forms: Vec::new() }));
    let mut wire = Wire::with_certificate(&address, &bundle).unwrap();
    ends(&mut wire, &framed(&batch), Farewell::OutOfTurn);
    let greeting = encode_message(&hello(bundle.papers.election));
    let mut wire = Wire::begin(&address, &bundle).unwrap();
    ends(&mut wire, &framed(&greeting), Farewell::OutOfTurn);
    unharmed(&scene, 0);
}

#[test]
fn a_device_of_another_election_is_sent_away() {
    let scene = Scene::serving().unwrap();
    let (address, bundle) = (scene.collector.address().unwrap(), scene.bundle(BAD).unwrap());
    let mut wire = Wire::with_certificate(&address, &bundle).unwrap();
    let greeting = framed(&encode_message(&hello(Digest([7; 32]))));
    ends(&mut wire, &greeting, Farewell::OtherElection);
    unharmed(&scene, 0);
}

#[test]
fn a_connection_cut_within_a_frame_leaves_nothing() {
    let scene = Scene::serving().unwrap();
    let (address, bundle) = (scene.collector.address().unwrap(), scene.bundle(BAD).unwrap());
    let batch = Batch { number: 1, known: 0, forms: vec![vec![1; 3_000]] };
    let whole = framed(&encode_message(&ToCollector::Submit(batch)));
    for end in [1, 4, 5, 1_000, whole.len() - 1] {
        let mut wire = Wire::begin(&address, &bundle).unwrap();
        wire.send_bytes(&whole[..end]).unwrap();
    }
    unharmed(&scene, 0);
}
