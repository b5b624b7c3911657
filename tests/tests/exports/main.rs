//! `saksi-collector export`, read by schemas and programs of others, and added up anew.

#![cfg(test)]

mod judge;
mod moments;
mod night;
mod parties;
mod refusals;
mod standards;
mod sums;
