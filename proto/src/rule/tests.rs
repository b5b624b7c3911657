//! Rules over a small form of every kind of line.

use crate::count::Count;
use crate::definition::Registered;
use crate::election::{
    Ballot, Candidate, Contest, EntryPolicy, FormKind, Line, Party, Rule, Scope, Severity, Summary,
    Text, Votes,
};
use crate::layout::{Layout, LayoutFault};

use super::{CheckFault, RuleFault};

fn line(code: &str, columns: &[&str], votes: Option<Votes>) -> Line {
    Line {
        code: code.to_owned(),
        section: "I".to_owned(),
        letter: "A".to_owned(),
        name: Text(vec![code.to_owned()]),
        columns: columns.iter().map(|column| column.parse().unwrap()).collect(),
        votes,
        bound: 999,
    }
}

fn candidates(count: usize) -> Vec<Candidate> {
    let codes = (1..=count).map(|number| format!("{number:02}"));
    codes.map(|code| Candidate { code: code.parse().unwrap(), name: code }).collect()
}

/// Lines `A` (L, P, J), `B` (L, P, J), `N` (E), votes `V`, sum `S`, and one rule `R`.
fn layout(ballot: Ballot, checks: &[&str]) -> Result<Layout, Vec<LayoutFault>> {
    let votes = match ballot {
        Ballot::Candidates(_) => Votes::Candidates,
        Ballot::Parties(_) => Votes::Parties,
    };
    let rule = Rule {
        code: "R".parse().unwrap(),
        severity: Severity::Hard,
        checks: checks.iter().map(|check| (*check).to_owned()).collect(),
        sentence: Text(vec!["R".to_owned()]),
    };
    let form = FormKind {
        code: "form".parse().unwrap(),
        name: Text(Vec::new()),
        sections: Vec::new(),
        lines: vec![
            line("A", &["L", "P", "J"], None),
            line("B", &["L", "P", "J"], None),
            line("N", &["E"], None),
            line("V", &[], Some(votes)),
            line("S", &[], None),
        ],
        rules: vec![rule],
        summary: Summary::default(),
        entry: EntryPolicy::default(),
    };
    let contest = Contest {
        code: "contest".parse().unwrap(),
        name: Text(Vec::new()),
        form: form.code,
        scope: Scope::Everywhere,
        ballot,
    };
    Layout::new(&form, &contest)
}

/// The codes of the fields that one check marks on a form of two candidates:
/// `A.L A.P A.J B.L B.P B.J N.E V.01 V.02 S`.
fn marked(check: &str, counts: [u32; 10], registered: Registered) -> Vec<String> {
    let layout = layout(Ballot::Candidates(candidates(2)), &[check]).unwrap();
    let counts = counts.map(Count::Written);
    let findings = layout.findings(&counts, registered);
    let broken = findings.iter().flat_map(|finding| &finding.broken);
    let join = |fields: &Vec<usize>| {
        fields.iter().map(|at| layout.fields()[*at].code.as_str()).collect::<Vec<_>>().join(" ")
    };
    broken.map(|broken| join(&broken.fields)).collect()
}

const GOOD: [u32; 10] = [10, 20, 30, 5, 6, 11, 1, 4, 7, 11];

#[test]
fn each_form_of_check_holds_and_breaks() {
    let nobody = Registered::default();
    for (check, at, value, fields) in [
        ("A.L + A.P = A.J", 2, 31, "A.L A.P A.J"),
        ("B <= A", 4, 21, "A.P B.P"),
        ("votes = S", 9, 12, "V.01 V.02 S"),
        ("vote <= S", 8, 12, "V.02 S"),
        ("vote < S", 8, 11, "V.02 S"),
        ("field <= bound", 6, 1000, "N.E"),
        ("S > 0", 9, 0, "S"),
        ("S >= 11", 9, 10, "S"),
        ("A.J - B.J = 19 +- 1", 2, 32, "A.J B.J"),
        ("S = 10 + ceil(2 * A.J / 100)", 2, 51, "A.J S"),
        ("100 * S <= (102 * (B.J))", 9, 12, "B.J S"),
    ] {
        assert_eq!(marked(check, GOOD, nobody), Vec::<String>::new(), "{check}");
        let mut broken = GOOD;
        broken[at] = value;
        assert_eq!(marked(check, broken, nobody), [fields], "{check}");
    }
}

