//! The faults of a disk, each a named test: T1, T2, T4, T5 and T21 of the list. Real
//! processes on file systems that are cut, filled, damaged and frozen.

#![cfg(test)]

mod power;
