//! `[[form]]`: lines, rules and the summary of a kind of form.

use crate::across;
use crate::election::{
    EntryPolicy, FormKind, Line, MAX_OFFICERS, Rule, Section, Severity, Summary, Text, Votes,
};
use crate::ids::PartCode;
use crate::rule::RESERVED;

use super::mistake::{Placed, did_you_mean};
use super::tree::{Reader, Table};

/// Where the parts of a form stand in `election.toml`, in bytes.
pub(super) struct FormPlaces {
    pub(super) form: usize,
    pub(super) summary: usize,
    /// For each line that the summary compares with other forms, where it is named.
    pub(super) same: Vec<usize>,
    pub(super) lines: Vec<usize>,
    /// For each line that is typed twice, where it is named.
    pub(super) second_entry: Vec<usize>,
    /// For each rule, the first character of each of its checks.
    pub(super) checks: Vec<Vec<usize>>,
}

/// A line, where its code stands, and where its section does.
struct LinePlaced {
    line: Line,
    at: usize,
    section_at: usize,
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
    let (summary, summary_at, same) = read_summary(reader, &mut table);
    let (entry, second_entry) = read_entry(reader, &mut table);
    let sections = reader.tables(&mut table, "section");
    let sections: Vec<_> =
        sections.into_iter().map(|section| read_section(reader, section, languages)).collect();
    let lines = reader.tables(&mut table, "line");
    let lines: Vec<_> = lines.into_iter().map(|line| read_line(reader, line, languages)).collect();
    let rules = reader.tables(&mut table, "rule");
    let rules: Vec<_> = rules.into_iter().map(|rule| read_rule(reader, rule, languages)).collect();
    reader.finish(&table);
    check_codes(reader, &lines, &rules);
    check_sections(reader, &sections, &lines);
    // A form with an unreadable part is not laid out: its rules would seem to name
    // lines that are not there.
    let lines: Vec<_> = lines.into_iter().collect::<Option<_>>()?;
    let rules: Vec<_> = rules.into_iter().collect::<Option<_>>()?;
    let sections: Vec<_> = sections.into_iter().collect::<Option<_>>()?;
    let code = code?;
    let (lines, line_places) =
        lines.into_iter().map(|placed: LinePlaced| (placed.line, placed.at)).unzip();
    let (rules, checks): (Vec<_>, Vec<_>) =
        rules.into_iter().map(|(rule, places)| (rule, places.checks)).unzip();
    let (form, lines_at) = (code.span.start, line_places);
    let places =
        FormPlaces { form, summary: summary_at, same, lines: lines_at, second_entry, checks };
    let name = Text(name?);
    let sections = sections.into_iter().map(|(section, _)| section).collect();
    let form = FormKind { code: code.value, name, sections, lines, rules, summary, entry };
    Some((form, places))
}

fn check_codes(
    reader: &mut Reader<'_>,
    lines: &[Option<LinePlaced>],
    rules: &[Option<(Rule, RulePlaces)>],
) {
    let lines: Vec<_> = lines.iter().flatten().collect();
    for (at, LinePlaced { line, at: place, .. }) in lines.iter().enumerate() {
        if lines[..at].iter().any(|before| before.line.code == line.code) {
            reader.mistake(*place, format!("the line “{}” stands twice", line.code));
        }
    }
    let rules: Vec<_> = rules.iter().flatten().collect();
    for (at, (rule, places)) in rules.iter().enumerate() {
        if rules[..at].iter().any(|(before, _)| before.code == rule.code) {
            reader.mistake(places.rule, format!("the rule “{}” stands twice", rule.code));
        }
        if across::CHECKS.iter().any(|check| check.code() == rule.code.as_str()) {
            let what = format!("“{}” is a code of Saksi's own; choose another", rule.code);
            reader.mistake(places.rule, what);
        }
    }
}

