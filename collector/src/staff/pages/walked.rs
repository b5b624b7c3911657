//! Rows of the queue for a page: in the order of places, where a page goes on behind the one
//! before, or by age, for which all that is wanted is walked.

use std::sync::Arc;

use crate::staff::desk::{Desk, DeskFault};
use crate::view::waiting::by_age::{Age, ByAge};
use crate::view::waiting::{Cursor, WaitingRow, Wanted, waiting};

/// Times that a page looks on, where a search finds little: two million look-ups in all, a
/// second of one thread, of which nobody else notices more than a millisecond.
const ROUNDS: usize = 1_000;

/// Most rows of one look, where all are walked: as many as it has look-ups.
const PIECE: usize = crate::view::waiting::MAX_LOOKS;

/// What a page has found.
pub(super) struct Walked {
    pub rows: Vec<WaitingRow>,
    /// Where the next page begins; none: this is the last one.
    pub next: Option<String>,
    /// Whether not all that is wanted could be walked.
    pub is_part: bool,
}

/// The next rows in the order of places. What is no place begins at the first.
pub(super) async fn by_place(
    desk: &Arc<Desk>,
    wanted: &Wanted,
    at: &str,
    room: usize,
) -> Result<Walked, DeskFault> {
    let (mut rows, mut after) = (Vec::new(), at.parse::<Cursor>().ok());
    for _ in 0..ROUNDS {
        let (wanted, missing) = (wanted.clone(), room - rows.len());
        let found = desk.look(move |ledger| waiting(ledger, &wanted, after, missing)).await?;
        rows.extend(found.rows);
        after = found.next;
        if after.is_none() || rows.len() >= room {
            break;
        }
    }
    let next = after.map(|after| after.to_string());
    Ok(Walked { is_part: next.is_some() && rows.is_empty(), rows, next })
}

/// The next rows by age. What is no moment begins at the first.
pub(super) async fn by_age(
    desk: &Arc<Desk>,
    wanted: &Wanted,
    (age, at): (Age, &str),
    room: usize,
) -> Result<Walked, DeskFault> {
    let (mut rows, mut after) = (ByAge::new(age, at.parse().ok(), room), None);
    for _ in 0..ROUNDS {
        let wanted = wanted.clone();
        let found = desk.look(move |ledger| waiting(ledger, &wanted, after, PIECE)).await?;
        rows.look(found.rows);
        after = found.next;
        if after.is_none() {
            break;
        }
    }
    let (rows, next) = rows.page();
    Ok(Walked { rows, next: next.map(|next| next.to_string()), is_part: after.is_some() })
}
