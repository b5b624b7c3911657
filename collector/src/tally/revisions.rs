//! The forms one station has sent for one contest, and how they stand.
//!
//! A form that another names as superseded is out. What is left are the heads, less those
//! that a ruling rejects: one is the station's word, two are a dispute. The order of
//! arrival does not matter: a correction may come before what it corrects, and a ruling
//! names the forms that it settles.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};

use saksi_proto::digest::Digest;
use saksi_proto::message::Standing;

use super::report::Report;
use super::ruled::Ruled;

/// One form in the log.
#[derive(Debug, Clone)]
pub struct Revision {
    /// Entry of the log.
    pub index: u64,
    /// What it says.
    pub report: Report,
    /// Another form in the log names it as superseded.
    superseded: bool,
}

/// How a station stands in a contest.
#[derive(Debug)]
pub enum StationState<'a> {
    /// Nothing has arrived.
    Missing,
    /// One form, and it is in the totals.
    Counted(&'a Revision),
    /// One form that breaks a hard rule, and no ruling accepts it.
    Held(&'a Revision),
    /// Several forms, none of which names the others.
    Disputed,
    /// A ruling has rejected what has arrived.
    Rejected,
}

/// All forms of one station for one contest, in the order of the log.
#[derive(Debug, Clone, Default)]
pub struct Revisions {
    forms: Vec<Revision>,
    /// Of a station with many forms only, so that a device that sends without end makes
    /// none of its forms dearer to the others than its first.
    index: Option<Box<Index>>,
}

/// Forms that are looked through one by one: a correction or two is all that an honest
/// station has, and a nation has no room for the index of each.
const FEW: usize = 32;

/// Where a form is, and how all of them stand.
#[derive(Debug, Clone, Default)]
struct Index {
    /// Positions. Its hash is keyed: a device chooses the digests of its forms.
    positions: HashMap<Digest, usize>,
    /// What forms have named, whether or not it is there.
    superseded: HashSet<Digest>,
    /// Positions of those that no other names.
    heads: BTreeSet<usize>,
}

impl Revisions {
    /// Adds a form that was logged after all others.
    pub fn add(&mut self, index: u64, report: Report) {
        let superseded = match &mut self.index {
            Some(index) => index.supersede(&report, &mut self.forms),
            None => supersede(&report, &mut self.forms),
        };
        // Nearly all stations send one form; a nation has no room for four of each.
        if self.forms.len() == self.forms.capacity() {
            self.forms.reserve_exact(self.forms.len().max(1));
        }
        self.forms.push(Revision { index, report, superseded });
        match &mut self.index {
            Some(index) => index.add(&self.forms),
            None if self.forms.len() > FEW => self.index = Some(Index::of(&self.forms)),
            None => {}
        }
    }

    /// The forms that stand among the first `size` entries of the log, if there are any.
    #[must_use]
    pub fn among(&self, size: u64) -> Option<Cow<'_, Self>> {
        let many = self.forms.partition_point(|revision| revision.index < size);
        if many == self.forms.len() {
            return (many > 0).then_some(Cow::Borrowed(self));
        }
        let mut earlier = Self::default();
        for revision in &self.forms[..many] {
            earlier.add(revision.index, revision.report.clone());
        }
        (many > 0).then_some(Cow::Owned(earlier))
    }

    /// The form with this digest.
    #[must_use]
    pub fn find(&self, digest: &Digest) -> Option<&Revision> {
        match &self.index {
            Some(index) => index.positions.get(digest).map(|position| &self.forms[*position]),
            None => self.forms.iter().find(|revision| revision.report.digest == *digest),
        }
    }

    /// The form that is this entry.
    #[must_use]
    pub fn at(&self, index: u64) -> Option<&Revision> {
        let found = self.forms.binary_search_by_key(&index, |revision| revision.index);
        found.ok().map(|position| &self.forms[position])
    }

    /// All forms, in the order of the log.
    #[must_use]
    pub fn all(&self) -> &[Revision] {
        &self.forms
    }

    /// The forms that no other names as superseded, in the order of the log.
    pub fn heads(&self) -> impl Iterator<Item = &Revision> {
        let few = if self.index.is_some() { &[] } else { &self.forms[..] };
        let indexed = self.index.iter().flat_map(|index| &index.heads);
        let indexed = indexed.map(|head| &self.forms[*head]);
        indexed.chain(few.iter().filter(|revision| !revision.superseded))
    }

    /// How the station stands, under the last ruling on its forms.
    #[must_use]
    pub fn state(&self, ruling: Option<&Ruled>) -> StationState<'_> {
        let rejects = |form: &Digest| ruling.is_some_and(|ruling| ruling.rejects(form));
        let accepts = |form: &Digest| ruling.is_some_and(|ruling| ruling.accepts(form));
        let mut heads = self.heads().filter(|head| !rejects(&head.report.digest));
        match (heads.next(), heads.next()) {
            (None, _) if self.forms.is_empty() => StationState::Missing,
            (None, _) => StationState::Rejected,
            (Some(_), Some(_)) => StationState::Disputed,
            (Some(head), None)
                if head.report.broken().is_empty() || accepts(&head.report.digest) =>
            {
                StationState::Counted(head)
            }
            (Some(head), None) => StationState::Held(head),
        }
    }

    /// Whether a form has been superseded by another.
    #[must_use]
    pub fn is_corrected(&self) -> bool {
        match &self.index {
            Some(index) => index.heads.len() < self.forms.len(),
            None => self.forms.iter().any(|revision| revision.superseded),
        }
    }

    /// How the form logged at `index` stands, under the last ruling.
    #[must_use]
    pub fn standing(&self, index: u64, ruling: Option<&Ruled>) -> Option<Standing> {
        let position = self.forms.binary_search_by_key(&index, |revision| revision.index).ok()?;
        let form = &self.forms[position];
        if form.superseded {
            return Some(Standing::Superseded);
        }
        if ruling.is_some_and(|ruling| ruling.rejects(&form.report.digest)) {
            return Some(Standing::Rejected);
        }
        Some(match self.state(ruling) {
            StationState::Held(_) => Standing::Held,
            StationState::Counted(_) => Standing::Counted,
            // A form that is not rejected is one of the heads that are left.
            StationState::Disputed | StationState::Missing | StationState::Rejected => {
                Standing::Disputed
            }
        })
    }
}

