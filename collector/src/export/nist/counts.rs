//! The contests and their counts.

use std::io;

use saksi_proto::fields::Part;

use super::document::{candidate_id, identifier, party_id};
use super::units::{self, count_status, in_words};
use super::{Spelling, Type};
use crate::export::content::{Export, Numbers, Unit};
use crate::export::coverage::Progress;

/// Ballots by unit and contest. The schema has them for the election as a whole; where every
/// contest has a paper of its own they are said to be of that contest.
pub(super) fn ballots(export: &Export<'_>, to: &mut impl Spelling) -> io::Result<()> {
    to.begin_list("BallotCounts")?;
    for contest in &export.contests {
        let summary = export.election().layout(*contest).summary();
        let numbers = Numbers::of(export, *contest);
        let words = format!("contest={}", export.election().contest(*contest).code);
        let words = (export.contests.len() > 1).then_some(words.as_str());
        for (at, unit) in export.units.iter().enumerate() {
            let number = |field: Option<usize>| numbers.number(at, field?);
            let (valid, invalid) = (number(summary.valid), number(summary.invalid));
            if valid.is_none() && invalid.is_none() {
                continue;
            }
            begin_counts("BallotCounts", export, *unit, words, to)?;
            // Of either alone nothing follows for all.
            if let Some((valid, invalid)) = valid.zip(invalid) {
                to.number("BallotsCast", valid + invalid)?;
            }
            if let Some(invalid) = invalid {
                to.number("BallotsRejected", invalid)?;
            }
            to.end()?;
        }
    }
    to.end_list()
}

fn begin_counts(
    name: &'static str,
    export: &Export<'_>,
    unit: Unit,
    words: Option<&str>,
    to: &mut impl Spelling,
) -> io::Result<()> {
    to.begin(name, Type::Plain(name), None)?;
    to.text("GpUnitId", &units::id(export, unit))?;
    match words {
        None => to.text("Type", "total"),
        Some(words) => {
            to.text("Type", "other")?;
            to.text("OtherType", words)
        }
    }
}

/// A contest with the votes of everybody who stands.
pub(super) fn contest(
    export: &Export<'_>,
    contest: usize,
    to: &mut impl Spelling,
) -> io::Result<()> {
    let of = export.election().contest(contest);
    let totals = export.totals(contest, export.region);
    let id = format!("contest-{}", contest + 1);
    to.begin("Contest", Type::Chosen("CandidateContest"), Some(&id))?;
    selections(export, contest, to)?;
    to.begin_list("CountStatus")?;
    count_status(Progress::of(totals), None, to)?;
    count_status(Progress::of(totals), Some(&in_words(totals)), to)?;
    to.end_list()?;
    to.text("ElectionDistrictId", &units::district_of(export, contest))?;
    to.begin_list("ExternalIdentifier")?;
    identifier("contest", of.code.as_str(), to)?;
    to.end_list()?;
    to.text("Name", of.name.in_language(0))?;
    to.number("SequenceOrder", contest as u64 + 1)?;
    to.number("SubUnitsReported", u64::from(totals.counted + totals.rejected))?;
    to.number("TotalSubUnits", u64::from(totals.expected))?;
    // One vote a ballot paper: what the rules of every form here say of its sums.
    to.number("VotesAllowed", 1)?;
    to.end()
}

fn selections(export: &Export<'_>, contest: usize, to: &mut impl Spelling) -> io::Result<()> {
    let numbers = Numbers::of(export, contest);
    let fields = export.election().layout(contest).fields();
    let mut order = 0;
    to.begin_list("ContestSelection")?;
    for (at, field) in fields.iter().enumerate() {
        let (of, name, id) = match field.part {
            Part::Candidate(candidate) => {
                ("CandidateSelection", "CandidateIds", candidate_id(contest, None, candidate))
            }
            Part::PartyCandidate(party, candidate) => (
                "CandidateSelection",
                "CandidateIds",
                candidate_id(contest, Some(party), candidate),
            ),
            Part::PartyTotal(party) => ("PartySelection", "PartyIds", party_id(contest, party)),
            Part::Whole | Part::Column(_) | Part::PartyOwn(_) => continue,
        };
        order += 1;
        let own = format!("selection-{}-{order}", contest + 1);
        to.begin("ContestSelection", Type::Chosen(of), Some(&own))?;
        to.number("SequenceOrder", order)?;
        to.begin_list("VoteCounts")?;
        votes(export, &numbers, at, None, to)?;
        if let Part::PartyTotal(party) = field.part {
            // The total has the votes of the list's candidates in it, and these.
            let for_itself = fields.iter().position(|field| field.part == Part::PartyOwn(party));
            if let Some(for_itself) = for_itself {
                votes(export, &numbers, for_itself, Some("party-own"), to)?;
            }
        }
        to.end_list()?;
        to.references(name, &[id])?;
        to.end()?;
    }
    to.end_list()
}

/// The votes in each unit where there is a number.
fn votes(
    export: &Export<'_>,
    numbers: &Numbers<'_>,
    field: usize,
    words: Option<&str>,
    to: &mut impl Spelling,
) -> io::Result<()> {
    for (at, unit) in export.units.iter().enumerate() {
        if let Some(votes) = numbers.number(at, field) {
            begin_counts("VoteCounts", export, *unit, words, to)?;
            to.number("Count", votes)?;
            to.end()?;
        }
    }
    Ok(())
}
