//! The fields of one contest's form, in the order of the paper, and its rules made
//! ready for them.
//!
//! A sealed form carries its numbers in this order, without names: the election's
//! digest, signed with them, fixes what stands where.

use std::collections::HashMap;

use crate::count::Count;
use crate::definition::Registered;
use crate::election::{Ballot, Contest, FormKind, Line, MAX_FIELDS, Votes};
use crate::rule::{Compiled, Finding, RuleFault, compile};

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

/// Positions of the fields that the published summary speaks of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SummaryFields {
    /// Registered voters.
    pub registered: Option<usize>,
    /// Voters who voted.
    pub voters: Option<usize>,
    /// Valid votes.
    pub valid: Option<usize>,
    /// Invalid votes.
    pub invalid: Option<usize>,
}

/// The form of one contest.
#[derive(Debug)]
pub struct Layout {
    fields: Vec<Field>,
    by_code: HashMap<String, usize>,
    /// For each contestant the field of its votes (a party's: its total).
    votes: Vec<usize>,
    /// One position a party: own votes, candidates, total.
    parties: Vec<PartyFields>,
    summary: SummaryFields,
    rules: Vec<Compiled>,
}

/// Where a party's numbers stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PartyFields {
    pub(crate) own: usize,
    pub(crate) candidates: Vec<usize>,
    pub(crate) total: usize,
}

/// Why a contest and its kind of form do not go together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LayoutFault {
    /// More than [`MAX_FIELDS`].
    #[error("the form would have {0} fields; at most {MAX_FIELDS} are possible")]
    TooManyFields(usize),
    /// Two fields of one code.
    #[error("the field “{0}” would stand twice on the form")]
    DuplicateField(String),
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
    /// A field of the summary that the form does not have.
    #[error("the summary names the field “{0}”, which the form does not have")]
    UnknownSummary(String),
    /// A rule that cannot be applied to the form.
    #[error("rule {rule}: {fault}")]
    Rule {
        /// Position of the rule in [`FormKind::rules`].
        position: usize,
        /// Position of the check in the rule.
        check: usize,
        /// Code of the rule.
        rule: String,
        /// What is wrong.
        fault: RuleFault,
    },
}

impl Layout {
    /// Lays out the form of `contest`.
    ///
    /// # Errors
    /// All faults of the combination, never an empty list.
    pub fn new(form: &FormKind, contest: &Contest) -> Result<Self, Vec<LayoutFault>> {
        let mut faults = Vec::new();
        let vote_lines = form.lines.iter().filter(|line| line.votes.is_some()).count();
        if vote_lines != 1 {
            faults.push(LayoutFault::VoteLines(vote_lines));
        }
        let mut fields = Vec::new();
        for (at, line) in form.lines.iter().enumerate() {
            match line_fields(at, line, &contest.ballot) {
                Ok(of_line) => fields.extend(of_line),
                Err(fault) => faults.push(fault),
            }
        }
        if fields.len() > MAX_FIELDS {
            return Err(vec![LayoutFault::TooManyFields(fields.len())]);
        }
        let mut by_code = HashMap::new();
        for (at, field) in fields.iter().enumerate() {
            if by_code.insert(field.code.clone(), at).is_some() {
                faults.push(LayoutFault::DuplicateField(field.code.clone()));
            }
        }
        let mut summary_field = |code: &Option<String>| {
            let code = code.as_ref()?;
            let found = by_code.get(code).copied();
            if found.is_none() {
                faults.push(LayoutFault::UnknownSummary(code.clone()));
            }
            found
        };
        let summary = SummaryFields {
            registered: summary_field(&form.summary.registered),
            voters: summary_field(&form.summary.voters),
            valid: summary_field(&form.summary.valid),
            invalid: summary_field(&form.summary.invalid),
        };
        if !faults.is_empty() {
            return Err(faults);
        }
        let votes =
            positions(&fields, |part| matches!(part, Part::Candidate(_) | Part::PartyTotal(_)));
        let parties = party_fields(&fields);
        let mut layout = Self { fields, by_code, votes, parties, summary, rules: Vec::new() };
        layout.rules = compile(form, &layout)?;
        Ok(layout)
    }

    /// The fields, in the order of the paper and of the signed bytes.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Position of a field by its code.
    #[must_use]
    pub fn field(&self, code: &str) -> Option<usize> {
        self.by_code.get(code).copied()
    }

    /// For each candidate or party the position of its votes.
    #[must_use]
    pub fn votes(&self) -> &[usize] {
        &self.votes
    }

    /// Positions of the fields that mean the same on every form.
    #[must_use]
    pub fn summary(&self) -> SummaryFields {
        self.summary
    }

    pub(crate) fn parties(&self) -> &[PartyFields] {
        &self.parties
    }

    /// Everything that breaks a rule on a filled form, in the order of the rules.
    ///
    /// `counts` has one element a field. A check one of whose fields is not written
    /// or illegible is not broken (DOMAIN 2).
    #[must_use]
    pub fn findings(&self, counts: &[Count], registered: Registered) -> Vec<Finding> {
        self.rules.iter().filter_map(|rule| rule.broken_by(counts, registered)).collect()
    }
}

fn line_fields(at: usize, line: &Line, ballot: &Ballot) -> Result<Vec<Field>, LayoutFault> {
    let field = |code: String, part| Field { code, line: at, part, bound: line.bound };
    let other = |wanted, found| LayoutFault::OtherBallot { line: line.code.clone(), wanted, found };
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
