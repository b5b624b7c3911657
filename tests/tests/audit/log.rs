//! What a collector has published, and an audit of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};
use saksi_tests::scene::Scene;
use saksi_tests::{collector, poll};
use serde_json::Value;

/// How an audit ended, and what it said.
pub(crate) struct Audited {
    pub(crate) code: Option<i32>,
    /// Standard output.
    pub(crate) said: String,
    /// Standard error.
    pub(crate) complained: String,
}

impl Audited {
    /// Runs `audit` with these arguments.
    pub(crate) fn of(arguments: &[&str]) -> Self {
        let output = collector::command(&[&["audit"], arguments].concat()).unwrap();
        Self {
            code: output.status.code(),
            said: String::from_utf8(output.stdout).unwrap(),
            complained: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The report, of `--json`.
    pub(crate) fn report(&self) -> Value {
        serde_json::from_str(&self.said)
            .unwrap_or_else(|fault| panic!("{fault}: {}{}", self.said, self.complained))
    }
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A night with counted, held and disputed forms, all of it published; still serving.
pub(crate) fn night() -> Scene {
    let scene = Scene::serving().unwrap();
    for (station, votes) in [(0, [30, 20, 2, 1]), (1, [7, 6, 5, 4]), (2, [1, 2, 3, 4])] {
        scene.deliver(station, votes).unwrap();
    }
    published(&scene).unwrap();
    scene
}

/// Where the public files are.
pub(crate) fn public(scene: &Scene) -> PathBuf {
    scene.collector.dir().join("public")
}

/// Waits until all entries that there are now, and their totals, are published.
pub(crate) fn published(scene: &Scene) -> anyhow::Result<()> {
    let size = scene.entries()?;
    poll::until("the totals of the whole log", || {
        let Ok(list) = fs::read(public(scene).join("totals.json")) else { return Ok(None) };
        let list: Value = serde_json::from_slice(&list)?;
        Ok((list["size"].as_u64() >= Some(size)).then_some(()))
    })
}

/// A copy of the public files, as a watcher keeps one.
pub(crate) fn copy(scene: &Scene, name: &str) -> PathBuf {
    let to = scene.dir().join(name);
    let copied = Command::new("cp").arg("-r").arg(public(scene)).arg(&to).status();
    let checked = copied.context("cp").and_then(|status| {
        ensure!(status.success(), "cp");
        Ok(())
    });
    checked.unwrap();
    to
}
