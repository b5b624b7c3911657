//! The process of Chromium: found, started with a profile of its own, ended by its id.

use std::env;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use anyhow::Context as _;
use serde_json::Value;
use tempfile::TempDir;

use crate::poll;

/// Names that it has: Debian's, Ubuntu's, Google's.
const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// It has nothing to send home, to fetch or to ask, and resolves no name: what a page
/// takes from elsewhere fails, besides being counted. Only `led-here.example` leads to this
/// machine, as whoever owns a name can have it.
const ARGUMENTS: [&str; 12] = [
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-breakpad",
    "--disable-extensions",
    "--disable-sync",
    "--disable-gpu",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--host-resolver-rules=MAP led-here.example 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
];

/// It takes commands at file descriptor 3 and answers at 4, which a shell can give it.
const AT_3_AND_4: &str = r#"exec "$@" 3<&0 4>&1 </dev/null >/dev/null"#;

/// How long it may take to end when it is asked to. It is killed then.
const FAREWELL: Duration = Duration::from_secs(10);

/// The running program. It also ends by itself when this process ends in any way: its
/// pipes are closed then.
pub(super) struct Chromium {
    process: Child,
    profile: TempDir,
}

/// Where commands are written and messages come from, each ended by a zero byte.
pub(super) type Pipes = (ChildStdin, Receiver<Value>);

/// Path of the program, if this machine has it; `SAKSI_CHROMIUM` names another.
pub(super) fn program() -> Option<PathBuf> {
    if let Some(named) = env::var_os("SAKSI_CHROMIUM") {
        return Some(named.into());
    }
    let path = env::var_os("PATH")?;
    let places: Vec<_> = env::split_paths(&path).collect();
    let mut programs = NAMES.iter().flat_map(|name| places.iter().map(move |dir| dir.join(name)));
    programs.find(|program| program.is_file())
}

impl Chromium {
    pub(super) fn start(program: &Path) -> anyhow::Result<(Self, Pipes)> {
        let profile = tempfile::Builder::new().prefix("saksi-chromium-").tempdir()?;
        let mut command = Command::new("sh");
        command.args(["-c", AT_3_AND_4, "sh"]).arg(program).args(ARGUMENTS);
        command.arg(format!("--user-data-dir={}", profile.path().display()));
        if rustix::process::geteuid().is_root() {
            // As root it does not start in its sandbox. It sees our own pages only.
            command.arg("--no-sandbox");
        }
        let words = File::create(profile.path().join("words"))?;
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(words);
        let mut process = command.spawn().context("sh")?;
        let commands = process.stdin.take().context("a piped input")?;
        let output = process.stdout.take().context("a piped output")?;
        let (sender, messages) = mpsc::channel();
        std::thread::spawn(move || {
            for message in BufReader::new(output).split(0) {
                let message = message.ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
                if message.is_none_or(|message: Value| sender.send(message).is_err()) {
                    return;
                }
            }
        });
        Ok((Self { process, profile }, (commands, messages)))
    }

    /// The last of what it said on standard error: why it did not start.
    pub(super) fn words(&self) -> String {
        let words = fs::read_to_string(self.profile.path().join("words")).unwrap_or_default();
        let mut last: Vec<_> = words.lines().rev().take(5).collect();
        last.reverse();
        last.join("\n")
    }

    /// Waits for its end, which it was asked for.
    pub(super) fn end(&mut self) {
        let ended =
            poll::within(FAREWELL, "Chromium's end", || Ok(self.process.try_wait()?.map(drop)));
        if ended.is_err() {
            // What is killed already has ended, which is all that is wanted.
            drop(self.process.kill());
            drop(self.process.wait());
        }
    }
}
