//! Rules made ready for the fields of one form, and their verdict on a filled one.

use crate::count::Count;
use crate::definition::Registered;
use crate::election::Severity;
use crate::ids::PartCode;

use super::parse::Relation;
use super::runs::{Run, pack};

/// A broken rule on one form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Position of the rule in its kind of form.
    pub rule: usize,
    /// Code of the rule.
    pub code: PartCode,
    /// What it does to the form.
    pub severity: Severity,
    /// Each way in which it is broken; at least one.
    pub broken: Vec<Broken>,
}

/// One comparison that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Positions of the fields compared.
    pub fields: Vec<usize>,
    /// What the left side comes to.
    pub left: i64,
    /// What should have stood between the sides.
    pub relation: Relation,
    /// What the right side comes to.
    pub right: i64,
}

/// A rule, with one comparison for each of its columns, candidates or fields.
#[derive(Debug, Clone)]
pub(crate) struct Compiled {
    rule: usize,
    code: PartCode,
    severity: Severity,
    comparisons: Vec<Comparison>,
    /// The same, packed.
    runs: Vec<Run>,
}

#[derive(Debug, Clone)]
pub(super) struct Comparison {
    pub(super) left: Value,
    pub(super) relation: Relation,
    pub(super) right: Value,
    pub(super) tolerance: i64,
    pub(super) fields: Vec<usize>,
}

#[derive(Debug, Clone)]
pub(super) enum Value {
    Number(i64),
    Field(usize),
    /// The sum of these fields.
    Fields(Vec<usize>),
    Registered(RegisteredColumn),
    Add(Box<Value>, Box<Value>),
    Subtract(Box<Value>, Box<Value>),
    Times(i64, Box<Value>),
    Ceil(Box<Value>, i64),
}

#[derive(Debug, Clone, Copy)]
pub(super) enum RegisteredColumn {
    Men,
    Women,
    All,
}

impl Compiled {
    pub(super) fn new(
        rule: usize,
        code: PartCode,
        severity: Severity,
        comparisons: Vec<Comparison>,
    ) -> Self {
        Self { rule, code, severity, runs: pack(&comparisons), comparisons }
    }

    pub(crate) fn broken_by(&self, counts: &[Count], registered: Registered) -> Option<Finding> {
        let mut broken = Vec::new();
        let sides = |at: usize| self.comparisons[at].sides(counts, registered);
        for run in &self.runs {
            run.check(counts, sides, |at, left, right| {
                let Comparison { relation, fields, .. } = &self.comparisons[at];
                broken.push(Broken { fields: fields.clone(), left, relation: *relation, right });
            });
        }
        let Self { rule, code, severity, .. } = *self;
        (!broken.is_empty()).then_some(Finding { rule, code, severity, broken })
    }
}

impl Comparison {
    /// What both sides come to; `None` if a field of them has no number.
    fn sides(&self, counts: &[Count], registered: Registered) -> Option<(i64, i64)> {
        let left = self.left.evaluate(counts, registered)?;
        Some((left, self.right.evaluate(counts, registered)?))
    }

    /// Whether any numbers within the bounds of the form satisfy it.
    pub(super) fn can_hold(&self, bounds: &[u32]) -> bool {
        let (left, right) = (self.left.range(bounds), self.right.range(bounds));
        match self.relation {
            Relation::Equal => {
                Relation::AtMost.holds(left.0, right.1, self.tolerance)
                    && Relation::AtMost.holds(right.0, left.1, self.tolerance)
            }
            Relation::AtMost | Relation::Below => {
                self.relation.holds(left.0, right.1, self.tolerance)
            }
            Relation::AtLeast | Relation::Above => {
                self.relation.holds(left.1, right.0, self.tolerance)
            }
        }
    }
}

impl Value {
    /// The number, or `None` if a field of it has none. No overflow: the parser
    /// takes factors below 2³², fields stay below 10⁹ and there are at most 1,000,
    /// and arithmetic saturates beyond that.
    fn evaluate(&self, counts: &[Count], registered: Registered) -> Option<i64> {
        Some(match self {
            Value::Number(number) => *number,
            Value::Field(at) => number_at(counts, *at)?,
            Value::Fields(fields) => {
                fields.iter().map(|at| number_at(counts, *at)).sum::<Option<i64>>()?
            }
            Value::Registered(column) => i64::from(match column {
                RegisteredColumn::Men => registered.men?,
                RegisteredColumn::Women => registered.women?,
                RegisteredColumn::All => registered.all?,
            }),
            Value::Add(left, right) => {
                let left = left.evaluate(counts, registered)?;
                left.saturating_add(right.evaluate(counts, registered)?)
            }
            Value::Subtract(left, right) => {
                let left = left.evaluate(counts, registered)?;
                left.saturating_sub(right.evaluate(counts, registered)?)
            }
            Value::Times(factor, inner) => {
                inner.evaluate(counts, registered)?.saturating_mul(*factor)
            }
            Value::Ceil(inner, divisor) => ceil(inner.evaluate(counts, registered)?, *divisor),
        })
    }

    /// Smallest and largest number it can come to.
    fn range(&self, bounds: &[u32]) -> (i64, i64) {
        let bound = |at: &usize| i64::from(bounds[*at]);
        match self {
            Value::Number(number) => (*number, *number),
            Value::Field(at) => (0, bound(at)),
            Value::Fields(fields) => (0, fields.iter().map(bound).sum()),
            Value::Registered(_) => (0, i64::from(u32::MAX)),
            Value::Add(left, right) => {
                let (left, right) = (left.range(bounds), right.range(bounds));
                (left.0.saturating_add(right.0), left.1.saturating_add(right.1))
            }
            Value::Subtract(left, right) => {
                let (left, right) = (left.range(bounds), right.range(bounds));
                (left.0.saturating_sub(right.1), left.1.saturating_sub(right.0))
            }
            Value::Times(factor, inner) => {
                let inner = inner.range(bounds);
                (inner.0.saturating_mul(*factor), inner.1.saturating_mul(*factor))
            }
            Value::Ceil(inner, divisor) => {
                let inner = inner.range(bounds);
                (ceil(inner.0, *divisor), ceil(inner.1, *divisor))
            }
        }
    }
}

/// The number of a field, if one is written and legible.
#[inline]
pub(super) fn number_at(counts: &[Count], at: usize) -> Option<i64> {
    counts.get(at)?.number().map(i64::from)
}

fn ceil(number: i64, divisor: i64) -> i64 {
    number.div_euclid(divisor) + i64::from(number.rem_euclid(divisor) != 0)
}
