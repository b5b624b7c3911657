//! A proposal that was confirmed when the collector stopped: whether it is in the log, the log
//! says, and it is never done twice.

use rusqlite::Connection;
use saksi_tests::scene::Scene;
use serde_json::Value;

use super::rulings::{act, clerk, desk};

fn logged(scene: &Scene) -> u64 {
    scene.entries().unwrap()
}

fn state(scene: &Scene, id: i64) -> String {
    let db = Connection::open(scene.collector.dir().join("staff.db")).unwrap();
    db.query_row("SELECT state FROM proposal WHERE id = ?1", [id], |row| row.get(0)).unwrap()
}

#[test]
fn what_was_confirmed_is_looked_up_in_the_log_at_the_next_start() {
    let mut scene = desk();
    let [sri, tuti] = ["sri", "tuti"].map(|name| clerk(&scene, name));
    let fields = [("choice", "pause"), ("reason", "a server is moved")];
    act(&sri, "/publication", &fields).unwrap();
    let confirmed = tuti.post("/proposals/1", "/proposals/1/confirm", &[]).unwrap();
    assert_eq!(confirmed.status, 303, "{}", confirmed.html);
    let entries = logged(&scene);

    // As if it had been killed after the log had it, and before the desk's file said so; and
    // another one before the log had it.
    let before = scene.collector.stop().unwrap();
    let db = Connection::open(scene.collector.dir().join("staff.db")).unwrap();
    db.execute("UPDATE proposal SET state = 'confirmed', entry = NULL", []).unwrap();
    db.execute(
        "INSERT INTO proposal (about, station, change, first, first_name, first_ms, state, second,
            second_name, second_ms, sent, size)
         SELECT 'other', station, change, first, first_name, first_ms, 'confirmed', second,
            second_name, second_ms, change, size FROM proposal WHERE id = 1",
        [],
    )
    .unwrap();
    drop(db);
    scene.collector.start(Some(before)).unwrap();
    let tuti = clerk(&scene, "tuti");
    let page = tuti.html("/proposals/1").unwrap();
    assert!(page.contains(&format!("in the log, entry {}", entries - 1)), "{page}");
    let lapsed = tuti.html("/proposals/2").unwrap();
    assert!(lapsed.contains("The collector stopped before it was in the log"), "{lapsed}");
    assert_eq!([1, 2].map(|id| state(&scene, id)), ["done", "lapsed"]);
    assert_eq!(logged(&scene), entries, "nothing was done twice");
    let open: Value = scene.collector.get("/api/v1/election").unwrap();
    assert_eq!(open["publication"]["reason"], "a server is moved");
}
