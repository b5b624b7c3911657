//! The rules by which a collector takes entries, asked again of each: what it refuses, or
//! never writes, must not stand in its log. What a form's numbers come to is the fold's
//! question, and who has signed it that of [`crate::seals`].

use std::ops::Range;
use std::sync::Arc;
use std::thread;

use saksi_proto::checkpoint::LogKey;
use saksi_proto::digest::Digest;
use saksi_proto::entry::{Act, Arrival, Enrolment, Entry, Manifest, Revocation, Warrant};
use saksi_proto::ids::{Phase, StationCode};
use saksi_proto::seal::SealedForm;
use serde::Serialize;

use super::bundles::Bundles;
use super::fault::{AuditFault, Lie, LieKind};
use super::tiles::spans;
use crate::changes::check_code;
use crate::election::Election;
use crate::journal::JournalFault;
use crate::ledger::Ledger;
use crate::reading::{Meaning, Reading, is_sound};

/// Entries of a log by their kinds, and when its forms came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Kinds {
    /// Entry 0.
    pub manifests: u64,
    /// Devices that were given a station.
    pub enrolments: u64,
    /// Codes that were given out.
    pub codes: u64,
    /// Devices that were taken a station.
    pub revocations: u64,
    /// Forms that count, or are held or disputed.
    pub forms: u64,
    /// Forms of rehearsals, which count nowhere.
    pub rehearsals: u64,
    /// Forms of revoked devices, which count nowhere.
    pub evidence: u64,
    /// Rulings on held and disputed forms.
    pub rulings: u64,
    /// Amendments of the register of stations.
    pub amendments: u64,
    /// Pauses of publication, and their ends.
    pub pauses: u64,
    /// Questions to stations.
    pub questions: u64,
    /// Arrival of the earliest form, milliseconds since 1970, UTC.
    pub first_form_ms: Option<u64>,
    /// Arrival of the latest form, milliseconds since 1970, UTC.
    pub last_form_ms: Option<u64>,
}

/// An entry that changes who may speak, or leans on it.
enum Step {
    Enrolment(Enrolment),
    /// A code that was given out, as it is logged.
    Code(Vec<u8>),
    Revocation(Revocation),
    Evidence(StationCode, [u8; 32]),
}

/// What each core has found in its part of the log.
#[derive(Default)]
struct Part {
    kinds: Kinds,
    steps: Vec<(u64, Step)>,
}

/// Reads entry 0 and compares it with the log's key and with the definition.
///
/// # Errors
/// [`AuditFault`].
pub fn manifest(
    bundles: &Bundles<'_>,
    key: &LogKey,
    election: &Election,
) -> Result<Manifest, AuditFault> {
    let mut first = None;
    bundles.for_each_of(0..1, |_, bytes| {
        first = Some(Entry::decode(bytes));
        Ok::<_, Unread>(())
    })?;
    let wrong = |words: String| Lie::of_entry(LieKind::Rule, 0, bundles.size(), words);
    let Some(Ok(Entry::Manifest(manifest))) = first else {
        return Err(wrong("not the manifest with which a log begins".to_owned()).into());
    };
    if manifest.log_key != key.to_string() {
        let words = format!("the log was begun with the key {}, not {key}", manifest.log_key);
        return Err(wrong(words).into());
    }
    let (roots, found) = (&manifest.roots, election.definition.roots());
    let file = if (roots.regions, roots.regions_root) != (found.regions, found.regions_root) {
        "election/regions.csv"
    } else if (roots.stations, roots.stations_root) != (found.stations, found.stations_root) {
        "election/stations.csv"
    } else {
        "election/election.toml"
    };
    if roots != found {
        let words = format!(
            "not the definition that the log was begun with: its digest is {}, entry 0 says {}",
            found.digest(),
            roots.digest()
        );
        return Err(Lie::of_file(LieKind::Election, file, words).into());
    }
    let head = election.definition.head();
    if (manifest.election, manifest.phase) != (head.id, head.phase) {
        let words = format!(
            "of the election {} ({}), but the definition is of {} ({})",
            manifest.election, manifest.phase, head.id, head.phase
        );
        return Err(wrong(words).into());
    }
    Ok(manifest)
}

