//! A collector whose log is not what was signed does not serve (exit code 5).

use std::fs;

use rusqlite::Connection;
use saksi_tests::scene::{FIRST_FORM, Scene};

/// A collector with two forms in its log, stopped.
fn stopped() -> Scene {
    let mut scene = Scene::serving().unwrap();
    scene.deliver(0, [30, 20, 2, 1]).unwrap();
    scene.deliver(1, [7, 6, 5, 4]).unwrap();
    scene.collector.stop().unwrap();
    scene
}

fn change_journal(scene: &Scene, statement: &str) {
    let journal = Connection::open(scene.collector.dir().join("journal.db")).unwrap();
    assert_eq!(journal.execute(statement, []).unwrap(), 1, "{statement}");
}

fn refuses(scene: &Scene, words: &str) {
    let (code, said) = scene.collector.fail_to_start().unwrap();
    assert_eq!(code, Some(5), "{said}");
    assert!(said.contains(words), "{said}");
}

#[test]
fn a_changed_byte_of_any_entry_is_found() {
    let scene = stopped();
    for position in 0..FIRST_FORM + 2 {
        let journal = Connection::open(scene.collector.dir().join("journal.db")).unwrap();
        let query = "SELECT bytes FROM entry WHERE position = ?1";
        let bytes: Vec<u8> =
            journal.query_row(query, [position.cast_signed()], |row| row.get(0)).unwrap();
        let put = |bytes: &[u8]| {
            let update = "UPDATE entry SET bytes = ?1 WHERE position = ?2";
            assert_eq!(journal.execute(update, (bytes, position.cast_signed())).unwrap(), 1);
        };
        let mut changed = bytes.clone();
        *changed.last_mut().unwrap() ^= 1;
        put(&changed);
        refuses(&scene, "the log cannot be served");
        put(&bytes);
    }
    assert!(scene.collector.fail_to_start().is_err(), "put right, it serves");
}

#[test]
fn an_entry_that_is_missing_is_found() {
    let scene = stopped();
    let last = FIRST_FORM + 1;
    change_journal(&scene, &format!("DELETE FROM entry WHERE position = {last}"));
    refuses(&scene, &format!("entry {last} is missing"));
}

#[test]
fn an_entry_that_no_checkpoint_covers_is_found() {
    let scene = stopped();
    let last = FIRST_FORM + 1;
    let copy =
        format!("INSERT INTO entry SELECT position + 1, bytes FROM entry WHERE position = {last}");
    change_journal(&scene, &copy);
    refuses(&scene, "the log cannot be served");
}

#[test]
fn a_checkpoint_that_the_log_did_not_sign_is_found() {
    let scene = stopped();
    let last = FIRST_FORM + 2;
    let statement = format!(
        "UPDATE checkpoint SET note = (SELECT replace(note, char(10) || '{last}' || char(10), \
         char(10) || '{last}0' || char(10))) WHERE size = {last}"
    );
    change_journal(&scene, &statement);
    refuses(&scene, "the last checkpoint");
}

#[test]
fn an_election_that_was_edited_after_it_began_is_found() {
    let scene = stopped();
    let path = scene.collector.dir().join("election/election.toml");
    let text = fs::read_to_string(&path).unwrap();
    let edited = text.replacen("Raila Odinga", "Raila Amolo Odinga", 1);
    assert_ne!(edited, text);
    fs::write(&path, edited).unwrap();
    refuses(&scene, "the log cannot be served");
    fs::write(&path, text).unwrap();
    assert!(scene.collector.fail_to_start().is_err(), "put right, it serves");
}
