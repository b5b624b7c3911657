//! The desk for staff, over TLS, at a real collector process: who is let in, what each role
//! may do and where, forged forms, live counters, and what is kept of it all.

#![cfg(test)]

mod accounts;
mod acts;
mod backup;
mod bounds;
mod crash;
mod entrance;
mod live;
mod publication;
mod queue;
mod regions;
mod rulings;
mod second;
mod typed;
