//! Agents: as processes, through their command line, and in this process, through
//! the same code.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use saksi_agent::Agent;
use saksi_agent::desk::{Submission, Submitted};
use saksi_agent::forward::{Delivered, Forwarding, Retry};
use saksi_proto::bundle::{Bundle, CollectorAddress};
use serde_json::Value;

use crate::network::Namespace;
use crate::usage::Usage;
use crate::{binaries, poll};

/// Longest delivery of a test: a week's attempts take some seconds on a quiet machine.
const DELIVERY: Duration = Duration::from_secs(180);

/// An agent's directory, used through the program `saksi-agent`.
#[derive(Debug)]
pub struct AgentProcess {
    dir: PathBuf,
    /// The network its daemon runs in, if not that of this process.
    network: Option<String>,
    daemon: Option<Child>,
    /// Where the daemon's words go, if not to this process's standard error.
    words: Option<PathBuf>,
    /// Where the station's page is, if not at a port of its own choice.
    page: Option<String>,
}

impl AgentProcess {
    /// Sets a directory up with a bundle.
    ///
    /// # Errors
    /// If the command fails.
    pub fn init(dir: &Path, bundle: &Path) -> anyhow::Result<Self> {
        let agent = Self::not_set_up(dir);
        let bundle = bundle.to_str().context("a path in UTF-8")?;
        agent.succeed(&["init", "--bundle", bundle])?;
        Ok(agent)
    }

    /// A device that is not set up yet.
    #[must_use]
    pub fn not_set_up(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), network: None, daemon: None, words: None, page: None }
    }

    /// Runs a command to its end, in English.
    ///
    /// # Errors
    /// If it cannot be run.
    pub fn command(&self, arguments: &[&str]) -> anyhow::Result<Output> {
        let mut command = Command::new(binaries::path("saksi-agent")?);
        command.arg("--dir").arg(&self.dir).args(["--language", "en"]).args(arguments);
        Ok(command.stdin(Stdio::null()).output()?)
    }

    /// Runs a command that must succeed, and gives its output.
    ///
    /// # Errors
    /// Its own words, if it fails.
    pub fn succeed(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let output = self.command(arguments)?;
        let errors = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "saksi-agent {}: {errors}", arguments.join(" "));
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Runs a reading command with `--json`.
    ///
    /// # Errors
    /// If it fails or prints something else.
    pub fn json(&self, arguments: &[&str]) -> anyhow::Result<Value> {
        let output = self.succeed(&[arguments, &["--json"]].concat())?;
        Ok(serde_json::from_str(&output)?)
    }

    /// Submits a form as typed, with these options.
    ///
    /// # Errors
    /// If the command cannot be run.
    pub fn submit(&self, form: &Value, options: &[&str]) -> anyhow::Result<Output> {
        self.submit_from(self.dir.parent().context("a place beside")?, form, options)
    }

    /// Submits a form whose file lies in `place`.
    ///
    /// # Errors
    /// If the command cannot be run.
    pub fn submit_from(
        &self,
        place: &Path,
        form: &Value,
        options: &[&str],
    ) -> anyhow::Result<Output> {
        let name = self.dir.file_name().context("a directory with a name")?;
        let path = place.join(name).with_extension("form.json");
        std::fs::write(&path, form.to_string())?;
        let path = path.to_str().context("a path in UTF-8")?;
        self.command(&[&["submit", path], options].concat())
    }

    /// How far the newest form of a contest has come, as `status` shows it.
    ///
    /// # Errors
    /// If it shows no such contest.
    pub fn delivery(&self, contest: &str) -> anyhow::Result<Value> {
        let status = self.json(&["status"])?;
        let mut contests = status["contests"].as_array().context("contests")?.iter();
        let found = contests.find(|shown| shown["contest"] == contest);
        Ok(found.context("the contest")?["delivery"].clone())
    }

    /// Waits until the receipt of a contest's newest form is here.
    ///
    /// # Errors
    /// If it does not come.
    pub fn received(&self, contest: &str) -> anyhow::Result<Value> {
        poll::until("a receipt", || {
            let delivery = self.delivery(contest)?;
            let done = delivery["state"] == "received" && delivery["due"] == false;
            Ok(done.then_some(delivery))
        })
    }

    /// Waits until an attempt to deliver a contest's newest form has failed, for any
    /// reason.
    ///
    /// # Errors
    /// If none fails.
    pub fn failed(&self, contest: &str) -> anyhow::Result<Value> {
        poll::until("a failed attempt", || {
            let delivery = self.delivery(contest)?;
            Ok((!delivery["last_failure"].is_null()).then_some(delivery))
        })
    }

    /// Waits until a contest's newest form is refused for good; gives the refusal.
    ///
    /// # Errors
    /// If it is not.
    pub fn refused(&self, contest: &str) -> anyhow::Result<Value> {
        poll::until("a refusal", || {
            let delivery = self.delivery(contest)?;
            Ok((delivery["state"] == "refused").then(|| delivery["refusal"].clone()))
        })
    }

    /// Runs its daemon in this network from its next start on.
    pub fn enter(&mut self, network: &Namespace) {
        self.network = Some(network.name().to_owned());
    }

    /// Serves the station's page there, or nowhere (`off`), from its next start on.
    pub fn page_at(&mut self, address: &str) {
        self.page = Some(address.to_owned());
    }

    /// Starts the daemon.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn run(&mut self, collector: &CollectorAddress) -> anyhow::Result<()> {
        let program = binaries::command("saksi-agent", self.network.as_deref())?;
        self.run_by(program, collector)
    }

    /// Starts the daemon by a command of the test's own, which is, or becomes, the
    /// agent.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn run_by(
        &mut self,
        mut command: Command,
        collector: &CollectorAddress,
    ) -> anyhow::Result<()> {
        let address = format!("{}={}", collector.address, collector.name);
        command.arg("--dir").arg(&self.dir).args(["run", "--collector", &address]);
        command.env("RUST_LOG", std::env::var("SAKSI_TEST_LOG").unwrap_or("error".to_owned()));
        if let Some(page) = &self.page {
            command.args(["--page", page]);
        }
        if let Some(words) = &self.words {
            command.stderr(File::create(words)?);
        }
        self.daemon = Some(command.stdin(Stdio::null()).stdout(Stdio::null()).spawn()?);
        Ok(())
    }

    /// Has the daemon say what it says to this file, from its next start on.
    pub fn words_to(&mut self, file: &Path) {
        self.words = Some(file.to_owned());
    }

    /// Waits until the daemon has ended by itself; gives its exit code.
    ///
    /// # Errors
    /// If it does not run, or goes on.
    pub fn ended(&mut self) -> anyhow::Result<Option<i32>> {
        let daemon = self.daemon.as_mut().context("the agent does not run")?;
        let ended = poll::until("the agent's end", || Ok(daemon.try_wait()?))?;
        self.daemon = None;
        Ok(ended.code())
    }

    /// What the daemon takes of the machine.
    ///
    /// # Errors
    /// If it does not run.
    pub fn usage(&self) -> anyhow::Result<Usage> {
        let daemon = self.daemon.as_ref().context("the agent does not run")?;
        Ok(Usage::of(daemon.id()))
    }

    /// Kills the daemon (SIGKILL).
    ///
    /// # Errors
    /// If it does not run.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        let mut daemon = self.daemon.take().context("the agent does not run")?;
        daemon.kill()?;
        daemon.wait()?;
        Ok(())
    }
}

