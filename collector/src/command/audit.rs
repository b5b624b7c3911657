//! `audit`.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, ensure};
use saksi_collector::audit::progress::Progress;
use saksi_collector::audit::report::Report;
use saksi_collector::audit::source::PublicFiles;
use saksi_collector::audit::{Given, audit};
use saksi_proto::checkpoint::{LogKey, MAX_CHECKPOINT};
use saksi_proto::policy::{MAX_POLICY, Policy};
use tempfile::TempDir;

use super::answer;
use crate::cli;

/// Longest file of a key: the key, and a line or two about it would be no key.
const MAX_KEY_FILE: u64 = 1_024;

pub(crate) fn run(arguments: &cli::Audit) -> anyhow::Result<()> {
    let key = arguments.key.as_deref().map(key).transpose()?;
    let previous = arguments.previous.as_deref();
    let previous = previous.map(|path| short_text(path, MAX_CHECKPOINT as u64)).transpose()?;
    let policy = arguments.policy.as_deref().map(policy).transpose()?;
    let key = key.or_else(|| match &policy.as_ref()?.logs[..] {
        [log] => Some(log.clone()),
        _ => None,
    });
    let without_totals = arguments.without_totals;
    let given = Given { key, previous, policy, without_totals };
    let source = &arguments.source;
    let (files, _copy) = files_of(source)?;
    let mut report = Report::of(source);
    let done = audit(&files, &given, &Progress::on_standard_error(), &mut report);
    let json = serde_json::to_string_pretty(&report)? + "\n";
    if let Some(path) = &arguments.report {
        fs::write(path, &json).with_context(|| path.display().to_string())?;
    }
    answer(&if arguments.json { json } else { report.text() })?;
    Ok(done?)
}

/// The public files of an address or a directory; and where they are copied to, which is of use
/// to nobody afterwards.
pub(super) fn files_of(source: &str) -> anyhow::Result<(PublicFiles, Option<TempDir>)> {
    if source.starts_with("https://") || source.starts_with("http://") {
        let copy = tempfile::Builder::new().prefix("saksi-audit-").tempdir()?;
        return Ok((PublicFiles::of_address(source, copy.path()), Some(copy)));
    }
    let dir = Path::new(source);
    ensure!(dir.is_dir(), "{source} is neither an address (https://…) nor a directory");
    Ok((PublicFiles::of_directory(dir), None))
}

/// A key, or a file with one.
pub(super) fn key(text: &str) -> anyhow::Result<LogKey> {
    let path = Path::new(text);
    if path.is_file() {
        let line = short_text(path, MAX_KEY_FILE)?;
        return line.trim_end().parse().with_context(|| path.display().to_string());
    }
    text.parse().context("neither a key nor a file with one")
}

fn policy(path: &Path) -> anyhow::Result<Policy> {
    let text = short_text(path, MAX_POLICY as u64)?;
    Policy::parse(&text).with_context(|| path.display().to_string())
}

fn short_text(path: &Path, limit: u64) -> anyhow::Result<String> {
    let size = fs::metadata(path).with_context(|| path.display().to_string())?.len();
    ensure!(
        size <= limit,
        "{} has {size} bytes, where at most {limit} are expected",
        path.display()
    );
    fs::read_to_string(path).with_context(|| path.display().to_string())
}
