//! The answers of a witness, what it has on the disk when it gives them, and what it
//! refuses to begin with.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::{Request, StatusCode};
use ed25519_dalek::Signer as _;
use saksi_proto::cosignature::cosignatures;
use saksi_proto::merkle::{Tree, leaf_hash};
use saksi_proto::note::format_signature;
use saksi_proto::witnessing::{MAX_REQUEST, SIZE_TYPE};
use tower::ServiceExt as _;

use super::kept::{CHECKPOINT, Disk, RealDisk};
use super::*;

const ORIGIN: &str = "saksi.example/log";
const NOW: u64 = 1_700_000_000;

/// A log that somebody else runs; with another `seed` of leaves it has another history.
struct OtherLog {
    key: SigningKey,
    tree: Tree,
}

impl OtherLog {
    fn new(history: u8) -> Self {
        let mut tree = Tree::default();
        (0..50).for_each(|at| tree.push(leaf_hash(&[history, at])));
        Self { key: SigningKey::from_bytes(&[7; 32]), tree }
    }

    fn public(&self) -> LogKey {
        LogKey { origin: ORIGIN.to_owned(), key: self.key.verifying_key() }
    }

    fn note(&self, size: u64) -> String {
        let root = self.tree.root_at(size);
        Checkpoint { origin: ORIGIN.to_owned(), size, root }.sign(&self.key)
    }

    fn request(&self, old: u64, size: u64) -> AddCheckpoint {
        let proof = if old <= size { self.tree.consistency_proof(old, size) } else { Vec::new() };
        AddCheckpoint { old, proof, note: self.note(size) }
    }
}

struct Scene {
    dir: tempfile::TempDir,
    log: OtherLog,
}

impl Scene {
    fn new() -> Self {
        let (dir, log) = (tempfile::tempdir().unwrap(), OtherLog::new(0));
        home::init(&dir.path().join("w"), "witness.example/w1").unwrap();
        home::add_log(&dir.path().join("w"), &log.public()).unwrap();
        Self { dir, log }
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("w")
    }

    fn open(&self) -> Witness {
        Witness::open(&self.path()).unwrap()
    }

    fn of_log(&self) -> PathBuf {
        self.path().join("logs").join(Digest::of(ORIGIN.as_bytes()).to_string())
    }

    fn file(&self) -> PathBuf {
        self.of_log().join(CHECKPOINT)
    }
}

fn ask(witness: &Witness, request: &AddCheckpoint) -> Answer {
    witness.add_checkpoint(request.to_string().as_bytes(), NOW)
}

fn is_cosigned(witness: &Witness, request: &AddCheckpoint, answer: &Answer) -> bool {
    let Answer::Cosigned(line) = answer else { return false };
    let note = format!("{}{line}", request.note);
    cosignatures(&note, &[witness.public_key()]).unwrap().len() == 1
}

#[test]
fn it_follows_a_log_and_never_goes_back_also_after_a_new_start() {
    let scene = Scene::new();
    let mut last = 0;
    for size in [0, 1, 2, 7, 7, 8, 31, 50] {
        let witness = scene.open();
        let request = scene.log.request(last, size);
        let answer = ask(&witness, &request);
        assert!(is_cosigned(&witness, &request, &answer), "{last} to {size}: {answer:?}");
        last = size;
        for back in [0, 6, 49].into_iter().filter(|back| *back != last) {
            let request = scene.log.request(back, 50);
            assert_eq!(ask(&scene.open(), &request), Answer::Conflict(last), "{back}");
        }
    }
}

