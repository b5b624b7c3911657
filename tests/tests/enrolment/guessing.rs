//! Guessing codes, against a collector that serves.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicUsize, Ordering};

use saksi_proto::enrolment::{EnrolRefusal, FromRegistrar};
use saksi_proto::frame::frame;
use saksi_proto::slip::Code;
use saksi_tests::applicant::Applicant;

use crate::staff::Staff;

/// Wrong codes, from 16 addresses: of each 30 are looked at, and of all 480, which is less
/// than the 600 a minute that would stop everybody.
const GUESSES: usize = 10_000;
const ADDRESSES: usize = 16;
const LOOKED_AT: usize = 30 * ADDRESSES;

/// Guesses on a connection before it is made anew; the collector allows eight.
const ON_A_CALL: usize = 8;

fn guess(applicant: &Applicant, address: usize, seed: &AtomicUsize) -> (usize, usize) {
    let from = Ipv4Addr::new(127, 0, 7, 1 + u8::try_from(address).unwrap());
    let (mut unknown, mut later) = (0, 0);
    for _ in 0..GUESSES.div_ceil(ADDRESSES * ON_A_CALL) {
        let mut call = applicant.call_from(from).unwrap();
        for _ in 0..ON_A_CALL {
            let random = seed.fetch_add(1, Ordering::Relaxed).to_be_bytes();
            let code = Code::new(random[1..].try_into().unwrap());
            match call.station(code, None).unwrap() {
                FromRegistrar::Refused(EnrolRefusal::UnknownCode) => unknown += 1,
                FromRegistrar::Later { after_ms } => {
                    assert!(after_ms > 0);
                    later += 1;
                }
                other => panic!("a guess is answered with {other:?}"),
            }
        }
    }
    (unknown, later)
}

#[test]
fn ten_thousand_guesses_find_nothing_and_keep_nobody_out() {
    let staff = Staff::serving();
    let applicant = Applicant::new(&staff.collector, &staff.slip(0), 1).unwrap();
    let before = staff.collector.resident_bytes().unwrap();
    let seed = AtomicUsize::new(1);
    let counts: Vec<_> = std::thread::scope(|scope| {
        let guessers: Vec<_> = (0..ADDRESSES)
            .map(|address| {
                let (applicant, seed) = (&applicant, &seed);
                scope.spawn(move || guess(applicant, address, seed))
            })
            .collect();
        // Meanwhile, from an address that guesses nothing.
        applicant.enrol(staff.code(0)).unwrap();
        guessers.into_iter().map(|guesser| guesser.join().unwrap()).collect()
    });
    let unknown: usize = counts.iter().map(|(unknown, _)| unknown).sum();
    let later: usize = counts.iter().map(|(_, later)| later).sum();
    assert!(unknown + later >= GUESSES, "{unknown} and {later}");
    // One a more may have become free every two minutes.
    assert!((LOOKED_AT..=LOOKED_AT + 2 * ADDRESSES).contains(&unknown), "{unknown} looked at");
    applicant.enrol(staff.code(0)).unwrap();
    let grown = staff.collector.resident_bytes().unwrap().saturating_sub(before);
    assert!(grown < 32 << 20, "{grown} bytes more");
    let from = Ipv4Addr::new(127, 0, 7, 1);
    let mut call = applicant.call_from(from).unwrap();
    let right = call.station(applicant.slip.code, None).unwrap();
    assert!(matches!(right, FromRegistrar::Later { .. }), "a guesser learns nothing: {right:?}");
}

#[test]
fn what_is_no_message_ends_the_conversation() {
    let staff = Staff::serving();
    let applicant = Applicant::new(&staff.collector, &staff.slip(0), 1).unwrap();
    for bytes in [
        &[0xff; 8][..],
        &frame(&[1, 99]).unwrap(),
        &frame(&[9, 0]).unwrap(),
        &frame(&[0; 5_000]).unwrap(),
    ] {
        let mut call = applicant.call().unwrap();
        call.send_bytes(bytes).unwrap();
        call.station(applicant.slip.code, None).unwrap_err();
    }
    applicant.enrol(staff.code(0)).unwrap();
}
