//! The report and the election in it.

use std::io;

use saksi_proto::election::{Ballot, Party, Text};

use super::counts;
use super::units::{self, Districts};
use super::{Spelling, Type};
use crate::export::content::Export;
use crate::export::coverage::{Coverage, Progress};
use crate::ledger::Publication;

/// The whole report, but for its end.
pub(super) fn report(export: &Export<'_>, date: &str, to: &mut impl Spelling) -> io::Result<()> {
    let coverage = Coverage::of(export);
    let districts = Districts::of(export);
    to.begin("ElectionReport", Type::Plain("ElectionReport"), None)?;
    to.begin_list("Election")?;
    election(export, date, to)?;
    to.end_list()?;
    identifiers(export, to)?;
    let detail = if export.wanted.stations { "precinct-level" } else { "summary-contest" };
    to.text("Format", detail)?;
    to.text("GeneratedDate", &export.made_at())?;
    units::all(export, &coverage, &districts, to)?;
    to.text("Issuer", export.issuer())?;
    to.text("IssuerAbbreviation", export.issuer())?;
    to.truth("IsTest", export.is_rehearsal())?;
    to.text("Notes", &notes(export))?;
    parties(export, to)?;
    // One report of a sequence of one. What orders the reports of a night is the size of the
    // log, which stands among the identifiers.
    to.number("SequenceStart", 1)?;
    to.number("SequenceEnd", 1)?;
    to.text("Status", status(Progress::of_all(export)))?;
    if export.is_rehearsal() {
        to.text("TestType", "rehearsal")?;
    }
    to.text("VendorApplicationId", concat!("saksi-collector ", env!("CARGO_PKG_VERSION")))?;
    to.end()
}

/// Never `certified`: that is for somebody else to say.
fn status(progress: Progress) -> &'static str {
    match progress {
        Progress::Nothing => "pre-election",
        Progress::Partial => "unofficial-partial",
        Progress::Complete => "unofficial-complete",
    }
}

/// The word of the schema for how far a count has come.
pub(super) fn item_status(progress: Progress) -> &'static str {
    match progress {
        Progress::Nothing => "not-processed",
        Progress::Partial => "in-process",
        Progress::Complete => "completed",
    }
}

fn identifiers(export: &Export<'_>, to: &mut impl Spelling) -> io::Result<()> {
    let checkpoint = &export.folded.checkpoint;
    to.begin_list("ExternalIdentifier")?;
    identifier("log-origin", &checkpoint.origin, to)?;
    identifier("log-size", &checkpoint.size.to_string(), to)?;
    identifier("log-root", &checkpoint.root.to_string(), to)?;
    identifier("log-checkpoint", &export.folded.note, to)?;
    to.end_list()
}

/// An identifier of a type that the schema does not know.
pub(super) fn identifier(of: &str, value: &str, to: &mut impl Spelling) -> io::Result<()> {
    to.begin("ExternalIdentifier", Type::Plain("ExternalIdentifier"), None)?;
    to.text("Type", "other")?;
    to.text("OtherType", of)?;
    to.text("Value", value)?;
    to.end()
}

/// A list of one identifier: a code of the definition.
pub(super) fn code(value: &str, to: &mut impl Spelling) -> io::Result<()> {
    to.begin_list("ExternalIdentifier")?;
    to.begin("ExternalIdentifier", Type::Plain("ExternalIdentifier"), None)?;
    to.text("Type", "local-level")?;
    to.text("Value", value)?;
    to.end()?;
    to.end_list()
}

fn notes(export: &Export<'_>) -> String {
    let mut notes = export.position();
    if export.is_rehearsal() {
        notes = format!("REHEARSAL: no votes were cast. {notes}");
    }
    if let Publication::Paused { act, .. } = &export.folded.ledger.publication {
        notes += &format!(" Publication is paused: {}", act.reason);
    }
    notes
}