#[test]
fn each_cause_has_its_answer_and_none_of_them_changes_what_is_known() {
    let scene = Scene::new();
    let witness = scene.open();
    ask(&witness, &scene.log.request(0, 20));
    let kept = fs::read(scene.file()).unwrap();
    let (good, other) = (scene.log.request(20, 30), OtherLog::new(1));
    let malformed = |answer: Answer| assert!(matches!(answer, Answer::Malformed(_)), "{answer:?}");
    malformed(witness.add_checkpoint(b"", NOW));
    malformed(ask(&witness, &AddCheckpoint { note: "no note".to_owned(), ..good.clone() }));
    malformed(ask(&witness, &scene.log.request(31, 30)));
    malformed(ask(&witness, &AddCheckpoint { old: 21, ..scene.log.request(20, 20) }));
    let strange = good.note.replace(ORIGIN, "other.example");
    assert_eq!(ask(&witness, &AddCheckpoint { note: strange, ..good.clone() }), Answer::UnknownLog);
    let forger = OtherLog { key: SigningKey::from_bytes(&[8; 32]), ..OtherLog::new(0) };
    assert_eq!(ask(&witness, &forger.request(20, 30)), Answer::Unsigned);
    let changed = good.note.replace("\n30\n", "\n31\n");
    assert_eq!(ask(&witness, &AddCheckpoint { note: changed, ..good.clone() }), Answer::Unsigned);
    for old in [0, 19, 21] {
        assert_eq!(ask(&witness, &scene.log.request(old, 30)), Answer::Conflict(20));
    }
    assert_eq!(ask(&witness, &other.request(20, 30)), Answer::Inconsistent);
    let mut proof = good.proof.clone();
    proof.pop();
    assert_eq!(ask(&witness, &AddCheckpoint { proof, ..good.clone() }), Answer::Inconsistent);
    let proof = vec![Digest([0; 32])];
    let same = AddCheckpoint { proof, ..scene.log.request(20, 20) };
    assert_eq!(ask(&witness, &same), Answer::Inconsistent);
    assert_eq!(ask(&witness, &other.request(20, 20)), Answer::OtherRoot);
    assert_eq!(ask(&witness, &other.request(0, 20)), Answer::Conflict(20));
    assert_eq!(fs::read(scene.file()).unwrap(), kept);
    let evidence: Vec<_> = fs::read_dir(scene.of_log().join("evidence")).unwrap().collect();
    assert_eq!(evidence.len(), 1, "the log's second history of size 20, once");
    let path = evidence.into_iter().next().unwrap().unwrap().path();
    assert_eq!(fs::read_to_string(path).unwrap(), other.note(20));
    assert!(is_cosigned(&witness, &good, &ask(&witness, &good)));
}

#[test]
fn a_proof_for_the_first_checkpoint_is_refused() {
    let scene = Scene::new();
    let request = AddCheckpoint { proof: vec![Digest([1; 32])], ..scene.log.request(0, 5) };
    assert_eq!(ask(&scene.open(), &request), Answer::Inconsistent);
    let empty = Checkpoint { origin: ORIGIN.to_owned(), size: 0, root: Digest([1; 32]) };
    let request = AddCheckpoint { old: 0, proof: Vec::new(), note: empty.sign(&scene.log.key) };
    assert_eq!(ask(&scene.open(), &request), Answer::OtherRoot);
}

#[test]
fn extension_lines_are_cosigned_and_others_signatures_are_not_kept() {
    let scene = Scene::new();
    let witness = scene.open();
    let signed = |extension: &str| {
        let note = scene.log.note(5);
        let body = format!("{}{extension}\n", Note::parse(&note).unwrap().body);
        let signature = scene.log.key.sign(body.as_bytes()).to_bytes();
        let own = format_signature(ORIGIN, scene.log.public().id(), &signature);
        format!("{body}\n{own}{}", format_signature(ORIGIN, [1; 4], &[2; 70]))
    };
    let note = signed("an extension");
    let request = AddCheckpoint { old: 0, proof: Vec::new(), note };
    assert!(is_cosigned(&witness, &request, &ask(&witness, &request)));
    let kept = fs::read_to_string(scene.file()).unwrap();
    assert!(kept.contains("an extension\n"), "{kept}");
    assert_eq!(Note::parse(&kept).unwrap().signatures.len(), 2, "{kept}");
    assert_eq!(scene.open().logs()[0].1, 5);
    let note = signed(&"x".repeat(1_740));
    let answer = ask(&witness, &AddCheckpoint { old: 5, proof: Vec::new(), note });
    assert!(matches!(answer, Answer::Malformed(_)), "{answer:?}");
    assert_eq!(scene.open().logs()[0].1, 5);
}

#[test]
fn a_clock_that_was_set_back_does_not_take_words_back() {
    let scene = Scene::new();
    let witness = scene.open();
    ask(&witness, &scene.log.request(0, 5));
    let request = scene.log.request(5, 6);
    let answer = witness.add_checkpoint(request.to_string().as_bytes(), NOW - 3_600);
    let Answer::Cosigned(line) = answer else { panic!("{answer:?}") };
    let found = cosignatures(&(request.note + &line), &[witness.public_key()]).unwrap();
    assert_eq!(found[0].time, NOW);
}

