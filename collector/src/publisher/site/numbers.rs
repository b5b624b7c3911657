//! The numbers of a region as a file: its totals, its parts with theirs, its stations with
//! every form. The same bytes from the same log, whoever folds it, whenever.
//!
//! Each file names the files of its parts by their SHA-256, so that the one of the whole
//! stands for all of them. Nothing is in it that changes without its numbers, such as the size
//! of the log: a region in which nothing has come keeps its file.

use saksi_proto::count::Count;
use saksi_proto::definition::{RegionIndex, StationIndex};
use saksi_proto::digest::Digest;
use saksi_proto::ids::{ContestCode, PartCode, RegionCode, StationCode};
use saksi_proto::message::Standing;
use serde::{Deserialize, Serialize};

use crate::election::Election;
use crate::tally::revisions::Revision;
use crate::view::decisions::{AmendmentView, RulingView, amendments, rulings};
use crate::view::moment::Moment;
use crate::view::place::{RegionName, region_name};
use crate::view::region::TotalsView;
use crate::view::state::{State, state};
use crate::view::station::{EvidenceView, evidence_view};

/// A region.
#[derive(Debug, Serialize)]
pub(super) struct RegionNumbers {
    format: u8,
    region: RegionName,
    /// The regions it lies in, the whole first.
    above: Vec<RegionCode>,
    contests: Vec<ContestTotals>,
    parts: Vec<PartNumbers>,
    stations: Vec<StationNumbers>,
}

/// Totals of a contest.
#[derive(Debug, Serialize)]
struct ContestTotals {
    contest: ContestCode,
    totals: TotalsView,
}

/// A part of a region.
#[derive(Debug, Serialize)]
struct PartNumbers {
    code: RegionCode,
    name: String,
    /// SHA-256 of its file, which is its name.
    numbers: Digest,
    contests: Vec<ContestTotals>,
}

/// A station in all its contests.
#[derive(Debug, Serialize)]
pub(super) struct StationNumbers {
    code: StationCode,
    name: String,
    registered: Option<u32>,
    amendments: Vec<AmendmentView>,
    contests: Vec<StationContest>,
    evidence: Vec<EvidenceView>,
}

impl StationNumbers {
    /// Fills in the photos that forms name, as `of` has them by the form's entry.
    pub(super) fn name_photos<E>(
        &mut self,
        mut of: impl FnMut(u64) -> Result<Vec<Digest>, E>,
    ) -> Result<(), E> {
        let forms = self.contests.iter_mut().flat_map(|of| &mut of.forms);
        for form in forms.filter(|form| form.named > 0) {
            form.photos = of(form.index)?;
        }
        Ok(())
    }
}

/// A station in one contest.
#[derive(Debug, Serialize)]
struct StationContest {
    contest: ContestCode,
    state: State,
    rulings: Vec<RulingView>,
    forms: Vec<FormNumbers>,
}

/// A form. Its `counts` are in the order of the columns of `totals/SIZE/CONTEST.csv`.
#[derive(Debug, Serialize)]
struct FormNumbers {
    index: u64,
    digest: Digest,
    revision: u32,
    supersedes: Option<Digest>,
    device_ms: u64,
    arrived_ms: u64,
    standing: Option<Standing>,
    findings: Vec<PartCode>,
    explanation: Option<String>,
    reason: Option<String>,
    /// SHA-256 of the photos that it names.
    photos: Vec<Digest>,
    counts: Vec<Count>,
    /// How many they are: which stands in the log, and not in memory.
    #[serde(skip)]
    named: u8,
}

