//! SIGHUP: new keys, certificates and bounds without dropping a connection, and a bad
//! one changes nothing and says why.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use saksi_collector::authority::Authority;
use saksi_collector::{clock, secret};
use saksi_proto::message::{ToAgent, ToCollector};
use saksi_proto::refusal::Farewell;
use saksi_tests::attacks::{BAD, HONEST};
use saksi_tests::poll;
use saksi_tests::scene::Scene;
use saksi_tests::wire::{Visitor, Wire};

/// Times that the collector is told to read everything again.
const RELOADS: usize = 20;

/// A collector that says what it does.
struct Told {
    scene: Scene,
    words: PathBuf,
}

impl Told {
    fn serving() -> Self {
        let mut scene = Scene::new().unwrap();
        scene.collector.configure("metrics", "\"127.0.0.1:0\"").unwrap();
        let words = scene.dir().join("words");
        scene.collector.words_to(&words);
        scene.collector.says("info");
        scene.collector.start(None).unwrap();
        Self { scene, words }
    }

    fn key(&self, name: &str) -> PathBuf {
        self.scene.collector.dir().join("keys").join(name)
    }

    fn begin(&self, station: usize) -> Wire {
        let bundle = self.scene.bundle(station).unwrap();
        Wire::begin(&self.scene.collector.address().unwrap(), &bundle).unwrap()
    }

    /// A number among the metrics.
    fn metric(&self, name: &str) -> u64 {
        self.scene.collector.metric(name).unwrap()
    }

    /// Sends the signal and waits for this outcome; gives the line that says so.
    fn reload(&self, outcome: &str) -> String {
        let name = format!("saksi_reloads_total{{outcome=\"{outcome}\"}}");
        let before = self.metric(&name);
        self.scene.collector.signal("HUP").unwrap();
        poll::until(&name, || Ok((self.metric(&name) > before).then_some(()))).unwrap();
        let is_of_reload = |line: &&str| line.contains("read again");
        // It is counted, then said.
        let said = || {
            let words = fs::read_to_string(&self.words)?;
            let lines: Vec<_> = words.lines().filter(is_of_reload).collect();
            let reloads = ["done", "refused"].map(|outcome| {
                self.metric(&format!("saksi_reloads_total{{outcome=\"{outcome}\"}}"))
            });
            let all_said = lines.len() as u64 == reloads.iter().sum::<u64>();
            Ok(lines.last().filter(|_| all_said).map(|line| (*line).to_owned()))
        };
        poll::until("a line in the log", said).unwrap()
    }

    /// A new certificate of the collector, made at this time for this name.
    fn certify(&self, name: &str, now_ms: u64) {
        let authority = fs::read_to_string(self.key("ca.pem")).unwrap();
        let ca = secret::read_key(&self.key("ca.key")).unwrap();
        let key = secret::read_key(&self.key("server.key")).unwrap().verifying_key();
        let authority = Authority::new(&ca, authority).unwrap();
        let certificate = authority.issue_collector(&key, &[name.to_owned()], now_ms).unwrap();
        fs::write(self.key("server.pem"), certificate).unwrap();
    }
}

fn is_there(wire: &mut Wire) {
    assert_eq!(wire.ask(&ToCollector::Ping).unwrap(), Some(ToAgent::Pong));
}

#[test]
fn a_new_certificate_serves_new_connections_and_the_old_ones_go_on() {
    let told = Told::serving();
    let mut before = told.begin(BAD);
    told.certify("127.0.0.1", clock::now_ms());
    let line = told.reload("done");
    assert!(line.contains("the collector's certificate"), "{line}");
    is_there(&mut before);
    let mut after = told.begin(BAD);
    assert_ne!(after.collectors_certificate(), before.collectors_certificate());
    is_there(&mut after);
    is_there(&mut before);
    told.scene.deliver(HONEST, [7, 6, 5, 4]).unwrap();
}

#[test]
fn no_session_of_before_is_resumed() {
    let told = Told::serving();
    let bundle = told.scene.bundle(BAD).unwrap();
    let device = Visitor::new(&told.scene.collector.address().unwrap(), &bundle).unwrap();
    let is_resumed = || {
        let (wire, resumed) = device.come().unwrap();
        // With the answer comes what is needed to resume.
        is_there(&mut wire.greeted(&bundle).unwrap());
        resumed
    };
    assert_eq!([is_resumed(), is_resumed(), is_resumed()], [false, true, true]);
    told.reload("done");
    assert_eq!([is_resumed(), is_resumed()], [false, true]);
    let name = "saksi_sessions_total{protocol=\"saksi/1\",handshake=\"resumed\"}";
    assert_eq!(told.metric(name), 3);
}

