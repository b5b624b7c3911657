//! A journal that was restored, and a place where nothing can be published.

use std::fs;

use saksi_tests::collector;
use saksi_tests::poll;
use saksi_tests::scene::{FIRST_FORM, Scene};

use crate::source::Source;

#[test]
fn when_the_journal_was_restored_to_an_earlier_state_the_log_is_rewritten_and_that_is_said() {
    let mut scene = Scene::new().unwrap();
    let words = scene.dir().join("words");
    scene.collector.words_to(&words);
    scene.collector.says("warn");
    let dir = scene.collector.dir().to_str().unwrap().to_owned();
    let backup = scene.dir().join("old.db");
    let backup = backup.to_str().unwrap();
    collector::succeed(&["journal", "backup", &dir, backup]).unwrap();
    scene.collector.start(None).unwrap();
    let (directory, key) = (Source::directory(&scene), scene.log_key().unwrap());
    scene.deliver(0, [30, 20, 2, 1]).unwrap();
    scene.deliver(1, [7, 6, 5, 4]).unwrap();
    let before = directory.wait_for(&key, FIRST_FORM + 2);
    let addresses = scene.collector.stop().unwrap();
    assert!(!fs::read_to_string(&words).unwrap().contains("REWRITTEN"));
    collector::succeed(&["journal", "restore", &dir, backup, "--lose-entries"]).unwrap();
    scene.collector.start(Some(addresses)).unwrap();
    let after = poll::until("the log of before", || {
        Ok(directory.read(&key)?.filter(|log| log.size == FIRST_FORM))
    });
    assert_eq!(before.entries[..after.unwrap().entries.len()].len() as u64, FIRST_FORM);
    let said = fs::read_to_string(&words).unwrap();
    let line = said.lines().find(|line| line.contains("THE PUBLIC LOG IS REWRITTEN")).unwrap();
    let (published, journal) = (FIRST_FORM + 2, FIRST_FORM);
    let wanted = format!("it has {published} entries, and the journal {journal}");
    assert!(line.contains("WARN") && line.contains(&wanted), "{line}");
    // It grows from there, into another log than the one that was.
    scene.deliver(2, [1, 2, 3, 4]).unwrap();
    let anew = directory.wait_for(&key, FIRST_FORM + 1);
    assert_ne!(anew.entries[13], before.entries[13]);
    // A restart of what is right says nothing and rewrites nothing.
    scene.collector.stop().unwrap();
    scene.collector.start(Some(addresses)).unwrap();
    scene.collector.stop().unwrap();
    assert_eq!(directory.read(&key).unwrap().unwrap(), anew);
    assert!(!fs::read_to_string(&words).unwrap().contains("REWRITTEN"));
}

#[test]
fn forms_are_taken_while_nothing_can_be_published_and_then_it_is() {
    let mut scene = Scene::new().unwrap();
    scene.collector.configure("metrics", "\"127.0.0.1:0\"").unwrap();
    let words = scene.dir().join("words");
    scene.collector.words_to(&words);
    scene.collector.says("info");
    // A file in the place of the directory.
    let public = scene.collector.dir().join("public");
    fs::write(&public, "in the way").unwrap();
    scene.collector.start(None).unwrap();
    scene.deliver(0, [30, 20, 2, 1]).unwrap();
    let faults = || scene.collector.metric("saksi_public_faults_total");
    poll::until("a second fault", || Ok((faults()? >= 2).then_some(()))).unwrap();
    assert_eq!(scene.votes().unwrap(), [30, 20, 2, 1]);
    assert_eq!(scene.collector.metric("saksi_public_entries").unwrap(), 0);
    fs::remove_file(&public).unwrap();
    let (directory, key) = (Source::directory(&scene), scene.log_key().unwrap());
    assert_eq!(directory.wait_for(&key, FIRST_FORM + 1).size, FIRST_FORM + 1);
    let published = || Ok(scene.collector.metric("saksi_public_entries")? == FIRST_FORM + 1);
    poll::until("the metric", || published().map(|yes: bool| yes.then_some(()))).unwrap();
    assert!(scene.collector.metric("saksi_public_age_seconds").unwrap() < 45);
    let said = fs::read_to_string(&words).unwrap();
    assert_eq!(said.matches("cannot be published").count(), 1, "not once a second: {said}");
    assert!(said.contains("the log is published again"), "{said}");
}
