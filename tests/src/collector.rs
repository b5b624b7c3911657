//! A collector as a process, reached through its public doors only.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use anyhow::{Context as _, bail, ensure};
use saksi_proto::bundle::{Bundle, CollectorAddress};
use serde::de::DeserializeOwned;

use crate::network::Namespace;
use crate::usage::Usage;
use crate::{binaries, poll};

/// Runs a command of `saksi-collector` to its end.
///
/// # Errors
/// If it cannot be run.
pub fn command(arguments: &[&str]) -> anyhow::Result<Output> {
    Ok(Command::new(binaries::path("saksi-collector")?).args(arguments).output()?)
}

/// Runs a command of `saksi-collector` that must succeed, and gives its output.
///
/// # Errors
/// Its own words, if it fails.
pub fn succeed(arguments: &[&str]) -> anyhow::Result<String> {
    let output = command(arguments)?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "saksi-collector {}: {errors}", arguments.join(" "));
    Ok(String::from_utf8(output.stdout)?)
}

/// A collector's directory, and its process while it runs.
pub struct Collector {
    dir: PathBuf,
    bundles: PathBuf,
    /// The network it runs in, if not that of this process.
    network: Option<String>,
    running: Option<Running>,
    /// Where its words go, if not to this process's standard error.
    words: Option<PathBuf>,
    /// What it says besides errors.
    says: Option<&'static str>,
}

struct Running {
    process: Child,
    agents: SocketAddr,
    web: String,
    /// Where its metrics are, if they are served.
    metrics: Option<String>,
    /// Where its desk for staff is, if it is served.
    staff: Option<String>,
}

impl Collector {
    /// Makes a collector in `dir/collector` for the election in `pack`, with a bundle
    /// for every station in `dir/bundles`.
    ///
    /// # Errors
    /// If a command fails.
    pub fn make(dir: &Path, pack: &Path) -> anyhow::Result<Self> {
        let made = Self::make_without_devices(dir, pack)?;
        let issued = made.issue(&["--region", "0"])?;
        ensure!(issued.status.success(), "{}", String::from_utf8_lossy(&issued.stderr));
        Ok(made)
    }

    /// Makes a collector in `dir/collector` for the election in `pack`.
    ///
    /// # Errors
    /// If the command fails.
    pub fn make_without_devices(dir: &Path, pack: &Path) -> anyhow::Result<Self> {
        Self::make_with(dir, pack, &[])
    }

    /// The same, with more arguments of `init`.
    ///
    /// # Errors
    /// If the command fails.
    pub fn make_with(dir: &Path, pack: &Path, arguments: &[&str]) -> anyhow::Result<Self> {
        let (home, bundles) = (dir.join("collector"), dir.join("bundles"));
        let made =
            Self { dir: home, bundles, network: None, running: None, words: None, says: None };
        let home = made.home()?;
        let pack = pack.to_str().context("a path in UTF-8")?;
        let local = "127.0.0.1:0";
        let init = ["init", home, "--election", pack, "--agents", local, "--web", local];
        succeed(&[&init[..], &["--public", "127.0.0.1:7443"], arguments].concat())?;
        Ok(made)
    }

    /// Runs `device issue` with these arguments.
    ///
    /// # Errors
    /// If it cannot be run.
    pub fn issue(&self, arguments: &[&str]) -> anyhow::Result<Output> {
        let bundles = self.bundles.to_str().context("a path in UTF-8")?;
        let issue = ["device", "issue", self.home()?, "--out", bundles];
        command(&[&issue[..], arguments].concat())
    }

    /// Runs `results` with these arguments, and gives its output.
    ///
    /// # Errors
    /// Its own words, if it fails.
    pub fn results(&self, arguments: &[&str]) -> anyhow::Result<String> {
        succeed(&[&["results", self.home()?], arguments].concat())
    }

