//! What the centre asks of a station: to look at some lines of its paper again. An entry of
//! the log that changes no total; the station's next form for the contest answers it.

use serde::{Deserialize, Serialize};

use crate::codec::few;
use crate::entry::Act;
use crate::ids::{ContestCode, StationCode};

/// Most lines that one question names. A broken rule has a dozen at most; whoever doubts more
/// of them asks for the whole form, by naming none.
pub const MAX_LINES: usize = 8;

/// Longest code of a line or field, in bytes: three codes of 20 and what joins them.
pub const MAX_LINE: usize = 64;

/// Longest text of a question, in bytes: two or three lines on a phone.
pub const MAX_QUESTION: usize = 200;

/// Most questions of a contest that wait for a station's answer. With all of them a notice
/// fits into one record of the device, of 4 KB ([`crate::notice::Notice`]).
pub const MAX_OPEN: usize = 4;

/// Someone at the centre asks a station to look again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The station.
    pub station: StationCode,
    /// The contest.
    pub contest: ContestCode,
    /// Codes of lines or fields of its form, at most [`MAX_LINES`]; none: all of it.
    #[serde(deserialize_with = "few::<_, _, MAX_LINES>")]
    pub lines: Vec<String>,
    /// What the officers are asked, at most [`MAX_QUESTION`] bytes.
    pub text: String,
    /// When, milliseconds since 1970, UTC.
    pub at_ms: u64,
    /// By whom, and why.
    pub act: Act,
}

impl Question {
    /// What of it is too long or missing, wherever it comes from. Of which form its lines
    /// are, the election knows.
    #[must_use]
    pub fn flaw(&self) -> Option<Flaw> {
        let Self { lines, text, .. } = self;
        if text.trim().is_empty() {
            Some(Flaw::NoText)
        } else if text.len() > MAX_QUESTION {
            Some(Flaw::LongText)
        } else if lines.len() > MAX_LINES || lines.iter().any(|line| line.len() > MAX_LINE) {
            Some(Flaw::ManyLines)
        } else {
            None
        }
    }
}

/// Why a question is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// It asks nothing.
    NoText,
    /// More than [`MAX_QUESTION`] bytes.
    LongText,
    /// More than [`MAX_LINES`], or a code that is none.
    ManyLines,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_has_its_bounds() {
        let of = |lines: usize, line: usize, text: usize| Question {
            station: "1001".parse().unwrap(),
            contest: "mayor".parse().unwrap(),
            lines: vec!["x".repeat(line); lines],
            text: "x".repeat(text),
            at_ms: 1,
            act: Act::default(),
        };
        assert_eq!(of(MAX_LINES, MAX_LINE, MAX_QUESTION).flaw(), None);
        assert_eq!(of(0, 0, 1).flaw(), None, "all of the form");
        assert_eq!(of(1, 1, 0).flaw(), Some(Flaw::NoText));
        assert_eq!(of(1, 1, MAX_QUESTION + 1).flaw(), Some(Flaw::LongText));
        assert_eq!(of(MAX_LINES + 1, 1, 1).flaw(), Some(Flaw::ManyLines));
        assert_eq!(of(1, MAX_LINE + 1, 1).flaw(), Some(Flaw::ManyLines));
        let blank = Question { text: " \n".to_owned(), ..of(0, 0, 0) };
        assert_eq!(blank.flaw(), Some(Flaw::NoText));
    }
}
