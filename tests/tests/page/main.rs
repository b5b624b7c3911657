//! The station's page, asked over HTTP of the real process.

#![cfg(test)]

mod bounds;
mod disk;
mod path;
mod photos;
mod strangers;
mod weight;
