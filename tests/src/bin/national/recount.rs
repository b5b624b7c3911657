//! What an audit of the published log takes: every tile, entry and signature, and all
//! totals of all regions.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use saksi_tests::usage::Usage;
use saksi_tests::{binaries, poll};
use serde_json::Value;

/// A nation's log of five million entries is published in some minutes.
const PATIENCE: Duration = Duration::from_secs(1_800);

/// Waits until the log and its totals are published as far as they go; says how long it took.
pub(crate) fn published(public: &Path, entries: u64) -> anyhow::Result<f64> {
    let begun = Instant::now();
    poll::within(PATIENCE, "the totals of the whole log", || {
        let Ok(text) = fs::read_to_string(public.join("totals.json")) else { return Ok(None) };
        let totals: Value = serde_json::from_str(&text)?;
        Ok((totals["size"] == entries).then_some(()))
    })?;
    Ok(begun.elapsed().as_secs_f64())
}

/// Audits the public directory, and prints what it says and takes.
pub(crate) fn audit(public: &Path, entries: u64) -> anyhow::Result<()> {
    let begun = Instant::now();
    let mut process = Command::new(binaries::path("saksi-collector")?)
        .arg("audit")
        .arg(public)
        .arg("--key")
        .arg(public.join("log.vkey"))
        .spawn()?;
    let usage = Usage::of(process.id());
    let (mut peak, mut cpu) = (0, 0.0);
    let ended = poll::within(PATIENCE, "the audit", || {
        // Its last moments, when nothing more is told of it, take neither.
        peak = usage.peak_bytes().unwrap_or(peak);
        cpu = usage.cpu_seconds().unwrap_or(cpu);
        Ok(process.try_wait()?)
    })?;
    let seconds = begun.elapsed().as_secs_f64();
    ensure!(ended.success(), "the audit ended with {ended}");
    let bytes = bytes_below(&public.join("tile")).context("the tiles")?;
    println!(
        "{entries} entries ({} MB of tiles and bundles) audited in {seconds:.1} s, {:.0} entries/s, \
         {cpu:.1} s of processor, {} MB at most",
        bytes >> 20,
        entries as f64 / seconds,
        peak >> 20
    );
    Ok(())
}

/// Bytes of all files below a directory.
pub(crate) fn bytes_below(dir: &Path) -> anyhow::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        bytes += if metadata.is_dir() { bytes_below(&entry.path())? } else { metadata.len() };
    }
    Ok(bytes)
}
