//! What stations are asked and have not answered, as it follows from the log. Rare: only a
//! station that is asked takes memory, at most 5 KB for a contest
//! ([`saksi_proto::question::MAX_OPEN`] questions of 1.2 KB), and none once it has answered.
//! One in a hundred of a nation's 4.1 million stations and contests is asked once: 50 MB.

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
}

/// The questions that no form has answered, by contest and station.
#[derive(Debug, Default)]
pub struct Questions {
    open: FxHashMap<(usize, StationIndex), Vec<Asked>>,
}

impl Questions {
    /// A station is asked.
    pub(crate) fn ask(&mut self, place: (usize, StationIndex), index: u64, question: Question) {
        let Question { lines, text, at_ms, act, .. } = question;
        self.open.entry(place).or_default().push(Asked { index, lines, text, at_ms, act });
    }

    /// A form has come: whatever it says, it is the answer.
    pub(crate) fn answered(&mut self, contest: usize, station: StationIndex) {
        if !self.open.is_empty() {
            self.open.remove(&(contest, station));
        }
    }

    /// What a station is asked and has not answered, in the order of the log.
    #[must_use]
    pub fn open(&self, contest: usize, station: StationIndex) -> &[Asked] {
        self.open.get(&(contest, station)).map_or(&[], Vec::as_slice)
    }
}
