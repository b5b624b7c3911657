//! The form of one contest: its fields, its rules made ready for them, and what is
//! found on a filled one.

use crate::count::Count;
use crate::definition::Registered;
use crate::election::{Contest, FormKind, Summary};
use crate::fields::{Field, Fields, FieldsFault};
use crate::rule::{CheckFault, Compiled, Finding, compile};

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
    fields: Fields,
    summary: SummaryFields,
    again: Vec<usize>,
    rules: Vec<Compiled>,
}

/// Why a contest and its kind of form do not go together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LayoutFault {
    /// The form has no fields for the ballot.
    #[error(transparent)]
    Fields(#[from] FieldsFault),
    /// A field of the summary that the form does not have.
    #[error("the summary names the field “{0}”, which the form does not have")]
    UnknownSummary(String),
    /// A line to be typed twice that the form does not have.
    #[error("the second entry names the line “{line}”, which the form does not have")]
    UnknownAgain {
        /// Its code.
        line: String,
        /// Position in [`EntryPolicy::second_entry`](crate::election::EntryPolicy).
        at: usize,
    },
    /// A rule that cannot be applied to the form.
    #[error(transparent)]
    Rule(#[from] CheckFault),
}

impl Layout {
    /// Lays out the form of `contest`.
    ///
    /// # Errors
    /// All faults of the combination, never an empty list.
    pub fn new(form: &FormKind, contest: &Contest) -> Result<Self, Vec<LayoutFault>> {
        let all = |faults: Vec<FieldsFault>| faults.into_iter().map(LayoutFault::from).collect();
        let fields = Fields::new(form, &contest.ballot).map_err::<Vec<_>, _>(all)?;
        let (summary, mut faults) = summary_fields(&form.summary, &fields);
        let again = again(form, &fields).unwrap_or_else(|unknown| {
            faults.extend(unknown);
            Vec::new()
        });
        match compile(form, &fields) {
            Ok(rules) if faults.is_empty() => Ok(Self { fields, summary, again, rules }),
            Ok(_) => Err(faults),
            Err(rules) => {
                faults.extend(rules.into_iter().map(LayoutFault::from));
                Err(faults)
            }
        }
    }

    /// The fields, in the order of the paper and of the signed bytes.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        self.fields.all()
    }

    /// Position of a field by its code.
    #[must_use]
    pub fn field(&self, code: &str) -> Option<usize> {
        self.fields.position(code)
    }

    /// For each candidate or party the position of its votes.
    #[must_use]
    pub fn votes(&self) -> &[usize] {
        self.fields.votes()
    }

    /// Positions of the fields that mean the same on every form.
    #[must_use]
    pub fn summary(&self) -> SummaryFields {
        self.summary
    }

    /// Positions of the fields that are typed twice, in the order of the paper.
    #[must_use]
    pub fn again(&self) -> &[usize] {
        &self.again
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

/// The fields of the lines that are typed twice.
fn again(form: &FormKind, fields: &Fields) -> Result<Vec<usize>, Vec<LayoutFault>> {
    let twice = &form.entry.second_entry;
    let is_there = |code: &String| form.lines.iter().any(|line| line.code == *code);
    let unknown = twice.iter().enumerate().filter(|(_, code)| !is_there(code));
    let unknown: Vec<_> =
        unknown.map(|(at, line)| LayoutFault::UnknownAgain { line: line.clone(), at }).collect();
    if !unknown.is_empty() {
        return Err(unknown);
    }
    let all = fields.all().iter().enumerate();
    let again = all.filter(|(_, field)| twice.contains(&form.lines[field.line].code));
    Ok(again.map(|(at, _)| at).collect())
}

fn summary_fields(summary: &Summary, fields: &Fields) -> (SummaryFields, Vec<LayoutFault>) {
    let mut faults = Vec::new();
    let mut position = |code: &Option<String>| {
        let code = code.as_ref()?;
        let found = fields.position(code);
        if found.is_none() {
            faults.push(LayoutFault::UnknownSummary(code.clone()));
        }
        found
    };
    let found = SummaryFields {
        registered: position(&summary.registered),
        voters: position(&summary.voters),
        valid: position(&summary.valid),
        invalid: position(&summary.invalid),
    };
    (found, faults)
}
