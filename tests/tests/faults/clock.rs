//! T12: the device's clock stands in 1970, or ten years ahead, or is put back an hour.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use saksi_tests::binaries;
use saksi_tests::device;
use saksi_tests::kenya::CONTEST;
use saksi_tests::poll;
use saksi_tests::scene::{Scene, collector_at, free_address};
use serde_json::Value;

use super::*;

/// Milliseconds of ten years.
const TEN_YEARS: u64 = 10 * 365 * 86_400_000;

#[test]
fn t12_a_form_sealed_in_1970_or_in_ten_years_is_sent_and_both_times_are_shown() {
    let scene = Scene::serving().unwrap();
    let ahead = |agent: &Agent| agent.now_ms() + TEN_YEARS;
    let clocks: [fn(&Agent) -> u64; 2] = [|_| 60_000, ahead];
    for (station, clock) in clocks.into_iter().enumerate() {
        let name = format!("clock-{station}");
        let bundle = scene.bundle(station).unwrap();
        let agent = device::open(&scene.agent_dir(&name), &bundle).unwrap();
        let form = scene.stations[station].paper([30, 20, 2, 1]).to_json().to_string();
        let submission = Submission { form, ..Submission::default() };
        let device_ms = clock(&agent);
        let before_ms = agent.now_ms();
        agent.submit(submission, device_ms).unwrap();
        device::deliver(&agent, &scene.collector.address().unwrap()).unwrap();
        all_proven(&scene, &agent);
        shown(&scene, station, device_ms, before_ms);
    }
    assert_eq!(scene.votes().unwrap(), [60, 40, 4, 2]);
}

/// Checks that the API shows the device's time as it was, and when the form came.
fn shown(scene: &Scene, station: usize, device_ms: u64, before_ms: u64) {
    let form = forms(scene, station).remove(0);
    assert_eq!(form["device_ms"], device_ms);
    let arrived_ms = form["arrived_ms"].as_u64().unwrap();
    let after = arrived_ms.checked_sub(before_ms);
    assert!(after.is_some_and(|after| after < 60_000), "{before_ms}, then {arrived_ms}");
}

/// The library that puts another clock before a program's own; says so if there is none.
/// It is loaded without its wrapper `faketime`: that one ends with an error if a process
/// of the same number was once killed, since the semaphore of that one is still there.
fn library() -> Option<PathBuf> {
    let kinds = std::fs::read_dir("/usr/lib").unwrap().map(|kind| kind.unwrap().path());
    let found =
        kinds.map(|kind| kind.join("faketime/libfaketime.so.1")).find(|library| library.exists());
    let ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(found.is_some() || !ci, "CI needs Debian's package faketime");
    if found.is_none() {
        eprintln!("SKIPPED: this test needs Debian's package faketime");
    }
    found
}

/// The program `saksi-agent` on a device whose clock is wrong.
struct Clocked<'a> {
    dir: &'a Path,
    library: PathBuf,
    /// As libfaketime reads it.
    time: &'static str,
}

impl Clocked<'_> {
    fn program(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binaries::path("saksi-agent").unwrap());
        // Timers follow the monotonic clock, which no wrong date moves.
        command.env("LD_PRELOAD", &self.library).env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        command.env("FAKETIME", self.time).arg("--dir").arg(self.dir);
        command.args(["--language", "en"]).args(arguments).stdin(Stdio::null());
        command
    }

    fn command(&self, arguments: &[&str]) -> Output {
        self.program(arguments).output().unwrap()
    }
}

/// A daemon that ends with the test.
struct Daemon(Child);