#[test]
fn new_bounds_take_effect_for_new_connections() {
    let told = Told::serving();
    let mut old = told.begin(BAD);
    told.scene.collector.configure("device_connections", "1").unwrap();
    let line = told.reload("done");
    assert!(line.contains("device_connections 8 → 1"), "{line}");
    is_there(&mut old);
    let mut new = told.begin(BAD);
    assert_eq!(old.answer().unwrap(), Some(ToAgent::Farewell(Farewell::Crowded)));
    is_there(&mut new);
    let line = told.reload("done");
    assert!(line.contains("nothing has changed"), "{line}");
}

/// Spoils a file, and puts it back when everybody has seen that nothing has changed.
fn changes_nothing(told: &Told, file: &Path, spoil: impl FnOnce(&Path), why: &str) {
    let (good, mode) = (fs::read(file).unwrap(), fs::metadata(file).unwrap().permissions());
    let mut before = told.begin(BAD);
    spoil(file);
    let line = told.reload("refused");
    assert!(line.contains("everything stays as it was") && line.contains(why), "{why}: {line}");
    is_there(&mut before);
    let mut after = told.begin(BAD);
    assert_eq!(after.collectors_certificate(), before.collectors_certificate());
    [&mut after, &mut before].into_iter().for_each(is_there);
    fs::write(file, good).unwrap();
    fs::set_permissions(file, mode).unwrap();
}

#[test]
fn a_bad_configuration_changes_nothing_and_says_why() {
    let told = Told::serving();
    let config = told.scene.collector.dir().join("collector.toml");
    let set = |key: &'static str, value: &'static str| {
        let told = &told;
        move |_: &Path| told.scene.collector.configure(key, value).unwrap()
    };
    let typed = |path: &Path| fs::write(path, "agents = 7").unwrap();
    changes_nothing(&told, &config, typed, "collector.toml:1:10: “agents” must be");
    let zero = "“connections” must be from 1 to 1000000, not 0";
    changes_nothing(&told, &config, set("connections", "0"), zero);
    let fixed = "“origin” cannot change while the collector serves";
    changes_nothing(&told, &config, set("origin", "\"another\""), fixed);
    let fixed = "“agents” cannot change while the collector serves";
    changes_nothing(&told, &config, set("agents", "\"127.0.0.1:1\""), fixed);
    let fixed = "“metrics” cannot change while the collector serves";
    changes_nothing(&told, &config, set("metrics", "\"127.0.0.1:1\""), fixed);
    told.reload("done");
}

#[test]
fn bad_keys_and_certificates_change_nothing_and_say_why() {
    let told = Told::serving();
    let [key, pem, ca] = ["server.key", "server.pem", "ca.pem"].map(|name| told.key(name));
    let readable = |path: &Path| {
        fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
    };
    for secret in ["server.key", "log.key", "ca.key"] {
        changes_nothing(&told, &told.key(secret), readable, "can be read by others (mode 644)");
    }
    let other = |path: &Path| {
        fs::write(path, secret::to_pem(&secret::new_key().unwrap())).unwrap();
    };
    changes_nothing(&told, &key, other, "is not the key of the server's certificate");
    let nothing = |path: &Path| fs::write(path, "").unwrap();
    changes_nothing(&told, &pem, nothing, "server.pem");
    changes_nothing(&told, &ca, nothing, "ca.pem");
    let three_years = 3 * 365 * 24 * 3_600 * 1_000;
    let expired = |_: &Path| told.certify("127.0.0.1", clock::now_ms() - three_years);
    changes_nothing(&told, &pem, expired, "and not now");
    let other_name = |_: &Path| told.certify("another.example", clock::now_ms());
    changes_nothing(&told, &pem, other_name, "is for none of the names");
    told.reload("done");
}

#[test]
fn devices_come_and_go_while_everything_is_read_again() {
    let told = Told::serving();
    let over = AtomicBool::new(false);
    let mut stays = told.begin(BAD);
    thread::scope(|scope| {
        let visits = scope.spawn(|| {
            let mut visits = 0;
            while !over.load(Ordering::SeqCst) {
                is_there(&mut told.begin(HONEST));
                visits += 1;
            }
            visits
        });
        for reload in 0..RELOADS {
            told.certify("127.0.0.1", clock::now_ms());
            told.scene.collector.configure("connections", &(9_000 + reload).to_string()).unwrap();
            told.reload("done");
            is_there(&mut stays);
        }
        over.store(true, Ordering::SeqCst);
        assert!(visits.join().unwrap() >= RELOADS, "as many visits as reloads");
    });
    let failed = told.metric("saksi_handshakes_failed_total{cause=\"tls\"}");
    assert_eq!(failed, 0, "and no handshake failed");
}
