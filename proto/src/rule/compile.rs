//! From a kind of form and its layout to rules made ready for the fields.

use crate::election::FormKind;
use crate::fields::Fields;
use crate::ids::PartCode;

use super::evaluate::{Comparison, Compiled, RegisteredColumn, Value};
use super::parse::{Check, Expression, Syntax, parse};

/// Why a check cannot be applied to a form. `at` counts bytes from the start of
/// the check's text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleFault {
    /// Not a check.
    #[error("{0}")]
    Syntax(Syntax),
    /// A name that is neither a line, a field nor a word of the language.
    #[error("the form has no line or field “{name}”")]
    UnknownName {
        /// The name.
        name: String,
        /// Where it stands.
        at: usize,
    },
    /// Two names that repeat in different ways, for example `vote` and `party.own`,
    /// or lines of different columns.
    #[error("“{name}” repeats in another way than the names before it")]
    MixedRepetition {
        /// The second of the two.
        name: String,
        /// Where it stands.
        at: usize,
    },
    /// No numbers within the bounds of the lines satisfy it.
    #[error("it cannot hold for any numbers within the bounds of the lines")]
    CannotHold,
}

impl RuleFault {
    /// Where in the check's text, in bytes.
    #[must_use]
    pub fn at(&self) -> usize {
        match self {
            RuleFault::Syntax(syntax) => syntax.at,
            RuleFault::UnknownName { at, .. } | RuleFault::MixedRepetition { at, .. } => *at,
            RuleFault::CannotHold => 0,
        }
    }
}

/// A check that cannot be applied to a form, and where it stands in its kind of form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("rule {code}: {fault}")]
pub struct CheckFault {
    /// Position of the rule in [`FormKind::rules`].
    pub rule: usize,
    /// Position of the check in the rule.
    pub check: usize,
    /// Code of the rule.
    pub code: PartCode,
    /// What is wrong.
    pub fault: RuleFault,
}

/// Makes all rules of `form` ready for its fields.
pub(crate) fn compile(form: &FormKind, fields: &Fields) -> Result<Vec<Compiled>, Vec<CheckFault>> {
    let bounds: Vec<u32> = fields.all().iter().map(|field| field.bound).collect();
    let names = Names { form, fields };
    let (mut compiled, mut faults) = (Vec::new(), Vec::new());
    for (rule_at, rule) in form.rules.iter().enumerate() {
        let (code, severity) = (rule.code, rule.severity);
        let mut comparisons = Vec::new();
        for (check, text) in rule.checks.iter().enumerate() {
            match names.holdable(text, &bounds) {
                Ok(list) => comparisons.extend(list),
                Err(fault) => faults.push(CheckFault { rule: rule_at, check, code, fault }),
            }
        }
        compiled.push(Compiled::new(rule_at, code, severity, comparisons));
    }
    if faults.is_empty() { Ok(compiled) } else { Err(faults) }
}

/// What a check is repeated over, found from the names in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Repetition<'a> {
    Once,
    Columns(&'a [PartCode]),
    Votes,
    Parties,
    Fields,
}

impl Repetition<'_> {
    fn times(self, fields: &Fields) -> usize {
        match self {
            Repetition::Once => 1,
            Repetition::Columns(columns) => columns.len(),
            Repetition::Votes => fields.votes().len(),
            Repetition::Parties => fields.parties().len(),
            Repetition::Fields => fields.all().len(),
        }
    }
}

struct Names<'a> {
    form: &'a FormKind,
    fields: &'a Fields,
}

impl<'a> Names<'a> {
    /// The comparisons of a check, each of which some numbers within bounds satisfy.
    fn holdable(&self, text: &str, bounds: &[u32]) -> Result<Vec<Comparison>, RuleFault> {
        let list = self.comparisons(text)?;
        let holds = list.iter().all(|comparison| comparison.can_hold(bounds));
        if holds { Ok(list) } else { Err(RuleFault::CannotHold) }
    }

    fn comparisons(&self, text: &str) -> Result<Vec<Comparison>, RuleFault> {
        let check = parse(text).map_err(RuleFault::Syntax)?;
        let mut repetition = Repetition::Once;
        self.find_repetition(&check.left, &mut repetition)?;
        self.find_repetition(&check.right, &mut repetition)?;
        let times = 0..repetition.times(self.fields);
        Ok(times.map(|round| self.comparison(&check, round)).collect())
    }

