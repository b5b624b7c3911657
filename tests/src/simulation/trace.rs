//! What happened in a run: a hash of every step, the steps in words where somebody
//! reads them, and how often each kind of thing happened.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::hash::{DefaultHasher, Hasher as _};

/// What the simulation must have met to be worth its time.
pub const OUTCOMES: [&str; 27] = [
    "counted",
    "held",
    "disputed",
    "superseded",
    "rejected",
    "ruled on",
    "disputed after a ruling",
    "amended",
    "change denied",
    "refused",
    "resubmitted",
    "come later",
    "not stored",
    "a commit failed",
    "timed out",
    "connection broke",
    "lied to",
    "several in one commit",
    "agent lost a tail",
    "collector lost a tail",
    "power cut in a write",
    "killed in a write",
    "agent's fsync failed",
    "collector's fsync failed",
    "agent restarted",
    "collector restarted",
    "forgery refused",
];

/// The trace of a run.
pub struct Trace {
    hash: DefaultHasher,
    says: bool,
    /// How often each kind of thing happened.
    pub counts: BTreeMap<&'static str, u64>,
}

impl Trace {
    /// An empty one; `says` prints every step.
    #[must_use]
    pub fn new(says: bool) -> Self {
        Self { hash: DefaultHasher::new(), says, counts: BTreeMap::new() }
    }

    /// Notes a step.
    pub fn note(&mut self, now_ms: u64, step: fmt::Arguments<'_>) {
        let mut into = Into(&mut self.hash);
        write!(into, "{now_ms} {step}").expect("a hash takes everything");
        if self.says {
            println!("{:>12.3}  {step}", now_ms as f64 / 1_000.0);
        }
    }

    /// Counts something.
    pub fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    /// The hash of all steps so far.
    #[must_use]
    pub fn hash(&self) -> u64 {
        self.hash.finish()
    }
}

struct Into<'a>(&'a mut DefaultHasher);

impl fmt::Write for Into<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}
