//! A station: every form it has sent, with findings and times.

use std::collections::BTreeMap;

use saksi_proto::count::Count;
use saksi_proto::definition::StationIndex;
use saksi_proto::digest::Digest;
use saksi_proto::election::{Ballot, Section, Severity};
use saksi_proto::fields::Part;
use saksi_proto::ids::{PartCode, StationCode};
use saksi_proto::message::Standing;
use saksi_proto::rule::Finding;
use serde::Serialize;

use super::across::{AcrossView, across};
use super::decisions::{
    AmendmentView, PublicationView, QuestionView, RulingView, amendments, publication, questions,
    rulings,
};
use super::election::{ContestView, contest_view};
use super::moment::Moment;
use super::place::{RegionName, region_name};
use super::state::{State, state};
use super::{PositionView, by_language};
use crate::election::Election;
use crate::ledger::Ledger;
use crate::roster::Kept;
use crate::tally::revisions::Revision;

/// A station and its forms.
#[derive(Debug, Clone, Serialize)]
pub struct StationView {
    /// Names the station.
    pub code: StationCode,
    /// Its name for people.
    pub name: String,
    /// The regions it lies in, the whole first.
    pub above: Vec<RegionName>,
    /// Registered voters, where they are known: by the definition, or by its last amendment.
    pub registered: Option<u32>,
    /// What has been amended of what is expected of it, in the order of the log.
    pub amendments: Vec<AmendmentView>,
    /// Numbers that should be the same on its counted forms and are not. In no total.
    pub across: Vec<AcrossView>,
    /// The contests held there.
    pub contests: Vec<StationContest>,
    /// What a device that was revoked or replaced has sent afterwards. In no total.
    pub evidence: Vec<EvidenceView>,
    /// Whether totals are published.
    pub publication: PublicationView,
    /// How far the log was folded.
    pub position: PositionView,
}

/// A form that came from a device that was revoked or replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EvidenceView {
    /// Entry of the log.
    pub index: u64,
    /// SHA-256 of the sealed form.
    pub digest: String,
    /// The collector's clock at arrival, milliseconds since 1970, UTC.
    pub arrived_ms: u64,
}

/// A station in one contest.
#[derive(Debug, Clone, Serialize)]
pub struct StationContest {
    /// The contest.
    pub contest: ContestView,
    /// How the station stands.
    pub state: State,
    /// Titles of the sections of its paper, where the definition has them.
    pub sections: Vec<SectionView>,
    /// The rulings on its forms, in the order of the log.
    pub rulings: Vec<RulingView>,
    /// What it is asked and has not answered, in the order of the log.
    pub questions: Vec<QuestionView>,
    /// Its forms, in the order of the log.
    pub forms: Vec<FormView>,
}

/// A section of the paper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SectionView {
    /// Its code, which the lines name.
    pub section: String,
    /// Its title, by language.
    pub title: BTreeMap<String, String>,
}

/// One form of a station.
#[derive(Debug, Clone, Serialize)]
pub struct FormView {
    /// Entry of the log.
    pub index: u64,
    /// SHA-256 of the sealed form.
    pub digest: String,
    /// Revision number, from 1.
    pub revision: u32,
    /// Digest of the form it takes the place of.
    pub supersedes: Option<String>,
    /// The device's clock at sealing, milliseconds since 1970, UTC.
    pub device_ms: u64,
    /// The collector's clock at arrival, milliseconds since 1970, UTC.
    pub arrived_ms: u64,
    /// What it does to the totals.
    pub standing: Option<Standing>,
    /// The numbers by line of the paper, in its order.
    pub lines: Vec<LineView>,
    /// The rules it breaks.
    pub findings: Vec<FindingView>,
    /// What the officers say of its findings.
    pub explanation: Option<String>,
    /// Why it corrects the one before.
    pub reason: Option<String>,
    /// Photos named by it.
    pub photos: u8,
    /// Which, where somebody has looked them up in the log: they are not in memory.
    #[serde(skip)]
    pub named_photos: Vec<PhotoView>,
}

/// A photo that a form names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PhotoView {
    /// SHA-256 of the file.
    pub digest: Digest,
    /// How far it has come.
    pub state: PhotoState,
}

