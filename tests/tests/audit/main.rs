//! Anybody checks the log from its public files, by the command line.

#![cfg(test)]

mod commands;
mod log;
