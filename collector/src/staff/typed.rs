//! What somebody has typed into a sheet that came to nothing: the page shows the sheet again
//! as it was, and says what was wrong. Nothing of it is kept.

use super::signed_in::Fields;

/// Fields in which people write sentences: what nobody wants to write again.
const SENTENCES: [&str; 3] = ["text", "reason", "remark"];

/// What was typed into a sheet of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typed {
    /// Which of the page's sheets.
    pub sheet: &'static str,
    /// As it was posted.
    pub fields: Fields,
    /// Why nothing was done; nothing, if it was only read back.
    pub wrong: Option<String>,
}

impl Typed {
    /// The text of a field of a sheet; empty, if another sheet was typed into.
    #[must_use]
    pub fn of(&self, sheet: &str, name: &str) -> &str {
        if self.sheet == sheet { self.fields.raw(name) } else { "" }
    }

    /// Whether a value of a sheet was chosen.
    #[must_use]
    pub fn has(&self, sheet: &str, name: &str, value: &str) -> bool {
        self.sheet == sheet && self.fields.all(name).any(|chosen| chosen == value)
    }
}

/// The sentences among some fields.
#[must_use]
pub fn sentences(fields: &Fields) -> Vec<String> {
    let typed = SENTENCES.iter().map(|name| fields.get(name));
    typed.filter(|words| !words.is_empty()).map(str::to_owned).collect()
}
