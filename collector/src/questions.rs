//! What stations are asked, and which form was the answer, as it follows from the log. Rare: only
//! a station that is asked takes memory, 1.2 KB a question, each of which somebody at the centre
//! has written; at most [`saksi_proto::question::MAX_OPEN`] of a contest wait for an answer. One in
//! a hundred of a nation's 4.1 million stations and contests is asked once: 50 MB.
//!
//! What was answered stays, so that a page which is made of an earlier moment of the log can say
//! what was open then ([`crate::view::moment::Moment::questions`]).

use rustc_hash::FxHashMap;
use saksi_proto::definition::StationIndex;
use saksi_proto::entry::Act;
use saksi_proto::question::Question;

/// A question of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Entry of the log.
    pub index: u64,
    /// Codes of lines or fields; none: all of the form.
    pub lines: Vec<String>,
    /// What is asked.
    pub text: String,
    /// When, milliseconds since 1970, UTC.
    pub at_ms: u64,
    /// By whom, and why.
    pub act: Act,
    /// The entry of the form that was the answer, if one has come.
    pub answered_by: Option<u64>,
}

/// All questions, by contest and station.
#[derive(Debug, Default)]
pub struct Questions {
    /// In the order of the log; those that were answered come first, for a form answers all.
    asked: FxHashMap<(usize, StationIndex), Vec<Asked>>,
}

impl Questions {
    /// A station is asked.
    pub(crate) fn ask(&mut self, place: (usize, StationIndex), index: u64, question: Question) {
        let Question { lines, text, at_ms, act, .. } = question;
        let asked = Asked { index, lines, text, at_ms, act, answered_by: None };
        self.asked.entry(place).or_default().push(asked);
    }

    /// A form has come as entry `index`: whatever it says, it is the answer.
    pub(crate) fn answered(&mut self, contest: usize, station: StationIndex, index: u64) {
        if self.asked.is_empty() {
            return;
        }
        let asked = self.asked.get_mut(&(contest, station)).into_iter().flatten();
        for open in asked.filter(|asked| asked.answered_by.is_none()) {
            open.answered_by = Some(index);
        }
    }

    /// What a station is asked and has not answered, in the order of the log.
    #[must_use]
    pub fn open(&self, contest: usize, station: StationIndex) -> &[Asked] {
        self.open_at(contest, station, u64::MAX)
    }

    /// What it was asked and had not answered when the log had `size` entries.
    #[must_use]
    pub fn open_at(&self, contest: usize, station: StationIndex, size: u64) -> &[Asked] {
        let all = self.asked.get(&(contest, station)).map_or(&[][..], Vec::as_slice);
        let end = all.partition_point(|asked| asked.index < size);
        let is_answered = |asked: &Asked| asked.answered_by.is_some_and(|form| form < size);
        let begin = all[..end].partition_point(is_answered);
        &all[begin..end]
    }
}
