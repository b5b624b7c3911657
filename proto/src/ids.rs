//! Codes that name an election, a region, a polling station, a contest and the
//! parts of a form.
//!
//! Everything is keyed on codes, never on names: thirteen Indonesian districts
//! have two villages of one name. The length and shape of a code belong to the
//! election definition; here a code is 1 to 20 characters of `A–Z a–z 0–9 . _ -`,
//! held in place so that a million of them cost no allocations.

use std::fmt;
use std::str::FromStr;

use arrayvec::ArrayString;
use serde::{Deserialize, Serialize};

/// Longest code, in bytes. Indonesian station codes have 13.
pub const MAX_CODE: usize = 20;

/// Why a text is not a code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodeFault {
    /// Nothing is written.
    #[error("a code is missing")]
    Empty,
    /// More than [`MAX_CODE`] bytes.
    #[error("the code “{0}” is longer than {MAX_CODE} characters")]
    TooLong(String),
    /// A character that codes do not have.
    #[error("the code “{code}” contains “{found}”; codes have letters, digits, “.”, “_” and “-”")]
    Character {
        /// The whole text.
        code: String,
        /// The first offending character.
        found: char,
    },
}

fn checked(text: &str) -> Result<ArrayString<MAX_CODE>, CodeFault> {
    if text.is_empty() {
        return Err(CodeFault::Empty);
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if let Some(found) = text.chars().find(|c| !allowed(*c)) {
        return Err(CodeFault::Character { code: text.to_owned(), found });
    }
    ArrayString::from(text).map_err(|_| CodeFault::TooLong(text.to_owned()))
}

macro_rules! code {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "ArrayString<MAX_CODE>", into = "ArrayString<MAX_CODE>")]
        pub struct $name(ArrayString<MAX_CODE>);

        impl $name {
            /// The code as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = CodeFault;
            fn from_str(text: &str) -> Result<Self, CodeFault> {
                checked(text).map(Self)
            }
        }

        impl TryFrom<ArrayString<MAX_CODE>> for $name {
            type Error = CodeFault;
            fn try_from(text: ArrayString<MAX_CODE>) -> Result<Self, CodeFault> {
                checked(&text).map(Self)
            }
        }

        impl From<$name> for ArrayString<MAX_CODE> {
            fn from(code: $name) -> Self {
                code.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&*self.0, f)
            }
        }
    };
}

code!(
    /// Names one election, for example `id-2024-rehearsal`.
    ElectionId
);
code!(
    /// Names a region of any level, for example `8207` (a regency).
    RegionCode
);
code!(
    /// Names a polling station (TPS), for example `3204061001013`.
    StationCode
);
code!(
    /// Names a contest: one paper form, for example `ppwp` (the president).
    ContestCode
);
code!(
    /// Names a smaller part of the definition: a level, a kind of form, a line, a
    /// column, a candidate, a party, a rule.
    PartCode
);

/// Whether an election counts or is an exercise.
///
/// The phase stands in the signed bytes of every form, so that rehearsal and
/// official numbers can never meet in one sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// An exercise: every screen says so.
    Rehearsal,
    /// The election itself.
    Official,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Phase::Rehearsal => "rehearsal",
            Phase::Official => "official",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_refuse_what_is_not_a_code() {
        assert_eq!("".parse::<StationCode>(), Err(CodeFault::Empty));
        assert!(matches!(
            "12 3".parse::<StationCode>(),
            Err(CodeFault::Character { found: ' ', .. })
        ));
        assert!(matches!(
            "123456789012345678901".parse::<StationCode>(),
            Err(CodeFault::TooLong(_))
        ));
        assert_eq!("3204061001013".parse::<StationCode>().unwrap().as_str(), "3204061001013");
    }

    #[test]
    fn a_code_from_the_wire_is_checked_too() {
        let bytes = postcard::to_stdvec("a b").unwrap();
        assert!(postcard::from_bytes::<RegionCode>(&bytes).is_err());
    }
}
