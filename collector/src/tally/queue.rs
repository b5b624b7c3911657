//! Who waits for a ruling, by how long: kept as forms and rulings are folded in, so that
//! a page of them costs what it shows and not what the nation has. 40 bytes each.

use std::collections::BTreeSet;
use std::ops::Bound;

use saksi_proto::definition::StationIndex;

use super::revisions::{Revision, Revisions};
use super::ruled::Ruled;

/// A station and contest that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Waiting {
    /// Since when, milliseconds since 1970, UTC.
    pub since_ms: u64,
    /// The contest, by its position.
    pub contest: usize,
    /// The station.
    pub station: StationIndex,
}

/// All of them, in the order in which they began to wait.
#[derive(Debug, Clone, Default)]
pub struct Queue(BTreeSet<Waiting>);

impl Queue {
    /// Those behind one, or all.
    pub fn behind(&self, after: Option<Waiting>) -> impl Iterator<Item = Waiting> + '_ {
        let begin = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.0.range((begin, Bound::Unbounded)).copied()
    }

    /// Those that came before one, or all, the one that came last first.
    pub fn before(&self, last: Option<Waiting>) -> impl Iterator<Item = Waiting> + '_ {
        let end = last.map_or(Bound::Unbounded, Bound::Excluded);
        self.0.range((Bound::Unbounded, end)).rev().copied()
    }

    /// It waits from now on.
    pub(super) fn add(&mut self, waiting: Option<Waiting>) {
        self.0.extend(waiting);
    }

    /// It waits no more.
    pub(super) fn take_back(&mut self, waiting: Option<Waiting>) {
        if let Some(waiting) = waiting {
            self.0.remove(&waiting);
        }
    }
}

/// The forms in question: heads that the last ruling does not reject, in the order of the log.
pub fn in_question<'a>(
    forms: &'a Revisions,
    ruling: Option<&'a Ruled>,
) -> impl Iterator<Item = &'a Revision> {
    let rejects = move |form: &&Revision| ruling.is_some_and(|it| it.rejects(&form.report.digest));
    forms.heads().filter(move |form| !rejects(form))
}

/// Since when a station waits that is held or disputed: arrival of the form that made it so, or
/// the ruling that was withdrawn. Milliseconds since 1970, UTC.
#[must_use]
pub fn since_ms(forms: &Revisions, ruling: Option<&Ruled>) -> u64 {
    // The second form makes a dispute of the first.
    let form = in_question(forms, ruling).take(2).last();
    let arrived = form.map_or(0, |form| form.report.arrived_ms);
    let withdrawn = ruling.filter(|ruling| !ruling.stands()).map_or(0, |ruling| ruling.at_ms);
    arrived.max(withdrawn)
}
