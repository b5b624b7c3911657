//! What the doctor found, and what an operator is told of it. Pure.

use std::fmt::Display;
use std::path::PathBuf;

use saksi_proto::digest::Digest;
use saksi_proto::ids::StationCode;
use saksi_proto::text::{self, Language, Phrase};
use serde::{Deserialize, Serialize};

use crate::words::fill;

/// The state of the device. Times are milliseconds since 1970, UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkup {
    /// The device's time.
    pub now_ms: u64,
    /// Who the device is.
    pub identity: IdentityFound,
    /// Until when it is certified.
    pub certificate: CertificateFound,
    /// What time it is.
    pub clock: ClockFound,
    /// The room on its disk.
    pub disk: DiskFound,
    /// The store.
    pub store: StoreFound,
    /// The forms' files.
    pub forms: FormsFound,
    /// Their receipts.
    pub receipts: ReceiptsFound,
    /// The log that they are in.
    pub log: LogFound,
    /// The photos that they name.
    pub photos: PhotosFound,
    /// All of it in words, one check each.
    pub checks: Vec<Check>,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Whether nobody has to do anything about it.
    pub is_well: bool,
    /// What was found, what was done, and what to do.
    pub sentence: String,
    /// Digests of forms and photos, and paths of what was set aside.
    pub details: Vec<String>,
}

/// The identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityFound {
    /// The station.
    pub station: StationCode,
    /// Why it cannot be used at the next start, if so.
    pub fault: Option<String>,
    /// Mode of the directory.
    pub directory_mode: u32,
}

/// The device's certificate. The forwarder renews it long before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateFound {
    /// Its end, milliseconds since 1970, UTC.
    pub until_ms: u64,
    /// Whole days until then; none if it has ended.
    pub days_left: Option<u64>,
}

/// Days before a certificate's end from which on a person is warned: renewal is overdue
/// by two months then, and somebody has to travel.
const WARNED_DAYS: u64 = 30;

const DAY_MS: u64 = 24 * 3_600 * 1_000;

impl CertificateFound {
    /// A certificate that ends at `until_ms`, looked at at `now_ms`.
    #[must_use]
    pub fn at(until_ms: u64, now_ms: u64) -> Self {
        Self { until_ms, days_left: until_ms.checked_sub(now_ms).map(|left| left / DAY_MS) }
    }

    /// What it means.
    #[must_use]
    pub fn check(self, language: Language) -> Check {
        let judge = Judge { language };
        match self.days_left {
            Some(days) if days >= WARNED_DAYS => {
                judge.well(text::DOCTOR_CERTIFICATE_WELL, &[&days])
            }
            Some(days) => judge.unwell(text::DOCTOR_CERTIFICATE_ENDS, &[&days], Vec::new()),
            None => judge.unwell(text::DOCTOR_CERTIFICATE_ENDED, &[], Vec::new()),
        }
    }
}

/// Where the time comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClockSource {
    /// The device's own clock.
    Device,
    /// What a collector told.
    Collector,
    /// When the papers were issued.
    Bundle,
}

/// The clock against its floor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockFound {
    /// What the device's clock says.
    pub system_ms: u64,
    /// What is known to have passed.
    pub floor_ms: u64,
    /// How far the device's clock is behind it.
    pub behind_ms: u64,
    /// Which of them is used.
    pub source: ClockSource,
}

/// The disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiskFound {
    /// Bytes that are free.
    pub free_bytes: u64,
    /// Whether the reserve is there.
    pub has_reserve: bool,
    /// Whether a new form would be stored.
    pub for_a_form: bool,
}

/// The store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreFound {
    /// No commit has failed since it was opened.
    pub is_whole: bool,
    /// Forms in it.
    pub forms: usize,
    /// Forms on the work list.
    pub waiting: usize,
    /// Stores that could not be read, kept.
    pub set_aside: Vec<PathBuf>,
    /// Forms taken in from their files when it was opened.
    pub taken_in: usize,
}

/// The forms' own files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormsFound {
    /// Files checked against their digest and the device's signature.
    pub checked: usize,
    /// Damaged or gone, and written again from the store now.
    pub restored: Vec<Digest>,
    /// Damaged or gone, and still so.
    pub damaged: Vec<Digest>,
    /// Damaged files, kept.
    pub set_aside: Vec<PathBuf>,
}

/// The receipts of the forms that have one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptsFound {
    /// Verified again.
    pub proven: usize,
    /// Forms whose receipt is gone or proves nothing.
    pub unproven: Vec<Digest>,
}

/// The log, as far as the device has seen it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogFound {
    /// Its entries.
    pub seen: u64,
    /// Forms that wait because the last collector had another log.
    pub refused: usize,
    /// Pairs of checkpoints that do not fit together, kept.
    pub contradictions: Vec<PathBuf>,
}

/// The photos.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhotosFound {
    /// Named by forms.
    pub named: usize,
    /// Not here, or not what their name says.
    pub missing: Vec<Digest>,
}

impl Checkup {
    /// Whether nobody has to do anything.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.checks.iter().all(|check| check.is_well)
    }

    /// Everything in words.
    pub(super) fn judged(&self, language: Language) -> Vec<Check> {
        let Self {
            identity, certificate, clock, disk, store, forms, receipts, log, photos, ..
        } = self;
        let judge = Judge { language };
        vec![
            judge.identity(identity),
            certificate.check(language),
            judge.clock(clock),
            judge.disk(disk),
            judge.store(store),
            judge.forms(forms),
            judge.receipts(receipts),
            judge.log(log),
            judge.waiting(store.waiting),
            judge.photos(photos),
        ]
    }
}