/// A form that gives its sections titles gives one to each: what it leaves out is a section
/// that was mistyped.
fn check_sections(
    reader: &mut Reader<'_>,
    sections: &[Option<(Section, usize)>],
    lines: &[Option<LinePlaced>],
) {
    // Which titles there are is not known.
    let Some(sections) = sections.iter().map(Option::as_ref).collect::<Option<Vec<_>>>() else {
        return;
    };
    let lines: Vec<_> = lines.iter().flatten().collect();
    for (at, (section, place)) in sections.iter().enumerate() {
        if sections[..at].iter().any(|(before, _)| before.code == section.code) {
            reader.mistake(*place, format!("the section “{}” stands twice", section.code));
        }
        if !lines.iter().any(|placed| placed.line.section == section.code) {
            let what = format!("no line stands in the section “{}”", section.code);
            reader.mistake(*place, what);
        }
    }
    let codes = || sections.iter().map(|(section, _)| section.code.as_str());
    for LinePlaced { line, section_at, .. } in lines {
        if !sections.is_empty() && !codes().any(|code| code == line.section) {
            let near = did_you_mean(&line.section, codes());
            let what = format!("the section “{}” has no title{near}", line.section);
            reader.mistake(*section_at, what);
        }
    }
}

/// The policy of a form, and where each line of its second entry is named.
fn read_entry(reader: &mut Reader<'_>, form: &mut Table<'_>) -> (EntryPolicy, Vec<usize>) {
    let (second_entry, places) = read_lines(reader, form, "second_entry", "the second entry");
    // One that is wrong is a mistake, and the definition is none then.
    let officers = reader.optional_number(form, "officers", 1..=u64::from(MAX_OFFICERS));
    let officers = officers.and_then(|officers| u8::try_from(officers.value).ok());
    let policy = EntryPolicy::default();
    let officers = officers.unwrap_or(policy.officers);
    (EntryPolicy { second_entry, officers }, places)
}

/// A list of codes of lines, each of which stands there once, and where each is named.
fn read_lines(
    reader: &mut Reader<'_>,
    table: &mut Table<'_>,
    key: &'static str,
    list: &str,
) -> (Vec<String>, Vec<usize>) {
    let lines = reader.strings(table, key);
    for (at, line) in lines.iter().enumerate() {
        if lines[..at].iter().any(|before| before.value == line.value) {
            let what = format!("the line “{}” stands twice in {list}", line.value);
            reader.mistake(line.span.start, what);
        }
    }
    lines.into_iter().map(|line: Placed<String>| (line.value, line.span.start)).unzip()
}

fn read_section(
    reader: &mut Reader<'_>,
    mut table: Table<'_>,
    languages: &[String],
) -> Option<(Section, usize)> {
    let code = reader.string(&mut table, "code");
    let title = reader.texts(&mut table, "title", languages);
    reader.finish(&table);
    let code = code?;
    Some((Section { code: code.value, title: Text(title?) }, code.span.start))
}

/// The summary, where it stands, and where each line is named that it compares.
fn read_summary(reader: &mut Reader<'_>, form: &mut Table<'_>) -> (Summary, usize, Vec<usize>) {
    let Some(mut table) = reader.optional_table(form, "summary") else {
        return (Summary::default(), form.start(), Vec::new());
    };
    let (same, places) = read_lines(reader, &mut table, "same", "“same”");
    let mut field = |key| reader.optional_string(&mut table, key).map(|field| field.value);
    let summary = Summary {
        registered: field("registered"),
        voters: field("voters"),
        valid: field("valid"),
        invalid: field("invalid"),
        same,
    };
    reader.finish(&table);
    (summary, table.start(), places)
}

fn read_line(
    reader: &mut Reader<'_>,
    mut table: Table<'_>,
    languages: &[String],
) -> Option<LinePlaced> {
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
    let section = section?;
    let line = Line {
        code: code.value,
        section: section.value,
        letter: letter?.value,
        name: Text(name?),
        columns: parsed,
        votes,
        bound: u32::try_from(bound?.value).ok()?,
    };
    Some(LinePlaced { line, at: code.span.start, section_at: section.span.start })
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
