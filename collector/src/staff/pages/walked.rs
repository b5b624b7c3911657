//! Rows of the queue for a page: in the order of places, or by age. A page goes on behind the
//! one before.

use std::sync::Arc;

use crate::staff::desk::{Desk, DeskFault};
use crate::view::by_age::{Age, Behind, by_age as aged};
use crate::view::waiting::{Cursor, WaitingRow, Wanted, waiting};

/// Times that a page looks on, where a search finds little: two million look-ups in all.
const ROUNDS: usize = 1_000;

/// What a page has found.
pub(super) struct Walked {
    pub rows: Vec<WaitingRow>,
    /// Where the next page begins; none: this is the last one.
    pub next: Option<String>,
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
    Ok(Walked { rows, next: after.map(|after| after.to_string()) })
}

/// The next rows by age. What is no moment begins at the first.
pub(super) async fn by_age(
    desk: &Arc<Desk>,
    wanted: &Wanted,
    (age, at): (Age, &str),
    room: usize,
) -> Result<Walked, DeskFault> {
    let (mut rows, mut after) = (Vec::new(), at.parse::<Behind>().ok());
    for _ in 0..ROUNDS {
        let (wanted, missing) = (wanted.clone(), room - rows.len());
        let found = desk.look(move |ledger| aged(ledger, &wanted, (age, after), missing)).await?;
        rows.extend(found.rows);
        after = found.next;
        if after.is_none() || rows.len() >= room {
            break;
        }
    }
    Ok(Walked { rows, next: after.map(|after| after.to_string()) })
}