impl Drop for AgentProcess {
    fn drop(&mut self) {
        if let Some(mut daemon) = self.daemon.take() {
            // A test that failed leaves no process behind; one that ended has none.
            drop(daemon.kill());
            drop(daemon.wait());
        }
    }
}

/// An agent in this process.
///
/// # Errors
/// If its directory cannot be set up or opened.
pub fn open(dir: &Path, bundle: &Bundle) -> anyhow::Result<Agent> {
    Agent::init(dir, bundle)?;
    Ok(Agent::open(dir)?)
}

/// Stores a form in an agent of this process, as typed.
///
/// # Errors
/// If it is not stored.
pub fn submit(agent: &Agent, form: &str, explanation: Option<&str>) -> anyhow::Result<Submitted> {
    let submission = Submission {
        form: form.to_owned(),
        explanation: explanation.map(str::to_owned),
        ..Submission::default()
    };
    Ok(agent.submit(submission, agent.now_ms())?)
}

/// Delivers everything that is due, to one collector, on a runtime of its own.
///
/// # Errors
/// If the agent cannot go on, or is not done in three minutes.
pub fn deliver(agent: &Agent, collector: &CollectorAddress) -> anyhow::Result<Delivered> {
    deliver_with(agent, collector, Retry { start: Duration::ZERO, ..Retry::default() })
}

/// The same, with attempts as fast as they fail.
///
/// # Errors
/// If the agent cannot go on, or is not done in three minutes.
pub fn deliver_at_once(agent: &Agent, collector: &CollectorAddress) -> anyhow::Result<Delivered> {
    let (first, longest) = (Duration::from_micros(1), Duration::from_micros(2));
    deliver_with(agent, collector, Retry { first, longest, start: Duration::ZERO })
}

fn deliver_with(
    agent: &Agent,
    collector: &CollectorAddress,
    retry: Retry,
) -> anyhow::Result<Delivered> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let forwarding = Forwarding { collectors: vec![collector.clone()], retry };
    let delivered = runtime
        .block_on(async { tokio::time::timeout(DELIVERY, agent.deliver(&forwarding)).await });
    Ok(delivered.context("not delivered in three minutes")??)
}

/// Whether a `status --json` says that every form there is has its receipt.
#[must_use]
pub fn all_received(status: &Value) -> bool {
    let contests = status["contests"].as_array();
    let received = contests.is_some_and(|contests| {
        contests.iter().all(|contest| contest["delivery"]["state"] == "received")
    });
    received && status["waiting"] == 0
}
