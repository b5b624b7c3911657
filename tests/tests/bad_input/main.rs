//! Bad input: each kind has a clear answer, nothing is lost, and the collector goes
//! on serving honest devices.

#![cfg(test)]

mod at_the_device;
mod carried;
mod forms;
mod full_disk;
mod messages;
mod peers;
mod photos;
mod revoked;
mod typed;

use saksi_tests::scene::{FIRST_FORM, Scene};

/// Station of the device that behaves badly.
const BAD: usize = 0;
/// Station of an honest one.
const HONEST: usize = 1;

/// Checks that so many forms are in the log, and that a form of an honest device
/// still gets there.
fn unharmed(scene: &Scene, forms: u64) {
    assert_eq!(scene.entries().unwrap(), FIRST_FORM + forms, "what is in the log");
    let votes = scene.votes().unwrap();
    scene.deliver(HONEST, [7, 6, 5, 4]).unwrap();
    assert_eq!(scene.entries().unwrap(), FIRST_FORM + forms + 1);
    assert_eq!(scene.votes().unwrap(), [votes[0] + 7, votes[1] + 6, votes[2] + 5, votes[3] + 4]);
}
