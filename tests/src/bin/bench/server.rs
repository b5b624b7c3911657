//! A server as a process of its own: the collector, or the floor. Both are asked for
//! processor time and memory in the same way.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::Context as _;
use saksi_tests::binaries;
use saksi_tests::usage::Usage;

/// A running server; it is killed when this goes.
pub(crate) struct Server {
    process: Child,
    /// Where devices connect.
    pub(crate) address: SocketAddr,
    /// Where pages are, without a slash at the end; the floor has none.
    pub(crate) web: Option<String>,
}

impl Server {
    /// The collector of this directory, the program as it ships. It logs warnings only:
    /// a line a form is the operator's choice, and no part of the floor.
    pub(crate) fn collector(home: &Path) -> anyhow::Result<Self> {
        let mut command = Command::new(binaries::path("saksi-collector")?);
        Self::start(command.arg("serve").arg(home).env("RUST_LOG", "warn"))
    }

    /// The floor, with the certificates of the same directory.
    pub(crate) fn floor(home: &Path) -> anyhow::Result<Self> {
        Self::start(Command::new(std::env::current_exe()?).arg("floor").arg(home))
    }

    fn start(command: &mut Command) -> anyhow::Result<Self> {
        let mut process = command.stdout(Stdio::piped()).stdin(Stdio::null()).spawn()?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().context("a piped output")?).read_line(&mut line)?;
        let part = |name| line.split_whitespace().find_map(|word| word.strip_prefix(name));
        let address = part("agents=").with_context(|| format!("it did not start: {line}"))?;
        let web = part("web=").map(|web| web.trim_end_matches('/').to_owned());
        Ok(Self { process, address: address.parse()?, web })
    }

    /// Processor time so far, its own and the system's for it, in seconds.
    pub(crate) fn cpu_seconds(&self) -> anyhow::Result<f64> {
        Usage::of(self.process.id()).cpu_seconds()
    }

    /// Resident memory, in bytes.
    pub(crate) fn resident_bytes(&self) -> anyhow::Result<f64> {
        Ok(Usage::of(self.process.id()).resident_bytes()? as f64)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // What it acknowledged is on the disk, and nothing is measured after this.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
