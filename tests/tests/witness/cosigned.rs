//! What a collector publishes with its witnesses, without them, and after it was set back.

use std::fs;

use saksi_tests::collector::succeed;
use saksi_tests::poll;
use saksi_tests::scene::{Scene, free_address};
use saksi_tests::witness::{Witness, configure, published, until_published};

/// A witness of the scene's log, not started.
pub(crate) fn witness_of(scene: &Scene, name: &str) -> Witness {
    let witness = Witness::make(&scene.dir().join(name), &format!("{name}.example")).unwrap();
    witness.add_log(&scene.log_key().unwrap().to_string()).unwrap();
    witness
}

#[test]
fn checkpoints_are_published_with_cosignatures_and_also_without() {
    let mut scene = Scene::new().unwrap();
    let mut witnesses = ["one", "two"].map(|name| witness_of(&scene, name));
    witnesses.iter_mut().for_each(|witness| witness.start(None).unwrap());
    // A third one that is never there.
    let gone = witness_of(&scene, "gone");
    let [one, two] = &witnesses;
    let of = |witness: &Witness| (witness.url().unwrap().to_owned(), witness.key().to_owned());
    let gone = (format!("http://{}/", free_address().unwrap()), gone.key().to_owned());
    let all = [of(one), gone, of(two)];
    let all = all.each_ref().map(|(url, key)| (url.as_str(), key.as_str()));
    configure(&scene.collector, &all, 2).unwrap();
    scene.collector.configure("metrics", "\"127.0.0.1:0\"").unwrap();
    scene.collector.start(None).unwrap();
    for (station, at_least) in [(0, 14), (1, 15)] {
        scene.deliver(station, [4, 3, 2, 1]).unwrap();
        let cosigned = until_published(&scene.collector, "two cosignatures", |published| {
            published.is_witnessed && published.checkpoint.size >= at_least
        });
        assert_eq!(cosigned.unwrap().witnesses, ["one.example", "two.example"]);
    }
    let metric = |name: &str| scene.collector.metric(name).unwrap();
    assert!(metric("saksi_cosignatures_total{witness=\"one.example\"}") >= 2);
    assert!(metric("saksi_cosigning_failures_total{witness=\"gone.example\"}") >= 1);
    assert_eq!(metric("saksi_cosignatures_total{witness=\"gone.example\"}"), 0);
    // Published first, and counted then.
    let counted = || Ok((metric("saksi_witnessed_entries") == 15).then_some(()));
    poll::until("15 witnessed entries", counted).unwrap();
    // Both are gone: what comes is published all the same, and is not witnessed.
    witnesses.iter_mut().for_each(|witness| witness.kill().unwrap());
    scene.deliver(2, [4, 3, 2, 1]).unwrap();
    let alone = until_published(&scene.collector, "a checkpoint without witnesses", |published| {
        published.checkpoint.size == 16
    });
    assert!(!alone.unwrap().is_witnessed);
    assert_eq!(scene.collector.metric("saksi_witnessed_entries").unwrap(), 15);
}

#[test]
fn a_witness_that_comes_back_cosigns_what_is_published_though_no_form_follows() {
    let mut scene = Scene::new().unwrap();
    let mut witness = witness_of(&scene, "late");
    let listen = free_address().unwrap().to_string();
    configure(&scene.collector, &[(&format!("http://{listen}"), witness.key())], 1).unwrap();
    scene.collector.start(None).unwrap();
    scene.deliver(0, [4, 3, 2, 1]).unwrap();
    let size = 14;
    let has_size = |published: &saksi_tests::witness::Published| published.checkpoint.size == size;
    assert!(!until_published(&scene.collector, "the form", has_size).unwrap().is_witnessed);
    witness.start(Some(&listen)).unwrap();
    until_published(&scene.collector, "its cosignature", |published| published.is_witnessed)
        .unwrap();
    // And again after the collector has started anew, with the cosignatures that it had.
    let addresses = scene.collector.stop().unwrap();
    witness.stop().unwrap();
    scene.collector.start(Some(addresses)).unwrap();
    let again = published(&scene.collector).unwrap();
    assert!(again.is_witnessed && again.checkpoint.size == size, "{again:?}");
}

#[test]
fn a_log_that_was_set_back_is_not_cosigned_and_the_collector_says_so() {
    let mut scene = Scene::new().unwrap();
    let mut witness = witness_of(&scene, "w");
    witness.start(None).unwrap();
    configure(&scene.collector, &[(witness.url().unwrap(), witness.key())], 1).unwrap();
    let words = scene.dir().join("words");
    scene.collector.words_to(&words);
    scene.collector.start(None).unwrap();
    let (home, copy) = (scene.collector.dir().to_owned(), scene.dir().join("copy.db"));
    let (home, copy) = (home.to_str().unwrap(), copy.to_str().unwrap());
    succeed(&["journal", "backup", home, copy]).unwrap();
    scene.deliver(0, [4, 3, 2, 1]).unwrap();
    until_published(&scene.collector, "the form", |published| {
        published.is_witnessed && published.checkpoint.size == 14
    })
    .unwrap();
    scene.collector.stop().unwrap();
    succeed(&["journal", "restore", home, copy, "--lose-entries"]).unwrap();
    scene.collector.start(None).unwrap();
    let said = poll::until("the collector's words", || {
        let said = fs::read_to_string(&words)?;
        Ok(said.contains("KNOWS ANOTHER LOG").then_some(said))
    });
    let said = said.unwrap();
    assert!(said.contains("w.example") && said.contains("it has cosigned 14 entries"), "{said}");
    // Another form in the place of the lost one: another history, of the same size.
    scene.deliver(1, [5, 4, 3, 2]).unwrap();
    let forked = until_published(&scene.collector, "the other history", |published| {
        published.checkpoint.size == 14
    });
    assert!(!forked.unwrap().is_witnessed);
    assert_eq!(witness.sizes().unwrap(), [14]);
}
