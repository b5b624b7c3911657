//! What should be the same on every form of a station: registered voters (X1) and voters
//! who voted (X2). Which fields these are, each kind of form says in its summary.
//!
//! The language of rules knows one form at a time, so these two are compared here: on the
//! device against what it has of its other contests, at the collector over the counted
//! forms of a station. Both are warnings. A form is not held for them, and no total knows
//! of them.

use crate::count::Count;
use crate::layout::{Layout, SummaryFields};
use crate::text::{self, Phrase};

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Check {
    /// X1: registered voters.
    Registered,
    /// X2: voters who voted.
    Voters,
}

/// All that is compared, in the order in which it is shown.
pub const CHECKS: [Check; 2] = [Check::Registered, Check::Voters];

impl Check {
    /// Its stable code. No rule of a definition may have it.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Check::Registered => "X1",
            Check::Voters => "X2",
        }
    }

    /// What should hold, in one sentence.
    #[must_use]
    pub fn sentence(self) -> Phrase {
        match self {
            Check::Registered => text::SAME_REGISTERED,
            Check::Voters => text::SAME_VOTERS,
        }
    }

    /// The field of a form that it compares.
    fn field(self, summary: &SummaryFields) -> Option<usize> {
        match self {
            Check::Registered => summary.registered,
            Check::Voters => summary.voters,
        }
    }
}

/// One form among those compared.
#[derive(Debug, Clone, Copy)]
pub struct Compared<'a, K> {
    /// Names it for the caller: its contest.
    pub of: K,
    /// Its form.
    pub layout: &'a Layout,
    /// One count a field.
    pub counts: &'a [Count],
}

/// Numbers that should be the same and are not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Differing<K> {
    /// What was compared.
    pub check: Check,
    /// What stands on each form that has a number there, in the order given; two at least.
    pub numbers: Vec<Number<K>>,
}

/// What stands on one form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number<K> {
    /// Which form.
    pub of: K,
    /// Position of the field.
    pub field: usize,
    /// The number in it.
    pub number: u32,
}

/// The checks whose numbers are not the same on all forms, in the order of [`CHECKS`]. A
/// form without such a field, or with nothing legible in it, has nothing to compare.
#[must_use]
pub fn differing<K: Copy>(forms: &[Compared<'_, K>]) -> Vec<Differing<K>> {
    let numbers = |check: Check| {
        let number = |form: &Compared<'_, K>| {
            let field = check.field(&form.layout.summary())?;
            let number = form.counts.get(field)?.number()?;
            Some(Number { of: form.of, field, number })
        };
        forms.iter().filter_map(number).collect::<Vec<_>>()
    };
    let found = CHECKS.into_iter().map(|check| Differing { check, numbers: numbers(check) });
    found
        .filter(|found| found.numbers.windows(2).any(|two| two[0].number != two[1].number))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::election::{
        Ballot, Candidate, Contest, EntryPolicy, FormKind, Line, Scope, Summary, Text, Votes,
    };

    /// A form of the lines `R`, `N` and `V.1`, whose summary has the first two if wanted.
    fn layout(registered: bool, voters: bool) -> Layout {
        let line = |code: &str, votes| Line {
            code: code.to_owned(),
            section: "I".to_owned(),
            letter: String::new(),
            name: Text(Vec::new()),
            columns: Vec::new(),
            votes,
            bound: 999,
        };
        let named = |is_named: bool, code: &str| is_named.then(|| code.to_owned());
        let form = FormKind {
            code: "c".parse().unwrap(),
            name: Text(Vec::new()),
            sections: Vec::new(),
            lines: vec![line("R", None), line("N", None), line("V", Some(Votes::Candidates))],
            rules: Vec::new(),
            summary: Summary {
                registered: named(registered, "R"),
                voters: named(voters, "N"),
                ..Summary::default()
            },
            entry: EntryPolicy::default(),
        };
        let candidates = vec![Candidate { code: "1".parse().unwrap(), name: "One".to_owned() }];
        let contest = Contest {
            code: "x".parse().unwrap(),
            name: Text(Vec::new()),
            form: form.code,
            scope: Scope::Everywhere,
            ballot: Ballot::Candidates(candidates),
        };
        Layout::new(&form, &contest).unwrap()
    }

    #[test]
    fn numbers_that_differ_are_said_with_every_form_that_has_one() {
        use Count::{Illegible, NotWritten, Written};
        let both = layout(true, true);
        let no_voters = layout(true, false);
        let found = |forms: &[(&Layout, [Count; 2])]| {
            let forms: Vec<_> = forms.iter().enumerate().collect();
            let forms: Vec<_> = forms
                .iter()
                .map(|(of, (layout, counts))| Compared { of: *of, layout, counts })
                .collect();
            let found = differing(&forms).into_iter().map(|found| {
                let numbers = found.numbers.iter().map(|one| (one.of, one.field, one.number));
                (found.check.code(), numbers.collect::<Vec<_>>())
            });
            found.collect::<Vec<_>>()
        };
        let same = [Written(292), Written(250)];
        assert_eq!(found(&[(&both, same), (&both, same)]), []);
        assert_eq!(found(&[(&both, same)]), [], "one form differs from nothing");
        let other = [Written(292), Written(249)];
        assert_eq!(
            found(&[(&both, same), (&both, same), (&both, other)]),
            [("X2", vec![(0, 1, 250), (1, 1, 250), (2, 1, 249)])]
        );
        assert_eq!(found(&[(&both, same), (&no_voters, other)]), [], "it has no such field");
        for nothing in [NotWritten, Illegible] {
            let blank = [nothing, Written(250)];
            let last = [Written(291), Written(250)];
            assert_eq!(
                found(&[(&both, same), (&both, blank), (&both, last)]),
                [("X1", vec![(0, 0, 292), (2, 0, 291)])],
                "blank is not another number"
            );
        }
    }

    #[test]
    fn codes_are_stable() {
        assert_eq!(CHECKS.map(Check::code), ["X1", "X2"]);
    }
}