    /// The collector's directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    fn home(&self) -> anyhow::Result<&str> {
        self.dir.to_str().context("a path in UTF-8")
    }

    /// Where the bundle of a station lies.
    #[must_use]
    pub fn bundle_path(&self, station: &str) -> PathBuf {
        self.bundles.join(format!("{station}.json"))
    }

    /// The bundle of a station.
    ///
    /// # Errors
    /// If there is none.
    pub fn bundle(&self, station: &str) -> anyhow::Result<Bundle> {
        let path = self.bundle_path(station);
        let text = std::fs::read_to_string(&path);
        Ok(serde_json::from_str(&text.with_context(|| path.display().to_string())?)?)
    }

    /// Its directory is another one from its next start on.
    pub fn moved_to(&mut self, dir: &Path) {
        dir.clone_into(&mut self.dir);
    }

    /// Runs it in this network from its next start on.
    pub fn enter(&mut self, network: &Namespace) {
        self.network = Some(network.name().to_owned());
    }

    /// Starts the process and waits until it says that it listens. A collector that
    /// ran before listens at the same addresses again.
    ///
    /// # Errors
    /// If it ends instead; its words stand on this process's standard error.
    pub fn start(&mut self, before: Option<(SocketAddr, SocketAddr)>) -> anyhow::Result<()> {
        let mut command = self.serve()?;
        if let Some((agents, web)) = before {
            command.arg("--agents").arg(agents.to_string());
            command.arg("--web").arg(web.to_string());
        }
        if let Some(words) = &self.words {
            command.stderr(File::create(words)?);
        }
        let mut process = command.spawn()?;
        let output = process.stdout.take().context("a piped output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let word = |name| line.split_whitespace().find_map(|word| word.strip_prefix(name));
        let (Some(agents), Some(web)) = (word("agents="), word("web=")) else {
            process.wait()?;
            bail!("the collector did not start: {line}");
        };
        let (agents, web) = (agents.parse()?, web.trim_end_matches('/').to_owned());
        let metrics = word("metrics=").map(str::to_owned);
        let staff = word("staff=").map(|staff| staff.trim_end_matches('/').to_owned());
        self.running = Some(Running { process, agents, web, metrics, staff });
        Ok(())
    }

    /// Has it say what it says to this file, from its next start on.
    pub fn words_to(&mut self, file: &Path) {
        self.words = Some(file.to_owned());
    }

    /// Has it say this much (`info`, or `warn`) from its next start on.
    pub fn says(&mut self, level: &'static str) {
        self.says = Some(level);
    }

    fn serve(&self) -> anyhow::Result<Command> {
        let mut command = binaries::command("saksi-collector", self.network.as_deref())?;
        command.arg("serve").arg(&self.dir).stdout(Stdio::piped()).stdin(Stdio::null());
        let level = std::env::var("SAKSI_TEST_LOG").ok();
        command.env("RUST_LOG", level.as_deref().or(self.says).unwrap_or("error"));
        Ok(command)
    }

    /// Starts the process, which must end at once. Gives its exit code and its words.
    ///
    /// # Errors
    /// If it serves after all.
    pub fn fail_to_start(&self) -> anyhow::Result<(Option<i32>, String)> {
        let mut process = self.serve()?.stderr(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().context("a piped output")?).read_line(&mut line)?;
        if !line.is_empty() {
            process.kill()?;
            process.wait()?;
            bail!("it serves: {line}");
        }
        let output = process.wait_with_output()?;
        Ok((output.status.code(), String::from_utf8(output.stderr)?))
    }

    fn running(&self) -> anyhow::Result<&Running> {
        self.running.as_ref().context("the collector does not run")
    }

    /// Where devices reach it.
    ///
    /// # Errors
    /// If it does not run.
    pub fn address(&self) -> anyhow::Result<CollectorAddress> {
        let address = self.running()?.agents.to_string();
        Ok(CollectorAddress { address, name: "127.0.0.1".to_owned() })
    }

    /// Address of its pages, without a slash at the end.
    ///
    /// # Errors
    /// If it does not run.
    pub fn web(&self) -> anyhow::Result<&str> {
        Ok(&self.running()?.web)
    }

    /// Address of its desk for staff, without a slash at the end.
    ///
    /// # Errors
    /// If it does not run, or serves none.
    pub fn staff(&self) -> anyhow::Result<&str> {
        self.running()?.staff.as_deref().context("no desk is served")
    }

    /// Sends the process a signal by its name.
    ///
    /// # Errors
    /// If it does not run.
    pub fn signal(&self, name: &str) -> anyhow::Result<()> {
        let id = self.running()?.process.id().to_string();
        ensure!(Command::new("kill").args(["-s", name, &id]).status()?.success(), "kill");
        Ok(())
    }

    /// The process's id, which is nobody else's until [`Collector::kill`] or
    /// [`Collector::ended`] have waited for it.
    ///
    /// # Errors
    /// If it does not run.
    pub fn id(&self) -> anyhow::Result<u32> {
        Ok(self.running()?.process.id())
    }

    /// Resident memory of the process, in bytes.
    ///
    /// # Errors
    /// If it does not run.
    pub fn resident_bytes(&self) -> anyhow::Result<u64> {
        Usage::of(self.running()?.process.id()).resident_bytes()
    }

    /// What the process takes of the machine.
    ///
    /// # Errors
    /// If it does not run.
    pub fn usage(&self) -> anyhow::Result<Usage> {
        Ok(Usage::of(self.running()?.process.id()))
    }

    /// Has it take more forms of a station than any has, and as fast as they come, from its
    /// next start on: for nights that last longer than one.
    ///
    /// # Errors
    /// As [`Collector::configure`].
    pub fn take_forms_without_end(&self) -> anyhow::Result<()> {
        self.configure("station_forms_a_second", "1000000")?;
        self.configure("station_forms", "1000000")
    }

    /// Sets a line of its configuration, which it reads at its next start, or at SIGHUP.
    ///
    /// # Errors
    /// If the file cannot be changed, or has no such line.
    pub fn configure(&self, key: &str, value: &str) -> anyhow::Result<()> {
        let path = self.dir.join("collector.toml");
        let text = std::fs::read_to_string(&path)?;
        let is_of_key = |line: &str| {
            let line = line.trim_start_matches("# ");
            line.strip_prefix(key).is_some_and(|rest| rest.starts_with(" ="))
        };
        ensure!(text.lines().any(is_of_key), "no {key} in {text}");
        let lines = text.lines().map(|line| match is_of_key(line) {
            true => format!("{key} = {value}\n"),
            false => format!("{line}\n"),
        });
        Ok(std::fs::write(&path, lines.collect::<String>())?)
    }

    /// A number among its metrics, by its name with labels.
    ///
    /// # Errors
    /// If metrics are not served, or there is none of that name.
    pub fn metric(&self, name: &str) -> anyhow::Result<u64> {
        let url = self.running()?.metrics.as_ref().context("metrics are not served")?;
        let text = ureq::get(url).call()?.body_mut().read_to_string()?;
        let number = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        Ok(number.with_context(|| format!("no {name} in {text}"))?.parse()?)
    }

    /// Asks the API.
    ///
    /// # Errors
    /// If the answer is not 200 and JSON of that shape.
    pub fn get<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        let url = format!("{}{path}", self.web()?);
        let mut response = ureq::get(&url).call().with_context(|| url.clone())?;
        Ok(response.body_mut().with_config().limit(1 << 30).read_json()?)
    }

    /// Stops the process as an operator would (SIGTERM), and checks that it ends well.
    /// Gives the addresses, to start it there again.
    ///
    /// # Errors
    /// If it does not end with 0.
    pub fn stop(&mut self) -> anyhow::Result<(SocketAddr, SocketAddr)> {
        self.signal("TERM")?;
        let mut running = self.running.take().context("the collector does not run")?;
        let status = running.process.wait()?;
        ensure!(status.success(), "the collector ended with {status}");
        running.addresses()
    }

    /// Waits until the process has ended by itself. Gives its exit code and the
    /// addresses, to start it there again.
    ///
    /// # Errors
    /// If it does not run, or goes on.
    pub fn ended(&mut self) -> anyhow::Result<(Option<i32>, (SocketAddr, SocketAddr))> {
        let mut running = self.running.take().context("the collector does not run")?;
        let ended = poll::until("the collector's end", || Ok(running.process.try_wait()?))?;
        Ok((ended.code(), running.addresses()?))
    }

    /// Kills the process (SIGKILL): what a power cut is to a process.
    ///
    /// # Errors
    /// If it does not run.
    pub fn kill(&mut self) -> anyhow::Result<(SocketAddr, SocketAddr)> {
        let mut running = self.running.take().context("the collector does not run")?;
        running.process.kill()?;
        running.process.wait()?;
        running.addresses()
    }
}

impl Running {
    fn addresses(&self) -> anyhow::Result<(SocketAddr, SocketAddr)> {
        let web = self.web.strip_prefix("http://").context("an address of http")?;
        Ok((self.agents, web.parse()?))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A test that failed leaves no process behind; one that ended has none.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
