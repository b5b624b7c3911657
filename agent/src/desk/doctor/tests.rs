//! What the doctor finds, what he does, and what he says of it.

use std::fs::{self, Permissions};

use saksi_proto::digest::Digest;

use super::*;
use crate::agent::Agent;
use crate::desk::{Answer, Envelope, Request, Submission};
use crate::testing::{Device, ISSUED_MS};

/// A device with two forms, the first with a photo.
fn device_with_forms() -> (Device, Vec<Digest>) {
    let device = Device::new();
    fs::set_permissions(device.path(), Permissions::from_mode(0o700)).unwrap();
    let agent = device.agent();
    let page = device.path().join("page.jpg");
    fs::write(&page, b"a photo").unwrap();
    let first = Submission { photos: vec![page], ..device.good_form("ppwp") };
    let forms = [first, device.good_form("dpd")];
    let submitted = forms.map(|form| agent.submit(form, ISSUED_MS).unwrap().digest);
    (device, submitted.to_vec())
}

fn doctor(agent: &Agent) -> Checkup {
    let answer = agent.execute(Envelope::new(Language::English, Request::Doctor));
    let Answer::Checkup(checkup) = answer else { panic!("{answer:?}") };
    *checkup
}

/// The only sentence that something is to be done about.
fn complaint(checkup: &Checkup) -> &str {
    let mut unwell = checkup.checks.iter().filter(|check| !check.is_well);
    let found = unwell.next().expect("something is wrong");
    assert!(unwell.next().is_none() && !checkup.is_well(), "{:?}", checkup.checks);
    &found.sentence
}

#[test]
fn a_device_that_is_well_is_called_so() {
    let (device, _) = device_with_forms();
    let checkup = doctor(&device.agent());
    assert!(checkup.is_well(), "{:?}", checkup.checks);
    assert_eq!((checkup.store.forms, checkup.store.waiting), (2, 2));
    assert_eq!((checkup.forms.checked, checkup.photos.named), (2, 1));
    assert_eq!(checkup.clock.source, ClockSource::Device);
}

#[test]
fn a_damaged_form_file_is_written_again_and_kept_aside() {
    let (device, digests) = device_with_forms();
    let agent = device.agent();
    let path = device.directory().form(digests[0]);
    fs::write(&path, b"damaged").unwrap();
    let checkup = doctor(&agent);
    assert_eq!(checkup.forms.restored, [digests[0]]);
    assert_eq!(fs::read(&checkup.forms.set_aside[0]).unwrap(), b"damaged");
    assert!(complaint(&checkup).contains("written again from the store: 1"));
    assert_eq!(Digest::of(&fs::read(path).unwrap()), digests[0]);
    assert_eq!(agent.status().forms_set_aside, 1);
    assert!(doctor(&agent).forms.restored.is_empty(), "once is enough");
}

#[test]
fn a_form_file_that_is_gone_is_written_again() {
    let (device, digests) = device_with_forms();
    let agent = device.agent();
    fs::remove_file(device.directory().form(digests[1])).unwrap();
    let checkup = doctor(&agent);
    assert_eq!((checkup.forms.restored, checkup.forms.set_aside), (vec![digests[1]], vec![]));
    assert!(doctor(&agent).is_well());
}

#[test]
fn a_store_that_was_rebuilt_is_named_with_its_copy() {
    let (device, _) = device_with_forms();
    // Garbage in `db` is an empty store to sled as often as not; this never opens.
    fs::remove_dir_all(device.directory().store()).unwrap();
    fs::write(device.directory().store(), b"no directory").unwrap();
    let checkup = doctor(&device.agent());
    assert_eq!((checkup.store.forms, checkup.store.taken_in), (2, 2));
    let copy = device.path().join("store.aside-1");
    assert_eq!(checkup.store.set_aside, std::slice::from_ref(&copy));
    assert_eq!(fs::read(copy).unwrap(), b"no directory");
    assert!(complaint(&checkup).contains("set aside: 1"));
}

#[test]
fn a_photo_that_is_not_what_its_name_says_is_missing() {
    let (device, _) = device_with_forms();
    let photo = Digest::of(b"a photo");
    fs::write(device.directory().photo(photo), b"another").unwrap();
    let checkup = doctor(&device.agent());
    assert_eq!(checkup.photos.missing, [photo]);
    assert!(complaint(&checkup).contains("missing or damaged: 1"));
}

#[test]
fn a_clock_behind_its_floor_is_told_by_how_much() {
    let (device, _) = device_with_forms();
    let agent = device.agent();
    let told = Clock::system_ms() + 90_000;
    agent.desk.clock().learn(told);
    agent.desk.store().learn(told).unwrap();
    let checkup = doctor(&agent);
    assert_eq!(checkup.clock.source, ClockSource::Collector);
    assert!((89_000..=90_000).contains(&checkup.clock.behind_ms), "{:?}", checkup.clock);
    assert!(complaint(&checkup).contains("90 s behind"));
}

#[test]
fn what_others_can_read_is_told() {
    let (device, _) = device_with_forms();
    let agent = device.agent();
    fs::set_permissions(device.path(), Permissions::from_mode(0o755)).unwrap();
    assert!(complaint(&doctor(&agent)).contains("755"));
    fs::set_permissions(device.path(), Permissions::from_mode(0o700)).unwrap();
    let identity = device.path().join("identity.json");
    fs::set_permissions(identity, Permissions::from_mode(0o644)).unwrap();
    assert!(complaint(&doctor(&agent)).contains("chmod 600"));
}
