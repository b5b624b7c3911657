//! What people see, in a real browser: the harness itself, and the collector's pages.
//! Pictures of all pages are in `target/screens` afterwards.

#![cfg(test)]

mod harness;
mod night;
mod notices;
mod pages;
mod shelf;
mod walk;
