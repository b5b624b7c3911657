//! The stations of a ledger as they were when its log had so many entries. All that has come
//! of a station stands in the ledger with its place in the log, so its past can be asked as
//! well as its present; the sums of regions cannot.

use std::borrow::Cow;

use saksi_proto::definition::StationIndex;

use crate::election::Election;
use crate::ledger::Ledger;
use crate::questions::Asked;
use crate::roster::Kept;
use crate::tally::register::{Amending, is_unopened_after, registered_after};
use crate::tally::revisions::Revisions;
use crate::tally::ruled::Ruled;

/// A ledger, and how much of its log is looked at.
#[derive(Clone, Copy)]
pub struct Moment<'a> {
    ledger: &'a Ledger,
    size: u64,
}

impl<'a> Moment<'a> {
    /// The ledger as it is.
    #[must_use]
    pub fn now(ledger: &'a Ledger) -> Self {
        Self { ledger, size: u64::MAX }
    }

    /// The stations as they were when the log had `size` entries.
    #[must_use]
    pub fn at(ledger: &'a Ledger, size: u64) -> Self {
        Self { ledger, size }
    }

    /// The election.
    #[must_use]
    pub fn election(self) -> &'a Election {
        &self.ledger.election
    }

    /// What a station has sent for a contest, if it has sent anything.
    #[must_use]
    pub fn revisions(self, contest: usize, station: StationIndex) -> Option<Cow<'a, Revisions>> {
        self.ledger.tally.station(contest, station)?.among(self.size)
    }

    /// The rulings on a station's forms, in the order of the log.
    #[must_use]
    pub fn rulings(self, contest: usize, station: StationIndex) -> &'a [Ruled] {
        let all = self.ledger.tally.rulings(contest, station);
        &all[..all.partition_point(|ruled| ruled.index < self.size)]
    }

    /// What a station was asked and had not answered by then.
    #[must_use]
    pub fn questions(self, contest: usize, station: StationIndex) -> &'a [Asked] {
        self.ledger.questions.open_at(contest, station, self.size)
    }

    /// The amendments of what is expected of a station, in the order of the log.
    #[must_use]
    pub fn amendments(self, station: StationIndex) -> &'a [Amending] {
        let all = self.ledger.tally.register().amendments(station);
        &all[..all.partition_point(|amending| amending.index < self.size)]
    }

    /// Registered voters of a station, where they are known.
    #[must_use]
    pub fn registered(self, station: StationIndex) -> Option<u32> {
        let defined = self.election().definition.stations()[station as usize].registered.all;
        registered_after(self.amendments(station)).or(defined)
    }

    /// Whether it is known that a station did not open.
    #[must_use]
    pub fn is_unopened(self, station: StationIndex) -> bool {
        is_unopened_after(self.amendments(station))
    }

    /// What devices of the station that were revoked or replaced have sent.
    #[must_use]
    pub fn evidence(self, station: StationIndex) -> Vec<Kept> {
        let mut evidence = self.ledger.roster.evidence(station);
        evidence.retain(|kept| kept.logged.index < self.size);
        evidence
    }

    /// Whether there is anything to say of a station but that nothing has come.
    #[must_use]
    pub fn is_heard(self, station: StationIndex) -> bool {
        let contests = 0..self.election().definition.contests().len();
        contests.into_iter().any(|contest| {
            self.revisions(contest, station).is_some()
                || !self.questions(contest, station).is_empty()
        }) || !self.amendments(station).is_empty()
            || !self.evidence(station).is_empty()
    }

    /// What of a station has changed by entries from `since` on: contests, and `None` for its
    /// own page alone.
    #[must_use]
    pub fn changed_since(self, station: StationIndex, since: u64) -> Vec<Option<usize>> {
        let definition = &self.election().definition;
        let held = (0..definition.contests().len())
            .filter(|contest| definition.in_scope(*contest, station));
        let is_new = |index: u64| index >= since;
        if self.amendments(station).last().is_some_and(|last| is_new(last.index)) {
            return held.map(Some).collect();
        }
        let evidence = self.evidence(station);
        let evidence = evidence.last().is_some_and(|last| is_new(last.logged.index));
        let changed = held.filter(|contest| {
            let forms = self.revisions(*contest, station);
            let form = forms.as_ref().and_then(|forms| forms.all().last());
            let ruling = self.rulings(*contest, station).last();
            let question = self.questions(*contest, station).last();
            form.is_some_and(|form| is_new(form.index))
                || ruling.is_some_and(|ruling| is_new(ruling.index))
                || question.is_some_and(|question| is_new(question.index))
        });
        changed.map(Some).chain(evidence.then_some(None)).collect()
    }
}

#[cfg(test)]
mod tests {
    use saksi_proto::entry::{Act, Entry};
    use saksi_proto::question::Question;

    use super::*;
    use crate::sample::{apply, arrival, form, ledger, sealed};

    #[test]
    fn a_question_is_shown_from_its_entry_on_and_until_the_next_form() {
        let mut ledger = ledger();
        let asked_at = ledger.position.size;
        let question = Question {
            station: "1001".parse().unwrap(),
            contest: "mayor".parse().unwrap(),
            lines: vec!["S".to_owned()],
            text: "is it 5?".to_owned(),
            at_ms: 6,
            act: Act { by: "sri".to_owned(), reason: "the photo".to_owned() },
        };
        apply(&mut ledger, &Entry::Question(question)).unwrap();
        let before = Moment::at(&ledger, asked_at);
        assert!(before.questions(0, 0).is_empty() && !before.is_heard(0));
        let after = Moment::at(&ledger, asked_at + 1);
        assert_eq!((after.questions(0, 0).len(), after.is_heard(0)), (1, true));
        assert_eq!(after.changed_since(0, asked_at), [Some(0)]);
        assert_eq!(after.changed_since(0, asked_at + 1), []);
        apply(&mut ledger, &arrival(&sealed(&form("1001", [1, 2, 3])))).unwrap();
        assert!(Moment::now(&ledger).questions(0, 0).is_empty());
        let after = Moment::at(&ledger, asked_at + 1);
        assert_eq!((after.questions(0, 0).len(), after.revisions(0, 0).is_some()), (1, false));
    }
}