impl Daemon {
    fn start(clocked: &Clocked<'_>, scene: &Scene) -> Self {
        let address = scene.collector.address().unwrap();
        let to = format!("{}={}", address.address, address.name);
        let mut program = clocked.program(&["run", "--collector", &to]);
        Self(program.stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Stores a form on a device whose clock is wrong.
fn store(scene: &Scene, clocked: &Clocked<'_>) {
    let form = scene.dir().join("form.json");
    std::fs::write(&form, scene.stations[0].paper([30, 20, 2, 1]).to_json().to_string()).unwrap();
    let stored = clocked.command(&["submit", form.to_str().unwrap()]);
    assert!(stored.status.success(), "{stored:?}");
}

#[test]
fn t12_a_device_in_1970_counts_from_what_it_knows_and_its_doctor_says_so() {
    let Some(library) = library() else {
        return;
    };
    let scene = Scene::serving().unwrap();
    let agent = scene.agent("clocked", 0).unwrap();
    let dir = scene.agent_dir("clocked");
    let clocked = Clocked { dir: &dir, library, time: "@1970-01-02 00:00:00" };
    store(&scene, &clocked);
    let examined = clocked.command(&["doctor", "--json"]);
    assert_eq!(examined.status.code(), Some(15));
    let found: Value = serde_json::from_slice(&examined.stdout).unwrap();
    assert_eq!(found["clock"]["source"], "bundle");
    let daemon = Daemon::start(&clocked, &scene);
    agent.received(CONTEST).unwrap();
    drop(daemon);
    assert_eq!(scene.votes().unwrap(), [30, 20, 2, 1]);
    let issued_ms = scene.bundle(0).unwrap().papers.issued_ms;
    let form = forms(&scene, 0).remove(0);
    let sealed = form["device_ms"].as_u64().unwrap().checked_sub(issued_ms);
    assert!(sealed.is_some_and(|after| after < 60_000), "from the bundle's time on: {form}");
}

/// The certificates of both sides end after two years, so such a device cannot know
/// whom it speaks to. It says so, and sends once its clock is set.
#[test]
fn t12_a_device_ten_years_ahead_stores_says_why_it_waits_and_sends_when_its_clock_is_set() {
    let Some(library) = library() else {
        return;
    };
    let scene = Scene::serving().unwrap();
    let mut agent = scene.agent("clocked", 0).unwrap();
    let dir = scene.agent_dir("clocked");
    let clocked = Clocked { dir: &dir, library, time: "+10y" };
    store(&scene, &clocked);
    let daemon = Daemon::start(&clocked, &scene);
    let failed = agent.failed(CONTEST).unwrap();
    assert_eq!((&failed["due"], &failed["state"]), (&true.into(), &"stored".into()));
    assert_eq!(failed["last_failure"]["reason"], "collector-expired");
    drop(daemon);
    agent.run(&scene.collector.address().unwrap()).unwrap();
    agent.received(CONTEST).unwrap();
    let form = forms(&scene, 0).remove(0);
    let [sealed, arrived] = ["device_ms", "arrived_ms"].map(|key| form[key].as_u64().unwrap());
    assert!(sealed > arrived + TEN_YEARS / 2, "both times are shown: {form}");
}

/// Timers do not follow it, and what the device learnt of the time stays.
#[test]
fn t12_a_clock_that_is_put_back_an_hour_holds_nothing_up_and_no_form_seems_older() {
    let Some(library) = library() else {
        return;
    };
    let mut scene = Scene::new().unwrap();
    let (agents, web) = (free_address().unwrap(), free_address().unwrap());
    let mut agent = scene.agent("set-back", 0).unwrap();
    let shift = scene.dir().join("shift");
    std::fs::write(&shift, "+0h").unwrap();
    let mut daemon = Command::new(binaries::path("saksi-agent").unwrap());
    daemon.env("LD_PRELOAD", library).env("FAKETIME_TIMESTAMP_FILE", &shift);
    daemon.env("FAKETIME_NO_CACHE", "1").env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    agent.run_by(daemon, &collector_at(agents)).unwrap();
    let paper = |votes| scene.stations[0].paper([votes, 20, 2, 1]).to_json();
    let (first, second) = (paper(30), paper(31));
    assert!(agent.submit(&first, &[]).unwrap().status.success());
    agent.failed(CONTEST).unwrap();

    std::fs::write(&shift, "-1h").unwrap();
    scene.collector.start(Some((agents, web))).unwrap();
    let received = agent.received(CONTEST).unwrap();
    let correct = ["--correct", "--reason", "miscopied"];
    assert!(agent.submit(&second, &correct).unwrap().status.success());
    let corrected = || Ok((forms(&scene, 0).len() == 2).then_some(()));
    poll::until("the correction", corrected).unwrap();
    let sealed = |form: &Value| form["device_ms"].as_u64().unwrap();
    let forms = forms(&scene, 0);
    assert!(sealed(&forms[1]) >= sealed(&forms[0]), "{forms:?}");
    assert!(received["attempts"].as_u64().unwrap() >= 1, "{received}");
    assert_eq!(scene.votes().unwrap(), [31, 20, 2, 1]);
}
