//! Hostile peers: each attack on a real collector process is held, while an honest device
//! gets its receipt, and within a stated bound of memory. What each costs the others the
//! program `attacks` measures.
//!
//! Held elsewhere: forged forms of every kind, frames over the limit, garbage and TLS 1.2
//! (`bad_input`), the clock of an agent in 1970 and ten years ahead, and fair shares of the
//! queue (`faults`).

#![cfg(test)]

mod attacks;
mod places;
mod reload;
