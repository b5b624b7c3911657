//! The public log, as anybody has it who knows the log's key: from the files of a real
//! collector, and from its web address.

#![cfg(test)]

mod faults;
mod followed;
mod served;
mod site;
mod source;
mod totals;
mod versions;
