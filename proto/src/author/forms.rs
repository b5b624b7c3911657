//! `[[form]]`: lines, rules and the summary of a kind of form.

use crate::election::{FormKind, Line, Rule, Severity, Summary, Text, Votes};
use crate::ids::PartCode;
use crate::rule::RESERVED;

use super::tree::{Reader, Table};

/// Where the parts of a form stand in `election.toml`, in bytes.
pub(super) struct FormPlaces {
    pub(super) form: usize,
    pub(super) summary: usize,
    pub(super) lines: Vec<usize>,
    /// For each rule, the first character of each of its checks.
    pub(super) checks: Vec<Vec<usize>>,
}

/// Where a rule's code and each of its checks stand, in bytes.
struct RulePlaces {
    rule: usize,
    checks: Vec<usize>,
}

pub(super) fn read_form(
    reader: &mut Reader<'_>,
    mut table: Table<'_>,
    languages: &[String],
) -> Option<(FormKind, FormPlaces)> {
    let code = reader.parsed::<PartCode>(&mut table, "code");
    let name = reader.texts(&mut table, "name", languages);
    let (summary, summary_at) = read_summary(reader, &mut table);
    let lines = reader.tables(&mut table, "line");
    let lines: Vec<_> = lines.into_iter().map(|line| read_line(reader, line, languages)).collect();
    let rules = reader.tables(&mut table, "rule");
    let rules: Vec<_> = rules.into_iter().map(|rule| read_rule(reader, rule, languages)).collect();
    reader.finish(&table);
    check_codes(reader, &lines, &rules);
    // A form with an unreadable part is not laid out: its rules would seem to name
    // lines that are not there.
    let lines: Vec<_> = lines.into_iter().collect::<Option<_>>()?;
    let rules: Vec<_> = rules.into_iter().collect::<Option<_>>()?;
    let code = code?;
    let (lines, line_places) = lines.into_iter().unzip();
    let (rules, checks): (Vec<_>, Vec<_>) =
        rules.into_iter().map(|(rule, places)| (rule, places.checks)).unzip();
    let places =
        FormPlaces { form: code.span.start, summary: summary_at, lines: line_places, checks };
    let name = Text(name?);
    Some((FormKind { code: code.value, name, lines, rules, summary }, places))
}

fn check_codes(
    reader: &mut Reader<'_>,
    lines: &[Option<(Line, usize)>],
    rules: &[Option<(Rule, RulePlaces)>],
) {
    let lines: Vec<_> = lines.iter().flatten().collect();
    for (at, (line, place)) in lines.iter().enumerate() {
        if lines[..at].iter().any(|(before, _)| before.code == line.code) {
            reader.mistake(*place, format!("the line “{}” stands twice", line.code));
        }
    }
    let rules: Vec<_> = rules.iter().flatten().collect();
    for (at, (rule, places)) in rules.iter().enumerate() {
        if rules[..at].iter().any(|(before, _)| before.code == rule.code) {
            reader.mistake(places.rule, format!("the rule “{}” stands twice", rule.code));
        }
    }
}

fn read_summary(reader: &mut Reader<'_>, form: &mut Table<'_>) -> (Summary, usize) {
    let Some(mut table) = reader.optional_table(form, "summary") else {
        return (Summary::default(), form.start());
    };
    let mut field = |key| reader.optional_string(&mut table, key).map(|field| field.value);
    let summary = Summary {
        registered: field("registered"),
        voters: field("voters"),
        valid: field("valid"),
        invalid: field("invalid"),
    };
    reader.finish(&table);
    (summary, table.start())
}

fn read_line(
    reader: &mut Reader<'_>,
    mut table: Table<'_>,
    languages: &[String],
) -> Option<(Line, usize)> {
    let code = reader.string(&mut table, "code");
    let section = reader.string(&mut table, "section");
    let letter = reader.string(&mut table, "letter");
    let name = reader.texts(&mut table, "name", languages);
    let columns = reader.strings(&mut table, "columns");
    let votes = reader.optional_string(&mut table, "votes");
    let bound = reader.number(&mut table, "bound", 1..=u64::from(crate::count::Count::MAX));
    reader.finish(&table);
    let code = code?;
    check_line_code(reader, &code.value, code.span.start);
    let mut parsed = Vec::new();
    for column in &columns {
        match column.value.parse::<PartCode>() {
            Ok(column) => parsed.push(column),
            Err(fault) => reader.mistake(column.span.start, fault.to_string()),
        }
    }
    let votes = match votes.as_ref().map(|votes| (votes.value.as_str(), votes.span.start)) {
        None => None,
        Some(("candidates", _)) => Some(Votes::Candidates),
        Some(("parties", _)) => Some(Votes::Parties),
        Some((other, place)) => {
            let what = format!("“votes” must be “candidates” or “parties”, not “{other}”");
            reader.mistake(place, what);
            return None;
        }
    };
    if votes.is_some() && !columns.is_empty() {
        reader.mistake(code.span.start, "a line of votes has no columns".to_owned());
    }
    let line = Line {
        code: code.value,
        section: section?.value,
        letter: letter?.value,
        name: Text(name?),
        columns: parsed,
        votes,
        bound: u32::try_from(bound?.value).ok()?,
    };
    Some((line, code.span.start))
}

/// Line codes are words of the rule language: letters, digits, dots.
fn check_line_code(reader: &mut Reader<'_>, code: &str, place: usize) {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '.';
    if !code.starts_with(|c: char| c.is_ascii_alphabetic()) || !code.chars().all(word) {
        let what =
            format!("the line code “{code}” must be letters, digits and dots, a letter first");
        reader.mistake(place, what);
    }
    if RESERVED.contains(&code.split('.').next().unwrap_or(code)) {
        reader.mistake(place, format!("“{code}” is a word of the rules; choose another line code"));
    }
}

fn read_rule(
    reader: &mut Reader<'_>,
    mut table: Table<'_>,
    languages: &[String],
) -> Option<(Rule, RulePlaces)> {
    let code = reader.parsed::<PartCode>(&mut table, "code");
    let severities = [("hard", Severity::Hard), ("warn", Severity::Warn)];
    let severity = reader.choice(&mut table, "severity", &severities);
    let checks = reader.strings(&mut table, "check");
    if checks.is_empty() {
        reader.mistake(table.start(), "“check” is missing".to_owned());
    }
    let sentence = reader.texts(&mut table, "sentence", languages);
    reader.finish(&table);
    let code = code?;
    // The first character inside the quotes.
    let checks_at = checks.iter().map(|check| check.span.start + 1).collect();
    let places = RulePlaces { rule: code.span.start, checks: checks_at };
    let rule = Rule {
        code: code.value,
        severity: severity?.value,
        checks: checks.into_iter().map(|check| check.value).collect(),
        sentence: Text(sentence?),
    };
    Some((rule, places))
}
