//! Stopped, killed, raced and damaged: it never goes back, and never begins anew.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use saksi_proto::cosignature::{WitnessKey, cosignatures};
use saksi_tests::collector::command;
use saksi_tests::witness::{PlayedLog, Witness, ask};
use tempfile::TempDir;

const ORIGIN: &str = "log.example/1";

fn scene() -> (TempDir, Witness, PlayedLog) {
    let dir = tempfile::tempdir().unwrap();
    let log = PlayedLog::new(ORIGIN, 0, 5_000);
    let witness = Witness::make(&dir.path().join("w"), "w.example").unwrap();
    witness.add_log(&log.vkey()).unwrap();
    (dir, witness, log)
}

/// The directory of its one log.
fn of_log(dir: &TempDir) -> PathBuf {
    let mut logs = fs::read_dir(dir.path().join("w/logs")).unwrap();
    logs.next().unwrap().unwrap().path()
}

#[test]
fn what_it_has_cosigned_it_knows_after_a_stop_and_after_a_kill() {
    let (_dir, mut witness, log) = scene();
    witness.start(None).unwrap();
    let answer = ask(witness.url().unwrap(), &log.request(0, 100)).unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    let key: WitnessKey = witness.key().parse().unwrap();
    let note = log.note(100) + &answer.text;
    assert_eq!(cosignatures(&note, &[key]).unwrap().len(), 1);
    witness.stop().unwrap();
    witness.start(None).unwrap();
    assert_eq!(witness.sizes().unwrap(), [100]);
    let (strange, forked) = (PlayedLog::new("x.example", 0, 9), PlayedLog::new(ORIGIN, 1, 200));
    let url = witness.url().unwrap().to_owned();
    let answer = |body: &str| {
        let answer = ask(&url, body).unwrap();
        (answer.status, answer.kind.starts_with("text/x.tlog.size"), answer.text)
    };
    assert_eq!(answer(&log.request(0, 200)), (409, true, "100\n".to_owned()));
    assert_eq!(answer(&log.request(50, 60)), (409, true, "100\n".to_owned()));
    assert_eq!(answer(&log.request(101, 100)).0, 400);
    assert_eq!(answer(&strange.request(0, 9)).0, 404);
    assert_eq!(answer(&log.request(100, 150).replace("\n150\n", "\n151\n")).0, 403);
    assert_eq!(answer(&forked.request(100, 200)).0, 422);
    let (status, is_size, _) = answer(&forked.request(100, 100));
    assert_eq!((status, is_size), (409, false));
    assert_eq!(answer(&log.request(100, 101)).0, 200);
    witness.kill().unwrap();
    assert_eq!(witness.sizes().unwrap(), [101]);
}

#[test]
fn killed_at_any_moment_it_knows_whatever_it_has_answered() {
    let (_dir, mut witness, log) = scene();
    let mut sizes = vec![0];
    for round in 0..12_u64 {
        witness.start(None).unwrap();
        let url = witness.url().unwrap().to_owned();
        let (known, answered) = (*sizes.last().unwrap(), AtomicU64::new(0));
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let mut old = known;
                // Until it is killed.
                while let Ok(answer) = ask(&url, &log.request(old, old + 1)) {
                    assert_eq!(answer.status, 200, "{answer:?}");
                    old += 1;
                    answered.store(old, Ordering::SeqCst);
                }
            });
            let wanted = known + 2 + round;
            while answered.load(Ordering::SeqCst) < wanted {
                std::thread::yield_now();
            }
            witness.kill().unwrap();
        });
        let (found, told) = (witness.sizes().unwrap()[0], answered.load(Ordering::SeqCst));
        // What was under way may be kept, or not.
        assert!(found == told || found == told + 1, "{found}, and {told} were answered");
        sizes.push(found);
    }
}

#[test]
fn requests_at_once_go_forward_only() {
    let (_dir, mut witness, log) = scene();
    witness.start(None).unwrap();
    let url = witness.url().unwrap().to_owned();
    let largest = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for hand in 1..=6_u64 {
            let (url, log, largest) = (&url, &log, &largest);
            scope.spawn(move || {
                let mut old = 0;
                for _ in 0..40 {
                    let before = largest.load(Ordering::SeqCst);
                    let answer = ask(url, &log.request(old, old + hand)).unwrap();
                    match answer.status {
                        200 => {
                            old += hand;
                            assert!(old > before, "{old} after {before} was answered");
                            largest.fetch_max(old, Ordering::SeqCst);
                        }
                        409 => old = answer.text.trim_end().parse().unwrap(),
                        _ => panic!("{answer:?}"),
                    }
                }
            });
        }
    });
    assert_eq!(witness.sizes().unwrap(), [largest.load(Ordering::SeqCst)]);
}

#[test]
fn a_damaged_or_missing_state_is_refused_with_its_name_and_never_begun_anew() {
    let (dir, mut witness, log) = scene();
    witness.start(None).unwrap();
    assert_eq!(ask(witness.url().unwrap(), &log.request(0, 7)).unwrap().status, 200);
    // Beside a running one nobody starts a second.
    let path = dir.path().join("w");
    let second = command(&["witness", "serve", path.to_str().unwrap()]).unwrap();
    assert_eq!(second.status.code(), Some(4));
    witness.stop().unwrap();
    let file = of_log(&dir).join("checkpoint");
    let whole = fs::read(&file).unwrap();
    let mut refused = |what: &str| {
        let words = witness.start(None).unwrap_err().to_string();
        assert!(words.contains("(Some(4))"), "{what}: {words}");
        assert!(words.contains(file.to_str().unwrap()), "{what}: {words}");
        assert!(words.contains("does not begin anew"), "{what}: {words}");
    };
    let mut changed = whole.clone();
    changed[40] ^= 1;
    fs::write(&file, &changed).unwrap();
    refused("one bit");
    fs::write(&file, "").unwrap();
    refused("empty");
    fs::remove_file(&file).unwrap();
    refused("gone");
    fs::write(&file, &whole).unwrap();
    witness.start(None).unwrap();
    assert_eq!(ask(witness.url().unwrap(), &log.request(7, 8)).unwrap().status, 200);
}

#[test]
fn its_key_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let (dir, mut witness, _) = scene();
    let key = dir.path().join("w/witness.key");
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).unwrap();
    let words = witness.start(None).unwrap_err().to_string();
    assert!(words.contains("chmod 600") && words.contains("(Some(4))"), "{words}");
}
