//! The fields of one contest's form, in the order of the paper and of the signed bytes.
//!
//! A sealed form carries its numbers in this order, without names: the election's
//! digest, signed with them, fixes what stands where.

use std::collections::HashMap;

use crate::election::{Ballot, FormKind, Line, MAX_FIELDS, Votes};

/// Code of a party's own votes in its part of a form: `IV.04.own`.
pub const PARTY_OWN: &str = "own";
/// Code of a party's total in its part of a form: `IV.04.total`.
pub const PARTY_TOTAL: &str = "total";

/// One field of a form: one box for one number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Names the field: line, and column, candidate or party (`I.A.L`, `IV.02`,
    /// `IV.04.total`).
    pub code: String,
    /// Position of its line in [`FormKind::lines`].
    pub line: usize,
    /// What it is of its line.
    pub part: Part,
    /// The largest number that fits its box.
    pub bound: u32,
}

/// What a field is of its line. Numbers are positions in the contest's ballot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The line's only field.
    Whole,
    /// A column of the line.
    Column(usize),
    /// The votes of a candidate.
    Candidate(usize),
    /// The votes for a party itself.
    PartyOwn(usize),
    /// The votes for a candidate on a party's list.
    PartyCandidate(usize, usize),
    /// All votes of a party.
    PartyTotal(usize),
}

/// Where a party's numbers stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PartyFields {
    pub(crate) own: usize,
    pub(crate) candidates: Vec<usize>,
    pub(crate) total: usize,
}

/// The boxes of one contest's paper.
#[derive(Debug)]
pub struct Fields {
    /// In the order of the paper.
    all: Vec<Field>,
    by_code: HashMap<String, usize>,
    /// For each contestant the field of its votes (a party's: its total).
    votes: Vec<usize>,
    /// One for each party.
    parties: Vec<PartyFields>,
}

/// Why a kind of form has no fields for a ballot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FieldsFault {
    /// More than [`MAX_FIELDS`].
    #[error("the form would have {0} fields; at most {MAX_FIELDS} are possible")]
    TooMany(usize),
    /// Two fields of one code.
    #[error("the field “{code}” would stand twice on the form")]
    Duplicate {
        /// Code of the field.
        code: String,
        /// Position of the second one's line in [`FormKind::lines`].
        line: usize,
    },
    /// A contest with parties on a form for candidates, or the reverse.
    #[error("the line “{line}” is for {wanted}, but the contest has {found}")]
    OtherBallot {
        /// Code of the line.
        line: String,
        /// What the line is for.
        wanted: &'static str,
        /// What the contest has.
        found: &'static str,
    },
    /// No line, or more than one, for the votes.
    #[error("a form needs one line of votes; this one has {0}")]
    VoteLines(usize),
}

impl Fields {
    /// The fields of a kind of form for a ballot.
    ///
    /// # Errors
    /// All faults of the combination, never an empty list.
    pub fn new(form: &FormKind, ballot: &Ballot) -> Result<Self, Vec<FieldsFault>> {
        let mut faults = Vec::new();
        let vote_lines = form.lines.iter().filter(|line| line.votes.is_some()).count();
        if vote_lines != 1 {
            faults.push(FieldsFault::VoteLines(vote_lines));
        }
        let mut all = Vec::new();
        for (at, line) in form.lines.iter().enumerate() {
            match line_fields(at, line, ballot) {
                Ok(of_line) => all.extend(of_line),
                Err(fault) => faults.push(fault),
            }
        }
        if all.len() > MAX_FIELDS {
            return Err(vec![FieldsFault::TooMany(all.len())]);
        }
        let mut by_code = HashMap::new();
        for (at, field) in all.iter().enumerate() {
            if by_code.insert(field.code.clone(), at).is_some() {
                let (code, line) = (field.code.clone(), field.line);
                faults.push(FieldsFault::Duplicate { code, line });
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let votes =
            positions(&all, |part| matches!(part, Part::Candidate(_) | Part::PartyTotal(_)));
        let parties = party_fields(&all);
        Ok(Self { all, by_code, votes, parties })
    }

    /// In the order of the paper and of the signed bytes.
    #[must_use]
    pub fn all(&self) -> &[Field] {
        &self.all
    }

    /// Position of a field by its code.
    #[must_use]
    pub fn position(&self, code: &str) -> Option<usize> {
        self.by_code.get(code).copied()
    }

    /// For each candidate or party the position of its votes.
    #[must_use]
    pub fn votes(&self) -> &[usize] {
        &self.votes
    }

    pub(crate) fn parties(&self) -> &[PartyFields] {
        &self.parties
    }
}

fn line_fields(at: usize, line: &Line, ballot: &Ballot) -> Result<Vec<Field>, FieldsFault> {
    let field = |code: String, part| Field { code, line: at, part, bound: line.bound };
    let other = |wanted, found| FieldsFault::OtherBallot { line: line.code.clone(), wanted, found };
    match (line.votes, ballot) {
        (None, _) if line.columns.is_empty() => Ok(vec![field(line.code.clone(), Part::Whole)]),
        (None, _) => {
            let columns = line.columns.iter().enumerate();
            let fields = columns
                .map(|(column, code)| field(format!("{}.{code}", line.code), Part::Column(column)));
            Ok(fields.collect())
        }
        (Some(Votes::Candidates), Ballot::Candidates(candidates)) => {
            let candidates = candidates.iter().enumerate();
            let fields = candidates.map(|(candidate, standing)| {
                let code = format!("{}.{}", line.code, standing.code);
                field(code, Part::Candidate(candidate))
            });
            Ok(fields.collect())
        }
        (Some(Votes::Parties), Ballot::Parties(parties)) => {
            let mut fields = Vec::new();
            for (at_party, party) in parties.iter().enumerate() {
                let code = |part: &str| format!("{}.{}.{part}", line.code, party.code);
                fields.push(field(code(PARTY_OWN), Part::PartyOwn(at_party)));
                for (candidate, standing) in party.candidates.iter().enumerate() {
                    let part = Part::PartyCandidate(at_party, candidate);
                    fields.push(field(code(standing.code.as_str()), part));
                }
                fields.push(field(code(PARTY_TOTAL), Part::PartyTotal(at_party)));
            }
            Ok(fields)
        }
        (Some(Votes::Candidates), Ballot::Parties(_)) => Err(other("candidates", "parties")),
        (Some(Votes::Parties), Ballot::Candidates(_)) => Err(other("parties", "candidates")),
    }
}

fn positions(fields: &[Field], wanted: impl Fn(Part) -> bool) -> Vec<usize> {
    let fields = fields.iter().enumerate();
    fields.filter(|(_, field)| wanted(field.part)).map(|(at, _)| at).collect()
}

fn party_fields(fields: &[Field]) -> Vec<PartyFields> {
    let mut parties = Vec::new();
    for (at, field) in fields.iter().enumerate() {
        match field.part {
            Part::PartyOwn(_) => {
                parties.push(PartyFields { own: at, candidates: Vec::new(), total: at });
            }
            Part::PartyCandidate(party, _) => parties[party].candidates.push(at),
            Part::PartyTotal(party) => parties[party].total = at,
            Part::Whole | Part::Column(_) | Part::Candidate(_) => {}
        }
    }
    parties
}
