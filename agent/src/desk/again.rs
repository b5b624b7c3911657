//! The second entry of a form that is submitted: wanted where the definition asks for one,
//! and the same as the first, whichever door it comes by.

use std::fmt::Display;

use saksi_proto::count::Count;
use saksi_proto::layout::Layout;
use saksi_proto::text::{self, Language};

use super::{Desk, SubmitFault};
use crate::entry::{Entry, Mistake, SecondTyped};
use crate::words::fill;

/// A number that was typed twice, and differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedTwice {
    /// Code of the field.
    pub field: String,
    /// What the first entry has.
    pub first: Count,
    /// What the second entry has.
    pub second: Count,
}

impl TypedTwice {
    /// The field and both numbers.
    pub(super) fn sentence(&self, language: Language) -> String {
        let values: [&dyn Display; 3] = [&self.field, &self.first, &self.second];
        fill(text::SECOND_DIFFERS, language, &values)
    }
}

impl Desk {
    /// Compares a form with its second entry. A second entry that nobody asked for is
    /// compared all the same, and so is every field that it has beyond those wanted.
    ///
    /// # Errors
    /// [`SubmitFault::NeedsSecondEntry`], [`SubmitFault::SecondMistakes`] or
    /// [`SubmitFault::SecondDiffers`].
    pub(super) fn check_second(
        &self,
        entry: &Entry,
        again: Option<&str>,
    ) -> Result<(), SubmitFault> {
        let Some(layout) = self.identity().layout(entry.contest) else { return Ok(()) };
        let Some(again) = again else {
            return match self.twice(entry) {
                lines if lines.is_empty() => Ok(()),
                lines => Err(SubmitFault::NeedsSecondEntry(lines)),
            };
        };
        let second = SecondTyped::read(again, self.identity());
        let second = second.map_err(SubmitFault::SecondMistakes)?;
        if second.contest != entry.contest {
            let (found, first) = (second.contest, entry.contest);
            return Err(SubmitFault::SecondMistakes(vec![Mistake::OtherContest { found, first }]));
        }
        match differing(entry, &second, layout) {
            differing if differing.is_empty() => Ok(()),
            differing => Err(SubmitFault::SecondDiffers(differing)),
        }
    }

    /// The lines of a form that are typed twice.
    fn twice(&self, entry: &Entry) -> Vec<String> {
        let election = self.identity().election();
        let contest = election.contest(entry.contest);
        let form = contest.and_then(|contest| election.head.form(contest.form));
        form.map(|form| form.entry.second_entry.clone()).unwrap_or_default()
    }
}

fn differing(entry: &Entry, second: &SecondTyped, layout: &Layout) -> Vec<TypedTwice> {
    let pairs = second.counts.iter().map(|(at, second)| (*at, entry.counts[*at], *second));
    let differing = pairs.filter(|(_, first, second)| first != second);
    differing
        .map(|(at, first, second)| {
            let field = layout.fields()[at].code.clone();
            TypedTwice { field, first, second }
        })
        .collect()
}
