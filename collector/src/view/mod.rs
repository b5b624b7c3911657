//! What can be asked of the totals, as values: the one source of the API, the pages
//! and the command line, so that they can never say different things.
//!
//! A view is made under the ledger's read lock, in less than a millisecond, and
//! rendered after it is released.

pub mod across;
pub mod by_age;
pub mod case;
pub mod decisions;
pub mod devices;
pub mod election;
pub mod found;
pub mod listed;
pub mod moment;
pub mod place;
pub mod publications;
pub mod region;
pub mod sought;
pub mod state;
pub mod station;
pub mod waiting;

use std::collections::BTreeMap;

use saksi_proto::election::{Head, Text};
use serde::Serialize;

use crate::ledger::Position;

/// The log position that published numbers were folded to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PositionView {
    /// Entries folded.
    pub size: u64,
    /// Merkle root over them, 64 hexadecimal digits.
    pub root: Option<String>,
    /// Arrival of the last form, milliseconds since 1970, UTC.
    pub last_form_ms: Option<u64>,
}

impl PositionView {
    /// The position of a ledger.
    #[must_use]
    pub fn new(position: &Position) -> Self {
        let root = position.root.map(|root| root.to_string());
        Self { size: position.size, root, last_form_ms: position.last_form_ms }
    }
}

/// A text by language code.
#[must_use]
pub fn by_language(head: &Head, text: &Text) -> BTreeMap<String, String> {
    head.languages.iter().cloned().zip(text.0.iter().cloned()).collect()
}
