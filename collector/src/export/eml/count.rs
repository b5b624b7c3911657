//! EML 510: the totals of the region, and of each part or station of it that is in them.

use std::io::{self, Write};

use saksi_proto::election::Ballot;
use saksi_proto::fields::Part;

use super::{Ids, affiliation, begin, bureau, contest, election, full_name, log};
use crate::export::ExportFault;
use crate::export::content::{Export, Numbers, Unit};
use crate::export::xml::Xml;

/// Writes the document.
///
/// # Errors
/// [`ExportFault`].
pub fn write(export: &Export<'_>, out: impl Write) -> Result<(), ExportFault> {
    let date = export.date()?;
    let mut xml = begin(export, message(export), out)?;
    xml.open("Count", &[])?;
    xml.empty("EventIdentifier", &[])?;
    xml.open("Election", &[])?;
    election(export, date, &mut xml)?;
    xml.open("Contests", &[])?;
    for at in &export.contests {
        xml.open("Contest", &[])?;
        contest(export, *at, &mut xml)?;
        votes(export, *at, &mut xml)?;
        xml.close()?;
    }
    xml.close()?;
    xml.close()?;
    log::object(export, &mut xml)?;
    Ok(xml.end()?)
}

/// The count of a municipality has stations in it, that of the country principal bureaus, and
/// that of a principal bureau municipalities.
fn message(export: &Export<'_>) -> &'static str {
    match (export.wanted.stations, export.region == export.definition().whole()) {
        (true, _) => "510b",
        (false, true) => "510d",
        (false, false) => "510c",
    }
}

fn votes<W: Write>(export: &Export<'_>, contest: usize, xml: &mut Xml<W>) -> io::Result<()> {
    let count = Count::of(export, contest);
    xml.open("TotalVotes", &[])?;
    count.votes(0, xml)?;
    xml.close()?;
    for (at, unit) in export.units.iter().enumerate().skip(1) {
        // A unit with nothing counted would have zeros, and zero is a result.
        if !count.numbers.is_counted(at) || !is_reporting(export, *unit) {
            continue;
        }
        xml.open("ReportingUnitVotes", &[])?;
        let (id, name) = identified(export, *unit);
        xml.text("ReportingUnitIdentifier", &[("Id", &id)], &name)?;
        count.votes(at, xml)?;
        xml.close()?;
    }
    Ok(())
}

/// Whether a unit stands in the count by itself: with stations only these do, so that
/// nothing is contained in something else.
pub(super) fn is_reporting(export: &Export<'_>, unit: Unit) -> bool {
    matches!(unit, Unit::Station(_)) == export.wanted.stations
}

fn identified(export: &Export<'_>, unit: Unit) -> (String, String) {
    let definition = export.definition();
    match unit {
        Unit::Region(region) => {
            let of = &definition.regions()[region as usize];
            (bureau(region), format!("{} {}", of.code, of.name))
        }
        Unit::Station(station) => {
            let of = &definition.stations()[station as usize];
            let bureau = bureau(definition.region_of(station));
            let number = u64::from(station) + 1;
            (format!("{bureau}::SB{number}"), format!("{} {}", of.code, of.name))
        }
    }
}

/// One contest, and how its boxes are called in the profile.
struct Count<'a> {
    export: &'a Export<'a>,
    contest: usize,
    numbers: Numbers<'a>,
    ids: Ids,
}

impl<'a> Count<'a> {
    fn of(export: &'a Export<'a>, contest: usize) -> Self {
        let ids = Ids::of(&export.election().contest(contest).ballot);
        Self { export, contest, numbers: Numbers::of(export, contest), ids }
    }

    /// Everything that was counted in a unit. A box that is known nowhere is 0, for want of
    /// another word; [`log`] says which ones.
    fn votes<W: Write>(&self, unit: usize, xml: &mut Xml<W>) -> io::Result<()> {
        let election = self.export.election();
        let (layout, all) = (election.layout(self.contest), self.numbers.all(unit));
        let number = |field: usize| all[field].unwrap_or(0);
        match &election.contest(self.contest).ballot {
            Ballot::Candidates(_) => {
                for (at, field) in layout.fields().iter().enumerate() {
                    if let Part::Candidate(candidate) = field.part {
                        self.candidate(None, candidate, number(at), xml)?;
                    }
                }
            }
            Ballot::Parties(parties) => {
                for (party, total) in layout.votes().iter().enumerate() {
                    xml.open("Selection", &[])?;
                    affiliation(&self.ids.first[party], &parties[party].name, xml)?;
                    xml.number("ValidVotes", &[], number(*total))?;
                    xml.close()?;
                    for (at, field) in layout.fields().iter().enumerate() {
                        match field.part {
                            Part::PartyCandidate(of, candidate) if of == party => {
                                self.candidate(Some(party), candidate, number(at), xml)?;
                            }
                            _ => {}
                        }
                    }
                }
            }
        }
        let summary = layout.summary();
        let votes = || layout.votes().iter().map(|field| number(*field)).sum();
        xml.number("Cast", &[], self.registered(unit))?;
        xml.number("TotalCounted", &[], summary.valid.map_or_else(votes, number))?;
        let invalid = summary.invalid.map_or(0, number);
        xml.number("RejectedVotes", &[("ReasonCode", "ongeldig")], invalid)?;
        xml.number("RejectedVotes", &[("ReasonCode", "blanco")], 0)?;
        match summary.voters.and_then(|field| all[field]) {
            Some(voters) => {
                xml.number("UncountedVotes", &[("ReasonCode", "toegelaten kiezers")], voters)
            }
            None => Ok(()),
        }
    }

    /// Who could have voted where it is counted: in the profile that is what is cast.
    fn registered(&self, unit: usize) -> u64 {
        match self.export.units[unit] {
            Unit::Region(region) => self.export.totals(self.contest, region).registered_counted,
            Unit::Station(station) => self.export.registered(station).map_or(0, u64::from),
        }
    }

    fn candidate<W: Write>(
        &self,
        party: Option<usize>,
        candidate: usize,
        votes: u64,
        xml: &mut Xml<W>,
    ) -> io::Result<()> {
        let (id, name) = match (&self.export.election().contest(self.contest).ballot, party) {
            (Ballot::Parties(parties), Some(party)) => {
                (&self.ids.lists[party][candidate], &parties[party].candidates[candidate].name)
            }
            (Ballot::Candidates(candidates), _) => {
                (&self.ids.first[candidate], &candidates[candidate].name)
            }
            (Ballot::Parties(_), None) => return Ok(()),
        };
        xml.open("Selection", &[])?;
        xml.open("Candidate", &[])?;
        xml.empty("CandidateIdentifier", &[("Id", id)])?;
        full_name(name, xml)?;
        xml.close()?;
        xml.number("ValidVotes", &[], votes)?;
        xml.close()
    }
}
