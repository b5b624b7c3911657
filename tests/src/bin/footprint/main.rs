//! What the agent for devices takes of a device: disk, memory, processor, network, and of
//! its officer: patience. One table, each figure beside its goal. Builds the agent first
//! (profile `device`).

mod answers;
mod carrying;
mod packing;
mod paint;

use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Parser, ValueEnum};
use saksi_tests::backlog::Backlog;
use saksi_tests::binaries;
use saksi_tests::on_the_wire::bytes_of_forms;
use saksi_tests::usage::Usage;

/// Time over which an idle agent's processor time is taken; the kernel counts it in
/// hundredths of a second.
const IDLE: Duration = Duration::from_secs(10);

/// Measures what the agent takes of a device, each figure beside its goal.
#[derive(Debug, Parser)]
struct Arguments {
    /// Only this part.
    #[arg(long, value_enum)]
    only: Option<Part>,
}

/// What can be measured by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Memory and processor with a backlog.
    Backlog,
    /// Bytes on the wire.
    Wire,
    /// First paints of the station's page.
    Paint,
    /// Processor time and bytes of a page.
    Packing,
    /// A carried file of 10,000 forms taken in.
    Carrying,
}

/// One line of the table.
struct Figure {
    name: String,
    value: f64,
    unit: &'static str,
    goal: Option<f64>,
}

fn main() -> anyhow::Result<()> {
    let Arguments { only } = Arguments::parse();
    let agent = binaries::agent_for_devices()?;
    let size = std::fs::metadata(&agent)?.len();
    let mut figures = vec![Figure::new("the program, stripped", size as f64 / 1e6, "MB", 4.0)];
    let is_wanted = |part| only.is_none_or(|only| only == part);
    if is_wanted(Part::Backlog) {
        figures.extend(with_backlog(&agent, 100, 40.0)?);
        figures.extend(with_backlog(&agent, 10_000, 64.0)?);
        figures.push(holding_a_connection(&agent)?);
    }
    if is_wanted(Part::Wire) {
        figures.extend(on_the_wire(&agent)?);
        figures.extend(answers::in_a_large_log()?);
    }
    if is_wanted(Part::Paint) {
        figures.extend(paint::first_paints(&agent)?);
    }
    if is_wanted(Part::Packing) {
        figures.extend(packing::of_a_sheet(&agent)?);
    }
    if is_wanted(Part::Carrying) {
        figures.extend(carrying::taken_in(&agent)?);
    }
    figures.iter().for_each(Figure::print);
    Ok(())
}

impl Figure {
    fn new(name: impl Into<String>, value: f64, unit: &'static str, goal: f64) -> Self {
        Self { name: name.into(), value, unit, goal: Some(goal) }
    }

    fn without_goal(name: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Self { name: name.into(), value, unit, goal: None }
    }

    fn print(&self) {
        let Self { name, value, unit, goal } = self;
        let goal = goal.map_or(String::new(), |goal| {
            let met = if *value <= goal { "met" } else { "NOT met" };
            format!("; goal ≤ {goal}: {met}")
        });
        println!("{name:58} {value:>9.2} {unit}{goal}");
    }
}

fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

/// Share of one core that a process takes while nothing happens, in percent.
fn idle(usage: Usage) -> anyhow::Result<f64> {
    let before = usage.cpu_seconds()?;
    thread::sleep(IDLE);
    Ok(100.0 * (usage.cpu_seconds()? - before) / IDLE.as_secs_f64())
}

/// Memory and processor with so many forms: waiting, drained, idle.
fn with_backlog(agent: &Path, forms: u32, goal: f64) -> anyhow::Result<Vec<Figure>> {
    let mut backlog = Backlog::new(forms)?;
    let usage = backlog.start(Command::new(agent))?;
    let started = mebibytes(usage.peak_bytes()?);
    let waiting = idle(usage)?;
    backlog.drain()?;
    let drained = mebibytes(usage.peak_bytes()?);
    let drain_cpu = usage.cpu_seconds()?;
    let done = idle(usage)?;
    let name = |what: &str| format!("{forms} forms: {what}");
    Ok(vec![
        Figure::new(name("most memory until the first attempt"), started, "MiB", goal),
        Figure::new(name("most memory until all are drained"), drained, "MiB", goal),
        Figure::new(name("processor, waiting, no collector"), waiting, "% of a core", 1.0),
        Figure::without_goal(name("processor time from start to drained"), drain_cpu, "s"),
        Figure::new(name("processor, all drained"), done, "% of a core", 1.0),
    ])
}

/// Processor while a connection is open on which nobody answers.
fn holding_a_connection(agent: &Path) -> anyhow::Result<Figure> {
    let mut backlog = Backlog::new(100)?;
    let silent = backlog.start_and_hold(Command::new(agent))?;
    let value = idle(backlog.agent.usage()?)?;
    drop(silent);
    Ok(Figure::new("processor, a connection open, no answer", value, "% of a core", 1.0))
}

/// Bytes both ways above TCP, for a first form and for one more by the same daemon.
fn on_the_wire(agent: &Path) -> anyhow::Result<[Figure; 2]> {
    let forms = bytes_of_forms(Command::new(agent), 1)?;
    let forms: Vec<_> = forms.into_iter().map(|bytes| bytes as f64).collect();
    let [full, resumed] = <[f64; 2]>::try_from(forms).ok().context("two forms")?;
    Ok([
        Figure::new("a form on the wire, full handshake", full, "bytes", 3_000.0),
        Figure::new("a form on the wire, resumed handshake", resumed, "bytes", 1_600.0),
    ])
}