/// How far a photo has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhotoState {
    /// It is not published.
    Awaited,
    /// It is published, with a thumbnail of this width and height, in pixels: a browser leaves the
    /// room for it before it comes.
    Picture(u16, u16),
    /// It is published, and cannot be shown.
    File,
}

/// One field of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LineView {
    /// Code of the field.
    pub field: String,
    /// Section of the paper.
    pub section: String,
    /// Code of its line.
    pub line: String,
    /// Letter or number of the line in the section.
    pub letter: String,
    /// What the line asks for, by language.
    pub name: BTreeMap<String, String>,
    /// Column, candidate or party, where the line has several fields.
    pub part: Option<String>,
    /// What the field is of its line.
    pub kind: FieldKind,
    /// Name on the ballot paper of the candidate or party it is for.
    pub contestant: Option<String>,
    /// What stands there.
    pub count: Count,
    /// Whether a finding marks it.
    pub marked: bool,
}

/// What a field is of its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// The line's only field.
    Whole,
    /// A column of the line.
    Column,
    /// The votes of a candidate.
    Candidate,
    /// The votes for a party itself.
    PartyOwn,
    /// The votes for a candidate on a party's list.
    PartyCandidate,
    /// All votes of a party.
    PartyTotal,
}

/// A broken rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FindingView {
    /// Code of the rule.
    pub code: PartCode,
    /// What it does to the form.
    pub severity: Severity,
    /// The rule's sentence, by language.
    pub sentence: BTreeMap<String, String>,
    /// Each comparison that does not hold.
    pub broken: Vec<BrokenView>,
}

/// One comparison that does not hold: `228 ≠ 230`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BrokenView {
    /// Codes of the fields compared.
    pub fields: Vec<String>,
    /// Left side.
    pub left: i64,
    /// What stands between the sides as they are.
    pub sign: &'static str,
    /// Right side.
    pub right: i64,
}

/// A station in all its contests.
#[must_use]
pub fn station(ledger: &Ledger, station: StationIndex) -> StationView {
    let position = PositionView::new(&ledger.position);
    station_at(Moment::now(ledger), station, publication(ledger), position)
}

/// A station in all its contests, as it was at a moment.
#[must_use]
pub fn station_at(
    moment: Moment<'_>,
    station: StationIndex,
    publication: PublicationView,
    position: PositionView,
) -> StationView {
    let definition = &moment.election().definition;
    let of = &definition.stations()[station as usize];
    let region = definition.region_of(station);
    let mut above: Vec<_> =
        definition.upwards(region).map(|region| region_name(moment.election(), region)).collect();
    above.reverse();
    let contests = (0..definition.contests().len())
        .filter(|contest| definition.in_scope(*contest, station))
        .map(|contest| station_contest(moment, contest, station, |_| true));
    StationView {
        code: of.code,
        name: of.name.to_string(),
        above,
        registered: moment.registered(station),
        amendments: amendments(moment.amendments(station)),
        across: across(moment, station),
        contests: contests.collect(),
        evidence: moment.evidence(station).iter().map(evidence_view).collect(),
        publication,
        position,
    }
}

/// A form that came from a device that was revoked or replaced.
#[must_use]
pub fn evidence_view(kept: &Kept) -> EvidenceView {
    let Kept { form, logged } = kept;
    let (index, arrived_ms) = (logged.index, logged.arrived_ms);
    EvidenceView { index, digest: form.to_string(), arrived_ms }
}

/// A station in a contest, with those of its forms that are wanted.
pub(super) fn station_contest(
    moment: Moment<'_>,
    contest: usize,
    station: StationIndex,
    is_wanted: impl Fn(&Revision) -> bool,
) -> StationContest {
    let revisions = moment.revisions(contest, station);
    let ruled = moment.rulings(contest, station);
    let forms = revisions.map(|revisions| {
        let all = revisions.all().iter();
        all.filter(|revision| is_wanted(revision))
            .map(|revision| {
                let standing = revisions.standing(revision.index, ruled.last());
                form_view(moment.election(), contest, station, revision, standing)
            })
            .collect()
    });
    StationContest {
        contest: contest_view(moment.election(), contest),
        state: state(moment, contest, station),
        sections: sections(moment.election(), contest),
        rulings: rulings(ruled),
        questions: questions(moment.questions(contest, station)),
        forms: forms.unwrap_or_default(),
    }
}

