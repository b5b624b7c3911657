//! Mistakes of whoever wrote a file, each with its place.

use std::fmt;
use std::ops::Range;

/// One mistake in one file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mistake {
    /// Name of the file.
    pub file: &'static str,
    /// Line, from 1.
    pub line: u64,
    /// Column, from 1: a character in TOML, a field in CSV.
    pub column: u64,
    /// What is wrong, and where one can say so, what is right.
    pub what: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.what)
    }
}

/// All mistakes found so far.
#[derive(Debug, Default)]
pub struct Mistakes(Vec<Mistake>);

impl Mistakes {
    /// Adds one.
    pub fn add(&mut self, mistake: Mistake) {
        self.0.push(mistake);
    }

    /// Whether none was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// # Errors
    /// All of them, by file and place, if there are any.
    pub fn into_result(mut self) -> Result<(), Vec<Mistake>> {
        self.0.sort();
        self.0.dedup();
        if self.0.is_empty() { Ok(()) } else { Err(self.0) }
    }
}

/// The text of a file, to turn byte offsets into places.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Name of the file.
    pub file: &'static str,
    /// Its contents.
    pub text: &'a str,
}

impl Source<'_> {
    /// A mistake at a byte offset.
    #[must_use]
    pub fn mistake(&self, offset: usize, what: String) -> Mistake {
        let mut end = offset.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &self.text[..end];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = 1 + before.bytes().filter(|byte| *byte == b'\n').count() as u64;
        let column = 1 + before[line_start..].chars().count() as u64;
        Mistake { file: self.file, line, column, what }
    }
}

/// A value and where it stands in its [`Source`], in bytes.
#[derive(Debug, Clone)]
pub struct Placed<T> {
    /// The value.
    pub value: T,
    /// Where.
    pub span: Range<usize>,
}

/// The candidate most like `wrong`, if one is near enough to be what was meant.
pub fn nearest<'a>(wrong: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let scored =
        candidates.map(|candidate| (strsim::damerau_levenshtein(wrong, candidate), candidate));
    let near = scored
        .filter(|(distance, candidate)| *distance < candidate.len().min(2 + candidate.len() / 4));
    near.min().map(|(_, candidate)| candidate)
}

/// `… ; did you mean “x”?`, or nothing.
pub fn did_you_mean<'a>(wrong: &str, candidates: impl Iterator<Item = &'a str>) -> String {
    nearest(wrong, candidates).map_or(String::new(), |near| format!("; did you mean “{near}”?"))
}
