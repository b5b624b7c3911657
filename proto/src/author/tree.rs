//! A TOML file read key by key, with every mistake noted and none fatal.
//!
//! serde would stop at the first wrong value; whoever writes a definition or a
//! configuration wants to see them all, and where.

use std::fmt::Display;
use std::ops::{Range, RangeInclusive};
use std::str::FromStr;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::mistake::{Mistakes, Placed, Source, did_you_mean};

/// Reads one TOML file.
pub struct Reader<'a> {
    source: Source<'a>,
    mistakes: &'a mut Mistakes,
}

/// A table of the file, and which of its keys were asked for.
pub struct Table<'a> {
    entries: &'a DeTable<'a>,
    /// Where the table begins, for what is missing in it.
    span: Range<usize>,
    asked: Vec<&'static str>,
}

impl<'a> Reader<'a> {
    /// Notes into `mistakes` what is wrong in `source`.
    pub fn new(source: Source<'a>, mistakes: &'a mut Mistakes) -> Self {
        Self { source, mistakes }
    }

    /// Parses the file, notes its syntax mistakes, and lets `read` read the root table.
    pub fn root<T>(&mut self, read: impl FnOnce(&mut Self, &mut Table<'_>) -> T) -> T {
        let (root, faults) = DeTable::parse_recoverable(self.source.text);
        for fault in faults {
            let offset = fault.span().map_or(0, |span| span.start);
            self.mistake(offset, fault.message().trim().replace('\n', "; "));
        }
        let mut table = Table { entries: root.get_ref(), span: 0..0, asked: Vec::new() };
        let value = read(self, &mut table);
        self.finish(&table);
        value
    }

    /// Notes a mistake at a byte offset.
    pub fn mistake(&mut self, offset: usize, what: String) {
        self.mistakes.add(self.source.mistake(offset, what));
    }

    /// The value of a key that must be there.
    fn required<'t>(
        &mut self,
        table: &mut Table<'t>,
        key: &'static str,
    ) -> Option<&'t Spanned<DeValue<'t>>> {
        let found = table.get(key);
        if found.is_none() {
            self.mistake(table.span.start, format!("“{key}” is missing"));
        }
        found
    }

    fn expected(&mut self, value: &Spanned<DeValue<'_>>, key: &str, wanted: &str) {
        let found = value.get_ref().type_str();
        self.mistake(value.span().start, format!("“{key}” must be {wanted}, not {found}"));
    }

    /// A text that must be there.
    pub fn string(&mut self, table: &mut Table<'_>, key: &'static str) -> Option<Placed<String>> {
        let value = self.required(table, key)?;
        self.as_string(value, key)
    }

    /// A text that may be absent.
    pub fn optional_string(
        &mut self,
        table: &mut Table<'_>,
        key: &'static str,
    ) -> Option<Placed<String>> {
        let value = table.get(key)?;
        self.as_string(value, key)
    }

    fn as_string(&mut self, value: &Spanned<DeValue<'_>>, key: &str) -> Option<Placed<String>> {
        match value.get_ref() {
            DeValue::String(text) => Some(Placed { value: text.to_string(), span: value.span() }),
            _ => {
                self.expected(value, key, "a text in quotes");
                None
            }
        }
    }

    /// A text that must be there and parse.
    pub fn parsed<T>(&mut self, table: &mut Table<'_>, key: &'static str) -> Option<Placed<T>>
    where
        T: FromStr<Err: Display>,
    {
        let text = self.string(table, key)?;
        self.parse(text)
    }

    /// A text that may be absent, and must parse if it is there.
    pub fn optional_parsed<T>(
        &mut self,
        table: &mut Table<'_>,
        key: &'static str,
    ) -> Option<Placed<T>>
    where
        T: FromStr<Err: Display>,
    {
        let text = self.optional_string(table, key)?;
        self.parse(text)
    }

    fn parse<T: FromStr<Err: Display>>(&mut self, text: Placed<String>) -> Option<Placed<T>> {
        match text.value.parse() {
            Ok(value) => Some(Placed { value, span: text.span }),
            Err(fault) => {
                self.mistake(text.span.start, fault.to_string());
                None
            }
        }
    }

    /// One of some words.
    pub fn choice<T: Copy>(
        &mut self,
        table: &mut Table<'_>,
        key: &'static str,
        choices: &[(&str, T)],
    ) -> Option<Placed<T>> {
        let text = self.string(table, key)?;
        let found = choices.iter().find(|(word, _)| *word == text.value);
        if found.is_none() {
            let words: Vec<_> = choices.iter().map(|(word, _)| format!("“{word}”")).collect();
            let what = format!("“{key}” must be {}, not “{}”", words.join(" or "), text.value);
            self.mistake(text.span.start, what);
        }
        found.map(|(_, value)| Placed { value: *value, span: text.span })
    }

