//! T16: photos start from zero and never arrive on 2G. A photo of 5 MB through a network
//! that is cut every 240 KB, which is 30 s of 64 kbit/s; the agent takes longer chunks
//! here than it would there, and so loses more at each cut.

use std::fs;
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use saksi_proto::digest::Digest;
use saksi_tests::kenya::CONTEST;
use saksi_tests::poll;
use saksi_tests::proxy::{Fault, Proxy};
use saksi_tests::scene::{FIRST_FORM, Scene};

use super::*;

/// Bytes that reach the collector before each cut.
const CUT: usize = 240_000;

/// The connection that waits until the test has done something.
const WAITS: usize = 3;

/// A network that is cut again and again, and once waits for the test.
struct Cuts {
    proxy: Proxy,
    waits: mpsc::Receiver<()>,
    go: mpsc::Sender<()>,
}

impl Cuts {
    fn start(scene: &Scene) -> Self {
        let ((wait, waits), (go, gone)) = (mpsc::channel(), mpsc::channel());
        let faults = move |number| {
            if number == WAITS {
                wait.send(()).unwrap();
                gone.recv().unwrap();
            }
            Fault::CutUp(CUT)
        };
        let proxy = Proxy::start(&scene.collector.address().unwrap(), faults).unwrap();
        Self { proxy, waits, go }
    }

    /// Delivers everything; in the middle of it, with the network away, does `meanwhile`.
    fn deliver(&self, agent: &Agent, meanwhile: impl FnOnce()) -> Delivered {
        thread::scope(|scope| {
            let proxy = &self.proxy;
            let delivering =
                scope.spawn(move || block_on(agent.deliver(&patient(proxy.address()))).unwrap());
            self.waits.recv_timeout(PATIENCE).unwrap();
            meanwhile();
            self.go.send(()).unwrap();
            delivering.join().unwrap()
        })
    }

    fn carried(&self) -> usize {
        self.proxy.carried_up() + self.proxy.carried_down()
    }
}

/// Rests double from 2 ms to an hour, but begin again whenever a photo came further:
/// otherwise some twenty cuts would take hours.
fn patient(collector: CollectorAddress) -> Forwarding {
    let mut forwarding = quick(collector);
    forwarding.retry.longest = Duration::from_secs(3_600);
    forwarding
}

/// A photo: bytes that nothing can be guessed from, submitted as they are.
fn photo(size: usize, seed: u64) -> Vec<u8> {
    let mut bytes = vec![0; size];
    fastrand::Rng::with_seed(seed).fill(&mut bytes);
    bytes
}

/// An agent of this process with one form in its store that names these photos.
fn agent_with_photos(scene: &Scene, station: usize, photos: &[Vec<u8>]) -> Agent {
    let agent = device::open(&scene.agent_dir("photos"), &scene.bundle(station).unwrap()).unwrap();
    let paths = photos.iter().enumerate().map(|(page, bytes)| {
        let path = scene.dir().join(format!("page-{page}.jpg"));
        fs::write(&path, bytes).unwrap();
        path
    });
    let form = scene.stations[station].paper([30, 20, 2, 1]).to_json().to_string();
    let submission = Submission { form, photos: paths.collect(), ..Submission::default() };
    agent.submit(submission, agent.now_ms()).unwrap();
    agent
}

/// Where the collector keeps a photo of a station.
fn at_collector(scene: &Scene, station: usize, photo: &[u8]) -> PathBuf {
    let station = format!("station-{}", scene.stations[station].code);
    scene.collector.dir().join("photos").join(station).join(Digest::of(photo).to_string())
}

/// What of a photo has come to the collector.
fn part(scene: &Scene, station: usize, photo: &[u8]) -> PathBuf {
    at_collector(scene, station, photo).with_extension("part")
}

