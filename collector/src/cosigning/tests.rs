//! Real witnesses and false ones, over loopback.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use saksi_proto::SigningKey;
use saksi_proto::cosignature::{cosign, cosignatures};
use saksi_proto::merkle::{Tree, leaf_hash};
use saksi_proto::witnessing::AddCheckpoint;

use super::settings::Witness;
use super::*;

const TIME: u64 = 1_700_000_000;

struct Log {
    key: SigningKey,
    tree: Tree,
}

impl Log {
    fn new(history: u8) -> Self {
        let mut tree = Tree::default();
        (0..50).for_each(|at| tree.push(leaf_hash(&[history, at])));
        Self { key: SigningKey::from_bytes(&[7; 32]), tree }
    }

    fn checkpoint(&self, size: u64) -> (Checkpoint, String) {
        let root = self.tree.root_at(size);
        let checkpoint = Checkpoint { origin: "saksi.example/log".to_owned(), size, root };
        let note = checkpoint.sign(&self.key);
        (checkpoint, note)
    }

    fn cosigned(&self, cosigners: &mut Cosigners, size: u64) -> String {
        let (checkpoint, note) = self.checkpoint(size);
        let text =
            cosigners.cosign(&checkpoint, &note, &|old| Ok(self.tree.consistency_proof(old, size)));
        assert!(text.starts_with(&note));
        cosigners.published(&checkpoint, &text);
        text
    }
}

impl Log {
    /// How many have cosigned it.
    fn counted(&self, cosigners: &mut Cosigners, size: u64) -> usize {
        let text = self.cosigned(cosigners, size);
        count(cosigners, &text)
    }
}

/// Answers of a witness, one a request; each is given the request and makes the whole
/// response.
type Answers = Vec<Box<dyn FnOnce(&AddCheckpoint) -> String + Send>>;

/// A witness of these answers, and what it was asked. After the last it hangs up.
fn fake(seed: u8, answers: Answers) -> (Witness, mpsc::Receiver<AddCheckpoint>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/prefix/", listener.local_addr().unwrap());
    let (told, asked) = mpsc::channel();
    thread::spawn(move || {
        for answer in answers {
            let (stream, _) = listener.accept().unwrap();
            let mut lines = BufReader::new(stream);
            let (mut length, mut line) = (0, String::new());
            lines.read_line(&mut line).unwrap();
            assert_eq!(line, "POST /prefix/add-checkpoint HTTP/1.1\r\n");
            while line != "\r\n" {
                line.clear();
                lines.read_line(&mut line).unwrap();
                let lower = line.to_lowercase();
                if let Some(number) = lower.strip_prefix("content-length: ") {
                    length = number.trim().parse().unwrap();
                }
            }
            let mut body = vec![0; length];
            lines.read_exact(&mut body).unwrap();
            let request = AddCheckpoint::parse(&body).unwrap();
            let response = answer(&request);
            // Not every test wants to know.
            drop(told.send(request));
            lines.get_mut().write_all(response.as_bytes()).unwrap();
        }
    });
    (Witness { url, key: key(seed) }, asked)
}

fn key(seed: u8) -> WitnessKey {
    let public = SigningKey::from_bytes(&[seed; 32]).verifying_key();
    WitnessKey::new(&format!("w{seed}.example"), public).unwrap()
}

fn line(seed: u8, note: &str) -> String {
    let body = saksi_proto::note::Note::parse(note).unwrap().body;
    cosign(&format!("w{seed}.example"), &SigningKey::from_bytes(&[seed; 32]), body, TIME)
}

