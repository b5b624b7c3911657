//! What was stored is there again, whatever happened in between.

use std::path::{Path, PathBuf};

use saksi_proto::checkpoint::Checkpoint;
use saksi_proto::entry::Kind;
use saksi_proto::merkle::{Tree, leaf_hash};

use super::*;
use crate::agent::{Agent, OpenFault};
use crate::delivery::{Answer, State};
use crate::testing::Device;

/// A device with three forms; the first has a receipt.
fn device_with_forms() -> (Device, Vec<Digest>) {
    let device = Device::new();
    let agent = device.agent();
    let contests = ["ppwp", "dpd", "dpr"].into_iter().zip(1_000..);
    let submitted =
        contests.map(|(contest, at)| agent.submit(device.good_form(contest), at).unwrap().digest);
    let digests: Vec<_> = submitted.collect();
    drop(agent);
    receive(&device, digests[0]);
    (device, digests)
}

fn receive(device: &Device, digest: Digest) {
    let identity = Identity::open(&device.directory()).unwrap();
    let mut store = Store::open(&device.directory(), &identity).unwrap();
    let sealed = store.sealed(digest).unwrap();
    let leaves = [leaf_hash(b"before"), Kind::Form.leaf(2_000, sealed.bytes())];
    let tree: Tree = leaves.into_iter().collect();
    let origin = device.log_key.origin.clone();
    let checkpoint = Checkpoint { origin, size: 2, root: tree.root() }.sign(&device.log);
    let proof = tree.inclusion_proof(1, 2);
    store.put_receipt(digest, &Receipt { index: 1, arrived_ms: 2_000, proof, checkpoint }).unwrap();
    let answer = Answer::Receipt { index: 1, arrived_ms: 2_000, standing: None };
    let delivery = store.ledger().form(digest).unwrap().delivery.clone();
    store.change(vec![(digest, delivery.answered(answer, 3_000))]).unwrap();
}

/// Everything is there, and nothing but a receipt took a form off the work list.
fn check(device: &Device, digests: &[Digest]) {
    let agent = device.agent();
    let forms = agent.forms().unwrap();
    let mut found: Vec<_> = forms.iter().map(|form| form.sealed.digest()).collect();
    let mut wanted = digests.to_vec();
    found.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(found, wanted);
    for form in forms {
        assert_eq!(form.delivery.is_due(), form.sealed.digest() != digests[0]);
    }
    assert_eq!(agent.status().waiting, digests.len() - 1);
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let (directories, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    directories.iter().flat_map(|directory| self::files(directory)).chain(files).collect()
}

#[test]
fn what_was_stored_is_there_at_the_next_start() {
    let (device, digests) = device_with_forms();
    check(&device, &digests);
    let agent = device.agent();
    let received = agent.forms().unwrap().remove(0);
    assert!(matches!(received.delivery.state, State::Received { at_ms: 3_000, index: 1, .. }));
    assert!(received.receipt.unwrap().verify(&received.sealed, &device.log_key).is_ok());
    assert_eq!(agent.repairs(), Repairs::default());
}

#[test]
fn only_one_has_the_store_open() {
    let device = Device::new();
    let agent = device.agent();
    let second = Agent::open(device.path());
    assert!(matches!(second, Err(OpenFault::Store(StoreFault::InUse))));
    drop(agent);
    assert!(Agent::open(device.path()).is_ok());
}

#[test]
fn whatever_happens_to_a_file_of_sled_nothing_is_lost() {
    let (device, digests) = device_with_forms();
    let store = device.directory().store();
    type Spoil = fn(&mut Vec<u8>);
    let spoils: [(&str, Spoil); 4] = [
        ("emptied", Vec::clear),
        ("cut in half", |bytes| bytes.truncate(bytes.len() / 2)),
        ("zeroed", |bytes| bytes.fill(0)),
        ("every 97th byte flipped", |bytes| {
            bytes.iter_mut().step_by(97).for_each(|byte| *byte ^= 0x41);
        }),
    ];
    for file in files(&store) {
        for (how, spoil) in spoils {
            // A rebuild may have done away with the file.
            let Ok(mut bytes) = std::fs::read(&file) else { continue };
            spoil(&mut bytes);
            std::fs::write(&file, bytes).unwrap();
            println!("{}: {how}", file.display());
            check(&device, &digests);
        }
    }
    assert!(device.agent().repairs().stores_set_aside > 0);
}

#[test]
fn a_store_that_is_gone_is_rebuilt_with_its_receipts() {
    let (device, digests) = device_with_forms();
    std::fs::remove_dir_all(device.directory().store()).unwrap();
    assert_eq!(device.agent().repairs().forms_taken_in, 3);
    check(&device, &digests);
}

/// Found by the simulation: killed between the receipt's rename and the fsync of its
/// directory, opened, and then a power cut: received, and no receipt.
#[test]
fn a_receipt_found_at_opening_is_written_again_before_its_form_counts_as_received() {
    use std::os::unix::fs::MetadataExt as _;
    let (device, digests) = device_with_forms();
    std::fs::remove_dir_all(device.directory().store()).unwrap();
    let receipt = device.directory().receipt(digests[0]);
    let found = receipt.metadata().unwrap().ino();
    check(&device, &digests);
    let written = receipt.metadata().unwrap().ino();
    assert_ne!(found, written, "a file of its own, synced");
    check(&device, &digests);
    assert_eq!(receipt.metadata().unwrap().ino(), written, "and not at every opening");
}

#[test]
fn a_receipt_that_does_not_verify_is_not_believed_at_a_rebuild() {
    let (device, digests) = device_with_forms();
    let receipt = device.directory().receipt(digests[0]);
    let text = std::fs::read_to_string(&receipt).unwrap();
    std::fs::write(&receipt, text.replace("index 1", "index 0")).unwrap();
    std::fs::remove_dir_all(device.directory().store()).unwrap();
    assert_eq!(device.agent().status().waiting, 3);
}

#[test]
fn a_form_whose_file_is_gone_gets_it_back() {
    let (device, digests) = device_with_forms();
    let path = device.directory().form(digests[1]);
    std::fs::remove_file(&path).unwrap();
    check(&device, &digests);
    assert_eq!(Digest::of(&std::fs::read(path).unwrap()), digests[1]);
}

#[test]
fn a_damaged_form_file_is_set_aside_and_the_others_stay() {
    let (device, digests) = device_with_forms();
    std::fs::write(device.directory().form(digests[2]), b"damaged").unwrap();
    std::fs::remove_dir_all(device.directory().store()).unwrap();
    check(&device, &digests[..2]);
    assert_eq!(device.agent().status().forms_set_aside, 1);
}

#[test]
fn what_a_crash_left_unfinished_is_removed() {
    let (device, digests) = device_with_forms();
    let unfinished = device.directory().forms().join("0000.saksi.part");
    std::fs::write(&unfinished, b"half a fo").unwrap();
    check(&device, &digests);
    assert!(!unfinished.exists());
}

#[test]
fn no_form_is_stored_without_the_photos_that_it_names() {
    let device = Device::new();
    let identity = Identity::open(&device.directory()).unwrap();
    let mut store = Store::open(&device.directory(), &identity).unwrap();
    let sealed = crate::testing::sealed_form(1);
    let form = TallyForm { photos: vec![Digest([5; 32])], ..sealed.open().unwrap() };
    assert!(matches!(store.put(&sealed, &form, 1), Err(StoreFault::File(_))));
    assert!(store.ledger().is_empty() && !device.directory().form(sealed.digest()).exists());
}