#[test]
fn t16_a_photo_that_is_cut_again_and_again_costs_a_fifth_more_at_most_and_the_form_counts() {
    let scene = Scene::serving().unwrap();
    let photo = photo(5_000_000, 1);
    let agent = agent_with_photos(&scene, 0, std::slice::from_ref(&photo));
    let cuts = Cuts::start(&scene);
    let delivered = cuts.deliver(&agent, || {
        assert_eq!(scene.votes().unwrap(), [30, 20, 2, 1], "the form counts meanwhile");
        let shown = agent.status().photos.remove(0);
        assert!((1..shown.size).contains(&shown.sent), "{shown:?}");
        // One that is entered now does not wait for the photo.
        let form = scene.stations[0].paper([31, 20, 2, 1]).to_json().to_string();
        let correction = Some("miscopied".to_owned());
        let submission = Submission { form, correction, ..Submission::default() };
        agent.submit(submission, agent.now_ms()).unwrap();
    });
    let (carried, size) = (cuts.carried(), photo.len());
    eprintln!("{carried} bytes on the wire for {size}, in {} sessions", delivered.sessions);
    assert!(carried * 10 <= size * 12, "{carried} bytes on the wire for {size}");
    assert!(delivered.sessions > 20, "{delivered:?}");
    assert_eq!((delivered.received, delivered.photos), (2, 1));
    assert_eq!(fs::read(at_collector(&scene, 0, &photo)).unwrap(), photo);
    assert_eq!(scene.votes().unwrap(), [31, 20, 2, 1]);
    all_proven(&scene, &agent);
    let shown = agent.status().photos.remove(0);
    assert_eq!(shown.sent, photo.len() as u64);
    assert_eq!(agent.status().photos_waiting, 0);
}

#[test]
fn t16_after_the_collector_was_killed_a_photo_goes_on_where_it_was() {
    let mut scene = Scene::serving().unwrap();
    let photo = photo(1_500_000, 2);
    let agent = agent_with_photos(&scene, 0, std::slice::from_ref(&photo));
    let cuts = Cuts::start(&scene);
    let delivered = cuts.deliver(&agent, || {
        let before = part(&scene, 0, &photo).metadata().unwrap().len();
        assert!(before > 500_000, "{before} bytes");
        let addresses = scene.collector.kill().unwrap();
        scene.collector.start(Some(addresses)).unwrap();
    });
    assert_eq!(delivered.photos, 1);
    assert_eq!(fs::read(at_collector(&scene, 0, &photo)).unwrap(), photo);
    let carried = cuts.carried();
    assert!(carried * 10 <= photo.len() * 12, "{carried} bytes on the wire");
}

#[test]
fn t16_a_photo_that_arrives_damaged_starts_over_and_arrives() {
    let scene = Scene::serving().unwrap();
    let photo = photo(1_500_000, 3);
    let agent = agent_with_photos(&scene, 0, std::slice::from_ref(&photo));
    let cuts = Cuts::start(&scene);
    let delivered = cuts.deliver(&agent, || {
        let path = part(&scene, 0, &photo);
        let mut bytes = fs::read(&path).unwrap();
        bytes[100_000] ^= 1;
        fs::write(&path, bytes).unwrap();
    });
    assert_eq!(delivered.photos, 1);
    assert!(cuts.carried() > 2 * photo.len(), "all of it was sent again");
    assert_eq!(fs::read(at_collector(&scene, 0, &photo)).unwrap(), photo);
    assert!(!part(&scene, 0, &photo).exists());
}

