//! The witness that the collector's program has, as a process.

#![cfg(test)]

mod process;
