//! What an audit has checked and found, for people and as JSON.

use std::fmt::{self, Write as _};

use jiff::Timestamp;
use saksi_proto::digest::Digest;
use saksi_proto::entry::Manifest;
use saksi_proto::ids::ContestCode;
use serde::Serialize;

use super::fault::Lie;
use super::heads::{By, Cosigned, Head};
use super::rules::Kinds;
use super::totals::Compared;
use crate::election::Election;
use crate::ledger::Ledger;
use crate::view::region::{StationCounts, station_counts};

/// What an audit has checked and found.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// Where the files are from.
    pub source: String,
    /// Everything was checked and is as it should be.
    pub sound: bool,
    /// The first thing that is not, with its place.
    pub lie: Option<Lie>,
    /// Why it could not be checked to the end, where nobody has lied.
    pub unfinished: Option<String>,
    /// The head of the log, once its signature was verified.
    pub log: Option<SignedLog>,
    /// The election, once its definition was found to be that of entry 0.
    pub election: Option<AuditedElection>,
    /// What was checked, in this order.
    pub checked: Vec<Step>,
    /// How the stations of the whole stand at the end of the log.
    pub contests: Vec<ContestCount>,
    /// What this audit says nothing about.
    pub not_checked: Vec<&'static str>,
}

/// The signed head.
#[derive(Debug, Clone, Serialize)]
pub struct SignedLog {
    /// Names the log.
    pub origin: String,
    /// The key that the signature was verified with.
    pub key: String,
    /// The key is the log's own word; nobody has given it.
    pub own_key: bool,
    /// Entries.
    pub size: u64,
    /// Root over them.
    pub root: Digest,
}

/// The election.
#[derive(Debug, Clone, Serialize)]
pub struct AuditedElection {
    /// Names it.
    pub id: String,
    /// Rehearsal or official.
    pub phase: String,
    /// Of its definition.
    pub digest: Digest,
    /// Stations that are expected to report.
    pub stations: u64,
    /// Regions.
    pub regions: u64,
    /// When the log was begun, milliseconds since 1970, UTC.
    pub begun_ms: u64,
}

/// How the stations of the whole stand in one contest.
#[derive(Debug, Clone, Serialize)]
pub struct ContestCount {
    /// The contest.
    pub contest: ContestCode,
    /// Its stations.
    pub stations: StationCounts,
}

/// Something that was checked and is as it should be.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// The checkpoint is signed.
    Signed,
    /// Enough witnesses have cosigned the checkpoint.
    Cosigned(Cosigned),
    /// Tiles, bundles and entries are those that were signed.
    Tiles {
        /// Tiles and bundles.
        tiles: u64,
        /// Entries.
        entries: u64,
    },
    /// The log has grown from an older checkpoint.
    Grown {
        /// Entries then.
        from: u64,
        /// Root then.
        root: Digest,
    },
    /// The definition is that of entry 0, and so are the key and the phase.
    Election,
    /// Every entry is one that a collector takes.
    Rules(Kinds),
    /// All entries were folded.
    Recounted,
    /// Published totals are what the entries come to.
    Totals {
        /// Entries that they were folded from.
        size: u64,
        /// When they were made, as they say.
        at_ms: u64,
        /// How much was compared.
        compared: Compared,
    },
    /// So many forms are signed by the devices of their stations.
    Signatures(u64),
}

impl Report {
    /// Of nothing yet.
    #[must_use]
    pub fn of(source: &str) -> Self {
        Self { source: source.to_owned(), ..Self::default() }
    }

    pub(super) fn step(&mut self, step: Step) {
        self.checked.push(step);
    }

    pub(super) fn signed(&mut self, head: &Head) {
        let (key, checkpoint) = (head.key.to_string(), head.checkpoint.clone());
        self.log = Some(SignedLog {
            origin: checkpoint.origin,
            key,
            own_key: head.own_key,
            size: checkpoint.size,
            root: checkpoint.root,
        });
        self.step(Step::Signed);
    }

    pub(super) fn of_election(&mut self, manifest: &Manifest, election: &Election) {
        let definition = &election.definition;
        self.election = Some(AuditedElection {
            id: manifest.election.to_string(),
            phase: manifest.phase.to_string(),
            digest: definition.digest(),
            stations: definition.stations().len() as u64,
            regions: definition.regions().len() as u64,
            begun_ms: manifest.at_ms,
        });
        self.step(Step::Election);
    }

    pub(super) fn counted(&mut self, ledger: &Ledger) {
        let definition = &ledger.election.definition;
        let whole = definition.whole();
        let contests = definition.contests().iter().enumerate().map(|(at, contest)| ContestCount {
            contest: contest.code,
            stations: station_counts(ledger.tally.region(at, whole)),
        });
        self.contests = contests.collect();
        self.step(Step::Recounted);
    }

    /// Nothing more is checked.
    pub(super) fn end(&mut self) {
        self.not_checked = self.left_out();
    }

