//! Attacks a real collector in every way that the tests know, and prints one table: was
//! the attack held, how much memory did the collector take, and how long did another
//! device wait meanwhile, beside how long it waited in quiet just before.
//!
//! Attackers and the collector share this machine. So that the collector, and not the
//! attackers' own work, makes the other device wait, attackers get the processor last.

mod times;

use anyhow::Context as _;
use clap::Parser;
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
    /// Forms of the other device, each way, in quiet and under attack.
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
        "attack", "held", "MiB (bound)", "on one connection", "on a connection each"
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

/// The other device. Its forms contradict each other, which changes nothing for them.
struct Honest<'a> {
    scene: &'a Scene,
    voice: Voice,
    sealed: u64,
}

impl<'a> Honest<'a> {
    fn new(scene: &'a Scene) -> anyhow::Result<Self> {
        Ok(Self { scene, voice: Voice::new(&scene.bundle(HONEST)?)?, sealed: 0 })
    }

    fn connect(&self) -> anyhow::Result<Wire> {
        Wire::begin(&self.scene.collector.address()?, &self.scene.bundle(HONEST)?)
    }

    /// Hands a form over and verifies its receipt.
    fn deliver(&mut self, wire: &mut Wire) -> anyhow::Result<()> {
        self.sealed += 1;
        let paper = self.scene.stations[HONEST].paper([7, 6, 5, 4]);
        let mut form = self.voice.form(counts(&paper));
        form.device_ms += self.sealed;
        receipts(wire, &[self.voice.seal(&form)?], &self.scene.log_key()?).map(drop)
    }

    /// Times of forms over one connection, and of as many over a connection each.
    fn measure(&mut self, forms: usize) -> anyhow::Result<[Times; 2]> {
        let mut wire = self.connect()?;
        let standing = (0..forms).map(|_| timed(|| self.deliver(&mut wire)));
        let standing = standing.collect::<anyhow::Result<_>>()?;
        let visits = (0..forms).map(|_| timed(|| self.deliver(&mut self.connect()?)));
        let visits = visits.collect::<anyhow::Result<_>>()?;
        Ok([Times::new(standing), Times::new(visits)])
    }
}
