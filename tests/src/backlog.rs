//! A device with a backlog: many forms that wait, a daemon, and a collector that comes
//! later.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::ensure;
use saksi_agent::Agent;
use saksi_proto::seal::SealedForm;

use crate::device::AgentProcess;
use crate::kenya::counts;
use crate::poll;
use crate::scene::{FIRST_FORM, Scene, collector_at, free_address};
use crate::usage::Usage;
use crate::wire::Voice;

/// Name of the agent.
const NAME: &str = "backlog";

/// Longest drain: 10,000 receipts, each a file of its own, on a slow disk.
const DRAINED: Duration = Duration::from_secs(300);

/// The device, its collector, and how many forms wait.
pub struct Backlog {
    /// The election; its collector is not started before [`Backlog::drain`].
    pub scene: Scene,
    /// The agent.
    pub agent: AgentProcess,
    addresses: (SocketAddr, SocketAddr),
    forms: u32,
}

impl Backlog {
    /// A device with so many forms of 650 bytes: other numbers each time, and what
    /// officers say of them. To the collector they are one great dispute.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn new(forms: u32) -> anyhow::Result<Self> {
        let scene = Scene::new()?;
        scene.collector.take_forms_without_end()?;
        let agent = scene.agent(NAME, 0)?;
        let voice = Voice::new(&scene.bundle(0)?)?;
        let dir = scene.agent_dir(NAME);
        drop(Agent::open(&dir)?);
        for number in 0..forms {
            let paper = scene.stations[0].paper([1 + number % 80, 20, 2, 1]);
            let mut form = voice.form(counts(&paper));
            form.device_ms += u64::from(number);
            form.explanation = Some("kata ".repeat(96));
            write(&dir, &voice.seal(&form)?)?;
        }
        // At opening, what only the files have is taken into the store.
        let waiting = Agent::open(&dir)?.status().waiting;
        ensure!(waiting == forms as usize, "{waiting} forms wait");
        let addresses = (free_address()?, free_address()?);
        Ok(Self { scene, agent, addresses, forms })
    }

    /// Starts the daemon, by a command that is or becomes the agent, and waits until
    /// its first attempt has failed.
    ///
    /// # Errors
    /// If it does not start.
    pub fn start(&mut self, agent: Command) -> anyhow::Result<Usage> {
        drop(self.start_and_hold(agent)?);
        let noted = || Ok((self.waiting()? == u64::from(self.forms)).then_some(()));
        poll::until("the agent to answer", noted)?;
        self.agent.usage()
    }

    /// Starts the daemon, and gives the connection of its first attempt, on which
    /// nothing is ever answered.
    ///
    /// # Errors
    /// If it does not start.
    pub fn start_and_hold(&mut self, agent: Command) -> anyhow::Result<TcpStream> {
        let silent = TcpListener::bind(self.addresses.0)?;
        self.agent.run_by(agent, &collector_at(self.addresses.0))?;
        Ok(silent.accept()?.0)
    }

    /// Starts the collector and waits until everything is in its log.
    ///
    /// # Errors
    /// If that does not come.
    pub fn drain(&mut self) -> anyhow::Result<()> {
        self.scene.collector.start(Some(self.addresses))?;
        let empty = || Ok((self.waiting()? == 0).then_some(()));
        poll::within(DRAINED, "an empty work list", empty)?;
        let entries = self.scene.entries()?;
        ensure!(entries == FIRST_FORM + u64::from(self.forms), "{entries} entries");
        Ok(())
    }

    fn waiting(&self) -> anyhow::Result<u64> {
        Ok(self.agent.json(&["status"])?["waiting"].as_u64().unwrap_or(u64::MAX))
    }
}

fn write(dir: &Path, form: &SealedForm) -> std::io::Result<()> {
    std::fs::write(dir.join(format!("forms/{}.saksi", form.digest())), form.bytes())
}
