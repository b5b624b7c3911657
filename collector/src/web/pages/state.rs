//! How a station or a form stands: a sign, a word and a sentence, never only a
//! colour.

use saksi_proto::message::Standing;
use saksi_proto::text::{self, Phrase};

use crate::view::state::State;
use crate::web::locale::Locale;

/// A state as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StateMark {
    /// Names the state in the style sheet.
    pub class: &'static str,
    pub sign: &'static str,
    pub word: &'static str,
    /// What the word means.
    pub meaning: &'static str,
}

const COUNTED: (&str, &str, Phrase, Phrase) =
    ("counted", "●", text::SITE_COUNTED, text::SITE_MEANS_COUNTED);
const HELD: (&str, &str, Phrase, Phrase) = ("held", "▲", text::SITE_HELD, text::SITE_MEANS_HELD);
const DISPUTED: (&str, &str, Phrase, Phrase) =
    ("disputed", "◆", text::SITE_DISPUTED, text::SITE_MEANS_DISPUTED);
const MISSING: (&str, &str, Phrase, Phrase) =
    ("missing", "○", text::SITE_MISSING, text::SITE_MEANS_MISSING);
const SUPERSEDED: (&str, &str, Phrase, Phrase) =
    ("superseded", "□", text::SITE_SUPERSEDED, text::SITE_MEANS_SUPERSEDED);

const REJECTED: (&str, &str, Phrase, Phrase) =
    ("rejected", "×", text::SITE_REJECTED, text::SITE_MEANS_REJECTED);
const REJECTED_FORM: (&str, &str, Phrase, Phrase) =
    ("rejected", "×", text::SITE_REJECTED, text::SITE_MEANS_REJECTED_FORM);
const UNOPENED: (&str, &str, Phrase, Phrase) =
    ("unopened", "–", text::SITE_UNOPENED, text::SITE_MEANS_UNOPENED);

const REHEARSED: (&str, &str, Phrase, Phrase) =
    ("superseded", "□", text::SITE_REHEARSED, text::SITE_MEANS_REHEARSED);

impl StateMark {
    fn new(
        (class, sign, word, meaning): (&'static str, &'static str, Phrase, Phrase),
        locale: &Locale,
    ) -> Self {
        Self { class, sign, word: locale.say(word), meaning: locale.say(meaning) }
    }

    /// How a station stands.
    pub(crate) fn of_station(state: State, locale: &Locale) -> Self {
        let mark = match state {
            State::Counted => COUNTED,
            State::Held => HELD,
            State::Disputed => DISPUTED,
            State::Missing => MISSING,
            State::Rejected => REJECTED,
            State::Unopened => UNOPENED,
        };
        Self::new(mark, locale)
    }

    /// How a form stands.
    pub(crate) fn of_form(standing: Standing, locale: &Locale) -> Self {
        let mark = match standing {
            Standing::Counted => COUNTED,
            Standing::Held => HELD,
            Standing::Disputed => DISPUTED,
            Standing::Superseded => SUPERSEDED,
            Standing::Rehearsed => REHEARSED,
            Standing::Rejected => REJECTED_FORM,
        };
        Self::new(mark, locale)
    }
}
