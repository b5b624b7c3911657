//! Attacks a real collector in every way that the tests know, and prints one table: was
//! the attack held, how much memory did the collector take, and how long did other
//! devices wait meanwhile, beside how long they waited in quiet just before.
//!
//! Attackers and the collector share this machine. So that the collector, and not the
//! attackers' own work, makes the others wait, attackers get the processor last.

mod times;

use anyhow::Context as _;
use clap::Parser;
use saksi_proto::bundle::Bundle;
use saksi_tests::attacks::{Attack, HONEST, all};
use saksi_tests::kenya::counts;
use saksi_tests::scene::Scene;
use saksi_tests::wire::{Voice, Wire, receipts};

use times::{Times, timed};

/// Attacks a collector of its own and prints what that costs the others.
#[derive(Debug, Parser)]
struct Arguments {
    /// Only attacks with this in their names.
    #[arg(default_value = "")]
    named: String,
    /// Forms of the other devices, each way, in quiet and under attack.
    #[arg(long, default_value_t = 300)]
    forms: usize,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let attacks: Vec<_> =
        all().into_iter().filter(|attack| attack.name.contains(&arguments.named)).collect();
    println!("p99 of {} forms in ms: quiet → under attack", arguments.forms);
    println!(
        "{:48}  {:4}  {:>11}  {:>23}  {:>23}",
        "attack", "held", "MiB (bound)", "on standing connections", "on a connection each"
    );
    let mut broken = 0;
    for attack in attacks {
        match outcome(&attack, arguments.forms) {
            Ok(line) => println!("{:48}  yes   {line}", attack.name),
            Err(fault) => {
                broken += 1;
                println!("{:48}  NO    {fault:#}", attack.name);
            }
        }
    }
    anyhow::ensure!(broken == 0, "{broken} attacks are not held");
    Ok(())
}

/// What one attack comes to.
fn outcome(attack: &Attack, forms: usize) -> anyhow::Result<String> {
    let scene = attack.scene()?;
    let mut honest = Honest::new(&scene)?;
    let quiet = honest.measure(forms)?;
    let mut attacked = None;
    attack.run(&scene, &mut || {
        attacked = Some(honest.measure(forms)?);
        Ok(())
    })?;
    let attacked = attacked.context("nothing was done meanwhile")?;
    let peak = scene.collector.usage()?.peak_bytes()? >> 20;
    let pairs = quiet.iter().zip(&attacked).map(|(quiet, attacked)| {
        let (quiet, attacked) = (quiet.percentile(99), attacked.percentile(99));
        format!("{quiet:6.1} → {attacked:6.1} {:5.1}×", attacked / quiet)
    });
    let pairs: Vec<_> = pairs.collect();
    Ok(format!("{peak:>5} ({:>3})  {}", attack.most_mebibytes, pairs.join("  ")))
}

/// The other devices, in turn. A station's pace begins after 256 forms, so that none of
/// them waits for its own. A device's forms contradict each other, which changes nothing.
struct Honest<'a> {
    scene: &'a Scene,
    devices: Vec<Device>,
    sealed: usize,
}

/// One of them.
struct Device {
    station: usize,
    bundle: Bundle,
    voice: Voice,
}

impl<'a> Honest<'a> {
    fn new(scene: &'a Scene) -> anyhow::Result<Self> {
        // The attackers' are before them.
        let stations = HONEST + 2..scene.stations.len();
        let devices = stations.map(|station| {
            let bundle = scene.bundle(station)?;
            Ok(Device { station, voice: Voice::new(&bundle)?, bundle })
        });
        Ok(Self { scene, devices: devices.collect::<anyhow::Result<_>>()?, sealed: 0 })
    }

    fn connect(&self, device: usize) -> anyhow::Result<Wire> {
        Wire::begin(&self.scene.collector.address()?, &self.devices[device].bundle)
    }

    /// Has a device hand a form over and verifies its receipt.
    fn deliver(&mut self, device: usize, wire: &mut Wire) -> anyhow::Result<()> {
        let device = &self.devices[device];
        self.sealed += 1;
        let paper = self.scene.stations[device.station].paper([7, 6, 5, 4]);
        let mut form = device.voice.form(counts(&paper));
        form.device_ms += u64::try_from(self.sealed)?;
        receipts(wire, &[device.voice.seal(&form)?], &self.scene.log_key()?).map(drop)
    }

    /// Times of forms over standing connections, and of as many over a connection each.
    fn measure(&mut self, forms: usize) -> anyhow::Result<[Times; 2]> {
        let devices = self.devices.len();
        let wires = (0..devices).map(|device| self.connect(device));
        let mut wires = wires.collect::<anyhow::Result<Vec<_>>>()?;
        let turns = (0..forms).map(|turn| turn % devices);
        let standing = turns.clone().map(|turn| timed(|| self.deliver(turn, &mut wires[turn])));
        let standing = standing.collect::<anyhow::Result<_>>()?;
        drop(wires);
        let visits = turns.map(|turn| timed(|| self.deliver(turn, &mut self.connect(turn)?)));
        let visits = visits.collect::<anyhow::Result<_>>()?;
        Ok([Times::new(standing), Times::new(visits)])
    }
}