/// The bytes of a region's file. `totals` gives those of a region in a contest, `file` the
/// file of a part.
pub(super) fn region(
    election: &Election,
    of: RegionIndex,
    stations: Vec<StationNumbers>,
    totals: impl Fn(usize, RegionIndex) -> Option<TotalsView>,
    file: impl Fn(RegionIndex) -> Digest,
) -> Vec<u8> {
    let definition = &election.definition;
    let contests = |region| {
        let contests = definition.contests().iter().enumerate();
        let totals = contests.filter_map(|(at, contest)| {
            Some(ContestTotals { contest: contest.code, totals: totals(at, region)? })
        });
        totals.collect()
    };
    let part = |part: &RegionIndex| {
        let named = &definition.regions()[*part as usize];
        let (code, name) = (named.code, named.name.to_string());
        PartNumbers { code, name, numbers: file(*part), contests: contests(*part) }
    };
    let mut above: Vec<_> = definition
        .upwards(of)
        .skip(1)
        .map(|region| definition.regions()[region as usize].code)
        .collect();
    above.reverse();
    let numbers = RegionNumbers {
        format: 1,
        region: region_name(election, of),
        above,
        contests: contests(of),
        parts: definition.children(of).iter().map(part).collect(),
        stations,
    };
    let mut json = serde_json::to_vec(&numbers).expect("numbers and names are JSON");
    json.push(b'\n');
    json
}

/// A station as it was at a moment.
pub(super) fn station(moment: Moment<'_>, of: StationIndex) -> StationNumbers {
    let definition = &moment.election().definition;
    let named = &definition.stations()[of as usize];
    let contests = (0..definition.contests().len())
        .filter(|contest| definition.in_scope(*contest, of))
        .map(|contest| station_contest(moment, contest, of));
    StationNumbers {
        code: named.code,
        name: named.name.to_string(),
        registered: moment.registered(of),
        amendments: amendments(moment.amendments(of)),
        contests: contests.collect(),
        evidence: moment.evidence(of).iter().map(evidence_view).collect(),
    }
}

fn station_contest(moment: Moment<'_>, contest: usize, of: StationIndex) -> StationContest {
    let ruled = moment.rulings(contest, of);
    let revisions = moment.revisions(contest, of);
    let forms = revisions.iter().flat_map(|revisions| {
        revisions.all().iter().map(|revision| {
            let standing = revisions.standing(revision.index, ruled.last());
            form(moment.election(), contest, of, revision, standing)
        })
    });
    StationContest {
        contest: moment.election().contest(contest).code,
        state: state(moment, contest, of),
        rulings: rulings(ruled),
        forms: forms.collect(),
    }
}

fn form(
    election: &Election,
    contest: usize,
    station: StationIndex,
    Revision { index, report, .. }: &Revision,
    standing: Option<Standing>,
) -> FormNumbers {
    let counts: Vec<_> = report.counts().collect();
    let findings = election.findings(contest, station, &counts);
    FormNumbers {
        index: *index,
        digest: report.digest,
        revision: report.revision,
        supersedes: report.supersedes(),
        device_ms: report.device_ms,
        arrived_ms: report.arrived_ms,
        standing,
        findings: findings.iter().map(|finding| finding.code).collect(),
        explanation: report.explanation().map(str::to_owned),
        reason: report.reason().map(str::to_owned),
        photos: Vec::new(),
        counts,
        named: report.photos,
    }
}

/// What is read of a file that was published before.
#[derive(Debug, Deserialize)]
pub(super) struct Published {
    pub(super) contests: Vec<PublishedTotals>,
    pub(super) parts: Vec<PublishedPart>,
}

/// A part, as it was published before.
#[derive(Debug, Deserialize)]
pub(super) struct PublishedPart {
    pub(super) code: RegionCode,
    pub(super) numbers: Digest,
    pub(super) contests: Vec<PublishedTotals>,
}

/// Totals, as they were published before.
#[derive(Debug, Deserialize)]
pub(super) struct PublishedTotals {
    pub(super) contest: ContestCode,
    pub(super) totals: PublishedNumbers,
}

/// As much of totals as must not shrink without a reason.
#[derive(Debug, Deserialize)]
pub(super) struct PublishedNumbers {
    pub(super) stations: PublishedStations,
    pub(super) votes: std::collections::BTreeMap<PartCode, PublishedSum>,
}

/// Stations that were counted.
#[derive(Debug, Deserialize)]
pub(super) struct PublishedStations {
    pub(super) counted: u32,
}

/// Votes that were counted.
#[derive(Debug, Deserialize)]
pub(super) struct PublishedSum {
    pub(super) total: u64,
}