/// The specification's race: of requests at once, whatever their order, none goes back.
#[test]
fn requests_at_once_never_go_back() {
    let scene = Scene::new();
    let witness = scene.open();
    ask(&witness, &scene.log.request(0, 10));
    let cosigned = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for hand in 0..8_u64 {
            let (witness, cosigned, log) = (&witness, &cosigned, &scene.log);
            scope.spawn(move || {
                let mut known = 10;
                for step in 0..40 {
                    let size = (known + 1 + (hand + step) % 3).min(50);
                    let request = log.request(known, size);
                    match ask(witness, &request) {
                        Answer::Cosigned(_) => {
                            cosigned.lock().unwrap().push((known, size));
                            known = size;
                        }
                        Answer::Conflict(size) => known = size,
                        other => panic!("{other:?}"),
                    }
                }
            });
        }
    });
    // Each step goes on from where another one has ended: a chain, without a fork.
    let mut steps = cosigned.into_inner().unwrap();
    steps.retain(|(from, to)| from < to);
    steps.sort_unstable();
    assert!(steps.len() >= 14, "{steps:?}");
    assert_eq!((steps[0].0, steps[steps.len() - 1].1), (10, 50));
    assert!(steps.windows(2).all(|two| two[0].1 == two[1].0), "{steps:?}");
    assert_eq!(scene.open().logs()[0].1, 50);
}

/// A disk that writes down what is done to it, and fails at one step: before it is done,
/// or after.
struct FailingDisk {
    done: Arc<Mutex<Vec<String>>>,
    fails_at: usize,
    afterwards: bool,
}

