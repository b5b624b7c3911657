//! Mistakes in a typed form, in words that say where and what was probably meant.

use saksi_proto::ids::{ContestCode, StationCode};
use saksi_proto::text::{self, Language, Phrase};

use super::MAX_ENTRY;
use crate::words::fill;

/// Most missing fields named in one sentence; the rest are counted.
const MAX_NAMED: usize = 12;

/// One mistake in a typed form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mistake {
    /// Longer than [`MAX_ENTRY`].
    TooLong(usize),
    /// Not JSON.
    NotJson {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// JSON, but not an object.
    NotAnObject,
    /// The lines are not an object.
    LinesNotAnObject,
    /// A key that a form does not have.
    UnknownKey {
        /// As typed.
        key: String,
        /// What was probably meant.
        nearest: Option<String>,
    },
    /// A key without which it is no form.
    MissingKey(&'static str),
    /// A key or a field that stands twice.
    Duplicate(String),
    /// A contest that is not held at the station.
    UnknownContest {
        /// As typed.
        found: String,
        /// What was probably meant.
        nearest: Option<String>,
        /// Those that are held.
        held: Vec<String>,
    },
    /// A form of another station.
    OtherStation {
        /// As typed.
        found: String,
        /// The device's.
        ours: StationCode,
    },
    /// A second entry of another contest than the first.
    OtherContest {
        /// As typed.
        found: ContestCode,
        /// Of the first.
        first: ContestCode,
    },
    /// A field that the form does not have.
    UnknownField {
        /// As typed.
        code: String,
        /// What was probably meant.
        nearest: Option<String>,
    },
    /// Fields of the form that are not named.
    MissingFields(Vec<String>),
    /// Something that is no count.
    NotACount {
        /// The field.
        field: String,
        /// As typed.
        found: String,
        /// What is wrong with it.
        why: NotACount,
    },
}

/// Why a value is no count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotACount {
    /// Below zero.
    Negative,
    /// Not a whole number.
    Fraction,
    /// More than nine digits.
    TooLarge,
    /// Not a number at all.
    Other,
}

impl From<serde_json::Error> for Mistake {
    fn from(fault: serde_json::Error) -> Self {
        Mistake::NotJson { line: fault.line(), column: fault.column() }
    }
}

impl Mistake {
    /// One sentence for the operator.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        let say =
            |phrase: Phrase, values: &[&dyn std::fmt::Display]| fill(phrase, language, values);
        match self {
            Mistake::TooLong(size) => say(text::MISTAKE_TOO_LONG, &[size, &MAX_ENTRY]),
            Mistake::NotJson { line, column } => say(text::MISTAKE_NOT_JSON, &[line, column]),
            Mistake::NotAnObject => say(text::MISTAKE_NOT_AN_OBJECT, &[]),
            Mistake::LinesNotAnObject => say(text::MISTAKE_LINES, &[]),
            Mistake::UnknownKey { key, nearest } => {
                say(text::MISTAKE_UNKNOWN_KEY, &[key]) + &meant(nearest.as_deref(), language)
            }
            Mistake::MissingKey(key) => say(text::MISTAKE_MISSING_KEY, &[key]),
            Mistake::Duplicate(key) => say(text::MISTAKE_DUPLICATE, &[key]),
            Mistake::UnknownContest { found, nearest, held } => {
                let sentence = say(text::MISTAKE_UNKNOWN_CONTEST, &[found, &held.join(", ")]);
                sentence + &meant(nearest.as_deref(), language)
            }
            Mistake::OtherStation { found, ours } => {
                say(text::MISTAKE_OTHER_STATION, &[found, ours])
            }
            Mistake::OtherContest { found, first } => {
                say(text::MISTAKE_OTHER_CONTEST, &[found, first])
            }
            Mistake::UnknownField { code, nearest } => {
                say(text::MISTAKE_UNKNOWN_FIELD, &[code]) + &meant(nearest.as_deref(), language)
            }
            Mistake::MissingFields(codes) => {
                say(text::MISTAKE_MISSING_FIELDS, &[&codes.len(), &listed(codes)])
            }
            Mistake::NotACount { field, found, why } => say(why.phrase(), &[field, found]),
        }
    }
}

impl NotACount {
    fn phrase(self) -> Phrase {
        match self {
            NotACount::Negative => text::MISTAKE_NEGATIVE,
            NotACount::Fraction => text::MISTAKE_FRACTION,
            NotACount::TooLarge => text::MISTAKE_TOO_LARGE,
            NotACount::Other => text::MISTAKE_NOT_A_COUNT,
        }
    }
}

fn meant(nearest: Option<&str>, language: Language) -> String {
    nearest.map_or_else(String::new, |nearest| {
        format!(" {}", fill(text::MISTAKE_MEANT, language, &[&nearest]))
    })
}

fn listed(codes: &[String]) -> String {
    let named = codes[..codes.len().min(MAX_NAMED)].join(", ");
    if codes.len() > MAX_NAMED { named + ", …" } else { named }
}
