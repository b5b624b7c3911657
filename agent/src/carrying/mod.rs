//! Carrying: forms of other stations, taken in from a file where there is no network,
//! forwarded untouched from where there is one, and their receipts on the way back.
//!
//! ```text
//! a station without a link             a device with one                      the centre
//! export ── forms (a file) ──► import ──► satchel ── Carry(batch) ──► each is the word of
//! import ◄── receipts (a file) ── export ◄───┘   ◄── its receipt ──    who has signed it
//! ```
//!
//! This device speaks for none of those stations and cannot know their keys: the centre
//! does. What it has in its `satchel` is never in its own list of contests.

mod coming_in;
mod going_out;
pub(crate) mod parcel;
pub(crate) mod satchel;
mod status;
pub mod text;

#[cfg(test)]
mod tests;

pub use coming_in::Imported;
pub use parcel::{Goods, ParcelFault};
pub use satchel::MAX_CARRIED;
pub use status::{CarriedFor, CarriedShown};
