//! The form of one contest: its fields, its rules made ready for them, and what is
//! found on a filled one.

use crate::count::Count;
use crate::definition::Registered;
use crate::election::{Contest, FormKind, Line, Summary};
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
    same: Vec<usize>,
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
    /// A line to be compared with other forms that the form does not have.
    #[error("the summary names the line “{line}”, which the form does not have")]
    UnknownSame {
        /// Its code.
        line: String,
        /// Position in [`Summary::same`].
        at: usize,
    },
    /// A line to be compared with other forms that has another meaning on each.
    #[error("the line “{line}” has votes, which are others in each contest")]
    SameVotes {
        /// Its code.
        line: String,
        /// Position in [`Summary::same`].
        at: usize,
    },
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
        let mut known = |found: Result<Vec<usize>, Vec<LayoutFault>>| {
            found.unwrap_or_else(|unknown| {
                faults.extend(unknown);
                Vec::new()
            })
        };
        let same = known(same(form, &fields, summary));
        let again = known(again(form, &fields));
        match compile(form, &fields) {
            Ok(rules) if faults.is_empty() => Ok(Self { fields, summary, same, again, rules }),
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

    /// Positions of the fields that [`Summary::same`] names, in the order of the paper;
    /// without those that the summary has a word for.
    #[must_use]
    pub fn same(&self) -> &[usize] {
        &self.same
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
    let unknown = |line: &String, at| match line_of(form, line) {
        Some(_) => None,
        None => Some(LayoutFault::UnknownAgain { line: line.clone(), at }),
    };
    of_lines(form, fields, &form.entry.second_entry, unknown)
}

/// The fields of the lines that are compared with the station's other forms. What the summary
/// has a word for is compared under that word, or not at all.
fn same(
    form: &FormKind,
    fields: &Fields,
    summary: SummaryFields,
) -> Result<Vec<usize>, Vec<LayoutFault>> {
    let wrong = |line: &String, at| match line_of(form, line) {
        Some(found) if found.votes.is_none() => None,
        Some(_) => Some(LayoutFault::SameVotes { line: line.clone(), at }),
        None => Some(LayoutFault::UnknownSame { line: line.clone(), at }),
    };
    let mut same = of_lines(form, fields, &form.summary.same, wrong)?;
    let SummaryFields { registered, voters, valid, invalid } = summary;
    same.retain(|at| ![registered, voters, valid, invalid].contains(&Some(*at)));
    Ok(same)
}

/// The fields of some lines, unless anything is wrong with one of them.
fn of_lines(
    form: &FormKind,
    fields: &Fields,
    lines: &[String],
    wrong: impl Fn(&String, usize) -> Option<LayoutFault>,
) -> Result<Vec<usize>, Vec<LayoutFault>> {
    let faults = lines.iter().enumerate().filter_map(|(at, line)| wrong(line, at));
    let faults: Vec<_> = faults.collect();
    if !faults.is_empty() {
        return Err(faults);
    }
    let all = fields.all().iter().enumerate();
    let named = all.filter(|(_, field)| lines.contains(&form.lines[field.line].code));
    Ok(named.map(|(at, _)| at).collect())
}

fn line_of<'a>(form: &'a FormKind, code: &str) -> Option<&'a Line> {
    form.lines.iter().find(|line| line.code == code)
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
