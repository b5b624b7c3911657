//! Counters that change while somebody looks at them.

use saksi_tests::clerk::{self, Clerk};
use saksi_tests::scene::Scene;

fn desk() -> Scene {
    let scene = Scene::new().unwrap();
    clerk::open_desk(&scene.collector).unwrap();
    clerk::account(&scene.collector, "sri", "viewer", None).unwrap();
    scene
}

#[test]
fn a_form_that_comes_is_told_at_once() {
    let mut scene = desk();
    scene.collector.start(None).unwrap();
    let sri = Clerk::signed_in(&scene.collector, "sri").unwrap();
    let mut stream = sri.stream("/live").unwrap();
    let first = stream.event().unwrap().unwrap();
    assert_eq!(
        (&first["president.counted"], &first["president.missing"]),
        (&"0".into(), &"12".into())
    );
    scene.deliver(0, [30, 20, 2, 1]).unwrap();
    let told = stream.event().unwrap().unwrap();
    assert_eq!((&told["president.counted"], &told["missing"]), (&"1".into(), &"11".into()));
    assert_eq!(Clerk::outside(&scene.collector).unwrap().get("/live").unwrap().status, 303);
}

#[test]
fn a_stop_ends_open_streams_and_cuts_nothing_off() {
    let mut scene = desk();
    let words = scene.dir().join("words");
    scene.collector.words_to(&words);
    scene.collector.says("warn");
    scene.collector.start(None).unwrap();
    let sri = Clerk::signed_in(&scene.collector, "sri").unwrap();
    let mut streams: Vec<_> = (0..3).map(|_| sri.stream("/live").unwrap()).collect();
    for stream in &mut streams {
        assert!(stream.event().unwrap().is_some());
    }
    scene.collector.stop().unwrap();
    for stream in &mut streams {
        assert_eq!(stream.event().unwrap(), None, "it ends as a stream does");
    }
    let words = std::fs::read_to_string(words).unwrap();
    assert!(!words.contains("did not end in time"), "{words}");
}
