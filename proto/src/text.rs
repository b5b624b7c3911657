//! The catalogue: every sentence that Saksi itself shows to people, in Indonesian
//! and English. (The election's own words, its lines, rules and names, are in its
//! definition.)

/// A sentence in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Phrase {
    /// Indonesian.
    pub id: &'static str,
    /// English.
    pub en: &'static str,
}

impl Phrase {
    /// The sentence in a language.
    #[must_use]
    pub fn in_language(self, language: Language) -> &'static str {
        match language {
            Language::Indonesian => self.id,
            Language::English => self.en,
        }
    }
}

/// A language of the catalogue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// Bahasa Indonesia, `id`.
    #[default]
    Indonesian,
    /// English, `en`.
    English,
}

impl Language {
    /// The language of a code such as `id` or `en_GB.UTF-8`.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        match code.get(..2)? {
            "id" => Some(Language::Indonesian),
            "en" => Some(Language::English),
            _ => None,
        }
    }

    /// BCP 47 code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Language::Indonesian => "id",
            Language::English => "en",
        }
    }
}

macro_rules! catalogue {
    ($($name:ident: $id:literal, $en:literal;)*) => {
        $(
            #[doc = $en]
            pub const $name: Phrase = Phrase { id: $id, en: $en };
        )*

        /// Every sentence with its name, for tests and translators.
        pub const ALL: &[(&str, Phrase)] = &[$((stringify!($name), $name)),*];
    };
}

catalogue! {
    // Refusals: what happened, and what to do.
    REFUSED_MALFORMED: "Formulir ini rusak dan tidak dapat dibaca pusat. Isi kembali dari kertas.", "The centre cannot read this form: it is damaged. Enter it again from the paper.";
    REFUSED_UNKNOWN_VERSION: "Formulir ini dibuat dengan versi lain. Perbarui aplikasi, lalu isi kembali.", "This form was made by another version. Update the application and enter it again.";
    REFUSED_OVERSIZE: "Formulir ini terlalu besar. Persingkat penjelasannya, lalu isi kembali.", "This form is too large. Shorten the explanation and enter it again.";
    REFUSED_BAD_SIGNATURE: "Tanda tangan formulir ini tidak cocok dengan perangkat TPS. Hubungi petugas pusat.", "The signature on this form is not that of the station's device. Call the centre.";
    REFUSED_NOT_ENROLLED: "Perangkat ini tidak terdaftar untuk TPS ini. Hubungi petugas pusat.", "This device is not enrolled for this station. Call the centre.";
    REFUSED_OTHER_STATION: "Formulir ini milik TPS lain. Kirim dari perangkat TPS tersebut.", "This form is for another station. Send it from that station's device.";
    REFUSED_UNKNOWN_STATION: "TPS pada formulir ini tidak ada dalam pemilihan ini. Hubungi petugas pusat.", "The station on this form is not in this election. Call the centre.";
    REFUSED_UNKNOWN_CONTEST: "Jenis pemilihan pada formulir ini tidak dikenal. Hubungi petugas pusat.", "The contest on this form is not in this election. Call the centre.";
    REFUSED_CONTEST_NOT_HELD: "Jenis pemilihan ini tidak diadakan di TPS ini. Hubungi petugas pusat.", "This contest is not held at this station. Call the centre.";
    REFUSED_OTHER_ELECTION: "Formulir ini diisi menurut ketentuan pemilihan yang lain. Hubungi petugas pusat.", "This form was filled under another election definition. Call the centre.";
    REFUSED_OTHER_PHASE: "Formulir gladi dan formulir resmi tidak dapat dicampur. Isi kembali pada pemilihan yang benar.", "A rehearsal form and an official election cannot mix. Enter it again in the right election.";
    REFUSED_OTHER_LINES: "Jumlah isian formulir ini tidak cocok dengan jenis pemilihannya. Hubungi petugas pusat.", "This form has other lines than its contest. Call the centre.";
}
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sentence_is_in_both_languages() {
        for (name, phrase) in ALL {
            assert!(!phrase.id.trim().is_empty() && !phrase.en.trim().is_empty(), "{name}");
        }
    }

    #[test]
    fn languages_by_code() {
        assert_eq!(Language::from_code("en_GB.UTF-8"), Some(Language::English));
        assert_eq!(Language::from_code("id"), Some(Language::Indonesian));
        assert_eq!(Language::from_code("fr"), None);
        assert_eq!(Language::from_code("x"), None);
    }
}
