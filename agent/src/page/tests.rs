//! The page without sockets: requests and what they are answered.

use saksi_proto::election::{Ballot, Contest, FormKind, Line, Scope, Summary, Text, Votes};

fn text(text: &str) -> Text {
    Text(vec![text.to_owned(), format!("{text} (en)")])
}

/// A contest with this ballot, on a form with a line of each kind.
pub(crate) fn contest_of(ballot: Ballot) -> Contest {
    Contest {
        code: "dpr".parse().unwrap(),
        name: text("dpr"),
        form: "c".parse().unwrap(),
        scope: Scope::Everywhere,
        ballot,
    }
}

pub(crate) fn form_of(contest: &Contest) -> FormKind {
    let votes = match contest.ballot {
        Ballot::Candidates(_) => Votes::Candidates,
        Ballot::Parties(_) => Votes::Parties,
    };
    let line = |code: &str, columns: &[&str], votes| Line {
        code: code.to_owned(),
        section: code.split('.').next().unwrap().to_owned(),
        letter: code.to_owned(),
        name: text(code),
        columns: columns.iter().map(|column| column.parse().unwrap()).collect(),
        votes,
        bound: 999,
    };
    let columns = &["L", "P", "J"];
    let lines = ["I.A", "I.B.1", "I.B.2", "I.B.3", "I.B.4"].map(|code| line(code, columns, None));
    let lines =
        lines.into_iter().chain(["II.1", "II.2", "II.3", "II.4"].map(|code| line(code, &[], None)));
    let lines = lines.chain([line("IV", &[], Some(votes)), line("V.A", &[], None)]);
    FormKind {
        code: "c".parse().unwrap(),
        name: text("Model C"),
        lines: lines.collect(),
        rules: Vec::new(),
        summary: Summary::default(),
    }
}