    /// A whole number within a range, that must be there.
    pub fn number(
        &mut self,
        table: &mut Table<'_>,
        key: &'static str,
        range: RangeInclusive<u64>,
    ) -> Option<Placed<u64>> {
        let value = self.required(table, key)?;
        self.as_number(value, key, range)
    }

    /// A whole number within a range, that may be absent.
    pub fn optional_number(
        &mut self,
        table: &mut Table<'_>,
        key: &'static str,
        range: RangeInclusive<u64>,
    ) -> Option<Placed<u64>> {
        let value = table.get(key)?;
        self.as_number(value, key, range)
    }

    /// `true` or `false`, which may be absent.
    pub fn optional_boolean(&mut self, table: &mut Table<'_>, key: &'static str) -> Option<bool> {
        let value = table.get(key)?;
        if let DeValue::Boolean(value) = value.get_ref() {
            return Some(*value);
        }
        self.expected(value, key, "true or false");
        None
    }

    fn as_number(
        &mut self,
        value: &Spanned<DeValue<'_>>,
        key: &str,
        range: RangeInclusive<u64>,
    ) -> Option<Placed<u64>> {
        let DeValue::Integer(digits) = value.get_ref() else {
            self.expected(value, key, "a whole number");
            return None;
        };
        let number = u64::from_str_radix(digits.as_str(), digits.radix()).ok();
        let number = number.filter(|number| range.contains(number));
        if number.is_none() {
            let (low, high) = range.into_inner();
            let what = format!("“{key}” must be from {low} to {high}, not {}", digits.as_str());
            self.mistake(value.span().start, what);
        }
        number.map(|value_of| Placed { value: value_of, span: value.span() })
    }

    /// A list of texts, or one text as a list of one; empty if absent.
    pub fn strings(&mut self, table: &mut Table<'_>, key: &'static str) -> Vec<Placed<String>> {
        match table.get(key) {
            None => Vec::new(),
            Some(value) => match value.get_ref() {
                DeValue::Array(array) => {
                    array.iter().filter_map(|element| self.as_string(element, key)).collect()
                }
                _ => self.as_string(value, key).into_iter().collect(),
            },
        }
    }

    /// A table that may be absent.
    pub fn optional_table<'t>(
        &mut self,
        table: &mut Table<'t>,
        key: &'static str,
    ) -> Option<Table<'t>> {
        let value = table.get(key)?;
        self.as_table(value, key)
    }

    /// A list of tables (`[[key]]`); empty if absent.
    pub fn tables<'t>(&mut self, table: &mut Table<'t>, key: &'static str) -> Vec<Table<'t>> {
        match table.get(key) {
            None => Vec::new(),
            Some(value) => match value.get_ref() {
                DeValue::Array(array) => {
                    array.iter().filter_map(|element| self.as_table(element, key)).collect()
                }
                _ => {
                    self.expected(value, key, &format!("a list of tables, [[{key}]]"));
                    Vec::new()
                }
            },
        }
    }

    fn as_table<'t>(&mut self, value: &'t Spanned<DeValue<'t>>, key: &str) -> Option<Table<'t>> {
        match value.get_ref() {
            DeValue::Table(entries) => {
                Some(Table { entries, span: value.span(), asked: Vec::new() })
            }
            _ => {
                self.expected(value, key, "a table");
                None
            }
        }
    }

    /// Either one text or a table with a text for each of `keys`, in their order.
    pub fn texts(
        &mut self,
        table: &mut Table<'_>,
        key: &'static str,
        keys: &[String],
    ) -> Option<Vec<String>> {
        let value = self.required(table, key)?;
        let DeValue::Table(entries) = value.get_ref() else {
            let text = self.as_string(value, key)?;
            return Some(vec![text.value; keys.len()]);
        };
        for (found, _) in entries {
            if !keys.iter().any(|known| known == found.get_ref()) {
                let what = format!("“{}” is not one of the election's languages", found.get_ref());
                self.mistake(found.span().start, what);
            }
        }
        let texts = keys.iter().map(|language| match entries.get(language.as_str()) {
            Some(text) => self.as_string(text, key).map(|text| text.value),
            None => {
                self.mistake(value.span().start, format!("“{key}” has no text in “{language}”"));
                None
            }
        });
        texts.collect::<Vec<_>>().into_iter().collect()
    }

    /// Notes every key of the table that was never asked for.
    pub fn finish(&mut self, table: &Table<'_>) {
        for key in table.entries.keys() {
            let name: &str = key.get_ref();
            if !table.asked.contains(&name) {
                let near = did_you_mean(name, table.asked.iter().copied());
                self.mistake(key.span().start, format!("unknown key “{name}”{near}"));
            }
        }
    }
}

impl<'t> Table<'t> {
    /// Where the table begins, in bytes.
    #[must_use]
    pub fn start(&self) -> usize {
        self.span.start
    }

    fn get(&mut self, key: &'static str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.asked.push(key);
        self.entries.get(key)
    }
}