impl FailingDisk {
    fn step(&self, name: String, act: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        let mut done = self.done.lock().unwrap();
        let fails = done.len() == self.fails_at;
        done.push(name);
        if fails && !self.afterwards {
            return Err(io::Error::other("the disk fails"));
        }
        act()?;
        if fails { Err(io::Error::other("the disk fails")) } else { Ok(()) }
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

impl Disk for FailingDisk {
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.step(format!("write {}", name(path)), || RealDisk.write(path, bytes))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let step = format!("rename {} {}", name(from), name(to));
        self.step(step, || RealDisk.rename(from, to))
    }

    fn sync_names(&self, directory: &Path) -> io::Result<()> {
        self.step("sync names".to_owned(), || RealDisk.sync_names(directory))
    }
}

#[test]
fn nothing_is_cosigned_that_is_not_kept_at_whatever_step_the_disk_fails() {
    let steps = ["write checkpoint.part", "rename checkpoint.part checkpoint", "sync names"];
    for fails_at in 0..=steps.len() {
        for afterwards in [false, true] {
            let scene = Scene::new();
            ask(&scene.open(), &scene.log.request(0, 10));
            let mut witness = scene.open();
            let done = Arc::new(Mutex::new(Vec::new()));
            // The first step is that of opening.
            let disk = FailingDisk { done: Arc::clone(&done), fails_at: fails_at + 1, afterwards };
            let public = witness.public_key();
            let kept = Kept::open(&scene.of_log(), scene.log.public(), &public, Box::new(disk));
            witness.logs.insert(ORIGIN.to_owned(), Mutex::new(kept.unwrap().unwrap()));
            let request = scene.log.request(10, 20);
            let answer = ask(&witness, &request);
            let place = format!("step {fails_at}, afterwards {afterwards}: {answer:?}");
            // What a start after a power cut at this moment finds.
            let found = scene.open().logs()[0].1;
            if fails_at == steps.len() {
                assert!(is_cosigned(&witness, &request, &answer), "{place}");
                assert_eq!(done.lock().unwrap()[1..], steps);
                assert_eq!(found, 20);
                continue;
            }
            assert_eq!(answer, Answer::NotKept, "{place}");
            assert!(found == 10 || (found == 20 && fails_at > 0), "{place}: {found}");
            let again = ask(&witness, &request);
            if fails_at == 0 {
                assert!(is_cosigned(&witness, &request, &again), "{place}: the old one stands");
            } else {
                assert_eq!(again, Answer::NotKept, "{place}: nobody knows which one stands");
                assert_eq!(ask(&witness, &scene.log.request(0, 1)), Answer::NotKept);
            }
        }
    }
}

#[test]
fn what_is_damaged_or_gone_is_not_begun_anew() {
    let refused = |scene: &Scene, file: &Path| match Witness::open(&scene.path()) {
        Err(WitnessFault::Damaged(found)) => assert_eq!(found, file),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("opened with {}", file.display()),
    };
    for cosigned in [false, true] {
        let scene = Scene::new();
        if cosigned {
            ask(&scene.open(), &scene.log.request(0, 10));
        }
        for file in [scene.file(), scene.of_log().join("log.vkey")] {
            let whole = fs::read(&file).unwrap();
            for at in 0..whole.len() - 1 {
                let mut changed = whole.clone();
                changed[at] ^= 1;
                fs::write(&file, &changed).unwrap();
                refused(&scene, &file);
            }
            fs::write(&file, &whole[..whole.len() / 2]).unwrap();
            refused(&scene, &file);
            fs::write(&file, "").unwrap();
            refused(&scene, &file);
            fs::remove_file(&file).unwrap();
            refused(&scene, &file);
            fs::write(&file, &whole).unwrap();
            scene.open();
        }
    }
}

#[test]
fn a_log_is_added_once_and_a_witness_made_once() {
    let scene = Scene::new();
    let (dir, log) = (scene.path(), scene.log.public());
    assert!(matches!(home::add_log(&dir, &log), Err(WitnessFault::LogExists { .. })));
    assert!(matches!(home::init(&dir, "w"), Err(WitnessFault::Exists(_))));
    let name = home::init(&scene.dir.path().join("x"), "a name");
    assert!(matches!(name, Err(WitnessFault::Name(_))));
    assert!(!scene.dir.path().join("x").exists());
    // A directory that a power cut has left half made is made again.
    let other = LogKey { origin: "other.example".to_owned(), ..log };
    let beside = Digest::of(b"other.example").to_string() + ".part";
    fs::create_dir(dir.join("logs").join(beside)).unwrap();
    assert_eq!(scene.open().logs().len(), 1);
    home::add_log(&dir, &other).unwrap();
    assert_eq!(scene.open().logs().len(), 2);
    let held = home::lock(&dir).unwrap();
    assert!(matches!(home::lock(&dir), Err(WitnessFault::InUse(_))));
    drop(held);
    // The public key of another witness.
    fs::write(dir.join("witness.vkey"), format!("{}\n", other_key())).unwrap();
    assert!(matches!(Witness::open(&dir), Err(WitnessFault::PublicKey(_))));
}

fn other_key() -> WitnessKey {
    WitnessKey::new("w", SigningKey::from_bytes(&[9; 32]).verifying_key()).unwrap()
}

#[tokio::test]
async fn over_http_the_numbers_are_those_of_the_specification() {
    let scene = Scene::new();
    let router = http::router(scene.open());
    let other = OtherLog::new(1);
    let strange = scene.log.note(5).replace(ORIGIN, "other.example");
    let unsigned = scene.log.note(5).replace("\n5\n", "\n6\n");
    let of_note = |note| AddCheckpoint { note, ..scene.log.request(0, 5) }.to_string();
    for (body, status, kind) in [
        (scene.log.request(0, 5).to_string(), 200, "text/plain; charset=utf-8"),
        ("old 5\n".to_owned(), 400, "text/plain; charset=utf-8"),
        (of_note(unsigned), 403, "text/plain; charset=utf-8"),
        (of_note(strange), 404, "text/plain; charset=utf-8"),
        (scene.log.request(0, 9).to_string(), 409, SIZE_TYPE),
        (other.request(5, 5).to_string(), 409, "text/plain; charset=utf-8"),
        (other.request(5, 9).to_string(), 422, "text/plain; charset=utf-8"),
        ("x".repeat(MAX_REQUEST + 1), 413, "text/plain; charset=utf-8"),
    ] {
        let request = Request::post("/add-checkpoint").body(Body::from(body.clone())).unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::from_u16(status).unwrap(), "{body}");
        assert_eq!(response.headers()["content-type"], kind, "{body}");
        let text = axum::body::to_bytes(response.into_body(), 1 << 16).await.unwrap();
        if kind == SIZE_TYPE {
            assert_eq!(text, "5\n");
        }
    }
    let request = Request::get("/add-checkpoint").body(Body::empty()).unwrap();
    let response = router.oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
}
