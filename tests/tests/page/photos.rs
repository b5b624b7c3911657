//! Photos on the page: from the camera's bytes to the collector, without the place where
//! they were taken; and what is no photo, too much, or not of our page.

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use saksi_proto::bundle::CollectorAddress;
use saksi_proto::digest::Digest;
use saksi_tests::device::AgentProcess;
use saksi_tests::kenya::CONTEST;
use saksi_tests::officer::{Officer, Page, hidden_field};
use saksi_tests::picture::{PLACE, Picture};
use saksi_tests::poll;
use saksi_tests::scene::{Scene, nowhere};

const PHOTOS: &str = "/c/president/photos";

/// The camera's file, made once: it takes a while.
static SHEET: LazyLock<Vec<u8>> = LazyLock::new(|| Picture::sheet().jpeg());

/// An agent with an officer at its page.
struct Post {
    scene: Scene,
    agent: AgentProcess,
    officer: Officer,
}

impl Post {
    fn new(scene: Scene, collector: &CollectorAddress) -> Self {
        let mut agent = scene.agent("page", 0).unwrap();
        agent.run(collector).unwrap();
        let officer = Officer::at(&agent).unwrap();
        Self { scene, agent, officer }
    }

    fn alone() -> Self {
        Self::new(Scene::new().unwrap(), &nowhere())
    }

    fn word(&self) -> String {
        hidden_field(&self.officer.html("/").unwrap(), "csrf").unwrap().to_owned()
    }

    fn post(&self, files: &[(&str, &[u8])]) -> Page {
        self.officer.post_photos(CONTEST, &[("csrf", &self.word())], files).unwrap()
    }

    /// Posts one as the script does.
    fn send(&self, headers: &[(&str, &str)], file: &[u8]) -> Page {
        let word = self.word();
        let own = [("Content-Type", "application/octet-stream"), ("X-Saksi-Csrf", word.as_str())];
        self.officer.post_body(PHOTOS, &[&own, headers].concat(), file).unwrap()
    }

    /// Hashes of the photos that the page shows.
    fn shown(&self) -> Vec<String> {
        let page = self.officer.html(PHOTOS).unwrap();
        let shown = page.split("name=\"remove\" value=\"").skip(1);
        shown.map(|rest| rest.split_once('"').unwrap().0.to_owned()).collect()
    }

    fn kept(&self) -> PathBuf {
        self.scene.agent_dir("page").join("photos")
    }
}

fn holds(bytes: &[u8], words: &[u8]) -> bool {
    bytes.windows(words.len()).any(|at| at == words)
}

fn is_clean(jpeg: &[u8]) -> bool {
    !holds(jpeg, PLACE) && !holds(jpeg, b"Exif")
}

#[test]
fn a_photo_goes_from_the_page_to_the_collector_without_its_place() {
    let scene = Scene::serving().unwrap();
    let address = scene.collector.address().unwrap();
    let post = Post::new(scene, &address);
    let paper = post.scene.stations[0].paper([30, 20, 2, 1]);
    assert_eq!(post.officer.fill(&paper).unwrap(), PHOTOS);
    let original = &*SHEET;
    assert!(holds(&original[..1_000], PLACE));
    let kept = post.post(&[("camera", original), ("gallery", b"")]);
    assert_eq!(kept.status, 303, "{}", kept.html);
    let [photo] = &post.shown()[..] else { panic!("{:?}", post.shown()) };
    let led = kept.location.unwrap();
    assert!(led.starts_with(&format!("{PHOTOS}#p-{}", &photo[..8])), "{led}");
    let page = post.officer.html(PHOTOS).unwrap();
    assert!(page.contains("from the camera") && !page.contains("(photo-"), "{page}");
    let picture = post.officer.picture(photo).unwrap();
    let on_disk = fs::read(post.kept().join(photo)).unwrap();
    assert_eq!(picture, on_disk, "what is shown is what is kept");
    assert_eq!(Digest::of(&on_disk).to_string(), *photo);
    assert!(is_clean(&on_disk));
    post.officer.seal(CONTEST, &[]).unwrap();
    let station = format!("station-{}", post.scene.stations[0].code);
    let arrived = post.scene.collector.dir().join("photos").join(station).join(photo);
    poll::until("the photo at the centre, and word of it", || {
        let home = post.officer.html("/")?;
        Ok((arrived.exists() && home.contains("has arrived at the centre")).then_some(()))
    })
    .unwrap();
    let page = post.officer.html("/c/president").unwrap();
    assert!(page.contains("has arrived at the centre") && !page.contains("data-moving"), "{page}");
    assert_eq!(fs::read(arrived).unwrap(), on_disk);
}

