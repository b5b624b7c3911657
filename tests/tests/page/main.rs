//! The station's page, asked over HTTP of the real process.

#![cfg(test)]

mod bounds;
mod carried;
mod disk;
mod path;
mod strangers;