#[test]
fn t16_a_photo_that_is_damaged_on_the_device_is_set_aside_and_blocks_nothing() {
    let scene = Scene::serving().unwrap();
    let photos = [photo(50_000, 4), photo(50_000, 5), photo(50_000, 6)];
    let agent = agent_with_photos(&scene, 0, &photos);
    let on_device =
        |photo: &[u8]| scene.agent_dir("photos").join("photos").join(Digest::of(photo).to_string());
    fs::write(on_device(&photos[0]), b"another picture").unwrap();
    fs::remove_file(on_device(&photos[1])).unwrap();
    let proxy = Proxy::start(&scene.collector.address().unwrap(), |_| Fault::Pass).unwrap();
    let delivered = deliver(&agent, &proxy);
    assert_eq!((delivered.received, delivered.photos, delivered.failures), (1, 1, 0));
    assert_eq!(fs::read(at_collector(&scene, 0, &photos[2])).unwrap(), photos[2]);
    assert!(!part(&scene, 0, &photos[0]).exists(), "nothing of it was sent");
    assert!(on_device(&photos[0]).with_extension("damaged").exists(), "it is kept");
    let states = |agent: &Agent| {
        let shown = serde_json::to_value(agent.status().photos).unwrap();
        shown.as_array().unwrap().iter().map(|one| one["state"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(states(&agent), ["damaged", "damaged", "arrived"]);
    drop(agent);
    let agent = Agent::open(&scene.agent_dir("photos")).unwrap();
    assert_eq!(states(&agent), ["damaged", "damaged", "arrived"], "also after a restart");
}

#[test]
fn t16_a_killed_daemon_goes_on_with_its_photo() {
    let scene = Scene::serving().unwrap();
    let photo = photo(1_000_000, 7);
    let path = scene.dir().join("page.jpg");
    fs::write(&path, &photo).unwrap();
    let mut agent = scene.agent("killed", 0).unwrap();
    let form = scene.stations[0].paper([30, 20, 2, 1]).to_json();
    let stored = agent.submit(&form, &["--as-is", "--photo", path.to_str().unwrap()]).unwrap();
    assert!(stored.status.success(), "{stored:?}");
    fs::remove_file(&path).unwrap();
    let cuts = Cuts::start(&scene);
    agent.run(&cuts.proxy.address()).unwrap();
    cuts.waits.recv_timeout(PATIENCE).unwrap();
    agent.kill().unwrap();
    cuts.go.send(()).unwrap();
    agent.run(&cuts.proxy.address()).unwrap();
    poll::until("the photo", || Ok(at_collector(&scene, 0, &photo).exists().then_some(())))
        .unwrap();
    let arrived = || {
        let shown = agent.json(&["status"])?["photos"][0].clone();
        Ok((shown["state"] == "arrived").then_some(shown))
    };
    let shown = poll::until("its state", arrived).unwrap();
    assert_eq!((&shown["sent"], &shown["contest"]), (&1_000_000.into(), &CONTEST.into()));
    assert_eq!(fs::read(at_collector(&scene, 0, &photo)).unwrap(), photo);
    let carried = cuts.carried();
    assert!(carried * 10 <= photo.len() * 12, "{carried} bytes on the wire");
}

#[test]
fn t16_without_room_for_photos_they_wait_and_forms_do_not() {
    let mut scene = Scene::new().unwrap();
    let config = scene.collector.dir().join("collector.toml");
    let roomy = fs::read_to_string(&config).unwrap();
    let key = "photo_spare_mebibytes = ";
    assert!(roomy.contains(key), "{roomy}");
    fs::write(&config, roomy.replace(key, "photo_spare_mebibytes = 99999")).unwrap();
    scene.collector.start(None).unwrap();
    let photo = photo(50_000, 8);
    let path = scene.dir().join("page.jpg");
    fs::write(&path, &photo).unwrap();
    let mut agent = scene.agent("waiting", 0).unwrap();
    let form = scene.stations[0].paper([30, 20, 2, 1]).to_json();
    agent.submit(&form, &["--as-is", "--photo", path.to_str().unwrap()]).unwrap();
    agent.run(&scene.collector.address().unwrap()).unwrap();
    agent.received(CONTEST).unwrap();
    let told = || {
        let failure = agent.json(&["status"])?["photos"][0]["last_failure"].clone();
        Ok((!failure.is_null()).then_some(failure))
    };
    let failure = poll::until("why the photo waits", told).unwrap();
    assert_eq!(failure["reason"], serde_json::json!({ "later": "no-room" }));
    let words = agent.succeed(&["status"]).unwrap();
    assert!(words.contains("no room for photos"), "{words}");
    assert_eq!(scene.entries().unwrap(), FIRST_FORM + 1);
    agent.kill().unwrap();
    let addresses = scene.collector.stop().unwrap();
    fs::write(&config, roomy).unwrap();
    scene.collector.start(Some(addresses)).unwrap();
    agent.run(&scene.collector.address().unwrap()).unwrap();
    poll::until("the photo", || Ok(at_collector(&scene, 0, &photo).exists().then_some(())))
        .unwrap();
}

/// T15, what no kernel sees: both sides' connections are well, and nothing comes through.
#[test]
fn t15_a_proxy_whose_other_side_is_gone_is_noticed_in_under_a_minute() {
    let scene = Scene::serving().unwrap();
    let photo = photo(300_000, 9);
    let agent = agent_with_photos(&scene, 0, std::slice::from_ref(&photo));
    let faults = |number| if number == 0 { Fault::StallUp(100_000) } else { Fault::Pass };
    let proxy = Proxy::start(&scene.collector.address().unwrap(), faults).unwrap();
    let began = Instant::now();
    let delivered = block_on(agent.deliver(&quick(proxy.address()))).unwrap();
    let took = began.elapsed();
    assert!((Duration::from_secs(40)..Duration::from_secs(60)).contains(&took), "{took:?}");
    assert_eq!((delivered.photos, delivered.failures, delivered.sessions), (1, 1, 2));
}
