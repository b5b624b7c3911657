//! How a list of sentences is written: each in Indonesian and English, all of them with
//! their names for the test that compares the two.

/// Makes a constant of each sentence, and the list `ALL`.
macro_rules! catalogue {
    ($($name:ident: $id:literal, $en:literal;)*) => {
        $(
            #[doc = $en]
            pub const $name: saksi_proto::text::Phrase =
                saksi_proto::text::Phrase { id: $id, en: $en };
        )*

        /// All of them, with their names.
        pub const ALL: &[(&str, saksi_proto::text::Phrase)] = &[$((stringify!($name), $name)),*];
    };
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_sentence_is_in_both_languages_with_the_same_values() {
        let lists =
            [crate::page::text::ALL, crate::page::enrol_text::ALL, crate::carrying::text::ALL];
        for (name, phrase) in lists.into_iter().flatten() {
            assert!(!phrase.id.trim().is_empty() && !phrase.en.trim().is_empty(), "{name}");
            for value in ["{0}", "{1}", "{2}"] {
                assert_eq!(phrase.id.contains(value), phrase.en.contains(value), "{name}: {value}");
            }
        }
    }
}
