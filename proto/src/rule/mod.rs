//! The language of rules, and what breaks them.
//!
//! A check compares two sums of the form's fields, in whole numbers:
//!
//! ```text
//! I.A.L + I.A.P = I.A.J          fields, by code
//! I.B.1 + I.B.2 + I.B.3 = I.B.4  lines: once for each of their columns
//! votes = V.A                    the sum over all candidates (a party's: its total)
//! vote <= V.A                    once for each candidate or party
//! party.own + party.candidates = party.total    once for each party
//! field <= bound                 once for each field of the form
//! I.A.J = registered.all         the register's number (.men, .women)
//! II.1 = I.A.J + ceil(2 * I.A.J / 100) +- 2     rounding up, a tolerance
//! ```
//!
//! Relations: `=`, `<=`, `<`, `>=`, `>`. A check with a field that is not written,
//! illegible or unknown to the register is not broken.

mod compile;
mod evaluate;
mod parse;
mod runs;

pub(crate) use compile::compile;
pub use compile::{CheckFault, RuleFault};
pub(crate) use evaluate::Compiled;
pub use evaluate::{Broken, Finding};
pub use parse::{Relation, Syntax};

/// Words of the language that cannot be the code of a line.
pub const RESERVED: [&str; 7] = ["votes", "vote", "party", "field", "bound", "registered", "ceil"];

#[cfg(test)]
mod tests;