fn response(status: u16, kind: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Type: {kind}\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn cosigns(seed: u8) -> Box<dyn FnOnce(&AddCheckpoint) -> String + Send> {
    Box::new(move |request| response(200, "text/plain", &line(seed, &request.note)))
}

fn says(
    status: u16,
    kind: &'static str,
    body: &'static str,
) -> Box<dyn FnOnce(&AddCheckpoint) -> String + Send> {
    Box::new(move |_| response(status, kind, body))
}

fn ask_one(
    url: &str,
    key: &WitnessKey,
    size: u64,
    question: &Question<'_>,
) -> Result<Asked, Trouble> {
    let (_, answer) = ask::ask_all(&[(0, &ask::door(url), size)], question).remove(0);
    ask::verified(key, question.note, &answer?)
}

fn cosigners(witnesses: Vec<Witness>, needed: usize) -> Cosigners {
    let patience = Duration::from_secs(20);
    Cosigners::new(Settings { witnesses, needed, patience }, Arc::new(Metrics::new()))
}

fn count(cosigners: &Cosigners, text: &str) -> usize {
    cosignatures(text, cosigners.settings.policy().witnesses()).unwrap().len()
}

#[test]
fn all_are_asked_and_what_they_say_is_verified() {
    let log = Log::new(0);
    let other = |request: &AddCheckpoint| {
        // One that it does not know, before its own.
        response(200, "text/plain", &(line(99, &request.note) + &line(2, &request.note)))
    };
    let (one, asked) = fake(1, vec![cosigns(1), cosigns(1)]);
    let (two, _) = fake(2, vec![Box::new(other)]);
    let (forged, _) = fake(3, vec![cosigns(4)]);
    let over = |request: &AddCheckpoint| {
        response(200, "text/plain", &line(5, &Log::new(0).checkpoint(request.old + 1).1))
    };
    let (of_another, _) = fake(5, vec![Box::new(over)]);
    let long = Box::new(|_: &AddCheckpoint| response(200, "text/plain", &"x".repeat(5_000)));
    let (too_long, _) = fake(6, vec![long]);
    let mut cosigners = cosigners(vec![one, two, forged, of_another, too_long], 2);
    let newest = cosigners.newest();
    assert_eq!(*newest.borrow(), None);
    let text = log.cosigned(&mut cosigners, 10);
    assert_eq!(count(&cosigners, &text), 2);
    let witnessed = newest.borrow().clone().unwrap();
    assert_eq!((witnessed.checkpoint.size, &witnessed.note), (10, &text));
    assert_eq!(asked.recv().unwrap().old, 0);
    // The second is gone: one does not suffice, and the newest stays.
    let text = log.cosigned(&mut cosigners, 20);
    assert_eq!(count(&cosigners, &text), 1);
    assert_eq!(newest.borrow().as_ref().unwrap().checkpoint.size, 10);
    let again = asked.recv().unwrap();
    assert_eq!((again.old, again.proof), (10, log.tree.consistency_proof(10, 20)));
    let metrics = cosigners.metrics.text(crate::places::Count {
        connections: 0,
        handshakes: 0,
        addresses: 0,
        devices: 0,
    });
    for wanted in [
        "saksi_cosignatures_total{witness=\"w1.example\"} 2",
        "saksi_cosignatures_total{witness=\"w2.example\"} 1",
        "saksi_cosigning_failures_total{witness=\"w2.example\"} 1",
        "saksi_cosigning_failures_total{witness=\"w3.example\"} 1",
        "saksi_cosigning_failures_total{witness=\"w1.example\"} 0",
    ] {
        assert!(metrics.lines().any(|line| line == wanted), "{wanted}\n{metrics}");
    }
}

#[test]
fn a_witness_that_knows_more_is_asked_once_more() {
    let log = Log::new(0);
    let (one, asked) = fake(1, vec![says(409, "text/x.tlog.size", "7\n"), cosigns(1)]);
    let mut one_of_one = cosigners(vec![one], 1);
    let text = log.cosigned(&mut one_of_one, 10);
    assert_eq!(count(&one_of_one, &text), 1);
    let sizes: Vec<_> = asked.try_iter().map(|request| request.old).collect();
    assert_eq!(sizes, [0, 7]);
    let twice = vec![says(409, "text/x.tlog.size", "7\n"), says(409, "text/x.tlog.size", "8\n")];
    let (one, asked) = fake(1, twice);
    let mut one_of_one = cosigners(vec![one], 1);
    assert_eq!(log.counted(&mut one_of_one, 10), 0);
    assert_eq!(asked.try_iter().count(), 2);
}

#[test]
fn a_witness_of_another_log_is_told_from_one_that_is_silent() {
    let (log, key) = (Log::new(0), key(1));
    let (checkpoint, note) = log.checkpoint(10);
    let trouble = |answer| {
        let (one, _asked) = fake(1, vec![answer]);
        let until = Instant::now() + Duration::from_secs(20);
        let proofs = |old| Ok(log.tree.consistency_proof(old, 10));
        let question = Question { checkpoint: &checkpoint, note: &note, proofs: &proofs, until };
        ask_one(&one.url, &key, 5, &question).unwrap_err()
    };
    for answer in [
        says(422, "text/plain", "inconsistent\n"),
        says(409, "text/plain", "another root\n"),
        says(409, "text/x.tlog.size", "11\n"),
    ] {
        let found = trouble(answer);
        assert!(matches!(found, Trouble::OtherLog(_)), "{found:?}");
    }
    for status in [400, 403, 404] {
        let found = trouble(says(status, "text/plain", "no\n"));
        assert_eq!(found, Trouble::Refused(format!("it answers {status} (no)")));
    }
    for (status, kind, body) in [
        (500, "text/plain", ""),
        (503, "text/plain", ""),
        (429, "text/plain", ""),
        (302, "text/plain", ""),
        (200, "text/plain", ""),
        (200, "text/plain", "no line\n"),
        (409, "text/x.tlog.size", "07\n"),
        (409, "text/x.tlog.size", "7"),
    ] {
        let found = trouble(says(status, kind, body));
        assert!(matches!(found, Trouble::Silent(_)), "{status} {body}: {found:?}");
    }
}

#[test]
fn who_does_not_answer_costs_the_time_allowed_once_and_is_left_alone() {
    let log = Log::new(0);
    // It takes connections, and says nothing.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (one, _asked) = fake(1, vec![cosigns(1), cosigns(1)]);
    let silent = Witness { url, key: key(2) };
    let mut cosigners = cosigners(vec![silent, one], 1);
    cosigners.settings.patience = Duration::from_secs(1);
    let begun = Instant::now();
    assert_eq!(log.counted(&mut cosigners, 10), 1);
    let took = begun.elapsed();
    assert!(took >= Duration::from_secs(1) && took < Duration::from_secs(10), "{took:?}");
    let begun = Instant::now();
    assert_eq!(log.counted(&mut cosigners, 11), 1);
    assert!(begun.elapsed() < Duration::from_secs(1), "it is left alone");
    drop(listener);
}

#[test]
fn what_is_lacking_is_asked_for_again_and_what_has_come_is_kept() {
    let log = Log::new(0);
    let (one, first) = fake(1, vec![cosigns(1)]);
    let (two, second) = fake(2, vec![says(500, "text/plain", ""), cosigns(2)]);
    let mut cosigners = cosigners(vec![one, two], 2);
    let newest = cosigners.newest();
    assert_eq!(cosigners.due(), None);
    assert_eq!(log.counted(&mut cosigners, 10), 1);
    assert!(newest.borrow().is_none());
    let due = cosigners.due().unwrap();
    assert!(due > Instant::now() && due <= Instant::now() + Duration::from_secs(1));
    // Its rest is over.
    cosigners.witnesses[1] = Standing::new(ask::door(&cosigners.settings.witnesses[1].url));
    let text = log.cosigned(&mut cosigners, 10);
    assert_eq!(count(&cosigners, &text), 2);
    assert_eq!(newest.borrow().as_ref().unwrap().note, text);
    assert_eq!(cosigners.due(), None);
    assert_eq!((first.try_iter().count(), second.try_iter().count()), (1, 2));
}

#[test]
fn a_collector_that_starts_again_asks_for_what_its_last_checkpoint_lacks() {
    let log = Log::new(0);
    let (one, first) = fake(1, vec![]);
    let (two, second) = fake(2, vec![cosigns(2)]);
    let mut cosigners = cosigners(vec![one, two], 1);
    let (checkpoint, note) = log.checkpoint(10);
    cosigners.resume(&checkpoint, &note, &(note.clone() + &line(1, &note)));
    assert_eq!(cosigners.newest().borrow().as_ref().unwrap().checkpoint.size, 10);
    assert!(cosigners.due().unwrap() <= Instant::now());
    assert_eq!(log.counted(&mut cosigners, 10), 2);
    assert_eq!((first.try_iter().count(), second.try_iter().count()), (0, 1));
    // What is not a note of this checkpoint is nothing.
    cosigners.resume(&log.checkpoint(11).0, &log.checkpoint(11).1, &note);
    assert_eq!(cosigners.newest().borrow().as_ref().unwrap().checkpoint.size, 10);
}

#[test]
fn without_witnesses_everything_is_witnessed_at_once() {
    let log = Log::new(0);
    let mut cosigners = cosigners(Vec::new(), 0);
    let text = log.cosigned(&mut cosigners, 3);
    assert_eq!(text, log.checkpoint(3).1);
    assert_eq!(cosigners.newest().borrow().as_ref().unwrap().checkpoint.size, 3);
    assert_eq!(cosigners.due(), None);
}

/// Our own witness, over HTTP: it follows, and it does not follow another history.
#[test]
fn our_own_witness_cosigns_and_refuses_a_second_history() {
    let log = Log::new(0);
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("w");
    let key = crate::witness::home::init(&home, "w.example").unwrap();
    let public = LogKey { origin: "saksi.example/log".to_owned(), key: log.key.verifying_key() };
    crate::witness::home::add_log(&home, &public).unwrap();
    let witness = crate::witness::Witness::open(&home).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let stopping = tokio_util::sync::CancellationToken::new();
    let serving = runtime.spawn(crate::witness::http::serve(listener, witness, stopping.clone()));
    let at_it = |key: &WitnessKey| vec![Witness { url: url.clone(), key: key.clone() }];
    let mut own = cosigners(at_it(&key), 1);
    for size in [1, 7, 7, 30] {
        assert_eq!(log.counted(&mut own, size), 1, "{size}");
    }
    // A collector that has started again, and one that was set back.
    let mut again = cosigners(at_it(&key), 1);
    assert_eq!(log.counted(&mut again, 40), 1);
    let mut troubles = Vec::new();
    for (log, size) in [(Log::new(0), 39), (Log::new(1), 40), (Log::new(1), 50)] {
        let (checkpoint, note) = log.checkpoint(size);
        let until = Instant::now() + Duration::from_secs(20);
        let proofs = |old| Ok(log.tree.consistency_proof(old, size));
        let question = Question { checkpoint: &checkpoint, note: &note, proofs: &proofs, until };
        troubles.push(ask_one(&url, &key, 0, &question).unwrap_err());
    }
    for trouble in troubles {
        assert!(matches!(trouble, Trouble::OtherLog(_)), "{trouble:?}");
    }
    stopping.cancel();
    runtime.block_on(serving).unwrap().unwrap();
}