#[test]
fn the_scripts_way_is_as_good_and_a_killed_agent_keeps_what_it_said_it_has() {
    let mut post = Post::alone();
    let blurred = Picture::sheet().moved(20).jpeg();
    let sent = post.send(&[("X-Saksi-Origin", "gallery")], &blurred);
    assert_eq!(sent.status, 303, "{}", sent.html);
    post.agent.kill().unwrap();
    post.agent.run(&nowhere()).unwrap();
    post.officer = Officer::at(&post.agent).unwrap();
    let page = post.officer.html(PHOTOS).unwrap();
    assert!(page.contains("⚑ from the gallery") && page.contains("(photo-blurred)"), "{page}");
    let [first] = &post.shown()[..] else { panic!("{:?}", post.shown()) };
    // It is taken again: the new one stands in its place, and its file is gone.
    let again = post.send(&[("X-Saksi-Instead", first)], &SHEET);
    assert_eq!(again.status, 303, "{}", again.html);
    let [second] = &post.shown()[..] else { panic!("{:?}", post.shown()) };
    assert!(first != second && !post.kept().join(first).exists());
    assert!(is_clean(&fs::read(post.kept().join(second)).unwrap()));
    post.agent.kill().unwrap();
    post.agent.run(&nowhere()).unwrap();
    post.officer = Officer::at(&post.agent).unwrap();
    assert_eq!(post.shown().len(), 1);
    post.officer.led(PHOTOS, PHOTOS, &[("remove", second)]).unwrap();
    assert_eq!((post.shown().len(), fs::read_dir(post.kept()).unwrap().count()), (0, 0));
}

#[test]
fn what_is_no_photo_or_too_much_is_said_and_the_others_are_kept() {
    let post = Post::alone();
    let sheet = &SHEET[..];
    let large = [sheet, &vec![0; 33 << 20]].concat();
    let page = post.post(&[
        ("gallery", b"%PDF-1.7 a document"),
        ("gallery", sheet),
        ("gallery", &large),
        ("gallery", &sheet[..sheet.len() / 3]),
    ]);
    assert_eq!(page.status, 422);
    for wanted in [
        "Photo 1 of those chosen: This file is no JPEG photo.",
        "Photo 3 of those chosen: The photo&#39;s file is larger than 32 MiB.",
        "(photo-damaged)",
    ] {
        assert!(page.html.contains(wanted), "{wanted}: {}", page.html);
    }
    assert_eq!(post.shown().len(), 1);
    let page = post.send(&[], &large);
    assert!(page.status == 422 && page.html.contains("larger than 32 MiB"), "{}", page.html);
    assert!(post.post(&[("camera", b"")]).html.contains("Choose a photo first."));
    assert_eq!(fs::read_dir(post.kept()).unwrap().count(), 1, "nothing else was kept");
}

#[test]
fn nobody_else_adds_a_photo() {
    let post = Post::alone();
    let sheet = &SHEET[..];
    let word = post.word();
    let kind = ("Content-Type", "application/octet-stream");
    let send = |headers: &[(&str, &str)]| {
        post.officer.post_body(PHOTOS, &[&[kind], headers].concat(), sheet).unwrap().status
    };
    assert_eq!(send(&[]), 403, "without the word");
    assert_eq!(send(&[("X-Saksi-Csrf", "x")]), 403);
    let own = ("X-Saksi-Csrf", word.as_str());
    assert_eq!(send(&[own, ("Origin", "http://evil.example")]), 403);
    assert_eq!(send(&[own, ("Sec-Fetch-Site", "cross-site")]), 403);
    let form = |fields: &[(&str, &str)]| {
        post.officer.post_photos(CONTEST, fields, &[("camera", sheet)]).unwrap().status
    };
    assert_eq!(form(&[]), 403);
    assert_eq!(form(&[("csrf", "x")]), 403);
    let unknown = [("csrf", word.as_str())];
    let unknown = post.officer.post_photos("mayor", &unknown, &[("camera", sheet)]).unwrap();
    assert_eq!(unknown.status, 403, "of a contest that is none of ours nothing is read");
    let cookie = post.officer.cookie.clone();
    let mut stranger = post;
    stranger.officer.cookie = String::new();
    let refused = stranger.officer.post_body(PHOTOS, &[kind, own], sheet).unwrap();
    assert_eq!(refused.status, 401);
    assert!(stranger.officer.get(&format!("/photos/{word}.jpg")).unwrap().status == 401);
    stranger.officer.cookie = cookie;
    assert_eq!(stranger.shown(), [""; 0]);
    assert_eq!(fs::read_dir(stranger.kept()).unwrap().count(), 0);
}
