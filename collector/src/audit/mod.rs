//! The audit of a log from its public files alone: whoever has them needs no word of the
//! collector's that is not checked here.
//!
//! Files are had first ([`source`], [`fetch`]), then everything is values, in this order:
//! what is signed ([`heads`]), every tile and entry against it ([`tiles`]), the rules by
//! which entries are taken ([`rules`]), the fold and the published totals ([`recount`],
//! [`totals`]), the signature of every form. The first thing that is wrong ends it, with
//! its place ([`fault`]); the [`report`] says what was checked until then. [`receipts`] looks at
//! one entry alone.

pub mod bundles;
pub mod fault;
pub mod fetch;
pub mod heads;
pub mod progress;
pub mod receipts;
pub mod recount;
pub mod report;
pub mod rules;
pub mod source;
pub mod tiles;
pub mod totals;

use std::sync::Arc;

use saksi_proto::author::{ELECTION_FILE, REGIONS_FILE, STATIONS_FILE};
use saksi_proto::checkpoint::{Checkpoint, LogKey, MAX_CHECKPOINT};
use saksi_proto::policy::Policy;
use saksi_proto::tile::TileName;

use crate::election::Election;
use crate::pack::{self, PackFault};
use crate::publisher::{CHECKPOINT, LOG_KEY, TOTALS_FILE};
use bundles::Bundles;
use fault::{AuditFault, Lie, LieKind};
use heads::Head;
use progress::Progress;
use report::{Report, Step};
use source::{MAX_KEY, MAX_LIST, MAX_TABLE, PublicFiles, Wanted};
use totals::TotalsList;

/// What is said of a log without totals, unless that was expected.
const NO_TOTALS: &str = "there is no totals.json: no published totals can be compared. A log \
    that has just begun has none for some seconds, and a copy may have been made without them: \
    if you know why, leave them out with --without-totals";

/// What the log is compared with, besides itself.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// The log's key, as it was published elsewhere.
    pub key: Option<LogKey>,
    /// The text of an older checkpoint of the log.
    pub previous: Option<String>,
    /// Whose cosignatures its checkpoint must have.
    pub policy: Option<Policy>,
    /// Whether it may have published no totals.
    pub without_totals: bool,
}

/// Audits a log. The report says what was checked, and how it ended.
///
/// # Errors
/// [`AuditFault`]: the first lie, which also stands in the report, or why no more is known.
pub fn audit(
    files: &PublicFiles,
    given: &Given,
    progress: &Progress,
    report: &mut Report,
) -> Result<(), AuditFault> {
    let done = check_all(files, given, progress, report);
    progress.end();
    match &done {
        Ok(()) => report.sound = true,
        Err(AuditFault::Lie(lie)) => report.lie = Some((**lie).clone()),
        Err(fault) => report.unfinished = Some(fault.to_string()),
    }
    report.end();
    done
}

fn check_all(
    files: &PublicFiles,
    given: &Given,
    progress: &Progress,
    report: &mut Report,
) -> Result<(), AuditFault> {
    // Totals before the checkpoint: then they are of a log that is not longer than it.
    files.bring([Wanted::optional(TOTALS_FILE, MAX_LIST)].into_iter(), progress)?;
    files.bring(small_files(given), progress)?;
    let totals = TotalsList::read(files)?;
    let head = Head::read(files, given.key.as_ref())?;
    report.signed(&head);
    if let Some(policy) = &given.policy {
        report.step(Step::Cosigned(head.cosigned(policy)?));
    }
    let previous = given.previous.as_deref().map(|note| older(&head, note)).transpose()?;
    let size = head.checkpoint.size;
    let count = tiles::count(size);
    progress.begin("tiles and bundles fetched", count);
    files.bring(TileName::all(0, size).map(Wanted::tile), progress)?;

    let levels = tiles::verify(files, &head.checkpoint, progress)?;
    report.step(Step::Tiles { tiles: count, entries: size });
    if let Some(previous) = previous {
        heads::agrees(&previous, levels.root_at(previous.size))?;
        report.step(Step::Grown { from: previous.size, root: previous.root });
    }
    drop(levels);

    let election = Arc::new(read_election(files)?);
    let bundles = Bundles { files, head: &head, progress };
    let manifest = rules::manifest(&bundles, &head.key, &election)?;
    report.of_election(&manifest, &election);
    if let Some(totals) = &totals {
        totals.check(&head.checkpoint.origin, size, &election)?;
        files.bring(totals.wanted(), progress)?;
    }
    let kinds = rules::check(&bundles, &election)?;
    report.step(Step::Rules(kinds));
    let (ledger, compared) = recount::recount(&bundles, &election, totals.as_ref())
        .map_err(|fault| unless_replaced(fault, files, totals.as_ref(), progress))?;
    report.counted(&ledger);
    if let (Some(totals), Some(compared)) = (&totals, compared) {
        report.step(Step::Totals { size: totals.size, at_ms: totals.at_ms, compared });
    }
    let signatures = recount::signatures(&bundles)?;
    report.step(Step::Signatures(signatures));
    // Last: whatever is wrong with the log itself is the worse news.
    match totals {
        None if !given.without_totals => Err(AuditFault::Given(NO_TOTALS.to_owned())),
        _ => Ok(()),
    }
}

