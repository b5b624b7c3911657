//! The journal is verified, backed up and restored, beside a collector and without.

use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use saksi_collector::config::Config;
use saksi_collector::election::Election;
use saksi_collector::home::Home;
use saksi_collector::journal::Journal;
use saksi_collector::ledger::Ledger;
use saksi_collector::log::{Log, LogSigner};
use saksi_collector::reading::Staged;
use saksi_collector::{pack, secret};
use saksi_proto::entry::{Arrival, Entry};
use saksi_tests::collector;
use saksi_tests::disk::SmallDisk;
use saksi_tests::kenya::{CONTEST, counts};
use saksi_tests::scene::{FIRST_FORM, Scene};
use saksi_tests::wire::Voice;
use serde_json::Value;

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn journal(scene: &Scene) -> PathBuf {
    scene.collector.dir().join("journal.db")
}

/// `journal COMMAND DIR …`, which must succeed.
fn succeed(scene: &Scene, command: &str, rest: &[&str]) -> String {
    let dir = text(scene.collector.dir());
    collector::succeed(&[&["journal", command, dir], rest].concat()).unwrap()
}

/// `journal COMMAND DIR …`, which must fail; its code and words.
fn fail(scene: &Scene, command: &str, rest: &[&str]) -> (Option<i32>, String) {
    let dir = text(scene.collector.dir());
    let output = collector::command(&[&["journal", command, dir], rest].concat()).unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

fn verified(scene: &Scene) -> Value {
    serde_json::from_str(&succeed(scene, "verify", &["--json"])).unwrap()
}

/// Overwrites a page of the journal with zeros, as a torn write may leave it.
fn tear(path: &Path, page: u64) {
    let file = File::options().write(true).open(path).unwrap();
    file.write_all_at(&[0; 4_096], (page - 1) * 4_096).unwrap();
}

#[test]
fn a_backup_taken_while_devices_deliver_is_restored_and_gives_the_same_receipts() {
    let mut scene = Scene::serving().unwrap();
    let mut agent = scene.agent("kept", 0).unwrap();
    let form = scene.stations[0].paper([30, 20, 2, 1]).to_json();
    assert!(agent.submit(&form, &[]).unwrap().status.success());
    agent.run(&scene.collector.address().unwrap()).unwrap();
    agent.received(CONTEST).unwrap();
    let receipt = agent.succeed(&["receipt", CONTEST]).unwrap();

    let file = |nth: u64| scene.dir().join(format!("backup-{nth}.db"));
    std::thread::scope(|scope| {
        let stations = 1..8;
        let sent = stations.clone().count() as u64;
        let delivering = scope.spawn(|| {
            stations.for_each(|station| scene.deliver(station, [7, 6, 5, 4]).unwrap());
        });
        for nth in 0..3 {
            succeed(&scene, "backup", &[text(&file(nth))]);
            let entries = verified(&scene)["entries"].as_u64().unwrap();
            assert!((FIRST_FORM + 1..=FIRST_FORM + 1 + sent).contains(&entries), "{entries}");
        }
        delivering.join().unwrap();
    });
    let said = succeed(&scene, "backup", &[text(&file(3))]);
    let (holdings, totals) = (verified(&scene), scene.region("0").unwrap());
    assert_eq!(holdings["entries"], FIRST_FORM + 8);
    assert_eq!(holdings["forms"], 8);
    assert!(said.contains(holdings["root"].as_str().unwrap()), "{said}");
    let (code, words) = fail(&scene, "restore", &[text(&file(3))]);
    assert_eq!(code, Some(4), "{words}");

    let addresses = scene.collector.stop().unwrap();
    succeed(&scene, "restore", &[text(&scene.dir().join("backup-3.db"))]);
    assert!(scene.collector.dir().join("journal.db.aside-1").is_file());
    assert_eq!(verified(&scene), holdings);
    scene.collector.start(Some(addresses)).unwrap();
    let again = scene.region("0").unwrap();
    assert_eq!((&again.totals, &again.position), (&totals.totals, &totals.position));
    agent.succeed(&["resend", CONTEST]).unwrap();
    assert_eq!(agent.received(CONTEST).unwrap()["attempts"], 2, "it was sent again");
    assert_eq!(agent.succeed(&["receipt", CONTEST]).unwrap(), receipt);
    assert_eq!(scene.entries().unwrap(), FIRST_FORM + 8);
}

#[test]
fn a_torn_page_is_not_served_and_the_way_out_leads_out() {
    let mut scene = Scene::serving().unwrap();
    scene.deliver(0, [30, 20, 2, 1]).unwrap();
    scene.collector.stop().unwrap();
    let file = scene.dir().join("backup.db");
    succeed(&scene, "backup", &[text(&file)]);
    let pages = fs::metadata(journal(&scene)).unwrap().len() / 4_096;
    let whole = fs::read(journal(&scene)).unwrap();
    let dir = text(scene.collector.dir());
    for page in 1..=pages {
        fs::write(journal(&scene), &whole).unwrap();
        tear(&journal(&scene), page);
        let place = if page == 1 { "not a database" } else { &format!("page {page}:") };
        let (code, words) = scene.collector.fail_to_start().unwrap();
        assert_eq!(code, Some(5), "{words}");
        assert!(words.contains(place), "page {page}: {words}");
        assert!(words.contains(&format!("saksi-collector journal verify {dir}")), "{words}");
        let last = format!("saksi-collector journal restore {dir} FILE");
        assert!(words.trim_end().ends_with(&last), "{words}");
        let (code, words) = fail(&scene, "verify", &[]);
        assert_eq!(code, Some(5), "{words}");
        assert!(words.contains(place) && words.trim_end().ends_with(&last), "{words}");
        let (code, words) = fail(&scene, "backup", &[text(&scene.dir().join("torn.db"))]);
        assert_eq!(code, Some(5), "{words}");
        assert!(!scene.dir().join("torn.db").exists());
    }
    succeed(&scene, "restore", &[text(&file)]);
    scene.collector.start(None).unwrap();
    assert_eq!(scene.votes().unwrap(), [30, 20, 2, 1]);
}

#[test]
fn an_old_backup_is_restored_only_when_told() {
    let mut scene = Scene::serving().unwrap();
    let file = scene.dir().join("old.db");
    succeed(&scene, "backup", &[text(&file)]);
    scene.deliver(0, [30, 20, 2, 1]).unwrap();
    scene.collector.stop().unwrap();
    let before = fs::read(journal(&scene)).unwrap();
    let (code, words) = fail(&scene, "restore", &[text(&file)]);
    assert_eq!(code, Some(1), "{words}");
    assert!(words.contains("1 entry, since 20") && words.contains("--lose-entries"), "{words}");
    assert_eq!(fs::read(journal(&scene)).unwrap(), before);
    let said = succeed(&scene, "restore", &[text(&file), "--lose-entries"]);
    assert!(said.contains("Not in the log any more: 1 entry, since 20"), "{said}");
    assert!(said.contains("refuse this log"), "{said}");
    let aside = scene.collector.dir().join("journal.db.aside-1");
    assert_eq!(fs::read(aside).unwrap(), before, "it is kept");
    scene.collector.start(None).unwrap();
    assert_eq!(scene.votes().unwrap(), [0; 4]);
}

#[test]
fn a_full_disk_is_named_and_no_half_backup_stays_on_it() {
    let Some(disk) = SmallDisk::mount(1).unwrap() else { return };
    let scene = Scene::new().unwrap();
    disk.fill_but(8_192).unwrap();
    let file = disk.path().join("backup.db");
    let (code, words) = fail(&scene, "backup", &[text(&file)]);
    assert_eq!(code, Some(1), "{words}");
    assert!(words.contains("disk is full") && words.contains(text(disk.path())), "{words}");
    assert_eq!(fs::read_dir(disk.path()).unwrap().count(), 1, "only what filled it");
    disk.tidy_up().unwrap();
    succeed(&scene, "backup", &[text(&file)]);
}

/// Appends a form that no device has signed, as who has the collector's keys can.
fn append_forged(scene: &Scene) {
    let home = Home::existing(scene.collector.dir()).unwrap();
    let election = Arc::new(Election::new(pack::read(&home.election()).unwrap()));
    let origin = Config::read(&home.config()).unwrap().origin;
    let signer = LogSigner { origin, key: secret::read_key(&home.key("log.key")).unwrap() };
    let journal = Journal::open(&home.journal()).unwrap();
    let mut log = Log::open(journal, signer, &mut Ledger::new(Arc::clone(&election))).unwrap();
    let voice = Voice::new(&scene.bundle(0).unwrap()).unwrap();
    let form = voice.form(counts(&scene.stations[0].paper([90, 0, 0, 0])));
    let mut sealed = voice.seal(&form).unwrap().into_bytes();
    sealed[1..65].fill(0x5a);
    let entry = Entry::Form(Arrival { arrived_ms: 1, sealed });
    log.append(&[Staged::of(&election, &entry).unwrap()]).unwrap();
}

#[test]
fn a_form_that_no_device_has_signed_is_found_though_the_log_s_own_key_signed_over_it() {
    let mut scene = Scene::serving().unwrap();
    scene.deliver(1, [7, 6, 5, 4]).unwrap();
    scene.collector.stop().unwrap();
    assert_eq!(verified(&scene)["forms"], 1);
    append_forged(&scene);
    let (code, words) = fail(&scene, "verify", &[]);
    assert_eq!(code, Some(5), "{words}");
    let wanted = format!("entry {} is not signed by the device", FIRST_FORM + 1);
    assert!(words.contains(&wanted) && words.contains("log.key"), "{words}");
}
