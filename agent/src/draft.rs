//! A form that is still being filled: what was typed, field by field, and what the
//! officers say of it. Kept until it is sealed; it is never sent.

use std::collections::BTreeMap;

use saksi_proto::count::Count;
use saksi_proto::digest::Digest;
use saksi_proto::fields::Field;
use saksi_proto::form::MAX_REMARK;
use saksi_proto::ids::ContestCode;
use saksi_proto::layout::Layout;
use serde::{Deserialize, Serialize};

use crate::intake::Warning;
use crate::words::shortened;

/// What is kept of a text that is no number, in bytes: enough to see what was meant.
const MAX_TEXT: usize = 40;

/// What is kept of an explanation or a reason, in bytes. More than [`MAX_REMARK`], so that
/// one that is too long can be shortened by whoever wrote it; two of them and the rest of
/// [`Notes`] are 2,000 bytes.
const MAX_KEPT_REMARK: usize = 2 * MAX_REMARK;

/// What was typed into one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Typed {
    /// A number, or one of the two that are said: not written, illegible.
    Count(Count),
    /// Something else, which stays until it is put right.
    NotANumber(String),
}

impl Typed {
    /// What a text in a field's box means; `None` for an empty box. A dash says *not
    /// written*, a question mark *illegible*: so the box shows both.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        Some(match text {
            "" => return None,
            "-" | "–" | "—" => Typed::Count(Count::NotWritten),
            "?" => Typed::Count(Count::Illegible),
            _ => match number(text) {
                Some(number) => Typed::Count(Count::Written(number)),
                None => Typed::NotANumber(shortened(text, MAX_TEXT)),
            },
        })
    }

    /// What the box shows.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Typed::Count(count) => count.to_string(),
            Typed::NotANumber(text) => text.clone(),
        }
    }

    /// The count, unless it is something else.
    #[must_use]
    pub fn count(&self) -> Option<Count> {
        match self {
            Typed::Count(count) => Some(*count),
            Typed::NotANumber(_) => None,
        }
    }
}

/// Digits only: in 2019 a 183 became 1.833.
fn number(text: &str) -> Option<u32> {
    let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse::<u32>().ok().filter(|_| is_digits)?;
    (number <= Count::MAX).then_some(number)
}

/// What is kept beside the fields. Times are milliseconds since 1970, UTC.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notes {
    /// What the officers say of what breaks a rule.
    pub explanation: String,
    /// Why the form before is corrected.
    pub reason: String,
    /// The form before; a first form has none.
    pub corrects: Option<Digest>,
    /// When the last field was saved.
    pub saved_ms: u64,
    /// The store was damaged, and the draft came back from its second copy: whoever goes on
    /// is told to compare it with the paper.
    pub brought_back: bool,
}

impl Notes {
    /// Keeps an explanation.
    pub fn explain(&mut self, explanation: &str) {
        self.explanation = shortened(explanation.trim(), MAX_KEPT_REMARK);
    }

    /// Keeps a reason.
    pub fn give_reason(&mut self, reason: &str) {
        self.reason = shortened(reason.trim(), MAX_KEPT_REMARK);
    }
}

/// Where a photo came from, as far as the device knows: what the officer chose. It is shown
/// here and is no part of the form, whose photos are their hashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// The camera was opened for it.
    Camera,
    /// It was a file on the device before.
    Gallery,
    /// The form before names it.
    FormBefore,
}

/// A photo of a form that is being filled. Its file is kept already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftPhoto {
    /// Its SHA-256.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u32,
    /// Where it came from.
    pub origin: Origin,
    /// What may make it hard to read.
    pub warnings: Vec<Warning>,
}

/// Which of the two times a number is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Turn {
    /// The first entry, of the whole form.
    First,
    /// The second entry, of the lines that the definition asks for, without seeing the first.
    Second,
}

/// A form that is being filled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Draft {
    /// What was typed, by the field's code. A field that nobody has touched is not here.
    pub fields: BTreeMap<String, Typed>,
    /// The same of the second entry.
    pub again: BTreeMap<String, Typed>,
    /// What is kept beside them.
    pub notes: Notes,
    /// Photos of the paper, in the order of its pages.
    pub photos: Vec<DraftPhoto>,
}

/// What becomes of fields: what was typed, or nothing any more.
pub type Changes = Vec<(Turn, String, Option<Typed>)>;

impl Draft {
    /// A draft that begins with the numbers of a sealed form.
    #[must_use]
    pub fn of_form(layout: &Layout, counts: &[Count], corrects: Digest) -> Self {
        let fields = layout.fields().iter().zip(counts);
        let fields = fields.map(|(field, count)| (field.code.clone(), Typed::Count(*count)));
        let notes = Notes { corrects: Some(corrects), ..Notes::default() };
        Self { fields: fields.collect(), notes, ..Self::default() }
    }

    /// What was typed in one of the two turns.
    #[must_use]
    pub fn of(&self, turn: Turn) -> &BTreeMap<String, Typed> {
        match turn {
            Turn::First => &self.fields,
            Turn::Second => &self.again,
        }
    }

    /// The second entry alone, as a draft of its own: it shows nothing of the first.
    #[must_use]
    pub fn second(&self) -> Self {
        Self { fields: self.again.clone(), notes: self.notes.clone(), ..Self::default() }
    }

