//! What people see, in a real browser: the harness itself, the collector's pages, and the
//! station's.
//! Pictures of all pages are in `target/screens` afterwards.

#![cfg(test)]

mod again;
mod carrying;
mod enrolling;
mod harness;
mod mirror;
mod night;
mod notices;
mod pages;
mod photos;
mod ruling;
mod shelf;
mod site;
mod station;
mod walk;
mod way;
