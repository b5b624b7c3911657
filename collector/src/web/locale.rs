//! Words and numbers as a reader of one language writes them.

use std::collections::BTreeMap;
use std::fmt::Display;

use saksi_proto::text::{Language, Phrase};

use super::percent::Percent;

/// The languages of the catalogue, with their own names.
pub(crate) const LANGUAGES: [(Language, &str); 2] =
    [(Language::Indonesian, "Bahasa Indonesia"), (Language::English, "English")];

/// The language of a page, and what stands in where the election lacks it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Locale {
    /// Of Saksi's own words and of numbers.
    pub language: Language,
    /// Code of the election's first language.
    first: String,
}

impl Locale {
    /// The language that was asked for, or the first of the election.
    pub(crate) fn new(asked: Option<Language>, languages: &[String]) -> Self {
        let first = languages.first().cloned().unwrap_or_default();
        let language = asked.or(Language::from_code(&first)).unwrap_or_default();
        Self { language, first }
    }

    /// A sentence of the catalogue.
    pub(crate) fn say(&self, phrase: Phrase) -> &'static str {
        phrase.in_language(self.language)
    }

    /// A sentence with values in the places of `{0}`, `{1}` …
    pub(crate) fn fill(&self, phrase: Phrase, values: &[&dyn Display]) -> String {
        let mut sentence = self.say(phrase).to_owned();
        for (at, value) in values.iter().enumerate() {
            sentence = sentence.replace(&format!("{{{at}}}"), &value.to_string());
        }
        sentence
    }

    /// A text of the election.
    pub(crate) fn text<'a>(&self, by_language: &'a BTreeMap<String, String>) -> &'a str {
        let text = by_language.get(self.language.code()).or_else(|| by_language.get(&self.first));
        text.map_or("", String::as_str)
    }

    /// `12.345` or `12,345`.
    pub(crate) fn number(&self, number: impl Into<u64>) -> String {
        let digits = number.into().to_string();
        let mut grouped = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at) % 3 == 0 {
                grouped.push(self.thousands());
            }
            grouped.push(digit);
        }
        grouped
    }

    /// `48,3 %` (with a space that does not break) or `48.3%`.
    pub(crate) fn percent(&self, percent: Percent) -> String {
        let (units, tenth) = (self.number(percent.units()), percent.tenth());
        match self.language {
            Language::Indonesian => format!("{units},{tenth}\u{a0}%"),
            Language::English => format!("{units}.{tenth}%"),
        }
    }

    fn thousands(&self) -> char {
        match self.language {
            Language::Indonesian => '.',
            Language::English => ',',
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locale(code: &str) -> Locale {
        Locale::new(None, &[code.to_owned()])
    }

    #[test]
    fn numbers_as_they_are_written() {
        for (number, id, en) in [
            (0_u64, "0", "0"),
            (999, "999", "999"),
            (1_000, "1.000", "1,000"),
            (204_807_222, "204.807.222", "204,807,222"),
        ] {
            assert_eq!(locale("id").number(number), id);
            assert_eq!(locale("en").number(number), en);
        }
        let share = Percent::share(483, 1_000).unwrap();
        assert_eq!(locale("id").percent(share), "48,3\u{a0}%");
        assert_eq!(locale("en").percent(share), "48.3%");
    }

    #[test]
    fn a_language_that_the_election_lacks_falls_back_to_its_first() {
        let name = BTreeMap::from([("sw".to_owned(), "Rais".to_owned())]);
        let languages = ["sw".to_owned()];
        assert_eq!(Locale::new(Some(Language::English), &languages).text(&name), "Rais");
        assert_eq!(Locale::new(None, &languages).language, Language::Indonesian);
    }
}
