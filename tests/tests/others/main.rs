//! Programs of others, which know nothing of ours but the public specifications.

#![cfg(test)]

mod aics_witness;
