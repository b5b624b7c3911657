//! The publisher: the log and its totals as files that any web server can carry.

pub mod csv;
