//! The page of a station: every form it has sent, with its findings and times.

use askama::Template;
use saksi_proto::election::Severity;
use saksi_proto::ids::ContestCode;
use saksi_proto::text;
use saksi_proto::text::site;

use super::decided::{AmendmentLine, FormLink, QuestionLine, RulingLine, anchor};
use super::paper::{self, Section};
use super::shell::{Address, Crumb, DigestShown, Shell, crumbs};
use super::state::StateMark;
use crate::view::across::AcrossView;
use crate::view::election::ElectionView;
use crate::view::station::{
    BrokenView, EvidenceView, FindingView, FormView, PhotoState, PhotoView, StationContest,
    StationView,
};
use crate::web::links::{FILE, Links, PICTURE, THUMBNAIL};
use crate::web::locale::Locale;
use crate::web::times::{self, TimeShown};

/// A station as it is shown.
#[derive(Template)]
#[template(path = "station.html")]
pub(super) struct StationPage {
    pub(super) shell: Shell,
    crumbs: Vec<Crumb>,
    name: String,
    code: String,
    registered: String,
    amendments: Vec<AmendmentLine>,
    /// What differs between its forms and should not.
    across: Vec<AcrossLine>,
    contests: Vec<ContestBlock>,
    /// What came from a device that was revoked or replaced.
    evidence: Vec<EvidenceLine>,
}

/// Numbers that should be the same.
struct AcrossLine {
    code: &'static str,
    severity: &'static str,
    sentence: String,
    /// Name of a contest, where its forms are, its number and the number's field.
    numbers: Vec<(String, String, String, String)>,
}

/// A form that is in no total.
struct EvidenceLine {
    index: String,
    arrival_time: TimeShown,
    digest: DigestShown,
}

/// A contest held at the station.
struct ContestBlock {
    /// For links inside the page.
    anchor: String,
    name: String,
    mark: StateMark,
    /// What the station is asked, the latest first.
    questions: Vec<QuestionLine>,
    /// Rulings on its forms, the latest first.
    rulings: Vec<RulingLine>,
    /// Its forms, the latest in the log first.
    forms: Vec<FormBlock>,
}

/// A form.
struct FormBlock {
    anchor: String,
    revision: String,
    index: String,
    /// What proves that it is in the log.
    check: String,
    supersedes: Option<FormLink>,
    device_time: TimeShown,
    arrival_time: TimeShown,
    mark: Option<StateMark>,
    /// A form that another has taken the place of is shown folded.
    superseded: bool,
    /// A ruling counts another, or none.
    rejected: bool,
    findings: Vec<FindingLine>,
    explanation: Option<String>,
    reason: Option<String>,
    digest: DigestShown,
    photos: String,
    named_photos: Vec<PhotoLine>,
    paper: Vec<Section>,
}

/// A photo that a form names.
struct PhotoLine {
    digest: DigestShown,
    /// For who does not see it.
    alt: String,
    href: Option<String>,
    /// Its address, width and height.
    thumbnail: Option<(String, u16, u16)>,
}

/// A broken rule.
struct FindingLine {
    code: String,
    severity: &'static str,
    hard: bool,
    sentence: String,
    broken: Vec<BrokenLine>,
}

/// `228 ≠ 230`, and where.
struct BrokenLine {
    comparison: String,
    fields: String,
}

impl StationPage {
    /// The page of a view.
    pub(super) fn new(election: &ElectionView, view: &StationView, links: Links) -> Self {
        let address = Address::Station(view.code);
        let shell = Shell::new(election, &view.position, links, &address);
        let locale = shell.locale.clone();
        let (zone, contests) = (&election.time_zone, view.contests.iter());
        let above = contests.clone().map(|of| of.contest.code).next();
        let registered = view.registered.map(|registered| locale.number(registered));
        Self {
            shell: shell.titled(&[&view.name]),
            crumbs: above.map(|contest| crumbs(&view.above, contest, links)).unwrap_or_default(),
            name: view.name.clone(),
            code: view.code.to_string(),
            registered: registered.unwrap_or_else(|| locale.say(text::SITE_UNKNOWN).to_owned()),
            amendments: view
                .amendments
                .iter()
                .map(|by| AmendmentLine::new(by, zone, &locale))
                .collect(),
            across: view.across.iter().map(|of| across_line(of, view, &locale)).collect(),
            contests: contests.map(|of| contest_block(of, zone, links, &locale)).collect(),
            evidence: view.evidence.iter().map(|of| evidence_line(of, zone, &locale)).collect(),
        }
    }
}

