//! Power cuts at random moments of real processes, and what must be there afterwards.
//!
//! A cut is the end of the file system a process works on: what it has not synced by
//! then is gone. It does not tear a sector and does not change the order of what was
//! synced; a disk that lies about its cache is not what this shows. The process lives
//! on, and ext4 tells an fsync that was under way at that moment now and then that it
//! went well; with the power gone nobody would have heard the answer, so what is said
//! after the cut began does not count as said.

mod agent;
mod carried;
mod collector;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

pub use agent::cut_agent;
pub use carried::cut_carried;
pub use collector::cut_collector;

use crate::loop_disk::Plug;

/// Size of the disks, in MiB: an agent refuses forms on one that is nearly full.
const DISK: u64 = 64;

/// How many cuts, and which.
#[derive(Debug, Clone, Copy)]
pub struct Cuts {
    /// Cuts.
    pub rounds: u32,
    /// Of the moments at which they come and of what is sent.
    pub seed: u64,
}

impl Cuts {
    /// The random numbers of one round, the same whichever rounds went before.
    fn random(self, round: u32) -> fastrand::Rng {
        fastrand::Rng::with_seed(self.seed.wrapping_mul(1 << 20).wrapping_add(round.into()))
    }
}

/// What was cut and what was looked for afterwards. Nothing is lost: a loss is an error.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// Cuts.
    pub cuts: u32,
    /// Cuts at which something was under way whose answer did not come before them.
    pub unanswered: u32,
    /// What was acknowledged before a cut: forms *stored*, or receipts handed out.
    pub acknowledged: usize,
    /// Receipts that an operator was shown, or that were compared with a second one.
    pub receipts: usize,
    /// Stores that were set aside and rebuilt from the forms' files.
    pub rebuilt: usize,
    /// How long it took.
    pub took: Duration,
}

impl Figures {
    fn since(self, begun: Instant) -> Self {
        Self { took: begun.elapsed(), ..self }
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cuts, unanswered, acknowledged, receipts, rebuilt, took } = self;
        write!(
            f,
            "{cuts} cuts, {unanswered} of them with something under way; {acknowledged} \
             acknowledged, {receipts} receipts compared, {rebuilt} stores rebuilt, lost 0, in {:.0} s",
            took.as_secs_f64()
        )
    }
}

/// The moment of a cut, for those who talk to the process meanwhile.
#[derive(Debug, Clone, Default)]
struct Dark(Arc<AtomicBool>);

impl Dark {
    /// Whether the cut has begun: what is heard from here on was never said.
    fn has_come(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    /// Cuts.
    fn come(&self, plug: Plug) -> anyhow::Result<()> {
        self.0.store(true, Ordering::SeqCst);
        plug.pull()
    }
}

/// Waits so long, or until the one who would send is gone.
fn wait(time: Duration, gone: &Receiver<()>) {
    // Either end of the wait is one.
    gone.recv_timeout(time).ok();
}

/// A random time up to `most`.
fn up_to(most: Duration, random: &mut fastrand::Rng) -> Duration {
    most.mul_f64(random.f64())
}
