//! Every attack of the list.

use std::collections::BTreeSet;

use saksi_tests::attacks::{HONEST, all};

/// Has an attack go on while an honest device delivers a form, whose votes are counted.
fn is_held(name: &str) {
    let attack = all().into_iter().find(|attack| attack.name == name).expect("an attack");
    let scene = attack.scene().unwrap();
    attack.run(&scene, &mut || scene.deliver(HONEST, [7, 6, 5, 4])).unwrap();
    // Whatever else is there adds nothing, or is one station's dispute.
    let station = format!("/api/v1/stations/{}", scene.stations[HONEST].code);
    let shown: serde_json::Value = scene.collector.get(&station).unwrap();
    assert_eq!(shown["contests"][0]["state"], "counted", "{shown}");
    scene.collector.signal("TERM").unwrap();
}

macro_rules! attacks {
    ($($test:ident: $name:literal,)*) => {
        $(#[test] fn $test() { is_held($name); })*

        #[test]
        fn none_is_forgotten() {
            let tested = BTreeSet::from([$($name),*]);
            let listed: BTreeSet<_> = all().into_iter().map(|attack| attack.name).collect();
            assert_eq!(tested, listed);
        }
    };
}

attacks! {
    silence_from_one_address: "2,000 silent connections from one address",
    silence_from_many_addresses: "2,000 silent connections from 250 addresses",
    a_house_full_of_silence: "silent connections that fill the house",
    too_many_connections_of_an_address: "300 connections from an address that may have 100",
    connections_at_full_speed: "connections at full speed, closed at once",
    handshakes_without_a_certificate: "handshakes without a certificate, at full speed",
    slow_loris: "300 greetings, a byte at a time (slow loris)",
    greetings_and_then_silence: "300 greetings, and then silence",
    enrolments_and_then_silence: "300 that come to enrol, and then silence",
    greetings_without_an_end: "300 greetings of 64 KB without an end",
    half_frames: "40 frames of 256 KiB, none of them whole",
    length_bombs: "frames that announce gigabytes",
    questions_without_listening: "questions at full speed, answers never read",
    new_keys: "new keys at full speed",
    forms_at_full_speed: "new forms at full speed over 8 connections",
    bad_signatures: "batches with one bad signature at full speed",
    forms_of_another_station: "another station's forms at full speed",
    sessions_at_full_speed: "sessions of one device at full speed",
    a_captured_session: "a captured session, again and again",
    clocks: "clocks in 1970, in 2100 and beyond",
    idle_sessions: "10,000 idle sessions",
}
