//! Sentences of the catalogue with something put into them.

use std::fmt::Display;

use saksi_proto::text::{Language, Phrase};

/// The sentence in a language, `{0}`, `{1}` … replaced by the values.
#[must_use]
pub fn fill(phrase: Phrase, language: Language, values: &[&dyn Display]) -> String {
    let mut sentence = phrase.in_language(language).to_owned();
    for (at, value) in values.iter().enumerate() {
        sentence = sentence.replace(&format!("{{{at}}}"), &value.to_string());
    }
    sentence
}

/// The first `limit` bytes of a text, cut between characters.
#[must_use]
pub fn shortened(text: &str, limit: usize) -> String {
    let mut end = limit.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_where_the_language_wants_them() {
        let phrase = Phrase { id: "{1} dari {0}", en: "{0}: {1}" };
        assert_eq!(fill(phrase, Language::Indonesian, &[&"a", &2]), "2 dari a");
        assert_eq!(fill(phrase, Language::English, &[&"a", &2]), "a: 2");
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(shortened("é é", 4), "é ");
        assert_eq!(shortened("abc", 9), "abc");
    }
}