fn small_files(given: &Given) -> impl Iterator<Item = Wanted> + Send {
    // Who has brought a key does without the log's own word.
    let key = match given.key {
        Some(_) => Wanted::optional(LOG_KEY, MAX_KEY),
        None => Wanted::required(LOG_KEY, MAX_KEY),
    };
    let checkpoint = Wanted::required(CHECKPOINT, MAX_CHECKPOINT as u64);
    let election = [ELECTION_FILE, REGIONS_FILE, STATIONS_FILE];
    let election = election.map(|name| Wanted::required(&format!("election/{name}"), MAX_TABLE));
    [key, checkpoint].into_iter().chain(election)
}

/// An older checkpoint, which must be of the same log.
fn older(head: &Head, note: &str) -> Result<Checkpoint, AuditFault> {
    let previous = head.key.open(note).map_err(|fault| {
        AuditFault::Given(format!("the older checkpoint cannot be compared with: {fault}"))
    })?;
    head.follows(&previous)?;
    Ok(previous)
}

fn read_election(files: &PublicFiles) -> Result<Election, AuditFault> {
    let name = |path: &std::path::Path| {
        path.strip_prefix(files.dir()).unwrap_or(path).display().to_string()
    };
    let definition = pack::read(&files.dir().join("election")).map_err(|fault| match fault {
        PackFault::File { path, fault } if fault.kind() == std::io::ErrorKind::NotFound => {
            let words = "not there, though the log must have it";
            Lie::of_file(LieKind::Missing, name(&path), words).into()
        }
        PackFault::File { path, fault } if fault.kind() == std::io::ErrorKind::InvalidData => {
            Lie::of_file(LieKind::Election, name(&path), "not a text").into()
        }
        PackFault::File { path, fault } => AuditFault::File { path, fault },
        PackFault::TooLarge(path) => {
            Lie::of_file(LieKind::Oversize, name(&path), "larger than 256 MiB").into()
        }
        PackFault::Mistakes(mistakes) => {
            let first = mistakes.first();
            let file = first.map_or(String::new(), |first| format!("election/{}", first.file));
            let first = first.map_or(String::new(), ToString::to_string);
            let words = format!("not a definition that a collector takes: {first}");
            Lie::of_file(LieKind::Election, file, words).into()
        }
    })?;
    Ok(Election::new(definition))
}

/// A fault over files of totals: when newer ones have taken their place meanwhile, nobody
/// has lied.
fn unless_replaced(
    fault: AuditFault,
    files: &PublicFiles,
    totals: Option<&TotalsList>,
    progress: &Progress,
) -> AuditFault {
    let is_missing = matches!(&fault, AuditFault::Lie(lie) if lie.kind == LieKind::Missing);
    if !is_missing {
        return fault;
    }
    let again = files.bring([Wanted::optional(TOTALS_FILE, MAX_LIST)].into_iter(), progress);
    match again.and_then(|()| TotalsList::read(files)) {
        Ok(now) if now.as_ref() != totals => AuditFault::Given(format!(
            "newer totals were published meanwhile, and those that were read have gone: run \
             again ({fault})"
        )),
        _ => fault,
    }
}

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;
