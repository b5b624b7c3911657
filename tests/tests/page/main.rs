//! The station's page, asked over HTTP of the real process.

#![cfg(test)]

mod again;
mod bounds;
mod carried;
mod disk;
mod flash;
mod path;
mod photos;
mod strangers;
mod weight;
