//! The comparisons of a rule, packed: a long form has 600 of them, and a nation's log
//! has 2.5 million long forms. Nearly all stand between two fields, or
//! between a field and a number, in runs of one relation; packed they fit a processor's
//! nearest cache, and nothing is decided twice within a run.

use super::evaluate::{Comparison, Value, number_at};
use super::parse::Relation;
use crate::count::Count;

/// Comparisons that follow one another and are of one kind.
#[derive(Debug, Clone)]
pub(super) struct Run {
    /// Position of the first among the rule's comparisons.
    first: usize,
    relation: Relation,
    tolerance: i64,
    sides: Sides,
}

#[derive(Debug, Clone)]
enum Sides {
    Fields(Vec<[u32; 2]>),
    FieldAndNumber(Vec<(u32, i64)>),
    /// So many of any other kind.
    Other(usize),
}

/// Packs comparisons, in their order.
pub(super) fn pack(comparisons: &[Comparison]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (first, comparison) in comparisons.iter().enumerate() {
        let Comparison { relation, tolerance, .. } = *comparison;
        let sides = sides(comparison);
        let follows =
            runs.last_mut().filter(|run| (run.relation, run.tolerance) == (relation, tolerance));
        if !follows.is_some_and(|run| run.sides.append(&sides)) {
            runs.push(Run { first, relation, tolerance, sides });
        }
    }
    runs
}

fn sides(comparison: &Comparison) -> Sides {
    let narrow = |at: usize| u32::try_from(at).expect("a form has at most 1,000 fields");
    match (&comparison.left, &comparison.right) {
        (Value::Field(left), Value::Field(right)) => {
            Sides::Fields(vec![[narrow(*left), narrow(*right)]])
        }
        (Value::Field(left), Value::Number(right)) => {
            Sides::FieldAndNumber(vec![(narrow(*left), *right)])
        }
        _ => Sides::Other(1),
    }
}

impl Sides {
    /// Takes in what follows, if it is of the same kind.
    fn append(&mut self, next: &Sides) -> bool {
        match (self, next) {
            (Sides::Fields(all), Sides::Fields(next)) => all.extend(next),
            (Sides::FieldAndNumber(all), Sides::FieldAndNumber(next)) => all.extend(next),
            (Sides::Other(all), Sides::Other(next)) => *all += next,
            _ => return false,
        }
        true
    }
}

impl Run {
    /// Calls `broken` with the position of each comparison that does not hold, and with
    /// what its sides come to; `other` evaluates those that are not packed.
    pub(super) fn check(
        &self,
        counts: &[Count],
        other: impl Fn(usize) -> Option<(i64, i64)>,
        mut broken: impl FnMut(usize, i64, i64),
    ) {
        let number = |at: u32| number_at(counts, at as usize);
        // Fields and bounds are below 2³², so their difference is a number like others.
        let (low, high) = self.relation.differences(self.tolerance);
        let holds = |left: i64, right: i64| (low..=high).contains(&(left - right));
        match &self.sides {
            Sides::Fields(pairs) => {
                for (at, [left, right]) in pairs.iter().enumerate() {
                    if let (Some(left), Some(right)) = (number(*left), number(*right)) {
                        if !holds(left, right) {
                            broken(self.first + at, left, right);
                        }
                    }
                }
            }
            Sides::FieldAndNumber(pairs) => {
                for (at, (left, right)) in pairs.iter().enumerate() {
                    if let Some(left) = number(*left) {
                        if !holds(left, *right) {
                            broken(self.first + at, left, *right);
                        }
                    }
                }
            }
            Sides::Other(many) => {
                for at in 0..*many {
                    if let Some((left, right)) = other(self.first + at) {
                        if !self.relation.holds(left, right, self.tolerance) {
                            broken(self.first + at, left, right);
                        }
                    }
                }
            }
        }
    }
}
