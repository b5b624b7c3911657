//! Drafts outlive their store, what was forgotten does not, whatever of the two steps the
//! power leaves; and photos that nothing names go, and no other.

use std::fs;

use super::*;
use crate::agent::Agent;
use crate::desk::Submission;
use crate::draft::{Changes, Draft, DraftPhoto, Notes, Origin, Turn, Typed};
use crate::identity::Identity;
use crate::photos::Transfer;
use crate::store::{Repairs, Store};
use crate::testing::Device;

const ELECTION: Digest = Digest([1; 32]);
const PAGE: Digest = Digest([5; 32]);

fn key() -> DraftKey {
    DraftKey { election: ELECTION, contest: "dpr".parse().unwrap() }
}

fn open(device: &Device) -> Store {
    let identity = Identity::open(&device.directory()).unwrap();
    Store::open(&device.directory(), &identity).unwrap()
}

fn draft(store: &Store) -> Option<Draft> {
    store.draft(ELECTION, key().contest).unwrap()
}

/// Saves the first entry of a field, and opens the store for it.
fn save(device: &Device, text: &str) -> Store {
    let mut store = open(device);
    let changes: Changes = vec![(Turn::First, "I.A.L".to_owned(), Typed::read(text))];
    let notes = Notes { saved_ms: 7, ..Notes::default() };
    store.save_draft(ELECTION, key().contest, &changes, &notes).unwrap();
    store
}

fn first(store: &Store) -> Option<String> {
    draft(store)?.fields.get("I.A.L").map(Typed::shown)
}

/// sled does not open any more.
fn spoil(device: &Device) {
    spoil_file(device, "conf");
}

fn spoil_file(device: &Device, file: &str) {
    let path = device.directory().store().join(file);
    let length = path.metadata().unwrap().len();
    fs::write(&path, vec![0x41; usize::try_from(length).unwrap()]).unwrap();
}

fn copy_directory(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy_directory(&entry.path(), &to),
            false => drop(fs::copy(entry.path(), to).unwrap()),
        }
    }
}

/// A place that no file can have: nothing can be written, renamed or removed there.
fn bar(path: &Path) {
    fs::create_dir_all(path.join("in the way")).unwrap();
}

#[test]
fn a_draft_outlives_its_store_and_says_so() {
    assert_eq!(outlives("conf").stores_set_aside, 1);
    // Without its log sled opens sometimes, as empty as on the first day.
    outlives("db");
}

fn outlives(file: &str) -> Repairs {
    let device = Device::new();
    let mut store = open(&device);
    let changes = vec![
        (Turn::First, "I.A.L".to_owned(), Typed::read("12")),
        (Turn::First, "V.A".to_owned(), Typed::read("?")),
        (Turn::Second, "I.A.L".to_owned(), Typed::read("21")),
    ];
    let notes = Notes { explanation: "basah".to_owned(), saved_ms: 7, ..Notes::default() };
    let photo = DraftPhoto { digest: PAGE, size: 3, origin: Origin::Camera, warnings: Vec::new() };
    store.put_photo_bytes(PAGE, b"jpg".to_vec()).unwrap();
    let (contest, saved) = (key().contest, (&changes, &notes));
    store.save_draft_with(ELECTION, contest, saved, Some(&[photo])).unwrap();
    let before = draft(&store).unwrap();
    drop(store);
    spoil_file(&device, file);
    let store = open(&device);
    let repairs = store.repairs();
    assert_eq!(repairs.drafts_brought_back, 1, "{file}");
    let notes = Notes { brought_back: true, ..notes };
    let wanted = Draft { notes, ..before };
    assert_eq!(draft(&store), Some(wanted.clone()));
    assert!(store.photo_size(PAGE).is_some());
    drop(store);
    let store = open(&device);
    assert_eq!((draft(&store), store.repairs().drafts_brought_back), (Some(wanted), 0));
    repairs
}

#[test]
fn sled_has_the_last_word_and_the_copy_follows_it() {
    let device = Device::new();
    let path = path(&device.directory(), &key());
    drop(save(&device, "12"));
    let old = fs::read(&path).unwrap();
    drop(save(&device, "13"));
    // The power went after sled's commit: the copy was not written.
    fs::write(&path, old).unwrap();
    assert_eq!(first(&open(&device)).as_deref(), Some("13"));
    spoil(&device);
    assert_eq!(first(&open(&device)).as_deref(), Some("13"), "written again at the start");
    // The copy cannot be written: what is saved is saved, and copied when it can be.
    fs::remove_file(&path).unwrap();
    bar(&path);
    assert_eq!(first(&save(&device, "14")).as_deref(), Some("14"));
    fs::remove_dir_all(&path).unwrap();
    assert_eq!(first(&open(&device)).as_deref(), Some("14"));
    spoil(&device);
    assert_eq!(first(&open(&device)).as_deref(), Some("14"));
}

