//! A form of a case as it is shown: its card, its photos, and its numbers beside the others'.

use saksi_proto::count::Count;
use saksi_proto::election::Severity;
use saksi_proto::text::{SITE_HARD, SITE_ILLEGIBLE, SITE_NOT_WRITTEN, SITE_WARN, cases};

use super::frame::Frame;
use super::told::SHORT;
use crate::photos::Kept;
use crate::staff::original::Original;
use crate::view::across::AcrossView;
use crate::view::case::{CaseRow, CaseView};
use crate::view::station::{FieldKind, FindingView, LineView};
use crate::web::locale::Locale;
use crate::web::pages::state::StateMark;
use crate::web::times::TimeShown;

/// A form.
pub(super) struct Column {
    pub name: String,
    pub index: u64,
    pub digest: String,
    pub short: String,
    pub revision: String,
    pub mark: Option<StateMark>,
    /// Whether a ruling chooses among it and others.
    pub in_question: bool,
    pub supersedes: Option<String>,
    pub signer: String,
    pub signed_by: &'static str,
    pub device_time: TimeShown,
    pub arrival_time: TimeShown,
    pub explanation: Option<String>,
    pub reason: Option<String>,
    pub findings: Vec<Finding>,
    pub photos: Vec<Photo>,
}

/// A broken rule, or a number that another form has otherwise.
pub(super) struct Finding {
    pub code: String,
    pub hard: bool,
    pub severity: &'static str,
    pub sentence: String,
    pub broken: Vec<String>,
}

/// A photo that the form names.
pub(super) struct Photo {
    pub name: String,
    /// Where it is, if all of it has come.
    pub href: Option<String>,
    pub missing: String,
}

/// A box of the paper.
pub(super) struct NumberRow {
    pub code: String,
    pub name: String,
    pub differs: bool,
    pub cells: Vec<Cell>,
}

/// What stands in it on one form.
pub(super) struct Cell {
    pub text: String,
    pub marked: bool,
    pub absent: bool,
}

impl Column {
    pub(super) fn new(
        view: &CaseView,
        at: usize,
        original: &Original,
        kept: &mut impl Iterator<Item = Kept>,
        key: Option<[u8; 32]>,
        frame: &Frame,
    ) -> Self {
        let (form, of, locale) = (&view.contest.forms[at], &view.forms[at], &frame.locale);
        let findings = form.findings.iter().map(|finding| Finding::new(finding, locale));
        let across = of.across.iter().map(|across| Finding::across(across, frame));
        let photos = original.photos.iter().zip(kept).enumerate();
        let (signer, signed_by) = match original.signer {
            Some(signer) if Some(signer) == key => (hex(&signer), cases::SIGNED_CURRENT),
            Some(signer) => (hex(&signer), cases::SIGNED_FORMER),
            None => (String::new(), cases::SIGNED_UNKNOWN),
        };
        let supersedes = form.supersedes.as_deref().map(|digest| match at_digest(view, digest) {
            Some(at) => locale.fill(cases::FORM_NUMBER, &[&(at + 1)]),
            None => short(digest),
        });
        Self {
            name: locale.fill(cases::FORM_NUMBER, &[&(at + 1)]),
            index: form.index,
            short: short(&form.digest),
            digest: form.digest.clone(),
            revision: locale.fill(cases::REVISION, &[&form.revision]),
            mark: form.standing.map(|standing| StateMark::of_form(standing, locale)),
            in_question: of.in_question,
            supersedes,
            signer,
            signed_by: frame.say(signed_by),
            device_time: frame.time(form.device_ms),
            arrival_time: frame.time(form.arrived_ms),
            explanation: form.explanation.clone(),
            reason: form.reason.clone(),
            findings: findings.chain(across).collect(),
            photos: photos
                .map(|(number, (digest, kept))| {
                    let href = format!("/photo/{}/{digest}", view.station);
                    Photo::new((number + 1, at + 1), kept, href, locale)
                })
                .collect(),
        }
    }
}

fn at_digest(view: &CaseView, digest: &str) -> Option<usize> {
    view.contest.forms.iter().position(|form| form.digest == digest)
}

fn short(digest: &str) -> String {
    digest.chars().take(SHORT).collect()
}

fn hex(key: &[u8; 32]) -> String {
    saksi_proto::digest::Digest(*key).to_string().chars().take(16).collect()
}

impl Finding {
    fn new(of: &FindingView, locale: &Locale) -> Self {
        let hard = of.severity == Severity::Hard;
        let broken = of.broken.iter().map(|broken| {
            let fields = broken.fields.join(", ");
            format!("{} {} {} ({fields})", broken.left, broken.sign, broken.right)
        });
        Self {
            code: of.code.to_string(),
            hard,
            severity: locale.say(if hard { SITE_HARD } else { SITE_WARN }),
            sentence: locale.text(&of.sentence).to_owned(),
            broken: broken.collect(),
        }
    }

    fn across(of: &AcrossView, frame: &Frame) -> Self {
        let numbers = of.numbers.iter();
        let numbers = numbers.map(|one| {
            format!("{} {} = {}", one.contest, one.field, frame.locale.number(one.number))
        });
        Self {
            code: of.code.to_owned(),
            hard: false,
            severity: frame.say(cases::ACROSS),
            sentence: frame.locale.text(&of.sentence).to_owned(),
            broken: numbers.collect(),
        }
    }
}

impl Photo {
    fn new((number, form): (usize, usize), kept: Kept, href: String, locale: &Locale) -> Self {
        let missing = match kept {
            Kept::Whole(_) => String::new(),
            Kept::Part(bytes) => locale.fill(cases::PHOTO_PART, &[&number, &(bytes / 1_024)]),
            Kept::None => locale.fill(cases::PHOTO_NONE, &[&number]),
        };
        Self {
            name: locale.fill(cases::PHOTO, &[&number, &form]),
            href: matches!(kept, Kept::Whole(_)).then_some(href),
            missing,
        }
    }
}

/// The boxes of the paper, with what stands there on each form.
pub(super) fn number_rows(view: &CaseView, frame: &Frame) -> Vec<NumberRow> {
    view.rows.iter().map(|row| number_row(row, frame)).collect()
}

fn number_row(row: &CaseRow, frame: &Frame) -> NumberRow {
    let cells = row.cells.iter().map(|(count, marked)| {
        let text = match count {
            Count::Written(number) => frame.locale.number(*number),
            Count::NotWritten => frame.say(SITE_NOT_WRITTEN).to_owned(),
            Count::Illegible => frame.say(SITE_ILLEGIBLE).to_owned(),
        };
        Cell { text, marked: *marked, absent: count.number().is_none() }
    });
    NumberRow {
        code: row.line.field.clone(),
        name: box_name(&row.line, &frame.locale),
        differs: row.differs,
        cells: cells.collect(),
    }
}

/// What a box is for: its line, or who stands there.
fn box_name(line: &LineView, locale: &Locale) -> String {
    let name = line.contestant.clone().unwrap_or_else(|| locale.text(&line.name).to_owned());
    match line.kind {
        FieldKind::PartyOwn => {
            format!("{name} · {}", locale.say(saksi_proto::text::SITE_PARTY_OWN))
        }
        FieldKind::PartyTotal => {
            format!("{name} · {}", locale.say(saksi_proto::text::SITE_PARTY_TOTAL))
        }
        FieldKind::Column => format!("{name} ({})", line.part.as_deref().unwrap_or_default()),
        _ => name,
    }
}
