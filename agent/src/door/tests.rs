//! The daemon and its visitors.

use std::time::Duration;

use saksi_proto::text::Language;
use tokio::sync::oneshot;

use super::*;
use crate::agent::Agent;
use crate::desk::{Request, TroubleKind};
use crate::forward::{Forwarding, Retry};
use crate::testing::{Device, address};

fn status() -> Envelope {
    Envelope::new(Language::English, Request::Status)
}

/// A collector that nobody is at.
fn nobody() -> Forwarding {
    let retry = Retry { start: Duration::from_secs(3_600), ..Retry::default() };
    Forwarding { collectors: vec![address("127.0.0.1:1", "localhost")], retry }
}

/// Runs the daemon of `device` in another thread while `visit` goes on.
fn with_daemon(directory: &Directory, visit: impl FnOnce()) {
    let (stop, stopped) = oneshot::channel::<()>();
    let (ready, is_ready) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let agent = Agent::open(directory.path()).unwrap();
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async {
                let shutdown = async {
                    // Polled for the first time when the door stands open.
                    ready.send(()).unwrap();
                    stopped.await.unwrap();
                };
                agent.run(&nobody(), shutdown).await.unwrap();
            });
        });
        is_ready.recv().unwrap();
        visit();
        stop.send(()).unwrap();
    });
}

#[test]
fn without_a_daemon_nobody_answers() {
    let device = Device::new();
    assert!(ask(&device.directory(), &status()).unwrap().is_none());
    std::fs::write(device.path().join("door"), "left over").unwrap();
    assert!(ask(&device.directory(), &status()).unwrap().is_none());
    let nowhere = Directory::new(&device.path().join("none"));
    assert!(ask(&nowhere, &status()).unwrap().is_none());
}

#[test]
fn what_is_asked_at_the_door_is_done() {
    let device = Device::new();
    let directory = device.directory();
    std::fs::write(device.path().join("door"), "left over").unwrap();
    with_daemon(&directory, || {
        let mode = device.path().join("door").metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let submit = Request::Submit(device.good_form("ppwp"));
        let answer = ask(&directory, &Envelope::new(Language::English, submit)).unwrap();
        let Some(Answer::Submitted(submitted)) = answer else { panic!("{answer:?}") };
        assert!(submitted.is_new);
        let answer = ask(&directory, &status()).unwrap();
        let Some(Answer::Status(status)) = answer else { panic!("{answer:?}") };
        assert_eq!(status.contests[0].digest, Some(submitted.digest));
        let receipt = Request::Receipt { form: Some("ppwp".to_owned()) };
        let answer = ask(&directory, &Envelope::new(Language::English, receipt)).unwrap();
        let Some(Answer::Trouble(trouble)) = answer else { panic!("{answer:?}") };
        assert_eq!(trouble.kind, TroubleKind::Unknown);
    });
    assert!(!device.path().join("door").exists(), "the door is taken away");
    assert_eq!(device.agent().forms().unwrap().len(), 1);
}

#[test]
fn a_visitor_who_talks_nonsense_does_not_disturb_the_next() {
    let device = Device::new();
    let directory = device.directory();
    with_daemon(&directory, || {
        let way = Way::to(&directory).unwrap();
        let mut nonsense = StdStream::connect(way.socket()).unwrap();
        nonsense.write_all(b"{\"language\":\n").unwrap();
        let mut answer = Vec::new();
        nonsense.read_to_end(&mut answer).unwrap();
        assert!(answer.is_empty(), "no answer to what is no question");
        assert!(ask(&directory, &status()).unwrap().is_some());
    });
}

#[test]
fn a_directory_with_a_long_path_has_a_door_too() {
    let device = Device::new();
    let long = device.path().join("d".repeat(200));
    Agent::init(&long, &device.bundle).unwrap();
    let directory = Directory::new(&long);
    with_daemon(&directory, || assert!(ask(&directory, &status()).unwrap().is_some()));
}
