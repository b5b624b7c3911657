//! A photo from the camera's file to the collector's: small, upright, and without the place
//! where it was taken.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use saksi_proto::digest::Digest;
use saksi_tests::device::AgentProcess;
use saksi_tests::kenya::CONTEST;
use saksi_tests::picture::{PLACE, Picture};
use saksi_tests::poll;
use saksi_tests::scene::Scene;

/// An agent, and files beside it.
struct Desk {
    scene: Scene,
    agent: AgentProcess,
}

impl Desk {
    fn new() -> Self {
        let scene = Scene::serving().unwrap();
        let agent = scene.agent("photos", 0).unwrap();
        Self { scene, agent }
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.scene.dir().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    fn submit(&self, photo: &Path, options: &[&str]) -> Output {
        let form = self.scene.stations[0].paper([30, 20, 2, 1]).to_json();
        let options = [&["--photo", photo.to_str().unwrap()][..], options].concat();
        self.agent.submit(&form, &options).unwrap()
    }

    /// Photos that the stored form names.
    fn named(&self) -> Vec<String> {
        let shown = self.agent.json(&["show"]).unwrap();
        let photos = shown[0]["photos"].as_array().unwrap().iter();
        photos.map(|photo| photo.as_str().unwrap().to_owned()).collect()
    }

    /// Sends everything, and gives the photo as the collector has it.
    fn arrived(&mut self, photo: &str) -> Vec<u8> {
        self.agent.run(&self.scene.collector.address().unwrap()).unwrap();
        self.agent.received(CONTEST).unwrap();
        let station = format!("station-{}", self.scene.stations[0].code);
        let path = self.scene.collector.dir().join("photos").join(station).join(photo);
        poll::until("the photo", || Ok(path.exists().then_some(()))).unwrap();
        fs::read(path).unwrap()
    }

    /// What lies ready for the desk.
    fn ready(&self) -> usize {
        fs::read_dir(self.scene.agent_dir("photos").join("taken-in")).map_or(0, Iterator::count)
    }
}

fn words(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn holds(bytes: &[u8], words: &[u8]) -> bool {
    bytes.windows(words.len()).any(|at| at == words)
}

#[test]
fn a_photo_with_its_place_arrives_small_and_upright_without_it_under_the_hash_that_was_shown() {
    let mut desk = Desk::new();
    let original = Picture::sheet().jpeg();
    assert!(holds(&original, PLACE));
    let path = desk.file("page.jpg", &original);
    let stored = desk.submit(&path, &[]);
    assert!(stored.status.success(), "{stored:?}");
    let named = desk.named();
    let said = words(&stored);
    assert!(said.contains(&format!("SHA-256 {}", named[0])), "{said}");
    assert!(said.contains("1500 × 2000 pixels") && !said.contains("Mind"), "{said}");
    assert_eq!((named.len(), desk.ready()), (1, 0));

    let arrived = desk.arrived(&named[0]);
    assert_eq!(Digest::of(&arrived).to_string(), named[0]);
    let sizes = [arrived.len(), original.len()];
    assert!(sizes[0] <= 400_000 && sizes[0] < sizes[1], "{sizes:?}");
    for trace in [PLACE, b"Exif"] {
        assert!(!holds(&arrived, trace), "{}", String::from_utf8_lossy(trace));
    }
    let picture = Picture::read(&arrived).unwrap();
    assert_eq!((picture.width, picture.height), (1_500, 2_000));
    // The mark was in the first corner, and a quarter to the right brings it to the right.
    let [red, green, _] = picture.at(1_400, 100);
    assert!(red > 170 && green < 70, "{red} {green}");
    // The same file again is the same photo, so the same form.
    let again = desk.submit(&path, &[]);
    assert!(again.status.success(), "{again:?}");
    assert_eq!(desk.named(), named);
}

#[test]
fn a_photo_as_it_is_arrives_byte_for_byte_and_what_that_means_is_said() {
    let mut desk = Desk::new();
    let original = Picture::sheet().jpeg();
    let stored = desk.submit(&desk.file("page.jpg", &original), &["--as-is"]);
    assert!(stored.status.success(), "{stored:?}");
    assert!(words(&stored).contains("Place, time and other data"), "{stored:?}");
    assert_eq!(desk.named(), [Digest::of(&original).to_string()]);
    assert_eq!(desk.arrived(&Digest::of(&original).to_string()), original);
}

#[test]
fn a_blurred_photo_is_named_so_before_its_form_is_stored_and_stored_all_the_same() {
    let desk = Desk::new();
    let path = desk.file("moved.jpg", &Picture::sheet().moved(24).jpeg());
    let stored = desk.submit(&path, &["--json"]);
    assert!(stored.status.success(), "{stored:?}");
    let said = words(&stored);
    assert!(said.contains("Mind (photo-blurred): The photo is blurred"), "{said}");
    let answer: serde_json::Value = serde_json::from_slice(&stored.stdout).unwrap();
    assert_eq!(answer["is_new"], true);
    assert_eq!(desk.named().len(), 1);
}

#[test]
fn a_file_that_is_no_photo_is_refused_in_plain_words_and_nothing_is_stored() {
    let desk = Desk::new();
    let cases: [(&str, &[u8], &str); 3] = [
        ("page.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "photo-heic"),
        ("page.png", b"\x89PNG\r\n\x1A\n", "photo-not-jpeg"),
        ("page.jpg", &Picture::sheet().jpeg()[..50_000], "photo-damaged"),
    ];
    for (name, bytes, code) in cases {
        let refused = desk.submit(&desk.file(name, bytes), &[]);
        assert_eq!(refused.status.code(), Some(9), "{refused:?}");
        let said = words(&refused);
        assert!(said.contains(name) && said.contains(code) && said.contains("--as-is"), "{said}");
        assert!(desk.agent.delivery(CONTEST).unwrap().is_null());
        assert_eq!(desk.ready(), 0);
    }
}
