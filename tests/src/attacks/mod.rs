//! Attacks on a real collector process: what a stranger can do who reaches its port, and
//! what a device can do that is enrolled and hostile. The tests (`tests/hostile`) ask
//! whether each is held; the program `attacks` also measures what it costs the others.
//!
//! An attack is under way while an honest device does its work ([`Meanwhile`]), and
//! itself checks that the collector answers it as it should.

mod device;
mod frames;
mod greetings;
mod hands;
mod idle;
mod replay;
mod sources;
mod strangers;

use anyhow::{Context as _, ensure};
use saksi_proto::bundle::{Bundle, CollectorAddress};

use crate::poll;
use crate::scene::Scene;

/// Station of the device that attacks, where an enrolled one does.
pub const BAD: usize = 0;
/// Station of the honest device.
pub const HONEST: usize = 1;

/// What the honest device does while an attack is under way.
pub type Meanwhile<'a> = &'a mut dyn FnMut() -> anyhow::Result<()>;

/// An attack.
pub struct Attack {
    /// What it is, in some words.
    pub name: &'static str,
    /// Bounds of the collector, where they are not the usual ones.
    pub limits: &'static [(&'static str, u64)],
    /// Most memory that the collector may have had at its end, in MiB.
    pub most_mebibytes: u64,
    run: fn(&Target<'_>, Meanwhile<'_>) -> anyhow::Result<()>,
}

/// Whom an attack is on.
pub struct Target<'a> {
    /// The election and its collector.
    pub scene: &'a Scene,
    /// Where the collector listens.
    pub address: CollectorAddress,
    /// The bundle of the device that attacks; strangers use its public parts only.
    pub bundle: Bundle,
}

/// All of them.
#[must_use]
pub fn all() -> Vec<Attack> {
    let mut all = strangers::all();
    all.extend(greetings::all());
    all.extend(frames::all());
    all.extend(device::all());
    all.extend(replay::all());
    all.extend(idle::all());
    all
}

impl Attack {
    /// A collector with the bounds of this attack, serving, with its metrics.
    ///
    /// # Errors
    /// If it cannot be made or does not start.
    pub fn scene(&self) -> anyhow::Result<Scene> {
        let mut scene = Scene::new()?;
        scene.collector.configure("metrics", "\"127.0.0.1:0\"")?;
        // So that every form costs what a form costs, and is not refused as one too many.
        scene.collector.configure("station_forms", "1000000")?;
        for (key, value) in self.limits {
            scene.collector.configure(key, &value.to_string())?;
        }
        scene.collector.start(None)?;
        Ok(scene)
    }

    /// Attacks. `meanwhile` is done once, in the middle of it.
    ///
    /// # Errors
    /// If the collector does not answer as it should, takes more memory than it may, or
    /// `meanwhile` fails.
    pub fn run(&self, scene: &Scene, meanwhile: Meanwhile<'_>) -> anyhow::Result<()> {
        let (address, bundle) = (scene.collector.address()?, scene.bundle(BAD)?);
        (self.run)(&Target { scene, address, bundle }, meanwhile).context(self.name)?;
        let peak = scene.collector.usage()?.peak_bytes()? >> 20;
        ensure!(peak <= self.most_mebibytes, "{}: {peak} MiB of memory", self.name);
        Ok(())
    }
}

impl Target<'_> {
    /// A number among the collector's metrics.
    fn metric(&self, name: &str) -> anyhow::Result<u64> {
        self.scene.collector.metric(name)
    }

    /// How many handshakes have failed by this cause.
    fn failed(&self, cause: &str) -> anyhow::Result<u64> {
        self.metric(&format!("saksi_handshakes_failed_total{{cause=\"{cause}\"}}"))
    }

    /// Waits until a number among the metrics is at least this.
    fn until(&self, name: &str, at_least: u64) -> anyhow::Result<()> {
        poll::until(name, || Ok((self.metric(name)? >= at_least).then_some(())))
    }
}
