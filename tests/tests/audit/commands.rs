//! `saksi-collector audit`, of what a real collector has published.

use std::fs;

use saksi_tests::collector;
use saksi_tests::scene::FIRST_FORM;

use crate::log::{Audited, copy, night, public, published, text};

#[test]
fn a_watcher_finds_a_true_log_sound_also_beside_the_collector() {
    let scene = night();
    let key = scene.collector.dir().join("log.vkey");
    let audited = Audited::of(&[text(&public(&scene)), "--key", text(&key)]);
    assert_eq!(audited.code, Some(0), "{}{}", audited.said, audited.complained);
    assert!(audited.said.contains("Every one of 3 forms is signed"), "{}", audited.said);
    assert!(audited.said.ends_with("found to be as it should be.\n"), "{}", audited.said);
    assert!(audited.complained.is_empty(), "{}", audited.complained);

    let web = scene.collector.web().unwrap();
    let audited = Audited::of(&[web, "--key", text(&key)]);
    assert_eq!(audited.code, Some(0), "{}{}", audited.said, audited.complained);
    assert!(audited.said.starts_with(&format!("Audit of {web}\n")), "{}", audited.said);
    assert!(audited.complained.is_empty(), "{}", audited.complained);

    let (dir, file) = (copy(&scene, "kept"), scene.dir().join("report.json"));
    let audited = Audited::of(&[text(&dir), "--json", "--report", text(&file)]);
    let report = audited.report();
    assert_eq!((audited.code, &report["sound"]), (Some(0), &true.into()), "{report}");
    assert_eq!(report["log"]["size"], FIRST_FORM + 3);
    assert_eq!(report["contests"][0]["stations"]["counted"], 3);
    assert_eq!(report["contests"][0]["stations"]["missing"], 9);
    assert_eq!(fs::read_to_string(file).unwrap(), audited.said);
}

#[test]
fn a_total_that_was_changed_is_named_and_so_is_a_changed_form() {
    let scene = night();
    let dir = copy(&scene, "changed");
    let size = FIRST_FORM + 3;
    let csv = fs::read_dir(dir.join(format!("totals/{size}"))).unwrap().next().unwrap().unwrap();
    let table = fs::read_to_string(csv.path()).unwrap();
    // The last number of the last region.
    let (rest, _) = table.trim_end().rsplit_once(',').unwrap();
    fs::write(csv.path(), format!("{rest},99\n")).unwrap();
    let audited = Audited::of(&[text(&dir), "--json"]);
    let lie = &audited.report()["lie"];
    assert_eq!((audited.code, &lie["kind"]), (Some(7), &"total".into()), "{lie}");
    let name = csv.path().strip_prefix(&dir).unwrap().to_str().unwrap().to_owned();
    assert_eq!(lie["file"], name);
    let code = table.trim_end().lines().last().unwrap().split(',').next().unwrap();
    let column = table.lines().next().unwrap().rsplit(',').next().unwrap();
    assert_eq!((&lie["region"], &lie["column"]), (&code.into(), &column.into()), "{lie}");

    let name = format!("tile/entries/000.p/{size}");
    let mut bundle = fs::read(dir.join(&name)).unwrap();
    *bundle.last_mut().unwrap() ^= 1;
    fs::write(dir.join(&name), bundle).unwrap();
    let audited = Audited::of(&[text(&dir)]);
    assert_eq!(audited.code, Some(7), "{}", audited.said);
    let place = format!("NOT SOUND. {name}, entry {}: ", size - 1);
    assert!(audited.said.contains(&place), "{}", audited.said);
    assert!(audited.complained.contains(&name), "{}", audited.complained);
}

#[test]
fn a_log_must_have_grown_from_the_checkpoint_that_somebody_kept() {
    let mut scene = night();
    let (backup, kept) = (scene.dir().join("backup.db"), copy(&scene, "before"));
    let dir = text(scene.collector.dir()).to_owned();
    collector::succeed(&["journal", "backup", &dir, text(&backup)]).unwrap();
    scene.deliver(3, [5, 5, 5, 5]).unwrap();
    published(&scene).unwrap();
    let before = kept.join("checkpoint");
    let audited = Audited::of(&[text(&public(&scene)), "--previous", text(&before)]);
    assert_eq!(audited.code, Some(0), "{}{}", audited.said, audited.complained);
    assert!(audited.said.contains("has grown from the older checkpoint"), "{}", audited.said);

    // Rolled back to the backup, and another form in the place of the one that was lost.
    let later = copy(&scene, "later").join("checkpoint");
    let rolled_back = Audited::of(&[text(&kept), "--previous", text(&later), "--json"]);
    let lie = &rolled_back.report()["lie"];
    assert_eq!((rolled_back.code, &lie["kind"]), (Some(7), &"rolled-back".into()), "{lie}");
    let before = scene.collector.stop().unwrap();
    let restore = ["journal", "restore", &dir, text(&backup), "--lose-entries"];
    collector::succeed(&restore).unwrap();
    scene.collector.start(Some(before)).unwrap();
    scene.deliver(4, [6, 6, 6, 6]).unwrap();
    published(&scene).unwrap();
    let forked = Audited::of(&[text(&public(&scene)), "--previous", text(&later), "--json"]);
    let lie = &forked.report()["lie"];
    assert_eq!((forked.code, &lie["kind"]), (Some(7), &"fork".into()), "{lie}");
}

#[test]
fn what_cannot_be_audited_is_not_called_a_lie() {
    let scene = night();
    let dir = public(&scene);
    let nowhere = scene.dir().join("nowhere");
    let nonsense = scene.dir().join("nonsense");
    fs::write(&nonsense, "nonsense\n").unwrap();
    for arguments in [
        vec![text(&nowhere)],
        vec!["http://127.0.0.1:1/"],
        vec![text(&dir), "--key", "nonsense"],
        vec![text(&dir), "--key", text(&nonsense)],
        vec![text(&dir), "--previous", text(&nonsense)],
        vec![text(&dir), "--previous", text(&nowhere)],
    ] {
        let audited = Audited::of(&arguments);
        assert_eq!(audited.code, Some(1), "{arguments:?}: {}{}", audited.said, audited.complained);
        assert!(!audited.said.contains("\nSound"), "{}", audited.said);
    }
}
