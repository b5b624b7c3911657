//! The deterministic simulation: an election night as a list of operations, a runner,
//! and oracles that look at everything after each.
//!
//! The code under test is the product's own: the agent's outbox, ledger and deliveries
//! ([`device`]); the collector's admission, sequencer, log, ledger and totals
//! ([`centre`]). Simulated are the disks ([`disk`], [`drawer`], [`storage`]), the wire
//! ([`wire`]) and the clock ([`world`]). A run is one seed and one list; the same two
//! give the same trace.

pub mod census;
pub mod centre;
pub mod country;
pub mod device;
pub mod disk;
pub mod drawer;
pub mod forge;
pub mod generate;
pub mod op;
pub mod oracle;
pub mod published;
pub mod reading;
pub mod recount;
pub mod shrink;
pub mod staff;
pub mod storage;
pub mod trace;
pub mod wire;
pub mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};

use census::Census;
use op::Op;
use oracle::Violation;
use world::World;

/// A run in which everything held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Played {
    /// Hash of every step.
    pub trace: u64,
    /// What happened.
    pub census: Census,
}

/// A run in which something did not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("seed {seed}, {}: {violation}", self.place())]
pub struct Failure {
    /// The seed.
    pub seed: u64,
    /// The list up to its failing operation, or all of it if it failed at the end.
    pub ops: Vec<Op>,
    /// Whether faults had stopped.
    pub at_the_end: bool,
    /// What did not hold.
    pub violation: Violation,
}

impl Failure {
    fn place(&self) -> String {
        let steps = self.ops.len();
        if self.at_the_end {
            format!("after {steps} operations")
        } else {
            format!("operation {steps}")
        }
    }
}

/// Plays the list of a seed.
///
/// # Errors
/// [`Failure`], not shrunk.
pub fn play_seed(seed: u64, says: bool) -> Result<Played, Box<Failure>> {
    play(seed, &generate::ops(seed), says)
}

/// Plays a list; `says` prints every step.
///
/// # Errors
/// [`Failure`]. A panic in the product is one.
pub fn play(seed: u64, ops: &[Op], says: bool) -> Result<Played, Box<Failure>> {
    let failed = |ops: &[Op], at_the_end, violation| {
        Box::new(Failure { seed, ops: ops.to_vec(), at_the_end, violation })
    };
    let world = guarded(|| Ok(World::new(seed, says)));
    let mut world = world.map_err(|violation| failed(&[], false, violation))?;
    for (at, op) in ops.iter().enumerate() {
        let held = guarded(|| world.step(*op));
        held.map_err(|violation| failed(&ops[..=at], false, violation))?;
    }
    guarded(|| world.finish()).map_err(|violation| failed(ops, true, violation))?;
    Ok(Played { trace: world.trace.hash(), census: world.trace.counts })
}

fn guarded<T>(step: impl FnOnce() -> Result<T, Violation>) -> Result<T, Violation> {
    catch_unwind(AssertUnwindSafe(step)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        oracle::violated("nothing panics", text.unwrap_or("a panic without a text"))
    })
}
