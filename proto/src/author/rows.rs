//! The rows of a CSV file, with every mistake noted and none fatal.

use std::fmt::Display;
use std::str::FromStr;

use super::mistake::{Mistake, Mistakes, did_you_mean};

/// One row, whose fields are asked for by position in the wanted header.
pub(super) struct Row<'a> {
    file: &'static str,
    columns: &'a [&'static str],
    /// For each wanted column its position in the file.
    positions: &'a [usize],
    record: &'a csv::StringRecord,
    pub(super) line: u64,
}

/// Calls `each` for every row of a file with these columns (in any order).
pub(super) fn for_each_row(
    file: &'static str,
    text: &str,
    columns: &[&'static str],
    mistakes: &mut Mistakes,
    mut each: impl FnMut(&Row<'_>, &mut Mistakes),
) {
    // Spreadsheets put a byte order mark before UTF-8.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let Some(positions) = header(file, &mut reader, columns, mistakes) else { return };
    let mut record = csv::StringRecord::new();
    loop {
        let line = reader.position().line();
        match reader.read_record(&mut record) {
            Ok(false) => return,
            Ok(true) => {
                let line = record.position().map_or(line, csv::Position::line);
                let row = Row { file, columns, positions: &positions, record: &record, line };
                each(&row, mistakes);
            }
            Err(fault) => {
                let line = fault.position().map_or(line, csv::Position::line);
                let what = match fault.kind() {
                    csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                        format!("{len} fields in this row; the header has {expected_len}")
                    }
                    _ => fault.to_string(),
                };
                mistakes.add(Mistake { file, line, column: 1, what });
            }
        }
    }
}

fn header(
    file: &'static str,
    reader: &mut csv::Reader<&[u8]>,
    columns: &[&'static str],
    mistakes: &mut Mistakes,
) -> Option<Vec<usize>> {
    let mut mistake = |column, what| mistakes.add(Mistake { file, line: 1, column, what });
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(fault) => {
            mistake(1, fault.to_string());
            return None;
        }
    };
    for (at, found) in (1..).zip(&header) {
        if !columns.contains(&found) {
            let near = did_you_mean(found, columns.iter().copied());
            mistake(at, format!("unknown column “{found}”{near}"));
        }
    }
    let position = |column: &&str| header.iter().position(|found| found == *column);
    for column in columns.iter().filter(|column| position(column).is_none()) {
        mistake(1, format!("the column “{column}” is missing"));
    }
    columns.iter().map(position).collect()
}

impl Row<'_> {
    /// The text of a wanted column.
    pub(super) fn text(&self, column: usize) -> &str {
        self.record.get(self.positions[column]).unwrap_or("")
    }

    /// A mistake in a wanted column.
    pub(super) fn mistake(&self, column: usize, what: &str) -> Mistake {
        let what = format!("{}: {what}", self.columns[column]);
        Mistake {
            file: self.file,
            line: self.line,
            column: self.positions[column] as u64 + 1,
            what,
        }
    }

    /// A column that must parse.
    pub(super) fn parsed<T>(&self, column: usize, mistakes: &mut Mistakes) -> Option<T>
    where
        T: FromStr<Err: Display>,
    {
        let parsed = self.text(column).parse();
        parsed.map_err(|fault| mistakes.add(self.mistake(column, &format!("{fault}")))).ok()
    }

    /// A column that may be empty and must parse if it is not.
    pub(super) fn optional<T>(&self, column: usize, mistakes: &mut Mistakes) -> Option<Option<T>>
    where
        T: FromStr<Err: Display>,
    {
        if self.text(column).is_empty() {
            return Some(None);
        }
        self.parsed(column, mistakes).map(Some)
    }
}