/// Asks the rules of all entries, on all cores.
///
/// # Errors
/// [`AuditFault`]: the first in the log that breaks one.
pub fn check(bundles: &Bundles<'_>, election: &Arc<Election>) -> Result<Kinds, AuditFault> {
    bundles.progress.begin("entries by their rules", bundles.size());
    let parts: Vec<Result<Part, Unread>> = thread::scope(|scope| {
        let reading: Vec<_> = spans(bundles.size())
            .into_iter()
            .map(|span| scope.spawn(move || read(bundles, election, span)))
            .collect();
        let joined = reading.into_iter();
        joined
            .map(|part| part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    // Only for its roster; the fold of forms comes later.
    let mut ledger = Ledger::new(Arc::clone(election));
    let mut kinds = Kinds::default();
    for part in parts {
        let Part { kinds: of_part, steps } = part?;
        kinds = kinds.and(of_part);
        for (index, step) in steps {
            take(&mut ledger, &step).map_err(|words| {
                AuditFault::from(Lie::of_entry(LieKind::Rule, index, bundles.size(), words))
            })?;
        }
    }
    Ok(kinds)
}

/// Why a part of the log was not read to its end.
enum Unread {
    Journal(JournalFault),
    Lie(Lie),
}

impl From<JournalFault> for Unread {
    fn from(fault: JournalFault) -> Self {
        Self::Journal(fault)
    }
}

impl From<Unread> for AuditFault {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::Journal(fault) => Self::Given(fault.to_string()),
            Unread::Lie(lie) => lie.into(),
        }
    }
}

fn read(bundles: &Bundles<'_>, election: &Election, span: Range<u64>) -> Result<Part, Unread> {
    let mut part = Part::default();
    bundles.for_each_of(span, |index, bytes| {
        let step = part.kinds.read(election, index, bytes).map_err(|words| {
            Unread::Lie(Lie::of_entry(LieKind::Rule, index, bundles.size(), words))
        })?;
        part.steps.extend(step.map(|step| (index, step)));
        Ok::<_, Unread>(())
    })?;
    Ok(part)
}

impl Kinds {
    /// Takes one entry in; what it does to the roster is asked afterwards, in order.
    fn read(
        &mut self,
        election: &Election,
        index: u64,
        bytes: &[u8],
    ) -> Result<Option<Step>, String> {
        match Entry::decode(bytes).map_err(|fault| fault.to_string())? {
            Entry::Manifest(_) if index == 0 => self.manifests += 1,
            Entry::Manifest(_) => return Err("a second manifest".to_owned()),
            Entry::Enrolment(enrolment) => {
                self.enrolments += 1;
                return Ok(Some(Step::Enrolment(enrolment)));
            }
            Entry::Code(_) => {
                self.codes += 1;
                return Ok(Some(Step::Code(bytes.to_vec())));
            }
            Entry::Revocation(revocation) => {
                self.revocations += 1;
                return Ok(Some(Step::Revocation(revocation)));
            }
            Entry::Form(arrival) => {
                self.forms += 1;
                self.arrived(arrival.arrived_ms);
                belongs(election, arrival, election.definition.head().phase)?;
            }
            Entry::Rehearsal(arrival) => {
                self.rehearsals += 1;
                belongs(election, arrival, Phase::Rehearsal)?;
            }
            Entry::Evidence(of) => {
                self.evidence += 1;
                let phase = election.definition.head().phase;
                let station = belongs(election, of.arrival, phase)?;
                return Ok(Some(Step::Evidence(station, of.key)));
            }
            // Whether a ruling is over the forms that were there, the fold asks.
            Entry::Ruling(ruling) => {
                self.rulings += 1;
                reasoned(&ruling.act)?;
            }
            Entry::Amendment(amendment) => {
                self.amendments += 1;
                reasoned(&amendment.act)?;
            }
            Entry::Pause(pause) => {
                self.pauses += 1;
                reasoned(&pause.act)?;
            }
            Entry::Question(question) => {
                self.questions += 1;
                reasoned(&question.act)?;
                if question.flaw().is_some() {
                    return Err("a question without words, or over its bounds".to_owned());
                }
            }
        }
        Ok(None)
    }

    fn arrived(&mut self, at_ms: u64) {
        self.first_form_ms = Some(self.first_form_ms.map_or(at_ms, |first| first.min(at_ms)));
        self.last_form_ms = Some(self.last_form_ms.map_or(at_ms, |last| last.max(at_ms)));
    }

    fn and(self, later: Self) -> Self {
        let least = [self.first_form_ms, later.first_form_ms].into_iter().flatten().min();
        Self {
            manifests: self.manifests + later.manifests,
            enrolments: self.enrolments + later.enrolments,
            codes: self.codes + later.codes,
            revocations: self.revocations + later.revocations,
            forms: self.forms + later.forms,
            rehearsals: self.rehearsals + later.rehearsals,
            evidence: self.evidence + later.evidence,
            rulings: self.rulings + later.rulings,
            amendments: self.amendments + later.amendments,
            pauses: self.pauses + later.pauses,
            questions: self.questions + later.questions,
            first_form_ms: least,
            last_form_ms: self.last_form_ms.max(later.last_form_ms),
        }
    }
}

/// What the centre decides has a reason.
fn reasoned(act: &Act) -> Result<(), String> {
    if act.reason.trim().is_empty() { Err("decided without a reason".to_owned()) } else { Ok(()) }
}

/// Whether a form was filled under this election, and in this phase.
fn belongs(election: &Election, arrival: Arrival, phase: Phase) -> Result<StationCode, String> {
    let sealed = SealedForm::from_bytes(arrival.sealed).map_err(|fault| fault.to_string())?;
    let form = sealed.open().map_err(|fault| fault.to_string())?;
    let digest: Digest = election.definition.digest();
    if form.election != digest {
        return Err(format!("a form of the election {}, not of {digest}", form.election));
    }
    if form.phase != phase {
        return Err(format!("a form of the phase {} where {phase} forms stand", form.phase));
    }
    Ok(form.station)
}

/// Asks what a collector asks before it writes such an entry, and follows it.
fn take(ledger: &mut Ledger, step: &Step) -> Result<(), String> {
    match step {
        Step::Enrolment(enrolment) => enrol(ledger, enrolment),
        Step::Code(bytes) => {
            let reading =
                Reading::of(&ledger.election, bytes).map_err(|fault| fault.to_string())?;
            if let Meaning::Code(tag, grant) = reading.meaning {
                ledger.roster.grant(tag, grant);
            }
            Ok(())
        }
        Step::Revocation(revocation) => {
            let code = revocation.station;
            let station = ledger.election.definition.station(code);
            let station = station.ok_or_else(|| format!("no station {code}"))?;
            if ledger.roster.key(station) != Some(revocation.key) {
                return Err(format!("what is revoked is not the device of station {code}"));
            }
            ledger.roster.revoke(station);
            Ok(())
        }
        Step::Evidence(code, key) => {
            let station = ledger.election.definition.station(*code);
            let former = ledger.roster.former(key).filter(|former| Some(former.station) == station);
            former.map(|_| ()).ok_or_else(|| {
                format!("evidence of a device that was never revoked at station {code}")
            })
        }
    }
}

fn enrol(ledger: &mut Ledger, enrolment: &Enrolment) -> Result<(), String> {
    let Enrolment { station: code, key, at_ms, warrant } = enrolment;
    let station = ledger.election.definition.station(*code);
    let station = station.ok_or_else(|| format!("no station {code}"))?;
    if !is_sound(key) {
        return Err(format!("what {code} is enrolled with is no sound Ed25519 key"));
    }
    let tag = match warrant {
        Warrant::Bundle(_) => None,
        Warrant::Code(tag) => {
            check_code(ledger, *tag, Some(*code), *at_ms)
                .map_err(|refusal| format!("enrolled against the rules: {}", refusal.code()))?;
            let is_used = ledger.roster.code(tag).is_some_and(|grant| grant.used.is_some());
            if is_used || ledger.roster.key(station).is_some() || ledger.roster.knows(key) {
                return Err(format!("enrolled with a code that station {code} could not use"));
            }
            Some(*tag)
        }
    };
    ledger.roster.enrol(station, *key, *at_ms, tag);
    Ok(())
}
