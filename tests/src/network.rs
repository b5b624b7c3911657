//! A bad network with real packets: an agent's and a collector's network namespace,
//! joined by one line. What is lost is lost by the kernel (iptables), what is slow is
//! queued by it (tc).

use std::fs;
use std::io::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, ensure};

/// The interface at either end of the line.
const LINE: &str = "line";
/// Address of the agent's end.
const AGENT: &str = "10.77.0.1";
/// Address of the collector's end.
const COLLECTOR: &str = "10.77.0.2";

/// Where a program runs: a network namespace, which goes with this.
#[derive(Debug)]
pub struct Namespace {
    name: String,
}

/// Two namespaces and the line between them.
#[derive(Debug)]
pub struct Network {
    /// Where the agent runs.
    pub agent: Namespace,
    /// Where the collector runs.
    pub collector: Namespace,
}

impl Namespace {
    fn add(name: String) -> anyhow::Result<Self> {
        run("ip", &["netns", "add", &name])?;
        let made = Self { name };
        // What `ip netns exec` shows its programs as /etc/hosts and /etc/resolv.conf.
        fs::create_dir_all(made.etc())?;
        fs::write(made.etc().join("hosts"), "127.0.0.1 localhost\n")?;
        let resolver = format!("nameserver {COLLECTOR}\noptions timeout:1 attempts:1\n");
        fs::write(made.etc().join("resolv.conf"), resolver)?;
        made.ip("link set lo up")?;
        Ok(made)
    }

    /// What `ip netns exec` calls it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    fn etc(&self) -> PathBuf {
        Path::new("/etc/netns").join(&self.name)
    }

    /// From now on programs in it find this name; before, the server of names, which is
    /// not there, knew none.
    ///
    /// # Errors
    /// If that cannot be written.
    pub fn learn(&self, name: &str, address: IpAddr) -> anyhow::Result<()> {
        // In place: the programs see this very file.
        let mut hosts = fs::File::options().append(true).open(self.etc().join("hosts"))?;
        Ok(writeln!(hosts, "{address} {name}")?)
    }

    fn ip(&self, words: &str) -> anyhow::Result<String> {
        let words: Vec<_> = ["-n", &self.name].into_iter().chain(words.split(' ')).collect();
        run("ip", &words)
    }

    /// Runs a program in it and gives what it says.
    fn run(&self, words: &str) -> anyhow::Result<String> {
        let inside = ["netns", "exec", &self.name].into_iter();
        run("ip", &inside.chain(words.split(' ')).collect::<Vec<_>>())
    }

    /// Bytes sent over its connections that the other side has not acknowledged.
    ///
    /// # Errors
    /// If `ss` fails.
    pub fn unacknowledged(&self) -> anyhow::Result<u64> {
        let connections = self.run("ss --no-header --tcp --numeric state established")?;
        let sent = connections.lines().filter_map(|line| line.split_whitespace().nth(1));
        sent.map(|bytes| bytes.parse::<u64>().with_context(|| connections.clone())).sum()
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        fs::remove_dir_all(self.etc()).ok();
        // Programs that still run in it keep it, without its name, until they end.
        run("ip", &["netns", "del", &self.name]).ok();
    }
}

impl Network {
    /// Makes the two and joins them. `None` where that is not allowed: the test says
    /// so on standard error.
    ///
    /// # Errors
    /// If they cannot be joined.
    ///
    /// # Panics
    /// If it is not allowed and `CI=true`.
    pub fn new() -> anyhow::Result<Option<Self>> {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = |end| format!("saksi-{}-{number}-{end}", std::process::id());
        let made = Namespace::add(name("agent"))
            .and_then(|agent| agent.run("iptables --wait --list").map(|_| agent));
        let agent = match made {
            Ok(agent) => agent,
            Err(fault) => {
                let ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
                assert!(!ci, "CI needs network namespaces and iptables, as root: {fault:#}");
                eprintln!("SKIPPED: needs network namespaces and iptables, as root: {fault:#}");
                return Ok(None);
            }
        };
        let collector = Namespace::add(name("collector"))?;
        let joined = format!("link add {LINE} type veth peer name {LINE} netns {}", collector.name);
        agent.ip(&joined)?;
        for (end, address) in [(&agent, AGENT), (&collector, COLLECTOR)] {
            end.ip(&format!("addr add {address}/24 dev {LINE}"))?;
            end.ip(&format!("link set {LINE} up"))?;
        }
        Ok(Some(Self { agent, collector }))
    }

    /// The collector's address, for a port that the kernel chooses.
    #[must_use]
    pub fn any_port(&self) -> SocketAddr {
        SocketAddr::new(COLLECTOR.parse().expect("an address"), 0)
    }

    fn ends(&self) -> [&Namespace; 2] {
        [&self.agent, &self.collector]
    }

    fn both(&self, words: &str) -> anyhow::Result<()> {
        self.ends().into_iter().try_for_each(|end| end.run(words).map(|_| ()))
    }

    /// From now on nothing arrives on either side, and nobody is told.
    ///
    /// # Errors
    /// If iptables fails.
    pub fn lose_everything(&self) -> anyhow::Result<()> {
        self.both(&format!("iptables --wait -A INPUT -i {LINE} -j DROP"))
    }

    /// From now on so many in a hundred packets are lost each way, by chance.
    ///
    /// # Errors
    /// If iptables fails.
    pub fn lose(&self, percent: u32) -> anyhow::Result<()> {
        let chance = format!("-m statistic --mode random --probability 0.{percent:02}");
        self.both(&format!("iptables --wait -A INPUT -i {LINE} {chance} -j DROP"))
    }

    /// From now on a firewall before the collector answers every packet with a reset.
    ///
    /// # Errors
    /// If iptables fails.
    pub fn reset_everything(&self) -> anyhow::Result<()> {
        let reset = "-p tcp -j REJECT --reject-with tcp-reset";
        self.collector.run(&format!("iptables --wait -A INPUT -i {LINE} {reset}"))?;
        Ok(())
    }

    /// From now on packets arrive again.
    ///
    /// # Errors
    /// If iptables fails.
    pub fn heal(&self) -> anyhow::Result<()> {
        self.both("iptables --wait -F INPUT")
    }

    /// From now on the line carries so many kilobits a second each way, two seconds of
    /// them in its queue.
    ///
    /// # Errors
    /// If tc fails.
    pub fn slow_down(&self, kilobits: u32) -> anyhow::Result<()> {
        let rate = format!("tbf rate {kilobits}kbit burst 2kb latency 2s");
        self.both(&format!("tc qdisc replace dev {LINE} root {rate}"))
    }

    /// From now on the line is as fast as it was.
    ///
    /// # Errors
    /// If tc fails.
    pub fn speed_up(&self) -> anyhow::Result<()> {
        self.both(&format!("tc qdisc del dev {LINE} root"))
    }
}

fn run(program: &str, words: &[&str]) -> anyhow::Result<String> {
    let output = Command::new(program).args(words).output().with_context(|| program.to_owned())?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{program} {}: {}", words.join(" "), errors.trim());
    Ok(String::from_utf8(output.stdout)?)
}