#[test]
fn what_was_forgotten_never_comes_back_and_what_could_not_be_is_all_there() {
    let device = Device::new();
    let (store_dir, path) = (device.directory().store(), path(&device.directory(), &key()));
    let forget = |store: &mut Store| store.forget_draft(ELECTION, key().contest);
    drop(save(&device, "12"));
    let before = device.path().join("before");
    copy_directory(&store_dir, &before);
    forget(&mut open(&device)).unwrap();
    assert!(!path.exists());
    spoil(&device);
    let store = open(&device);
    assert_eq!((draft(&store), store.repairs().stores_set_aside), (None, 1));
    drop(store);
    // The power went after the copy was removed and before sled's commit.
    fs::remove_dir_all(&store_dir).unwrap();
    copy_directory(&before, &store_dir);
    assert_eq!(first(&open(&device)).as_deref(), Some("12"));
    assert!(path.exists(), "a draft has its copy again");
    // The copy cannot be removed.
    fs::remove_file(&path).unwrap();
    bar(&path);
    let mut store = open(&device);
    assert!(forget(&mut store).is_err());
    assert_eq!(first(&store).as_deref(), Some("12"));
    fs::remove_dir_all(&path).unwrap();
    forget(&mut store).unwrap();
    assert_eq!(draft(&store), None);
}

#[test]
fn a_damaged_copy_is_never_believed_and_stops_nothing() {
    let device = Device::new();
    drop(save(&device, "12"));
    let (directory, path) = (device.directory(), path(&device.directory(), &key()));
    let whole = fs::read(&path).unwrap();
    assert!(read(&directory, &path).is_some());
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        fs::write(&path, &bytes).unwrap();
        assert_eq!(read(&directory, &path), None, "byte {at}");
        fs::write(&path, &whole[..at]).unwrap();
        assert_eq!(read(&directory, &path), None, "{at} bytes");
    }
    let other = directory.draft(Digest([2; 32]), key().contest);
    fs::write(&other, &whole).unwrap();
    assert_eq!(read(&directory, &other), None, "another election's");
    spoil(&device);
    let store = open(&device);
    assert_eq!((draft(&store), store.repairs().drafts_brought_back), (None, 0));
    assert!(path.with_extension(DAMAGED).exists() && !path.exists() && !other.exists());
}

/// A device with a photo that a form names, one of a draft, one whose form was deleted, one
/// that was set aside, and one that nothing names.
fn with_photos(device: &Device) -> [PathBuf; 5] {
    let agent: Agent = device.agent();
    let file = device.path().join("photo.jpg");
    fs::write(&file, b"of a form").unwrap();
    let form = Submission { photos: vec![file], ..device.good_form("ppwp") };
    agent.submit(form, 9).unwrap();
    drop(agent);
    let mut store = open(device);
    let [drafted, deleted, damaged, orphan] = [2, 3, 4, 5].map(|of| Digest([of; 32]));
    for photo in [drafted, deleted, damaged, orphan] {
        store.put_photo_bytes(photo, b"jpg".to_vec()).unwrap();
    }
    let origin = Origin::Gallery;
    let photo = DraftPhoto { digest: drafted, size: 3, origin, warnings: Vec::new() };
    let nothing = (&Changes::new(), &Notes::default());
    store.save_draft_with(ELECTION, key().contest, nothing, Some(&[photo])).unwrap();
    store.commit(move |records| records.put_transfer(deleted, &Transfer::default())).unwrap();
    let place = |photo| device.directory().photo(photo);
    let aside = place(damaged).with_extension(DAMAGED);
    fs::rename(place(damaged), &aside).unwrap();
    [place(Digest::of(b"of a form")), place(drafted), place(deleted), aside, place(orphan)]
}

#[test]
fn a_photo_that_nothing_names_goes_at_the_next_start_and_no_other() {
    let device = Device::new();
    let photos = with_photos(&device);
    assert!(photos.iter().all(|photo| photo.exists()));
    drop(open(&device));
    let found = photos.each_ref().map(|photo| photo.exists());
    assert_eq!(found, [true, true, true, true, false]);
}

#[test]
fn after_damage_no_photo_goes() {
    let device = Device::new();
    let photos = with_photos(&device);
    spoil(&device);
    assert_eq!(open(&device).repairs().stores_set_aside, 1);
    drop(open(&device));
    assert!(photos.iter().all(|photo| photo.exists()), "{photos:?}");
}
