//! EML 520: who is elected in one contest.
//!
//! In the profile a result is a list of the elected and of nobody else. Who they are follows
//! from a law that no definition has in it (seats, thresholds, runoffs), so Saksi does not say
//! it: whoever has the right to names them, and they are written with their votes, once nothing
//! of the contest is missing, held or disputed.

use std::io::{self, Write};

use saksi_proto::election::Ballot;
use saksi_proto::fields::Part;

use super::{Ids, affiliation, begin, contest, election, full_name, log};
use crate::export::ExportFault;
use crate::export::content::{Export, Numbers};
use crate::export::coverage::open;
use crate::export::xml::Xml;

/// Somebody who is elected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Elected {
    /// Position of the candidate, or of the party.
    first: usize,
    /// Position on the party's list; none for the party itself.
    on_list: Option<usize>,
}

/// Writes the document.
///
/// # Errors
/// [`ExportFault`], also while the count is not complete.
pub fn write(export: &Export<'_>, out: impl Write) -> Result<(), ExportFault> {
    let at = export.only_contest()?;
    let date = export.date()?;
    if export.region != export.definition().whole() || export.wanted.stations {
        return Err(ExportFault::Whole);
    }
    let totals = export.totals(at, export.region);
    if open(totals) > 0 || totals.counted == 0 {
        return Err(ExportFault::Incomplete { open: open(totals), expected: totals.expected });
    }
    let elected = elected(export, at)?;
    let mut xml = begin(export, "520", out)?;
    xml.open("Result", &[])?;
    xml.open("Election", &[])?;
    election(export, date, &mut xml)?;
    xml.open("Contest", &[])?;
    contest(export, at, &mut xml)?;
    let (numbers, ballot) = (Numbers::of(export, at), &export.election().contest(at).ballot);
    for one in elected {
        let votes = votes(export, at, &numbers, one);
        selection(export, ballot, one, votes, &mut xml)?;
    }
    xml.close()?;
    xml.close()?;
    log::object(export, &mut xml)?;
    Ok(xml.end()?)
}

/// Everybody who was named, a party before those of its list.
fn elected(export: &Export<'_>, contest: usize) -> Result<Vec<Elected>, ExportFault> {
    let ballot = &export.election().contest(contest).ballot;
    let mut all = Vec::new();
    for code in &export.wanted.elected {
        let found = find(ballot, code);
        all.push(found.ok_or_else(|| ExportFault::UnknownElected(code.clone()))?);
    }
    if all.is_empty() {
        return Err(ExportFault::NobodyElected);
    }
    // A candidate is elected on a list, which has a seat so.
    let lists = all.iter().filter(|one| one.on_list.is_some());
    let lists: Vec<_> = lists.map(|one| Elected { on_list: None, ..*one }).collect();
    all.extend(lists);
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

fn find(ballot: &Ballot, code: &str) -> Option<Elected> {
    let first = |first| Elected { first, on_list: None };
    match ballot {
        Ballot::Candidates(candidates) => {
            candidates.iter().position(|candidate| candidate.code.as_str() == code).map(first)
        }
        Ballot::Parties(parties) => parties.iter().enumerate().find_map(|(at, party)| {
            if party.code.as_str() == code {
                return Some(first(at));
            }
            let mut list = party.candidates.iter();
            let on_list = list.position(|of| format!("{}.{}", party.code, of.code) == code)?;
            Some(Elected { first: at, on_list: Some(on_list) })
        }),
    }
}

fn votes(export: &Export<'_>, contest: usize, numbers: &Numbers<'_>, of: Elected) -> Option<u64> {
    let layout = export.election().layout(contest);
    let field = match of.on_list {
        None => layout.votes().get(of.first).copied(),
        Some(candidate) => {
            let part = Part::PartyCandidate(of.first, candidate);
            layout.fields().iter().position(|field| field.part == part)
        }
    };
    numbers.number(0, field?)
}

fn selection<W: Write>(
    export: &Export<'_>,
    ballot: &Ballot,
    of: Elected,
    votes: Option<u64>,
    xml: &mut Xml<W>,
) -> io::Result<()> {
    let ids = Ids::of(ballot);
    xml.open("Selection", &[])?;
    match (ballot, of.on_list) {
        (Ballot::Candidates(candidates), _) => {
            candidate(export, &ids.first[of.first], &candidates[of.first].name, xml)?;
        }
        (Ballot::Parties(parties), None) => {
            affiliation(&ids.first[of.first], &parties[of.first].name, xml)?;
        }
        (Ballot::Parties(parties), Some(at)) => {
            let name = &parties[of.first].candidates[at].name;
            candidate(export, &ids.lists[of.first][at], name, xml)?;
        }
    }
    // The profile has no word for an elected one without votes.
    if let Some(votes) = votes.filter(|votes| *votes > 0) {
        xml.number("Votes", &[], votes)?;
    }
    xml.text("Elected", &[], "yes")?;
    xml.close()
}

/// The profile wants a place of residence, which no definition has: the whole stands there.
fn candidate<W: Write>(
    export: &Export<'_>,
    id: &str,
    name: &str,
    xml: &mut Xml<W>,
) -> io::Result<()> {
    let definition = export.definition();
    xml.open("Candidate", &[])?;
    xml.empty("CandidateIdentifier", &[("Id", id)])?;
    full_name(name, xml)?;
    xml.open("QualifyingAddress", &[])?;
    xml.open("xal:Locality", &[])?;
    xml.text("xal:LocalityName", &[], &definition.regions()[definition.whole() as usize].name)?;
    xml.close()?;
    xml.close()?;
    xml.close()
}