    fn left_out(&self) -> Vec<&'static str> {
        let has = |wanted: fn(&Step) -> bool| self.checked.iter().any(wanted);
        let own_key = self.log.as_ref().is_some_and(|log| log.own_key);
        let mut words = Vec::new();
        if own_key {
            words.push(
                "Whose key it is: it was taken from the log itself. Compare it with the key that \
                 was published elsewhere, or give that one with --key.",
            );
        }
        if !has(|step| matches!(step, Step::Cosigned(_))) {
            words.push(
                "Cosignatures: they were not looked at. With the policy of witnesses that you trust \
                 (--policy) you know that they are shown the same log.",
            );
        }
        if !has(|step| matches!(step, Step::Grown { .. })) {
            words.push(
                "Whether others are shown the same log, and whether it was another one before: \
                 keep this checkpoint, and compare with it later (--previous).",
            );
        }
        if !has(|step| matches!(step, Step::Totals { .. })) {
            words.push("Published totals: none were compared.");
        }
        words.push("Photos of the paper: what they show, and whether it is what the forms say.");
        words.push("Whether all forms that stations have sent are here: a station's receipt proves its own.");
        words.push("Clocks: the times are those of the collector and of the devices.");
        words
    }

    fn heading(&self, out: &mut String) -> fmt::Result {
        writeln!(out, "Audit of {}", self.source)?;
        if let Some(log) = &self.log {
            writeln!(out, "  log          {}", log.origin)?;
            let whose = if log.own_key { "the log's own word" } else { "the key that was given" };
            writeln!(out, "  key          {} ({whose})", log.key)?;
            writeln!(out, "  entries      {}", log.size)?;
            writeln!(out, "  root         {}", log.root)?;
        }
        if let Some(election) = &self.election {
            writeln!(out, "  election     {} ({})", election.id, election.phase)?;
            writeln!(out, "  definition   {}", election.digest)?;
            writeln!(out, "  log begun    {}", time(election.begun_ms))?;
        }
        Ok(())
    }

    fn counts(&self, out: &mut String) -> fmt::Result {
        if self.contests.is_empty() {
            return Ok(());
        }
        writeln!(out, "\nStations at the end of the log, all regions together:")?;
        let columns = [
            "expected",
            "reported",
            "counted",
            "held",
            "disputed",
            "missing",
            "corrected",
            "rejected",
            "ruled",
        ];
        writeln!(out, "  {:<16}{}", "contest", columns.map(|name| format!("{name:>11}")).concat())?;
        for ContestCount { contest, stations } in &self.contests {
            let counts = [
                stations.expected,
                stations.reported,
                stations.counted,
                stations.held,
                stations.disputed,
                stations.missing,
                stations.corrected,
                stations.rejected,
                stations.ruled,
            ];
            let counts = counts.map(|count| format!("{count:>11}")).concat();
            writeln!(out, "  {contest:<16}{counts}")?;
        }
        Ok(())
    }

    /// The report for people.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        self.write(&mut out).expect("a String takes everything");
        out
    }

    fn write(&self, out: &mut String) -> fmt::Result {
        self.heading(out)?;
        writeln!(out, "\nChecked, and as it should be:")?;
        for step in &self.checked {
            writeln!(out, "  - {step}")?;
        }
        self.counts(out)?;
        writeln!(out, "\nNot checked:")?;
        for words in &self.not_checked {
            writeln!(out, "  - {words}")?;
        }
        match (&self.lie, self.sound) {
            (Some(lie), _) => writeln!(out, "\nNOT SOUND. {lie}"),
            (None, true) => {
                writeln!(out, "\nSound: everything above was found to be as it should be.")
            }
            (None, false) => {
                let why = self.unfinished.as_deref().unwrap_or_default();
                writeln!(out, "\nNot finished, and nothing is known beyond what is listed: {why}")
            }
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signed => write!(f, "The checkpoint is signed by the log's key."),
            Self::Cosigned(cosigned) => witnesses(cosigned, f),
            Self::Tiles { tiles, entries } => write!(
                f,
                "All {tiles} tiles and bundles are there, and their {entries} entries are, byte for \
                 byte, those that were signed."
            ),
            Self::Grown { from, root } => write!(
                f,
                "The log has grown from the older checkpoint ({from} entries, root {root}): \
                 nothing before it was changed or taken out."
            ),
            Self::Election => write!(
                f,
                "The election definition, the phase and the key are those with which the log was \
                 begun."
            ),
            Self::Rules(kinds) => rules(*kinds, f),
            Self::Recounted => write!(
                f,
                "All entries were added up again from nothing; no form counts twice, and held or \
                 disputed ones count only by a ruling."
            ),
            Self::Totals { size, at_ms, compared } => write!(
                f,
                "The published totals (of {}, over {size} entries) are what they come to: {} files, \
                 {} lines of regions, {} numbers.",
                time(*at_ms),
                compared.files,
                compared.regions,
                compared.numbers
            ),
            Self::Signatures(forms) => write!(
                f,
                "Every one of {forms} forms is signed by the device that spoke for its station at \
                 that place of the log."
            ),
        }
    }
}

fn witnesses(Cosigned { by, needed }: &Cosigned, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let one =
        |By { witness, at_s }: &By| format!("{witness} ({})", time(at_s.saturating_mul(1_000)));
    let by: Vec<_> = by.iter().map(one).collect();
    write!(f, "{} of the policy's witnesses have cosigned the checkpoint", by.len())?;
    if !by.is_empty() {
        write!(f, ", {}", by.join(", "))?;
    }
    write!(f, "; {needed} must have.")
}

fn rules(kinds: Kinds, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(
        f,
        "Every entry is one that a collector takes by its rules: {} forms, {} rehearsals, {} of \
         revoked devices, {} enrolments, {} codes, {} revocations, {} rulings, {} amendments, {} pauses, \
         {} questions.",
        kinds.forms,
        kinds.rehearsals,
        kinds.evidence,
        kinds.enrolments,
        kinds.codes,
        kinds.revocations,
        kinds.rulings,
        kinds.amendments,
        kinds.pauses,
        kinds.questions
    )?;
    match (kinds.first_form_ms, kinds.last_form_ms) {
        (Some(first), Some(last)) => {
            write!(f, " Forms came from {} to {}.", time(first), time(last))
        }
        _ => Ok(()),
    }
}

/// A time in UTC.
fn time(ms: u64) -> String {
    let at = i64::try_from(ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    at.map_or_else(|| format!("{ms} ms"), |at| at.to_string())
}