fn election(export: &Export<'_>, date: &str, to: &mut impl Spelling) -> io::Result<()> {
    let definition = export.definition();
    let head = definition.head();
    to.begin("Election", Type::Plain("Election"), None)?;
    counts::ballots(export, to)?;
    candidates(export, to)?;
    to.begin_list("Contest")?;
    for contest in &export.contests {
        counts::contest(export, *contest, to)?;
    }
    to.end_list()?;
    to.text("ElectionScopeId", &units::region_id(export, definition.whole()))?;
    to.begin_list("ExternalIdentifier")?;
    identifier("election", head.id.as_str(), to)?;
    identifier("definition-sha256", &definition.digest().to_string(), to)?;
    to.end_list()?;
    in_languages("Name", export, &head.name, to)?;
    to.text("StartDate", date)?;
    to.text("EndDate", date)?;
    // Whether it is a general one or a runoff, no definition says.
    to.text("Type", "other")?;
    to.text("OtherType", "not stated")?;
    to.end()
}

/// A text in the languages of the election.
pub(super) fn in_languages(
    name: &'static str,
    export: &Export<'_>,
    text: &Text,
    to: &mut impl Spelling,
) -> io::Result<()> {
    to.begin(name, Type::Plain("InternationalizedText"), None)?;
    to.begin_list("Text")?;
    for (language, text) in export.definition().head().languages.iter().zip(&text.0) {
        to.in_language(language, text)?;
    }
    to.end_list()?;
    to.end()
}

/// A name, which the definition has in no particular language: the first one's.
pub(super) fn named(
    name: &'static str,
    export: &Export<'_>,
    text: &str,
    to: &mut impl Spelling,
) -> io::Result<()> {
    to.begin(name, Type::Plain("InternationalizedText"), None)?;
    to.begin_list("Text")?;
    to.in_language(&export.definition().head().languages[0], text)?;
    to.end_list()?;
    to.end()
}

/// What a candidate is referred to by: positions, since codes put together may be those of two.
pub(super) fn candidate_id(contest: usize, party: Option<usize>, candidate: usize) -> String {
    let list = party.map(|party| format!("{}-", party + 1)).unwrap_or_default();
    format!("candidate-{}-{list}{}", contest + 1, candidate + 1)
}

/// What a party is referred to by.
pub(super) fn party_id(contest: usize, party: usize) -> String {
    format!("party-{}-{}", contest + 1, party + 1)
}

fn candidates(export: &Export<'_>, to: &mut impl Spelling) -> io::Result<()> {
    to.begin_list("Candidate")?;
    for contest in &export.contests {
        match &export.election().contest(*contest).ballot {
            Ballot::Candidates(candidates) => {
                for (at, candidate) in candidates.iter().enumerate() {
                    let id = candidate_id(*contest, None, at);
                    to.begin("Candidate", Type::Plain("Candidate"), Some(&id))?;
                    named("BallotName", export, &candidate.name, to)?;
                    code(candidate.code.as_str(), to)?;
                    to.end()?;
                }
            }
            Ballot::Parties(parties) => {
                for (at, party) in parties.iter().enumerate() {
                    on_list(export, *contest, at, party, to)?;
                }
            }
        }
    }
    to.end_list()
}

fn on_list(
    export: &Export<'_>,
    contest: usize,
    at: usize,
    party: &Party,
    to: &mut impl Spelling,
) -> io::Result<()> {
    for (candidate, of) in party.candidates.iter().enumerate() {
        let id = candidate_id(contest, Some(at), candidate);
        to.begin("Candidate", Type::Plain("Candidate"), Some(&id))?;
        named("BallotName", export, &of.name, to)?;
        code(&format!("{}.{}", party.code, of.code), to)?;
        to.text("PartyId", &party_id(contest, at))?;
        to.end()?;
    }
    Ok(())
}

/// Parties are known by contest: nothing in a definition says that two of one number are one.
fn parties(export: &Export<'_>, to: &mut impl Spelling) -> io::Result<()> {
    to.begin_list("Party")?;
    for contest in &export.contests {
        let Ballot::Parties(parties) = &export.election().contest(*contest).ballot else {
            continue;
        };
        for (at, party) in parties.iter().enumerate() {
            to.begin("Party", Type::Plain("Party"), Some(&party_id(*contest, at)))?;
            code(party.code.as_str(), to)?;
            named("Name", export, &party.name, to)?;
            to.end()?;
        }
    }
    to.end_list()
}
