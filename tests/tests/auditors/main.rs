//! Software of others checks what a collector has written: crates in other hands beside
//! our own hashing, Go's checksum database and a Python package over a public log.

#![cfg(test)]

mod crates;
mod environment;
mod go;
mod published;
mod python;
mod recount;
mod tampered;
