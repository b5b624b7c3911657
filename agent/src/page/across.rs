//! What should be the same on every form of the station: registered voters (X1) and voters
//! who voted (X2). Which fields these are, each kind of form says in its summary.
//!
//! The language of rules knows one form at a time, so these are looked at here, on the
//! device that has them all. An explanation is wanted and goes with the form; the centre
//! does not hold it for them.

use saksi_proto::count::Count;
use saksi_proto::election::Contest;
use saksi_proto::ids::ContestCode;
use saksi_proto::layout::{Layout, SummaryFields};
use saksi_proto::text::Phrase;

use super::site::{Paper, Visit};
use super::text;
use crate::draft::Draft;
use crate::store::StoreFault;

/// A number that is another one on another form of the station.
pub(super) struct Differing {
    /// Position of the field on this form.
    pub(super) field: usize,
    pub(super) code: &'static str,
    /// What stands here, and there.
    pub(super) here: u32,
    pub(super) there: u32,
    pub(super) sentence: String,
}

/// Which field, and how a difference is said.
type Check = (&'static str, fn(&SummaryFields) -> Option<usize>, Phrase);

const CHECKS: [Check; 2] = [
    ("X1", |fields| fields.registered, text::SAME_REGISTERED),
    ("X2", |fields| fields.voters, text::SAME_VOTERS),
];

/// Numbers of a draft that are others on the other forms of the station; each is said once,
/// with the first contest that differs.
///
/// # Errors
/// [`StoreFault`] if the other forms cannot be read.
pub(super) fn differing(
    visit: &Visit<'_>,
    paper: Paper<'_>,
    draft: &Draft,
) -> Result<Vec<Differing>, StoreFault> {
    let mut found: Vec<Differing> = Vec::new();
    let counts = draft.counts(paper.layout);
    for other in &visit.desk.identity().election().contests {
        let Some(layout) = visit.desk.identity().layout(other.code) else { continue };
        if other.code == paper.contest.code {
            continue;
        }
        let others = numbers(visit, other.code, layout)?;
        for (code, field, phrase) in CHECKS {
            let number = |layout: &Layout, counts: &[Count]| {
                let at = field(&layout.summary())?;
                Some((at, counts.get(at)?.number()?))
            };
            let both = number(paper.layout, &counts).zip(number(layout, &others));
            let is_said = found.iter().any(|known| known.code == code);
            match both {
                Some(((at, here), (_, there))) if here != there && !is_said => {
                    let sentence = sentence(visit, phrase, other);
                    found.push(Differing { field: at, code, here, there, sentence });
                }
                _ => {}
            }
        }
    }
    Ok(found)
}

fn sentence(visit: &Visit<'_>, phrase: Phrase, other: &Contest) -> String {
    visit.voice().with(phrase, visit.labels.contest(other.code))
}

/// What was typed for a contest, or else what is sealed.
fn numbers(
    visit: &Visit<'_>,
    contest: ContestCode,
    layout: &Layout,
) -> Result<Vec<Count>, StoreFault> {
    if let Some(draft) = visit.desk.draft(contest)? {
        return Ok(draft.counts(layout));
    }
    let store = visit.desk.store();
    let Some(newest) = store.ledger().newest(contest) else { return Ok(Vec::new()) };
    let sealed = store.sealed(newest.digest)?.open();
    Ok(sealed.map_or_else(|_| Vec::new(), |form| form.counts))
}