fn contest_block(of: &StationContest, zone: &str, links: Links, locale: &Locale) -> ContestBlock {
    let forms = of.forms.iter().rev();
    ContestBlock {
        anchor: contest_anchor(of.contest.code),
        name: locale.text(&of.contest.name).to_owned(),
        mark: StateMark::of_station(of.state, locale),
        questions: of
            .questions
            .iter()
            .rev()
            .map(|asked| QuestionLine::new(asked, zone, locale))
            .collect(),
        rulings: of
            .rulings
            .iter()
            .rev()
            .map(|by| RulingLine::new(by, &of.forms, zone, locale))
            .collect(),
        forms: forms.map(|form| form_block(form, of, zone, links, locale)).collect(),
    }
}

fn contest_anchor(contest: ContestCode) -> String {
    format!("contest-{contest}")
}

fn across_line(of: &AcrossView, view: &StationView, locale: &Locale) -> AcrossLine {
    let name = |contest: ContestCode| {
        let held = view.contests.iter().find(|held| held.contest.code == contest);
        held.map_or_else(String::new, |held| locale.text(&held.contest.name).to_owned())
    };
    let numbers = of.numbers.iter().map(|one| {
        let (name, anchor) = (name(one.contest), contest_anchor(one.contest));
        (name, anchor, locale.number(one.number), one.field.clone())
    });
    AcrossLine {
        code: of.code,
        severity: locale.say(text::SITE_WARN),
        sentence: locale.text(&of.sentence).to_owned(),
        numbers: numbers.collect(),
    }
}

fn evidence_line(of: &EvidenceView, zone: &str, locale: &Locale) -> EvidenceLine {
    EvidenceLine {
        index: locale.number(of.index),
        arrival_time: times::shown(of.arrived_ms, zone, locale),
        digest: DigestShown::new(&of.digest),
    }
}

fn form_block(
    form: &FormView,
    of: &StationContest,
    zone: &str,
    links: Links,
    locale: &Locale,
) -> FormBlock {
    let all = &of.forms;
    let mark = form.standing.map(|standing| StateMark::of_form(standing, locale));
    FormBlock {
        anchor: anchor(form.index),
        revision: locale.fill(text::SITE_REVISION, &[&form.revision]),
        index: locale.number(form.index),
        check: locale.fill(site::CHECK_COMMAND, &[&form.index]),
        supersedes: form.supersedes.as_deref().map(|digest| FormLink::new(digest, all)),
        device_time: times::shown(form.device_ms, zone, locale),
        arrival_time: times::shown(form.arrived_ms, zone, locale),
        superseded: mark.as_ref().is_some_and(|mark| mark.class == "superseded"),
        rejected: mark.as_ref().is_some_and(|mark| mark.class == "rejected"),
        mark,
        findings: form.findings.iter().map(|finding| finding_line(finding, locale)).collect(),
        explanation: form.explanation.clone(),
        reason: form.reason.clone(),
        digest: DigestShown::new(&form.digest),
        photos: locale.fill(text::SITE_PHOTOS_NAMED, &[&form.photos]),
        named_photos: form
            .named_photos
            .iter()
            .map(|photo| photo_line(photo, form, links, locale))
            .collect(),
        paper: paper::sections(&form.lines, &of.sections, locale),
    }
}

fn photo_line(photo: &PhotoView, form: &FormView, links: Links, locale: &Locale) -> PhotoLine {
    let revision = locale.fill(text::SITE_REVISION, &[&form.revision]);
    let (whole, thumbnail) = match photo.state {
        PhotoState::Awaited => (None, None),
        PhotoState::Picture(width, height) => {
            let thumbnail = links.photo(&photo.digest, THUMBNAIL);
            (Some(PICTURE), Some((thumbnail, width, height)))
        }
        PhotoState::File => (Some(FILE), None),
    };
    PhotoLine {
        digest: DigestShown::new(&photo.digest.to_string()),
        alt: locale.fill(site::PHOTO_OF, &[&revision]),
        href: whole.map(|ending| links.photo(&photo.digest, ending)),
        thumbnail,
    }
}

fn finding_line(finding: &FindingView, locale: &Locale) -> FindingLine {
    let hard = finding.severity == Severity::Hard;
    FindingLine {
        code: finding.code.to_string(),
        severity: locale.say(if hard { text::SITE_HARD } else { text::SITE_WARN }),
        hard,
        sentence: locale.text(&finding.sentence).to_owned(),
        broken: finding.broken.iter().map(broken_line).collect(),
    }
}

fn broken_line(broken: &BrokenView) -> BrokenLine {
    let BrokenView { left, sign, right, .. } = broken;
    BrokenLine { comparison: format!("{left} {sign} {right}"), fields: broken.fields.join(", ") }
}
