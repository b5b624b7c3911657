//! The night: agents take their forms and send them.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::Context as _;
use saksi_agent::desk::Submission;
use saksi_tests::collector::Collector;
use saksi_tests::device::{self, AgentProcess};
use saksi_tests::paper::Paper;
use saksi_tests::{crowd, poll};

use crate::cast::{Cast, Part, Player};

/// What officers say of a form that breaks a rule.
const EXPLANATION: &str = "Disalin seperti tertulis pada formulir.";
/// Why a form is corrected.
const REASON: &str = "Salah menyalin baris V.A.";

/// Plays it to the end: every form of every station that is not silent has its receipt.
pub(crate) fn play(dir: &Path, collector: &Collector, cast: &Cast) -> anyhow::Result<()> {
    let agents = dir.join("agents");
    fs::create_dir_all(&agents)?;
    let sending = |player: &&Player| player.part != Part::Silent;
    let (processes, others): (Vec<_>, Vec<_>) =
        cast.players.iter().filter(sending).partition(|player| player.process);
    let begun = Instant::now();
    println!("==> {} agents as processes of their own", processes.len());
    crowd::each(&processes, |player| as_process(&agents, collector, player))?;
    println!("    all their forms have receipts");
    println!("==> {} more through the same code", others.len());
    let (done, all) = (AtomicUsize::new(0), others.len());
    crowd::each(&others, |player| {
        in_this_process(&agents, collector, player)?;
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        if done % (all / 5).max(1) == 0 || done == all {
            println!("    {done} of {all} stations have all their receipts");
        }
        Ok(())
    })?;
    let disputed = cast.players.iter().filter(|player| player.part == Part::Disputed);
    for player in disputed {
        contradict(&agents, collector, player)?;
    }
    println!("    the night took {:.1} s", begun.elapsed().as_secs_f64());
    Ok(())
}

/// The daemon runs; forms are given to it through its local door.
fn as_process(agents: &Path, collector: &Collector, player: &Player) -> anyhow::Result<()> {
    let dir = agents.join(&player.station);
    let mut agent = AgentProcess::init(&dir, &collector.bundle_path(&player.station))?;
    agent.run(&collector.address()?)?;
    let submit = |paper: &Paper, more: &[&str]| {
        let file = dir.join(format!("{}.json", paper.contest));
        fs::write(&file, paper.to_json().to_string())?;
        let file = file.to_str().context("a path in UTF-8")?;
        agent.succeed(&[&["submit", file, "--explain", EXPLANATION], more].concat())
    };
    submit(&player.first_form(), &[])?;
    for paper in &player.papers[1..] {
        submit(paper, &[])?;
    }
    if player.part == Part::Corrected {
        submit(&player.papers[0], &["--correct", "--reason", REASON])?;
    }
    if player.part == Part::Twice {
        agent.succeed(&["resend"])?;
    }
    let received = || Ok(device::all_received(&agent.json(&["status"])?).then_some(()));
    poll::until("all receipts", received).with_context(|| player.station.clone())
}

fn in_this_process(agents: &Path, collector: &Collector, player: &Player) -> anyhow::Result<()> {
    let bundle = collector.bundle(&player.station)?;
    let agent = device::open(&agents.join(&player.station), &bundle)?;
    let submit = |paper: &Paper, correction: Option<&str>| {
        let submission = Submission {
            form: paper.to_json().to_string(),
            explanation: Some(EXPLANATION.to_owned()),
            correction: correction.map(str::to_owned),
            ..Submission::default()
        };
        agent.submit(submission, agent.now_ms())
    };
    submit(&player.first_form(), None)?;
    for paper in &player.papers[1..] {
        submit(paper, None)?;
    }
    if player.part == Part::Corrected {
        submit(&player.papers[0], Some(REASON))?;
    }
    device::deliver(&agent, &collector.address()?)?;
    if player.part == Part::Twice {
        agent.resend(None)?;
        device::deliver(&agent, &collector.address()?)?;
    }
    Ok(())
}

/// A second device with the same bundle says something else.
fn contradict(agents: &Path, collector: &Collector, player: &Player) -> anyhow::Result<()> {
    let bundle = collector.bundle(&player.station)?;
    let agent = device::open(&agents.join(format!("{}-second", player.station)), &bundle)?;
    device::submit(&agent, &player.other_form().to_json().to_string(), Some(EXPLANATION))?;
    device::deliver(&agent, &collector.address()?)?;
    Ok(())
}