/// Marks what a new form supersedes; says whether an earlier one supersedes it.
fn supersede(new: &Report, forms: &mut [Revision]) -> bool {
    let supersedes = |other: &Report, this: &Report| other.supersedes() == Some(this.digest);
    let mut superseded = false;
    for earlier in forms {
        earlier.superseded |= supersedes(new, &earlier.report);
        superseded |= supersedes(&earlier.report, new);
    }
    superseded
}

impl Index {
    fn of(forms: &[Revision]) -> Box<Self> {
        let mut index = Box::<Self>::default();
        (1..=forms.len()).for_each(|many| index.add(&forms[..many]));
        index
    }

    /// The same as [`supersede`] of all forms.
    fn supersede(&mut self, new: &Report, forms: &mut [Revision]) -> bool {
        let named = new.supersedes().and_then(|digest| self.positions.get(&digest));
        if let Some(position) = named {
            forms[*position].superseded = true;
            self.heads.remove(position);
        }
        self.superseded.contains(&new.digest)
    }

    /// Takes in the last of these.
    fn add(&mut self, forms: &[Revision]) {
        let Some((last, before)) = forms.split_last() else { return };
        self.positions.insert(last.report.digest, before.len());
        self.superseded.extend(last.report.supersedes());
        if !last.superseded {
            self.heads.insert(before.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    /// A form of this number; a correction of the form of another.
    fn report(number: u8, supersedes: Option<u8>) -> Report {
        let mut form = sample::form("1001", [1, 0, 1]);
        form.supersedes = supersedes.map(|number| Digest([number; 32]));
        Report::new(Digest([number; 32]), 4, form, &[])
    }

    /// What can be asked of them, as text.
    fn shown(revisions: &Revisions, forms: u8) -> String {
        let found = (0..forms).map(|number| {
            let found = revisions.find(&Digest([number; 32])).map(|revision| revision.index);
            (found, revisions.standing(100 + 2 * u64::from(number), None))
        });
        let found: Vec<_> = found.collect();
        format!("{found:?} {:?} {}", revisions.state(None), revisions.is_corrected())
    }

    /// As [`Revisions`] without an index.
    fn few(forms: &[(u8, Option<u8>)]) -> Revisions {
        let mut revisions = Revisions::default();
        for (position, (number, supersedes)) in (0..).zip(forms) {
            let report = report(*number, *supersedes);
            let superseded = supersede(&report, &mut revisions.forms);
            let index = 100 + 2 * position;
            revisions.forms.push(Revision { index, report, superseded });
        }
        revisions
    }

    #[test]
    fn many_forms_stand_as_few_would() {
        let many = u8::try_from(FEW + 8).unwrap();
        // All against all; each corrects the one before, the one behind, or one of both.
        let orders: [fn(u8) -> Option<u8>; 4] = [
            |_| None,
            |number| number.checked_sub(1),
            |number| Some(number + 1),
            |number| (number % 3 != 0).then_some(number ^ 1),
        ];
        for order in orders {
            let mut revisions = Revisions::default();
            let forms: Vec<_> = (0..many).map(|number| (number, order(number))).collect();
            for (position, (number, supersedes)) in (0..).zip(&forms) {
                revisions.add(100 + 2 * position, report(*number, *supersedes));
                let so_far = usize::try_from(position).unwrap() + 1;
                assert_eq!(revisions.index.is_some(), so_far > FEW);
                assert_eq!(shown(&revisions, many), shown(&few(&forms[..so_far]), many));
            }
            for so_far in [1, 2, FEW, FEW + 1, forms.len()] {
                let size = 99 + 2 * so_far as u64;
                let earlier = revisions.among(size).unwrap();
                assert_eq!(shown(&earlier, many), shown(&few(&forms[..so_far]), many));
            }
            assert!(revisions.among(100).is_none());
        }
    }
}
