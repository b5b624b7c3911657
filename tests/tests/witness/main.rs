//! The witness that the collector's program has, as a process; and a collector that asks
//! such witnesses.

#![cfg(test)]

mod cosigned;
mod device;
mod process;
