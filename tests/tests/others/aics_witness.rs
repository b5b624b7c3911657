//! A witness that others have written (aics-witness, Python): it cosigns what a collector
//! publishes, and refuses a log that was set back.

use std::fs::File;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use saksi_tests::collector::succeed;
use saksi_tests::scene::{Scene, free_address};
use saksi_tests::witness::{PlayedLog, ask, configure, until_published};
use saksi_tests::{poll, python};

/// Its process and its key; it ends with the test.
struct Other {
    program: PathBuf,
    config: PathBuf,
    listen: SocketAddr,
    key: String,
    process: Option<Child>,
}

impl Other {
    /// Makes one; `None`, said on standard error, where it cannot be had.
    fn make(dir: &Path) -> Option<Self> {
        let program = python::programs_of("aics-witness", "0.1.0")?.join("aics-witness");
        let config = dir.join("other.json");
        let mut other = Self {
            program,
            config,
            listen: free_address().unwrap(),
            key: String::new(),
            process: None,
        };
        let listen = other.listen.to_string();
        let init = ["init", "--name", "other.example/w1", "--listen", &listen];
        other.key = other.succeed(&init).lines().last().unwrap().to_owned();
        Some(other)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        // The subcommand's own arguments follow the file.
        command.arg(arguments[0]).arg("--config").arg(&self.config).args(&arguments[1..]);
        // Where others' seeds and files may be named.
        command.env_remove("WITNESS_SEED_HEX").env_remove("AICS_WITNESS_CONFIG");
        command.stdin(Stdio::null());
        command
    }

    fn succeed(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {words}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn serve(&mut self, log: &str) {
        let origin = log.split_once('+').unwrap().0;
        self.succeed(&["add-log", "--origin", origin, "--vkey", log]);
        let words = File::create(self.config.with_extension("words")).unwrap();
        let process = self.command(&["serve"]).stdout(Stdio::null()).stderr(words).spawn();
        self.process = Some(process.unwrap());
        let connect = || Ok(TcpStream::connect(self.listen).ok());
        poll::until("the other witness", connect).unwrap();
    }

    fn url(&self) -> String {
        format!("http://{}", self.listen)
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            drop(process.kill());
            drop(process.wait());
        }
    }
}

#[test]
fn it_cosigns_what_a_collector_publishes_and_refuses_a_log_that_was_set_back() {
    let mut scene = Scene::new().unwrap();
    let Some(mut other) = Other::make(scene.dir()) else { return };
    other.serve(&scene.log_key().unwrap().to_string());
    configure(&scene.collector, &[(&other.url(), &other.key)], 1).unwrap();
    let words = scene.dir().join("words");
    scene.collector.words_to(&words);
    scene.collector.start(None).unwrap();
    let (home, copy) = (scene.collector.dir().to_owned(), scene.dir().join("copy.db"));
    let (home, copy) = (home.to_str().unwrap(), copy.to_str().unwrap());
    succeed(&["journal", "backup", home, copy]).unwrap();
    for (station, size) in [(0, 14), (1, 15), (2, 16)] {
        scene.deliver(station, [4, 3, 2, 1]).unwrap();
        let cosigned = until_published(&scene.collector, "its cosignature", |published| {
            published.is_witnessed && published.checkpoint.size == size
        });
        assert_eq!(cosigned.unwrap().witnesses, ["other.example/w1"]);
    }
    scene.collector.stop().unwrap();
    succeed(&["journal", "restore", home, copy, "--lose-entries"]).unwrap();
    scene.collector.start(None).unwrap();
    poll::until("the collector's words", || {
        let said = std::fs::read_to_string(&words)?;
        let said = said.contains("KNOWS ANOTHER LOG") && said.contains("other.example/w1");
        Ok(said.then_some(()))
    })
    .unwrap();
    for station in 3..7 {
        scene.deliver(station, [4, 3, 2, 1]).unwrap();
    }
    let forked = until_published(&scene.collector, "the other history", |published| {
        published.checkpoint.size == 17
    });
    assert!(!forked.unwrap().is_witnessed);
}

#[test]
fn it_answers_our_requests_as_our_own_witness_does() {
    let dir = tempfile::tempdir().unwrap();
    let Some(mut other) = Other::make(dir.path()) else { return };
    let (log, forked) =
        (PlayedLog::new("log.example/1", 0, 300), PlayedLog::new("log.example/1", 1, 300));
    let strange = PlayedLog::new("x.example", 0, 9);
    other.serve(&log.vkey());
    let mut own =
        saksi_tests::witness::Witness::make(&dir.path().join("own"), "w.example").unwrap();
    own.add_log(&log.vkey()).unwrap();
    own.start(None).unwrap();
    for (request, status) in [
        (log.request(0, 5), 200),
        (log.request(0, 200), 409),
        (log.request(5, 200), 200),
        (log.request(200, 200), 200),
        (log.request(200, 257), 200),
        (log.request(200, 300), 409),
        (log.request(258, 257), 400),
        (strange.request(0, 9), 404),
        (log.request(257, 300).replace("\n300\n", "\n301\n"), 403),
        (forked.request(257, 300), 422),
        (log.request(257, 300), 200),
    ] {
        for url in [&other.url(), own.url().unwrap()] {
            let answer = ask(url, &request).unwrap();
            assert_eq!(answer.status, status, "{url}: {answer:?}\n{request}");
            if status == 409 {
                assert_eq!(answer.kind, "text/x.tlog.size");
            }
        }
    }
}