fn sections(election: &Election, contest: usize) -> Vec<SectionView> {
    let head = election.definition.head();
    let sections = election.form(contest).sections.iter();
    let view = |of: &Section| SectionView {
        section: of.code.clone(),
        title: by_language(head, &of.title),
    };
    sections.map(view).collect()
}

fn form_view(
    election: &Election,
    contest: usize,
    station: StationIndex,
    revision: &Revision,
    standing: Option<Standing>,
) -> FormView {
    let Revision { index, report, .. } = revision;
    let counts: Vec<_> = report.counts().collect();
    let findings = election.findings(contest, station, &counts);
    FormView {
        index: *index,
        digest: report.digest.to_string(),
        revision: report.revision,
        supersedes: report.supersedes().map(|digest| digest.to_string()),
        device_ms: report.device_ms,
        arrived_ms: report.arrived_ms,
        standing,
        lines: lines(election, contest, &counts, &findings),
        findings: findings.iter().map(|finding| finding_view(election, contest, finding)).collect(),
        explanation: report.explanation().map(str::to_owned),
        reason: report.reason().map(str::to_owned),
        photos: report.photos,
        named_photos: Vec::new(),
    }
}

fn lines(
    election: &Election,
    contest: usize,
    counts: &[Count],
    findings: &[Finding],
) -> Vec<LineView> {
    let form = election.form(contest);
    let head = election.definition.head();
    let fields = election.layout(contest).fields();
    let marked = |at| {
        let broken = findings.iter().flat_map(|finding| &finding.broken);
        broken.into_iter().any(|broken| broken.fields.contains(&at))
    };
    let views = fields.iter().zip(counts).enumerate().map(|(at, (field, count))| {
        let line = &form.lines[field.line];
        let part = field.code.strip_prefix(&line.code).and_then(|part| part.strip_prefix('.'));
        LineView {
            field: field.code.clone(),
            section: line.section.clone(),
            line: line.code.clone(),
            letter: line.letter.clone(),
            name: by_language(head, &line.name),
            part: part.map(str::to_owned),
            kind: field_kind(field.part),
            contestant: contestant(&election.contest(contest).ballot, field.part),
            count: *count,
            marked: marked(at),
        }
    });
    views.collect()
}

fn field_kind(part: Part) -> FieldKind {
    match part {
        Part::Whole => FieldKind::Whole,
        Part::Column(_) => FieldKind::Column,
        Part::Candidate(_) => FieldKind::Candidate,
        Part::PartyOwn(_) => FieldKind::PartyOwn,
        Part::PartyCandidate(..) => FieldKind::PartyCandidate,
        Part::PartyTotal(_) => FieldKind::PartyTotal,
    }
}

fn contestant(ballot: &Ballot, part: Part) -> Option<String> {
    let name = match (part, ballot) {
        (Part::Candidate(at), Ballot::Candidates(candidates)) => &candidates.get(at)?.name,
        (Part::PartyOwn(at) | Part::PartyTotal(at), Ballot::Parties(parties)) => {
            &parties.get(at)?.name
        }
        (Part::PartyCandidate(at, candidate), Ballot::Parties(parties)) => {
            &parties.get(at)?.candidates.get(candidate)?.name
        }
        _ => return None,
    };
    Some(name.clone())
}

fn finding_view(election: &Election, contest: usize, finding: &Finding) -> FindingView {
    let fields = election.layout(contest).fields();
    let rule = &election.form(contest).rules[finding.rule];
    let broken = finding.broken.iter().map(|broken| BrokenView {
        fields: broken.fields.iter().map(|at| fields[*at].code.clone()).collect(),
        left: broken.left,
        sign: broken.relation.broken_sign(),
        right: broken.right,
    });
    FindingView {
        code: finding.code,
        severity: finding.severity,
        sentence: by_language(election.definition.head(), &rule.sentence),
        broken: broken.collect(),
    }
}
