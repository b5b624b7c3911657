//! What should be the same on every form of a station: registered voters (X1) and voters
//! who voted (X2). Which fields these are, each kind of form says in its summary: voters who
//! voted are one field, and those of the lines that it names besides
//! ([`Summary::same`](crate::election::Summary::same)), such as those from each list.
//!
//! The language of rules knows one form at a time, so these two are compared here: on the
//! device against what it has of its other contests, at the collector over the counted
//! forms of a station. Both are warnings. A form is not held for them, and no total knows
//! of them.

use crate::count::Count;
use crate::layout::Layout;
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

    /// The fields of a form that it compares, and what pairs each with those of other forms:
    /// its meaning in the summary (no code), or the code that it has on all of them.
    fn fields(self, layout: &Layout) -> Vec<(Option<&str>, usize)> {
        let summary = layout.summary();
        let one = |field: Option<usize>| field.map(|at| (None, at)).into_iter().collect();
        match self {
            Check::Registered => one(summary.registered),
            Check::Voters => {
                let mut all: Vec<_> = one(summary.voters);
                let coded = |at: &usize| (Some(layout.fields()[*at].code.as_str()), *at);
                all.extend(layout.same().iter().map(coded));
                all
            }
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

/// Numbers of one field that should be the same and are not.
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

/// The numbers that are not the same on all forms, in the order of [`CHECKS`], and of each
/// check in the order of the summary and the paper. A form without such a field, or with
/// nothing legible in it, has nothing to compare.
#[must_use]
pub fn differing<K: Copy>(forms: &[Compared<'_, K>]) -> Vec<Differing<K>> {
    let found = CHECKS.into_iter().flat_map(|check| {
        let numbers = numbers(check, forms).into_iter();
        numbers.map(move |numbers| Differing { check, numbers })
    });
    found
        .filter(|found| found.numbers.windows(2).any(|two| two[0].number != two[1].number))
        .collect()
}

/// What stands on the forms in each field that a check compares. A paper has a dozen of them
/// at most, so they are looked for one after the other.
fn numbers<K: Copy>(check: Check, forms: &[Compared<'_, K>]) -> Vec<Vec<Number<K>>> {
    let mut all: Vec<(Option<&str>, Vec<Number<K>>)> = Vec::new();
    for form in forms {
        for (what, field) in check.fields(form.layout) {
            let Some(number) = form.counts.get(field).and_then(|count| count.number()) else {
                continue;
            };
            let number = Number { of: form.of, field, number };
            match all.iter_mut().find(|(known, _)| *known == what) {
                Some((_, numbers)) => numbers.push(number),
                None => all.push((what, vec![number])),
            }
        }
    }
    // A form before may lack what a later one has: the summary's own field stays first.
    all.sort_by_key(|(what, _)| what.is_some());
    all.into_iter().map(|(_, numbers)| numbers).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::election::{
        Ballot, Candidate, Contest, EntryPolicy, FormKind, Line, Scope, Summary, Text, Votes,
    };

    /// A form of the lines `R`, `N` and `V.1`, whose summary has the first two if wanted.
    fn layout(registered: bool, voters: bool) -> Layout {
        let named = |is_named: bool, code: &str| is_named.then(|| code.to_owned());
        let summary = Summary {
            registered: named(registered, "R"),
            voters: named(voters, "N"),
            ..Summary::default()
        };
        layout_of(&["R", "N", "V"], summary)
    }

    /// A form of these lines, of which `V` has the votes.
    fn layout_of(lines: &[&str], summary: Summary) -> Layout {
        let line = |code: &str| Line {
            code: code.to_owned(),
            section: "I".to_owned(),
            letter: String::new(),
            name: Text(Vec::new()),
            columns: Vec::new(),
            votes: (code == "V").then_some(Votes::Candidates),
            bound: 999,
        };
        let form = FormKind {
            code: "c".parse().unwrap(),
            name: Text(Vec::new()),
            sections: Vec::new(),
            lines: lines.iter().map(|code| line(code)).collect(),
            rules: Vec::new(),
            summary,
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
    fn lines_that_the_summary_names_besides_are_compared_by_their_codes() {
        use Count::Written;
        let same = |voters: &str, lines: &[&str]| Summary {
            voters: Some(voters.to_owned()),
            same: lines.iter().map(|line| (*line).to_owned()).collect(),
            ..Summary::default()
        };
        // The second kind has its lines in another order, another code for the voters, and
        // does not compare D; the first names its voters among the lines too.
        let one = layout_of(&["B1", "B3", "D", "N", "V"], same("N", &["B1", "B3", "D", "N"]));
        let other = layout_of(&["M", "D", "B3", "B1", "V"], same("M", &["B1", "B3"]));
        assert_eq!((one.same(), other.same()), (&[0, 1, 2][..], &[2, 3][..]));
        let found = |counts: [u32; 4]| {
            let counts = counts.map(Written);
            let forms = [
                Compared { of: 1, layout: &one, counts: &[10, 20, 5, 30].map(Written) },
                Compared { of: 2, layout: &other, counts: &counts },
            ];
            let found = differing(&forms).into_iter();
            let found = found.map(|found| {
                assert_eq!(found.check, Check::Voters);
                found.numbers.iter().map(|one| (one.of, one.field, one.number)).collect::<Vec<_>>()
            });
            found.collect::<Vec<_>>()
        };
        assert_eq!(found([30, 6, 20, 10]), Vec::<Vec<_>>::new(), "D is not compared");
        assert_eq!(
            found([31, 5, 19, 11]),
            [
                vec![(1, 3, 30), (2, 0, 31)],
                vec![(1, 0, 10), (2, 3, 11)],
                vec![(1, 1, 20), (2, 2, 19)],
            ],
            "each by its own name, the voters first"
        );
    }

    #[test]
    fn codes_are_stable() {
        assert_eq!(CHECKS.map(Check::code), ["X1", "X2"]);
    }
}