/// Clock, disk and certificate in words: what can change while nobody looks.
pub(super) fn health(
    (clock, disk): (&ClockFound, &DiskFound),
    certificate: CertificateFound,
    language: Language,
) -> Vec<Check> {
    let judge = Judge { language };
    vec![judge.clock(clock), judge.disk(disk), certificate.check(language)]
}

/// Says what a finding means, in one language.
#[derive(Clone, Copy)]
struct Judge {
    language: Language,
}

impl Judge {
    fn well(self, phrase: Phrase, values: &[&dyn Display]) -> Check {
        let sentence = fill(phrase, self.language, values);
        Check { is_well: true, sentence, details: Vec::new() }
    }

    fn unwell(self, phrase: Phrase, values: &[&dyn Display], details: Vec<String>) -> Check {
        Check { is_well: false, details, ..self.well(phrase, values) }
    }

    fn identity(self, found: &IdentityFound) -> Check {
        let mode = found.directory_mode;
        match &found.fault {
            Some(fault) => self.unwell(text::DOCTOR_IDENTITY_UNUSABLE, &[fault], Vec::new()),
            None if mode & 0o077 != 0 => {
                self.unwell(text::DOCTOR_OPEN_TO_OTHERS, &[&format!("{mode:o}")], Vec::new())
            }
            None => self.well(text::DOCTOR_IDENTITY_WELL, &[&found.station]),
        }
    }

    fn clock(self, found: &ClockFound) -> Check {
        let seconds = found.behind_ms.div_ceil(1_000);
        let behind = |phrase| self.unwell(phrase, &[&seconds], Vec::new());
        match found.source {
            ClockSource::Device => self.well(text::DOCTOR_CLOCK_WELL, &[]),
            ClockSource::Collector => behind(text::DOCTOR_CLOCK_BEHIND_COLLECTOR),
            ClockSource::Bundle => behind(text::DOCTOR_CLOCK_BEHIND_BUNDLE),
        }
    }

    fn disk(self, found: &DiskFound) -> Check {
        let mebibytes = found.free_bytes >> 20;
        match (found.for_a_form, found.has_reserve) {
            (true, true) => self.well(text::DOCTOR_DISK_WELL, &[&mebibytes]),
            (true, false) => self.well(text::DOCTOR_DISK_NO_RESERVE, &[&mebibytes]),
            (false, _) => self.unwell(text::DOCTOR_DISK_FULL, &[&mebibytes], Vec::new()),
        }
    }

    fn store(self, found: &StoreFound) -> Check {
        let StoreFound { forms, set_aside, taken_in, .. } = found;
        if !found.is_whole {
            return self.unwell(text::DOCTOR_STORE_BROKEN, &[], paths(set_aside));
        }
        if set_aside.is_empty() && *taken_in == 0 {
            return self.well(text::DOCTOR_STORE_WELL, &[forms]);
        }
        let values: [&dyn Display; 3] = [forms, &set_aside.len(), taken_in];
        self.unwell(text::DOCTOR_STORE_REBUILT, &values, paths(set_aside))
    }

    fn forms(self, found: &FormsFound) -> Check {
        let FormsFound { checked, restored, damaged, set_aside } = found;
        if restored.is_empty() && damaged.is_empty() && set_aside.is_empty() {
            return self.well(text::DOCTOR_FORMS_WELL, &[checked]);
        }
        let values: [&dyn Display; 4] =
            [checked, &restored.len(), &damaged.len(), &set_aside.len()];
        let details = [digests(restored), digests(damaged), paths(set_aside)].concat();
        self.unwell(text::DOCTOR_FORMS_DAMAGED, &values, details)
    }

    fn receipts(self, found: &ReceiptsFound) -> Check {
        let ReceiptsFound { proven, unproven } = found;
        if unproven.is_empty() {
            return self.well(text::DOCTOR_RECEIPTS_WELL, &[proven]);
        }
        let values: [&dyn Display; 2] = [proven, &unproven.len()];
        self.unwell(text::DOCTOR_RECEIPTS_UNPROVEN, &values, digests(unproven))
    }

    fn log(self, found: &LogFound) -> Check {
        let LogFound { seen, refused, contradictions } = found;
        if *refused == 0 && contradictions.is_empty() {
            return self.well(text::DOCTOR_LOG_WELL, &[seen]);
        }
        let values: [&dyn Display; 3] = [seen, refused, &contradictions.len()];
        self.unwell(text::DOCTOR_LOG_CONTRADICTED, &values, paths(contradictions))
    }

    /// Waiting is no illness: the daemon goes on for ever.
    fn waiting(self, waiting: usize) -> Check {
        match waiting {
            0 => self.well(text::STATUS_NOTHING_WAITS, &[]),
            forms => self.well(text::STATUS_WAITING, &[&forms]),
        }
    }

    fn photos(self, found: &PhotosFound) -> Check {
        let PhotosFound { named, missing } = found;
        if missing.is_empty() {
            return self.well(text::DOCTOR_PHOTOS_WELL, &[named]);
        }
        let values: [&dyn Display; 2] = [named, &missing.len()];
        self.unwell(text::DOCTOR_PHOTOS_MISSING, &values, digests(missing))
    }
}

fn digests(named: &[Digest]) -> Vec<String> {
    named.iter().map(ToString::to_string).collect()
}

fn paths(kept: &[PathBuf]) -> Vec<String> {
    kept.iter().map(|path| path.display().to_string()).collect()
}