#[test]
fn a_line_is_checked_in_each_of_its_columns() {
    let mut counts = GOOD;
    counts[3..6].copy_from_slice(&[11, 6, 31]);
    assert_eq!(marked("B <= A", counts, Registered::default()), ["A.L B.L", "A.J B.J"]);
}

#[test]
fn the_register_is_compared_where_it_knows() {
    let known = Registered { men: Some(10), women: Some(21), all: None };
    assert_eq!(marked("A.L = registered.men", GOOD, known), Vec::<String>::new());
    assert_eq!(marked("A.P = registered.women", GOOD, known), ["A.P"]);
    assert_eq!(marked("A.J = registered.all", GOOD, known), Vec::<String>::new());
}

#[test]
fn what_is_not_written_or_illegible_breaks_nothing() {
    let layout = layout(Ballot::Candidates(candidates(2)), &["votes = S"]).unwrap();
    let mut counts = GOOD.map(Count::Written);
    counts[9] = Count::Written(99);
    assert_eq!(layout.findings(&counts, Registered::default()).len(), 1);
    for blank in [Count::NotWritten, Count::Illegible] {
        counts[7] = blank;
        assert_eq!(layout.findings(&counts, Registered::default()), []);
    }
}

#[test]
fn parties_have_own_votes_candidates_and_a_total() {
    let party = |code: &str, members| Party {
        code: code.parse().unwrap(),
        name: code.to_owned(),
        candidates: candidates(members),
    };
    let ballot = Ballot::Parties(vec![party("1", 2), party("2", 0)]);
    let checks = ["party.own + party.candidates = party.total", "votes = S"];
    let layout = layout(ballot, &checks).unwrap();
    let codes: Vec<_> = layout.fields()[7..].iter().map(|field| field.code.as_str()).collect();
    assert_eq!(codes, ["V.1.own", "V.1.01", "V.1.02", "V.1.total", "V.2.own", "V.2.total", "S"]);
    let mut counts = [0; 14].map(Count::Written);
    for (at, number) in [(7, 1), (8, 2), (9, 3), (10, 6), (11, 4), (12, 4), (13, 10)] {
        counts[at] = Count::Written(number);
    }
    assert_eq!(layout.findings(&counts, Registered::default()), []);
    counts[12] = Count::Written(5);
    let findings = layout.findings(&counts, Registered::default());
    let broken: Vec<_> =
        findings[0].broken.iter().map(|broken| (broken.left, broken.right)).collect();
    assert_eq!(broken, [(4, 5), (11, 10)]);
}

#[test]
fn faults_of_a_rule_name_the_check_and_the_place() {
    let fault = |check: &str| {
        let faults = layout(Ballot::Candidates(candidates(2)), &["S = S", check]).unwrap_err();
        match &faults[..] {
            [LayoutFault::Rule(CheckFault { check: 1, fault, .. })] => fault.clone(),
            other => panic!("{other:?}"),
        }
    };
    let unknown = |name: &str, at| RuleFault::UnknownName { name: name.to_owned(), at };
    assert_eq!(fault("S = A.X"), unknown("A.X", 4));
    assert_eq!(fault("party.own = S"), unknown("party.own", 0));
    assert_eq!(fault("V = S"), unknown("V", 0));
    let mixed = |name: &str, at| RuleFault::MixedRepetition { name: name.to_owned(), at };
    assert_eq!(fault("A <= vote"), mixed("vote", 5));
    assert_eq!(fault("A = N"), mixed("N", 4));
    assert_eq!(fault("S = 1000"), RuleFault::CannotHold);
    assert_eq!(fault("S + 1000 < A.L"), RuleFault::CannotHold);
    assert!(matches!(fault("S == S"), RuleFault::Syntax(_)));
}

/// A number of this language is below 2³²; three of them are beyond 64 bits.
#[test]
fn products_beyond_all_numbers_stop_nobody() {
    let huge = "4294967295 * 4294967295 * 4294967295";
    for relation in ["=", "<=", "<", ">=", ">"] {
        for check in [
            format!("5 {relation} {huge} * S +- 1"),
            format!("{huge} * S {relation} 5 +- 1"),
            format!("{huge} * S - N.E {relation} N.E - {huge} * S +- 4294967295"),
        ] {
            let layout = layout(Ballot::Candidates(candidates(2)), &[&check]);
            let layout = layout.unwrap_or_else(|faults| panic!("{check}: {faults:?}"));
            let counts = vec![Count::Written(999); layout.fields().len()];
            drop(layout.findings(&counts, Registered::default()));
        }
    }
}
