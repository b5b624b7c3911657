//! What people see, in a real browser: the harness itself, the collector's pages, and the
//! station's.
//! Pictures of all pages are in `target/screens` afterwards.

#![cfg(test)]

mod again;
mod carrying;
mod desk;
mod enrolling;
mod harness;
mod map;
mod mirror;
mod nation;
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