    fn find_repetition(
        &self,
        expression: &Expression,
        found: &mut Repetition<'a>,
    ) -> Result<(), RuleFault> {
        match expression {
            Expression::Number(_) => Ok(()),
            Expression::Name { name, at } => {
                let one = self.repetition_of(name);
                let one =
                    one.ok_or_else(|| RuleFault::UnknownName { name: name.clone(), at: *at })?;
                if *found == Repetition::Once {
                    *found = one;
                }
                if one == Repetition::Once || one == *found {
                    Ok(())
                } else {
                    Err(RuleFault::MixedRepetition { name: name.clone(), at: *at })
                }
            }
            Expression::Add(left, right) | Expression::Subtract(left, right) => {
                self.find_repetition(left, found)?;
                self.find_repetition(right, found)
            }
            Expression::Times(_, inner) | Expression::Ceil(inner, _) => {
                self.find_repetition(inner, found)
            }
        }
    }

    /// How a name repeats, or `None` if the form does not know it.
    fn repetition_of(&self, name: &str) -> Option<Repetition<'a>> {
        match name {
            "votes" | "registered.men" | "registered.women" | "registered.all" => {
                Some(Repetition::Once)
            }
            "vote" => Some(Repetition::Votes),
            "party.own" | "party.candidates" | "party.total" => {
                let parties = !self.fields.parties().is_empty();
                parties.then_some(Repetition::Parties)
            }
            "field" | "bound" => Some(Repetition::Fields),
            _ if self.fields.position(name).is_some() => Some(Repetition::Once),
            _ => {
                let line = self.form.lines.iter().find(|line| line.code == name)?;
                line.votes.is_none().then_some(Repetition::Columns(&line.columns))
            }
        }
    }

    fn comparison(&self, check: &Check, round: usize) -> Comparison {
        let mut fields = Vec::new();
        let left = self.value(&check.left, round, &mut fields);
        let right = self.value(&check.right, round, &mut fields);
        fields.sort_unstable();
        fields.dedup();
        let (relation, tolerance) = (check.relation, check.tolerance);
        Comparison { left, relation, right, tolerance, fields }
    }

    /// The value of an expression whose names [`Self::find_repetition`] has found.
    fn value(&self, expression: &Expression, round: usize, fields: &mut Vec<usize>) -> Value {
        let mut inner = |expression| Box::new(self.value(expression, round, fields));
        match expression {
            Expression::Number(number) => Value::Number(*number),
            Expression::Name { name, .. } => {
                let value = self.named(name, round);
                match &value {
                    Value::Field(at) => fields.push(*at),
                    Value::Fields(several) => fields.extend(several),
                    _ => {}
                }
                value
            }
            Expression::Add(left, right) => Value::Add(inner(left), inner(right)),
            Expression::Subtract(left, right) => Value::Subtract(inner(left), inner(right)),
            Expression::Times(factor, other) => Value::Times(*factor, inner(other)),
            Expression::Ceil(other, divisor) => Value::Ceil(inner(other), *divisor),
        }
    }

    fn named(&self, name: &str, round: usize) -> Value {
        let fields = self.fields;
        match name {
            "votes" => Value::Fields(fields.votes().to_vec()),
            "vote" => Value::Field(fields.votes()[round]),
            "party.own" => Value::Field(fields.parties()[round].own),
            "party.candidates" => Value::Fields(fields.parties()[round].candidates.clone()),
            "party.total" => Value::Field(fields.parties()[round].total),
            "field" => Value::Field(round),
            "bound" => Value::Number(i64::from(fields.all()[round].bound)),
            "registered.men" => Value::Registered(RegisteredColumn::Men),
            "registered.women" => Value::Registered(RegisteredColumn::Women),
            "registered.all" => Value::Registered(RegisteredColumn::All),
            _ => Value::Field(fields.position(name).unwrap_or_else(|| self.column(name, round))),
        }
    }

    fn column(&self, line: &str, round: usize) -> usize {
        let line = self.form.lines.iter().find(|candidate| candidate.code == line);
        let code = line.map(|line| format!("{}.{}", line.code, line.columns[round]));
        let field = code.and_then(|code| self.fields.position(&code));
        field.expect("find_repetition has seen the line and its columns")
    }
}
