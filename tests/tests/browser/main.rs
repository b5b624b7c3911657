//! What people see, in a real browser: the harness itself, the collector's pages, and the
//! station's.
//! Pictures of all pages are in `target/screens` afterwards.

#![cfg(test)]

mod harness;
mod night;
mod pages;
mod shelf;
mod station;
mod walk;