    /// How far the second entry is, of a form whose first entry may not be whole.
    #[must_use]
    pub fn second_entry(&self, layout: &Layout) -> SecondEntry {
        let count = |turn: Turn, at: usize| {
            self.of(turn).get(&layout.fields()[at].code).and_then(Typed::count)
        };
        let twice = || layout.again().iter().copied();
        if layout.again().is_empty() || !self.missing(layout).is_empty() {
            return SecondEntry::NotDue;
        }
        let empty: Vec<_> = twice().filter(|at| count(Turn::Second, *at).is_none()).collect();
        if !empty.is_empty() {
            return SecondEntry::Open { empty, is_begun: !self.again.is_empty() };
        }
        let differs = |at: &usize| count(Turn::First, *at) != count(Turn::Second, *at);
        let differing: Vec<_> = twice().filter(differs).collect();
        if differing.is_empty() { SecondEntry::Agrees } else { SecondEntry::Differs(differing) }
    }

    /// The count of a field, if there is one.
    #[must_use]
    pub fn count(&self, field: &Field) -> Option<Count> {
        self.fields.get(&field.code)?.count()
    }

    /// One count a field, for the rules: a check with a field that is still empty is not
    /// broken.
    #[must_use]
    pub fn counts(&self, layout: &Layout) -> Vec<Count> {
        let fields = layout.fields().iter();
        fields.map(|field| self.count(field).unwrap_or(Count::NotWritten)).collect()
    }

    /// Positions of the fields that still want a number or a word why there is none.
    #[must_use]
    pub fn missing(&self, layout: &Layout) -> Vec<usize> {
        let fields = layout.fields().iter().enumerate();
        fields.filter(|(_, field)| self.count(field).is_none()).map(|(at, _)| at).collect()
    }

    /// Hashes of its photos.
    #[must_use]
    pub fn photo_digests(&self) -> Vec<Digest> {
        self.photos.iter().map(|photo| photo.digest).collect()
    }

    /// The form as [`crate::entry`] reads it.
    #[must_use]
    pub fn to_json(&self, contest: ContestCode) -> String {
        json(contest, &self.fields)
    }

    /// The second entry as [`crate::entry`] reads it; `None` if nothing was typed twice.
    #[must_use]
    pub fn again_to_json(&self, contest: ContestCode) -> Option<String> {
        (!self.again.is_empty()).then(|| json(contest, &self.again))
    }
}

fn json(contest: ContestCode, fields: &BTreeMap<String, Typed>) -> String {
    let counts = fields.iter().filter_map(|(code, typed)| Some((code, typed.count()?)));
    let lines: BTreeMap<_, _> = counts.collect();
    serde_json::json!({ "contest": contest.as_str(), "lines": lines }).to_string()
}

/// How far the second entry is.
///
/// It needs no record of its own: a difference is settled by writing one number into both
/// turns, and a number that changes in the first entry afterwards differs again. So what is
/// sealed was typed twice, or was chosen before the paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecondEntry {
    /// The definition does not ask for one, or the first entry is not whole.
    NotDue,
    /// Fields of it are empty.
    Open {
        /// Their positions.
        empty: Vec<usize>,
        /// Something was typed: the first numbers are not shown before its end.
        is_begun: bool,
    },
    /// Positions of the fields whose two numbers differ.
    Differs(Vec<usize>),
    /// Every number was typed twice, and they are the same.
    Agrees,
}

impl SecondEntry {
    /// Whether the first numbers are hidden.
    #[must_use]
    pub fn is_blind(&self) -> bool {
        matches!(self, SecondEntry::Open { is_begun: true, .. })
    }

    /// Whether it stands in the way of reading back and sealing.
    #[must_use]
    pub fn is_due(&self) -> bool {
        matches!(self, SecondEntry::Open { .. } | SecondEntry::Differs(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_and_two_signs_are_counts_and_nothing_else_is() {
        let count = |text| Typed::read(text).and_then(|typed| typed.count());
        assert_eq!(count(" 012 "), Some(Count::Written(12)));
        assert_eq!(count("0"), Some(Count::Written(0)));
        assert_eq!(count("999999999"), Some(Count::Written(999_999_999)));
        assert_eq!((count("-"), count("–")), (Some(Count::NotWritten), Some(Count::NotWritten)));
        assert_eq!(count("?"), Some(Count::Illegible));
        assert_eq!((Typed::read(""), Typed::read("  ")), (None, None));
        for text in ["1.833", "1e3", "+5", "-5", "12a", "1000000000", "99999999999", "١٢"] {
            assert_eq!(Typed::read(text), Some(Typed::NotANumber(text.to_owned())), "{text}");
        }
    }

    #[test]
    fn what_a_box_shows_means_the_same_again() {
        for text in ["12", "–", "?", "zwölf"] {
            let typed = Typed::read(text).unwrap();
            assert_eq!(typed.shown(), text);
            assert_eq!(Typed::read(&typed.shown()), Some(typed));
        }
        let long = Typed::read(&"é".repeat(1_000)).unwrap();
        assert_eq!(long.shown().len(), MAX_TEXT);
    }

    #[test]
    fn notes_stay_a_small_record() {
        let mut notes = Notes::default();
        notes.explain(&"x".repeat(9_999));
        notes.give_reason(&"é".repeat(9_999));
        assert!(saksi_proto::codec::encode(&notes).len() < 2_100);
    }
}
