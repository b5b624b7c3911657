//! Which devices get in: codes, enrolment, revocation, replacement and renewal, against a
//! real collector, over real TLS.

#![cfg(test)]

mod agents;
mod authority;
mod codes;
mod files;
mod guessing;
mod online;
mod page;
mod revocation;
mod staff;
